#include "media/resize.h"

#include <math.h>
#include <string.h>

#include "media/kernels/resize.h"
#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"

enum { GRAIN_BYTES = 1 << 16 };

ML_ISA_DECLARE(ml_parallel_body, ml_resize_kernels, [ML_RESIZE_KERNELS]);

/* Weights ------------------------------------------------------------------------------------------------------------ */

static double triangle(double x) {
  x = fabs(x);
  return x < 1 ? 1 - x : 0;
}

static int32_t fixed_point(double w) { return (int32_t)(w * (1 << ML_RESIZE_BITS) + 0.5); }

/* What place j is made of: first, count and weights that add up to 1. `scale`: how many places of the source one covers. */
static int64_t bilinear_weights(int64_t from, double scale, int64_t j, int32_t *first, double *w) {
  double stretch = scale < 1 ? 1 : scale, centre = ((double)j + 0.5) * scale, narrow = 1 / stretch;
  int64_t low = (int64_t)(centre - stretch + 0.5), high = (int64_t)(centre + stretch + 0.5);
  if (low < 0) low = 0;
  if (high > from) high = from;
  for (int64_t i = low; i < high; i++) w[i - low] = triangle(((double)i - centre + 0.5) * narrow);
  *first = (int32_t)low;
  return high - low;
}

static int64_t area_weights(int64_t from, double scale, int64_t j, int32_t *first, double *w) {
  double begin = (double)j * scale, end = ((double)j + 1) * scale;
  int64_t low = (int64_t)begin, high = (int64_t)ceil(end);
  if (low > from - 1) low = from - 1;
  if (high > from) high = from;
  for (int64_t i = low; i < high; i++) w[i - low] = fmin((double)i + 1, end) - fmax((double)i, begin);
  *first = (int32_t)low;
  return high - low;
}

static void fill_axis(ml_resize_axis *a, ml_resize_filter filter, double *w) {
  double scale = (double)a->from / (double)a->to;
  for (int64_t j = 0; j < a->to; j++) {
    int32_t *weight = a->weight + j * a->taps;
    int64_t count = filter == ML_AREA ? area_weights(a->from, scale, j, &a->first[j], w)
                                      : bilinear_weights(a->from, scale, j, &a->first[j], w);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += w[i];
    for (int64_t i = 0; i < count; i++) weight[i] = fixed_point(sum != 0 ? w[i] * (1 / sum) : w[i]);
    a->count[j] = (int32_t)count;
  }
}

/* Pillow adds the scale up; so does this, since its sums decide which pixel is nearest. */
static void fill_nearest(ml_resize_axis *a) {
  double scale = (double)a->from / (double)a->to, at = scale * 0.5;
  for (int64_t j = 0; j < a->to; j++, at += scale) {
    int64_t i = (int64_t)at;
    a->first[j] = (int32_t)(i < a->from ? i : a->from - 1);
    a->count[j] = 1;
  }
}

static bool plan_axis(ml_arena *arena, int64_t from, int64_t to, ml_resize_filter filter, ml_resize_axis *a) {
  double scale = (double)from / (double)to;
  size_t places = (size_t)to * sizeof(int32_t);
  *a = (ml_resize_axis){.from = from, .to = to, .taps = filter == ML_NEAREST ? 0 : 2 * (int64_t)ceil(scale < 1 ? 1 : scale) + 1};
  a->first = ml_arena_take(arena, places);
  a->count = ml_arena_take(arena, places);
  if (!a->first || !a->count) return false;
  if (filter == ML_NEAREST) {
    fill_nearest(a);
    return true;
  }
  a->weight = ml_arena_take(arena, places * (size_t)a->taps);
  double *w = ml_arena_take(arena, (size_t)a->taps * sizeof *w);
  if (!a->weight || !w) return false;
  fill_axis(a, filter, w);
  return true;
}

bool ml_resize_plan(ml_arena *arena, int64_t from_h, int64_t from_w, int64_t h, int64_t w, int64_t channels,
                    ml_resize_filter filter, ml_resize *out) {
  *out = (ml_resize){.channels = channels, .filter = filter};
  if (!plan_axis(arena, from_h, h, filter, &out->rows) || !plan_axis(arena, from_w, w, filter, &out->columns)) return false;
  if (filter == ML_NEAREST || from_h == h || from_w == w) return true;
  out->between = ml_arena_take(arena, (size_t)from_h * (size_t)w * (size_t)channels);
  return out->between != NULL;
}

/* Passes ------------------------------------------------------------------------------------------------------------- */

typedef struct nearest_job {
  const ml_resize *r;
  const uint8_t *x;
  uint8_t *y;
} nearest_job;

static void take_nearest(void *arg, int64_t begin, int64_t end) {
  const nearest_job *job = arg;
  const ml_resize_axis *columns = &job->r->columns;
  int64_t channels = job->r->channels;
  for (int64_t i = begin; i < end; i++) {
    const uint8_t *x = job->x + job->r->rows.first[i] * columns->from * channels;
    uint8_t *y = job->y + i * columns->to * channels;
    for (int64_t j = 0; j < columns->to; j++)
      for (int64_t k = 0; k < channels; k++) *y++ = x[columns->first[j] * channels + k];
  }
}

/* How a region is run: with all threads, or here. */
typedef ml_status (*runner)(ml_context *c, int64_t n, int64_t grain, ml_parallel_body body, void *arg);

static ml_status run_here(ml_context *c, int64_t n, int64_t grain, ml_parallel_body body, void *arg) {
  (void)c;
  (void)grain;
  body(arg, 0, n);
  return ML_OK;
}

static int64_t grain_of(int64_t row_bytes) { return GRAIN_BYTES / row_bytes > 1 ? GRAIN_BYTES / row_bytes : 1; }

static ml_status run(ml_context *c, const ml_resize *r, const uint8_t *x, uint8_t *y, runner go) {
  const ml_resize_axis *rows = &r->rows, *columns = &r->columns;
  const ml_parallel_body *kernel = ML_ISA_CHOOSE(ml_resize_kernels);
  bool down = rows->from != rows->to, along = columns->from != columns->to;
  int64_t row = columns->from * r->channels;
  if (!down && !along) {
    memcpy(y, x, (size_t)(rows->from * row));
    return ML_OK;
  }
  if (r->filter == ML_NEAREST) return go(c, rows->to, grain_of(row), take_nearest, &(nearest_job){r, x, y});
  ml_resize_pass first = {x, down ? r->between : y, columns, rows->from, columns->from, r->channels};
  if (along) ML_TRY(go(c, rows->from, grain_of(row), kernel[ML_RESIZE_ALONG], &first));
  if (!down) return ML_OK;
  ml_resize_pass second = {along ? r->between : x, y, rows, rows->from, columns->to, r->channels};
  return go(c, rows->to, grain_of(row), kernel[ML_RESIZE_ACROSS], &second);
}

void ml_resize_run(const ml_resize *r, const uint8_t *x, uint8_t *y) {
  ml_context none;
  ml_status status = run(&none, r, x, y, run_here);
  (void)status; /* nothing in it can fail */
}

/* Tensors ------------------------------------------------------------------------------------------------------------ */

static ml_status check(ml_context *c, const ml_tensor *x, int64_t h, int64_t w) {
  int n = x->shape.ndim;
  int64_t before, after;
  if (x->dtype != ML_UINT8 || n < 2 || n > 4 || !x->storage || ml_count(x) == 0)
    return ml_fail(c, "resize: pictures are uint8 [H, W], [C, H, W] or [N, C, H, W] with pixels, got %s %s",
                   ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
  if (h < 1 || w < 1) return ml_fail(c, "resize: the new size must be at least 1 x 1, got %lld x %lld", (long long)h, (long long)w);
  int64_t deep = n == 2 ? 1 : ml_size(x, n - 3);
  if (__builtin_mul_overflow(h, w, &after) || __builtin_mul_overflow(after, deep, &after) || after > INT32_MAX ||
      __builtin_mul_overflow(ml_size(x, n - 2), ml_size(x, n - 1), &before) || before > INT32_MAX)
    return ml_fail(c, "resize: from %s to %lld x %lld: a picture has at most 2^31 values", ML_SHAPE(&x->shape), (long long)h,
                   (long long)w);
  return ML_OK;
}

/* x as [N, H, W, C], whatever it is: another view. */
static ml_status channels_last(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  int n = x->shape.ndim;
  ML_TRY(ml_alias(c, x, out));
  ml_tensor *y = *out;
  y->shape = ml_make_shape(4, n == 4 ? ml_size(x, 0) : (int64_t)1, ml_size(x, n - 2), ml_size(x, n - 1),
                           n == 2 ? (int64_t)1 : ml_size(x, n - 3));
  y->stride[0] = n == 4 ? x->stride[0] : 0;
  y->stride[1] = x->stride[n - 2];
  y->stride[2] = x->stride[n - 1];
  y->stride[3] = n == 2 ? 1 : x->stride[n - 3];
  return ML_OK;
}

/* y: new memory [N, h, w, C], seen with the dimensions of x. */
static void view_as(const ml_tensor *x, ml_tensor *y) {
  int n = x->shape.ndim;
  int64_t h = ml_size(y, 1), w = ml_size(y, 2), channels = ml_size(y, 3);
  int64_t size[] = {ml_size(y, 0), channels, h, w}, stride[] = {h * w * channels, 1, w * channels, channels};
  y->shape = x->shape;
  int left_out = 4 - n;
  for (int d = 0; d < n; d++) {
    int from = n == 2 ? d + 2 : d + left_out;
    y->shape.size[d] = size[from];
    y->stride[d] = stride[from];
  }
}

/* x: [N, H, W, C]; y: [N, h, w, C], both row-major. */
static ml_status resize_all(ml_context *c, const ml_tensor *x, ml_resize_filter filter, ml_arena *arena, ml_tensor *y) {
  ml_resize r;
  int64_t channels = ml_size(x, 3), from = ml_size(x, 1) * ml_size(x, 2) * channels, to = ml_size(y, 1) * ml_size(y, 2) * channels;
  if (!ml_resize_plan(arena, ml_size(x, 1), ml_size(x, 2), ml_size(y, 1), ml_size(y, 2), channels, filter, &r))
    return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while resizing %s", ML_SHAPE(&x->shape));
  for (int64_t i = 0; i < ml_size(x, 0); i++)
    ML_TRY(run(c, &r, (const uint8_t *)ml_data(x) + i * from, (uint8_t *)ml_data(y) + i * to, ml_parallel_for));
  return ML_OK;
}

ml_status ml_picture_resize(ml_context *c, const ml_tensor *x, int64_t h, int64_t w, ml_resize_filter filter, ml_tensor **out) {
  ml_arena arena = {0};
  ml_tensor *view = NULL, *flat = NULL;
  *out = NULL;
  ML_TRY(check(c, x, h, w));
  ML_TRY(channels_last(c, x, &view));
  ml_shape shape = ml_make_shape(4, ml_size(view, 0), h, w, ml_size(view, 3));
  ml_status status = ml_contiguous_unrecorded(c, view, &flat);
  if (status == ML_OK) status = ml_empty(c, &shape, ML_UINT8, out);
  if (status == ML_OK) status = resize_all(c, flat, filter, &arena, *out);
  if (status == ML_OK) view_as(x, *out);
  ml_arena_drop(&arena);
  ml_release(view);
  ml_release(flat);
  if (status == ML_OK) return ML_OK;
  ml_release(*out);
  *out = NULL;
  return status;
}
