/* Batch norm: each channel shifted and scaled by the batch's statistics, or by the running ones outside training.
 * Ioffe and Szegedy 2015. Channels are independent, so each is summed in one piece. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "ops.gen.h"
#include "tensor/alloc.h"

/* Statistics may be of another floating type than x. */
static double state_get(const ml_tensor *s, int64_t i) {
  return s->dtype == ML_FLOAT32 ? (double)ml_f32(s)[i * s->stride[0]] : ml_f64(s)[i * s->stride[0]];
}
static void state_set(ml_tensor *s, int64_t i, double value) {
  if (s->dtype == ML_FLOAT32)
    ml_f32(s)[i * s->stride[0]] = (float)value;
  else
    ml_f64(s)[i * s->stride[0]] = value;
}

static ml_status check_state(ml_context *c, const char *name, const ml_tensor *s, const ml_shape *x) {
  ML_TRY(nn_check_vector(c, "batch_norm", name, s, x->size[1], "channel of x", x));
  if (s && !ml_dtype_is_float((ml_dtype)s->dtype))
    return ml_fail(c, "batch_norm: %s must be float32 or float64, got %s", name, ml_dtype_name((ml_dtype)s->dtype));
  return ML_OK;
}

ml_status batch_norm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                           ml_tensor *running_mean, ml_tensor *running_var, const batch_norm_options *o,
                           ml_meta *meta) {
  const ml_shape *xs = &x->shape;
  if (xs->ndim < 2)
    return ml_fail(c, "batch_norm: x must have at least 2 dimensions (batch, channels), got %s", ML_SHAPE(xs));
  ML_TRY(nn_check_vector(c, "batch_norm", "weight", weight, xs->size[1], "channel of x", xs));
  ML_TRY(nn_check_vector(c, "batch_norm", "bias", bias, xs->size[1], "channel of x", xs));
  ML_TRY(check_state(c, "running_mean", running_mean, xs));
  ML_TRY(check_state(c, "running_var", running_var, xs));
  if (!o->training && (running_mean == NULL || running_var == NULL))
    return ml_fail(c, "batch_norm: outside training it needs running_mean and running_var");
  meta->keep[0] = meta->keep[1] = ml_make_shape(1, xs->size[1]);
  meta->flops = (o->training ? 7 : 4) * ml_count(x);
  return ML_OK;
}

/* batch x channels x inner */
static batch_norm_job job_of(const ml_shape *x, const batch_norm_options *o) {
  batch_norm_job job = {
      .batch = x->size[0], .channels = x->size[1], .inner = 1, .training = o->training, .eps = o->eps};
  for (int i = 2; i < x->ndim; i++) job.inner *= x->size[i];
  return job;
}

/* running = (1 - momentum) * running + momentum * batch, the variance as that of a sample. */
static void update_running(const batch_norm_job *job, double momentum, ml_tensor *mean, ml_tensor *var) {
  double n = (double)(job->batch * job->inner);
  for (int64_t i = 0; i < job->channels; i++) {
    if (mean) state_set(mean, i, (1 - momentum) * state_get(mean, i) + momentum * job->batch_mean[i]);
    if (var) state_set(var, i, (1 - momentum) * state_get(var, i) + momentum * job->batch_var[i] * n / (n - 1));
  }
  if (mean) mean->storage->version++;
  if (var) var->storage->version++;
}

ml_status batch_norm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                             ml_tensor *running_mean, ml_tensor *running_var, const batch_norm_options *o,
                             ml_tensor *mean, ml_tensor *rstd, ml_tensor *y) {
  batch_norm_job job = job_of(&x->shape, o);
  if (ml_count(x) == 0) { /* an empty batch has no statistics, and nobody can use those kept for it */
    if (mean) ML_TRY(ml_fill(c, mean, 0));
    return rstd ? ml_fill(c, rstd, 0) : ML_OK;
  }
  /* Not in infer: a model that is only checked may be checked with a batch of one. */
  if (o->training && job.batch * job.inner == 1)
    return ml_fail(c,
                   "batch_norm: training needs more than one value a channel, got x %s\n  hint: a larger batch, or "
                   "model:eval() to use the running statistics",
                   ML_SHAPE(&x->shape));
  size_t bytes = 2 * (size_t)job.channels * sizeof(double);
  void *statistics;
  ML_TRY(ml_alloc_checked(c, bytes, &statistics));
  job.batch_mean = statistics;
  job.batch_var = job.batch_mean + job.channels;
  for (int64_t i = 0; !o->training && i < job.channels; i++) {
    job.batch_mean[i] = state_get(running_mean, i);
    job.batch_var[i] = state_get(running_var, i);
  }
  job.x = ml_data(x), job.y = ml_data(y);
  job.weight = weight ? ml_data(weight) : NULL, job.bias = bias ? ml_data(bias) : NULL;
  job.mean = mean ? ml_data(mean) : NULL, job.rstd = rstd ? ml_data(rstd) : NULL;
  ml_status status =
      nn_run(c, NN_batch_norm_forward, x->dtype, job.channels, nn_grain(4 * job.batch * job.inner), &job);
  if (status == ML_OK && o->training) update_running(&job, o->momentum, running_mean, running_var);
  ml_free(statistics, bytes);
  return status;
}

/* With z = (x - mean) * rstd: dweight = sum(g z), dbias = sum(g), and in training
 * dx = weight * rstd * (g - mean(g) - z * mean(g z)); outside it dx = weight * rstd * g. */
ml_status batch_norm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                              const ml_tensor *mean, const ml_tensor *rstd, const ml_shape *input_shape,
                              const batch_norm_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  batch_norm_job job = job_of(&x->shape, o);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) ML_TRY(ml_empty(c, &input_shape[0], dtype, dx));
  if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
  if (dbias) ML_TRY(ml_zeros(c, &input_shape[2], dtype, dbias));
  if (ml_count(g) == 0) return ML_OK;
  job.x = ml_data(x), job.g = ml_data(g);
  job.weight = weight ? ml_data(weight) : NULL;
  job.mean = ml_data(mean), job.rstd = ml_data(rstd);
  job.y = dx ? ml_data(*dx) : NULL;
  job.dweight = dweight ? ml_data(*dweight) : NULL, job.dbias = dbias ? ml_data(*dbias) : NULL;
  return nn_run(c, NN_batch_norm_backward, x->dtype, job.channels, nn_grain(4 * job.batch * job.inner), &job);
}
