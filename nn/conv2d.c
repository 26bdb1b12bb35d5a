/* Convolution of pictures, with stride, padding, dilation and groups.
 *
 * The forward pass is im2col and a matrix product for a few rows of one picture at a time. At stride 1 the data
 * gradient is the same with the weight turned by half (which needs no adding back); at others the product's columns are
 * added back. The weight gradient sums over a fixed number of groups of pictures, which are then added in order: bits
 * do not depend on the number of threads. Depthwise convolution has direct loops. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"

enum {
  COLUMN_ELEMENTS = 1 << 18, /* of the column matrix at once: 1 MB of floats stays in a second-level cache */
  COLUMN_WIDTH = 192,        /* but not fewer columns than a product needs to be worth its packing */
  ENOUGH_PIECES = 16,        /* of work in a forward pass */
  WEIGHT_PIECES = 16,        /* partial sums of the weight gradient */
  WEIGHT_ELEMENTS = 8 << 20, /* and how much they may take together */
};

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
  int64_t results = ml_shape_count(&meta->shape);
  meta->flops = 2 * results * ws->size[1] * ws->size[2] * ws->size[3] + (bias ? results : 0);
  return ML_OK;
}

/* Cuts the result's rows into chunks of about equal size: few enough columns for the cache, and enough chunks for
 * several threads when there are few pictures. The sizes alone decide. */
static void cut_rows(conv_geometry *s, int64_t depth) {
  int64_t columns = COLUMN_ELEMENTS / depth, share = s->images * s->out_height * s->out_width / ENOUGH_PIECES;
  if (columns > share) columns = share;
  if (columns < COLUMN_WIDTH) columns = COLUMN_WIDTH;
  int64_t rows = columns / s->out_width;
  if (rows < 1) rows = 1;
  if (rows > s->out_height) rows = s->out_height;
  s->chunks = ml_pieces(s->out_height, rows);
  s->chunk_rows = ml_pieces(s->out_height, s->chunks);
  s->chunks = ml_pieces(s->out_height, s->chunk_rows);
}

static int64_t depth_of(const conv_geometry *s) { return s->in_channels / s->groups * s->kernel_h * s->kernel_w; }

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
  s.plain =
      s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_top == 0 && s.pad_left == 0;
  return s;
}

static bool is_depthwise(const conv_geometry *s) { return s->groups == s->in_channels && s->groups > 1; }

/* Runs a kernel with scratch for one column matrix a thread. */
static ml_status run_with_columns(ml_context *c, nn_kernel which, int dtype, int64_t n, int64_t grain, conv_job *job) {
  conv_geometry *s = &job->geometry;
  bool needs_scratch = !s->plain || which == NN_conv_data_scattered;
  job->scratch_each = (depth_of(s) * s->chunk_rows * s->out_width + 15) / 16 * 16;
  size_t bytes = needs_scratch ? (size_t)(ml_threads() * job->scratch_each) * ml_dtype_size((ml_dtype)dtype) : 0;
  void *scratch = NULL;
  if (bytes > 0) ML_TRY(ml_alloc_checked(c, bytes, &scratch));
  job->scratch = scratch;
  ml_status status = nn_run(c, which, dtype, n, grain, job);
  ml_free(scratch, bytes);
  return status;
}

ml_status conv2d_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight, const ml_tensor *bias,
                         const conv2d_options *options, ml_tensor *y) {
  conv_geometry s = geometry_of(&x->shape, &weight->shape, &y->shape, options);
  if (ml_count(y) == 0) return ML_OK;
  if (ml_count(weight) == 0) return ml_fail(c, "conv2d: x has no channels: %s", ML_SHAPE(&x->shape));
  conv_job job = {.geometry = s,
                  .x = ml_data(x),
                  .weight = ml_data(weight),
                  .bias = bias ? ml_data(bias) : NULL,
                  .out = ml_data(y)};
  if (is_depthwise(&s))
    return nn_run(c, NN_depthwise_forward, y->dtype, s.images * s.out_channels,
                  nn_grain(s.out_height * s.out_width * depth_of(&s)), &job);
  cut_rows(&job.geometry, depth_of(&s));
  return run_with_columns(c, NN_conv_forward, y->dtype, s.images * job.geometry.chunks, 1, &job);
}

/* Stride 1: the convolution of g with the turned weight. */
static ml_status data_turned(ml_context *c, const conv_geometry *s, const ml_tensor *g, const ml_tensor *weight,
                             ml_tensor *dx) {
  size_t bytes = (size_t)ml_count(weight) * ml_dtype_size((ml_dtype)g->dtype);
  void *turned;
  ML_TRY(ml_alloc_checked(c, bytes, &turned));
  conv_job turn = {.geometry = *s, .weight = ml_data(weight), .out = turned};
  int64_t row = s->out_channels / s->groups * s->kernel_h * s->kernel_w;
  ml_status status = nn_run(c, NN_conv_turn, g->dtype, s->in_channels, nn_grain(row), &turn);
  if (status != ML_OK) goto done;

  conv_job job = {.geometry = *s, .x = ml_data(g), .weight = turned, .out = ml_data(dx)};
  conv_geometry *back = &job.geometry;
  back->in_channels = s->out_channels, back->out_channels = s->in_channels;
  back->height = s->out_height, back->width = s->out_width;
  back->out_height = s->height, back->out_width = s->width;
  back->pad_top = window_size(s->kernel_h, s->dilation_h) - 1 - s->pad_top;
  back->pad_left = window_size(s->kernel_w, s->dilation_w) - 1 - s->pad_left;
  cut_rows(back, depth_of(back));
  status = run_with_columns(c, NN_conv_forward, g->dtype, s->images * back->chunks, 1, &job);
done:
  ml_free(turned, bytes);
  return status;
}

static ml_status data_gradient(ml_context *c, const conv_geometry *s, const ml_tensor *g, const ml_tensor *weight,
                               ml_tensor *dx) {
  conv_job job = {.geometry = *s, .g = ml_data(g), .weight = ml_data(weight), .out = ml_data(dx)};
  if (is_depthwise(s))
    return nn_run(c, NN_depthwise_data, g->dtype, s->images * s->in_channels,
                  nn_grain(s->out_height * s->out_width * s->kernel_h * s->kernel_w * s->out_channels / s->in_channels),
                  &job);
  if (s->stride_h == 1 && s->stride_w == 1) return data_turned(c, s, g, weight, dx);
  cut_rows(&job.geometry, depth_of(s));
  return run_with_columns(c, NN_conv_data_scattered, g->dtype, s->images, 1, &job);
}

static ml_status weight_gradient(ml_context *c, const conv_geometry *s, const ml_tensor *g, const ml_tensor *x,
                                 ml_tensor *dweight) {
  conv_job job = {.geometry = *s, .x = ml_data(x), .g = ml_data(g), .out = ml_data(dweight)};
  if (is_depthwise(s)) return nn_run(c, NN_depthwise_weight, g->dtype, s->out_channels, 1, &job);
  cut_rows(&job.geometry, depth_of(s));

  int64_t count = ml_count(dweight), pieces = WEIGHT_ELEMENTS / count;
  if (pieces > WEIGHT_PIECES) pieces = WEIGHT_PIECES;
  if (pieces < 2) pieces = 2;
  job.piece_images = ml_pieces(s->images, pieces);
  pieces = ml_pieces(s->images, job.piece_images);
  size_t bytes = (size_t)(pieces * count) * ml_dtype_size((ml_dtype)g->dtype);
  ML_TRY(ml_alloc_checked(c, bytes, &job.out));
  ml_status status = run_with_columns(c, NN_conv_weight, g->dtype, s->images, job.piece_images, &job);
  add_partials_job sum = {.pieces = pieces, .count = count, .partial = job.out, .out = ml_data(dweight)};
  if (status == ML_OK) status = nn_run(c, NN_add_partials, g->dtype, count, nn_grain(pieces), &sum);
  ml_free(job.out, bytes);
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
  if (dx) {
    ML_TRY(ml_empty(c, &input_shape[0], dtype, dx));
    ML_TRY(data_gradient(c, &s, g, weight, *dx));
  }
  if (dweight) {
    ML_TRY(ml_empty(c, &input_shape[1], dtype, dweight));
    ML_TRY(weight_gradient(c, &s, g, x, *dweight));
  }
  if (dbias) {
    ML_TRY(ml_empty(c, &input_shape[2], dtype, dbias));
    conv_job job = {.geometry = s, .g = ml_data(g), .out = ml_data(*dbias)};
    ML_TRY(nn_run(c, NN_conv_bias, g->dtype, s.out_channels, 1, &job));
  }
  return ML_OK;
}
