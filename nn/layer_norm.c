/* Layer norm: each row (the last `dims` dimensions) shifted and scaled to mean 0 and variance 1. Ba et al. 2016.
 * RMS norm: each row (the last dimension) divided by the root of its mean square. Zhang and Sennrich 2019.
 *
 * The gradients of weight and bias are summed over fixed blocks of rows, which are then added in order. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "nn/norm_grad.h"
#include "tensor/alloc.h"

enum { ROW_BLOCKS = 16 };

static ml_status check_parameter(ml_context *c, const char *name, const ml_tensor *p, const ml_shape *row,
                                 const ml_shape *x) {
  if (p == NULL || ml_shape_equal(&p->shape, row)) return ML_OK;
  ml_status status = ml_fail(c, "layer_norm: %s must be %s, as the last dimensions of x are, got %s", name,
                             ML_SHAPE(row), ML_SHAPE(&p->shape));
  nn_show_shape(c, "x", x, -1);
  return status;
}

ml_status layer_norm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                           const layer_norm_options *o, ml_meta *meta) {
  const ml_shape *xs = &x->shape;
  if (o->dims < 1 || o->dims > xs->ndim)
    return ml_fail(c, "layer_norm: dims must be from 1 to the %d dimensions of x %s, got %lld", xs->ndim, ML_SHAPE(xs),
                   (long long)o->dims);
  ml_shape row = {.ndim = (int)o->dims}, rest = *xs;
  rest.ndim = xs->ndim - row.ndim;
  for (int i = 0; i < row.ndim; i++) row.size[i] = xs->size[rest.ndim + i];
  ML_TRY(check_parameter(c, "weight", weight, &row, xs));
  ML_TRY(check_parameter(c, "bias", bias, &row, xs));
  meta->keep[0] = meta->keep[1] = rest;
  meta->flops = 7 * ml_count(x);
  return ML_OK;
}

ml_status rms_norm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const rms_norm_options *o, ml_meta *meta) {
  (void)o;
  const ml_shape *xs = &x->shape;
  if (xs->ndim == 0) return ml_fail(c, "rms_norm: x must have at least one dimension, got a scalar");
  ML_TRY(nn_check_vector(c, "rms_norm", "weight", weight, xs->size[xs->ndim - 1], "column of x", xs));
  meta->keep[0] = *xs;
  meta->keep[0].ndim--;
  meta->flops = 4 * ml_count(x);
  return ML_OK;
}

/* Rows of the last `dims` dimensions, and their length. */
static layer_norm_job job_of(const ml_tensor *x, int64_t dims, double eps, bool centred) {
  const ml_shape *xs = &x->shape;
  layer_norm_job job = {.rows = 1, .n = 1, .eps = eps, .centred = centred, .x = ml_data(x)};
  for (int i = 0; i < xs->ndim; i++) *(i < xs->ndim - dims ? &job.rows : &job.n) *= xs->size[i];
  return job;
}

/* mean and rstd: NULL where nobody wants them. */
static ml_status forward(ml_context *c, layer_norm_job *job, const ml_tensor *weight, const ml_tensor *bias, ml_tensor *mean,
                         ml_tensor *rstd, ml_tensor *y) {
  if (ml_count(y) == 0) { /* rows without elements have no statistics, and nobody can use those kept for them */
    if (mean) ML_TRY(ml_fill(c, mean, 0));
    return rstd ? ml_fill(c, rstd, 0) : ML_OK;
  }
  job->y = ml_data(y);
  job->weight = weight ? ml_data(weight) : NULL, job->bias = bias ? ml_data(bias) : NULL;
  job->mean = mean ? ml_data(mean) : NULL, job->rstd = rstd ? ml_data(rstd) : NULL;
  return nn_run(c, NN_layer_norm_forward, y->dtype, job->rows, nn_grain(4 * job->n), job);
}

ml_status layer_norm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                             const layer_norm_options *o, ml_tensor *mean, ml_tensor *rstd, ml_tensor *y) {
  layer_norm_job job = job_of(x, o->dims, o->eps, true);
  return forward(c, &job, weight, bias, mean, rstd, y);
}

ml_status rms_norm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const rms_norm_options *o, ml_tensor *rstd,
                           ml_tensor *y) {
  layer_norm_job job = job_of(x, 1, o->eps, false);
  return forward(c, &job, weight, NULL, NULL, rstd, y);
}

/* Adds the partial sums of one parameter; partial: blocks x n. */
static ml_status add_partials(ml_context *c, int64_t blocks, const void *partial, ml_tensor *out) {
  add_partials_job job = {.pieces = blocks, .count = ml_count(out), .stride = ml_count(out), .partial = partial, .out = ml_data(out)};
  return nn_run(c, NN_add_partials, out->dtype, job.count, nn_grain(blocks), &job);
}

/* In ops, for gradients of gradients. dweight = g z and dbias = g are summed to their shapes by the engine. */
static ml_status backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, int64_t dims,
                                   double eps, bool centred, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  formula w = {.c = c};
  norm_rows n = {.over = {.count = (int)dims}, .centred = centred};
  for (int i = 0; i < n.over.count; i++) n.over.dim[i] = x->shape.ndim - n.over.count + i;
  norm_again(&w, x, eps, &n);
  if (dx) {
    ml_tensor *result = norm_gradient(&w, &n, weight ? times(&w, g, weight) : g);
    if (w.status == ML_OK) *dx = ml_retain(result);
  }
  if (dbias && w.status == ML_OK) *dbias = ml_retain((ml_tensor *)(uintptr_t)g);
  return finish(&w, dweight ? times(&w, g, n.z) : NULL, dweight);
}

/* The gradients that are wanted are allocated, those of weight and bias zero. */
static ml_status backward(ml_context *c, layer_norm_job *job, const ml_tensor *g, const ml_tensor *weight, ml_tensor *dx,
                          ml_tensor *dweight, ml_tensor *dbias) {
  if (ml_count(g) == 0) return ML_OK;
  job->block_rows = ml_pieces(job->rows, ROW_BLOCKS);
  int64_t blocks = ml_pieces(job->rows, job->block_rows);
  size_t bytes = (size_t)(blocks * job->n) * ml_dtype_size((ml_dtype)g->dtype);
  void *partial_weight = NULL, *partial_bias = NULL;
  ml_status status = ML_OK;
  if (dweight) status = ml_alloc_checked(c, bytes, &partial_weight);
  if (status == ML_OK && dbias) status = ml_alloc_checked(c, bytes, &partial_bias);
  if (status != ML_OK) goto done;

  job->g = ml_data(g), job->weight = weight ? ml_data(weight) : NULL;
  job->y = dx ? ml_data(dx) : NULL;
  job->dweight = partial_weight, job->dbias = partial_bias;
  status = nn_run(c, NN_layer_norm_backward, g->dtype, job->rows, job->block_rows, job);
  if (status == ML_OK && dweight) status = add_partials(c, blocks, partial_weight, dweight);
  if (status == ML_OK && dbias) status = add_partials(c, blocks, partial_bias, dbias);
done:
  ml_free(partial_weight, bytes);
  ml_free(partial_bias, bytes);
  return status;
}

ml_status layer_norm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                              const ml_tensor *mean, const ml_tensor *rstd, const ml_shape *input_shape,
                              const layer_norm_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  if (c->grad_enabled && ml_count(g) > 0) return backward_recorded(c, g, x, weight, o->dims, o->eps, true, dx, dweight, dbias);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) ML_TRY(ml_empty(c, &input_shape[0], dtype, dx));
  if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
  if (dbias) ML_TRY(ml_zeros(c, &input_shape[2], dtype, dbias));
  layer_norm_job job = job_of(x, o->dims, o->eps, true);
  job.mean = ml_data(mean), job.rstd = ml_data(rstd);
  return backward(c, &job, g, weight, dx ? *dx : NULL, dweight ? *dweight : NULL, dbias ? *dbias : NULL);
}

ml_status rms_norm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *rstd,
                            const ml_shape *input_shape, const rms_norm_options *o, ml_tensor **dx, ml_tensor **dweight) {
  if (c->grad_enabled && ml_count(g) > 0) return backward_recorded(c, g, x, weight, 1, o->eps, false, dx, dweight, NULL);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) ML_TRY(ml_empty(c, &input_shape[0], dtype, dx));
  if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
  layer_norm_job job = job_of(x, 1, o->eps, false);
  job.rstd = ml_data(rstd);
  return backward(c, &job, g, weight, dx ? *dx : NULL, dweight ? *dweight : NULL, NULL);
}
