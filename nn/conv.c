/* The convolution ops, each as a call of the family: see conv_call.h. */

#include "nn/conv_call.h"

#include "ops.gen.h"

static conv_call of_conv1d(const conv1d_options *o) {
  bool same = o->padding.w == -1;
  return (conv_call){.op = "conv1d", .rank = 1, .stride = {1, o->stride}, .padding = {same ? -1 : 0, o->padding.w},
                     .dilation = {1, o->dilation}, .groups = o->groups};
}
static conv_call of_conv2d(const conv2d_options *o) {
  return (conv_call){.op = "conv2d", .rank = 2, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups};
}
static conv_call of_conv2d_relu(const conv2d_relu_options *o) {
  return (conv_call){.op = "conv2d_relu", .rank = 2, .relu = true, .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                     .groups = o->groups};
}
static conv_call of_conv_transpose1d(const conv_transpose1d_options *o) {
  return (conv_call){.op = "conv_transpose1d", .rank = 1, .transposed = true, .stride = {1, o->stride}, .padding = {0, o->padding},
                     .dilation = {1, o->dilation}, .output_padding = {0, o->output_padding}, .groups = o->groups};
}
static conv_call of_conv_transpose2d(const conv_transpose2d_options *o) {
  return (conv_call){.op = "conv_transpose2d", .rank = 2, .transposed = true, .stride = o->stride, .padding = o->padding,
                     .dilation = o->dilation, .output_padding = o->output_padding, .groups = o->groups};
}

ml_status conv1d_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv1d_options *o,
    ml_meta *meta) {
  if (o->padding.h != o->padding.w)
    return ml_fail(c, "conv1d: padding must be one number or \"same\", got {%lld, %lld}", (long long)o->padding.h, (long long)o->padding.w);
  conv_call k = of_conv1d(o);
  return conv_call_infer(c, &k, x, weight, bias, meta);
}
ml_status conv1d_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv1d_options *o,
    ml_tensor *y) {
  conv_call k = of_conv1d(o);
  return conv_call_forward(c, &k, x, weight, bias, y);
}
ml_status conv1d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_shape *input_shape,
    const conv1d_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  conv_call k = of_conv1d(o);
  return conv_call_backward(c, &k, g, x, weight, NULL, input_shape, dx, dweight, dbias);
}

ml_status conv2d_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv2d_options *o,
    ml_meta *meta) {
  conv_call k = of_conv2d(o);
  return conv_call_infer(c, &k, x, weight, bias, meta);
}
ml_status conv2d_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv2d_options *o,
    ml_tensor *y) {
  conv_call k = of_conv2d(o);
  return conv_call_forward(c, &k, x, weight, bias, y);
}
ml_status conv2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_shape *input_shape,
    const conv2d_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  conv_call k = of_conv2d(o);
  return conv_call_backward(c, &k, g, x, weight, NULL, input_shape, dx, dweight, dbias);
}

ml_status conv_transpose1d_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv_transpose1d_options *o,
    ml_meta *meta) {
  conv_call k = of_conv_transpose1d(o);
  return conv_call_infer(c, &k, x, weight, bias, meta);
}
ml_status conv_transpose1d_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv_transpose1d_options *o,
    ml_tensor *y) {
  conv_call k = of_conv_transpose1d(o);
  return conv_call_forward(c, &k, x, weight, bias, y);
}
ml_status conv_transpose1d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_shape *input_shape,
    const conv_transpose1d_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  conv_call k = of_conv_transpose1d(o);
  return conv_call_backward(c, &k, g, x, weight, NULL, input_shape, dx, dweight, dbias);
}

ml_status conv_transpose2d_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv_transpose2d_options *o,
    ml_meta *meta) {
  conv_call k = of_conv_transpose2d(o);
  return conv_call_infer(c, &k, x, weight, bias, meta);
}
ml_status conv_transpose2d_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv_transpose2d_options *o,
    ml_tensor *y) {
  conv_call k = of_conv_transpose2d(o);
  return conv_call_forward(c, &k, x, weight, bias, y);
}
ml_status conv_transpose2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_shape *input_shape,
    const conv_transpose2d_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  conv_call k = of_conv_transpose2d(o);
  return conv_call_backward(c, &k, g, x, weight, NULL, input_shape, dx, dweight, dbias);
}

ml_status conv2d_relu_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv2d_relu_options *o,
    ml_meta *meta) {
  conv_call k = of_conv2d_relu(o);
  return conv_call_infer(c, &k, x, weight, bias, meta);
}
ml_status conv2d_relu_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias, const conv2d_relu_options *o,
    ml_tensor *y) {
  conv_call k = of_conv2d_relu(o);
  return conv_call_forward(c, &k, x, weight, bias, y);
}
ml_status conv2d_relu_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *result,
    const ml_shape *input_shape, const conv2d_relu_options *o, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  conv_call k = of_conv2d_relu(o);
  return conv_call_backward(c, &k, g, x, weight, result, input_shape, dx, dweight, dbias);
}
