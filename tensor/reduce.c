/* Reductions over any dimensions: sum prod mean var std min max any all norm logsumexp argmin argmax.
 *
 * Each is one or two runs of the kernels (reduce_run.c) and a last step for each result. var is two-pass (Chan, Golub,
 * LeVeque 1983): the mean first, then the squares of the deviations. logsumexp is shifted by the maximum. Backwards
 * stand in reduce_grad.c. */

#include "tensor/reduce.h"

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <math.h>

/* infer ------------------------------------------------------------------------------------------------------------ */

static void reduced_meta(const ml_tensor *x, const ml_dims *dims, bool keepdim, ml_meta *meta) {
  meta->shape = ml_reduced_shape(&x->shape, dims, keepdim);
  meta->flops += ml_count(x);
}

/* Whether there are results, but no elements to get them from. */
static bool over_nothing(const ml_tensor *x, const ml_dims *dims) {
  ml_shape kept = ml_reduced_shape(&x->shape, dims, false);
  return ml_reduced_count(&x->shape, dims) == 0 && ml_shape_count(&kept) > 0;
}

static ml_status refuse_nothing(ml_context *c, const char *op, const ml_tensor *x, const ml_dims *dims) {
  if (!over_nothing(x, dims)) return ML_OK;
  for (int i = 0; i < dims->count; i++) {
    if (x->shape.size[dims->dim[i]] == 0)
      return ml_fail(c, "%s: dimension %lld of %s has no elements to choose from", op, (long long)dims->dim[i] + 1,
                     ML_SHAPE(&x->shape));
  }
  return ML_OK;
}

ml_status sum_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const sum_options *options, ml_meta *meta) {
  (void)c;
  reduced_meta(x, dims, options->keepdim, meta);
  if (!ml_dtype_is_float((ml_dtype)x->dtype)) meta->dtype = ML_INT64;
  return ML_OK;
}

ml_status prod_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const prod_options *options, ml_meta *meta) {
  return sum_infer(c, x, dims, &(sum_options){.keepdim = options->keepdim}, meta);
}

ml_status mean_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const mean_options *options,
                     ml_meta *meta) {
  (void)c;
  reduced_meta(x, dims, options->keepdim, meta);
  return ML_OK;
}

ml_status var_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const var_options *options, ml_meta *meta) {
  (void)c;
  reduced_meta(x, dims, options->keepdim, meta);
  meta->flops += 3 * ml_count(x);
  return ML_OK;
}

ml_status std_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const std_options *options, ml_meta *meta) {
  return var_infer(c, x, dims, &(var_options){.keepdim = options->keepdim}, meta);
}

ml_status min_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const min_options *options, ml_meta *meta) {
  reduced_meta(x, dims, options->keepdim, meta);
  return refuse_nothing(c, "min", x, dims);
}

ml_status max_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const max_options *options, ml_meta *meta) {
  reduced_meta(x, dims, options->keepdim, meta);
  return refuse_nothing(c, "max", x, dims);
}

ml_status any_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const any_options *options, ml_meta *meta) {
  (void)c;
  reduced_meta(x, dims, options->keepdim, meta);
  meta->dtype = ML_BOOL;
  return ML_OK;
}

ml_status all_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const all_options *options, ml_meta *meta) {
  return any_infer(c, x, dims, &(any_options){.keepdim = options->keepdim}, meta);
}

ml_status norm_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const norm_options *options,
                     ml_meta *meta) {
  if (!(options->p > 0)) return ml_fail(c, "norm: p must be positive, not %g", options->p);
  reduced_meta(x, dims, options->keepdim, meta);
  meta->flops += ml_count(x);
  return ML_OK;
}

ml_status logsumexp_infer(ml_context *c, const ml_tensor *x, const ml_dims *dims, const logsumexp_options *options,
                          ml_meta *meta) {
  (void)c;
  reduced_meta(x, dims, options->keepdim, meta);
  meta->flops += 3 * ml_count(x);
  return ML_OK;
}

/* The last step ---------------------------------------------------------------------------------------------------- */

typedef enum last_step { DIVIDE, DIVIDE_ROOT, ROOT, POWER, LOG_PLUS, NOT_FINITE_TO_ZERO } last_step;

typedef struct finishing {
  last_step step;
  double number;   /* divisor or exponent */
  const void *add; /* LOG_PLUS: of y's type */
  void *y;
} finishing;

static double finished(const finishing *f, double y, double add) {
  switch (f->step) {
  case DIVIDE: return y / f->number;
  case DIVIDE_ROOT: return sqrt(y / f->number);
  case ROOT: return sqrt(y);
  case POWER: return pow(y, f->number);
  case LOG_PLUS: return log(y) + add;
  default: return isfinite(y) ? y : 0;
  }
}

static void finish_f32(void *arg, int64_t begin, int64_t end) {
  const finishing *f = arg;
  const float *add = f->add;
  float *y = f->y;
  for (int64_t i = begin; i < end; i++) y[i] = (float)finished(f, (double)y[i], add != NULL ? (double)add[i] : 0);
}

static void finish_f64(void *arg, int64_t begin, int64_t end) {
  const finishing *f = arg;
  const double *add = f->add;
  double *y = f->y;
  for (int64_t i = begin; i < end; i++) y[i] = finished(f, y[i], add != NULL ? add[i] : 0);
}

/* y: n results of a floating type. */
static ml_status finish(ml_context *c, ml_dtype dtype, int64_t n, finishing f) {
  return ml_parallel_for(c, n, 4096, dtype == ML_FLOAT64 ? finish_f64 : finish_f32, &f);
}

/* forward ---------------------------------------------------------------------------------------------------------- */

ml_status sum_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const sum_options *options,
                      ml_tensor *out) {
  (void)options;
  if (over_nothing(x, dims)) return ml_fill(c, out, 0);
  return ml_reduce(c, ML_REDUCE_SUM, x, dims, NULL, ml_data(out));
}

ml_status prod_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const prod_options *options,
                       ml_tensor *out) {
  (void)options;
  if (over_nothing(x, dims)) return ml_fill(c, out, 1);
  return ml_reduce(c, ML_REDUCE_PRODUCT, x, dims, NULL, ml_data(out));
}

/* y: the means of x, of its type. */
static ml_status means(ml_context *c, const ml_tensor *x, const ml_dims *dims, int64_t count, void *y) {
  ML_TRY(ml_reduce(c, ML_REDUCE_SUM, x, dims, NULL, y));
  double n = (double)ml_reduced_count(&x->shape, dims);
  return finish(c, (ml_dtype)x->dtype, count, (finishing){.step = DIVIDE, .number = n, .y = y});
}

ml_status mean_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const mean_options *options,
                       ml_tensor *out) {
  (void)options;
  if (over_nothing(x, dims)) return ml_fill(c, out, NAN);
  return means(c, x, dims, ml_count(out), ml_data(out));
}

/* out = last(sum of squared deviations / (n - correction)) */
static ml_status spread(ml_context *c, const ml_tensor *x, const ml_dims *dims, double correction, last_step last,
                        ml_tensor *out) {
  double n = (double)ml_reduced_count(&x->shape, dims) - correction;
  int64_t count = ml_count(out);
  if (count == 0) return ML_OK;
  if (!(n > 0)) return ml_fill(c, out, NAN);
  size_t bytes = (size_t)count * ml_dtype_size((ml_dtype)x->dtype);
  void *mean;
  ML_TRY(ml_alloc_checked(c, bytes, &mean));
  ml_status status = means(c, x, dims, count, mean);
  if (status == ML_OK) status = ml_reduce(c, ML_REDUCE_SUM_DEVIATION, x, dims, mean, ml_data(out));
  if (status == ML_OK)
    status = finish(c, (ml_dtype)x->dtype, count, (finishing){.step = last, .number = n, .y = ml_data(out)});
  ml_free(mean, bytes);
  return status;
}

ml_status var_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const var_options *options,
                      ml_tensor *out) {
  return spread(c, x, dims, options->correction, DIVIDE, out);
}

ml_status std_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const std_options *options,
                      ml_tensor *out) {
  return spread(c, x, dims, options->correction, DIVIDE_ROOT, out);
}

ml_status min_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const min_options *options,
                      ml_tensor *out) {
  (void)options;
  return ml_reduce(c, ML_REDUCE_MIN, x, dims, NULL, ml_data(out));
}

ml_status max_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const max_options *options,
                      ml_tensor *out) {
  (void)options;
  return ml_reduce(c, ML_REDUCE_MAX, x, dims, NULL, ml_data(out));
}

ml_status any_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const any_options *options,
                      ml_tensor *out) {
  (void)options;
  if (over_nothing(x, dims)) return ml_fill(c, out, 0);
  return ml_reduce(c, ML_REDUCE_ANY, x, dims, NULL, ml_data(out));
}

ml_status all_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const all_options *options,
                      ml_tensor *out) {
  (void)options;
  if (over_nothing(x, dims)) return ml_fill(c, out, 1);
  return ml_reduce(c, ML_REDUCE_ALL, x, dims, NULL, ml_data(out));
}

ml_status norm_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const norm_options *options,
                       ml_tensor *out) {
  double p = options->p;
  void *y = ml_data(out);
  if (over_nothing(x, dims)) return ml_fill(c, out, 0);
  if (p == 1) return ml_reduce(c, ML_REDUCE_SUM_ABS, x, dims, NULL, y);
  if (isinf(p)) return ml_reduce(c, ML_REDUCE_MAX_ABS, x, dims, NULL, y);
  finishing root = {.step = p == 2 ? ROOT : POWER, .number = 1 / p, .y = y};
  float p32 = (float)p;
  const void *power = x->dtype == ML_FLOAT64 ? (const void *)&p : &p32;
  ML_TRY(ml_reduce(c, p == 2 ? ML_REDUCE_SUM_SQUARE : ML_REDUCE_SUM_POWER, x, dims, power, y));
  return finish(c, (ml_dtype)x->dtype, ml_count(out), root);
}

/* m + log(sum(exp(x - m))), m the maximum, or 0 where that is infinite: exp(inf - inf) would be NaN. */
ml_status logsumexp_forward(ml_context *c, const ml_tensor *x, const ml_dims *dims, const logsumexp_options *options,
                            ml_tensor *out) {
  (void)options;
  if (over_nothing(x, dims)) return ml_fill(c, out, -INFINITY);
  ml_dtype dtype = (ml_dtype)x->dtype;
  int64_t count = ml_count(out);
  if (count == 0) return ML_OK;
  size_t bytes = (size_t)count * ml_dtype_size(dtype);
  void *shift, *y = ml_data(out);
  ML_TRY(ml_alloc_checked(c, bytes, &shift));
  ml_status status = ml_reduce(c, ML_REDUCE_MAX, x, dims, NULL, shift);
  if (status == ML_OK) status = finish(c, dtype, count, (finishing){.step = NOT_FINITE_TO_ZERO, .y = shift});
  if (status == ML_OK) status = ml_reduce(c, ML_REDUCE_SUM_EXP, x, dims, shift, y);
  if (status == ML_OK) status = finish(c, dtype, count, (finishing){.step = LOG_PLUS, .add = shift, .y = y});
  ml_free(shift, bytes);
  return status;
}

/* Positions -------------------------------------------------------------------------------------------------------- */

/* The dimension, or all of them if none was given. */
static ml_dims dims_of(const ml_tensor *x, int64_t dim) {
  ml_dims dims = {.count = 1, .dim = {dim}};
  if (dim != ML_NO_DIM) return dims;
  dims.count = x->shape.ndim;
  for (int d = 0; d < dims.count; d++) dims.dim[d] = d;
  return dims;
}

static ml_status position_infer(ml_context *c, const char *op, const ml_tensor *x, int64_t dim, bool keepdim,
                                ml_meta *meta) {
  ml_dims dims = dims_of(x, dim);
  reduced_meta(x, &dims, keepdim, meta);
  meta->dtype = ML_INT64;
  return refuse_nothing(c, op, x, &dims);
}

/* The best element of each, then the first place that equals it. */
static ml_status positions(ml_context *c, ml_reduce_kind kind, const ml_tensor *x, int64_t dim, ml_tensor *out) {
  if (ml_count(out) == 0) return ML_OK;
  ml_dims dims = dims_of(x, dim);
  size_t bytes = (size_t)ml_count(out) * ml_dtype_size((ml_dtype)x->dtype);
  void *best;
  ML_TRY(ml_alloc_checked(c, bytes, &best));
  ml_status status = ml_reduce(c, kind, x, &dims, NULL, best);
  if (status == ML_OK) status = ml_reduce_places(c, x, &dims, best, ml_i64(out));
  ml_free(best, bytes);
  return status;
}

ml_status argmin_infer(ml_context *c, const ml_tensor *x, int64_t dim, const argmin_options *options, ml_meta *meta) {
  return position_infer(c, "argmin", x, dim, options->keepdim, meta);
}

ml_status argmax_infer(ml_context *c, const ml_tensor *x, int64_t dim, const argmax_options *options, ml_meta *meta) {
  return position_infer(c, "argmax", x, dim, options->keepdim, meta);
}

ml_status argmin_forward(ml_context *c, const ml_tensor *x, int64_t dim, const argmin_options *options,
                         ml_tensor *out) {
  (void)options;
  return positions(c, ML_REDUCE_MIN, x, dim, out);
}

ml_status argmax_forward(ml_context *c, const ml_tensor *x, int64_t dim, const argmax_options *options,
                         ml_tensor *out) {
  (void)options;
  return positions(c, ML_REDUCE_MAX, x, dim, out);
}
