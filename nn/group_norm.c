/* Group norm: each group of channels of each sample shifted and scaled to mean 0 and variance 1. Wu and He 2018.
 *
 * x is taken row-major or channels-last, as it lies. The gradients of weight and bias are summed for each sample, and those sums
 * are then added in order. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "nn/norm_grad.h"
#include "tensor/alloc.h"

ml_status group_norm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, int64_t groups,
                           const group_norm_options *o, ml_meta *meta) {
  (void)o;
  const ml_shape *xs = &x->shape;
  if (xs->ndim < 2)
    return ml_fail(c, "group_norm: x must have at least 2 dimensions (batch, channels), got %s", ML_SHAPE(xs));
  if (groups < 1 || xs->size[1] % groups != 0) {
    ml_status status = ml_fail(c, "group_norm: the %lld channels of x do not fall into %lld groups", (long long)xs->size[1],
                               (long long)groups);
    nn_show_shape(c, "x", xs, 1);
    return status;
  }
  ML_TRY(nn_check_vector(c, "group_norm", "weight", weight, xs->size[1], "channel of x", xs));
  ML_TRY(nn_check_vector(c, "group_norm", "bias", bias, xs->size[1], "channel of x", xs));
  meta->keep[0] = meta->keep[1] = ml_make_shape(2, xs->size[0], groups);
  if (x->storage) ml_lay_out_beside(meta, x);
  meta->flops = 9 * ml_count(x);
  return ML_OK;
}

static int64_t images_of(const ml_tensor *x) { return x->shape.size[0]; }

/* How many of the kernels' items there are, and elements in each. */
static int64_t items_of(const group_norm_job *k, const ml_tensor *x) { return images_of(x) * (k->channels_last ? 1 : k->groups); }
static int64_t grain_of(const group_norm_job *k, const ml_tensor *x) { return nn_grain(4 * ml_count(x) / items_of(k, x)); }

static group_norm_job job_of(const ml_tensor *x, int64_t groups, const ml_tensor *weight, const group_norm_options *o) {
  int64_t channels = x->shape.size[1], positions = ml_count(x) / (images_of(x) * channels);
  return (group_norm_job){.channels_last = positions == 1 || !ml_is_contiguous(x), .channels = channels, .groups = groups,
                          .positions = positions, .eps = o->eps, .x = ml_data(x), .weight = weight ? ml_data(weight) : NULL};
}

static size_t scratch_bytes(const group_norm_job *k, const ml_tensor *x) {
  return k->channels_last ? (size_t)(images_of(x) * k->channels * NN_GROUP_NORM_SCRATCH) * sizeof(double) : 0;
}

ml_status group_norm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, int64_t groups,
                             const group_norm_options *o, ml_tensor *mean, ml_tensor *rstd, ml_tensor *y) {
  if (ml_count(x) == 0) { /* nothing has no statistics, and nobody can use those kept for it */
    if (mean) ML_TRY(ml_fill(c, mean, 0));
    return rstd ? ml_fill(c, rstd, 0) : ML_OK;
  }
  group_norm_job job = job_of(x, groups, weight, o);
  job.bias = bias ? ml_data(bias) : NULL, job.y = ml_data(y);
  job.mean = mean ? ml_data(mean) : NULL, job.rstd = rstd ? ml_data(rstd) : NULL;
  size_t bytes = scratch_bytes(&job, x);
  if (bytes) ML_TRY(ml_alloc_checked(c, bytes, &job.scratch));
  ml_status status = nn_run(c, NN_group_norm_forward, x->dtype, items_of(&job, x), grain_of(&job, x), &job);
  ml_free(job.scratch, bytes);
  return status;
}

/* out = the sum over the images of partial; partial: images x channels. */
static ml_status add_images(ml_context *c, int64_t images, const void *partial, ml_tensor *out) {
  add_partials_job job = {.pieces = images, .count = ml_count(out), .stride = ml_count(out), .partial = partial, .out = ml_data(out)};
  return nn_run(c, NN_add_partials, out->dtype, job.count, nn_grain(images), &job);
}

static ml_status backward(ml_context *c, group_norm_job *job, const ml_tensor *x, ml_tensor *dweight, ml_tensor *dbias) {
  size_t bytes = scratch_bytes(job, x), sums = (size_t)(images_of(x) * job->channels) * ml_dtype_size((ml_dtype)x->dtype);
  ml_status status = bytes ? ml_alloc_checked(c, bytes, &job->scratch) : ML_OK;
  if (status == ML_OK && dweight) status = ml_alloc_checked(c, sums, &job->dweight);
  if (status == ML_OK && dbias) status = ml_alloc_checked(c, sums, &job->dbias);
  if (status == ML_OK) status = nn_run(c, NN_group_norm_backward, x->dtype, items_of(job, x), grain_of(job, x), job);
  if (status == ML_OK && dweight) status = add_images(c, images_of(x), job->dweight, dweight);
  if (status == ML_OK && dbias) status = add_images(c, images_of(x), job->dbias, dbias);
  ml_free(job->scratch, bytes);
  ml_free(job->dweight, sums);
  ml_free(job->dbias, sums);
  return status;
}

/* In ops, for gradients of gradients: rows are the groups of each sample. */
static ml_status backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, int64_t groups,
                                   const group_norm_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  formula w = {.c = c};
  norm_rows n = {.over = {.count = 1, .dim = {2}}, .centred = true};
  ml_shape rows = ml_make_shape(3, x->shape.size[0], groups, ml_count(x) / (x->shape.size[0] * groups));
  ml_shape vector = ml_make_shape(1, x->shape.size[1]), beside = x->shape;
  ml_dims others = {.count = 1, .dim = {0}};
  for (int d = 0; d < x->shape.ndim; d++) {
    if (d != 1) beside.size[d] = 1;
    if (d > 1) others.dim[others.count++] = d;
  }
  norm_again(&w, reshaped(&w, x, &rows), o->eps, &n);
  if (dx) {
    const ml_tensor *h = weight ? times(&w, g, reshaped(&w, weight, &beside)) : g;
    ml_tensor *result = reshaped(&w, norm_gradient(&w, &n, reshaped(&w, h, &rows)), &x->shape);
    if (w.status == ML_OK) *dx = ml_retain(result);
  }
  if (dbias) {
    ml_tensor *result = reshaped(&w, sum_over(&w, g, &others), &vector);
    if (w.status == ML_OK) *dbias = ml_retain(result);
  }
  if (!dweight) return finish(&w, NULL, NULL);
  ml_tensor *products = times(&w, g, reshaped(&w, n.z, &x->shape));
  return finish(&w, reshaped(&w, sum_over(&w, products, &others), &vector), dweight);
}

ml_status group_norm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *mean,
                              const ml_tensor *rstd, const ml_shape *input_shape, int64_t groups, const group_norm_options *o,
                              ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  if (c->grad_enabled && ml_count(g) > 0) return backward_recorded(c, g, x, weight, groups, o, dx, dweight, dbias);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) ML_TRY(ml_empty_beside(c, x, dx));
  if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
  if (dbias) ML_TRY(ml_zeros(c, &input_shape[2], dtype, dbias));
  if (ml_count(g) == 0) return ML_OK;
  group_norm_job job = job_of(x, groups, weight, o);
  ml_tensor *laid;
  if (ml_is_contiguous(x)) ML_TRY(ml_contiguous_unrecorded(c, g, &laid));
  else ML_TRY(ml_channels_last_unrecorded(c, g, &laid));
  job.g = ml_data(laid), job.y = dx ? ml_data(*dx) : NULL;
  job.mean = ml_data(mean), job.rstd = ml_data(rstd);
  ml_status status = backward(c, &job, x, dweight ? *dweight : NULL, dbias ? *dbias : NULL);
  ml_release(laid);
  return status;
}
