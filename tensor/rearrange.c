/* Ops that put elements into another order or copy them several times: flip roll tile repeat_interleave tril triu diag
 * diag_embed outer.
 *
 * Forward mostly looks at x and at the result under strides that say it all (backwards, 0 for a repetition, a row and an element
 * for a diagonal) and copies once. Backward is made of ops. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/parallel.h"

#include <string.h>

/* The contiguous elements of x as (outer, n, inner) around one dimension; ML_NO_DIM: all of them as (1, n, 1). */
static ml_shape around(const ml_shape *s, int64_t dim) {
  if (dim == ML_NO_DIM) return ml_make_shape(3, 1, ml_shape_count(s), 1);
  ml_shape a = ml_make_shape(3, 1, s->size[dim], 1);
  for (int d = 0; d < s->ndim; d++) {
    if (d != dim) a.size[d < dim ? 0 : 2] *= s->size[d];
  }
  return a;
}

/* x under another shape, whose strides are those of C order. Borrows x's storage; not to be released. */
static ml_tensor seen_as(const ml_tensor *x, const ml_shape *shape) {
  ml_tensor t = *x;
  t.shape = *shape;
  ml_strides_contiguous(shape, t.stride);
  return t;
}

/* flip ------------------------------------------------------------------------------------------------------------- */

ml_status flip_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_meta *meta) {
  (void)c, (void)x, (void)dims, (void)meta;
  return ML_OK;
}

ml_status flip_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_tensor *out) {
  ml_tensor turned = *x;
  for (int i = 0; i < dims->count; i++) {
    int64_t d = dims->dim[i];
    turned.offset += (x->shape.size[d] - 1) * x->stride[d];
    turned.stride[d] = -x->stride[d];
  }
  return ml_copy(c, &turned, out);
}

ml_status flip_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_dims *dims,
                        ml_tensor **dx) {
  (void)input_shape;
  return ml_flip(c, g, dims, dx);
}

/* roll ------------------------------------------------------------------------------------------------------------- */

ml_status roll_infer(ml_context *c, const ml_tensor *x, int64_t shift, int64_t dim, ml_meta *meta) {
  (void)c, (void)x, (void)shift, (void)dim, (void)meta;
  return ML_OK;
}

/* Positions from.. of x to positions to.. of out, `count` of them. */
static ml_status copy_positions(ml_context *c, const ml_tensor *x, ml_tensor *out, const ml_shape *all, int64_t from,
                                int64_t to, int64_t count) {
  ml_tensor source = seen_as(x, all), place = seen_as(out, all);
  source.shape.size[1] = place.shape.size[1] = count;
  source.offset += from * all->size[2];
  place.offset += to * all->size[2];
  return ml_copy(c, &source, &place);
}

ml_status roll_forward(ml_context *c, const ml_tensor *x, int64_t shift, int64_t dim, ml_tensor *out) {
  ml_shape all = around(&x->shape, dim);
  int64_t n = all.size[1];
  if (n == 0) return ML_OK;
  shift = (shift % n + n) % n;
  ML_TRY(copy_positions(c, x, out, &all, 0, shift, n - shift));
  return copy_positions(c, x, out, &all, n - shift, 0, shift);
}

ml_status roll_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t shift, int64_t dim,
                        ml_tensor **dx) {
  int64_t n = around(input_shape, dim).size[1];
  return ml_roll(c, g, n > 0 ? -(shift % n) : 0, dim, dx);
}

/* tile, repeat_interleave ------------------------------------------------------------------------------------------ */

/* Each dimension of the result as (times, size), or as it is where it is not repeated. */
typedef struct tiling {
  ml_shape apart;   /* of the result */
  int64_t stride[ML_MAX_DIMS]; /* in x, 0 for a repetition */
  ml_dims repeated;
} tiling;

static ml_status tiling_of(ml_context *c, const ml_shape *x, const ml_integers *repeats, ml_shape *result, tiling *t) {
  int ndim = x->ndim > repeats->count ? x->ndim : repeats->count;
  if (ndim > ML_MAX_DIMS) return ml_fail(c, "tile: %d repetitions, at most %d are possible", repeats->count, ML_MAX_DIMS);
  int64_t stride[ML_MAX_DIMS];
  ml_strides_contiguous(x, stride);
  *t = (tiling){0};
  *result = (ml_shape){.ndim = ndim};
  for (int d = 0; d < ndim; d++) {
    int from = d - (ndim - x->ndim), of = d - (ndim - repeats->count);
    int64_t size = from < 0 ? 1 : x->size[from], times = of < 0 ? 1 : repeats->value[of];
    if (times < 0) return ml_fail(c, "tile: a repetition must not be negative, but is %lld", (long long)times);
    if (__builtin_mul_overflow(size, times, &result->size[d])) return ml_fail(c, "tile: the result has too many elements");
    if (t->apart.ndim + (times != 1) >= ML_MAX_DIMS + (size == 1))
      return ml_fail(c, "tile: too many dimensions are repeated at once\n  hint: reshape, or repeat one after the other");
    if (times != 1) {
      t->repeated.dim[t->repeated.count++] = t->apart.ndim;
      t->apart.size[t->apart.ndim++] = times;
    }
    if (times != 1 && size == 1) continue;
    t->stride[t->apart.ndim] = from < 0 ? 0 : stride[from];
    t->apart.size[t->apart.ndim++] = size;
  }
  return ML_OK;
}

ml_status tile_infer(ml_context *c, const ml_tensor *x, const ml_integers *repeats, ml_meta *meta) {
  tiling t;
  return tiling_of(c, &x->shape, repeats, &meta->shape, &t);
}

ml_status tile_forward(ml_context *c, const ml_tensor *x, const ml_integers *repeats, ml_tensor *out) {
  ml_shape result;
  tiling t;
  ML_TRY(tiling_of(c, &x->shape, repeats, &result, &t));
  ml_tensor source = seen_as(x, &t.apart), place = seen_as(out, &t.apart);
  memcpy(source.stride, t.stride, sizeof source.stride);
  return ml_copy(c, &source, &place);
}

/* g (.. times, size ..) summed over `times`. */
static ml_status sum_repeated(ml_context *c, const ml_tensor *g, const ml_shape *apart, const ml_dims *repeated,
                              const ml_shape *input_shape, ml_tensor **dx) {
  ml_tensor *t[2] = {0};
  ml_status status = ml_reshape(c, g, apart, &t[0]);
  if (status == ML_OK) status = ml_sum(c, t[0], repeated, &(sum_options){0}, &t[1]);
  if (status == ML_OK) status = ml_reshape(c, t[1], input_shape, dx);
  ml_release(t[0]);
  ml_release(t[1]);
  return status;
}

ml_status tile_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_integers *repeats,
                        ml_tensor **dx) {
  ml_shape result;
  tiling t;
  ML_TRY(tiling_of(c, input_shape, repeats, &result, &t));
  return sum_repeated(c, g, &t.apart, &t.repeated, input_shape, dx);
}

ml_status repeat_interleave_infer(ml_context *c, const ml_tensor *x, int64_t repeats, int64_t dim, ml_meta *meta) {
  if (repeats < 0) return ml_fail(c, "repeat_interleave: repeats must not be negative, but is %lld", (long long)repeats);
  if (dim == ML_NO_DIM) {
    meta->shape = ml_make_shape(1, ml_count(x));
    dim = 0;
  }
  if (__builtin_mul_overflow(meta->shape.size[dim], repeats, &meta->shape.size[dim]))
    return ml_fail(c, "repeat_interleave: the result has too many elements");
  return ML_OK;
}

/* (outer, n, repeats, inner) */
static ml_shape interleaved(const ml_shape *x, int64_t repeats, int64_t dim) {
  ml_shape a = around(x, dim);
  return ml_make_shape(4, a.size[0], a.size[1], repeats, a.size[2]);
}

ml_status repeat_interleave_forward(ml_context *c, const ml_tensor *x, int64_t repeats, int64_t dim, ml_tensor *out) {
  ml_shape apart = interleaved(&x->shape, repeats, dim);
  ml_tensor source = seen_as(x, &apart), place = seen_as(out, &apart);
  int64_t inner = apart.size[3], stride[] = {apart.size[1] * inner, inner, 0, 1};
  memcpy(source.stride, stride, sizeof stride);
  return ml_copy(c, &source, &place);
}

ml_status repeat_interleave_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t repeats,
                                     int64_t dim, ml_tensor **dx) {
  ml_shape apart = interleaved(input_shape, repeats, dim);
  return sum_repeated(c, g, &apart, &(ml_dims){.count = 1, .dim = {2}}, input_shape, dx);
}

/* tril, triu ------------------------------------------------------------------------------------------------------- */

typedef struct triangle {
  const char *x;
  char *y;
  int64_t rows, columns, diagonal; /* of one matrix */
  size_t bytes;
  bool lower;
} triangle;

/* Rows begin..end of all matrices. In row i the diagonal ends before column i + diagonal + 1. */
static void triangle_body(void *arg, int64_t begin, int64_t end) {
  const triangle *t = arg;
  for (int64_t row = begin; row < end; row++) {
    int64_t cut = row % t->rows + t->diagonal + (t->lower ? 1 : 0);
    cut = cut < 0 ? 0 : cut > t->columns ? t->columns : cut;
    size_t left = (size_t)cut * t->bytes, all = (size_t)t->columns * t->bytes;
    const char *x = t->x + (size_t)row * all;
    char *y = t->y + (size_t)row * all;
    memcpy(t->lower ? y : y + left, t->lower ? x : x + left, t->lower ? left : all - left);
    memset(t->lower ? y + left : y, 0, t->lower ? all - left : left);
  }
}

static ml_status triangle_infer(ml_context *c, const char *op, const ml_tensor *x) {
  if (x->shape.ndim >= 2) return ML_OK;
  return ml_fail(c, "%s: a matrix, or several, is needed, not %s", op, ML_SHAPE(&x->shape));
}

static ml_status triangle_forward(ml_context *c, const ml_tensor *x, int64_t diagonal, bool lower, ml_tensor *out) {
  if (ml_count(x) == 0) return ML_OK;
  const int64_t *size = x->shape.size + x->shape.ndim - 2, limit = size[0] + size[1];
  diagonal = diagonal > limit ? limit : diagonal < -limit ? -limit : diagonal;
  triangle t = {ml_data(x), ml_data(out), size[0], size[1], diagonal, ml_dtype_size((ml_dtype)x->dtype), lower};
  return ml_parallel_for(c, ml_count(x) / size[1], 1 + (1 << 14) / size[1], triangle_body, &t);
}

ml_status tril_infer(ml_context *c, const ml_tensor *x, int64_t diagonal, ml_meta *meta) {
  (void)diagonal, (void)meta;
  return triangle_infer(c, "tril", x);
}
ml_status tril_forward(ml_context *c, const ml_tensor *x, int64_t diagonal, ml_tensor *out) {
  return triangle_forward(c, x, diagonal, true, out);
}
ml_status tril_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t diagonal, ml_tensor **dx) {
  (void)input_shape;
  return ml_tril(c, g, diagonal, dx);
}

ml_status triu_infer(ml_context *c, const ml_tensor *x, int64_t diagonal, ml_meta *meta) {
  (void)diagonal, (void)meta;
  return triangle_infer(c, "triu", x);
}
ml_status triu_forward(ml_context *c, const ml_tensor *x, int64_t diagonal, ml_tensor *out) {
  return triangle_forward(c, x, diagonal, false, out);
}
ml_status triu_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t diagonal, ml_tensor **dx) {
  (void)input_shape;
  return ml_triu(c, g, diagonal, dx);
}

/* diag ------------------------------------------------------------------------------------------------------------- */

/* How many elements the diagonal of a matrix has. */
static int64_t diagonal_length(const ml_shape *matrix, int64_t diagonal) {
  int64_t rows = matrix->size[0] + (diagonal < 0 ? diagonal : 0), columns = matrix->size[1] - (diagonal > 0 ? diagonal : 0);
  int64_t n = rows < columns ? rows : columns;
  return n < 0 ? 0 : n;
}

/* The diagonal of a contiguous matrix as a vector. */
static ml_tensor diagonal_of(const ml_tensor *matrix, int64_t diagonal) {
  ml_tensor t = *matrix;
  int64_t columns = matrix->shape.size[1];
  t.shape = ml_make_shape(1, diagonal_length(&matrix->shape, diagonal));
  t.stride[0] = columns + 1;
  t.offset += diagonal > 0 ? diagonal : -diagonal * columns;
  return t;
}

ml_status diag_infer(ml_context *c, const ml_tensor *x, int64_t diagonal, ml_meta *meta) {
  if (diagonal < -(INT64_C(1) << 31) || diagonal > INT64_C(1) << 31) return ml_fail(c, "diag: diagonal %lld is too far out", (long long)diagonal);
  if (x->shape.ndim == 2) {
    meta->shape = ml_make_shape(1, diagonal_length(&x->shape, diagonal));
    return ML_OK;
  }
  if (x->shape.ndim != 1) return ml_fail(c, "diag: a vector or a matrix is needed, not %s", ML_SHAPE(&x->shape));
  int64_t n = x->shape.size[0] + (diagonal < 0 ? -diagonal : diagonal);
  meta->shape = ml_make_shape(2, n, n);
  return ML_OK;
}

ml_status diag_forward(ml_context *c, const ml_tensor *x, int64_t diagonal, ml_tensor *out) {
  if (x->shape.ndim == 2) {
    ml_tensor source = diagonal_of(x, diagonal);
    return ml_copy(c, &source, out);
  }
  memset(ml_data(out), 0, (size_t)ml_count(out) * ml_dtype_size((ml_dtype)out->dtype));
  ml_tensor place = diagonal_of(out, diagonal);
  return ml_copy(c, x, &place);
}

/* Of a matrix that is not square, g's matrix is cut or filled up. */
ml_status diag_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t diagonal, ml_tensor **dx) {
  ml_tensor *square;
  ML_TRY(ml_diag(c, g, diagonal, &square));
  if (input_shape->ndim == 1) {
    *dx = square;
    return ML_OK;
  }
  ml_integers sizes = {.count = 4};
  sizes.value[1] = input_shape->size[1] - square->shape.size[1];
  sizes.value[3] = input_shape->size[0] - square->shape.size[0];
  ml_status status = ml_pad(c, square, &sizes, 0, dx);
  ml_release(square);
  return status;
}

/* diag_embed -------------------------------------------------------------------------------------------------------- */

ml_status diag_embed_infer(ml_context *c, const ml_tensor *x, int64_t offset, int64_t dim1, int64_t dim2, ml_meta *meta) {
  int ndim = x->shape.ndim + 1;
  if (x->shape.ndim == 0 || ndim > ML_MAX_DIMS)
    return ml_fail(c, "diag_embed: from 1 to %d dimensions are possible, x has %d", ML_MAX_DIMS - 1, x->shape.ndim);
  if (dim1 == dim2) return ml_fail(c, "diag_embed: two dimensions are needed, dim1 and dim2 are both %lld", (long long)dim1 + 1);
  if (offset < -(INT64_C(1) << 31) || offset > INT64_C(1) << 31) return ml_fail(c, "diag_embed: offset %lld is too far out", (long long)offset);
  int64_t n = x->shape.size[ndim - 2] + (offset < 0 ? -offset : offset);
  int from = 0;
  for (int d = 0; d < ndim; d++) meta->shape.size[d] = d == dim1 || d == dim2 ? n : x->shape.size[from++];
  meta->shape.ndim = ndim;
  return ML_OK;
}

ml_status diag_embed_forward(ml_context *c, const ml_tensor *x, int64_t offset, int64_t dim1, int64_t dim2, ml_tensor *out) {
  memset(ml_data(out), 0, (size_t)ml_count(out) * ml_dtype_size((ml_dtype)out->dtype));
  ml_tensor place = *out;
  int k = 0;
  for (int d = 0; d < out->shape.ndim; d++) {
    if (d != dim1 && d != dim2) place.stride[k++] = out->stride[d];
  }
  place.shape = x->shape;
  place.stride[k] = out->stride[dim1] + out->stride[dim2];
  place.offset += offset < 0 ? -offset * out->stride[dim1] : offset * out->stride[dim2];
  return ml_copy(c, x, &place);
}

ml_status diag_embed_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t offset, int64_t dim1,
                              int64_t dim2, ml_tensor **dx) {
  (void)input_shape;
  return ml_diagonal(c, g, offset, dim1, dim2, dx);
}

/* outer ------------------------------------------------------------------------------------------------------------ */

ml_status outer_infer(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_meta *meta) {
  if (x->shape.ndim != 1 || y->shape.ndim != 1)
    return ml_fail(c, "outer: two vectors are needed, not %s and %s\n  hint: x:unsqueeze(-1) * y works for any shapes",
                   ML_SHAPE(&x->shape), ML_SHAPE(&y->shape));
  meta->shape = ml_make_shape(2, x->shape.size[0], y->shape.size[0]);
  meta->flops = ml_shape_count(&meta->shape);
  return ML_OK;
}

ml_status outer_forward(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_tensor *out) {
  ml_shape column = ml_make_shape(2, x->shape.size[0], 1);
  ml_tensor standing = seen_as(x, &column);
  return ml_elementwise_run(c, ml_ops[ML_OP_MUL].elementwise->forward.kernel, (ml_dtype)x->dtype,
                            (const ml_tensor *[]){&standing, y}, 2, out, NULL);
}

/* dx = g y, dy = g^T x */
ml_status outer_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y,
                         const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dy) {
  (void)input_shape;
  if (dx) ML_TRY(ml_matmul(c, g, y, dx));
  if (!dy) return ML_OK;
  ml_tensor *turned;
  ML_TRY(ml_transpose(c, g, 0, 1, &turned));
  ml_status status = ml_matmul(c, turned, x, dy);
  ml_release(turned);
  return status;
}
