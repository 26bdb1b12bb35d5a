/* See augment.h. A picture is spread to planes of floats from 0 to 255, which steps change in place or sample into a second place;
 * a mask keeps its bytes. Each thread has two such places. */

#include "media/augment.h"

#include <math.h>
#include <string.h>

#include "media/augment_draw.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

typedef struct frame {
  int64_t height, width;
} frame;

/* What all pictures of a batch share. */
typedef struct batch {
  const uint8_t *x;
  int64_t stride[4]; /* of picture, channel, line, pixel */
  const int64_t *rows, *ids;
  int64_t channels;
  int count;
  const ml_augment_step *steps;
  uint64_t keys[ML_AUGMENT_STEPS];      /* of (key, epoch, position of the step) */
  frame frames[ML_AUGMENT_STEPS + 1];   /* before each step, and at the end */
  double mean[64], deviation[64];
  int64_t room;                         /* values of one of a thread's places */
  void *places;
  void *y;
} batch;

static frame last_frame(const batch *b) { return b->frames[b->count]; }

/* Sampling --------------------------------------------------------------------------------------------------------- */

static float tap(const float *x, frame f, int64_t i, int64_t j) {
  return i < 0 || j < 0 || i >= f.height || j >= f.width ? 0 : x[i * f.width + j];
}

static float bilinear(const float *x, frame f, double u, double v) {
  double left = floor(u), top = floor(v);
  if (left < -1 || top < -1 || left >= (double)f.width || top >= (double)f.height) return 0;
  int64_t j = (int64_t)left, i = (int64_t)top;
  float right = (float)(u - left), down = (float)(v - top);
  float above = tap(x, f, i, j) * (1 - right) + tap(x, f, i, j + 1) * right;
  float below = tap(x, f, i + 1, j) * (1 - right) + tap(x, f, i + 1, j + 1) * right;
  return above * (1 - down) + below * down;
}

/* x: [channels, from], y: [channels, to]. */
static void sample_picture(const float *x, frame from, ml_movement m, int64_t channels, float *y, frame to) {
  for (int64_t k = 0; k < channels; k++, x += from.height * from.width)
    for (int64_t i = 0; i < to.height; i++)
      for (int64_t j = 0; j < to.width; j++) {
        double px = (double)j + 0.5, py = (double)i + 0.5;
        *y++ = bilinear(x, from, m.xx * px + m.xy * py + m.x0 - 0.5, m.yx * px + m.yy * py + m.y0 - 0.5);
      }
}

static void sample_mask(const uint8_t *x, frame from, ml_movement m, uint8_t *y, frame to) {
  for (int64_t i = 0; i < to.height; i++)
    for (int64_t j = 0; j < to.width; j++) {
      double px = (double)j + 0.5, py = (double)i + 0.5;
      double u = floor(m.xx * px + m.xy * py + m.x0), v = floor(m.yx * px + m.yy * py + m.y0);
      bool inside = u >= 0 && v >= 0 && u < (double)from.width && v < (double)from.height;
      *y++ = inside ? x[(int64_t)v * from.width + (int64_t)u] : 0;
    }
}

/* Colours ---------------------------------------------------------------------------------------------------------- */

static float clipped(double v) { return (float)(v < 0 ? 0 : v > 255 ? 255 : v); }

static double gray_of(const float *x, int64_t plane, int64_t channels) {
  return channels < 3 ? x[0] : 0.299 * x[0] + 0.587 * x[plane] + 0.114 * x[2 * plane];
}

static double mean_gray(const float *x, int64_t plane, int64_t channels) {
  double sum = 0;
  for (int64_t i = 0; i < plane; i++) sum += gray_of(x + i, plane, channels);
  return sum / (double)plane;
}

/* The colour of a pixel around its gray: nearer or farther, and turned (in the plane of YIQ's I and Q). */
static void tint(float *x, int64_t plane, double saturation, double turn) {
  double r = x[0], g = x[plane], b = x[2 * plane], y = 0.299 * r + 0.587 * g + 0.114 * b;
  double i = saturation * (0.596 * r - 0.274 * g - 0.322 * b), q = saturation * (0.211 * r - 0.523 * g + 0.312 * b);
  double c = cos(turn), s = sin(turn), i2 = c * i - s * q, q2 = s * i + c * q;
  x[0] = clipped(y + 0.956 * i2 + 0.621 * q2);
  x[plane] = clipped(y - 0.272 * i2 - 0.647 * q2);
  x[2 * plane] = clipped(y - 1.106 * i2 + 1.703 * q2);
}

/* x: [channels, plane], of which a fourth one is alpha and stays. */
static void change_colour(float *x, int64_t plane, int64_t channels, ml_colour_change how) {
  int64_t colours = channels < 3 ? channels : 3;
  for (int64_t i = 0; i < colours * plane; i++) x[i] = clipped(x[i] * how.brightness);
  double middle = how.contrast == 1 ? 0 : mean_gray(x, plane, channels);
  for (int64_t i = 0; i < colours * plane; i++) x[i] = clipped(middle + (x[i] - middle) * how.contrast);
  if (colours < 3 || (how.saturation == 1 && how.hue == 0)) return;
  for (int64_t i = 0; i < plane; i++) tint(x + i, plane, how.saturation, how.hue * 2 * M_PI);
}

static void erase(const batch *b, float *x, frame f, ml_rectangle r) {
  for (int64_t k = 0; k < b->channels; k++, x += f.height * f.width)
    for (int64_t i = r.top; i < r.top + r.height; i++)
      for (int64_t j = r.left; j < r.left + r.width; j++) x[i * f.width + j] = (float)(b->mean[k] * 255);
}

/* One picture ------------------------------------------------------------------------------------------------------ */

static uint64_t step_key(const batch *b, int p, int64_t id) { return ml_random_key(b->keys[p], (uint64_t)id); }

/* The movements from step *p on, up to the next change of colour; *p stands behind them then. */
static bool next_movement(const batch *b, int64_t id, int *p, ml_movement *m) {
  int first = *p;
  *m = ml_movement_none();
  for (; *p < b->count && ml_augment_moves(b->steps[*p].kind); ++*p)
    *m = ml_augment_movement(&b->steps[*p], step_key(b, *p, id), b->frames[*p].height, b->frames[*p].width, *m);
  return *p > first;
}

static void spread(const batch *b, int64_t row, float *y) {
  const uint8_t *x = b->x + (row - 1) * b->stride[0];
  for (int64_t k = 0; k < b->channels; k++)
    for (int64_t i = 0; i < b->frames[0].height; i++)
      for (int64_t j = 0; j < b->frames[0].width; j++) *y++ = x[k * b->stride[1] + i * b->stride[2] + j * b->stride[3]];
}

static void normalise(const batch *b, const float *x, float *y) {
  int64_t plane = last_frame(b).height * last_frame(b).width;
  for (int64_t k = 0; k < b->channels; k++) {
    double mean = b->mean[k], deviation = b->deviation[k];
    for (int64_t i = 0; i < plane; i++) *y++ = (float)((*x++ / 255.0 - mean) / deviation);
  }
}

static void change_in_place(const batch *b, int p, int64_t id, float *x) {
  frame f = b->frames[p];
  uint64_t key = step_key(b, p, id);
  if (b->steps[p].kind == ML_AUGMENT_ERASE)
    erase(b, x, f, ml_augment_rectangle(&b->steps[p], key, f.height, f.width));
  else
    change_colour(x, f.height * f.width, b->channels, ml_augment_colour(&b->steps[p], key));
}

static void write_pictures(void *arg, int64_t begin, int64_t end) {
  const batch *b = arg;
  int64_t size = b->channels * last_frame(b).height * last_frame(b).width;
  for (int64_t at = begin; at < end; at++) {
    float *x = (float *)b->places + 2 * b->room * ml_thread_index(), *other = x + b->room;
    spread(b, b->rows[at], x);
    for (int p = 0; p < b->count;) {
      ml_movement m;
      int first = p;
      if (next_movement(b, b->ids[at], &p, &m)) {
        sample_picture(x, b->frames[first], m, b->channels, other, b->frames[p]);
        float *before = x;
        x = other, other = before;
      } else {
        change_in_place(b, p++, b->ids[at], x);
      }
    }
    normalise(b, x, (float *)b->y + at * size);
  }
}

static void write_masks(void *arg, int64_t begin, int64_t end) {
  const batch *b = arg;
  int64_t size = last_frame(b).height * last_frame(b).width;
  for (int64_t at = begin; at < end; at++) {
    uint8_t *x = (uint8_t *)b->places + 2 * b->room * ml_thread_index(), *other = x + b->room, *to = x;
    const uint8_t *from = b->x + (b->rows[at] - 1) * b->stride[0];
    for (int64_t i = 0; i < b->frames[0].height; i++)
      for (int64_t j = 0; j < b->frames[0].width; j++) *to++ = from[i * b->stride[2] + j * b->stride[3]];
    for (int p = 0; p < b->count;) {
      ml_movement m;
      int first = p;
      if (!next_movement(b, b->ids[at], &p, &m)) {
        p++;
        continue;
      }
      sample_mask(x, b->frames[first], m, other, b->frames[p]);
      uint8_t *before = x;
      x = other, other = before;
    }
    for (int64_t i = 0; i < size; i++) ((int64_t *)b->y)[at * size + i] = x[i];
  }
}

/* Arguments -------------------------------------------------------------------------------------------------------- */

static ml_status check_tensors(ml_context *c, const ml_tensor *x, const ml_tensor *rows, const ml_tensor *ids, int dims) {
  if (!x->storage || !rows->storage || (ids && !ids->storage)) return ml_fail(c, "picture_augment: a tensor without values");
  if (x->dtype != ML_UINT8 || x->shape.ndim != dims)
    return ml_fail(c, "picture_augment: %s, got %s %s", dims == 4 ? "pictures must be uint8 [N, C, H, W]" : "masks must be uint8 [N, H, W]",
                   ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
  if (rows->dtype != ML_INT64 || rows->shape.ndim != 1)
    return ml_fail(c, "picture_augment: rows must be a list of int64, got %s %s", ml_dtype_name((ml_dtype)rows->dtype), ML_SHAPE(&rows->shape));
  if (ids && (ids->dtype != ML_INT64 || !ml_shape_equal(&ids->shape, &rows->shape)))
    return ml_fail(c, "picture_augment: ids must be int64 %s, got %s %s", ML_SHAPE(&rows->shape), ml_dtype_name((ml_dtype)ids->dtype),
                   ML_SHAPE(&ids->shape));
  return ML_OK;
}

static ml_status check_rows(ml_context *c, const batch *b, int64_t count, int64_t pictures) {
  for (int64_t i = 0; i < count; i++)
    if (b->rows[i] < 1 || b->rows[i] > pictures)
      return ml_fail(c, "picture_augment: row %lld (number %lld of the batch) is outside 1..%lld", (long long)b->rows[i], (long long)i + 1,
                     (long long)pictures);
  return ML_OK;
}

static ml_status check_crop(ml_context *c, const ml_augment_step *s, frame f) {
  double border = 2 * s->value[2];
  if (s->value[2] < 0 || !(s->value[0] >= 1 && s->value[1] >= 1) || s->value[0] > (double)f.height + border ||
      s->value[1] > (double)f.width + border)
    return ml_fail(c, "data.crop: a window of %g x %g with a border of %g does not fit pictures of %lld x %lld", s->value[0], s->value[1],
                   s->value[2], (long long)f.height, (long long)f.width);
  return ML_OK;
}

enum { MOST_SIDE = 1 << 15 };

/* Sides of a window: at least that much, whole, and not more than a picture may have. */
static ml_status check_sides(ml_context *c, const char *op, const ml_augment_step *s, double least) {
  const double *v = s->value;
  for (int i = 0; i < 2; i++)
    if (!(v[i] >= least && v[i] <= MOST_SIDE && v[i] == floor(v[i])))
      return ml_fail(c, "%s: sizes are whole numbers from %g to %d, got %g", op, least, MOST_SIDE, v[i]);
  return ML_OK;
}

static ml_status check_values(ml_context *c, const ml_augment_step *s, frame f) {
  const double *v = s->value;
  for (int i = 0; i < 4; i++)
    if (!isfinite(v[i])) return ml_fail(c, "picture_augment: a step has a value that is not finite");
  switch (s->kind) {
  case ML_AUGMENT_SHIFT:
    if (v[0] < 0 || v[0] >= (double)f.height || v[0] >= (double)f.width)
      return ml_fail(c, "data.shift: a shift of %g moves pictures of %lld x %lld out of sight", v[0], (long long)f.height, (long long)f.width);
    break;
  case ML_AUGMENT_CROP: return check_crop(c, s, f);
  case ML_AUGMENT_RESIZED_CROP:
    if (v[0] <= 0 || v[0] > v[1] || v[1] > 1 || v[2] <= 0 || v[2] > v[3]) return ml_fail(c, "data.crop: area and ratio are {least, largest}, above 0");
    break;
  case ML_AUGMENT_SCALE:
    if (v[0] <= 0 || v[0] > v[1]) return ml_fail(c, "data.scale: the factors are {least, largest}, above 0");
    break;
  case ML_AUGMENT_ERASE:
    if (v[0] < 0 || v[0] > 1 || v[1] < 0 || v[1] > v[2] || v[2] > 1) return ml_fail(c, "data.erase: chance and area are from 0 to 1");
    break;
  case ML_AUGMENT_CENTER_CROP: return check_sides(c, "data.center_crop", s, 1);
  case ML_AUGMENT_PAD: return check_sides(c, "data.pad", s, 0);
  case ML_AUGMENT_FLIP:
  case ML_AUGMENT_FLIP_VERTICAL:
  case ML_AUGMENT_ROTATE:
  case ML_AUGMENT_COLOUR: break;
  }
  return ML_OK;
}

/* What is left of a frame, or made of it. */
static frame frame_after(const ml_augment_step *s, frame f) {
  int64_t h = (int64_t)s->value[0], w = (int64_t)s->value[1];
  if (s->kind == ML_AUGMENT_CROP || s->kind == ML_AUGMENT_CENTER_CROP) return (frame){h, w};
  return s->kind == ML_AUGMENT_PAD ? (frame){f.height + 2 * h, f.width + 2 * w} : f;
}

/* The frames and keys of the steps. */
static ml_status plan(ml_context *c, const ml_augment_options *o, batch *b) {
  uint64_t stream = ml_random_key(o->key, (uint64_t)o->epoch);
  if (o->count < 0 || o->count > ML_AUGMENT_STEPS) return ml_fail(c, "picture_augment: at most %d steps, got %d", ML_AUGMENT_STEPS, o->count);
  b->steps = o->steps, b->count = o->count;
  for (int p = 0; p < o->count; p++) {
    const ml_augment_step *s = &o->steps[p];
    ML_TRY(check_values(c, s, b->frames[p]));
    b->keys[p] = ml_random_key(stream, (uint64_t)p + 1);
    b->frames[p + 1] = frame_after(s, b->frames[p]);
  }
  for (int p = 0; p <= o->count; p++) {
    int64_t size = b->channels * b->frames[p].height * b->frames[p].width;
    if (size > b->room) b->room = size;
  }
  return ML_OK;
}

static ml_status take_normalisation(ml_context *c, const ml_augment_options *o, batch *b) {
  if (b->channels > 64 || (o->means != 1 && o->means != b->channels) || (o->deviations != 1 && o->deviations != b->channels))
    return ml_fail(c, "picture_augment: mean and std have one value, or one for each of the %lld channels", (long long)b->channels);
  for (int64_t k = 0; k < b->channels; k++) {
    b->mean[k] = o->mean[o->means == 1 ? 0 : k], b->deviation[k] = o->deviation[o->deviations == 1 ? 0 : k];
    if (!isfinite(b->mean[k]) || !(b->deviation[k] > 0)) return ml_fail(c, "picture_augment: mean must be finite, std above 0");
  }
  return ML_OK;
}

/* rows, ids: contiguous. */
static ml_status run(ml_context *c, batch *b, const ml_tensor *rows, const ml_tensor *ids, int64_t pictures, bool masks, ml_tensor **out) {
  int64_t count = ml_size(rows, 0), h = last_frame(b).height, w = last_frame(b).width;
  ml_shape shape = masks ? ml_make_shape(3, count, h, w) : ml_make_shape(4, count, b->channels, h, w);
  size_t bytes = (size_t)(2 * b->room) * (size_t)ml_threads() * (masks ? 1 : sizeof(float));
  b->rows = ml_i64(rows), b->ids = ml_i64(ids);
  ML_TRY(check_rows(c, b, count, pictures));
  ML_TRY(ml_empty(c, &shape, masks ? ML_INT64 : ML_FLOAT32, out));
  if (ml_count(*out) == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, bytes, &b->places));
  b->y = ml_data(*out);
  ml_status status = ml_parallel_for(c, count, 1, masks ? write_masks : write_pictures, b);
  ml_free(b->places, bytes);
  return status;
}

static ml_status augment(ml_context *c, const ml_tensor *x, const ml_tensor *rows, const ml_augment_options *o, bool masks, ml_tensor **out) {
  int n = x->shape.ndim;
  ml_tensor *plain_rows = NULL, *plain_ids = NULL;
  *out = NULL;
  ML_TRY(check_tensors(c, x, rows, o->ids, masks ? 3 : 4));
  batch b = {
      .x = ml_data(x),
      .stride = {x->stride[0], masks ? 0 : x->stride[1], x->stride[n - 2], x->stride[n - 1]},
      .channels = masks ? 1 : ml_size(x, 1),
      .frames = {{ml_size(x, n - 2), ml_size(x, n - 1)}},
  };
  ML_TRY(plan(c, o, &b));
  if (!masks) ML_TRY(take_normalisation(c, o, &b));
  ML_TRY(ml_contiguous_unrecorded(c, rows, &plain_rows));
  ml_status status = ml_contiguous_unrecorded(c, o->ids ? o->ids : rows, &plain_ids);
  if (status == ML_OK) status = run(c, &b, plain_rows, plain_ids, ml_size(x, 0), masks, out);
  ml_release(plain_rows);
  ml_release(plain_ids);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  return status;
}

ml_status ml_picture_augment(ml_context *c, const ml_tensor *pictures, const ml_tensor *rows, const ml_augment_options *o, ml_tensor **out) {
  return augment(c, pictures, rows, o, false, out);
}

ml_status ml_mask_augment(ml_context *c, const ml_tensor *masks, const ml_tensor *rows, const ml_augment_options *o, ml_tensor **out) {
  return augment(c, masks, rows, o, true, out);
}

ml_status ml_augment_movements(ml_context *c, const ml_tensor *ids, const ml_augment_options *o, int64_t *height, int64_t *width,
                               ml_tensor **out) {
  batch b = {.channels = 1, .frames = {{*height, *width}}};
  ml_tensor *plain = NULL;
  *out = NULL;
  if (ids->dtype != ML_INT64 || ids->shape.ndim != 1) return ml_fail(c, "augment_movements: ids must be a list of int64");
  if (*height < 1 || *width < 1) return ml_fail(c, "augment_movements: pictures have at least one pixel");
  ML_TRY(plan(c, o, &b));
  ml_shape shape = ml_make_shape(2, ml_size(ids, 0), 6);
  ML_TRY(ml_contiguous_unrecorded(c, ids, &plain));
  ml_status status = ml_empty(c, &shape, ML_FLOAT64, out);
  for (int64_t i = 0; status == ML_OK && i < ml_size(ids, 0); i++) {
    ml_movement m = ml_movement_none();
    for (int p = 0; p < b.count; p++)
      if (ml_augment_moves(b.steps[p].kind))
        m = ml_augment_movement(&b.steps[p], step_key(&b, p, ml_i64(plain)[i]), b.frames[p].height, b.frames[p].width, m);
    memcpy(ml_f64(*out) + 6 * i, (double[]){m.xx, m.xy, m.x0, m.yx, m.yy, m.y0}, 6 * sizeof(double));
  }
  ml_release(plain);
  *height = last_frame(&b).height, *width = last_frame(&b).width;
  return status;
}
