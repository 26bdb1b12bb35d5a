/* The six element types and the one promotion table. */
#ifndef ML_DTYPE_H
#define ML_DTYPE_H

#include "tensor/context.h"

/* In promotion order: mixed arithmetic takes the later one. */
typedef enum ml_dtype {
  ML_BOOL = 0,
  ML_UINT8,
  ML_INT32,
  ML_INT64,
  ML_FLOAT32,
  ML_FLOAT64,
  ML_DTYPES,
} ml_dtype;

/* Bytes of one element. */
size_t ml_dtype_size(ml_dtype d);
const char *ml_dtype_name(ml_dtype d); /* "float32" */
bool ml_dtype_parse(const char *name, ml_dtype *out);

static inline bool ml_dtype_is_float(ml_dtype d) { return d >= ML_FLOAT32; }
static inline bool ml_dtype_is_integer(ml_dtype d) { return d >= ML_UINT8 && d <= ML_INT64; }

/* The type of the result of mixed arithmetic:
 *
 *              bool     uint8    int32    int64    float32  float64
 *     bool     bool     uint8    int32    int64    float32  float64
 *     uint8             uint8    int32    int64    float32  float64
 *     int32                      int32    int64    float32  float64
 *     int64                               int64    float32  float64
 *     float32                                      float32  float64
 *     float64                                               float64
 *
 * A plain number never widens a tensor of its own kind: an integer number takes the tensor's type (int64
 * beside bool), a fractional number takes the tensor's type if that is floating and float32 otherwise. */
ml_dtype ml_dtype_promote(ml_dtype a, ml_dtype b);
ml_dtype ml_dtype_promote_number(ml_dtype tensor, ml_dtype number);

#endif
