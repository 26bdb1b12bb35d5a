/* Elementwise ops: one generated kernel for the forward and one for each gradient, run over any strides. */
#ifndef ML_ELEMENTWISE_H
#define ML_ELEMENTWISE_H

#include "tensor/op.h"

/* n contiguous elements; the result may stand where an input stands. p: the op's numbers. */
typedef void (*ml_kernel)(int64_t n, void *const *in, void *out, const double *p);

enum { ML_KERNEL_INPUTS = 5 };

typedef struct ml_kernel_use {
  int kernel;
  int inputs;
  int8_t source[ML_KERNEL_INPUTS]; /* forward: which input. Gradient: which saved tensor, -1 for g */
} ml_kernel_use;

typedef struct ml_elementwise {
  ml_kernel_use forward;
  ml_kernel_use grad[ML_MAX_INPUTS];
  bool passes[ML_MAX_INPUTS]; /* the gradient is g itself */
  int result;                 /* ML_BOOL for comparisons, -1: the type of the inputs */
  int nonzero, nonnegative;   /* an input whose integers must be so, or -1 */
} ml_elementwise;

ML_CHECKED ml_status ml_elementwise_infer(ml_context *c, const ml_call *call, ml_meta *meta);
ML_CHECKED ml_status ml_elementwise_forward(ml_context *c, const ml_call *call, ml_tensor *y);
ML_CHECKED ml_status ml_elementwise_backward(ml_context *c, const ml_grad_call *call);

/* Runs a kernel of element type `dtype` over tensors that broadcast to y's shape. */
ML_CHECKED ml_status ml_elementwise_run(ml_context *c, int kernel, ml_dtype dtype, const ml_tensor *const *in, int count,
                                        ml_tensor *y, const double *params);

/* y = in[0] + in[1], unrecorded: how gradients accumulate in place. */
ML_CHECKED ml_status ml_elementwise_run_add(ml_context *c, ml_dtype dtype, const ml_tensor *const in[2], ml_tensor *y);

#endif
