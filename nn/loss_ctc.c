/* Connectionist temporal classification: the loss of a series of class probabilities against a shorter series of
 * labels, over all ways of aligning them. Graves et al. 2006.
 *
 * Forward keeps alpha, the log-probability of each state at each step (nn/kernels/ctc.inc); backward runs the same
 * recursion from the end. The rows of the batch are independent of each other. */

#include "nn/kernels.h"
#include "nn/sums.h"
#include "ops.gen.h"
#include "tensor/alloc.h"

#include <math.h>

static ml_status check_lengths(ml_context *c, const char *name, const ml_tensor *lengths, int64_t batch) {
  if (lengths == NULL || (lengths->shape.ndim == 1 && ml_size(lengths, 0) == batch)) return ML_OK;
  return ml_fail(c, "ctc_loss: %s must be [%lld], one number a row of the batch, got %s", name, (long long)batch,
                 ML_SHAPE(&lengths->shape));
}

ml_status ctc_loss_infer(ml_context *c, const ml_tensor *log_probability, const ml_tensor *target,
                         const ml_tensor *input_lengths, const ml_tensor *target_lengths, const ctc_loss_options *o,
                         ml_meta *meta) {
  const ml_shape *ps = &log_probability->shape, *ts = &target->shape;
  const char *order = o->batch_first ? "batch, time, classes" : "time, batch, classes";
  if (ps->ndim != 3)
    return ml_fail(c, "ctc_loss: log_probability must have 3 dimensions (%s), got %s", order, ML_SHAPE(ps));
  int64_t time = ps->size[o->batch_first], batch = ps->size[!o->batch_first], classes = ps->size[2];
  if (ts->ndim != 2 || ts->size[0] != batch) {
    ml_status status = ml_fail(c, "ctc_loss: target must be [%lld, S] for log_probability %s (%s), got %s",
                               (long long)batch, ML_SHAPE(ps), order, ML_SHAPE(ts));
    if (ts->ndim == 2 && ts->size[0] == time)
      ml_message_add(c, "\n  hint: {batch_first = %s}", o->batch_first ? "false" : "true");
    return status;
  }
  if (o->blank < 1 || o->blank > classes)
    return ml_fail(c, "ctc_loss: blank must be a class from 1 to %lld, got %lld", (long long)classes,
                   (long long)o->blank);
  ML_TRY(check_lengths(c, "input_lengths", input_lengths, batch));
  ML_TRY(check_lengths(c, "target_lengths", target_lengths, batch));
  meta->shape = o->reduction == ML_REDUCTION_NONE ? ml_make_shape(1, batch) : ml_make_shape(0);
  meta->keep[0] = ml_make_shape(3, batch, time, 2 * ts->size[1] + 1);
  meta->keep[1] = ml_make_shape(1, batch);
  meta->flops = 20 * ml_shape_count(&meta->keep[0]);
  return ML_OK;
}

/* A job with lengths of its own, in one block with a double for each row of the batch. */
typedef struct ctc_run {
  ctc_job job;
  int64_t batch;
  int64_t *input_lengths, *target_lengths;
  double *rate;
  void *block;
  size_t bytes;
} ctc_run;

/* The labels of one row up to its length: classes, and not the blank. */
static ml_status check_labels(ml_context *c, const ctc_run *run, int64_t b) {
  const int64_t *target = run->job.target + b * run->job.width;
  for (int64_t s = 0; s < run->target_lengths[b]; s++) {
    if (target[s] == run->job.blank + 1)
      return ml_fail(c, "ctc_loss: target [%lld, %lld] is the blank %lld; labels are the other classes",
                     (long long)(b + 1), (long long)(s + 1), (long long)target[s]);
    if (target[s] < 1 || target[s] > run->job.classes)
      return ml_fail(c, "ctc_loss: target [%lld, %lld] is %lld, but there are %lld classes (1..%lld)",
                     (long long)(b + 1), (long long)(s + 1), (long long)target[s], (long long)run->job.classes,
                     (long long)run->job.classes);
  }
  return ML_OK;
}

static ml_status settle_lengths(ml_context *c, ctc_run *run, const ml_tensor *input_lengths,
                                const ml_tensor *target_lengths) {
  const ctc_job *job = &run->job;
  for (int64_t b = 0; b < run->batch; b++) {
    const int64_t *target = job->target + b * job->width;
    int64_t time = input_lengths ? ml_i64(input_lengths)[b] : job->time, length = 0;
    if (target_lengths)
      length = ml_i64(target_lengths)[b];
    else
      while (length < job->width && target[length] != 0) length++;
    if (time < 0 || time > job->time)
      return ml_fail(c, "ctc_loss: input_lengths[%lld] is %lld, but there are %lld steps", (long long)(b + 1),
                     (long long)time, (long long)job->time);
    if (length < 0 || length > job->width)
      return ml_fail(c, "ctc_loss: target_lengths[%lld] is %lld, but target has %lld columns", (long long)(b + 1),
                     (long long)length, (long long)job->width);
    run->input_lengths[b] = time, run->target_lengths[b] = length;
    ML_TRY(check_labels(c, run, b));
  }
  return ML_OK;
}

static void run_release(ctc_run *run) { ml_free(run->block, run->bytes); }

static ml_status run_init(ml_context *c, const ml_shape *log_probability, const ml_tensor *target,
                          const ml_tensor *input_lengths, const ml_tensor *target_lengths, const ctc_loss_options *o,
                          ctc_run *run) {
  const int64_t *size = log_probability->size;
  int64_t time = size[o->batch_first], batch = size[!o->batch_first], classes = size[2], width = ml_size(target, 1);
  *run = (ctc_run){.batch = batch, .bytes = (size_t)batch * (2 * sizeof(int64_t) + sizeof(double))};
  ML_TRY(ml_alloc_checked(c, run->bytes, &run->block));
  run->rate = run->block;
  run->input_lengths = (int64_t *)(run->rate + batch);
  run->target_lengths = run->input_lengths + batch;
  run->job = (ctc_job){.time = time,
                       .classes = classes,
                       .width = width,
                       .states = 2 * width + 1,
                       .blank = o->blank - 1,
                       .step_time = o->batch_first ? classes : batch * classes,
                       .step_batch = o->batch_first ? time * classes : classes,
                       .zero_infinity = o->zero_infinity,
                       .target = ml_i64(target),
                       .input_lengths = run->input_lengths,
                       .target_lengths = run->target_lengths,
                       .rate = run->rate};
  ml_status status = settle_lengths(c, run, input_lengths, target_lengths);
  if (status != ML_OK) run_release(run);
  return status;
}

/* What the kernels work in, hung on the job. */
static ml_status scratch_rows(ml_context *c, ctc_run *run, ml_dtype dtype, ml_tensor **scratch) {
  ml_shape rows = ml_make_shape(3, run->batch, NN_CTC_ROWS, run->job.states);
  ML_TRY(ml_empty(c, &rows, dtype, scratch));
  run->job.scratch = ml_data(*scratch);
  return ML_OK;
}

/* What the loss of row b is multiplied by: a mean divides by the target's length and by the rows. */
static double share(const ctc_run *run, ml_reduction reduction, int64_t b) {
  if (reduction != ML_REDUCTION_MEAN) return 1;
  int64_t length = run->target_lengths[b] > 1 ? run->target_lengths[b] : 1;
  return 1 / ((double)length * (double)run->batch);
}

static double number_at(const ml_tensor *x, int64_t i) {
  return x->dtype == ML_FLOAT32 ? (double)ml_f32(x)[i] : ml_f64(x)[i];
}

static ml_status reduce(ml_context *c, const ctc_run *run, const ml_tensor *loss, const ctc_loss_options *o,
                        ml_tensor *y) {
  for (int64_t b = 0; b < run->batch; b++) {
    double value = number_at(loss, b);
    run->rate[b] = isinf(value) && o->zero_infinity ? 0 : value * share(run, o->reduction, b);
    if (o->reduction != ML_REDUCTION_NONE) continue;
    if (y->dtype == ML_FLOAT32)
      ml_f32(y)[b] = (float)run->rate[b];
    else
      ml_f64(y)[b] = run->rate[b];
  }
  if (o->reduction == ML_REDUCTION_NONE) return ML_OK;
  double total = run->batch > 0 || o->reduction == ML_REDUCTION_SUM ? nn_sum(run->rate, run->batch) : NAN;
  return ml_fill(c, y, total);
}

ml_status ctc_loss_forward(ml_context *c, const ml_tensor *log_probability, const ml_tensor *target,
                           const ml_tensor *input_lengths, const ml_tensor *target_lengths, const ctc_loss_options *o,
                           ml_tensor *alpha, ml_tensor *loss, ml_tensor *y) {
  ctc_run run;
  ML_TRY(run_init(c, &log_probability->shape, target, input_lengths, target_lengths, o, &run));
  ml_tensor *own_alpha = NULL, *own_loss = NULL, *scratch = NULL;
  ml_shape states = ml_make_shape(3, run.batch, run.job.time, run.job.states), rows = ml_make_shape(1, run.batch);
  ml_dtype dtype = (ml_dtype)log_probability->dtype;
  ml_status status = scratch_rows(c, &run, dtype, &scratch);
  if (status == ML_OK && alpha == NULL) { /* nothing is kept without a graph */
    status = ml_empty(c, &states, dtype, &own_alpha);
    if (status == ML_OK) status = ml_empty(c, &rows, dtype, &own_loss);
    alpha = own_alpha, loss = own_loss;
  }
  if (status == ML_OK) {
    run.job.log_probability = ml_data(log_probability), run.job.alpha = ml_data(alpha), run.job.loss = ml_data(loss);
    status = nn_run(c, NN_ctc_forward, dtype, run.batch, 1, &run.job);
  }
  if (status == ML_OK) status = reduce(c, &run, loss, o, y);
  ml_release(own_alpha);
  ml_release(own_loss);
  ml_release(scratch);
  run_release(&run);
  return status;
}

ml_status ctc_loss_backward(ml_context *c, const ml_tensor *g, const ml_tensor *log_probability,
                            const ml_tensor *target, const ml_tensor *input_lengths, const ml_tensor *target_lengths,
                            const ml_tensor *alpha, const ml_tensor *loss, const ml_shape *input_shape,
                            const ctc_loss_options *o, ml_tensor **dlog_probability) {
  if (dlog_probability == NULL) return ML_OK;
  ctc_run run;
  ML_TRY(run_init(c, &input_shape[0], target, input_lengths, target_lengths, o, &run));
  ml_tensor *scratch = NULL;
  ml_status status = scratch_rows(c, &run, (ml_dtype)g->dtype, &scratch);
  if (status == ML_OK) status = ml_zeros(c, &input_shape[0], (ml_dtype)g->dtype, dlog_probability);
  if (status == ML_OK) {
    for (int64_t b = 0; b < run.batch; b++)
      run.rate[b] = number_at(g, o->reduction == ML_REDUCTION_NONE ? b : 0) * share(&run, o->reduction, b);
    run.job.log_probability = ml_data(log_probability), run.job.alpha = ml_data(alpha), run.job.loss = ml_data(loss);
    run.job.out = ml_data(*dlog_probability);
    status = nn_run(c, NN_ctc_backward, g->dtype, run.batch, 1, &run.job);
  }
  ml_release(scratch);
  run_release(&run);
  return status;
}
