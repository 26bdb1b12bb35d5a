/* Cross-entropy of logits against classes, and the negative log likelihood of log-probabilities.
 *
 * With class weights w, smoothing s and C classes, a row's loss is
 *   (1 - s) w[t] (-log p[t]) + s / C sum_j w[j] (-log p[j]),
 * the mean is over sum(w[t]) of the rows that count. Losses of rows are added in a fixed order, in double. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "nn/sums.h"
#include "tensor/alloc.h"
#include "tensor/formula.h"

/* Logits (B, C, ...) and target (B, ...): the same sizes without C. */
static ml_status check_shapes(ml_context *c, const char *op, const char *name, const ml_tensor *logits,
                              const ml_tensor *target, const ml_tensor *weight, ml_reduction reduction, ml_meta *meta) {
  const ml_shape *ls = &logits->shape, *ts = &target->shape;
  if (ls->ndim < 2) {
    ml_status status =
        ml_fail(c, "%s: %s must have at least 2 dimensions (batch, classes), got %s", op, name, ML_SHAPE(ls));
    if (ls->ndim == 1) ml_message_add(c, "\n  hint: %s:unsqueeze(1) for one row", name);
    return status;
  }
  ml_shape rows = *ls;
  rows.ndim--;
  for (int i = 1; i < rows.ndim; i++) rows.size[i] = ls->size[i + 1];
  if (!ml_shape_equal(&rows, ts)) {
    ml_status status =
        ml_fail(c, "%s: target must be %s for %s %s, got %s", op, ML_SHAPE(&rows), name, ML_SHAPE(ls), ML_SHAPE(ts));
    if (ts->ndim == rows.ndim + 1 && ts->size[1] == 1)
      ml_message_add(c, "\n  hint: target:squeeze(2)");
    else if (ml_shape_equal(ls, ts))
      ml_message_add(c, "\n  hint: target holds classes (1..%lld); of one-hot rows take target:argmax(2)",
                     (long long)ls->size[1]);
    return status;
  }
  ML_TRY(nn_check_vector(c, op, "weight", weight, ls->size[1], "class", ls));
  meta->shape = reduction == ML_REDUCTION_NONE ? rows : ml_make_shape(0);
  return ML_OK;
}

static ml_status check_targets(ml_context *c, const char *op, const ml_tensor *target, int64_t classes,
                               int64_t ignore_index) {
  const int64_t *t = ml_i64(target);
  int64_t n = ml_count(target);
  for (int64_t i = 0; i < n; i++)
    if (t[i] != ignore_index && (t[i] < 1 || t[i] > classes))
      return ml_fail(c, "%s: target %lld at position %lld, but there are %lld classes (1..%lld)", op, (long long)t[i],
                     (long long)(i + 1), (long long)classes, (long long)classes);
  return ML_OK;
}

/* The job over x, logits or log-probabilities, of which backward may have the shape alone. */
static cross_entropy_job job_of(const ml_shape *shape, const ml_tensor *x, const ml_tensor *target, const ml_tensor *weight,
                                int64_t ignore_index) {
  cross_entropy_job job = {.classes = shape->size[1],
                           .inner = 1,
                           .ignore_index = ignore_index,
                           .target = ml_i64(target),
                           .x = x ? ml_data(x) : NULL,
                           .weight = weight ? ml_data(weight) : NULL};
  for (int i = 2; i < shape->ndim; i++) job.inner *= shape->size[i];
  job.blocks = ml_pieces(job.inner, NN_SOFTMAX_BLOCK);
  return job;
}

/* What the kernel runs over: n items with `cost` elements each. */
typedef struct region {
  nn_kernel kernel;
  int64_t n, cost;
} region;

static region region_of(nn_kernel kernel, const cross_entropy_job *job, int64_t rows) {
  if (kernel == NN_nll_forward || kernel == NN_nll_backward)
    return (region){kernel, rows, kernel == NN_nll_forward ? 1 : job->classes};
  int64_t width = job->inner < NN_SOFTMAX_BLOCK ? job->inner : NN_SOFTMAX_BLOCK, exp_cost = 8;
  return (region){kernel, job->inner > 0 ? rows / job->inner * job->blocks : 0, job->classes * width * exp_cost};
}

/* One number for all rows, or a number a row. */
static ml_status reduce(ml_context *c, const cross_entropy_job *job, int64_t rows, ml_reduction reduction,
                        ml_tensor *y) {
  if (reduction != ML_REDUCTION_NONE) {
    double total = nn_sum(job->loss, rows);
    return ml_fill(c, y, reduction == ML_REDUCTION_MEAN ? total / nn_sum(job->row_weight, rows) : total);
  }
  for (int64_t i = 0; i < rows; i++) {
    if (y->dtype == ML_FLOAT32)
      ml_f32(y)[i] = (float)job->loss[i];
    else
      ml_f64(y)[i] = job->loss[i];
  }
  return ML_OK;
}

/* The losses of the rows, reduced into y. */
static ml_status losses(ml_context *c, nn_kernel kernel, cross_entropy_job *job, int64_t rows, ml_reduction reduction,
                        ml_tensor *y) {
  size_t bytes = 2 * (size_t)rows * sizeof(double);
  void *block = NULL;
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  job->loss = block;
  job->row_weight = job->loss + rows;
  region over = region_of(kernel, job, rows);
  ml_status status = nn_run(c, kernel, y->dtype, over.n, nn_grain(over.cost), job);
  if (status == ML_OK) status = reduce(c, job, rows, reduction, y);
  ml_free(block, bytes);
  return status;
}

/* w[t] of a row, 0 if it does not count. */
static double weight_of_row(const cross_entropy_job *job, int dtype, int64_t row) {
  int64_t t = job->target[row] - 1;
  if (job->target[row] == job->ignore_index) return 0;
  if (job->weight == NULL) return 1;
  return dtype == ML_FLOAT32 ? (double)((const float *)job->weight)[t] : ((const double *)job->weight)[t];
}

/* What the gradients of rows are multiplied by: of a mean one by their weight, in the same order as in forward. */
static ml_status set_factor(ml_context *c, cross_entropy_job *job, int dtype, int64_t rows, ml_reduction reduction) {
  job->factor = 1;
  if (reduction != ML_REDUCTION_MEAN) return ML_OK;
  size_t bytes = (size_t)rows * sizeof(double);
  void *block = NULL;
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  double *w = block;
  for (int64_t i = 0; i < rows; i++) w[i] = weight_of_row(job, dtype, i);
  job->factor = 1 / nn_sum(w, rows);
  ml_free(block, bytes);
  return ML_OK;
}

/* Gradients in ops, for gradients of gradients. With q[j] = (1 - s) w[t] [j = t] + s / C w[j], 0 in rows that do not count, a row's
 * loss is -sum_j q[j] log p[j], and its gradient for log p is -q, for the logits p sum(q) - q. */

/* *out: q times the factor of the mean, of the logits' shape. */
static ml_status shares(ml_context *c, const cross_entropy_job *job, const ml_shape *logits, ml_dtype dtype, ml_tensor **out) {
  ML_TRY(ml_zeros(c, logits, dtype, out));
  double smooth = job->label_smoothing / (double)job->classes;
  for (int64_t i = 0, rows = ml_shape_count(logits) / job->classes; i < rows; i++) {
    if (job->target[i] == job->ignore_index) continue;
    int64_t first = i / job->inner * job->classes * job->inner + i % job->inner;
    for (int64_t j = 0; j < job->classes; j++) {
      double weight = job->weight == NULL     ? 1
                      : dtype == ML_FLOAT32   ? (double)((const float *)job->weight)[j]
                                              : ((const double *)job->weight)[j];
      double q = weight * job->factor * (smooth + (j == job->target[i] - 1 ? 1 - job->label_smoothing : 0));
      if (dtype == ML_FLOAT32) ml_f32(*out)[first + j * job->inner] = (float)q;
      else ml_f64(*out)[first + j * job->inner] = q;
    }
  }
  return ML_OK;
}

ML_FORMULA(probabilities, (formula * w, const ml_tensor *x), ml_softmax(w->c, x, 1, t))
ML_FORMULA(beside_classes, (formula * w, const ml_tensor *x), ml_unsqueeze(w->c, x, 1, t))

/* logits: NULL if x is log p already. */
static ml_status backward_recorded(ml_context *c, const cross_entropy_job *job, const ml_tensor *g, const ml_tensor *logits,
                                   const ml_shape *shape, ml_tensor **dx) {
  formula w = {.c = c};
  ml_dims classes = {.count = 1, .dim = {1}};
  ml_tensor **q = place(&w), *slope = NULL;
  if (!done(&w, q, shares(c, job, shape, (ml_dtype)g->dtype, q))) return finish(&w, NULL, NULL);
  if (logits) slope = minus(&w, times(&w, probabilities(&w, logits), sum_over(&w, *q, &classes)), *q);
  else slope = minus(&w, number(&w, 0), *q);
  return finish(&w, times(&w, slope, job->g_step ? beside_classes(&w, g) : g), dx);
}

static ml_status backward(ml_context *c, nn_kernel kernel, cross_entropy_job *job, int64_t rows, const ml_tensor *g,
                          const ml_tensor *logits, const ml_shape *shape, ml_reduction reduction, ml_tensor **dlogits) {
  job->g_step = reduction == ML_REDUCTION_NONE;
  if (ml_shape_count(shape) == 0) return ml_empty(c, shape, (ml_dtype)g->dtype, dlogits);
  ML_TRY(set_factor(c, job, g->dtype, rows, reduction));
  if (c->grad_enabled) return backward_recorded(c, job, g, logits, shape, dlogits);
  ML_TRY(ml_empty(c, shape, (ml_dtype)g->dtype, dlogits));
  job->out = ml_data(*dlogits);
  job->g = ml_data(g);
  region over = region_of(kernel, job, rows);
  return nn_run(c, kernel, g->dtype, over.n, nn_grain(over.cost), job);
}

ml_status cross_entropy_infer(ml_context *c, const ml_tensor *logits, const ml_tensor *target, const ml_tensor *weight,
                              const cross_entropy_options *o, ml_meta *meta) {
  ML_TRY(check_shapes(c, "cross_entropy", "logits", logits, target, weight, o->reduction, meta));
  if (!(o->label_smoothing >= 0 && o->label_smoothing <= 1))
    return ml_fail(c, "cross_entropy: label_smoothing must be from 0 to 1, got %g", o->label_smoothing);
  meta->keep[0] = meta->keep[1] = target->shape;
  meta->flops = 5 * ml_count(logits);
  return ML_OK;
}

ml_status cross_entropy_forward(ml_context *c, const ml_tensor *logits, const ml_tensor *target,
                                const ml_tensor *weight, const cross_entropy_options *o, ml_tensor *top,
                                ml_tensor *log_sum, ml_tensor *y) {
  ML_TRY(check_targets(c, "cross_entropy", target, ml_size(logits, 1), o->ignore_index));
  cross_entropy_job job = job_of(&logits->shape, logits, target, weight, o->ignore_index);
  job.label_smoothing = o->label_smoothing;
  if (top) job.top = ml_data(top), job.log_sum = ml_data(log_sum);
  return losses(c, NN_cross_entropy_forward, &job, ml_count(target), o->reduction, y);
}

ml_status cross_entropy_backward(ml_context *c, const ml_tensor *g, const ml_tensor *logits, const ml_tensor *target,
                                 const ml_tensor *weight, const ml_tensor *top, const ml_tensor *log_sum,
                                 const ml_shape *input_shape, const cross_entropy_options *o, ml_tensor **dlogits) {
  if (dlogits == NULL) return ML_OK;
  cross_entropy_job job = job_of(&input_shape[0], logits, target, weight, o->ignore_index);
  job.label_smoothing = o->label_smoothing;
  job.top = ml_data(top), job.log_sum = ml_data(log_sum);
  return backward(c, NN_cross_entropy_backward, &job, ml_count(target), g, logits, &input_shape[0], o->reduction, dlogits);
}

ml_status nll_loss_infer(ml_context *c, const ml_tensor *log_probability, const ml_tensor *target,
                         const ml_tensor *weight, const nll_loss_options *o, ml_meta *meta) {
  ML_TRY(check_shapes(c, "nll_loss", "log_probability", log_probability, target, weight, o->reduction, meta));
  meta->flops = 2 * ml_count(target);
  return ML_OK;
}

ml_status nll_loss_forward(ml_context *c, const ml_tensor *log_probability, const ml_tensor *target,
                           const ml_tensor *weight, const nll_loss_options *o, ml_tensor *y) {
  ML_TRY(check_targets(c, "nll_loss", target, ml_size(log_probability, 1), o->ignore_index));
  cross_entropy_job job = job_of(&log_probability->shape, log_probability, target, weight, o->ignore_index);
  return losses(c, NN_nll_forward, &job, ml_count(target), o->reduction, y);
}

ml_status nll_loss_backward(ml_context *c, const ml_tensor *g, const ml_tensor *target, const ml_tensor *weight,
                            const ml_shape *input_shape, const nll_loss_options *o, ml_tensor **dlog_probability) {
  if (dlog_probability == NULL) return ML_OK;
  cross_entropy_job job = job_of(&input_shape[0], NULL, target, weight, o->ignore_index);
  return backward(c, NN_nll_backward, &job, ml_count(target), g, NULL, &input_shape[0], o->reduction, dlog_probability);
}
