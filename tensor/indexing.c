/* Ops that pick by position: index_select, gather, masked_select, one_hot.
 *
 * Positions in tensors are 1-based; each forward checks them all before it reads. Backward adds up the gradients of
 * repeated positions in the order of the index; it is cut along dimensions in which no two pieces meet, so the order of
 * additions is the same for any number of threads. */

#include "ops.gen.h"
#include "tensor/parallel.h"

#include <stdio.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 16 }; /* copied by one piece of parallel work */

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

static int64_t grain_for(int64_t bytes) {
  if (bytes < 1) bytes = 1;
  return bytes >= PIECE_BYTES ? 1 : PIECE_BYTES / bytes;
}

/* Fails if one of the positions is not in least..n. `of` says what they are positions in. */
static ml_status check_positions(ml_context *c, const char *op, const ml_tensor *index, int64_t least, int64_t n,
                                 const char *of) {
  const int64_t *at = ml_i64(index);
  int64_t count = ml_count(index), wrong = 0;
  for (int64_t i = 0; i < count; i++) wrong |= (at[i] < least) | (at[i] > n);
  if (!wrong) return ML_OK;
  for (int64_t i = 0; i < count; i++) {
    if (at[i] >= least && at[i] <= n) continue;
    ml_shape where = {.ndim = index->shape.ndim}; /* 1-based place of the wrong one */
    int64_t rest = i;
    for (int d = where.ndim - 1; d >= 0; d--) {
      where.size[d] = rest % index->shape.size[d] + 1;
      rest /= index->shape.size[d];
    }
    return ml_fail(c, "%s: position %lld at %s of index is not in %lld..%lld (%s)", op, (long long)at[i],
                   ML_SHAPE(&where), (long long)least, (long long)n, of);
  }
  return ML_OK;
}

static ml_status check_positions_of(ml_context *c, const char *op, const ml_tensor *index, const ml_shape *s,
                                    int64_t dim) {
  char of[64 + sizeof(ml_shape_text)];
  snprintf(of, sizeof of, "dimension %lld of %s", (long long)dim + 1, ML_SHAPE(s));
  return check_positions(c, op, index, 1, s->size[dim], of);
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
  ML_TRY(check_positions_of(c, "index_select", index, &x->shape, dim));
  if (ml_count(out) == 0) return ML_OK;
  around a = around_dim(&x->shape, dim);
  int64_t k = index->shape.size[0], bytes = a.inner * (int64_t)ml_dtype_size((ml_dtype)x->dtype);
  select_rows s = {ml_data(x), ml_data(out), ml_i64(index), a.n, k, bytes};
  return ml_parallel_for(c, a.outer * k, grain_for(bytes), select_rows_body, &s);
}

typedef struct add_rows {
  const void *g;
  void *dx;
  const int64_t *index;
  int64_t n, k, inner, strips; /* a strip is STRIP of the inner elements */
} add_rows;

enum { STRIP = 64 };

/* One (outer, strip) after the other: dx (n, strip) += g (k, strip) at index, in the order of index. */
#define ADD_ROWS_BODY(name, T)                                                                                         \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const add_rows *a = arg;                                                                                           \
    for (int64_t piece = begin; piece < end; piece++) {                                                                \
      int64_t outer = piece / a->strips, first = piece % a->strips * STRIP;                                            \
      int64_t width = a->inner - first < STRIP ? a->inner - first : STRIP;                                             \
      const T *g = (const T *)a->g + outer * a->k * a->inner + first;                                                  \
      T *dx = (T *)a->dx + outer * a->n * a->inner + first;                                                            \
      for (int64_t j = 0; j < a->k; j++, g += a->inner) {                                                              \
        T *row = dx + (a->index[j] - 1) * a->inner;                                                                    \
        for (int64_t i = 0; i < width; i++) row[i] += g[i];                                                            \
      }                                                                                                                \
    }                                                                                                                  \
  }
ADD_ROWS_BODY(add_rows_f32, float)
ADD_ROWS_BODY(add_rows_f64, double)

ml_status index_select_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape,
                                int64_t dim, ml_tensor **dx) {
  ML_TRY(ml_zeros(c, input_shape, (ml_dtype)g->dtype, dx));
  if (ml_count(g) == 0) return ML_OK;
  ml_tensor *row_major;
  ML_TRY(ml_contiguous_unrecorded(c, g, &row_major));
  around a = around_dim(input_shape, dim);
  int64_t k = index->shape.size[0], strips = ml_pieces(a.inner, STRIP);
  add_rows work = {ml_data(row_major), ml_data(*dx), ml_i64(index), a.n, k, a.inner, strips};
  int64_t row = a.inner < STRIP ? a.inner : STRIP;
  ml_status status = ml_parallel_for(c, a.outer * strips, grain_for(4 * k * row),
                                     g->dtype == ML_FLOAT64 ? add_rows_f64 : add_rows_f32, &work);
  ml_release(row_major);
  return status;
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
  int64_t row, rows; /* elements of the last dimension; rows of it under one position of the dimensions before dim */
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
static inline int64_t place(const picks *p, int64_t offset, const int64_t *index, int64_t i) {
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
      memcpy(to + (size_t)i * p->bytes, p->from + (size_t)place(p, offset, index, i) * p->bytes, p->bytes);
  }
}

/* Positions begin..end of the dimensions before dim: all[index] += picked, in the order of index. */
#define SCATTER_BODY(name, T)                                                                                          \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const picks *p = arg;                                                                                              \
    for (int64_t r = begin * p->rows; r < end * p->rows; r++) {                                                        \
      const int64_t *index = p->index + r * p->row;                                                                    \
      const T *from = (const T *)p->from + r * p->row;                                                                 \
      int64_t offset = row_offset(p, r);                                                                               \
      for (int64_t i = 0; i < p->row; i++) ((T *)p->to)[place(p, offset, index, i)] += from[i];                        \
    }                                                                                                                  \
  }
SCATTER_BODY(scatter_f32, float)
SCATTER_BODY(scatter_f64, double)

static picks picks_of(const ml_shape *all, const ml_tensor *index, int64_t dim, ml_dtype dtype) {
  picks p = {.shape = &index->shape, .index = ml_i64(index), .dim = (int)dim, .bytes = ml_dtype_size(dtype)};
  ml_strides_contiguous(all, p.stride);
  p.row = index->shape.size[index->shape.ndim - 1];
  p.rows = 1;
  for (int d = (int)dim; d < index->shape.ndim - 1; d++) p.rows *= index->shape.size[d];
  return p;
}

ml_status gather_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, ml_tensor *out) {
  ML_TRY(check_positions_of(c, "gather", index, &x->shape, dim));
  int64_t count = ml_count(index);
  if (count == 0) return ML_OK;
  picks p = picks_of(&x->shape, index, dim, (ml_dtype)x->dtype);
  p.from = ml_data(x);
  p.to = ml_data(out);
  return ml_parallel_for(c, count / p.row, grain_for(8 * p.row), gather_body, &p);
}

ml_status gather_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape,
                          int64_t dim, ml_tensor **dx) {
  ML_TRY(ml_zeros(c, input_shape, (ml_dtype)g->dtype, dx));
  int64_t count = ml_count(index);
  if (count == 0) return ML_OK;
  ml_tensor *row_major;
  ML_TRY(ml_contiguous_unrecorded(c, g, &row_major));
  picks p = picks_of(input_shape, index, dim, (ml_dtype)g->dtype);
  p.from = ml_data(row_major);
  p.to = ml_data(*dx);
  bool last = dim == input_shape->ndim - 1; /* then each row is alone */
  if (last) p.rows = 1;
  int64_t pieces = count / (p.rows * p.row);
  ml_status status =
      ml_parallel_for(c, pieces, grain_for(8 * p.rows * p.row), g->dtype == ML_FLOAT64 ? scatter_f64 : scatter_f32, &p);
  ml_release(row_major);
  return status;
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
  ML_TRY(ml_zeros(c, input_shape, (ml_dtype)g->dtype, dx));
  if (ml_count(g) == 0) return ML_OK;
  ml_tensor *row_major;
  ML_TRY(ml_contiguous_unrecorded(c, g, &row_major));
  const uint8_t *holds = ml_data(mask);
  const char *from = ml_data(row_major);
  char *to = ml_data(*dx);
  size_t bytes = ml_dtype_size((ml_dtype)g->dtype);
  int64_t n = ml_count(mask);
  for (int64_t i = 0; i < n; i++, to += bytes) {
    if (!holds[i]) continue;
    memcpy(to, from, bytes);
    from += bytes;
  }
  ml_release(row_major);
  return ML_OK;
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
  ML_TRY(check_positions(c, "one_hot", index, 0, classes, "0 is none, the others classes"));
  const int64_t *at = ml_i64(index);
  int64_t n = ml_count(index);
  float *y = ml_f32(out);
  memset(y, 0, (size_t)(n * classes) * sizeof *y);
  for (int64_t i = 0; i < n; i++, y += classes) {
    if (at[i] > 0) y[at[i] - 1] = 1;
  }
  return ML_OK;
}
