/* Max and average pooling of pictures, by windows of a given size or adaptive to a given number of windows.
 *
 * Pictures lie channels-last. Max pooling keeps the position of each winner, so that backward only has to look there. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "ops.gen.h"

/* Size, stride (of the size where not given) and padding; shapes are filled in by run. */
static pool_job job_of(ml_pair size, ml_pair stride, ml_pair padding) {
  return (pool_job){.size_h = size.h,
                    .size_w = size.w,
                    .stride_h = stride.h ? stride.h : size.h,
                    .stride_w = stride.w ? stride.w : size.w,
                    .pad_h = padding.h,
                    .pad_w = padding.w};
}

static pool_job adaptive_job(void) { return (pool_job){.adaptive = true}; }

/* 2^31 elements a plane is what a position can say. */
static ml_status check_plane(ml_context *c, const char *op, const ml_shape *x) {
  ML_TRY(nn_check_pictures(c, op, x));
  if (x->size[2] * x->size[3] <= INT32_MAX) return ML_OK;
  return ml_fail(c, "%s: a picture of %lld x %lld is too large", op, (long long)x->size[2], (long long)x->size[3]);
}

static ml_status windowed_infer(ml_context *c, const char *op, const ml_shape *x, pool_job job, ml_meta *meta) {
  ML_TRY(check_plane(c, op, x));
  if (job.size_h < 1 || job.size_w < 1)
    return ml_fail(c, "%s: size must be at least 1, got {%lld, %lld}", op, (long long)job.size_h,
                   (long long)job.size_w);
  if (job.stride_h < 1 || job.stride_w < 1)
    return ml_fail(c, "%s: stride must be at least 1, got {%lld, %lld}", op, (long long)job.stride_h,
                   (long long)job.stride_w);
  if (job.pad_h < 0 || job.pad_w < 0 || job.pad_h > job.size_h / 2 || job.pad_w > job.size_w / 2)
    return ml_fail(c, "%s: padding must be from 0 to half the window's size {%lld, %lld}, got {%lld, %lld}", op,
                   (long long)job.size_h, (long long)job.size_w, (long long)job.pad_h, (long long)job.pad_w);
  int64_t room_h = x->size[2] + 2 * job.pad_h - job.size_h, room_w = x->size[3] + 2 * job.pad_w - job.size_w;
  if (room_h < 0 || room_w < 0) {
    ml_status status = ml_fail(c, "%s: the window (%lld x %lld) is larger than the padded picture (%lld x %lld)", op,
                               (long long)job.size_h, (long long)job.size_w, (long long)(x->size[2] + 2 * job.pad_h),
                               (long long)(x->size[3] + 2 * job.pad_w));
    nn_show_shape(c, "x", x, room_h < 0 ? 2 : 3);
    return status;
  }
  meta->shape = ml_make_shape(4, x->size[0], x->size[1], room_h / job.stride_h + 1, room_w / job.stride_w + 1);
  ml_lay_out_channels_last(meta);
  meta->flops = ml_shape_count(&meta->shape) * job.size_h * job.size_w;
  return ML_OK;
}

static ml_status adaptive_infer(ml_context *c, const char *op, const ml_shape *x, ml_pair size, ml_meta *meta) {
  ML_TRY(check_plane(c, op, x));
  if (size.h < 1 || size.w < 1)
    return ml_fail(c, "%s: size must be at least 1, got {%lld, %lld}", op, (long long)size.h, (long long)size.w);
  if (x->size[2] < 1 || x->size[3] < 1) return ml_fail(c, "%s: x has empty pictures: %s", op, ML_SHAPE(x));
  meta->shape = ml_make_shape(4, x->size[0], x->size[1], size.h, size.w);
  ml_lay_out_channels_last(meta);
  meta->flops = ml_shape_count(x);
  return ML_OK;
}

/* Fills in the shapes of a picture batch x and of the windows' results y. */
static void fill_in(const ml_shape *x, const ml_shape *y, pool_job *job) {
  job->channels = x->size[1], job->height = x->size[2], job->width = x->size[3];
  job->out_height = y->size[2], job->out_width = y->size[3];
  job->tiles = !job->adaptive && job->size_h == job->stride_h && job->size_w == job->stride_w &&
               job->height == job->size_h * job->out_height && job->width == job->size_w * job->out_width;
}

static ml_status forward(ml_context *c, nn_kernel which, const ml_tensor *x, pool_job job, ml_tensor *position,
                         ml_tensor *y) {
  job.x = ml_data(x), job.y = ml_data(y);
  job.position = position ? ml_data(position) : NULL;
  fill_in(&x->shape, &y->shape, &job);
  if (ml_count(y) == 0) return ML_OK;
  int64_t rows = x->shape.size[0] * job.out_height;
  return nn_run(c, which, x->dtype, rows, nn_grain(ml_count(x) / rows), &job);
}

static ml_status backward(ml_context *c, nn_kernel which, const ml_tensor *g, const ml_tensor *position,
                          const ml_shape *x, pool_job job, ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  int64_t stride[ML_MAX_DIMS];
  ml_tensor *laid;
  ml_strides_channels_last(x, stride);
  ML_TRY(ml_empty_strided(c, x, (ml_dtype)g->dtype, stride, dx));
  if (ml_count(*dx) == 0) return ML_OK;
  ML_TRY(ml_channels_last_unrecorded(c, g, &laid));
  job.x = ml_data(laid), job.y = ml_data(*dx);
  job.position = position ? ml_data(position) : NULL;
  fill_in(x, &g->shape, &job);
  ml_status status = nn_run(c, which, g->dtype, x->size[0], nn_grain(ml_count(*dx) / x->size[0]), &job);
  ml_release(laid);
  return status;
}

ml_status max_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, const max_pool2d_options *o,
                           ml_meta *meta) {
  return windowed_infer(c, "max_pool2d", &x->shape, job_of(size, o->stride, o->padding), meta);
}
ml_status max_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, const max_pool2d_options *o,
                             ml_tensor *position, ml_tensor *y) {
  return forward(c, NN_max_pool_forward, x, job_of(size, o->stride, o->padding), position, y);
}
ml_status max_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *position, const ml_shape *input_shape,
                              ml_pair size, const max_pool2d_options *o, ml_tensor **dx) {
  return backward(c, NN_max_pool_backward, g, position, input_shape, job_of(size, o->stride, o->padding), dx);
}

ml_status avg_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, const avg_pool2d_options *o,
                           ml_meta *meta) {
  return windowed_infer(c, "avg_pool2d", &x->shape, job_of(size, o->stride, o->padding), meta);
}
ml_status avg_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, const avg_pool2d_options *o,
                             ml_tensor *y) {
  return forward(c, NN_avg_pool_forward, x, job_of(size, o->stride, o->padding), NULL, y);
}
ml_status avg_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, ml_pair size,
                              const avg_pool2d_options *o, ml_tensor **dx) {
  return backward(c, NN_avg_pool_backward, g, NULL, input_shape, job_of(size, o->stride, o->padding), dx);
}

ml_status adaptive_avg_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, ml_meta *meta) {
  return adaptive_infer(c, "adaptive_avg_pool2d", &x->shape, size, meta);
}
ml_status adaptive_avg_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, ml_tensor *y) {
  (void)size; /* y has it */
  return forward(c, NN_avg_pool_forward, x, adaptive_job(), NULL, y);
}
ml_status adaptive_avg_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, ml_pair size,
                                       ml_tensor **dx) {
  (void)size;
  return backward(c, NN_avg_pool_backward, g, NULL, input_shape, adaptive_job(), dx);
}

ml_status adaptive_max_pool2d_infer(ml_context *c, const ml_tensor *x, ml_pair size, ml_meta *meta) {
  return adaptive_infer(c, "adaptive_max_pool2d", &x->shape, size, meta);
}
ml_status adaptive_max_pool2d_forward(ml_context *c, const ml_tensor *x, ml_pair size, ml_tensor *position,
                                      ml_tensor *y) {
  (void)size;
  return forward(c, NN_max_pool_forward, x, adaptive_job(), position, y);
}
ml_status adaptive_max_pool2d_backward(ml_context *c, const ml_tensor *g, const ml_tensor *position,
                                       const ml_shape *input_shape, ml_pair size, ml_tensor **dx) {
  (void)size;
  return backward(c, NN_max_pool_backward, g, position, input_shape, adaptive_job(), dx);
}
