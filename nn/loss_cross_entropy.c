/* Cross-entropy of logits against classes, and the negative log likelihood of log-probabilities.
 *
 * With class weights w, smoothing s and C classes, a row's loss is
 *   (1 - s) w[t] (-log p[t]) + s / C sum_j w[j] (-log p[j]),
 * the mean is over sum(w[t]) of the rows that count. Losses of rows are added in a fixed order, in double. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "nn/sums.h"
#include "ops.gen.h"
#include "tensor/alloc.h"

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

static ml_status backward(ml_context *c, nn_kernel kernel, cross_entropy_job *job, int64_t rows, const ml_tensor *g,
                          const ml_shape *logits, ml_reduction reduction, ml_tensor **dlogits) {
  ML_TRY(ml_empty(c, logits, (ml_dtype)g->dtype, dlogits));
  if (ml_shape_count(logits) == 0) return ML_OK;
  job->out = ml_data(*dlogits);
  job->g = ml_data(g);
  job->g_step = reduction == ML_REDUCTION_NONE;
  job->factor = 1;
  if (reduction == ML_REDUCTION_MEAN) { /* the same order as in forward */
    double s = 0;
    size_t bytes = (size_t)rows * sizeof(double);
    void *block = NULL;
    ML_TRY(ml_alloc_checked(c, bytes, &block));
    double *w = block;
    for (int64_t i = 0; i < rows; i++) {
      int64_t t = job->target[i] - 1;
      w[i] = job->target[i] == job->ignore_index ? 0
             : job->weight == NULL               ? 1
             : g->dtype == ML_FLOAT32            ? (double)((const float *)job->weight)[t]
                                                 : ((const double *)job->weight)[t];
    }
    s = nn_sum(w, rows);
    ml_free(block, bytes);
    job->factor = 1 / s;
  }
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
  return backward(c, NN_cross_entropy_backward, &job, ml_count(target), g, &input_shape[0], o->reduction, dlogits);
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
  return backward(c, NN_nll_backward, &job, ml_count(target), g, &input_shape[0], o->reduction, dlog_probability);
}
