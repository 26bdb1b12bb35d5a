/* Batch norm: each channel shifted and scaled by the batch's statistics, or by the running ones outside training, and ReLU on
 * the way if it follows. Ioffe and Szegedy 2015. x is seen as rows of channels (channels-last); a fixed number of rows gives
 * partial sums, which are added here in double, in order. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "nn/norm_grad.h"
#include "tensor/alloc.h"

#include <math.h>

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
  ml_lay_out_channels_last(meta);
  meta->flops = (o->training ? 7 : 4) * ml_count(x);
  return ML_OK;
}

/* Values of a channel while they are computed, and what the kernels get: rows of `channels` numbers each. */
typedef struct room {
  double *mean, *second;               /* of the batch: variance; backward: the sums of g and of g * (x - mean) */
  void *scale, *shift, *g_mean, *slope;
  void *partial;
  void *block;
  size_t bytes;
} room;

static ml_status make_room(ml_context *c, const batch_norm_job *k, int dtype, room *r) {
  size_t size = ml_dtype_size((ml_dtype)dtype), n = (size_t)k->channels;
  int64_t pieces = ml_pieces(k->rows, NN_BATCH_NORM_ROWS);
  r->bytes = n * (2 * sizeof(double) + (4 + 2 * (size_t)pieces) * size);
  ML_TRY(ml_alloc_checked(c, r->bytes, &r->block));
  r->mean = r->block, r->second = r->mean + n;
  char *at = (char *)(r->second + n);
  void **each[] = {&r->scale, &r->shift, &r->g_mean, &r->slope, &r->partial};
  for (int i = 0; i < 5; i++, at += n * size) *each[i] = at;
  return ML_OK;
}

static double get(const void *p, int dtype, int64_t i) {
  return dtype == ML_FLOAT32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}
static void put(void *p, int dtype, int64_t i, double value) {
  if (dtype == ML_FLOAT32) ((float *)p)[i] = (float)value;
  else ((double *)p)[i] = value;
}

static batch_norm_job job_of(const ml_tensor *x, const batch_norm_options *o) {
  return (batch_norm_job){.rows = ml_count(x) / x->shape.size[1], .channels = x->shape.size[1], .relu = o->activation == ML_ACTIVATION_RELU,
                          .x = ml_data(x)};
}

static int64_t grain_of(const batch_norm_job *k) { return nn_grain(k->channels); }

/* Mean and variance of each channel, from those of the pieces: Chan, Golub and LeVeque 1983. */
static void add_statistics(const batch_norm_job *k, int dtype, const room *r) {
  for (int64_t ch = 0; ch < k->channels; ch++) {
    double sum = 0, squares = 0;
    int64_t pieces = ml_pieces(k->rows, NN_BATCH_NORM_ROWS);
    for (int64_t p = 0; p < pieces; p++) sum += get(r->partial, dtype, 2 * p * k->channels + ch);
    double mean = sum / (double)k->rows;
    for (int64_t p = 0; p < pieces; p++) {
      int64_t left = k->rows - p * NN_BATCH_NORM_ROWS, n = left < NN_BATCH_NORM_ROWS ? left : NN_BATCH_NORM_ROWS;
      double off = get(r->partial, dtype, 2 * p * k->channels + ch) / (double)n - mean;
      squares += get(r->partial, dtype, (2 * p + 1) * k->channels + ch) + (double)n * off * off;
    }
    r->mean[ch] = mean, r->second[ch] = squares / (double)k->rows;
  }
}

/* running = (1 - momentum) * running + momentum * batch, the variance as that of a sample. */
static void update_running(const batch_norm_job *k, const room *r, double momentum, ml_tensor *mean, ml_tensor *var) {
  double n = (double)k->rows;
  for (int64_t i = 0; i < k->channels; i++) {
    if (mean) state_set(mean, i, (1 - momentum) * state_get(mean, i) + momentum * r->mean[i]);
    if (var) state_set(var, i, (1 - momentum) * state_get(var, i) + momentum * r->second[i] * n / (n - 1));
  }
  if (mean) mean->storage->version++;
  if (var) var->storage->version++;
}

static void set_factors(const batch_norm_job *k, int dtype, const room *r, const ml_tensor *weight, const ml_tensor *bias,
                        const void *rstd) {
  for (int64_t i = 0; i < k->channels; i++) {
    put(r->scale, dtype, i, get(rstd, dtype, i) * (weight ? get(ml_data(weight), dtype, i) : 1));
    put(r->shift, dtype, i, bias ? get(ml_data(bias), dtype, i) : 0);
  }
}

static ml_status forward(ml_context *c, batch_norm_job *k, room *r, const ml_tensor *weight, const ml_tensor *bias,
                         ml_tensor *running_mean, ml_tensor *running_var, const batch_norm_options *o, ml_tensor *mean,
                         ml_tensor *rstd, ml_tensor *y) {
  int dtype = y->dtype;
  if (o->training) {
    k->partial = r->partial;
    ML_TRY(nn_run(c, NN_batch_norm_statistics, dtype, k->rows, NN_BATCH_NORM_ROWS, k));
    add_statistics(k, dtype, r);
  }
  /* without keeps the two rows that only backward needs hold them */
  void *means = mean ? ml_data(mean) : r->g_mean, *rstds = rstd ? ml_data(rstd) : r->slope;
  for (int64_t i = 0; i < k->channels; i++) {
    double var = o->training ? r->second[i] : state_get(running_var, i);
    put(means, dtype, i, o->training ? r->mean[i] : state_get(running_mean, i));
    put(rstds, dtype, i, 1 / sqrt(var + o->eps));
  }
  set_factors(k, dtype, r, weight, bias, rstds);
  k->mean = means, k->scale = r->scale, k->shift = r->shift, k->y = ml_data(y);
  ML_TRY(nn_run(c, NN_batch_norm_forward, dtype, k->rows, grain_of(k), k));
  if (o->training) update_running(k, r, o->momentum, running_mean, running_var);
  return ML_OK;
}

ml_status batch_norm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                             ml_tensor *running_mean, ml_tensor *running_var, const batch_norm_options *o,
                             ml_tensor *mean, ml_tensor *rstd, ml_tensor *y) {
  if (ml_count(x) == 0) { /* an empty batch has no statistics, and nobody can use those kept for it */
    if (mean) ML_TRY(ml_fill(c, mean, 0));
    return rstd ? ml_fill(c, rstd, 0) : ML_OK;
  }
  batch_norm_job k = job_of(x, o);
  /* Not in infer: a model that is only checked may be checked with a batch of one. */
  if (o->training && k.rows == 1)
    return ml_fail(c,
                   "batch_norm: training needs more than one value a channel, got x %s\n  hint: a larger batch, or "
                   "model:eval() to use the running statistics",
                   ML_SHAPE(&x->shape));
  room r;
  ML_TRY(make_room(c, &k, x->dtype, &r));
  ml_status status = forward(c, &k, &r, weight, bias, running_mean, running_var, o, mean, rstd, y);
  ml_free(r.block, r.bytes);
  return status;
}

/* With z = (x - mean) * rstd: dweight = sum(g z), dbias = sum(g), and in training
 * dx = weight * rstd * (g - mean(g) - z * mean(g z)); outside it dx = weight * rstd * g. */
static ml_status backward(ml_context *c, batch_norm_job *k, int dtype, const room *r, const void *rstd, bool training,
                          ml_tensor *dx, ml_tensor *dweight, ml_tensor *dbias) {
  int64_t pieces = ml_pieces(k->rows, NN_BATCH_NORM_ROWS);
  k->partial = r->partial;
  if (dweight || dbias || training) ML_TRY(nn_run(c, NN_batch_norm_sums, dtype, k->rows, NN_BATCH_NORM_ROWS, k));
  else pieces = 0;
  for (int64_t i = 0; i < k->channels; i++) {
    double sum = 0, product = 0, scale = get(rstd, dtype, i);
    for (int64_t p = 0; p < pieces; p++) {
      sum += get(r->partial, dtype, 2 * p * k->channels + i);
      product += get(r->partial, dtype, (2 * p + 1) * k->channels + i);
    }
    if (dbias) put(ml_data(dbias), dtype, i, sum);
    if (dweight) put(ml_data(dweight), dtype, i, product * scale);
    put(r->g_mean, dtype, i, training ? sum / (double)k->rows : 0);
    put(r->slope, dtype, i, training ? product / (double)k->rows * scale * scale : 0);
  }
  if (!dx) return ML_OK;
  k->g_mean = r->g_mean, k->slope = r->slope, k->y = ml_data(dx);
  return nn_run(c, NN_batch_norm_backward, dtype, k->rows, grain_of(k), k);
}

ML_FORMULA_2(above, ml_gt)

/* The sums over all but the channels, as a vector. */
static ml_tensor *sums_of_channels(formula *w, const ml_tensor *x, const ml_dims *others, const ml_shape *channels) {
  return reshaped(w, sum_over(w, x, others), channels);
}

/* In ops, for gradients of gradients: the formulas of backward, with the batch's statistics computed from x again. mean and
 * rstd: what forward kept, of which the running ones are constants. */
static ml_status backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                                   const ml_tensor *bias, const ml_tensor *mean, const ml_tensor *rstd,
                                   const batch_norm_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  formula w = {.c = c};
  norm_rows n = {.centred = true};
  ml_shape vector = ml_make_shape(1, x->shape.size[1]), beside = {.ndim = x->shape.ndim};
  for (int d = 0; d < x->shape.ndim; d++) {
    beside.size[d] = d == 1 ? x->shape.size[1] : 1;
    if (d != 1) n.over.dim[n.over.count++] = d;
  }
  if (o->training) {
    norm_again(&w, x, o->eps, &n);
  } else {
    n.rstd = reshaped(&w, rstd, &beside);
    n.z = times(&w, minus(&w, x, reshaped(&w, mean, &beside)), n.rstd);
  }
  const ml_tensor *factor = weight ? reshaped(&w, weight, &beside) : number(&w, 1);
  if (o->activation == ML_ACTIVATION_RELU) {
    const ml_tensor *zero = number(&w, 0), *y = times(&w, n.z, factor);
    if (bias) y = plus(&w, y, reshaped(&w, bias, &beside));
    g = choose(&w, above(&w, y, zero), g, zero);
  }
  if (dx) {
    ml_tensor *h = times(&w, g, factor), *result = o->training ? norm_gradient(&w, &n, h) : times(&w, h, n.rstd);
    if (w.status == ML_OK) *dx = ml_retain(result);
  }
  if (dbias) {
    ml_tensor *result = sums_of_channels(&w, g, &n.over, &vector);
    if (w.status == ML_OK) *dbias = ml_retain(result);
  }
  return finish(&w, dweight ? sums_of_channels(&w, times(&w, g, n.z), &n.over, &vector) : NULL, dweight);
}

ml_status batch_norm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                              const ml_tensor *bias, const ml_tensor *mean, const ml_tensor *rstd, const ml_shape *input_shape,
                              const batch_norm_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  if (c->grad_enabled && ml_count(g) > 0)
    return backward_recorded(c, g, x, weight, bias, mean, rstd, o, dx, dweight, dbias);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) ML_TRY(ml_empty_beside(c, x, dx));
  if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
  if (dbias) ML_TRY(ml_zeros(c, &input_shape[2], dtype, dbias));
  if (ml_count(g) == 0) return ML_OK;
  batch_norm_job k = job_of(x, o);
  room r;
  ml_tensor *laid;
  ML_TRY(ml_channels_last_unrecorded(c, g, &laid));
  ml_status status = make_room(c, &k, dtype, &r);
  if (status == ML_OK) {
    set_factors(&k, dtype, &r, weight, bias, ml_data(rstd));
    k.g = ml_data(laid), k.mean = ml_data(mean), k.scale = r.scale, k.shift = r.shift;
    status = backward(c, &k, dtype, &r, ml_data(rstd), o->training, dx ? *dx : NULL, dweight ? *dweight : NULL, dbias ? *dbias : NULL);
    ml_free(r.block, r.bytes);
  }
  ml_release(laid);
  return status;
}
