/* Convolution of pictures, with stride, padding, dilation and groups: what it accepts, and its passes over channels-last
 * pictures (convolution.h). */

#include "nn/check.h"
#include "nn/convolution.h"
#include "ops.gen.h"

/* Output size along one axis; padding is {-1, -1} for "same". */
static int64_t result_size(int64_t size, int64_t window, int64_t stride, int64_t padding) {
  if (padding < 0) return size;
  int64_t room = size + 2 * padding - window;
  return room < 0 ? 0 : room / stride + 1;
}

static int64_t window_size(int64_t kernel, int64_t dilation) { return dilation * (kernel - 1) + 1; }

static ml_status check_options(ml_context *c, const conv2d_options *o) {
  if (o->stride.h < 1 || o->stride.w < 1)
    return ml_fail(c, "conv2d: stride must be at least 1, got {%lld, %lld}", (long long)o->stride.h,
                   (long long)o->stride.w);
  if (o->dilation.h < 1 || o->dilation.w < 1)
    return ml_fail(c, "conv2d: dilation must be at least 1, got {%lld, %lld}", (long long)o->dilation.h,
                   (long long)o->dilation.w);
  bool same = o->padding.h == -1 && o->padding.w == -1;
  if (!same && (o->padding.h < 0 || o->padding.w < 0))
    return ml_fail(c, "conv2d: padding must not be negative, got {%lld, %lld}", (long long)o->padding.h,
                   (long long)o->padding.w);
  if (same && (o->stride.h != 1 || o->stride.w != 1))
    return ml_fail(c,
                   "conv2d: padding = \"same\" needs stride 1, got {%lld, %lld}\n"
                   "  hint: with stride, say the padding in numbers, e.g. padding = 1 for a 3x3 kernel",
                   (long long)o->stride.h, (long long)o->stride.w);
  return ML_OK;
}

static ml_status check_channels(ml_context *c, const ml_shape *x, const ml_shape *weight, int64_t groups) {
  int64_t in = x->size[1], out = weight->size[0];
  if (groups < 1) return ml_fail(c, "conv2d: groups must be at least 1, got %lld", (long long)groups);
  ml_status status = ML_OK;
  int mark = -1;
  if (out % groups != 0) {
    status = ml_fail(c, "conv2d: groups (%lld) must divide the output channels, got %lld", (long long)groups,
                     (long long)out);
  } else if (groups > 1 && in % groups != 0) {
    status =
        ml_fail(c, "conv2d: groups (%lld) must divide the channels of x, got %lld", (long long)groups, (long long)in);
    mark = 1;
  } else if (in != weight->size[1] * groups) {
    status =
        ml_fail(c, "conv2d: x must have %lld channels, got %lld", (long long)(weight->size[1] * groups), (long long)in);
    mark = 1;
  }
  if (status == ML_OK) return ML_OK;
  nn_show_shape(c, "x", x, mark);
  nn_show_shape(c, "weight", weight, -1);
  if (mark == 1 && in != weight->size[1] * groups && x->size[3] == weight->size[1] * groups)
    ml_message_add(c, "\n  hint: channels come before rows and columns: x:permute(1, 4, 2, 3)");
  return status;
}

ml_status conv2d_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                       const conv2d_options *o, ml_meta *meta) {
  const ml_shape *xs = &x->shape, *ws = &weight->shape;
  ML_TRY(nn_check_pictures(c, "conv2d", xs));
  if (ws->ndim != 4)
    return ml_fail(c, "conv2d: weight must have 4 dimensions (out, in / groups, rows, columns), got %s", ML_SHAPE(ws));
  if (ws->size[2] < 1 || ws->size[3] < 1) return ml_fail(c, "conv2d: weight has an empty kernel: %s", ML_SHAPE(ws));
  ML_TRY(check_options(c, o));
  ML_TRY(check_channels(c, xs, ws, o->groups));
  ML_TRY(nn_check_vector(c, "conv2d", "bias", bias, ws->size[0], "output channel", xs));
  int64_t window_h = window_size(ws->size[2], o->dilation.h), window_w = window_size(ws->size[3], o->dilation.w);
  int64_t h = result_size(xs->size[2], window_h, o->stride.h, o->padding.h);
  int64_t w = result_size(xs->size[3], window_w, o->stride.w, o->padding.w);
  if (h < 1 || w < 1) {
    int64_t pad_h = o->padding.h < 0 ? 0 : o->padding.h, pad_w = o->padding.w < 0 ? 0 : o->padding.w;
    ml_status status = ml_fail(c, "conv2d: the window (%lld x %lld) is larger than the padded picture (%lld x %lld)",
                               (long long)window_h, (long long)window_w, (long long)(xs->size[2] + 2 * pad_h),
                               (long long)(xs->size[3] + 2 * pad_w));
    nn_show_shape(c, "x", xs, -1);
    nn_show_shape(c, "weight", ws, -1);
    return status;
  }
  meta->shape = ml_make_shape(4, xs->size[0], ws->size[0], h, w);
  ml_lay_out_channels_last(meta);
  int64_t results = ml_shape_count(&meta->shape);
  meta->flops = 2 * results * ws->size[1] * ws->size[2] * ws->size[3] + (bias ? results : 0);
  return ML_OK;
}

static conv_geometry geometry_of(const ml_shape *x, const ml_shape *weight, const ml_shape *y,
                                 const conv2d_options *o) {
  conv_geometry s = {
      .images = x->size[0],
      .groups = o->groups,
      .in_channels = x->size[1],
      .height = x->size[2],
      .width = x->size[3],
      .out_channels = y->size[1],
      .out_height = y->size[2],
      .out_width = y->size[3],
      .kernel_h = weight->size[2],
      .kernel_w = weight->size[3],
      .stride_h = o->stride.h,
      .stride_w = o->stride.w,
      .dilation_h = o->dilation.h,
      .dilation_w = o->dilation.w,
      .pad_top = o->padding.h,
      .pad_left = o->padding.w,
  };
  if (o->padding.h < 0) { /* "same": the odd one goes to the end */
    s.pad_top = (window_size(s.kernel_h, s.dilation_h) - 1) / 2;
    s.pad_left = (window_size(s.kernel_w, s.dilation_w) - 1) / 2;
  }
  return s;
}

ml_status conv2d_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                         const conv2d_options *options, ml_tensor *y) {
  conv_geometry s = geometry_of(&x->shape, &weight->shape, &y->shape, options);
  if (ml_count(y) == 0) return ML_OK;
  if (ml_count(weight) == 0) return ml_fail(c, "conv2d: x has no channels: %s", ML_SHAPE(&x->shape));
  return conv_forward(c, y->dtype, &s, ml_data(x), ml_data(weight), bias ? ml_data(bias) : NULL, ml_data(y));
}

static ml_status gradients(ml_context *c, const conv_geometry *s, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                           const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) {
    ML_TRY(ml_empty_strided(c, &input_shape[0], dtype, x->stride, dx));
    ML_TRY(conv_data_gradient(c, dtype, s, ml_data(g), ml_data(weight), NULL, ml_data(*dx)));
  }
  if (!dweight && !dbias) return ML_OK;
  ml_tensor *unwanted = NULL; /* the bias alone is rarely asked for */
  if (!dweight) dweight = &unwanted;
  if (dbias) ML_TRY(ml_empty(c, &input_shape[2], dtype, dbias));
  ML_TRY(ml_empty(c, &input_shape[1], dtype, dweight));
  ml_status status = conv_weight_gradient(c, dtype, s, ml_data(x), ml_data(g), ml_data(*dweight), dbias ? ml_data(*dbias) : NULL);
  ml_release(unwanted);
  return status;
}

ml_status conv2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                          const ml_shape *input_shape, const conv2d_options *options, ml_tensor **dx,
                          ml_tensor **dweight, ml_tensor **dbias) {
  conv_geometry s = geometry_of(&x->shape, &weight->shape, &g->shape, options);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (ml_count(g) == 0) { /* an empty batch teaches nothing */
    if (dx) ML_TRY(ml_zeros(c, &input_shape[0], dtype, dx));
    if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
    if (dbias) ML_TRY(ml_zeros(c, &input_shape[2], dtype, dbias));
    return ML_OK;
  }
  ml_tensor *laid;
  ML_TRY(ml_channels_last_unrecorded(c, g, &laid));
  ml_status status = gradients(c, &s, laid, x, weight, input_shape, dx, dweight, dbias);
  ml_release(laid);
  return status;
}
