/* The ops of the convolution family, in one and two dimensions, plain and transposed: what they accept, and how they run. A
 * sequence [batch, channels, steps] is a picture of one row. */
#ifndef ML_NN_CONV_CALL_H
#define ML_NN_CONV_CALL_H

#include "nn/convolution.h"
#include "tensor/op.h"

typedef struct conv_call {
  const char *op;
  int rank; /* 1 or 2; with 1 the pairs' h is that of the one row */
  bool transposed;
  bool relu; /* applied to the result; not with transposed */
  ml_pair stride, padding, dilation; /* padding {-1, -1}: "same" */
  ml_pair output_padding;            /* transposed: places added at the end */
  int64_t groups;
} conv_call;

ML_CHECKED ml_status conv_call_infer(ml_context *c, const conv_call *k, const ml_tensor *x, const ml_tensor *weight,
                                     const ml_tensor *bias, ml_meta *meta);
ML_CHECKED ml_status conv_call_forward(ml_context *c, const conv_call *k, const ml_tensor *x, const ml_tensor *weight,
                                       const ml_tensor *bias, ml_tensor *y);
/* dweight of the convolution that reads x and whose result gets g: both channels-last, and not empty. */
ML_CHECKED ml_status conv_call_weight_gradient(ml_context *c, const conv_call *k, const ml_tensor *x, const ml_tensor *g,
                                               ml_tensor *dweight);
/* y: the result, needed only where ReLU was applied to it. */
ML_CHECKED ml_status conv_call_backward(ml_context *c, const conv_call *k, const ml_tensor *g, const ml_tensor *x,
                                        const ml_tensor *weight, const ml_tensor *y, const ml_shape *input_shape, ml_tensor **dx,
                                        ml_tensor **dweight, ml_tensor **dbias);
/* The same in ops, for gradients of gradients; nothing is empty. */
ML_CHECKED ml_status conv_call_backward_recorded(ml_context *c, const conv_call *k, const ml_tensor *g, const ml_tensor *x,
                                                 const ml_tensor *weight, const ml_tensor *y, ml_tensor **dx, ml_tensor **dweight,
                                                 ml_tensor **dbias);

#endif
