/* Checks of a convolution's inputs, and its passes.
 *
 * A transposed convolution is the data gradient of a convolution that reads its result: x stands where that one's gradient
 * would, and y where its input would. */

#include "nn/conv_call.h"

#include "nn/check.h"
#include "nn/kernels.h"
#include "ops.gen.h"
#include "tensor/elementwise.h"

/* Checks --------------------------------------------------------------------------------------------------------- */

static nn_text show(const conv_call *k, ml_pair p) { return nn_pair_text(k->rank, p); }

static int64_t window_size(int64_t kernel, int64_t dilation) { return dilation * (kernel - 1) + 1; }

static bool is_same(const conv_call *k) { return k->padding.w == -1; }

static ml_status check_options(ml_context *c, const conv_call *k) {
  if (k->stride.h < 1 || k->stride.w < 1) return ml_fail(c, "%s: stride must be at least 1, got %s", k->op, show(k, k->stride).text);
  if (k->dilation.h < 1 || k->dilation.w < 1)
    return ml_fail(c, "%s: dilation must be at least 1, got %s", k->op, show(k, k->dilation).text);
  if (!is_same(k) && (k->padding.h < 0 || k->padding.w < 0))
    return ml_fail(c, "%s: padding must not be negative, got %s", k->op, show(k, k->padding).text);
  if (is_same(k) && (k->stride.h != 1 || k->stride.w != 1))
    return ml_fail(c,
                   "%s: padding = \"same\" needs stride 1, got %s\n"
                   "  hint: with stride, say the padding in numbers, e.g. padding = 1 for a %s kernel",
                   k->op, show(k, k->stride).text, k->rank == 1 ? "3-step" : "3x3");
  ml_pair extra = k->output_padding;
  if (extra.h < 0 || extra.w < 0 || (extra.h >= k->stride.h && extra.h >= k->dilation.h) || (extra.w >= k->stride.w && extra.w >= k->dilation.w))
    return ml_fail(c, "%s: output_padding must be from 0 to less than the stride or the dilation, got %s", k->op, show(k, extra).text);
  return ML_OK;
}

static ml_status check_ranks(ml_context *c, const conv_call *k, const ml_shape *x, const ml_shape *weight) {
  ML_TRY(nn_check_rank(c, k->op, k->rank, x));
  if (weight->ndim != k->rank + 2)
    return ml_fail(c, "%s: weight must have %d dimensions (%s, %s), got %s", k->op, k->rank + 2,
                   k->transposed ? "in, out / groups" : "out, in / groups", k->rank == 2 ? "rows, columns" : "steps", ML_SHAPE(weight));
  for (int d = 2; d < weight->ndim; d++) {
    if (weight->size[d] < 1) return ml_fail(c, "%s: weight has an empty kernel: %s", k->op, ML_SHAPE(weight));
  }
  return ML_OK;
}

static ml_status check_channels(ml_context *c, const conv_call *k, const ml_shape *x, const ml_shape *weight) {
  int64_t in = x->size[1], groups = k->groups;
  if (groups < 1) return ml_fail(c, "%s: groups must be at least 1, got %lld", k->op, (long long)groups);
  int64_t wanted = k->transposed ? weight->size[0] : weight->size[1] * groups;
  ml_status status = ML_OK;
  int mark = -1;
  if (!k->transposed && weight->size[0] % groups != 0) {
    status = ml_fail(c, "%s: groups (%lld) must divide the output channels, got %lld", k->op, (long long)groups, (long long)weight->size[0]);
  } else if (groups > 1 && in % groups != 0) {
    status = ml_fail(c, "%s: groups (%lld) must divide the channels of x, got %lld", k->op, (long long)groups, (long long)in);
    mark = 1;
  } else if (in != wanted) {
    status = ml_fail(c, "%s: x must have %lld channels, got %lld", k->op, (long long)wanted, (long long)in);
    mark = 1;
  }
  if (status == ML_OK) return ML_OK;
  nn_show_shape(c, "x", x, mark);
  nn_show_shape(c, "weight", weight, -1);
  if (mark == 1 && in != wanted && x->size[x->ndim - 1] == wanted)
    ml_message_add(c, k->rank == 2 ? "\n  hint: channels come before rows and columns: x:permute(1, 4, 2, 3)"
                                   : "\n  hint: channels come before steps: x:transpose(2, 3)");
  return status;
}

/* Sizes ---------------------------------------------------------------------------------------------------------- */

/* Output size along one axis; less than 1 if there is none. */
static int64_t result_size(const conv_call *k, int64_t size, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, int64_t extra) {
  int64_t window = window_size(kernel, dilation);
  if (k->transposed) return (size - 1) * stride - 2 * padding + window + extra;
  if (padding < 0) return size;
  int64_t room = size + 2 * padding - window;
  return room < 0 ? 0 : room / stride + 1;
}

static ml_status refuse_size(ml_context *c, const conv_call *k, const ml_shape *x, const ml_shape *weight) {
  ml_shape xs = nn_as_pictures(x), ws = nn_as_pictures(weight);
  if (k->transposed) {
    ml_status status = ml_fail(c, "%s: padding %s leaves nothing of the result", k->op, show(k, k->padding).text);
    nn_show_shape(c, "x", x, -1);
    nn_show_shape(c, "weight", weight, -1);
    return status;
  }
  int64_t pad_h = is_same(k) ? 0 : k->padding.h, pad_w = is_same(k) ? 0 : k->padding.w;
  ml_status status =
      ml_fail(c, "%s: the window (%s) is larger than the padded %s (%s)", k->op,
              nn_sizes_text(k->rank, window_size(ws.size[2], k->dilation.h), window_size(ws.size[3], k->dilation.w)).text,
              k->rank == 2 ? "picture" : "sequence", nn_sizes_text(k->rank, xs.size[2] + 2 * pad_h, xs.size[3] + 2 * pad_w).text);
  nn_show_shape(c, "x", x, -1);
  nn_show_shape(c, "weight", weight, -1);
  return status;
}

ml_status conv_call_infer(ml_context *c, const conv_call *k, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                          ml_meta *meta) {
  ML_TRY(check_ranks(c, k, &x->shape, &weight->shape));
  ML_TRY(check_options(c, k));
  ML_TRY(check_channels(c, k, &x->shape, &weight->shape));
  ml_shape xs = nn_as_pictures(&x->shape), ws = nn_as_pictures(&weight->shape);
  int64_t channels = k->transposed ? ws.size[1] * k->groups : ws.size[0];
  ML_TRY(nn_check_vector(c, k->op, "bias", bias, channels, "output channel", &x->shape));
  int64_t h = result_size(k, xs.size[2], ws.size[2], k->stride.h, k->padding.h, k->dilation.h, k->output_padding.h);
  int64_t w = result_size(k, xs.size[3], ws.size[3], k->stride.w, k->padding.w, k->dilation.w, k->output_padding.w);
  if (h < 1 || w < 1) return refuse_size(c, k, &x->shape, &weight->shape);
  meta->shape = k->rank == 2 ? ml_make_shape(4, xs.size[0], channels, h, w) : ml_make_shape(3, xs.size[0], channels, w);
  ml_lay_out_channels_last(meta);
  int64_t results = ml_shape_count(&meta->shape), places = k->transposed ? ml_count(x) : results;
  meta->flops = 2 * places * ws.size[1] * ws.size[2] * ws.size[3] + (bias ? results : 0);
  return ML_OK;
}

/* Of the convolution: a transposed one's y is what that reads. */
static conv_geometry geometry_of(const conv_call *k, const ml_shape *x, const ml_shape *weight, const ml_shape *y) {
  ml_shape from = nn_as_pictures(k->transposed ? y : x), to = nn_as_pictures(k->transposed ? x : y), kernel = nn_as_pictures(weight);
  conv_geometry s = {
      .images = from.size[0],
      .groups = k->groups,
      .in_channels = from.size[1],
      .height = from.size[2],
      .width = from.size[3],
      .out_channels = to.size[1],
      .out_height = to.size[2],
      .out_width = to.size[3],
      .kernel_h = kernel.size[2],
      .kernel_w = kernel.size[3],
      .stride_h = k->stride.h,
      .stride_w = k->stride.w,
      .dilation_h = k->dilation.h,
      .dilation_w = k->dilation.w,
      .pad_top = k->padding.h,
      .pad_left = k->padding.w,
  };
  if (is_same(k)) { /* the odd one goes to the end */
    s.pad_top = (window_size(s.kernel_h, s.dilation_h) - 1) / 2;
    s.pad_left = (window_size(s.kernel_w, s.dilation_w) - 1) / 2;
  }
  return s;
}

/* Passes --------------------------------------------------------------------------------------------------------- */

ml_status conv_call_forward(ml_context *c, const conv_call *k, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                            ml_tensor *y) {
  if (ml_count(y) == 0) return ML_OK;
  if (ml_count(weight) == 0) return ml_fail(c, "%s: x has no channels: %s", k->op, ML_SHAPE(&x->shape));
  conv_geometry s = geometry_of(k, &x->shape, &weight->shape, &y->shape);
  const void *b = bias ? ml_data(bias) : NULL;
  if (k->transposed) return conv_data_gradient(c, y->dtype, &s, ml_data(x), NULL, ml_data(weight), b, ml_data(y));
  return conv_forward(c, y->dtype, &s, ml_data(x), ml_data(weight), b, k->relu, ml_data(y));
}

ml_status conv_call_weight_gradient(ml_context *c, const conv_call *k, const ml_tensor *x, const ml_tensor *g, ml_tensor *dweight) {
  conv_geometry s = geometry_of(k, &x->shape, &dweight->shape, &g->shape);
  return conv_weight_gradient(c, g->dtype, &s, ml_data(x), ml_data(g), NULL, ml_data(dweight), NULL);
}

/* dbias of a transposed convolution, whose weight gradient does not see g as rows. */
static ml_status sum_rows(ml_context *c, const ml_tensor *g, ml_tensor *dbias) {
  column_sums_job job = {.rows = ml_count(g) / g->shape.size[1], .columns = g->shape.size[1], .g = ml_data(g), .out = ml_data(dbias)};
  return nn_run(c, NN_column_sums, g->dtype, job.columns, nn_grain(job.rows), &job);
}

static ml_status gradients(ml_context *c, const conv_call *k, const ml_tensor *g, const void *gate, const ml_tensor *x,
                           const ml_tensor *weight, const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  conv_geometry s = geometry_of(k, &x->shape, &weight->shape, &g->shape);
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (dx) {
    ML_TRY(ml_empty_beside(c, x, dx));
    if (k->transposed) ML_TRY(conv_forward(c, dtype, &s, ml_data(g), ml_data(weight), NULL, false, ml_data(*dx)));
    else ML_TRY(conv_data_gradient(c, dtype, &s, ml_data(g), gate, ml_data(weight), NULL, ml_data(*dx)));
  }
  if (dbias) ML_TRY(ml_empty(c, &input_shape[2], dtype, dbias));
  if (dbias && (k->transposed || !dweight)) ML_TRY(sum_rows(c, g, *dbias)); /* g is not gated then */
  if (!dweight) return ML_OK;
  ML_TRY(ml_empty(c, &input_shape[1], dtype, dweight));
  if (k->transposed) return conv_weight_gradient(c, dtype, &s, ml_data(g), ml_data(x), NULL, ml_data(*dweight), NULL);
  return conv_weight_gradient(c, dtype, &s, ml_data(x), ml_data(g), gate, ml_data(*dweight), dbias ? ml_data(*dbias) : NULL);
}

/* *g = ReLU's gradient, by the kernel of that op. */
static ml_status gated(ml_context *c, const ml_tensor *y, ml_tensor **g) {
  const ml_kernel_use *use = &ml_ops[ML_OP_RELU].elementwise->grad[0];
  const ml_tensor *in[ML_KERNEL_INPUTS];
  for (int i = 0; i < use->inputs; i++) in[i] = use->source[i] < 0 ? *g : y;
  ml_tensor *out;
  ML_TRY(ml_empty_beside(c, y, &out));
  ml_status status = ml_elementwise_run(c, use->kernel, (ml_dtype)y->dtype, in, use->inputs, out, NULL);
  ml_release(*g);
  *g = out;
  return status;
}

ml_status conv_call_backward(ml_context *c, const conv_call *k, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                             const ml_tensor *y, const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  ml_dtype dtype = (ml_dtype)g->dtype;
  if (ml_count(g) == 0 || ml_count(x) == 0) { /* an empty batch teaches nothing */
    if (dx) ML_TRY(ml_zeros(c, &input_shape[0], dtype, dx));
    if (dweight) ML_TRY(ml_zeros(c, &input_shape[1], dtype, dweight));
    if (dbias) ML_TRY(ml_zeros(c, &input_shape[2], dtype, dbias));
    return ML_OK;
  }
  if (c->grad_enabled) return conv_call_backward_recorded(c, k, g, x, weight, y, dx, dweight, dbias);
  ml_tensor *laid;
  ML_TRY(ml_channels_last_unrecorded(c, g, &laid));
  const void *gate = NULL;
  ml_status status = ML_OK;
  if (k->relu) {
    conv_geometry s = geometry_of(k, &x->shape, &weight->shape, &g->shape);
    if (dweight && conv_takes_gate(&s)) gate = ml_data(y);
    else status = gated(c, y, &laid);
  }
  if (status == ML_OK) status = gradients(c, k, laid, gate, x, weight, input_shape, dx, dweight, dbias);
  ml_release(laid);
  return status;
}
