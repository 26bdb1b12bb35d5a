/* Orders of elements in memory. */

#include "tensor/layout.h"

#include <string.h>

void ml_strides_channels_last(const ml_shape *shape, int64_t stride[ML_MAX_DIMS]) {
  if (shape->ndim < 3) {
    ml_strides_contiguous(shape, stride);
    return;
  }
  int64_t step = shape->size[1];
  stride[1] = 1;
  for (int d = shape->ndim - 1; d >= 2; d--) {
    stride[d] = step;
    step *= shape->size[d];
  }
  stride[0] = step;
}

/* Strides of dimensions with one element, and of empty tensors, mean nothing. */
static bool same_strides(const ml_tensor *x, const int64_t *stride) {
  for (int d = 0; d < x->shape.ndim; d++) {
    if (x->shape.size[d] == 0) return true;
  }
  for (int d = 0; d < x->shape.ndim; d++) {
    if (x->shape.size[d] != 1 && x->stride[d] != stride[d]) return false;
  }
  return true;
}

bool ml_is_channels_last(const ml_tensor *x) {
  int64_t stride[ML_MAX_DIMS];
  if (x->shape.ndim < 3) return false;
  ml_strides_channels_last(&x->shape, stride);
  return same_strides(x, stride);
}

bool ml_fits_layout(const ml_tensor *x, ml_layout layout) {
  bool last = layout != ML_LAYOUT_ROWS && x->shape.ndim >= 3;
  if (layout == ML_LAYOUT_CHANNELS_LAST && last) return ml_is_channels_last(x);
  return ml_is_contiguous(x) || (last && ml_is_channels_last(x));
}

/* Slowest first; dimensions of one element where they stand. */
static void by_stride(const ml_tensor *x, int order[ML_MAX_DIMS]) {
  for (int d = 0; d < x->shape.ndim; d++) {
    int at = d;
    for (; at > 0 && x->shape.size[d] != 1; at--) {
      int before = order[at - 1];
      if (x->shape.size[before] != 1 && x->stride[before] >= x->stride[d]) break;
      order[at] = before;
    }
    order[at] = d;
  }
}

bool ml_is_dense(const ml_tensor *x) {
  int order[ML_MAX_DIMS];
  if (ml_count(x) == 0) return true;
  by_stride(x, order);
  int64_t step = 1;
  for (int i = x->shape.ndim - 1; i >= 0; i--) {
    int64_t size = x->shape.size[order[i]];
    if (size == 1) continue;
    if (x->stride[order[i]] != step) return false;
    step *= size;
  }
  return true;
}

bool ml_same_places(const ml_tensor *a, const ml_tensor *b) {
  return ml_shape_equal(&a->shape, &b->shape) && same_strides(a, b->stride);
}

ml_status ml_empty_strided(ml_context *c, const ml_shape *shape, ml_dtype dtype, const int64_t *stride, ml_tensor **out) {
  ML_TRY(ml_empty(c, shape, dtype, out));
  memcpy((*out)->stride, stride, sizeof(int64_t) * (size_t)shape->ndim);
  return ML_OK;
}

ml_status ml_empty_beside(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  return ml_empty_strided(c, &x->shape, (ml_dtype)x->dtype, x->stride, out);
}

ml_status ml_channels_last_unrecorded(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  if (!x->storage || ml_fits_layout(x, ML_LAYOUT_CHANNELS_LAST)) {
    *out = ml_retain((ml_tensor *)(uintptr_t)x);
    return ML_OK;
  }
  int64_t stride[ML_MAX_DIMS];
  ml_strides_channels_last(&x->shape, stride);
  ML_TRY(ml_empty_strided(c, &x->shape, (ml_dtype)x->dtype, stride, out));
  ml_status status = ml_copy(c, x, *out);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  return status;
}

bool ml_memory_order(const ml_tensor *y, int order[ML_MAX_DIMS]) {
  if (ml_is_contiguous(y) || !ml_is_dense(y)) return false;
  by_stride(y, order);
  return true;
}

ml_tensor ml_reordered(const ml_tensor *x, int ndim, const int order[ML_MAX_DIMS]) {
  ml_tensor turned = *x;
  int lead = ndim - x->shape.ndim;
  turned.shape.ndim = ndim;
  for (int i = 0; i < ndim; i++) {
    int d = order[i] - lead;
    turned.shape.size[i] = d < 0 ? 1 : x->shape.size[d];
    turned.stride[i] = d < 0 ? 0 : x->stride[d];
  }
  return turned;
}
