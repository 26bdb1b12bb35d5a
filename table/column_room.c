/* Tensors of columns that grow. See column_room.h. */

#include "table/column_room.h"

#include <math.h>
#include <string.h>

const ml_dtype column_dtype[ML_COLUMN_TYPES] = {ML_FLOAT64, ML_FLOAT64, ML_INT64, ML_BOOL, ML_INT64};

/* x with room for n elements, of which `used` are kept. */
static ml_status resize(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t n, int64_t used) {
  ml_tensor *larger;
  ml_shape shape = ml_make_shape(1, n);
  ML_TRY(ml_empty(c, &shape, dtype, &larger));
  if (*x && used > 0) memcpy(ml_data(larger), ml_data(*x), (size_t)used * ml_dtype_size(dtype));
  ml_release(*x);
  *x = larger;
  return ML_OK;
}

ml_status column_ensure(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t needed, int64_t wanted, int64_t used) {
  int64_t room = *x ? ml_size(*x, 0) : 0;
  if (*x && room >= needed) return ML_OK;
  if (wanted < needed) wanted = needed;
  if (wanted < room + room / 4) wanted = room + room / 4;
  return resize(c, x, dtype, wanted, used);
}

ml_status column_settle(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t n) {
  if (!*x || ml_size(*x, 0) - n > ml_size(*x, 0) / 4) return resize(c, x, dtype, n, *x ? n : 0);
  (*x)->shape.size[0] = n;
  return ML_OK;
}

void column_to_numbers(ml_tensor *values, const bool *missing, int64_t rows) {
  char *at = ml_data(values);
  for (int64_t i = 0; i < rows; i++, at += sizeof(double)) {
    int64_t integer;
    memcpy(&integer, at, sizeof integer);
    double number = missing && missing[i] ? NAN : (double)integer;
    memcpy(at, &number, sizeof number);
  }
  values->dtype = ML_FLOAT64;
}

bool column_room_allows(int64_t columns, int64_t rows, int64_t content) {
  enum { RATIO = 64, FLOOR = 256 << 20 };
  int64_t bytes, most = content > FLOOR / RATIO ? RATIO * content : FLOOR;
  return !__builtin_mul_overflow(columns * 8, rows, &bytes) && bytes <= most;
}
