/* Max and average pooling of pictures and sequences (pictures of one row), by windows of a given size or adaptive to a given
 * number of windows. They lie channels-last. Max pooling keeps the position of each winner, so that backward only has to look
 * there. */

#include "nn/check.h"
#include "nn/pool.h"
#include "ops.gen.h"

typedef struct pool_call {
  const char *op;
  int rank; /* 1 or 2; with 1 the pairs' h is that of the one row */
  bool adaptive;
  ml_pair size, stride, padding; /* adaptive: size is that of the result */
} pool_call;

/* stride is the window's size where it is not given. */
static pool_call windows(const char *op, ml_pair size, ml_pair stride, ml_pair padding) {
  if (stride.h == 0) stride = size;
  return (pool_call){.op = op, .rank = 2, .size = size, .stride = stride, .padding = padding};
}
static pool_call windows_1d(const char *op, int64_t size, int64_t stride, int64_t padding) {
  pool_call k = windows(op, (ml_pair){1, size}, (ml_pair){1, stride ? stride : size}, (ml_pair){0, padding});
  k.rank = 1;
  return k;
}
static pool_call adaptive(const char *op, int rank, ml_pair size) {
  return (pool_call){.op = op, .rank = rank, .adaptive = true, .size = size, .stride = {1, 1}};
}

static ml_status check_windows(ml_context *c, const pool_call *k, const ml_shape *given) {
  ml_shape x = nn_as_pictures(given);
  ml_pair size = k->size, pad = k->padding;
  if (size.h < 1 || size.w < 1) return ml_fail(c, "%s: size must be at least 1, got %s", k->op, nn_pair_text(k->rank, size).text);
  if (k->stride.h < 1 || k->stride.w < 1)
    return ml_fail(c, "%s: stride must be at least 1, got %s", k->op, nn_pair_text(k->rank, k->stride).text);
  if (pad.h < 0 || pad.w < 0 || pad.h > size.h / 2 || pad.w > size.w / 2)
    return ml_fail(c, "%s: padding must be from 0 to half the window's size %s, got %s", k->op, nn_pair_text(k->rank, size).text,
                   nn_pair_text(k->rank, pad).text);
  if (k->adaptive) {
    if (x.size[2] >= 1 && x.size[3] >= 1) return ML_OK;
    return ml_fail(c, "%s: x has empty %s: %s", k->op, k->rank == 2 ? "pictures" : "sequences", ML_SHAPE(given));
  }
  int64_t height = x.size[2] + 2 * pad.h, width = x.size[3] + 2 * pad.w;
  if (height >= size.h && width >= size.w) return ML_OK;
  ml_status status = ml_fail(c, "%s: the window (%s) is larger than the padded %s (%s)", k->op,
                             nn_sizes_text(k->rank, size.h, size.w).text, k->rank == 2 ? "picture" : "sequence",
                             nn_sizes_text(k->rank, height, width).text);
  nn_show_shape(c, "x", given, height < size.h ? 2 : given->ndim - 1);
  return status;
}

static ml_status infer(ml_context *c, pool_call k, const ml_tensor *x, ml_meta *meta) {
  ML_TRY(nn_check_rank(c, k.op, k.rank, &x->shape));
  ml_shape xs = nn_as_pictures(&x->shape);
  if (xs.size[2] * xs.size[3] > INT32_MAX) /* what a position can say */
    return ml_fail(c, "%s: a %s of %s is too large", k.op, k.rank == 2 ? "picture" : "sequence",
                   nn_sizes_text(k.rank, xs.size[2], xs.size[3]).text);
  ML_TRY(check_windows(c, &k, &x->shape));
  int64_t h = k.size.h, w = k.size.w;
  if (!k.adaptive) {
    h = (xs.size[2] + 2 * k.padding.h - k.size.h) / k.stride.h + 1;
    w = (xs.size[3] + 2 * k.padding.w - k.size.w) / k.stride.w + 1;
  }
  meta->shape = k.rank == 2 ? ml_make_shape(4, xs.size[0], xs.size[1], h, w) : ml_make_shape(3, xs.size[0], xs.size[1], w);
  ml_lay_out_channels_last(meta);
  meta->flops = k.adaptive ? ml_count(x) : ml_shape_count(&meta->shape) * k.size.h * k.size.w;
  return ML_OK;
}

/* x, y: shapes of what is pooled and of the result. */
static pool_job job_of(const pool_call *k, const ml_shape *x, const ml_shape *y) {
  ml_shape from = nn_as_pictures(x), to = nn_as_pictures(y);
  pool_job job = {.adaptive = k->adaptive, .channels = from.size[1], .height = from.size[2], .width = from.size[3],
                  .out_height = to.size[2], .out_width = to.size[3], .size_h = k->size.h, .size_w = k->size.w,
                  .stride_h = k->stride.h, .stride_w = k->stride.w, .pad_h = k->padding.h, .pad_w = k->padding.w};
  job.tiles = !job.adaptive && job.size_h == job.stride_h && job.size_w == job.stride_w &&
              job.height == job.size_h * job.out_height && job.width == job.size_w * job.out_width;
  return job;
}

static ml_status forward(ml_context *c, nn_kernel which, pool_call k, const ml_tensor *x, ml_tensor *position, ml_tensor *y) {
  if (ml_count(y) == 0) return ML_OK;
  pool_job job = job_of(&k, &x->shape, &y->shape);
  job.x = ml_data(x), job.y = ml_data(y);
  job.position = position ? ml_data(position) : NULL;
  int64_t rows = x->shape.size[0] * job.out_height;
  return nn_run(c, which, x->dtype, rows, nn_grain(ml_count(x) / rows), &job);
}

static ml_status backward(ml_context *c, nn_kernel which, pool_call k, const ml_tensor *g, const ml_tensor *position,
                          const ml_shape *x, ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  pool_job job = job_of(&k, x, &g->shape);
  if (c->grad_enabled && ml_count(g) > 0) return pool_backward_recorded(c, &job, g, position, x, dx);
  int64_t stride[ML_MAX_DIMS];
  ml_tensor *laid;
  ml_strides_channels_last(x, stride);
  ML_TRY(ml_empty_strided(c, x, (ml_dtype)g->dtype, stride, dx));
  if (ml_count(*dx) == 0) return ML_OK;
  ML_TRY(ml_channels_last_unrecorded(c, g, &laid));
  job.x = ml_data(laid), job.y = ml_data(*dx);
  job.position = position ? ml_data(position) : NULL;
  ml_status status = nn_run(c, which, g->dtype, x->size[0], nn_grain(ml_count(*dx) / x->size[0]), &job);
  ml_release(laid);
  return status;
}

ml_status max_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, const max_pool2d_options *o, ml_meta *meta) {
  return infer(c, windows("max_pool2d", size, o->stride, o->padding), x, meta);
}
ml_status max_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, const max_pool2d_options *o, ml_tensor *position, ml_tensor *y) {
  return forward(c, NN_max_pool_forward, windows("max_pool2d", size, o->stride, o->padding), x, position, y);
}
ml_status max_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *position, const ml_shape *input_shape, ml_pair size,
                       const max_pool2d_options *o, ml_tensor **dx) {
  return backward(c, NN_max_pool_backward, windows("max_pool2d", size, o->stride, o->padding), g, position, input_shape, dx);
}

ml_status avg_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, const avg_pool2d_options *o, ml_meta *meta) {
  return infer(c, windows("avg_pool2d", size, o->stride, o->padding), x, meta);
}
ml_status avg_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, const avg_pool2d_options *o, ml_tensor *y) {
  return forward(c, NN_avg_pool_forward, windows("avg_pool2d", size, o->stride, o->padding), x, NULL, y);
}
ml_status avg_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, ml_pair size,
                       const avg_pool2d_options *o, ml_tensor **dx) {
  return backward(c, NN_avg_pool_backward, windows("avg_pool2d", size, o->stride, o->padding), g, NULL, input_shape, dx);
}

ml_status adaptive_avg_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, ml_meta *meta) {
  return infer(c, adaptive("adaptive_avg_pool2d", 2, size), x, meta);
}
ml_status adaptive_avg_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, ml_tensor *y) {
  return forward(c, NN_avg_pool_forward, adaptive("adaptive_avg_pool2d", 2, size), x, NULL, y);
}
ml_status adaptive_avg_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, ml_pair size,
                       ml_tensor **dx) {
  return backward(c, NN_avg_pool_backward, adaptive("adaptive_avg_pool2d", 2, size), g, NULL, input_shape, dx);
}

ml_status adaptive_max_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, ml_meta *meta) {
  return infer(c, adaptive("adaptive_max_pool2d", 2, size), x, meta);
}
ml_status adaptive_max_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, ml_tensor *position, ml_tensor *y) {
  return forward(c, NN_max_pool_forward, adaptive("adaptive_max_pool2d", 2, size), x, position, y);
}
ml_status adaptive_max_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *position, const ml_shape *input_shape, ml_pair size,
                       ml_tensor **dx) {
  return backward(c, NN_max_pool_backward, adaptive("adaptive_max_pool2d", 2, size), g, position, input_shape, dx);
}

ml_status max_pool1d_infer(ml_context *c, const ml_tensor *x, int64_t size, const max_pool1d_options *o, ml_meta *meta) {
  return infer(c, windows_1d("max_pool1d", size, o->stride, o->padding), x, meta);
}
ml_status max_pool1d_forward(ml_context *c, const ml_tensor *x, int64_t size, const max_pool1d_options *o, ml_tensor *position, ml_tensor *y) {
  return forward(c, NN_max_pool_forward, windows_1d("max_pool1d", size, o->stride, o->padding), x, position, y);
}
ml_status max_pool1d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *position, const ml_shape *input_shape, int64_t size,
                       const max_pool1d_options *o, ml_tensor **dx) {
  return backward(c, NN_max_pool_backward, windows_1d("max_pool1d", size, o->stride, o->padding), g, position, input_shape, dx);
}

ml_status avg_pool1d_infer(ml_context *c, const ml_tensor *x, int64_t size, const avg_pool1d_options *o, ml_meta *meta) {
  return infer(c, windows_1d("avg_pool1d", size, o->stride, o->padding), x, meta);
}
ml_status avg_pool1d_forward(ml_context *c, const ml_tensor *x, int64_t size, const avg_pool1d_options *o, ml_tensor *y) {
  return forward(c, NN_avg_pool_forward, windows_1d("avg_pool1d", size, o->stride, o->padding), x, NULL, y);
}
ml_status avg_pool1d_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t size,
                       const avg_pool1d_options *o, ml_tensor **dx) {
  return backward(c, NN_avg_pool_backward, windows_1d("avg_pool1d", size, o->stride, o->padding), g, NULL, input_shape, dx);
}

ml_status adaptive_avg_pool1d_infer(ml_context *c, const ml_tensor *x, int64_t size, ml_meta *meta) {
  return infer(c, adaptive("adaptive_avg_pool1d", 1, (ml_pair){1, size}), x, meta);
}
ml_status adaptive_avg_pool1d_forward(ml_context *c, const ml_tensor *x, int64_t size, ml_tensor *y) {
  return forward(c, NN_avg_pool_forward, adaptive("adaptive_avg_pool1d", 1, (ml_pair){1, size}), x, NULL, y);
}
ml_status adaptive_avg_pool1d_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t size,
                       ml_tensor **dx) {
  return backward(c, NN_avg_pool_backward, adaptive("adaptive_avg_pool1d", 1, (ml_pair){1, size}), g, NULL, input_shape, dx);
}

ml_status adaptive_max_pool1d_infer(ml_context *c, const ml_tensor *x, int64_t size, ml_meta *meta) {
  return infer(c, adaptive("adaptive_max_pool1d", 1, (ml_pair){1, size}), x, meta);
}
ml_status adaptive_max_pool1d_forward(ml_context *c, const ml_tensor *x, int64_t size, ml_tensor *position, ml_tensor *y) {
  return forward(c, NN_max_pool_forward, adaptive("adaptive_max_pool1d", 1, (ml_pair){1, size}), x, position, y);
}
ml_status adaptive_max_pool1d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *position, const ml_shape *input_shape, int64_t size,
                       ml_tensor **dx) {
  return backward(c, NN_max_pool_backward, adaptive("adaptive_max_pool1d", 1, (ml_pair){1, size}), g, position, input_shape, dx);
}
