#include "media/augment_draw.h"

#include <math.h>

#include "tensor/random.h"

/* The i-th number of a step, in [low, high). */
static double between(uint64_t key, uint64_t i, double low, double high) { return low + (high - low) * ml_random_double(key, i); }

/* The same, as often in [1/2, 1) as in [1, 2). */
static double factor_between(uint64_t key, uint64_t i, double low, double high) {
  return exp(between(key, i, log(low), log(high)));
}

/* First the step, then what was there before it: x' = before(step(x)). */
static ml_movement after(ml_movement b, ml_movement s) {
  return (ml_movement){
      b.xx * s.xx + b.xy * s.yx, b.xx * s.xy + b.xy * s.yy, b.xx * s.x0 + b.xy * s.y0 + b.x0,
      b.yx * s.xx + b.yy * s.yx, b.yx * s.xy + b.yy * s.yy, b.yx * s.x0 + b.yy * s.y0 + b.y0,
  };
}

static ml_movement moved(double right, double down) { return (ml_movement){1, 0, -right, 0, 1, -down}; }

/* A linear map around the middle of a frame. */
static ml_movement around_middle(double xx, double xy, double yx, double yy, int64_t height, int64_t width) {
  double x = (double)width / 2, y = (double)height / 2;
  return (ml_movement){xx, xy, x - xx * x - xy * y, yx, yy, y - yx * x - yy * y};
}

static ml_movement flip(uint64_t key, bool vertical, int64_t height, int64_t width) {
  if (ml_random_double(key, 0) < 0.5) return ml_movement_none();
  return vertical ? (ml_movement){1, 0, 0, 0, -1, (double)height} : (ml_movement){-1, 0, (double)width, 0, 1, 0};
}

static ml_movement shift(const ml_augment_step *s, uint64_t key) {
  int64_t most = (int64_t)s->value[0];
  return moved((double)(ml_random_below(key, 0, 2 * most + 1) - most), (double)(ml_random_below(key, 1, 2 * most + 1) - most));
}

static ml_movement crop(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width) {
  int64_t h = (int64_t)s->value[0], w = (int64_t)s->value[1], border = (int64_t)s->value[2];
  return moved((double)(border - ml_random_below(key, 0, width + 2 * border - w + 1)),
               (double)(border - ml_random_below(key, 1, height + 2 * border - h + 1)));
}

static ml_movement resized_crop(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width) {
  double area = between(key, 0, s->value[0], s->value[1]) * (double)(height * width);
  double ratio = factor_between(key, 1, s->value[2], s->value[3]);
  double w = fmin(sqrt(area * ratio), (double)width), h = fmin(sqrt(area / ratio), (double)height);
  return (ml_movement){w / (double)width, 0, between(key, 2, 0, (double)width - w),
                       0, h / (double)height, between(key, 3, 0, (double)height - h)};
}

static ml_movement rotate(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width) {
  double angle = between(key, 0, -s->value[0], s->value[0]) * (M_PI / 180);
  return around_middle(cos(angle), sin(angle), -sin(angle), cos(angle), height, width);
}

static ml_movement scale(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width) {
  double factor = factor_between(key, 0, s->value[0], s->value[1]);
  return around_middle(1 / factor, 0, 0, 1 / factor, height, width);
}

/* How far the middle window starts inside of a side, as torchvision rounds it: to the nearest, halves to the even one; a border's
 * smaller half comes first. */
static double middle(int64_t side, double window) {
  double left = (double)side - window;
  return left < 0 ? -floor(-left / 2) : rint(left / 2);
}

static ml_movement center_crop(const ml_augment_step *s, int64_t height, int64_t width) {
  return moved(-middle(width, s->value[1]), -middle(height, s->value[0]));
}

ml_movement ml_augment_movement(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width, ml_movement before) {
  switch (s->kind) {
  case ML_AUGMENT_FLIP: return after(before, flip(key, false, height, width));
  case ML_AUGMENT_FLIP_VERTICAL: return after(before, flip(key, true, height, width));
  case ML_AUGMENT_SHIFT: return after(before, shift(s, key));
  case ML_AUGMENT_CROP: return after(before, crop(s, key, height, width));
  case ML_AUGMENT_RESIZED_CROP: return after(before, resized_crop(s, key, height, width));
  case ML_AUGMENT_ROTATE: return after(before, rotate(s, key, height, width));
  case ML_AUGMENT_SCALE: return after(before, scale(s, key, height, width));
  case ML_AUGMENT_CENTER_CROP: return after(before, center_crop(s, height, width));
  case ML_AUGMENT_PAD: return after(before, moved(s->value[1], s->value[0]));
  case ML_AUGMENT_COLOUR:
  case ML_AUGMENT_ERASE: break;
  }
  return before;
}

ml_colour_change ml_augment_colour(const ml_augment_step *s, uint64_t key) {
  const double *v = s->value;
  return (ml_colour_change){between(key, 0, 1 - v[0], 1 + v[0]), between(key, 1, 1 - v[1], 1 + v[1]),
                            between(key, 2, 1 - v[2], 1 + v[2]), between(key, 3, -v[3], v[3])};
}

ml_rectangle ml_augment_rectangle(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width) {
  if (ml_random_double(key, 0) >= s->value[0]) return (ml_rectangle){0, 0, 0, 0};
  double area = between(key, 1, s->value[1], s->value[2]) * (double)(height * width), ratio = factor_between(key, 2, 1.0 / 3, 3);
  int64_t h = (int64_t)fmin(round(sqrt(area / ratio)), (double)height), w = (int64_t)fmin(round(sqrt(area * ratio)), (double)width);
  return (ml_rectangle){ml_random_below(key, 3, height - h + 1), ml_random_below(key, 4, width - w + 1), h, w};
}
