/* unique: the different elements of a tensor, or the different slices at the positions of a dimension, in order.
 *
 * Slices are ordered by their first element that differs. NaN counts as the largest number, and each NaN is another. */

#include "ops.gen.h"
#include "tensor/sort.h"

#include <stdlib.h>

/* x as (n, length): slice i is row i, contiguous. The order of the slices is in `order`, positions from 0. */
typedef struct slices {
  ml_tensor *rows, *order;
  int64_t n, length;
} slices;

static void release(slices *s) {
  ml_release(s->rows);
  ml_release(s->order);
}

#define COMPARE(T)                                                                                                     \
  {                                                                                                                    \
    T u = ((const T *)ml_data(x))[a], v = ((const T *)ml_data(x))[b];                                                  \
    return u < v ? -1 : u > v ? 1 : (u != u) - (v != v);                                                               \
  }
static int compare_elements(const ml_tensor *x, int64_t a, int64_t b) {
  switch (x->dtype) {
  case ML_FLOAT32: COMPARE(float)
  case ML_FLOAT64: COMPARE(double)
  case ML_INT64: COMPARE(int64_t)
  case ML_INT32: COMPARE(int32_t)
  default: COMPARE(uint8_t)
  }
}

/* Equal slices stay in their order. */
static int compare_slices(const void *a, const void *b, void *arg) {
  const slices *s = arg;
  int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  for (int64_t k = 0; k < s->length; k++) {
    int order = compare_elements(s->rows, i * s->length + k, j * s->length + k);
    if (order != 0) return order;
  }
  return i < j ? -1 : 1;
}

static bool is_nan_at(const ml_tensor *x, int64_t i) {
  if (x->dtype == ML_FLOAT32) return ml_f32(x)[i] != ml_f32(x)[i];
  return x->dtype == ML_FLOAT64 && ml_f64(x)[i] != ml_f64(x)[i];
}

static bool differ(const slices *s, int64_t i, int64_t j) {
  for (int64_t k = 0; k < s->length; k++) {
    int64_t a = i * s->length + k;
    if (is_nan_at(s->rows, a) || compare_elements(s->rows, a, j * s->length + k) != 0) return true;
  }
  return false;
}

/* x with one dimension moved to the front; x is contiguous. Borrows x's storage. */
static ml_tensor to_front(const ml_tensor *x, int64_t dim) {
  ml_tensor t = *x;
  for (int d = (int)dim; d > 0; d--) t.shape.size[d] = x->shape.size[d - 1], t.stride[d] = x->stride[d - 1];
  t.shape.size[0] = x->shape.size[dim];
  t.stride[0] = x->stride[dim];
  return t;
}

static ml_status sorted_elements(ml_context *c, const ml_tensor *x, slices *s) {
  ML_TRY(ml_sort_rows(c, ml_data(x), (ml_dtype)x->dtype, 1, s->n, false, s->n, NULL, ml_i64(s->order)));
  for (int64_t i = 0; i < s->n; i++) ml_i64(s->order)[i]--;
  return ML_OK;
}

static ml_status sorted(ml_context *c, const ml_tensor *x, int64_t dim, slices *s) {
  bool flat = dim == ML_NO_DIM;
  s->n = flat ? ml_count(x) : x->shape.size[dim];
  s->length = flat ? 1 : s->n > 0 ? ml_count(x) / s->n : 0;
  ml_shape shape = ml_make_shape(1, s->n);
  ML_TRY(ml_empty(c, &shape, ML_INT64, &s->order));
  if (flat) {
    s->rows = ml_retain((ml_tensor *)(uintptr_t)x);
    return s->n > 0 ? sorted_elements(c, x, s) : ML_OK;
  }
  ml_tensor front = to_front(x, dim);
  ML_TRY(ml_empty(c, &front.shape, (ml_dtype)x->dtype, &s->rows));
  ML_TRY(ml_copy(c, &front, s->rows));
  for (int64_t i = 0; i < s->n; i++) ml_i64(s->order)[i] = i;
  if (s->n > 1) qsort_r(ml_i64(s->order), (size_t)s->n, sizeof(int64_t), compare_slices, s);
  return ML_OK;
}

ml_status unique_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  if (!x->storage) return ml_fail(c, "unique: how many elements there will be depends on the data, which is not here");
  slices s = {0};
  ml_status status = sorted(c, x, dim, &s);
  int64_t count = s.n > 0;
  for (int64_t i = 1; status == ML_OK && i < s.n; i++) count += differ(&s, ml_i64(s.order)[i - 1], ml_i64(s.order)[i]);
  release(&s);
  meta->shape = meta->more[1] = ml_make_shape(1, count);
  meta->more[0] = dim == ML_NO_DIM ? x->shape : ml_make_shape(1, s.n);
  if (dim == ML_NO_DIM) return status;
  meta->shape = x->shape;
  meta->shape.size[dim] = count;
  return status;
}

/* Numbers the slices; first: the position of each different one, from 1. */
static void number_slices(const slices *s, int64_t *first, int64_t *inverse, int64_t *counts) {
  int64_t k = -1;
  const int64_t *order = ml_i64(s->order);
  for (int64_t i = 0; i < s->n; i++) {
    if (i == 0 || differ(s, order[i - 1], order[i])) first[++k] = order[i] + 1, counts[k] = 0;
    counts[k]++;
    inverse[order[i]] = k + 1;
  }
}

ml_status unique_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *values, ml_tensor *inverse, ml_tensor *counts) {
  slices s = {0};
  ml_tensor *first = NULL;
  ml_status status = sorted(c, x, dim, &s);
  if (status == ML_OK) status = ml_empty(c, &counts->shape, ML_INT64, &first);
  if (status == ML_OK) {
    number_slices(&s, ml_i64(first), ml_i64(inverse), ml_i64(counts));
    ml_tensor all = *x;
    if (dim == ML_NO_DIM) all.shape = ml_make_shape(1, s.n), all.stride[0] = 1;
    status = index_select_forward(c, &all, first, dim == ML_NO_DIM ? 0 : dim, values);
  }
  release(&s);
  ml_release(first);
  return status;
}
