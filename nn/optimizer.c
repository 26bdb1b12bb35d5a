/* Optimizer steps as one parallel run over all parameters, cut by size: many small parameters cost no more than one. */

#include "nn/optimizer.h"

#include "nn/kernels.h"
#include "nn/sums.h"
#include "tensor/alloc.h"

#include <math.h>

/* The parameters of one type that have gradients, with the arrays of a job behind them in one block. */
typedef struct param_list {
  int count;
  int64_t elements;
  int64_t *start;    /* count + 1 */
  ml_tensor **param; /* the parameters themselves */
  ml_tensor **grad;  /* contiguous; owned where the parameter's own is not */
  void **data, **slope, **state[ML_UPDATE_STATES];
  void *block;
  size_t bytes;
} param_list;

static void list_release(param_list *list) {
  for (int i = 0; i < list->count; i++) ml_release(list->grad[i]);
  ml_free(list->block, list->bytes);
  *list = (param_list){0};
}

static ml_status check_param(ml_context *c, const char *name, const ml_tensor *p, const ml_tensor *slope,
                             int position) {
  if (p->storage == NULL)
    return ml_fail(c, "%s: parameter %d has no data yet\n  hint: run the model once, or model:build{sizes}", name,
                   position);
  if (!ml_dtype_is_float((ml_dtype)p->dtype))
    return ml_fail(c, "%s: parameter %d must be float32 or float64, got %s", name, position,
                   ml_dtype_name((ml_dtype)p->dtype));
  if (!ml_is_contiguous(p))
    return ml_fail(c, "%s: parameter %d %s is a view that is not contiguous\n  hint: x:contiguous(), before it becomes a parameter",
                   name, position, ML_SHAPE(&p->shape));
  if (ml_shape_equal(&p->shape, &slope->shape) && p->dtype == slope->dtype) return ML_OK;
  return ml_fail(c, "%s: the gradient of parameter %d is %s %s, the parameter %s %s", name, position,
                 ML_SHAPE(&slope->shape), ml_dtype_name((ml_dtype)slope->dtype), ML_SHAPE(&p->shape),
                 ml_dtype_name((ml_dtype)p->dtype));
}

static ml_status check_state(ml_context *c, const char *name, const ml_tensor *p, const ml_tensor *state,
                             int position) {
  if (state && state->storage && state->dtype == p->dtype && ml_is_contiguous(state) &&
      ml_shape_equal(&p->shape, &state->shape))
    return ML_OK;
  return ml_fail(c,
                 "%s: the state of parameter %d does not fit it\n  hint: an optimizer belongs to the parameters it "
                 "was made for",
                 name, position);
}

static const ml_update_states no_states = {{NULL}};

/* Gathers the parameters of `dtype` with gradients, and what is kept for them. slopes: what stands in for the
 * gradients, or NULL. */
static ml_status gather(ml_context *c, const char *name, ml_dtype dtype, int count, ml_tensor *const *params,
                        ml_tensor *const *slopes, const ml_update_states *states, param_list *list) {
  *list = (param_list){.bytes = ((size_t)count + 1) * (sizeof(int64_t) + (4 + ML_UPDATE_STATES) * sizeof(void *))};
  ML_TRY(ml_alloc_checked(c, list->bytes, &list->block));
  size_t n = (size_t)count + 1;
  list->start = list->block;
  list->param = (ml_tensor **)(list->start + n);
  list->grad = list->param + n;
  list->data = (void **)(list->grad + n);
  list->slope = list->data + n;
  for (int j = 0; j < ML_UPDATE_STATES; j++) list->state[j] = list->slope + (size_t)(j + 1) * n;
  list->start[0] = 0;
  ml_status status = ML_OK;
  for (int i = 0; i < count && status == ML_OK; i++) {
    ml_tensor *p = params[i], *slope = slopes ? slopes[i] : p->grad;
    if (slope == NULL || p->dtype != dtype || ml_count(p) == 0) continue;
    int at = list->count;
    status = check_param(c, name, p, slope, i + 1);
    for (int j = 0; j < ML_UPDATE_STATES && status == ML_OK; j++)
      if (states->of[j]) status = check_state(c, name, p, states->of[j][i], i + 1);
    if (status == ML_OK) status = ml_contiguous_unrecorded(c, slope, &list->grad[at]);
    if (status != ML_OK) break;
    list->param[at] = p;
    list->data[at] = ml_data(p), list->slope[at] = ml_data(list->grad[at]);
    for (int j = 0; j < ML_UPDATE_STATES; j++) list->state[j][at] = states->of[j] ? ml_data(states->of[j][i]) : NULL;
    list->start[at + 1] = list->start[at] + ml_count(p);
    list->elements = list->start[at + 1];
    list->count++;
  }
  if (status != ML_OK) list_release(list);
  return status;
}

static void point_at(update_job *job, const param_list *list, const ml_update_states *states) {
  job->count = list->count, job->start = list->start;
  job->param = list->data, job->grad = list->slope;
  for (int j = 0; j < ML_UPDATE_STATES; j++) job->state[j] = states->of[j] ? list->state[j] : NULL;
}

/* One step of a kernel over the parameters of both types: of all or, where something fails or is wrong, of none. The
 * interrupt flag is not looked at: weights of which only some had their step belong to no training. */
static ml_status update(ml_context *c, const char *name, nn_kernel which, int count, ml_tensor *const *params,
                        ml_tensor *const *slopes, const ml_update_states *states, update_job job) {
  param_list lists[2] = {{0}};
  ml_status status = gather(c, name, ML_FLOAT32, count, params, slopes, states, &lists[0]);
  if (status == ML_OK) status = gather(c, name, ML_FLOAT64, count, params, slopes, states, &lists[1]);
  for (int k = 0; k < 2; k++) {
    param_list *list = &lists[k];
    point_at(&job, list, states);
    if (status == ML_OK)
      ml_parallel_for_whole(list->elements, NN_UPDATE_GRAIN, nn_kernel_for(which, ML_FLOAT32 + k), &job);
    for (int i = 0; i < list->count && status == ML_OK; i++) list->param[i]->storage->version++;
    list_release(list);
  }
  return status;
}

static const struct {
  const char *name;
  nn_kernel kernel;
} rules[] = {
    [ML_SGD] = {"sgd", NN_sgd},
    [ML_ADAM] = {"adam", NN_adam},
    [ML_ADAMW] = {"adamw", NN_adam},
    [ML_RMSPROP] = {"rmsprop", NN_rmsprop},
    [ML_ADAGRAD] = {"adagrad", NN_adagrad},
    [ML_LION] = {"lion", NN_lion},
};

ml_status ml_optimizer_step(ml_context *c, int count, ml_tensor *const *params, const ml_update_states *states,
                            int64_t step, const ml_update_options *o) {
  const char *name = rules[o->rule].name;
  if (step < 1) return ml_fail(c, "%s: steps count from 1, got %lld", name, (long long)step);
  update_job job = {.lr = o->lr,
                    .weight_decay = o->weight_decay,
                    .momentum = o->momentum,
                    .beta1 = o->beta1,
                    .beta2 = o->beta2,
                    .eps = o->eps,
                    .alpha = o->alpha,
                    .nesterov = o->nesterov,
                    .decoupled = o->rule == ML_ADAMW,
                    .step_size = o->lr / (1 - pow(o->beta1, (double)step)),
                    .root_factor = 1 / sqrt(1 - pow(o->beta2, (double)step))};
  if (o->rule == ML_ADAGRAD) job.lr = o->lr / (1 + (double)(step - 1) * o->lr_decay);
  return update(c, name, rules[o->rule].kernel, count, params, NULL, states, job);
}

ml_status ml_average_step(ml_context *c, int count, ml_tensor *const *averages, ml_tensor *const *params,
                          double decay) {
  return update(c, "ema", NN_average, count, averages, params, &no_states, (update_job){.factor = 1 - decay});
}

/* Adds the squares of the gradients of one type to *total. */
static ml_status add_squares(ml_context *c, ml_dtype dtype, int count, ml_tensor *const *params, double *total) {
  param_list list;
  ML_TRY(gather(c, "grad_norm", dtype, count, params, NULL, &no_states, &list));
  int64_t pieces = ml_pieces(list.elements, NN_UPDATE_GRAIN);
  size_t bytes = (size_t)pieces * sizeof(double);
  void *sums = NULL;
  ml_status status = ML_OK;
  if (pieces > 0) {
    update_job job = {0};
    status = ml_alloc_checked(c, bytes, &sums);
    if (status != ML_OK) goto done;
    point_at(&job, &list, &no_states);
    job.sums = sums;
    status = nn_run(c, NN_square_sum, dtype, list.elements, NN_UPDATE_GRAIN, &job);
    if (status == ML_OK) *total += nn_sum(job.sums, pieces);
  }
done:
  ml_free(sums, bytes);
  list_release(&list);
  return status;
}

ml_status ml_grad_norm(ml_context *c, int count, ml_tensor *const *params, double *norm) {
  double total = 0;
  ML_TRY(add_squares(c, ML_FLOAT32, count, params, &total));
  ML_TRY(add_squares(c, ML_FLOAT64, count, params, &total));
  *norm = sqrt(total);
  return ML_OK;
}

/* Runs scale or clamp over the gradients in place. A gradient that is not contiguous was worked on as a copy, which
 * then takes its place. */
static ml_status change_grads(ml_context *c, const char *name, nn_kernel which, int count, ml_tensor *const *params,
                              update_job job) {
  for (int dtype = ML_FLOAT32; dtype <= ML_FLOAT64; dtype++) {
    param_list list;
    ML_TRY(gather(c, name, (ml_dtype)dtype, count, params, NULL, &no_states, &list));
    point_at(&job, &list, &no_states);
    ml_status status = nn_run(c, which, dtype, list.elements, NN_UPDATE_GRAIN, &job);
    for (int i = 0; i < list.count; i++) {
      list.grad[i]->storage->version++;
      if (list.grad[i] == list.param[i]->grad) continue;
      ml_release(list.param[i]->grad);
      list.param[i]->grad = ml_retain(list.grad[i]);
    }
    list_release(&list);
    if (status != ML_OK) return status;
  }
  return ML_OK;
}

ml_status ml_clip_grad_norm(ml_context *c, int count, ml_tensor *const *params, double max_norm, double *norm) {
  if (!(max_norm > 0)) return ml_fail(c, "clip_grad_norm: the norm must be above 0, got %g", max_norm);
  ML_TRY(ml_grad_norm(c, count, params, norm));
  double factor = max_norm / (*norm + 1e-6);
  if (!isfinite(*norm) || factor >= 1) return ML_OK;
  return change_grads(c, "clip_grad_norm", NN_scale, count, params, (update_job){.factor = factor});
}

ml_status ml_scale_grads(ml_context *c, int count, ml_tensor *const *params, double factor) {
  return change_grads(c, "scale_grads", NN_scale, count, params, (update_job){.factor = factor});
}

ml_status ml_clip_grad_value(ml_context *c, int count, ml_tensor *const *params, double limit) {
  if (!(limit >= 0)) return ml_fail(c, "clip_grad_value: the limit must not be negative, got %g", limit);
  return change_grads(c, "clip_grad_value", NN_clamp, count, params, (update_job){.limit = limit});
}

ml_status ml_grads_finite(ml_context *c, int count, ml_tensor *const *params, int *bad) {
  double norm;
  *bad = -1;
  ML_TRY(ml_grad_norm(c, count, params, &norm));
  if (isfinite(norm)) return ML_OK;
  for (int i = 0; i < count; i++) {
    ML_TRY(ml_grad_norm(c, 1, params + i, &norm));
    if (isfinite(norm)) continue;
    *bad = i;
    return ML_OK;
  }
  return ML_OK; /* float64 squares overflowed, the gradients themselves are finite */
}
