/* Ops that put tensors beside one another or a border around one: cat, stack, pad. Forward copies each input into
 * its window of the result; backward takes the windows of g, as ops. */

#include "ops.gen.h"

/* A window of `out` for writing: borrowed, lives on the caller's stack. */
static ml_tensor window_of(const ml_tensor *out) {
  ml_tensor w = *out;
  w.refs = 1;
  w.node = NULL;
  w.grad = NULL;
  w.requires_grad = false;
  return w;
}

/* cat -------------------------------------------------------------------------------------------------------------- */

ml_status cat_infer(ml_context *c, ml_tensor *const *tensors, int count, int64_t dim, ml_meta *meta) {
  if (count < 1) return ml_fail(c, "cat: the list of tensors is empty");
  const ml_shape *first = &tensors[0]->shape;
  int64_t total = first->size[dim];
  for (int i = 1; i < count; i++) {
    const ml_shape *s = &tensors[i]->shape;
    if (s->ndim != first->ndim)
      return ml_fail(c, "cat: tensor 1 is %s and tensor %d is %s: the numbers of dimensions differ", ML_SHAPE(first),
                     i + 1, ML_SHAPE(s));
    for (int d = 0; d < s->ndim; d++) {
      if (d != dim && s->size[d] != first->size[d])
        return ml_fail(c, "cat: tensor 1 is %s and tensor %d is %s: only sizes of dimension %lld may differ",
                       ML_SHAPE(first), i + 1, ML_SHAPE(s), (long long)dim + 1);
    }
    total += s->size[dim];
  }
  meta->shape.size[dim] = total;
  return ML_OK;
}

ml_status cat_forward(ml_context *c, ml_tensor *const *tensors, int count, int64_t dim, ml_tensor *out) {
  ml_tensor window = window_of(out);
  for (int i = 0; i < count; i++) {
    window.shape = tensors[i]->shape;
    if (ml_count(tensors[i]) > 0) ML_TRY(ml_copy(c, tensors[i], &window));
    window.offset += tensors[i]->shape.size[dim] * out->stride[dim];
  }
  return ML_OK;
}

ml_status cat_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int count, int64_t dim,
                       const bool *want, ml_tensor **dx) {
  int64_t from = 0;
  for (int i = 0; i < count; i++) {
    int64_t n = input_shape[i].size[dim];
    if (want[i] && n == 0)
      ML_TRY(ml_zeros(c, &input_shape[i], (ml_dtype)g->dtype, &dx[i]));
    else if (want[i])
      ML_TRY(ml_slice(c, g, dim, from, from + n - 1, 1, &dx[i]));
    from += n;
  }
  return ML_OK;
}

/* stack ------------------------------------------------------------------------------------------------------------ */

ml_status stack_infer(ml_context *c, ml_tensor *const *tensors, int count, int64_t dim, ml_meta *meta) {
  if (count < 1) return ml_fail(c, "stack: the list of tensors is empty");
  const ml_shape *first = &tensors[0]->shape;
  for (int i = 1; i < count; i++) {
    if (!ml_shape_equal(first, &tensors[i]->shape))
      return ml_fail(c, "stack: tensor 1 is %s and tensor %d is %s; all must have one shape", ML_SHAPE(first), i + 1,
                     ML_SHAPE(&tensors[i]->shape));
  }
  if (first->ndim == ML_MAX_DIMS)
    return ml_fail(c, "stack: %s has %d dimensions already, the most there can be", ML_SHAPE(first), ML_MAX_DIMS);
  ml_shape *s = &meta->shape;
  s->ndim = first->ndim + 1;
  for (int d = 0; d < s->ndim; d++) s->size[d] = d == dim ? count : first->size[d < dim ? d : d - 1];
  return ML_OK;
}

ml_status stack_forward(ml_context *c, ml_tensor *const *tensors, int count, int64_t dim, ml_tensor *out) {
  ml_tensor window = window_of(out);
  window.shape = tensors[0]->shape;
  for (int d = 0; d < window.shape.ndim; d++) window.stride[d] = out->stride[d < dim ? d : d + 1];
  if (ml_shape_count(&window.shape) == 0) return ML_OK;
  for (int i = 0; i < count; i++) {
    ML_TRY(ml_copy(c, tensors[i], &window));
    window.offset += out->stride[dim];
  }
  return ML_OK;
}

ml_status stack_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int count, int64_t dim,
                         const bool *want, ml_tensor **dx) {
  (void)input_shape;
  for (int i = 0; i < count; i++) {
    if (want[i]) ML_TRY(ml_select(c, g, dim, i, &dx[i]));
  }
  return ML_OK;
}

/* pad -------------------------------------------------------------------------------------------------------------- */

/* The border of dimension d, which `sizes` counts from the last dimension. */
static void border(const ml_integers *sizes, int ndim, int d, int64_t *left, int64_t *right) {
  int at = 2 * (ndim - 1 - d);
  *left = at < sizes->count ? sizes->value[at] : 0;
  *right = at < sizes->count ? sizes->value[at + 1] : 0;
}

ml_status pad_infer(ml_context *c, const ml_tensor *x, const ml_integers *sizes, double value, ml_meta *meta) {
  (void)value;
  int ndim = x->shape.ndim;
  if (sizes->count % 2 != 0)
    return ml_fail(c, "pad: %d sizes; there must be a left and a right one for each dimension", sizes->count);
  if (sizes->count > 2 * ndim)
    return ml_fail(c, "pad: %d sizes are for %d dimensions, %s has %d", sizes->count, sizes->count / 2,
                   ML_SHAPE(&x->shape), ndim);
  for (int d = 0; d < ndim; d++) {
    int64_t left, right, size;
    border(sizes, ndim, d, &left, &right);
    if (__builtin_add_overflow(x->shape.size[d], left, &size) || __builtin_add_overflow(size, right, &size))
      return ml_fail(c, "pad: {%lld, %lld} is too much", (long long)left, (long long)right);
    if (size < 0)
      return ml_fail(c, "pad: {%lld, %lld} cuts more than the %lld of dimension %d of %s", (long long)left,
                     (long long)right, (long long)x->shape.size[d], d + 1, ML_SHAPE(&x->shape));
    meta->shape.size[d] = size;
  }
  return ML_OK;
}

ml_status pad_forward(ml_context *c, const ml_tensor *x, const ml_integers *sizes, double value, ml_tensor *out) {
  ml_tensor from = window_of(x), to = window_of(out);
  int ndim = x->shape.ndim;
  for (int d = 0; d < ndim; d++) {
    int64_t left, right;
    border(sizes, ndim, d, &left, &right);
    int64_t begin = left < 0 ? -left : 0, end = right < 0 ? x->shape.size[d] + right : x->shape.size[d];
    int64_t n = end > begin ? end - begin : 0;
    from.shape.size[d] = to.shape.size[d] = n;
    if (n == 0) return ml_fill(c, out, value);
    from.offset += begin * x->stride[d];
    to.offset += (begin + left) * out->stride[d];
  }
  if (!ml_shape_equal(&to.shape, &out->shape)) ML_TRY(ml_fill(c, out, value));
  return ml_copy(c, &from, &to);
}

ml_status pad_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_integers *sizes,
                       double value, ml_tensor **dx) {
  (void)input_shape, (void)value;
  ml_integers back = *sizes;
  for (int i = 0; i < back.count; i++) back.value[i] = -back.value[i];
  return ml_pad(c, g, &back, 0, dx);
}
