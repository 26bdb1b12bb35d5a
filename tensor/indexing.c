/* Ops that pick by position: index_select, gather, masked_select, one_hot.
 *
 * Positions in tensors are 1-based; each forward checks them all before it reads. Backward is the op that scatters
 * (scatter.c), recorded where gradients of gradients may be asked for. */

#include "tensor/formula.h"
#include "tensor/parallel.h"
#include "tensor/positions.h"

#include <string.h>

/* A contiguous tensor seen around one dimension: (outer, n, inner). */
typedef struct around {
  int64_t outer, n, inner;
} around;

static around around_dim(const ml_shape *s, int64_t dim) {
  around a = {1, s->size[dim], 1};
  for (int d = 0; d < dim; d++) a.outer *= s->size[d];
  for (int d = (int)dim + 1; d < s->ndim; d++) a.inner *= s->size[d];
  return a;
}

/* index_select ----------------------------------------------------------------------------------------------------- */

ml_status index_select_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, ml_meta *meta) {
  (void)x;
  if (index->shape.ndim != 1)
    return ml_fail(c, "index_select: index must be a vector of positions, not %s", ML_SHAPE(&index->shape));
  meta->shape.size[dim] = index->shape.size[0];
  return ML_OK;
}

typedef struct select_rows {
  const char *x;
  char *y;
  const int64_t *index;
  int64_t n, k, bytes; /* positions in x, positions in y, bytes of one row */
} select_rows;

/* Rows begin..end of y's outer * k; a row is what lies behind one position. */
static void select_rows_body(void *arg, int64_t begin, int64_t end) {
  const select_rows *s = arg;
  int64_t outer = begin / s->k, j = begin % s->k;
  for (int64_t row = begin; row < end; row++) {
    const char *from = s->x + (outer * s->n + s->index[j] - 1) * s->bytes;
    char *to = s->y + row * s->bytes;
    if (s->bytes == 4)
      memcpy(to, from, 4);
    else if (s->bytes == 8)
      memcpy(to, from, 8);
    else
      memcpy(to, from, (size_t)s->bytes);
    if (++j == s->k) j = 0, outer++;
  }
}

ml_status index_select_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, ml_tensor *out) {
  ML_TRY(ml_check_positions_of(c, "index_select", index, &x->shape, dim));
  if (ml_count(out) == 0) return ML_OK;
  around a = around_dim(&x->shape, dim);
  int64_t k = index->shape.size[0], bytes = a.inner * (int64_t)ml_dtype_size((ml_dtype)x->dtype);
  select_rows s = {ml_data(x), ml_data(out), ml_i64(index), a.n, k, bytes};
  return ml_parallel_for(c, a.outer * k, ml_grain_for(bytes), select_rows_body, &s);
}

/* Adds the rows of g to zeros. */
ml_status index_select_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape,
                                int64_t dim, ml_tensor **dx) {
  formula w = {.c = c};
  if (c->grad_enabled) return finish(&w, index_added(&w, zeros_of(&w, input_shape, g), dim, index, g), dx);
  ML_TRY(ml_zeros(c, input_shape, (ml_dtype)g->dtype, dx));
  return ml_scatter_into(c, ML_SCATTER_ADD, &g->shape, dim, index, g, *dx);
}

/* gather ----------------------------------------------------------------------------------------------------------- */

ml_status gather_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, ml_meta *meta) {
  const ml_shape *s = &x->shape, *k = &index->shape;
  bool fits = s->ndim == k->ndim;
  for (int d = 0; fits && d < s->ndim; d++) fits = d == dim || k->size[d] <= s->size[d];
  if (!fits)
    return ml_fail(c, "gather: index %s does not fit x %s: sizes of all dimensions but %lld must be at most those of x",
                   ML_SHAPE(k), ML_SHAPE(s), (long long)dim + 1);
  meta->shape = *k;
  return ML_OK;
}

typedef struct picks {
  const ml_shape *shape; /* of index and picked */
  const int64_t *index;
  int64_t stride[ML_MAX_DIMS]; /* of all */
  int dim;
  int64_t row; /* elements of the last dimension */
  const char *from;
  char *to;
  size_t bytes; /* of one element */
} picks;

/* Where row `r` of index begins in `all`, but for what the index adds. */
static int64_t row_offset(const picks *p, int64_t r) {
  int64_t offset = 0;
  for (int d = p->shape->ndim - 2; d >= 0; d--) {
    if (d != p->dim) offset += r % p->shape->size[d] * p->stride[d];
    r /= p->shape->size[d];
  }
  return offset;
}

/* Place in `all` of element i of a row that begins at `offset`. */
static inline int64_t pick_at(const picks *p, int64_t offset, const int64_t *index, int64_t i) {
  int last = p->shape->ndim - 1;
  return offset + (index[i] - 1) * p->stride[p->dim] + (p->dim == last ? 0 : i * p->stride[last]);
}

/* Rows begin..end of index: picked = all[index]. */
static void gather_body(void *arg, int64_t begin, int64_t end) {
  const picks *p = arg;
  for (int64_t r = begin; r < end; r++) {
    const int64_t *index = p->index + r * p->row;
    int64_t offset = row_offset(p, r);
    char *to = p->to + (size_t)(r * p->row) * p->bytes;
    for (int64_t i = 0; i < p->row; i++)
      memcpy(to + (size_t)i * p->bytes, p->from + (size_t)pick_at(p, offset, index, i) * p->bytes, p->bytes);
  }
}

static picks picks_of(const ml_shape *all, const ml_tensor *index, int64_t dim, ml_dtype dtype) {
  picks p = {.shape = &index->shape, .index = ml_i64(index), .dim = (int)dim, .bytes = ml_dtype_size(dtype)};
  ml_strides_contiguous(all, p.stride);
  p.row = index->shape.size[index->shape.ndim - 1];
  return p;
}

ml_status gather_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, ml_tensor *out) {
  ML_TRY(ml_check_positions_of(c, "gather", index, &x->shape, dim));
  int64_t count = ml_count(index);
  if (count == 0) return ML_OK;
  picks p = picks_of(&x->shape, index, dim, (ml_dtype)x->dtype);
  p.from = ml_data(x);
  p.to = ml_data(out);
  return ml_parallel_for(c, count / p.row, ml_grain_for(8 * p.row), gather_body, &p);
}

ml_status gather_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape,
                          int64_t dim, ml_tensor **dx) {
  formula w = {.c = c};
  if (c->grad_enabled) return finish(&w, scatter_added(&w, zeros_of(&w, input_shape, g), dim, index, g), dx);
  ML_TRY(ml_zeros(c, input_shape, (ml_dtype)g->dtype, dx));
  return ml_scatter_into(c, ML_SCATTER_ADD, &g->shape, dim, index, g, *dx);
}

/* masked_select ---------------------------------------------------------------------------------------------------- */

/* mask: bool, of x's shape. The count of what holds is the size of the result. */
ml_status masked_select_infer(ml_context *c, const ml_tensor *x, const ml_tensor *mask, ml_meta *meta) {
  if (!ml_shape_equal(&x->shape, &mask->shape))
    return ml_fail(c, "masked_select: the mask is %s, but must have the shape of x, %s", ML_SHAPE(&mask->shape),
                   ML_SHAPE(&x->shape));
  if (mask->storage == NULL)
    return ml_fail(c, "masked_select: how many elements there will be depends on the data, which is not here");
  const uint8_t *holds = ml_data(mask);
  int64_t n = ml_count(mask), count = 0;
  for (int64_t i = 0; i < n; i++) count += holds[i] != 0;
  meta->shape = ml_make_shape(1, count);
  return ML_OK;
}

ml_status masked_select_forward(ml_context *c, const ml_tensor *x, const ml_tensor *mask, ml_tensor *out) {
  (void)c;
  const uint8_t *holds = ml_data(mask);
  const char *from = ml_data(x);
  char *to = ml_data(out);
  size_t bytes = ml_dtype_size((ml_dtype)x->dtype);
  int64_t n = ml_count(mask);
  for (int64_t i = 0; i < n; i++, from += bytes) {
    if (!holds[i]) continue;
    memcpy(to, from, bytes);
    to += bytes;
  }
  return ML_OK;
}

ml_status masked_select_backward(ml_context *c, const ml_tensor *g, const ml_tensor *mask, const ml_shape *input_shape,
                                 ml_tensor **dx) {
  formula w = {.c = c};
  return finish(&w, mask_scattered(&w, zeros_of(&w, input_shape, g), mask, g), dx);
}

/* one_hot ---------------------------------------------------------------------------------------------------------- */

ml_status one_hot_infer(ml_context *c, const ml_tensor *index, int64_t classes, ml_meta *meta) {
  if (classes < 1) return ml_fail(c, "one_hot: classes must be at least 1, not %lld", (long long)classes);
  if (index->shape.ndim == ML_MAX_DIMS)
    return ml_fail(c, "one_hot: %s has %d dimensions already, the most there can be", ML_SHAPE(&index->shape),
                   ML_MAX_DIMS);
  meta->shape = index->shape;
  meta->shape.size[meta->shape.ndim++] = classes;
  meta->dtype = ML_FLOAT32;
  return ML_OK;
}

/* 0 gives a row of zeros. */
ml_status one_hot_forward(ml_context *c, const ml_tensor *index, int64_t classes, ml_tensor *out) {
  ML_TRY(ml_check_positions(c, "one_hot", index, 0, classes, "0 is none, the others classes"));
  const int64_t *at = ml_i64(index);
  int64_t n = ml_count(index);
  float *y = ml_f32(out);
  memset(y, 0, (size_t)(n * classes) * sizeof *y);
  for (int64_t i = 0; i < n; i++, y += classes) {
    if (at[i] > 0) y[at[i] - 1] = 1;
  }
  return ML_OK;
}
