/* Ops that look at the same elements under another shape, and the two that copy them: contiguous and to.
 *
 * A view's forward gets `out` with shape and type but no storage; it sets strides and offset and shares the storage of
 * x. When x has no storage either (shapes only), none is set. Backward is made of ops, so that gradients of gradients
 * work: the gradient of a view is another view, or a border of zeros around g. */

#include "ops.gen.h"

#include <string.h>

/* out looks at x's storage. Strides and offset are set by the caller. */
static void share(const ml_tensor *x, ml_tensor *out) {
  out->storage = x->storage;
  if (out->storage != NULL) out->storage->refs++;
}

static ml_status pass_through(const ml_tensor *g, ml_tensor **dx) {
  *dx = ml_retain((ml_tensor *)(uintptr_t)g);
  return ML_OK;
}

/* Whether strides can express x's elements in order under `shape` (of as many elements); sets them if so. Runs of
 * x's dimensions that lie one behind the other in memory can be cut anew. */
static bool strides_for(const ml_tensor *x, const ml_shape *shape, int64_t stride[ML_MAX_DIMS]) {
  if (ml_count(x) == 0 || ml_is_contiguous(x)) {
    ml_strides_contiguous(shape, stride);
    return true;
  }
  int to = shape->ndim - 1;
  int64_t run = 1, cut = 1; /* elements of the run of x so far, and of the new dimensions made of it */
  int64_t inner = x->stride[x->shape.ndim - 1];
  for (int from = x->shape.ndim - 1; from >= 0; from--) {
    run *= x->shape.size[from];
    bool ends = from == 0 || (x->shape.size[from - 1] != 1 && x->stride[from - 1] != run * inner);
    if (!ends) continue;
    while (to >= 0 && (cut < run || shape->size[to] == 1)) {
      stride[to] = cut * inner;
      cut *= shape->size[to--];
    }
    if (cut != run) return false;
    if (from > 0) inner = x->stride[from - 1];
    run = cut = 1;
  }
  return to < 0;
}

/* x's elements in order under out's shape: a view if strides allow, else a copy. */
static ml_status same_elements(ml_context *c, const ml_tensor *x, ml_tensor *out) {
  if (strides_for(x, &out->shape, out->stride)) {
    out->offset = x->offset;
    share(x, out);
    return ML_OK;
  }
  ml_strides_contiguous(&out->shape, out->stride);
  out->offset = 0;
  if (x->storage == NULL) return ML_OK;
  ml_tensor *copy;
  ML_TRY(ml_contiguous_unrecorded(c, x, &copy));
  out->offset = copy->offset;
  share(copy, out);
  ml_release(copy);
  return ML_OK;
}

/* reshape ---------------------------------------------------------------------------------------------------------- */

/* shape: sizes as the user gave them, one may be -1. */
ml_status reshape_infer(ml_context *c, const ml_tensor *x, const ml_shape *shape, ml_meta *meta) {
  int64_t have = ml_count(x), known = 1;
  int open = -1;
  for (int d = 0; d < shape->ndim; d++) {
    int64_t size = shape->size[d];
    if (size == -1 && open < 0) {
      open = d;
    } else if (size < 0) {
      return ml_fail(c, size == -1 ? "reshape: only one size of %s may be -1" : "reshape: a size of %s is negative",
                     ML_SHAPE(shape));
    } else if (__builtin_mul_overflow(known, size, &known)) {
      return ml_fail(c, "reshape: %s has too many elements", ML_SHAPE(shape));
    }
  }
  meta->shape = *shape;
  if (open >= 0) {
    if (known == 0) return ml_fail(c, "reshape: -1 in %s can't be computed beside a size of 0", ML_SHAPE(shape));
    if (have % known != 0)
      return ml_fail(c, "reshape: the %lld elements of %s don't fill %s, since %lld is no multiple of %lld",
                     (long long)have, ML_SHAPE(&x->shape), ML_SHAPE(shape), (long long)have, (long long)known);
    meta->shape.size[open] = have / known;
  } else if (have != known) {
    return ml_fail(c, "reshape: %s has %lld elements, %s would have %lld", ML_SHAPE(&x->shape), (long long)have,
                   ML_SHAPE(shape), (long long)known);
  }
  return ML_OK;
}

ml_status reshape_forward(ml_context *c, const ml_tensor *x, const ml_shape *shape, ml_tensor *out) {
  (void)shape; /* out has it, with -1 computed */
  return same_elements(c, x, out);
}

ml_status reshape_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_shape *shape,
                           ml_tensor **dx) {
  (void)shape;
  return ml_reshape(c, g, input_shape, dx);
}

/* flatten ---------------------------------------------------------------------------------------------------------- */

ml_status flatten_infer(ml_context *c, const ml_tensor *x, int64_t from, int64_t to, ml_meta *meta) {
  if (from > to)
    return ml_fail(c, "flatten: dimensions %lld..%lld of %s run backwards", (long long)from + 1, (long long)to + 1,
                   ML_SHAPE(&x->shape));
  ml_shape *s = &meta->shape;
  s->ndim = 0;
  for (int d = 0; d < x->shape.ndim; d++) {
    if (d > from && d <= to)
      s->size[s->ndim - 1] *= x->shape.size[d];
    else
      s->size[s->ndim++] = x->shape.size[d];
  }
  return ML_OK;
}

ml_status flatten_forward(ml_context *c, const ml_tensor *x, int64_t from, int64_t to, ml_tensor *out) {
  (void)from, (void)to;
  return same_elements(c, x, out);
}

ml_status flatten_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t from, int64_t to,
                           ml_tensor **dx) {
  (void)from, (void)to;
  return ml_reshape(c, g, input_shape, dx);
}

/* permute, transpose ----------------------------------------------------------------------------------------------- */

ml_status permute_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_meta *meta) {
  if (dims->count != x->shape.ndim)
    return ml_fail(c, "permute: %d dimensions are named, %s has %d", dims->count, ML_SHAPE(&x->shape), x->shape.ndim);
  for (int d = 0; d < dims->count; d++) meta->shape.size[d] = x->shape.size[dims->dim[d]];
  return ML_OK;
}

ml_status permute_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_tensor *out) {
  (void)c;
  for (int d = 0; d < dims->count; d++) out->stride[d] = x->stride[dims->dim[d]];
  out->offset = x->offset;
  share(x, out);
  return ML_OK;
}

ml_status permute_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_dims *dims,
                           ml_tensor **dx) {
  (void)input_shape;
  ml_dims inverse = {.count = dims->count};
  for (int d = 0; d < dims->count; d++) inverse.dim[dims->dim[d]] = d;
  return ml_permute(c, g, &inverse, dx);
}

ml_status transpose_infer(ml_context *c, const ml_tensor *x, int64_t dim0, int64_t dim1, ml_meta *meta) {
  (void)c;
  meta->shape.size[dim0] = x->shape.size[dim1];
  meta->shape.size[dim1] = x->shape.size[dim0];
  return ML_OK;
}

ml_status transpose_forward(ml_context *c, const ml_tensor *x, int64_t dim0, int64_t dim1, ml_tensor *out) {
  (void)c;
  memcpy(out->stride, x->stride, sizeof out->stride);
  out->stride[dim0] = x->stride[dim1];
  out->stride[dim1] = x->stride[dim0];
  out->offset = x->offset;
  share(x, out);
  return ML_OK;
}

ml_status transpose_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t dim0, int64_t dim1,
                             ml_tensor **dx) {
  (void)input_shape;
  return ml_transpose(c, g, dim0, dim1, dx);
}

/* expand ----------------------------------------------------------------------------------------------------------- */

ml_status expand_infer(ml_context *c, const ml_tensor *x, const ml_shape *shape, ml_meta *meta) {
  int lead = shape->ndim - x->shape.ndim; /* new dimensions in front */
  if (lead < 0) return ml_fail(c, "expand: %s has more dimensions than %s", ML_SHAPE(&x->shape), ML_SHAPE(shape));
  meta->shape = *shape;
  for (int d = 0; d < shape->ndim; d++) {
    int64_t have = d < lead ? 1 : x->shape.size[d - lead], want = shape->size[d];
    if (want == -1 && d < lead)
      return ml_fail(c, "expand: -1 keeps a size, but dimension %d of %s is new", d + 1, ML_SHAPE(shape));
    if (want < -1) return ml_fail(c, "expand: a size of %s is negative", ML_SHAPE(shape));
    if (want == -1)
      meta->shape.size[d] = have;
    else if (have != 1 && have != want)
      return ml_fail(c, "expand: size %lld of dimension %d of %s can't be stretched to %lld; only sizes of 1 stretch",
                     (long long)have, d - lead + 1, ML_SHAPE(&x->shape), (long long)want);
  }
  return ML_OK;
}

ml_status expand_forward(ml_context *c, const ml_tensor *x, const ml_shape *shape, ml_tensor *out) {
  (void)c, (void)shape;
  int lead = out->shape.ndim - x->shape.ndim;
  for (int d = 0; d < out->shape.ndim; d++) {
    bool stretched = d < lead || x->shape.size[d - lead] != out->shape.size[d];
    out->stride[d] = stretched ? 0 : x->stride[d - lead];
  }
  out->offset = x->offset;
  share(x, out);
  return ML_OK;
}

ml_status expand_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_shape *shape,
                          ml_tensor **dx) {
  (void)shape;
  return ml_sum_to_shape(c, g, input_shape, dx);
}

/* squeeze, unsqueeze ----------------------------------------------------------------------------------------------- */

ml_status squeeze_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_meta *meta) {
  (void)c;
  meta->shape.ndim = 0;
  for (int d = 0; d < x->shape.ndim; d++) {
    bool goes = x->shape.size[d] == 1 && ml_dims_has(dims, d);
    if (!goes) meta->shape.size[meta->shape.ndim++] = x->shape.size[d];
  }
  return ML_OK;
}

ml_status squeeze_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_tensor *out) {
  (void)c;
  int to = 0;
  for (int d = 0; d < x->shape.ndim; d++) {
    bool goes = x->shape.size[d] == 1 && ml_dims_has(dims, d);
    if (!goes) out->stride[to++] = x->stride[d];
  }
  out->offset = x->offset;
  share(x, out);
  return ML_OK;
}

ml_status squeeze_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_dims *dims,
                           ml_tensor **dx) {
  (void)dims;
  return ml_reshape(c, g, input_shape, dx);
}

ml_status unsqueeze_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  if (x->shape.ndim == ML_MAX_DIMS)
    return ml_fail(c, "unsqueeze: %s has %d dimensions already, the most there can be", ML_SHAPE(&x->shape),
                   ML_MAX_DIMS);
  ml_shape *s = &meta->shape;
  s->ndim = x->shape.ndim + 1;
  for (int d = 0; d < s->ndim; d++) s->size[d] = d == dim ? 1 : x->shape.size[d < dim ? d : d - 1];
  return ML_OK;
}

ml_status unsqueeze_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *out) {
  (void)c;
  for (int d = 0; d < out->shape.ndim; d++) {
    if (d != dim)
      out->stride[d] = x->stride[d < dim ? d : d - 1];
    else
      out->stride[d] = dim < x->shape.ndim ? x->stride[dim] * x->shape.size[dim] : 1; /* contiguous stays so */
  }
  out->offset = x->offset;
  share(x, out);
  return ML_OK;
}

ml_status unsqueeze_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t dim,
                             ml_tensor **dx) {
  (void)dim;
  return ml_reshape(c, g, input_shape, dx);
}

/* slice, select ---------------------------------------------------------------------------------------------------- */

/* Clips from..to (0-based, inclusive, negative from the end) to a dimension of n; returns how many positions remain
 * and where they begin, as string.sub does. */
static int64_t clip(int64_t n, int64_t from, int64_t to, int64_t step, int64_t *first) {
  if (from < 0) from = from < -n ? 0 : from + n;
  if (to < 0) to = to < -n ? -1 : to + n;
  if (to >= n) to = n - 1;
  *first = from <= to ? from : 0;
  return from <= to ? (to - from) / step + 1 : 0;
}

ml_status slice_infer(ml_context *c, const ml_tensor *x, int64_t dim, int64_t from, int64_t to, int64_t step,
                      ml_meta *meta) {
  if (step < 1) return ml_fail(c, "slice: step must be at least 1, not %lld", (long long)step);
  int64_t first;
  meta->shape.size[dim] = clip(x->shape.size[dim], from, to, step, &first);
  return ML_OK;
}

ml_status slice_forward(ml_context *c, const ml_tensor *x, int64_t dim, int64_t from, int64_t to, int64_t step,
                        ml_tensor *out) {
  (void)c;
  int64_t first, count = clip(x->shape.size[dim], from, to, step, &first);
  memcpy(out->stride, x->stride, sizeof out->stride);
  if (count > 1) out->stride[dim] = x->stride[dim] * step;
  out->offset = x->offset + first * x->stride[dim];
  share(x, out);
  return ML_OK;
}

/* A border of zeros along one dimension: `left` before, `right` behind (negative: cut). */
static ml_status pad_dim(ml_context *c, const ml_tensor *g, int dim, int64_t left, int64_t right, ml_tensor **out) {
  ml_integers sizes = {.count = 2 * (g->shape.ndim - dim)};
  sizes.value[sizes.count - 2] = left;
  sizes.value[sizes.count - 1] = right;
  return ml_pad(c, g, &sizes, 0, out);
}

/* g (.. m ..) -> dx (.. n ..). With a step, g's positions are first drawn apart: (outer, m, inner) is seen as
 * (outer, m, 1, inner), padded to (outer, m, step, inner), and that as (outer, m * step, inner). */
ml_status slice_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t dim, int64_t from,
                         int64_t to, int64_t step, ml_tensor **dx) {
  int64_t n = input_shape->size[dim], first, m = clip(n, from, to, step, &first);
  if (m <= 1 || step == 1) return pad_dim(c, g, (int)dim, first, n - first - m, dx);

  int64_t outer = 1, inner = 1;
  for (int d = 0; d < dim; d++) outer *= input_shape->size[d];
  for (int d = (int)dim + 1; d < input_shape->ndim; d++) inner *= input_shape->size[d];
  ml_shape apart = ml_make_shape(4, outer, m, (int64_t)1, inner), joined = ml_make_shape(3, outer, m * step, inner);
  ml_tensor *t[4] = {0};
  ml_status status = ml_reshape(c, g, &apart, &t[0]);
  if (status == ML_OK) status = pad_dim(c, t[0], 2, 0, step - 1, &t[1]);
  if (status == ML_OK) status = ml_reshape(c, t[1], &joined, &t[2]);
  if (status == ML_OK) status = pad_dim(c, t[2], 1, first, n - first - m * step, &t[3]);
  if (status == ML_OK) status = ml_reshape(c, t[3], input_shape, dx);
  for (int i = 0; i < 4; i++) ml_release(t[i]);
  return status;
}

ml_status select_infer(ml_context *c, const ml_tensor *x, int64_t dim, int64_t index, ml_meta *meta) {
  int64_t n = x->shape.size[dim];
  if (index < -n || index >= n)
    return ml_fail(c, "select: position %lld of dimension %lld, which has %lld",
                   (long long)(index < 0 ? index : index + 1), (long long)dim + 1, (long long)n);
  meta->shape.ndim--;
  for (int d = (int)dim; d < meta->shape.ndim; d++) meta->shape.size[d] = x->shape.size[d + 1];
  return ML_OK;
}

ml_status select_forward(ml_context *c, const ml_tensor *x, int64_t dim, int64_t index, ml_tensor *out) {
  (void)c;
  if (index < 0) index += x->shape.size[dim];
  for (int d = 0; d < out->shape.ndim; d++) out->stride[d] = x->stride[d < dim ? d : d + 1];
  out->offset = x->offset + index * x->stride[dim];
  share(x, out);
  return ML_OK;
}

ml_status select_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t dim, int64_t index,
                          ml_tensor **dx) {
  int64_t n = input_shape->size[dim];
  if (index < 0) index += n;
  ml_tensor *t;
  ML_TRY(ml_unsqueeze(c, g, dim, &t));
  ml_status status = pad_dim(c, t, (int)dim, index, n - 1 - index, dx);
  ml_release(t);
  return status;
}

/* diagonal ----------------------------------------------------------------------------------------------------------- */

ml_status diagonal_infer(ml_context *c, const ml_tensor *x, int64_t offset, int64_t dim1, int64_t dim2, ml_meta *meta) {
  const ml_shape *s = &x->shape;
  if (dim1 == dim2) return ml_fail(c, "diagonal: two dimensions are needed, dim1 and dim2 are both %lld", (long long)dim1 + 1);
  int64_t rows = s->size[dim1] + (offset < 0 ? offset : 0), columns = s->size[dim2] - (offset > 0 ? offset : 0);
  int64_t n = rows < columns ? rows : columns;
  int k = 0;
  for (int d = 0; d < s->ndim; d++) {
    if (d != dim1 && d != dim2) meta->shape.size[k++] = s->size[d];
  }
  meta->shape.size[k] = n < 0 ? 0 : n;
  meta->shape.ndim = s->ndim - 1;
  return ML_OK;
}

ml_status diagonal_forward(ml_context *c, const ml_tensor *x, int64_t offset, int64_t dim1, int64_t dim2, ml_tensor *out) {
  (void)c;
  int k = 0;
  for (int d = 0; d < x->shape.ndim; d++) {
    if (d != dim1 && d != dim2) out->stride[k++] = x->stride[d];
  }
  out->stride[k] = x->stride[dim1] + x->stride[dim2];
  out->offset = x->offset;
  if (out->shape.size[k] > 0) out->offset += offset < 0 ? -offset * x->stride[dim1] : offset * x->stride[dim2];
  share(x, out);
  return ML_OK;
}

/* The squares that the diagonal makes are cut or filled up to the sizes of x. */
ml_status diagonal_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t offset, int64_t dim1,
                            int64_t dim2, ml_tensor **dx) {
  int64_t n = g->shape.size[g->shape.ndim - 1];
  if (n == 0) return ml_zeros(c, input_shape, (ml_dtype)g->dtype, dx);
  int64_t side = n + (offset < 0 ? -offset : offset);
  ml_tensor *square, *tall;
  ML_TRY(ml_diag_embed(c, g, offset, dim1, dim2, &square));
  ml_status status = pad_dim(c, square, (int)dim1, 0, input_shape->size[dim1] - side, &tall);
  ml_release(square);
  if (status != ML_OK) return status;
  status = pad_dim(c, tall, (int)dim2, 0, input_shape->size[dim2] - side, dx);
  ml_release(tall);
  return status;
}

/* contiguous, to --------------------------------------------------------------------------------------------------- */

ml_status contiguous_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) {
  (void)c, (void)x, (void)meta; /* shape and type of x, as prefilled */
  return ML_OK;
}

ml_status contiguous_forward(ml_context *c, const ml_tensor *x, ml_tensor *out) { return ml_copy(c, x, out); }

ml_status contiguous_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, ml_tensor **dx) {
  (void)c, (void)input_shape;
  return pass_through(g, dx);
}

ml_status to_infer(ml_context *c, const ml_tensor *x, ml_dtype dtype, ml_meta *meta) {
  (void)c, (void)x;
  meta->dtype = dtype;
  return ML_OK;
}

ml_status to_forward(ml_context *c, const ml_tensor *x, ml_dtype dtype, ml_tensor *out) {
  (void)dtype;
  return ml_copy(c, x, out);
}

/* The graph converts a gradient to the type of the input it is for. */
ml_status to_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, ml_dtype dtype, ml_tensor **dx) {
  (void)c, (void)input_shape, (void)dtype;
  return pass_through(g, dx);
}
