/* Linear: y = x W^T + b over the last dimension of x, as one matrix product over all rows. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "ops.gen.h"
#include "tensor/gemm.h"

ml_status linear_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                       ml_meta *meta) {
  const ml_shape *xs = &x->shape, *ws = &weight->shape;
  if (ws->ndim != 2) return ml_fail(c, "linear: weight must have 2 dimensions (out, in), got %s", ML_SHAPE(ws));
  if (xs->ndim == 0) return ml_fail(c, "linear: x must have at least 1 dimension, got %s", ML_SHAPE(xs));
  int64_t in = ws->size[1], out = ws->size[0], got = xs->size[xs->ndim - 1];
  if (got != in) {
    ml_status status =
        ml_fail(c, "linear: the last dimension of x must be %lld, got %lld", (long long)in, (long long)got);
    nn_show_shape(c, "x", xs, xs->ndim - 1);
    nn_show_shape(c, "weight", ws, -1);
    int64_t row = 1;
    for (int i = 1; i < xs->ndim; i++) row *= xs->size[i];
    if (xs->ndim > 2 && row == in) {
      ml_message_add(c, "\n  hint: ");
      for (int i = 1; i < xs->ndim; i++) ml_message_add(c, i > 1 ? "*%lld" : "%lld", (long long)xs->size[i]);
      ml_message_add(c, " = %lld; put nn.Flatten() before it", (long long)in);
    } else if (got == out) {
      ml_message_add(c, "\n  hint: weight is [out, in]; it seems to be transposed");
    }
    return status;
  }
  ML_TRY(nn_check_vector(c, "linear", "bias", bias, out, "row of weight", xs));
  meta->shape.size[xs->ndim - 1] = out;
  int64_t results = ml_shape_count(&meta->shape);
  meta->flops = 2 * results * in + (bias ? results : 0);
  return ML_OK;
}

/* x: rows x in, y: rows x out, weight: out x in. */
ml_status linear_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                         ml_tensor *y) {
  int64_t out = ml_size(weight, 0), in = ml_size(weight, 1);
  if (ml_count(y) == 0) return ML_OK;
  return ml_gemm(c, (ml_dtype)y->dtype,
                 &(ml_gemm_args){.m = ml_count(y) / out, .n = out, .k = in, .a = ml_data(x), .a_row = in, .a_column = 1,
                                 .b = ml_data(weight), .b_row = 1, .b_column = in, .c = ml_data(y), .c_row = out,
                                 .bias = bias ? ml_data(bias) : NULL});
}

/* dx = g W, of x's shape. */
static ml_status linear_data(ml_context *c, const ml_tensor *g, const ml_tensor *weight, const ml_shape *shape,
                             ml_tensor **dx) {
  int64_t out = ml_size(weight, 0), in = ml_size(weight, 1);
  if (ml_count(g) == 0 || in == 0) return ml_zeros(c, shape, (ml_dtype)g->dtype, dx);
  ML_TRY(ml_empty(c, shape, (ml_dtype)g->dtype, dx));
  return ml_gemm(c, (ml_dtype)g->dtype,
                 &(ml_gemm_args){.m = ml_count(g) / out, .n = in, .k = out, .a = ml_data(g), .a_row = out, .a_column = 1,
                                 .b = ml_data(weight), .b_row = in, .b_column = 1, .c = ml_data(*dx), .c_row = in});
}

/* dW = g^T x. */
static ml_status linear_weight(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_shape *shape,
                               ml_tensor **dweight) {
  int64_t out = shape->size[0], in = shape->size[1];
  if (ml_count(g) == 0 || in == 0) return ml_zeros(c, shape, (ml_dtype)g->dtype, dweight);
  ML_TRY(ml_empty(c, shape, (ml_dtype)g->dtype, dweight));
  return ml_gemm(c, (ml_dtype)g->dtype,
                 &(ml_gemm_args){.m = out, .n = in, .k = ml_count(g) / out, .a = ml_data(g), .a_row = 1, .a_column = out,
                                 .b = ml_data(x), .b_row = in, .b_column = 1, .c = ml_data(*dweight), .c_row = in});
}

/* db = the sum of g's rows. */
static ml_status linear_bias(ml_context *c, const ml_tensor *g, const ml_shape *shape, ml_tensor **dbias) {
  ML_TRY(ml_empty(c, shape, (ml_dtype)g->dtype, dbias));
  int64_t out = shape->size[0];
  column_sums_job job = {.rows = out ? ml_count(g) / out : 0, .columns = out, .g = ml_data(g), .out = ml_data(*dbias)};
  return nn_run(c, NN_column_sums, g->dtype, out, 64, &job);
}

/* The same in recorded ops: gradients of gradients go through here. */
static ml_status linear_backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x,
                                          const ml_tensor *weight, const ml_shape *shape, ml_tensor **dx,
                                          ml_tensor **dweight, ml_tensor **dbias) {
  ml_tensor *rows = NULL, *turned = NULL, *inputs = NULL, *product = NULL;
  int64_t out = ml_size(weight, 0), in = ml_size(weight, 1), n = 1;
  for (int i = 0; i + 1 < shape->ndim; i++) n *= shape->size[i];
  ml_shape row_shape = ml_make_shape(2, n, out), input_shape = ml_make_shape(2, n, in);
  ml_status status = ml_reshape(c, g, &row_shape, &rows);
  if (status == ML_OK && dx) {
    status = ml_mm(c, rows, weight, &product);
    if (status == ML_OK) status = ml_reshape(c, product, shape, dx);
  }
  if (status == ML_OK && dweight) {
    status = ml_transpose(c, rows, 0, 1, &turned);
    if (status == ML_OK) status = ml_reshape(c, x, &input_shape, &inputs);
    if (status == ML_OK) status = ml_mm(c, turned, inputs, dweight);
  }
  if (status == ML_OK && dbias)
    status = ml_sum(c, rows, &(ml_dims){.count = 1, .dim = {0}}, &(sum_options){.keepdim = false}, dbias);
  ml_release(rows);
  ml_release(turned);
  ml_release(inputs);
  ml_release(product);
  return status;
}

ml_status linear_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *weight,
                          const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dweight, ml_tensor **dbias) {
  if (c->grad_enabled) return linear_backward_recorded(c, g, x, weight, &input_shape[0], dx, dweight, dbias);
  if (dx) ML_TRY(linear_data(c, g, weight, &input_shape[0], dx));
  if (dweight) ML_TRY(linear_weight(c, g, x, &input_shape[1], dweight));
  if (dbias) ML_TRY(linear_bias(c, g, &input_shape[2], dbias));
  return ML_OK;
}
