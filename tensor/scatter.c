/* Ops that put elements where positions say: scatter, scatter_add, scatter_reduce, index_add, index_copy, index_fill,
 * masked_scatter. Each gives a copy of x with the elements put in.
 *
 * Where several elements meet in one place they are taken in the order of the index: the last one stays, sums and products
 * are one chain. Gradients are made of ops. */

#include "tensor/formula.h"
#include "tensor/parallel.h"
#include "tensor/positions.h"

#include <math.h>
#include <string.h>

/* The dimension's size of x may be any; the others, and all of the source, must hold those of index. */
static ml_status check_shapes(ml_context *c, const char *op, const ml_shape *x, const ml_shape *index, const ml_shape *source,
                              int64_t dim) {
  bool fits = x->ndim == index->ndim, holds = source->ndim == 0 || source->ndim == index->ndim;
  for (int d = 0; fits && d < x->ndim; d++) fits = d == dim || index->size[d] <= x->size[d];
  if (!fits)
    return ml_fail(c, "%s: index %s does not fit x %s: sizes of all dimensions but %lld must be at most those of x", op,
                   ML_SHAPE(index), ML_SHAPE(x), (long long)dim + 1);
  for (int d = 0; holds && d < source->ndim; d++) holds = index->size[d] <= source->size[d];
  if (!holds)
    return ml_fail(c, "%s: source %s has no element for each position of index %s\n  hint: source is a number, or at least as large as index in each dimension",
                   op, ML_SHAPE(source), ML_SHAPE(index));
  return ML_OK;
}

/* y = x with source put in. */
static ml_status scatter_run(ml_context *c, const char *op, ml_scatter_kind kind, const ml_tensor *x, const ml_tensor *index,
                             const ml_tensor *source, int64_t dim, ml_tensor *y) {
  ML_TRY(ml_check_positions_of(c, op, index, &x->shape, dim));
  ML_TRY(ml_copy(c, x, y));
  return ml_scatter_into(c, kind, &index->shape, dim, index, source, y);
}

/* The gradient of the source: what `g` has at the positions, in the source's shape. A number's is the sum. */
static ml_tensor *of_source(formula *w, ml_tensor *picked, const ml_shape *source) {
  if (w->status != ML_OK || ml_shape_equal(&picked->shape, source)) return picked;
  if (source->ndim == 0) return reshaped(w, sum_over(w, picked, &(ml_dims){.count = -1}), source);
  ml_integers border = {.count = 2 * source->ndim};
  for (int d = 0; d < source->ndim; d++) border.value[2 * (source->ndim - 1 - d) + 1] = source->size[d] - picked->shape.size[d];
  ml_tensor **t = place(w);
  return done(w, t, ml_pad(w->c, picked, &border, 0, t));
}

/* The part of a source that index has positions for. */
static ml_tensor *used(formula *w, const ml_tensor *source, const ml_shape *index) {
  if (source->shape.ndim == 0) return stretched(w, source, index);
  ml_integers border = {.count = 2 * index->ndim};
  bool whole = true;
  for (int d = 0; d < index->ndim; d++) {
    int64_t over = index->size[d] - source->shape.size[d];
    border.value[2 * (index->ndim - 1 - d) + 1] = over;
    whole = whole && over == 0;
  }
  if (whole) return (ml_tensor *)(uintptr_t)source;
  if (w->status != ML_OK) return NULL;
  ml_tensor **t = place(w);
  return done(w, t, ml_pad(w->c, source, &border, 0, t));
}

/* scatter ---------------------------------------------------------------------------------------------------------- */

ml_status scatter_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim,
                        ml_meta *meta) {
  (void)meta;
  return check_shapes(c, "scatter", &x->shape, &index->shape, &source->shape, dim);
}

ml_status scatter_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim,
                          ml_tensor *y) {
  return scatter_run(c, "scatter", ML_SCATTER_SET, x, index, source, dim, y);
}

/* Which elements of index are the last at their place: the mask of those that stay. */
static ml_tensor *stays(formula *w, const ml_shape *x, int64_t dim, const ml_tensor *index) {
  if (w->status != ML_OK) return NULL;
  ml_tensor **order = place(w), **winner = place(w);
  w->status = ml_empty(w->c, &index->shape, ML_INT64, order);
  if (w->status == ML_OK) w->status = ml_zeros(w->c, x, ML_INT64, winner);
  if (w->status != ML_OK) return NULL;
  for (int64_t i = 0, n = ml_count(index); i < n; i++) ml_i64(*order)[i] = i;
  w->status = ml_scatter_into(w->c, ML_SCATTER_SET, &index->shape, dim, index, *order, *winner);
  return equal(w, gathered(w, *winner, dim, index), *order);
}

ml_status scatter_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape, int64_t dim,
                           ml_tensor **dx, ml_tensor **dsource) {
  formula w = {.c = c};
  ml_tensor *zero = number(&w, 0);
  ml_tensor *rest = dx ? scattered(&w, g, dim, index, zero) : NULL;
  ml_tensor *source = dsource ? of_source(&w, choose(&w, stays(&w, &input_shape[0], dim, index), gathered(&w, g, dim, index), zero), &input_shape[2]) : NULL;
  if (w.status == ML_OK && dx) *dx = ml_retain(rest);
  return finish(&w, source, dsource);
}

/* scatter_add ------------------------------------------------------------------------------------------------------ */

ml_status scatter_add_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim,
                            ml_meta *meta) {
  meta->flops = ml_count(index);
  return check_shapes(c, "scatter_add", &x->shape, &index->shape, &source->shape, dim);
}

ml_status scatter_add_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim,
                              ml_tensor *y) {
  return scatter_run(c, "scatter_add", ML_SCATTER_ADD, x, index, source, dim, y);
}

ml_status scatter_add_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape, int64_t dim,
                               ml_tensor **dx, ml_tensor **dsource) {
  formula w = {.c = c};
  if (dx) *dx = ml_retain((ml_tensor *)(uintptr_t)g);
  ml_tensor *source = dsource ? of_source(&w, gathered(&w, g, dim, index), &input_shape[2]) : NULL;
  return finish(&w, source, dsource);
}

/* scatter_reduce --------------------------------------------------------------------------------------------------- */

ml_status scatter_reduce_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim,
                               ml_reducing reducing, const scatter_reduce_options *o, ml_meta *meta) {
  (void)o, (void)reducing;
  meta->flops = ml_count(index);
  return check_shapes(c, "scatter_reduce", &x->shape, &index->shape, &source->shape, dim);
}

/* What a reduction starts from. */
static double neutral(ml_reducing reducing, ml_dtype dtype) {
  static const double most[] = {1, UINT8_MAX, INT32_MAX, (double)INT64_MAX}, least[] = {0, 0, INT32_MIN, (double)INT64_MIN};
  switch (reducing) {
  case ML_REDUCING_AMAX: return ml_dtype_is_float(dtype) ? -INFINITY : least[dtype];
  case ML_REDUCING_AMIN: return ml_dtype_is_float(dtype) ? INFINITY : most[dtype];
  case ML_REDUCING_PROD: return 1;
  default: return 0;
  }
}

/* kind(.., value) at the places of index. */
static ml_status at_places(ml_context *c, ml_scatter_kind kind, double value, int64_t dim, const ml_tensor *index, ml_tensor *y) {
  ml_tensor *source;
  ML_TRY(ml_full(c, &(ml_shape){.ndim = 0}, (ml_dtype)y->dtype, value, &source));
  ml_status status = ml_scatter_into(c, kind, &index->shape, dim, index, source, y);
  ml_release(source);
  return status;
}

/* How many elements of index name each place, plus `own`. */
static ml_tensor *places_named(formula *w, const ml_shape *x, int64_t dim, const ml_tensor *index, bool own, ml_dtype dtype) {
  if (w->status != ML_OK) return NULL;
  ml_tensor **n = place(w);
  w->status = ml_full(w->c, x, dtype, own, n);
  if (w->status == ML_OK) w->status = at_places(w->c, ML_SCATTER_ADD, 1, dim, index, *n);
  return *n;
}

/* What the sums of a mean are divided by: 1 where no element came. */
static ml_tensor *divisor(formula *w, const ml_shape *x, int64_t dim, const ml_tensor *index, bool own, ml_dtype dtype) {
  ml_tensor *n = places_named(w, x, dim, index, own, dtype), *one = number(w, 1);
  return choose(w, equal(w, n, number(w, 0)), one, n);
}

/* Sums become means; of integers, rounded down. */
static ml_status divide(ml_context *c, int64_t dim, const ml_tensor *index, bool own, ml_tensor *y) {
  int64_t flops = c->flops; /* infer has said them */
  formula w = {.c = c};
  ml_tensor *n = divisor(&w, &y->shape, dim, index, own, (ml_dtype)y->dtype), *mean = NULL;
  if (w.status == ML_OK) {
    ml_tensor **t = place(&w);
    mean = done(&w, t, ml_dtype_is_float((ml_dtype)y->dtype) ? ml_div(c, y, n, t) : ml_floor_divide(c, y, n, t));
  }
  if (w.status == ML_OK) w.status = ml_copy(c, mean, y);
  c->flops = flops;
  return finish(&w, NULL, NULL);
}

ml_status scatter_reduce_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim,
                                 ml_reducing reducing, const scatter_reduce_options *o, ml_tensor *y) {
  static const ml_scatter_kind kind[] = {[ML_REDUCING_SUM] = ML_SCATTER_ADD, [ML_REDUCING_PROD] = ML_SCATTER_MUL,
    [ML_REDUCING_MEAN] = ML_SCATTER_ADD, [ML_REDUCING_AMAX] = ML_SCATTER_MAX, [ML_REDUCING_AMIN] = ML_SCATTER_MIN};
  ML_TRY(ml_check_positions_of(c, "scatter_reduce", index, &x->shape, dim));
  ML_TRY(ml_copy(c, x, y));
  if (!o->include_self) ML_TRY(at_places(c, ML_SCATTER_SET, neutral(reducing, (ml_dtype)y->dtype), dim, index, y));
  ML_TRY(ml_scatter_into(c, kind[reducing], &index->shape, dim, index, source, y));
  return reducing == ML_REDUCING_MEAN ? divide(c, dim, index, o->include_self, y) : ML_OK;
}

typedef struct reducing_call {
  const ml_tensor *g, *x, *index, *source, *result; /* source: the part that index has positions for */
  int64_t dim;
  ml_reducing reducing;
  bool include_self;
} reducing_call;

/* Of those that are the result, each gets an equal share of g. */
static void extreme_gradient(formula *w, const reducing_call *k, ml_tensor **dx, ml_tensor **dsource) {
  ml_tensor *own = as_type_of(w, equal(w, k->x, k->result), k->g);
  ml_tensor *came = as_type_of(w, equal(w, k->source, gathered(w, k->result, k->dim, k->index)), k->g);
  ml_tensor *base = k->include_self ? own : scattered(w, own, k->dim, k->index, number(w, 0));
  ml_tensor *n = scatter_added(w, base, k->dim, k->index, came);
  ml_tensor *share = over(w, k->g, choose(w, equal(w, n, number(w, 0)), number(w, 1), n));
  *dx = times(w, share, own);
  *dsource = times(w, gathered(w, share, k->dim, k->index), came);
}

/* A factor's gradient is the product of the others: result / factor, or, of the only 0, the product without it. */
static void product_gradient(formula *w, const reducing_call *k, ml_tensor **dx, ml_tensor **dsource) {
  ml_tensor *zero = number(w, 0), *one = number(w, 1);
  ml_tensor *own_zero = equal(w, k->x, zero), *zeros = equal(w, k->source, zero);
  ml_tensor *n = as_type_of(w, own_zero, k->g);
  if (!k->include_self) n = times(w, n, zero);
  n = scatter_added(w, n, k->dim, k->index, as_type_of(w, zeros, k->g)); /* zeros at each place */
  ml_tensor *x1 = choose(w, own_zero, one, k->x), *source1 = choose(w, zeros, one, k->source);
  if (w->status != ML_OK) return;
  ml_tensor **t = place(w);
  ml_tensor *without = done(w, t, ml_scatter_reduce(w->c, x1, k->index, source1, k->dim, ML_REDUCING_PROD,
                                                    &(scatter_reduce_options){.include_self = k->include_self}, t));
  ml_tensor *product = times(w, k->g, without); /* of all but the zeros */
  ml_tensor *there = gathered(w, product, k->dim, k->index), *count = gathered(w, n, k->dim, k->index);
  ml_tensor *alone = both(w, zeros, equal(w, count, one)), *none = equal(w, count, zero);
  *dsource = choose(w, either(w, alone, none), over(w, there, source1), zero);
  ml_tensor *own_alone = both(w, own_zero, equal(w, n, one)), *own_none = equal(w, n, zero);
  *dx = choose(w, either(w, own_alone, own_none), over(w, product, x1), zero);
}

ml_status scatter_reduce_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source,
                                  const ml_tensor *result, const ml_shape *input_shape, int64_t dim, ml_reducing reducing,
                                  const scatter_reduce_options *o, ml_tensor **dx, ml_tensor **dsource) {
  formula w = {.c = c};
  reducing_call k = {g, x, index, used(&w, source, &index->shape), result, dim, reducing, o->include_self};
  ml_tensor *own = (ml_tensor *)(uintptr_t)g, *came = NULL;
  if (reducing == ML_REDUCING_AMAX || reducing == ML_REDUCING_AMIN) {
    extreme_gradient(&w, &k, &own, &came);
  } else if (reducing == ML_REDUCING_PROD) {
    product_gradient(&w, &k, &own, &came);
  } else {
    if (reducing == ML_REDUCING_MEAN) own = over(&w, g, divisor(&w, &x->shape, dim, index, o->include_self, (ml_dtype)g->dtype));
    came = gathered(&w, own, dim, index);
  }
  if (dx && !o->include_self) own = scattered(&w, own, dim, index, number(&w, 0));
  came = dsource ? of_source(&w, came, &input_shape[2]) : NULL;
  if (w.status == ML_OK && dx) *dx = ml_retain(own);
  return finish(&w, came, dsource);
}

/* index_add, index_copy, index_fill -------------------------------------------------------------------------------- */

/* index: a vector of positions of dim; source: x's shape but for as many positions of dim, or a number. */
static ml_status check_rows(ml_context *c, const char *op, const ml_shape *x, const ml_shape *index, const ml_shape *source, int64_t dim) {
  if (index->ndim != 1) return ml_fail(c, "%s: index must be a vector of positions, not %s", op, ML_SHAPE(index));
  ml_shape want = *x;
  want.size[dim] = index->size[0];
  if (source->ndim == 0 || ml_shape_equal(source, &want)) return ML_OK;
  return ml_fail(c, "%s: source must be %s, x %s with one position of dimension %lld for each of index, got %s", op,
                 ML_SHAPE(&want), ML_SHAPE(x), (long long)dim + 1, ML_SHAPE(source));
}

static ml_status put_rows(ml_context *c, const char *op, ml_scatter_kind kind, const ml_tensor *x, const ml_tensor *index,
                          const ml_tensor *source, int64_t dim, ml_tensor *y) {
  ML_TRY(ml_check_positions_of(c, op, index, &x->shape, dim));
  ML_TRY(ml_copy(c, x, y));
  ml_shape block = x->shape;
  block.size[dim] = index->shape.size[0];
  return ml_scatter_into(c, kind, &block, dim, index, source, y);
}

ml_status index_add_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim, ml_meta *meta) {
  meta->flops = ml_count(source);
  return check_rows(c, "index_add", &x->shape, &index->shape, &source->shape, dim);
}

ml_status index_add_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim, ml_tensor *y) {
  return put_rows(c, "index_add", ML_SCATTER_ADD, x, index, source, dim, y);
}

ml_status index_add_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape, int64_t dim,
                             ml_tensor **dx, ml_tensor **dsource) {
  formula w = {.c = c};
  if (dx) *dx = ml_retain((ml_tensor *)(uintptr_t)g);
  return finish(&w, dsource ? of_source(&w, selected(&w, g, dim, index), &input_shape[2]) : NULL, dsource);
}

ml_status index_copy_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim, ml_meta *meta) {
  (void)meta;
  return check_rows(c, "index_copy", &x->shape, &index->shape, &source->shape, dim);
}

ml_status index_copy_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim, ml_tensor *y) {
  return put_rows(c, "index_copy", ML_SCATTER_SET, x, index, source, dim, y);
}

ml_status index_copy_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape, int64_t dim,
                              ml_tensor **dx, ml_tensor **dsource) {
  formula w = {.c = c};
  ml_tensor *zero = number(&w, 0), *rest = dx ? index_copied(&w, g, dim, index, zero) : NULL, *source = NULL;
  if (dsource) {
    ml_shape line = ml_make_shape(1, input_shape[0].size[dim]), stretchable = {.ndim = g->shape.ndim};
    for (int d = 0; d < stretchable.ndim; d++) stretchable.size[d] = d == dim ? index->shape.size[0] : 1;
    ml_tensor *last = reshaped(&w, stays(&w, &line, 0, index), &stretchable);
    source = of_source(&w, choose(&w, last, selected(&w, g, dim, index), zero), &input_shape[2]);
  }
  if (w.status == ML_OK && dx) *dx = ml_retain(rest);
  return finish(&w, source, dsource);
}

ml_status index_fill_infer(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, double value, ml_meta *meta) {
  (void)value, (void)meta;
  return check_rows(c, "index_fill", &x->shape, &index->shape, &(ml_shape){.ndim = 0}, dim);
}

ml_status index_fill_forward(ml_context *c, const ml_tensor *x, const ml_tensor *index, int64_t dim, double value, ml_tensor *y) {
  ml_tensor *source;
  ML_TRY(ml_full(c, &(ml_shape){.ndim = 0}, (ml_dtype)x->dtype, value, &source));
  ml_status status = put_rows(c, "index_fill", ML_SCATTER_SET, x, index, source, dim, y);
  ml_release(source);
  return status;
}

ml_status index_fill_backward(ml_context *c, const ml_tensor *g, const ml_tensor *index, const ml_shape *input_shape, int64_t dim,
                              double value, ml_tensor **dx) {
  (void)input_shape, (void)value;
  return dx ? ml_index_fill(c, g, index, dim, 0, dx) : ML_OK;
}

/* masked_scatter --------------------------------------------------------------------------------------------------- */

ml_status masked_scatter_infer(ml_context *c, const ml_tensor *x, const ml_tensor *mask, const ml_tensor *source, ml_meta *meta) {
  (void)source, (void)meta;
  if (ml_shape_equal(&x->shape, &mask->shape)) return ML_OK;
  return ml_fail(c, "masked_scatter: the mask is %s, but must have the shape of x, %s", ML_SHAPE(&mask->shape), ML_SHAPE(&x->shape));
}

/* All contiguous. */
ml_status masked_scatter_forward(ml_context *c, const ml_tensor *x, const ml_tensor *mask, const ml_tensor *source, ml_tensor *y) {
  const uint8_t *holds = ml_data(mask);
  int64_t n = ml_count(mask), count = 0;
  for (int64_t i = 0; i < n; i++) count += holds[i] != 0;
  if (count > ml_count(source))
    return ml_fail(c, "masked_scatter: the mask holds at %lld places, source has %lld elements", (long long)count, (long long)ml_count(source));
  ML_TRY(ml_copy(c, x, y));
  size_t bytes = ml_dtype_size((ml_dtype)x->dtype);
  const char *from = ml_data(source);
  char *to = ml_data(y);
  for (int64_t i = 0; i < n; i++) {
    if (!holds[i]) continue;
    memcpy(to + (size_t)i * bytes, from, bytes);
    from += bytes;
  }
  return ML_OK;
}

ml_status masked_scatter_backward(ml_context *c, const ml_tensor *g, const ml_tensor *mask, const ml_shape *input_shape,
                                  ml_tensor **dx, ml_tensor **dsource) {
  formula w = {.c = c};
  if (dx) ML_TRY(ml_masked_fill(c, g, mask, 0, dx));
  if (!dsource) return ML_OK;
  ml_tensor **picked = place(&w);
  ml_tensor *flat = done(&w, picked, ml_masked_select(c, g, mask, picked));
  ml_shape all = ml_make_shape(1, ml_shape_count(&input_shape[2]));
  return finish(&w, reshaped(&w, w.status == ML_OK ? of_source(&w, flat, &all) : NULL, &input_shape[2]), dsource);
}
