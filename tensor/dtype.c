/* Element types. */

#include "tensor/dtype.h"

#include <string.h>

static const struct {
  const char *name;
  size_t size;
} types[ML_DTYPES] = {
    [ML_BOOL] = {"bool", 1},   [ML_UINT8] = {"uint8", 1},     [ML_INT32] = {"int32", 4},
    [ML_INT64] = {"int64", 8}, [ML_FLOAT32] = {"float32", 4}, [ML_FLOAT64] = {"float64", 8},
};

size_t ml_dtype_size(ml_dtype d) { return types[d].size; }
const char *ml_dtype_name(ml_dtype d) { return types[d].name; }

bool ml_dtype_parse(const char *name, ml_dtype *out) {
  for (int d = 0; d < ML_DTYPES; d++) {
    if (strcmp(types[d].name, name) == 0) {
      *out = (ml_dtype)d;
      return true;
    }
  }
  return false;
}

ml_dtype ml_dtype_promote(ml_dtype a, ml_dtype b) { return a > b ? a : b; }

ml_dtype ml_dtype_promote_number(ml_dtype tensor, ml_dtype number) {
  if (ml_dtype_is_float(number)) return ml_dtype_is_float(tensor) ? tensor : ML_FLOAT32;
  if (number == ML_BOOL) return tensor;
  return tensor == ML_BOOL ? ML_INT64 : tensor;
}
