/* Making, sharing and freeing tensors. */

#include "tensor/tensor.h"

#include "tensor/alloc.h"
#include "tensor/autograd.h"

#include <string.h>

void ml_strides_contiguous(const ml_shape *shape, int64_t stride[ML_MAX_DIMS]) {
  int64_t step = 1;
  for (int i = shape->ndim - 1; i >= 0; i--) {
    stride[i] = step;
    step *= shape->size[i];
  }
}

/* Header and elements stand in one block: a small tensor costs two allocations, not three. */
enum { STORAGE_HEADER = 64 };
_Static_assert(sizeof(ml_storage) <= STORAGE_HEADER, "the elements stay 64-byte aligned");

static ml_status storage_new(ml_context *c, size_t bytes, ml_storage **out) {
  ml_storage *s;
  ML_TRY(ml_alloc_checked(c, STORAGE_HEADER + bytes, (void **)&s));
  *s = (ml_storage){.refs = 1, .bytes = bytes, .data = (char *)s + STORAGE_HEADER};
  *out = s;
  return ML_OK;
}

static void storage_release(ml_storage *s) {
  if (!s || --s->refs > 0) return;
  ml_free(s, STORAGE_HEADER + s->bytes);
}

/* Bytes of a shape, refusing what can't be addressed. */
static ml_status byte_count(ml_context *c, const ml_shape *shape, ml_dtype dtype, size_t *bytes) {
  int64_t n = 1;
  bool too_large = false, empty = false;
  for (int i = 0; i < shape->ndim; i++) {
    if (shape->size[i] < 0) return ml_fail(c, "a size can't be negative: %s", ML_SHAPE(shape));
    if (shape->size[i] == 0) empty = true;
    if (__builtin_mul_overflow(n, shape->size[i], &n)) too_large = true;
  }
  if (empty) n = 0;
  else if (too_large || n > (int64_t)1 << 46) {
    return ml_fail_as(c, ML_OUT_OF_MEMORY, "a tensor of shape %s is too large for any memory", ML_SHAPE(shape));
  }
  *bytes = (size_t)n * ml_dtype_size(dtype);
  return ML_OK;
}

ml_status ml_shape_only(ml_context *c, const ml_shape *shape, ml_dtype dtype, ml_tensor **out) {
  ml_tensor *t;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof *t, (void **)&t));
  memset(t, 0, sizeof *t);
  t->refs = 1;
  t->dtype = (uint8_t)dtype;
  t->shape = *shape;
  ml_strides_contiguous(shape, t->stride);
  *out = t;
  return ML_OK;
}

ml_status ml_allocate(ml_context *c, ml_tensor *x) {
  size_t bytes;
  ML_TRY(byte_count(c, &x->shape, (ml_dtype)x->dtype, &bytes));
  return storage_new(c, bytes, &x->storage);
}

ml_status ml_empty(ml_context *c, const ml_shape *shape, ml_dtype dtype, ml_tensor **out) {
  ml_tensor *t;
  *out = NULL;
  ML_TRY(ml_shape_only(c, shape, dtype, &t));
  ml_status status = ml_allocate(c, t);
  if (status != ML_OK) {
    ml_release(t);
    return status;
  }
  *out = t;
  return ML_OK;
}

ml_status ml_zeros(ml_context *c, const ml_shape *shape, ml_dtype dtype, ml_tensor **out) {
  ML_TRY(ml_empty(c, shape, dtype, out));
  memset((*out)->storage->data, 0, (*out)->storage->bytes);
  return ML_OK;
}

ml_status ml_full(ml_context *c, const ml_shape *shape, ml_dtype dtype, double value, ml_tensor **out) {
  ML_TRY(ml_empty(c, shape, dtype, out));
  ml_status status = ml_fill(c, *out, value);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  return status;
}

ml_status ml_number(ml_context *c, double value, ml_tensor **out) {
  ml_shape scalar = {0};
  ML_TRY(ml_empty(c, &scalar, ML_FLOAT64, out));
  *ml_f64(*out) = value;
  (*out)->is_number = true;
  return ML_OK;
}

ml_status ml_integer(ml_context *c, int64_t value, ml_tensor **out) {
  ml_shape scalar = {0};
  ML_TRY(ml_empty(c, &scalar, ML_INT64, out));
  *ml_i64(*out) = value;
  (*out)->is_number = true;
  return ML_OK;
}

ml_status ml_empty_like(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  if (!x->storage) return ml_shape_only(c, &x->shape, (ml_dtype)x->dtype, out);
  return ml_empty(c, &x->shape, (ml_dtype)x->dtype, out);
}

ml_status ml_zeros_like(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  ML_TRY(ml_empty_like(c, x, out));
  if ((*out)->storage) memset((*out)->storage->data, 0, (*out)->storage->bytes);
  return ML_OK;
}

ml_tensor *ml_retain(ml_tensor *x) {
  x->refs++;
  return x;
}

void ml_release(ml_tensor *x) {
  if (!x || --x->refs > 0) return;
  storage_release(x->storage);
  if (x->grad) ml_release(x->grad);
  if (x->node) ml_node_release(x->node);
  ml_free(x, sizeof *x);
}

ml_status ml_alias(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  ML_TRY(ml_shape_only(c, &x->shape, (ml_dtype)x->dtype, out));
  memcpy((*out)->stride, x->stride, sizeof x->stride);
  (*out)->offset = x->offset;
  (*out)->storage = x->storage;
  (*out)->is_number = x->is_number;
  if (x->storage) x->storage->refs++;
  return ML_OK;
}

bool ml_is_contiguous(const ml_tensor *x) {
  int64_t step = 1;
  for (int i = x->shape.ndim - 1; i >= 0; i--) {
    if (x->shape.size[i] != 1) {
      if (x->stride[i] != step) return x->shape.size[i] == 0 || ml_count(x) == 0;
      step *= x->shape.size[i];
    }
  }
  return true;
}

ml_status ml_will_write(ml_context *c, const char *op, ml_tensor *x) {
  if (!x->storage) return ml_fail(c, "%s: the tensor has a shape but no data yet", op);
  if (c->grad_enabled && (x->node || x->requires_grad)) {
    return ml_fail(c,
                   "%s: can't write into a tensor that is part of a graph\n"
                   "  hint: compute a new tensor, or write inside ml.no_grad(function() ... end)",
                   op);
  }
  bool empty = ml_count(x) == 0; /* its strides may be 0 and mean nothing */
  for (int i = 0; i < x->shape.ndim && !empty; i++) {
    if (x->stride[i] == 0 && x->shape.size[i] > 1) {
      return ml_fail(c, "%s: can't write into an expanded tensor, whose elements share memory\n  hint: x:contiguous() makes a copy", op);
    }
  }
  x->storage->version++;
  return ML_OK;
}

ml_status ml_item(ml_context *c, const ml_tensor *x, double *out) {
  if (ml_count(x) != 1) return ml_fail(c, "item: a tensor of shape %s has %lld elements, not one", ML_SHAPE(&x->shape), (long long)ml_count(x));
  if (!x->storage) return ml_fail(c, "item: the tensor has a shape but no data (the model is only being checked)");
  const void *p = ml_data(x);
  switch ((ml_dtype)x->dtype) {
  case ML_FLOAT32: *out = *(const float *)p; break;
  case ML_FLOAT64: *out = *(const double *)p; break;
  case ML_INT64: *out = (double)*(const int64_t *)p; break;
  case ML_INT32: *out = *(const int32_t *)p; break;
  default: *out = *(const uint8_t *)p; break;
  }
  return ML_OK;
}

ml_status ml_item_integer(ml_context *c, const ml_tensor *x, int64_t *out) {
  double value;
  ML_TRY(ml_item(c, x, &value));
  *out = x->dtype == ML_INT64 ? *ml_i64(x) : (int64_t)value;
  return ML_OK;
}
