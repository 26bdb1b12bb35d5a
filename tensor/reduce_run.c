/* How a reduction over any dimensions becomes calls of kernels.
 *
 * Dimensions that lie behind one another in memory are merged. Then there are three cases: the reduced elements are
 * contiguous (rows); the kept ones are, innermost (columns); or neither, and a copy with the reduced dimensions last is
 * made. Long rows are cut into segments and tall columns into blocks of fixed sizes; what these give is reduced in
 * turn. So the order of additions depends on the shape only. */

#include "tensor/reduce.h"

#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/parallel.h"

#include <string.h>

enum {
  PIECE = 1 << 15,  /* elements that one piece of parallel work takes, about */
  BLOCK_ROWS = 128, /* rows of a block of tall columns, */
  STRIP = 1024      /* and columns */
};

int64_t ml_reduced_count(const ml_shape *x, const ml_dims *dims) {
  int64_t n = 1;
  for (int i = 0; i < dims->count; i++) n *= x->size[dims->dim[i]];
  return n;
}

ml_shape ml_reduced_shape(const ml_shape *x, const ml_dims *dims, bool keepdim) {
  ml_shape s = {0};
  for (int d = 0; d < x->ndim; d++) {
    bool reduced = ml_dims_has(dims, d);
    if (!reduced || keepdim) s.size[s.ndim++] = reduced ? 1 : x->size[d];
  }
  return s;
}

/* Merged dimensions, outermost first. */
typedef struct axes {
  int count;
  int64_t size[ML_MAX_DIMS], stride[ML_MAX_DIMS];
} axes;

static void axes_add(axes *a, int64_t size, int64_t stride) {
  if (size == 1) return;
  int last = a->count - 1;
  if (last >= 0 && a->stride[last] == size * stride) {
    a->size[last] *= size;
    a->stride[last] = stride;
    return;
  }
  a->size[a->count] = size;
  a->stride[a->count++] = stride;
}

static int64_t axes_count(const axes *a) {
  int64_t n = 1;
  for (int d = 0; d < a->count; d++) n *= a->size[d];
  return n;
}

/* Where position i of the first `count` axes stands, in elements. */
static int64_t axes_offset(const axes *a, int count, int64_t i) {
  int64_t offset = 0;
  for (int d = count - 1; d >= 0; d--) {
    offset += i % a->size[d] * a->stride[d];
    i /= a->size[d];
  }
  return offset;
}

typedef struct plan {
  ml_reduce_kind kind;
  ml_dtype dtype;
  const ml_reduce_kernels *kernels;
  const char *x;
  size_t size;       /* of an element of x */
  axes kept;         /* the last one is the columns, if `columns` */
  int64_t n, stride; /* reduced elements; rows: their stride is 1 */
  bool columns;
} plan;

static const ml_reduce_kernels *kernels_for(ml_dtype dtype) {
  switch (dtype) {
  case ML_BOOL:
  case ML_UINT8: return ML_ISA_CHOOSE(ml_reduce_u8);
  case ML_INT32: return ML_ISA_CHOOSE(ml_reduce_i32);
  case ML_INT64: return ML_ISA_CHOOSE(ml_reduce_i64);
  case ML_FLOAT32: return ML_ISA_CHOOSE(ml_reduce_f32);
  default: return ML_ISA_CHOOSE(ml_reduce_f64);
  }
}

static ml_dtype result_type(ml_reduce_kind kind, ml_dtype x) {
  if (kind == ML_REDUCE_ANY || kind == ML_REDUCE_ALL) return ML_BOOL;
  bool widens = kind == ML_REDUCE_SUM || kind == ML_REDUCE_PRODUCT;
  return widens && !ml_dtype_is_float(x) ? ML_INT64 : x;
}

/* What reduces partial results. */
static ml_reduce_kind continued(ml_reduce_kind kind) {
  if (kind <= ML_REDUCE_SUM_POWER) return ML_REDUCE_SUM;
  return kind == ML_REDUCE_MAX_ABS ? ML_REDUCE_MAX : kind;
}

static bool has_own_center(ml_reduce_kind kind) { return kind == ML_REDUCE_SUM_DEVIATION || kind == ML_REDUCE_SUM_EXP; }

/* Whether x can be reduced as it lies; fills in the plan if so. */
static bool plan_for(const ml_tensor *x, const ml_dims *dims, plan *p) {
  axes reduced = {0};
  p->kept.count = 0;
  for (int d = 0; d < x->shape.ndim; d++)
    axes_add(ml_dims_has(dims, d) ? &reduced : &p->kept, x->shape.size[d], x->stride[d]);
  p->dtype = (ml_dtype)x->dtype;
  p->kernels = kernels_for(p->dtype);
  p->size = ml_dtype_size(p->dtype);
  p->x = ml_data(x);
  p->n = axes_count(&reduced);
  if (reduced.count > 1) return false;
  p->stride = reduced.count == 1 ? reduced.stride[0] : 0;
  int last = p->kept.count - 1;
  p->columns = last >= 0 && p->kept.stride[last] == 1 && p->stride != 1;
  return p->columns || p->stride == 1 || reduced.count == 0;
}

/* A copy of x with the reduced dimensions last, which can always be reduced as it lies. */
static ml_status copy_reduced_last(ml_context *c, const ml_tensor *x, const ml_dims *dims, ml_tensor **copy,
                                   ml_dims *moved) {
  ml_tensor turned = *x; /* borrowed */
  int to = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int d = 0; d < x->shape.ndim; d++) {
      if (ml_dims_has(dims, d) != (pass == 1)) continue;
      turned.shape.size[to] = x->shape.size[d];
      turned.stride[to++] = x->stride[d];
    }
  }
  moved->count = dims->count;
  for (int i = 0; i < dims->count; i++) moved->dim[i] = x->shape.ndim - dims->count + i;
  ML_TRY(ml_empty(c, &turned.shape, (ml_dtype)x->dtype, copy));
  ml_status status = ml_copy(c, &turned, *copy);
  if (status != ML_OK) ml_release(*copy);
  return status;
}

/* Plan for x or, where that can't be, for a copy in *copy (else NULL). */
static ml_status make_plan(ml_context *c, const ml_tensor *x, const ml_dims *dims, plan *p, ml_tensor **copy) {
  *copy = NULL;
  if (plan_for(x, dims, p)) return ML_OK;
  ml_dims moved;
  ML_TRY(copy_reduced_last(c, x, dims, copy, &moved));
  if (plan_for(*copy, &moved, p)) return ML_OK;
  ml_release(*copy);
  *copy = NULL;
  return ml_fail(c, "reduction: a row-major copy can't be reduced");
}

static int64_t grain_for(int64_t elements) {
  if (elements < 1) elements = 1;
  return elements >= PIECE ? 1 : PIECE / elements;
}

/* Reducing --------------------------------------------------------------------------------------------------------- */

typedef struct reducing {
  const plan *p;
  const char *center;
  char *y;
  size_t result;                /* bytes of an element of y */
  int64_t segments;             /* rows: of each row */
  int64_t width;                /* columns: how many, */
  int64_t blocks, strips;       /* and into what they are cut */
  int64_t length, block, strip; /* of a segment, a block, a strip */
} reducing;

/* The centers from result i on. */
static const char *center_at(const reducing *r, int64_t i) {
  return r->center != NULL && has_own_center(r->p->kind) ? r->center + i * (int64_t)r->p->size : r->center;
}

/* Whole rows begin..end: y (rows). Rows that are evenly apart go to the kernel together. */
static void rows_body(void *arg, int64_t begin, int64_t end) {
  const reducing *r = arg;
  const plan *p = r->p;
  int last = p->kept.count - 1;
  int64_t run = last >= 0 ? p->kept.size[last] : 1, step = last >= 0 ? p->kept.stride[last] : 0;
  for (int64_t row = begin; row < end;) {
    int64_t together = run - row % run;
    if (together > end - row) together = end - row;
    const char *x = p->x + axes_offset(&p->kept, p->kept.count, row) * (int64_t)p->size;
    p->kernels->rows[p->kind](together, p->n, x, step, center_at(r, row), r->y + row * (int64_t)r->result);
    row += together;
  }
}

/* Segments begin..end of all rows': y (rows, segments). */
static void segments_body(void *arg, int64_t begin, int64_t end) {
  const reducing *r = arg;
  const plan *p = r->p;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t row = piece / r->segments, from = piece % r->segments * r->length;
    int64_t n = p->n - from < r->length ? p->n - from : r->length;
    const char *x = p->x + (axes_offset(&p->kept, p->kept.count, row) + from) * (int64_t)p->size;
    p->kernels->rows[p->kind](1, n, x, 0, center_at(r, row), r->y + piece * (int64_t)r->result);
  }
}

/* Pieces begin..end of (outer, blocks, strips): y (outer, blocks, width). */
static void columns_body(void *arg, int64_t begin, int64_t end) {
  const reducing *r = arg;
  const plan *p = r->p;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t column = piece % r->strips * r->strip, part = piece / r->strips; /* part: (outer, block) */
    int64_t outer = part / r->blocks, row = part % r->blocks * r->block;
    int64_t rows = p->n - row < r->block ? p->n - row : r->block;
    int64_t columns = r->width - column < r->strip ? r->width - column : r->strip;
    int64_t offset = axes_offset(&p->kept, p->kept.count - 1, outer) + row * p->stride + column;
    p->kernels->columns[p->kind](rows, columns, p->x + offset * (int64_t)p->size, p->stride,
                                 center_at(r, outer * r->width + column),
                                 r->y + (part * r->width + column) * (int64_t)r->result);
  }
}

static ml_status run(ml_context *c, const plan *p, const void *center, void *y);

/* Reduces the partial results (outer, parts, width) to y (outer, width). */
static ml_status continue_with(ml_context *c, const plan *p, const void *partial, int64_t outer, int64_t parts,
                               int64_t width, void *y) {
  ml_dtype dtype = result_type(p->kind, p->dtype);
  plan next = {.kind = continued(p->kind),
               .dtype = dtype,
               .kernels = kernels_for(dtype),
               .x = partial,
               .size = ml_dtype_size(dtype),
               .n = parts,
               .stride = width,
               .columns = width > 1};
  axes_add(&next.kept, outer, parts * width);
  if (width > 1) {
    next.kept.size[next.kept.count] = width; /* never merged: outer is parts * width apart, and parts > 1 */
    next.kept.stride[next.kept.count++] = 1;
  }
  return run(c, &next, NULL, y);
}

static ml_status run_rows(ml_context *c, const plan *p, const void *center, void *y) {
  size_t result = ml_dtype_size(result_type(p->kind, p->dtype));
  int64_t rows = axes_count(&p->kept);
  reducing r = {.p = p, .center = center, .y = y, .result = result, .length = ML_REDUCE_SEGMENT};
  if (p->n <= ML_REDUCE_SEGMENT) return ml_parallel_for(c, rows, grain_for(p->n), rows_body, &r);

  r.segments = ml_pieces(p->n, r.length);
  size_t bytes = (size_t)(rows * r.segments) * result;
  void *partial;
  ML_TRY(ml_alloc_checked(c, bytes, &partial));
  r.y = partial;
  ml_status status = ml_parallel_for(c, rows * r.segments, 1, segments_body, &r);
  if (status == ML_OK) status = continue_with(c, p, partial, rows, r.segments, 1, y);
  ml_free(partial, bytes);
  return status;
}

static ml_status run_columns(ml_context *c, const plan *p, const void *center, void *y) {
  size_t result = ml_dtype_size(result_type(p->kind, p->dtype));
  int64_t width = p->kept.size[p->kept.count - 1], outer = axes_count(&p->kept) / width;
  reducing r = {.p = p,
                .center = center,
                .y = y,
                .result = result,
                .width = width,
                .block = BLOCK_ROWS,
                .strip = STRIP,
                .blocks = ml_pieces(p->n, BLOCK_ROWS),
                .strips = ml_pieces(width, STRIP)};
  int64_t pieces = outer * r.blocks * r.strips;
  int64_t grain = grain_for((p->n < BLOCK_ROWS ? p->n : BLOCK_ROWS) * (width < STRIP ? width : STRIP));
  if (r.blocks == 1) return ml_parallel_for(c, pieces, grain, columns_body, &r);

  size_t bytes = (size_t)(outer * r.blocks * width) * result;
  void *partial;
  ML_TRY(ml_alloc_checked(c, bytes, &partial));
  r.y = partial;
  ml_status status = ml_parallel_for(c, pieces, grain, columns_body, &r);
  if (status == ML_OK) status = continue_with(c, p, partial, outer, r.blocks, width, y);
  ml_free(partial, bytes);
  return status;
}

static ml_status run(ml_context *c, const plan *p, const void *center, void *y) {
  return p->columns ? run_columns(c, p, center, y) : run_rows(c, p, center, y);
}

ml_status ml_reduce(ml_context *c, ml_reduce_kind kind, const ml_tensor *x, const ml_dims *dims, const void *center,
                    void *y) {
  if (ml_count(x) == 0) return ML_OK;
  plan p = {.kind = kind};
  ml_tensor *copy;
  ML_TRY(make_plan(c, x, dims, &p, &copy));
  ml_status status = run(c, &p, center, y);
  ml_release(copy);
  return status;
}

/* Places ----------------------------------------------------------------------------------------------------------- */

typedef struct placing {
  const plan *p;
  const char *value;
  int64_t *place;
  int64_t segments, length;     /* rows */
  int64_t width, strips, strip; /* columns */
} placing;

/* Segments begin..end of all rows: place (rows, segments), 0 where the value is not in it. */
static void find_in_segments(void *arg, int64_t begin, int64_t end) {
  const placing *f = arg;
  const plan *p = f->p;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t row = piece / f->segments, from = piece % f->segments * f->length;
    int64_t n = p->n - from < f->length ? p->n - from : f->length;
    const char *x = p->x + (axes_offset(&p->kept, p->kept.count, row) + from) * (int64_t)p->size;
    int64_t at = p->kernels->find(n, x, f->value + row * (int64_t)p->size);
    f->place[piece] = at < 0 ? 0 : from + at + 1;
  }
}

/* Pieces begin..end of (outer, strips): place (outer, width). */
static void find_in_columns(void *arg, int64_t begin, int64_t end) {
  const placing *f = arg;
  const plan *p = f->p;
  for (int64_t piece = begin; piece < end; piece++) {
    int64_t outer = piece / f->strips, column = piece % f->strips * f->strip;
    int64_t columns = f->width - column < f->strip ? f->width - column : f->strip;
    int64_t offset = axes_offset(&p->kept, p->kept.count - 1, outer) + column, at = outer * f->width + column;
    p->kernels->find_columns(p->n, columns, p->x + offset * (int64_t)p->size, p->stride,
                             f->value + at * (int64_t)p->size, f->place + at);
  }
}

static ml_status place_rows(ml_context *c, const plan *p, const void *value, int64_t *place) {
  int64_t rows = axes_count(&p->kept);
  placing f = {.p = p,
               .value = value,
               .place = place,
               .length = ML_REDUCE_SEGMENT,
               .segments = ml_pieces(p->n, ML_REDUCE_SEGMENT)};
  int64_t grain = grain_for(p->n < f.length ? p->n : f.length);
  if (f.segments == 1) return ml_parallel_for(c, rows, grain, find_in_segments, &f);

  size_t bytes = (size_t)(rows * f.segments) * sizeof *place;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&f.place));
  ml_status status = ml_parallel_for(c, rows * f.segments, grain, find_in_segments, &f);
  for (int64_t r = 0; status == ML_OK && r < rows; r++) {
    const int64_t *s = f.place + r * f.segments;
    while (*s == 0) s++; /* the value is somewhere in the row */
    place[r] = *s;
  }
  ml_free(f.place, bytes);
  return status;
}

static ml_status place_columns(ml_context *c, const plan *p, const void *value, int64_t *place) {
  int64_t width = p->kept.size[p->kept.count - 1], outer = axes_count(&p->kept) / width;
  placing f = {
      .p = p, .value = value, .place = place, .width = width, .strip = STRIP, .strips = ml_pieces(width, STRIP)};
  return ml_parallel_for(c, outer * f.strips, grain_for(p->n * (width < STRIP ? width : STRIP)), find_in_columns, &f);
}

ml_status ml_reduce_places(ml_context *c, const ml_tensor *x, const ml_dims *dims, const void *value, int64_t *place) {
  if (ml_count(x) == 0) return ML_OK;
  plan p = {0};
  ml_tensor *copy;
  ML_TRY(make_plan(c, x, dims, &p, &copy));
  ml_status status = p.columns ? place_columns(c, &p, value, place) : place_rows(c, &p, value, place);
  ml_release(copy);
  return status;
}
