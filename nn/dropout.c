/* Dropout. Srivastava et al. 2014. The choice is a pure function of (key, element), so backward draws it again and
 * nothing is kept. Without a key the next of the context's stream is taken, once, before forward: backward sees it. */

#include "nn/kernels.h"
#include "ops.gen.h"
#include "tensor/random.h"

enum { GRAIN = 4096 }; /* a multiple of 4, the numbers of one random block */

ml_status dropout_prepare(ml_context *c, const ml_call *call, dropout_args *args) {
  /* A model that is only checked draws nothing. */
  if (args->options.key == 0 && call->in[0]->storage != NULL) args->options.key = (int64_t)ml_random_next_key(c);
  return ML_OK;
}

ml_status dropout_infer(ml_context *c, const ml_tensor *x, const dropout_options *o, ml_meta *meta) {
  if (!(o->p >= 0 && o->p <= 1)) return ml_fail(c, "dropout: p must be from 0 to 1, got %g", o->p);
  meta->flops = ml_count(x);
  return ML_OK;
}

ml_status dropout_forward(ml_context *c, const ml_tensor *x, const dropout_options *o, ml_tensor *y) {
  dropout_job job = {.key = (uint64_t)o->key, .p = o->p, .x = ml_data(x), .y = ml_data(y)};
  return nn_run(c, NN_dropout, x->dtype, ml_count(x), GRAIN, &job);
}

ml_status dropout_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const dropout_options *o,
                           ml_tensor **dx) {
  (void)input_shape;
  if (dx == NULL) return ML_OK;
  if (c->grad_enabled) return ml_dropout(c, g, o, dx);
  ML_TRY(ml_empty_like(c, g, dx));
  return dropout_forward(c, g, o, *dx);
}
