/* Copies: between strides, between types, and of one value. */

#include "tensor/layout.h"
#include "tensor/parallel.h"
#include "tensor/strided.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1024, GRAIN = 1 << 15 }; /* elements; GRAIN is a multiple of BLOCK */

/* Fractions are cut toward zero, NaN becomes 0 and what is outside a type's range its nearest: C leaves both undefined. */
static int64_t to_integer(double v, double low, double high) {
  if (v != v) return 0;
  if (v <= low) return (int64_t)low;
  return v >= high ? (int64_t)(high >= 0x1p63 ? INT64_MAX : (int64_t)high) : (int64_t)v;
}
static bool to_bool(double v) { return v != 0; }
static uint8_t to_uint8(double v) { return (uint8_t)to_integer(v, 0, 255); }
static int32_t to_int32(double v) { return (int32_t)to_integer(v, INT32_MIN, INT32_MAX); }
static int64_t to_int64(double v) { return to_integer(v, -0x1p63, 0x1p63); }
static uint8_t int64_to_uint8(int64_t v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v; }
static int32_t int64_to_int32(int64_t v) { return v < INT32_MIN ? INT32_MIN : v > INT32_MAX ? INT32_MAX : (int32_t)v; }

#define LOOP(FROM, TO, EXPRESSION)                                                                                     \
  do {                                                                                                                 \
    const FROM *f = from;                                                                                              \
    TO *t = to;                                                                                                        \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      FROM v = f[i];                                                                                                   \
      t[i] = (TO)(EXPRESSION);                                                                                         \
    }                                                                                                                  \
  } while (0)

#define FROM_INTEGER(FROM)                                                                                             \
  switch (to_type) {                                                                                                   \
  case ML_BOOL: LOOP(FROM, bool, v != 0); break;                                                                       \
  case ML_UINT8: LOOP(FROM, uint8_t, int64_to_uint8((int64_t)v)); break;                                               \
  case ML_INT32: LOOP(FROM, int32_t, int64_to_int32((int64_t)v)); break;                                               \
  case ML_INT64: LOOP(FROM, int64_t, v); break;                                                                        \
  case ML_FLOAT32: LOOP(FROM, float, v); break;                                                                        \
  default: LOOP(FROM, double, v); break;                                                                               \
  }

#define FROM_FLOAT(FROM)                                                                                               \
  switch (to_type) {                                                                                                   \
  case ML_BOOL: LOOP(FROM, bool, to_bool(v)); break;                                                                   \
  case ML_UINT8: LOOP(FROM, uint8_t, to_uint8(v)); break;                                                              \
  case ML_INT32: LOOP(FROM, int32_t, to_int32(v)); break;                                                              \
  case ML_INT64: LOOP(FROM, int64_t, to_int64(v)); break;                                                              \
  case ML_FLOAT32: LOOP(FROM, float, v); break;                                                                        \
  default: LOOP(FROM, double, v); break;                                                                               \
  }

/* n contiguous elements. */
static void convert(const void *from, ml_dtype from_type, void *to, ml_dtype to_type, int64_t n) {
  switch (from_type) {
  case ML_BOOL: FROM_INTEGER(bool) break;
  case ML_UINT8: FROM_INTEGER(uint8_t) break;
  case ML_INT32: FROM_INTEGER(int32_t) break;
  case ML_INT64: FROM_INTEGER(int64_t) break;
  case ML_FLOAT32: FROM_FLOAT(float) break;
  default: FROM_FLOAT(double) break;
  }
}

typedef struct copying {
  ml_strided x, y;
  ml_dtype from, to;
} copying;

static void copy_piece(void *arg, int64_t begin, int64_t end) {
  const copying *k = arg;
  if (k->from == k->to && k->y.contiguous) {
    ml_strided_read(&k->x, begin, end - begin, k->y.data + begin * k->y.size);
    return;
  }
  _Alignas(64) char in[BLOCK * 8], out[BLOCK * 8];
  for (int64_t at = begin; at < end; at += BLOCK) {
    int64_t n = end - at < BLOCK ? end - at : BLOCK;
    const void *from = in;
    if (k->x.contiguous) from = k->x.data + at * k->x.size;
    else ml_strided_read(&k->x, at, n, in);
    if (k->from != k->to) {
      convert(from, k->from, out, k->to, n);
      from = out;
    }
    ml_strided_write(&k->y, at, n, from);
  }
}

/* Square tiles, so that both sides stay in cache: transposed matrices into contiguous ones, one behind the other. */
typedef struct turning {
  const char *x;
  char *y;
  int64_t rows, columns, row_stride, column_stride; /* of y's rows and columns, in x */
  int64_t strips, matrix_stride;                    /* pieces of TILE rows in a matrix; from one matrix to the next, in x */
  int size;
} turning;

enum { TILE = 32 };

static void turn_strip(const turning *t, const char *x, char *y, int64_t begin, int64_t end) {
  for (int64_t j0 = 0; j0 < t->columns; j0 += TILE) {
    int64_t j1 = j0 + TILE < t->columns ? j0 + TILE : t->columns;
    for (int64_t i = begin; i < end; i++) {
      const char *from = x + i * t->row_stride * t->size;
      char *to = y + i * t->columns * t->size;
      if (t->size == 4) {
        for (int64_t j = j0; j < j1; j++) ((uint32_t *)to)[j] = ((const uint32_t *)from)[j * t->column_stride];
      } else {
        for (int64_t j = j0; j < j1; j++) memcpy(to + j * t->size, from + j * t->column_stride * t->size, (size_t)t->size);
      }
    }
  }
}

static void turn_piece(void *arg, int64_t begin, int64_t end) {
  const turning *t = arg;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t matrix = piece / t->strips, row = piece % t->strips * TILE, last = row + TILE < t->rows ? row + TILE : t->rows;
    turn_strip(t, t->x + matrix * t->matrix_stride * t->size, t->y + matrix * t->rows * t->columns * t->size, row, last);
  }
}

/* x as transposed matrices: (matrices, rows, columns) with the rows' elements beside each other. */
static bool is_turned(const ml_strided *x) {
  int row = x->ndim - 2;
  return (x->ndim == 2 || x->ndim == 3) && x->stride[row] == 1 && x->stride[row + 1] > 1;
}

static void turn(const ml_strided *x, const ml_strided *y) {
  int row = x->ndim - 2;
  turning t = {x->data, y->data, x->extent[row], x->extent[row + 1], x->stride[row], x->stride[row + 1], .size = x->size};
  t.strips = ml_pieces(t.rows, TILE);
  t.matrix_stride = row ? x->stride[0] : 0;
  ml_parallel_for_whole((row ? x->extent[0] : 1) * t.strips, 1 + GRAIN / (TILE * t.columns), turn_piece, &t);
}

/* Not stopped by ^C: y may be the user's own, and is never left half written. */
ml_status ml_copy(ml_context *c, const ml_tensor *x, ml_tensor *y) {
  if (ml_count(x) == 0) return ML_OK;
  if (!x->storage || !y->storage) return ml_fail(c, "a tensor of shape %s has no data to copy: the model is only being checked, or not built", ML_SHAPE(&x->shape));
  int order[ML_MAX_DIMS], ndim = y->shape.ndim;
  bool turned = ml_memory_order(y, order); /* then y is walked as it lies */
  ml_tensor from = turned ? ml_reordered(x, ndim, order) : *x, to = turned ? ml_reordered(y, ndim, order) : *y;
  copying k = {ml_strided_of(&from, &to.shape), ml_strided_of(&to, &to.shape), (ml_dtype)x->dtype, (ml_dtype)y->dtype};
  if (k.from == k.to && k.y.contiguous && is_turned(&k.x)) turn(&k.x, &k.y);
  else ml_parallel_for_whole(ml_count(y), GRAIN, copy_piece, &k);
  return ML_OK;
}

static ml_status copied(ml_context *c, const ml_tensor *x, ml_dtype dtype, ml_tensor **out) {
  if (!x->storage) return ml_shape_only(c, &x->shape, dtype, out);
  ML_TRY(ml_empty(c, &x->shape, dtype, out));
  ml_status status = ml_copy(c, x, *out);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  return status;
}

ml_status ml_contiguous_unrecorded(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  if (ml_is_contiguous(x)) {
    *out = ml_retain((ml_tensor *)(uintptr_t)x);
    return ML_OK;
  }
  return copied(c, x, (ml_dtype)x->dtype, out);
}

ml_status ml_convert(ml_context *c, const ml_tensor *x, ml_dtype dtype, ml_tensor **out) {
  if (x->dtype == dtype) {
    *out = ml_retain((ml_tensor *)(uintptr_t)x);
    return ML_OK;
  }
  return copied(c, x, dtype, out);
}

ml_status ml_fill(ml_context *c, ml_tensor *x, double value) {
  ml_tensor *v;
  ml_shape scalar = {0};
  ML_TRY(ml_empty(c, &scalar, ML_FLOAT64, &v));
  *ml_f64(v) = value;
  ml_status status = ml_copy(c, v, x);
  ml_release(v);
  return status;
}
