/* Gradients of the convolutions in ops, for gradients of gradients: they are convolutions themselves.
 *
 * What a convolution reads gets the transposed convolution of g; what a transposed one reads, the plain one. The gradient of a
 * weight is an op of its own, conv2d_weight, which is linear in x and in grad. Sequences are pictures of one row. */

#include "nn/check.h"
#include "nn/conv_call.h"
#include "tensor/formula.h"

/* conv2d_weight ---------------------------------------------------------------------------------------------------- */

static conv_call of_conv2d_weight(const conv2d_weight_options *o) {
  return (conv_call){.op = "conv2d_weight", .rank = 2, .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                     .groups = o->groups};
}

ml_status conv2d_weight_infer(ml_context *c, const ml_tensor *x, const ml_tensor *grad, ml_pair size, const conv2d_weight_options *o,
                              ml_meta *meta) {
  conv_call k = of_conv2d_weight(o);
  ML_TRY(nn_check_rank(c, k.op, 2, &x->shape));
  if (grad->shape.ndim != 4) return ml_fail(c, "conv2d_weight: grad must have 4 dimensions, as the result of conv2d, got %s", ML_SHAPE(&grad->shape));
  ml_tensor weight = {.shape = ml_make_shape(4, grad->shape.size[1], x->shape.size[1] / (o->groups > 0 ? o->groups : 1), size.h, size.w)};
  ml_meta result = *meta;
  ML_TRY(conv_call_infer(c, &k, x, &weight, NULL, &result));
  if (!ml_shape_equal(&result.shape, &grad->shape))
    return ml_fail(c, "conv2d_weight: grad must be %s for x %s, got %s", ML_SHAPE(&result.shape), ML_SHAPE(&x->shape), ML_SHAPE(&grad->shape));
  meta->shape = weight.shape;
  meta->flops = result.flops;
  return ML_OK;
}

ml_status conv2d_weight_forward(ml_context *c, const ml_tensor *x, const ml_tensor *g, ml_pair size, const conv2d_weight_options *o,
                                ml_tensor *y) {
  (void)size;
  if (ml_count(x) == 0 || ml_count(g) == 0) return ml_fill(c, y, 0);
  conv_call k = of_conv2d_weight(o);
  return conv_call_weight_gradient(c, &k, x, g, y);
}

/* In ops -------------------------------------------------------------------------------------------------------------- */

/* x without what is behind the first height x width pixels. */
static ml_tensor *cut(formula *w, const ml_tensor *x, int64_t height, int64_t width) {
  if (w->status != ML_OK) return NULL;
  ml_tensor **rows = place(w), **t = place(w);
  w->status = ml_slice(w->c, x, 2, 0, height - 1, 1, rows);
  if (w->status == ML_OK) w->status = ml_slice(w->c, *rows, 3, 0, width - 1, 1, t);
  return *t;
}

/* For a padding of "same" the smaller one, in front. */
static ml_pair padding_of(const conv_call *k, const ml_shape *weight) {
  if (k->padding.w >= 0) return k->padding;
  return (ml_pair){k->dilation.h * (weight->size[2] - 1) / 2, k->dilation.w * (weight->size[3] - 1) / 2};
}

/* The transposed convolution of g, of which height x width pixels are wanted. */
static ml_tensor *spread(formula *w, const conv_call *k, const ml_tensor *g, const ml_tensor *weight, int64_t height, int64_t width) {
  if (w->status != ML_OK) return NULL;
  const ml_shape *gs = &g->shape, *ws = &weight->shape;
  ml_pair pad = padding_of(k, ws);
  int64_t h = (gs->size[2] - 1) * k->stride.h - 2 * pad.h + k->dilation.h * (ws->size[2] - 1) + 1;
  int64_t v = (gs->size[3] - 1) * k->stride.w - 2 * pad.w + k->dilation.w * (ws->size[3] - 1) + 1;
  conv_transpose2d_options o = {.stride = k->stride, .padding = pad, .dilation = k->dilation, .groups = k->groups,
                                .output_padding = {height > h ? height - h : 0, width > v ? width - v : 0}};
  ml_tensor **t = place(w);
  if (!done(w, t, ml_conv_transpose2d(w->c, g, weight, NULL, &o, t))) return NULL;
  return h > height || v > width ? cut(w, *t, height, width) : *t;
}

static ml_tensor *convolved(formula *w, const conv_call *k, const ml_tensor *x, const ml_tensor *weight) {
  if (w->status != ML_OK) return NULL;
  conv2d_options o = {.stride = k->stride, .padding = k->padding, .dilation = k->dilation, .groups = k->groups};
  ml_tensor **t = place(w);
  return done(w, t, ml_conv2d(w->c, x, weight, NULL, &o, t));
}

static ml_tensor *weight_gradient(formula *w, const conv_call *k, const ml_tensor *x, const ml_tensor *g, const ml_shape *weight) {
  if (w->status != ML_OK) return NULL;
  conv2d_weight_options o = {.stride = k->stride, .padding = k->padding, .dilation = k->dilation, .groups = k->groups};
  ml_tensor **t = place(w);
  return done(w, t, ml_conv2d_weight(w->c, x, g, (ml_pair){weight->size[2], weight->size[3]}, &o, t));
}

ml_status conv2d_weight_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *grad,
                                 const ml_shape *input_shape, ml_pair size, const conv2d_weight_options *o, ml_tensor **dx,
                                 ml_tensor **dgrad) {
  (void)size;
  conv_call k = of_conv2d_weight(o);
  formula w = {.c = c};
  if (ml_shape_count(&input_shape[0]) == 0 || ml_shape_count(&input_shape[1]) == 0 || ml_count(g) == 0) {
    if (dx) ML_TRY(ml_zeros(c, &input_shape[0], (ml_dtype)g->dtype, dx));
    return dgrad ? ml_zeros(c, &input_shape[1], (ml_dtype)g->dtype, dgrad) : ML_OK;
  }
  ml_tensor *of_x = dx ? spread(&w, &k, grad, g, input_shape[0].size[2], input_shape[0].size[3]) : NULL;
  ml_tensor *of_grad = dgrad ? convolved(&w, &k, x, g) : NULL;
  if (w.status == ML_OK && dx) *dx = ml_retain(of_x);
  return finish(&w, of_grad, dgrad);
}

ML_FORMULA_2(above, ml_gt)

/* A 1d call as one over pictures of a row. */
static conv_call over_pictures(const conv_call *k) {
  conv_call p = *k;
  p.rank = 2;
  return p;
}

ml_status conv_call_backward_recorded(ml_context *c, const conv_call *call, const ml_tensor *g, const ml_tensor *x,
                                      const ml_tensor *weight, const ml_tensor *y, ml_tensor **dx, ml_tensor **dweight,
                                      ml_tensor **dbias) {
  formula w = {.c = c};
  conv_call k = over_pictures(call);
  ml_shape gs = nn_as_pictures(&g->shape), xs = nn_as_pictures(&x->shape), ws = nn_as_pictures(&weight->shape);
  ml_tensor *zero = number(&w, 0);
  ml_tensor *given = reshaped(&w, k.relu ? choose(&w, above(&w, y, zero), g, zero) : g, &gs);
  ml_tensor *from = reshaped(&w, x, &xs), *kernel = reshaped(&w, weight, &ws);
  ml_tensor *of_x = NULL, *of_weight = NULL;
  if (dx && k.transposed) of_x = cut(&w, convolved(&w, &k, given, kernel), xs.size[2], xs.size[3]);
  else if (dx) of_x = spread(&w, &k, given, kernel, xs.size[2], xs.size[3]);
  if (dx) of_x = reshaped(&w, of_x, &x->shape);
  if (dweight && k.transposed) of_weight = weight_gradient(&w, &k, given, from, &ws);
  else if (dweight) of_weight = weight_gradient(&w, &k, from, given, &ws);
  if (dweight) of_weight = reshaped(&w, of_weight, &weight->shape);
  ml_dims places = {.count = 3, .dim = {0, 2, 3}};
  ml_shape channels = ml_make_shape(1, gs.size[1]);
  ml_tensor *of_bias = dbias ? reshaped(&w, sum_over(&w, given, &places), &channels) : NULL;
  if (w.status == ML_OK && dx) *dx = ml_retain(of_x);
  if (w.status == ML_OK && dweight) *dweight = ml_retain(of_weight);
  return finish(&w, of_bias, dbias);
}
