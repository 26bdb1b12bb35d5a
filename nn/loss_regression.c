/* Losses of numbers against numbers: mse, l1, huber, smooth l1, the divergence of probabilities, and binary
 * cross-entropy with logits.
 *
 * Forward sums fixed blocks of elements and then the blocks' sums. Backward is made of ops, so that gradients of
 * gradients work. None of them broadcasts: (B, 1) against (B) would give B x B differences and no error. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "nn/sums.h"
#include "ops.gen.h"
#include "tensor/alloc.h"

static ml_status check_shapes(ml_context *c, const char *op, const char *name, const ml_shape *x,
                              const ml_shape *target, ml_reduction reduction, ml_meta *meta) {
  if (!ml_shape_equal(x, target)) {
    ml_status status = ml_fail(c, "%s: %s and target must have the same shape, got %s and %s", op, name, ML_SHAPE(x),
                               ML_SHAPE(target));
    const ml_shape *longer = x->ndim > target->ndim ? x : target, *shorter = longer == x ? target : x;
    if (longer->ndim == shorter->ndim + 1 && longer->size[shorter->ndim] == 1 &&
        ml_shape_count(longer) == ml_shape_count(shorter))
      ml_message_add(c, "\n  hint: %s:squeeze(%d) or %s:unsqueeze(%d)", longer == x ? name : "target", longer->ndim,
                     longer == x ? "target" : name, longer->ndim);
    return status;
  }
  if (reduction != ML_REDUCTION_NONE) meta->shape = ml_make_shape(0);
  meta->flops = 3 * ml_shape_count(x);
  return ML_OK;
}

/* What the sum of the losses is divided by. */
static double divisor(ml_reduction reduction, const ml_shape *x) {
  if (reduction == ML_REDUCTION_MEAN) return (double)ml_shape_count(x);
  if (reduction == ML_REDUCTION_BATCHMEAN && x->ndim > 0) return (double)x->size[0];
  return 1;
}

static ml_status forward(ml_context *c, regression_job job, const ml_tensor *x, const ml_tensor *target,
                         ml_reduction reduction, ml_tensor *y) {
  int64_t n = ml_count(x), pieces = ml_pieces(n, NN_LOSS_GRAIN);
  job.x = ml_data(x), job.target = ml_data(target);
  if (reduction == ML_REDUCTION_NONE) {
    job.out = ml_data(y);
    return nn_run(c, NN_regression_loss, x->dtype, n, NN_LOSS_GRAIN, &job);
  }
  size_t bytes = (size_t)pieces * sizeof(double);
  void *sums = NULL;
  ML_TRY(ml_alloc_checked(c, bytes, &sums));
  job.sums = sums;
  ml_status status = nn_run(c, NN_regression_loss, x->dtype, n, NN_LOSS_GRAIN, &job);
  if (status == ML_OK) { status = ml_fill(c, y, nn_sum(job.sums, pieces) / divisor(reduction, &x->shape)); }
  ml_free(sums, bytes);
  return status;
}

/* g for each element: g times `factor`, divided as the losses were. */
static ml_status scaled(ml_context *c, const ml_tensor *g, const ml_shape *x, ml_reduction reduction, double factor,
                        ml_tensor **out) {
  ml_tensor *number = NULL;
  ML_TRY(ml_number(c, factor / divisor(reduction, x), &number));
  ml_status status = ml_mul(c, g, number, out);
  ml_release(number);
  return status;
}

/* slope * scaled g goes to x, and the opposite to target. */
static ml_status to_both(ml_context *c, const ml_tensor *slope, const ml_tensor *g, const ml_shape *x,
                         ml_reduction reduction, double factor, ml_tensor **dx, ml_tensor **dtarget) {
  ml_tensor *scale = NULL, *gradient = NULL;
  ml_status status = scaled(c, g, x, reduction, factor, &scale);
  if (status == ML_OK) status = ml_mul(c, slope, scale, &gradient);
  if (status == ML_OK && dtarget) status = ml_neg(c, gradient, dtarget);
  if (status == ML_OK && dx) *dx = ml_retain(gradient);
  ml_release(scale);
  ml_release(gradient);
  return status;
}

ml_status mse_loss_infer(ml_context *c, const ml_tensor *x, const ml_tensor *target, const mse_loss_options *o,
                         ml_meta *meta) {
  return check_shapes(c, "mse_loss", "x", &x->shape, &target->shape, o->reduction, meta);
}
ml_status mse_loss_forward(ml_context *c, const ml_tensor *x, const ml_tensor *target, const mse_loss_options *o,
                           ml_tensor *y) {
  return forward(c, (regression_job){.kind = REGRESSION_MSE}, x, target, o->reduction, y);
}
ml_status mse_loss_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *target,
                            const ml_shape *input_shape, const mse_loss_options *o, ml_tensor **dx,
                            ml_tensor **dtarget) {
  ml_tensor *difference = NULL;
  ML_TRY(ml_sub(c, x, target, &difference));
  ml_status status = to_both(c, difference, g, input_shape, o->reduction, 2, dx, dtarget);
  ml_release(difference);
  return status;
}

ml_status l1_loss_infer(ml_context *c, const ml_tensor *x, const ml_tensor *target, const l1_loss_options *o,
                        ml_meta *meta) {
  return check_shapes(c, "l1_loss", "x", &x->shape, &target->shape, o->reduction, meta);
}
ml_status l1_loss_forward(ml_context *c, const ml_tensor *x, const ml_tensor *target, const l1_loss_options *o,
                          ml_tensor *y) {
  return forward(c, (regression_job){.kind = REGRESSION_L1}, x, target, o->reduction, y);
}
ml_status l1_loss_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *target,
                           const ml_shape *input_shape, const l1_loss_options *o, ml_tensor **dx, ml_tensor **dtarget) {
  ml_tensor *difference = NULL, *side = NULL;
  ml_status status = ml_sub(c, x, target, &difference);
  if (status == ML_OK) status = ml_sign(c, difference, &side);
  if (status == ML_OK) status = to_both(c, side, g, input_shape, o->reduction, 1, dx, dtarget);
  ml_release(difference);
  ml_release(side);
  return status;
}

ml_status huber_loss_infer(ml_context *c, const ml_tensor *x, const ml_tensor *target, const huber_loss_options *o,
                           ml_meta *meta) {
  if (!(o->delta > 0)) return ml_fail(c, "huber_loss: delta must be above 0, got %g", o->delta);
  return check_shapes(c, "huber_loss", "x", &x->shape, &target->shape, o->reduction, meta);
}
ml_status huber_loss_forward(ml_context *c, const ml_tensor *x, const ml_tensor *target, const huber_loss_options *o,
                             ml_tensor *y) {
  return forward(c, (regression_job){.kind = REGRESSION_HUBER, .delta = o->delta}, x, target, o->reduction, y);
}
ml_status huber_loss_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *target,
                              const ml_shape *input_shape, const huber_loss_options *o, ml_tensor **dx,
                              ml_tensor **dtarget) {
  ml_tensor *difference = NULL, *slope = NULL;
  ml_status status = ml_sub(c, x, target, &difference);
  if (status == ML_OK) status = ml_clamp(c, difference, -o->delta, o->delta, &slope);
  if (status == ML_OK) status = to_both(c, slope, g, input_shape, o->reduction, 1, dx, dtarget);
  ml_release(difference);
  ml_release(slope);
  return status;
}

ml_status smooth_l1_loss_infer(ml_context *c, const ml_tensor *x, const ml_tensor *target,
                               const smooth_l1_loss_options *o, ml_meta *meta) {
  if (!(o->beta >= 0)) return ml_fail(c, "smooth_l1_loss: beta must not be negative, got %g", o->beta);
  return check_shapes(c, "smooth_l1_loss", "x", &x->shape, &target->shape, o->reduction, meta);
}
ml_status smooth_l1_loss_forward(ml_context *c, const ml_tensor *x, const ml_tensor *target,
                                 const smooth_l1_loss_options *o, ml_tensor *y) {
  return forward(c, (regression_job){.kind = REGRESSION_SMOOTH_L1, .delta = o->beta}, x, target, o->reduction, y);
}
ml_status smooth_l1_loss_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *target,
                                  const ml_shape *input_shape, const smooth_l1_loss_options *o, ml_tensor **dx,
                                  ml_tensor **dtarget) {
  ml_tensor *difference = NULL, *slope = NULL;
  ml_status status = ml_sub(c, x, target, &difference);
  if (status == ML_OK)
    status = o->beta > 0 ? ml_clamp(c, difference, -o->beta, o->beta, &slope) : ml_sign(c, difference, &slope);
  if (status == ML_OK)
    status = to_both(c, slope, g, input_shape, o->reduction, o->beta > 0 ? 1 / o->beta : 1, dx, dtarget);
  ml_release(difference);
  ml_release(slope);
  return status;
}

ml_status kl_div_infer(ml_context *c, const ml_tensor *x, const ml_tensor *target, const kl_div_options *o,
                       ml_meta *meta) {
  return check_shapes(c, "kl_div", "x", &x->shape, &target->shape, o->reduction, meta);
}
ml_status kl_div_forward(ml_context *c, const ml_tensor *x, const ml_tensor *target, const kl_div_options *o,
                         ml_tensor *y) {
  regression_job job = {.kind = o->log_target ? REGRESSION_KL_LOG : REGRESSION_KL};
  return forward(c, job, x, target, o->reduction, y);
}
/* With p the target and q its logarithm: dx = -p g; dp = (q - x + 1) g, dq = p times that. */
ml_status kl_div_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *target,
                          const ml_shape *input_shape, const kl_div_options *o, ml_tensor **dx, ml_tensor **dtarget) {
  ml_tensor *scale = NULL, *p = NULL, *share = NULL, *q = NULL, *one = NULL, *distance = NULL, *slope = NULL;
  ml_status status = scaled(c, g, input_shape, o->reduction, 1, &scale);
  if (status == ML_OK && o->log_target) status = ml_exp(c, target, &p);
  if (status == ML_OK) status = ml_mul(c, o->log_target ? p : target, scale, &share);
  if (status == ML_OK && dx) status = ml_neg(c, share, dx);
  if (status == ML_OK && dtarget) {
    if (!o->log_target) status = ml_log(c, target, &q);
    if (status == ML_OK) status = ml_number(c, 1, &one);
    if (status == ML_OK) status = ml_sub(c, o->log_target ? target : q, x, &distance);
    if (status == ML_OK) status = ml_add(c, distance, one, &slope);
    if (status == ML_OK) status = ml_mul(c, slope, o->log_target ? share : scale, dtarget);
  }
  ml_tensor *all[] = {scale, p, share, q, one, distance, slope};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
  return status;
}

ml_status bce_with_logits_infer(ml_context *c, const ml_tensor *logits, const ml_tensor *target,
                                const ml_tensor *pos_weight, const bce_with_logits_options *o, ml_meta *meta) {
  const ml_shape *ls = &logits->shape;
  ML_TRY(check_shapes(c, "bce_with_logits", "logits", ls, &target->shape, o->reduction, meta));
  if (pos_weight == NULL || pos_weight->shape.ndim == 0) return ML_OK;
  int64_t last = ls->ndim ? ls->size[ls->ndim - 1] : 1;
  if (pos_weight->shape.ndim == 1 && (ml_count(pos_weight) == last || ml_count(pos_weight) == 1)) return ML_OK;
  return ml_fail(
      c, "bce_with_logits: pos_weight must be a scalar or [%lld], as the last dimension of logits %s is, got %s",
      (long long)last, ML_SHAPE(ls), ML_SHAPE(&pos_weight->shape));
}

ml_status bce_with_logits_forward(ml_context *c, const ml_tensor *logits, const ml_tensor *target,
                                  const ml_tensor *pos_weight, const bce_with_logits_options *o, ml_tensor *y) {
  regression_job job = {.kind = REGRESSION_BCE};
  if (pos_weight) job.pos_weight = ml_data(pos_weight), job.pos_weight_count = ml_count(pos_weight);
  return forward(c, job, logits, target, o->reduction, y);
}

/* *out = 1 + (pos_weight - 1) * target: what the logarithm is multiplied by. */
static ml_status positive_share(ml_context *c, const ml_tensor *target, const ml_tensor *pos_weight,
                                const ml_tensor *one, ml_tensor **out) {
  ml_tensor *extra = NULL, *share = NULL;
  ml_status status = ml_sub(c, pos_weight, one, &extra);
  if (status == ML_OK) status = ml_mul(c, target, extra, &share);
  if (status == ML_OK) status = ml_add(c, share, one, out);
  ml_release(extra);
  ml_release(share);
  return status;
}

/* The slope is (1 - t) - (1 + (pos_weight - 1) t) sigmoid(-x). */
ml_status bce_with_logits_backward(ml_context *c, const ml_tensor *g, const ml_tensor *logits, const ml_tensor *target,
                                   const ml_tensor *pos_weight, const ml_shape *input_shape,
                                   const bce_with_logits_options *o, ml_tensor **dlogits) {
  ml_tensor *one = NULL, *negative = NULL, *miss = NULL, *share = NULL, *weighted = NULL, *rest = NULL, *slope = NULL;
  ml_status status = ml_number(c, 1, &one);
  if (status == ML_OK) status = ml_neg(c, logits, &negative);
  if (status == ML_OK) status = ml_sigmoid(c, negative, &miss);
  if (status == ML_OK && pos_weight) {
    status = positive_share(c, target, pos_weight, one, &share);
    if (status == ML_OK) status = ml_mul(c, share, miss, &weighted);
  }
  if (status == ML_OK) status = ml_sub(c, one, target, &rest);
  if (status == ML_OK) status = ml_sub(c, rest, pos_weight ? weighted : miss, &slope);
  if (status == ML_OK) status = to_both(c, slope, g, input_shape, o->reduction, 1, dlogits, NULL);
  ml_tensor *all[] = {one, negative, miss, share, weighted, rest, slope};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
  return status;
}
