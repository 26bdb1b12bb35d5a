/* Softmax and log-softmax over one dimension.
 *
 * Rows are shifted by their maximum, so that exp never overflows. Sums run in a fixed order: the result depends on
 * neither vector width nor threads. Backward needs only the output. Softmax: dx = y * (dy - sum(dy * y));
 * log-softmax: dx = dy - exp(y) * sum(dy). */

#include "nn/kernels.h"
#include "tensor/formula.h"

/* An element's exp costs about as much as eight plain operations. */
enum { EXP_COST = 8 };

/* Cuts a shape at dim. False: there is nothing to do. */
static bool cut(const ml_shape *s, int64_t dim, softmax_job *job, int64_t *outer) {
  *outer = 1;
  job->inner = 1;
  job->n = s->size[dim];
  for (int i = 0; i < dim; i++) *outer *= s->size[i];
  for (int i = (int)dim + 1; i < s->ndim; i++) job->inner *= s->size[i];
  job->blocks = ml_pieces(job->inner, NN_SOFTMAX_BLOCK);
  return ml_shape_count(s) > 0;
}

static ml_status run(ml_context *c, nn_kernel which, int dtype, int64_t outer, softmax_job *job) {
  int64_t width = job->inner < NN_SOFTMAX_BLOCK ? job->inner : NN_SOFTMAX_BLOCK;
  return nn_run(c, which, dtype, outer * job->blocks, nn_grain(job->n * width * EXP_COST), job);
}

static ml_status forward(ml_context *c, const ml_tensor *x, int64_t dim, bool logarithm, ml_tensor *y) {
  softmax_job job = {.logarithm = logarithm};
  int64_t outer;
  if (!cut(&x->shape, dim, &job, &outer)) return ML_OK;
  job.x = ml_data(x);
  job.y = ml_data(y);
  return run(c, NN_softmax_forward, x->dtype, outer, &job);
}

/* The same in ops, for gradients of gradients. */
static ml_status backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *y, int64_t dim, bool logarithm,
                                   ml_tensor **dx) {
  formula w = {.c = c};
  ml_dims dims = {.count = 1, .dim = {dim}};
  ml_tensor *result = logarithm ? minus(&w, g, times(&w, exponential(&w, y), sum_over(&w, g, &dims)))
                                : times(&w, y, minus(&w, g, sum_over(&w, times(&w, g, y), &dims)));
  return finish(&w, result, dx);
}

static ml_status backward(ml_context *c, const ml_tensor *g, const ml_tensor *y, int64_t dim, bool logarithm,
                          ml_tensor **dx) {
  softmax_job job = {.logarithm = logarithm};
  int64_t outer;
  if (dx == NULL) return ML_OK;
  if (c->grad_enabled) return backward_recorded(c, g, y, dim, logarithm, dx);
  ML_TRY(ml_empty_like(c, g, dx));
  if (!cut(&y->shape, dim, &job, &outer)) return ML_OK;
  job.x = ml_data(y);
  job.g = ml_data(g);
  job.y = ml_data(*dx);
  return run(c, NN_softmax_backward, y->dtype, outer, &job);
}

ml_status softmax_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  (void)c, (void)dim;
  meta->flops = 5 * ml_count(x); /* maximum, shift, exp, sum, scale */
  return ML_OK;
}
ml_status softmax_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *y) {
  return forward(c, x, dim, false, y);
}
ml_status softmax_backward(ml_context *c, const ml_tensor *g, const ml_tensor *y, const ml_shape *input_shape,
                           int64_t dim, ml_tensor **dx) {
  (void)input_shape;
  return backward(c, g, y, dim, false, dx);
}

ml_status log_softmax_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  return softmax_infer(c, x, dim, meta);
}
ml_status log_softmax_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *y) {
  return forward(c, x, dim, true, y);
}
ml_status log_softmax_backward(ml_context *c, const ml_tensor *g, const ml_tensor *y, const ml_shape *input_shape,
                               int64_t dim, ml_tensor **dx) {
  (void)input_shape;
  return backward(c, g, y, dim, true, dx);
}
