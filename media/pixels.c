#include "media/pixels.h"

#include <string.h>

/* v w / 255, rounded, for v and w of 0..255. */
static inline unsigned product(unsigned v, unsigned w) {
  unsigned t = v * w + 128;
  return ((t >> 8) + t) >> 8;
}

static inline uint8_t over_white(unsigned v, unsigned alpha) { return (uint8_t)(product(v, alpha) + 255 - alpha); }

static inline uint8_t luma(unsigned r, unsigned g, unsigned b) {
  return (uint8_t)((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16);
}

/* One loop a pair of layouts: y has 1, 3 or 4 channels. */

static void from_gray(const uint8_t *x, int64_t n, uint8_t *y, int channels) {
  if (channels == 1) memcpy(y, x, (size_t)n);
  if (channels == 3)
    for (int64_t i = 0; i < n; i++) y[3 * i] = y[3 * i + 1] = y[3 * i + 2] = x[i];
  if (channels == 4)
    for (int64_t i = 0; i < n; i++) y[4 * i] = y[4 * i + 1] = y[4 * i + 2] = x[i], y[4 * i + 3] = 255;
}

static void from_gray_alpha(const uint8_t *x, int64_t n, uint8_t *y, int channels) {
  if (channels == 1)
    for (int64_t i = 0; i < n; i++) y[i] = over_white(x[2 * i], x[2 * i + 1]);
  if (channels == 3)
    for (int64_t i = 0; i < n; i++) y[3 * i] = y[3 * i + 1] = y[3 * i + 2] = over_white(x[2 * i], x[2 * i + 1]);
  if (channels == 4)
    for (int64_t i = 0; i < n; i++) y[4 * i] = y[4 * i + 1] = y[4 * i + 2] = x[2 * i], y[4 * i + 3] = x[2 * i + 1];
}

static void from_rgb(const uint8_t *x, int64_t n, uint8_t *y, int channels) {
  if (channels == 1)
    for (int64_t i = 0; i < n; i++) y[i] = luma(x[3 * i], x[3 * i + 1], x[3 * i + 2]);
  if (channels == 3) memcpy(y, x, (size_t)n * 3);
  if (channels == 4)
    for (int64_t i = 0; i < n; i++) {
      y[4 * i] = x[3 * i], y[4 * i + 1] = x[3 * i + 1], y[4 * i + 2] = x[3 * i + 2];
      y[4 * i + 3] = 255;
    }
}

static void from_rgba(const uint8_t *x, int64_t n, uint8_t *y, int channels) {
  if (channels == 4) {
    memcpy(y, x, (size_t)n * 4);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    const uint8_t *p = x + 4 * i;
    uint8_t r = over_white(p[0], p[3]), g = over_white(p[1], p[3]), b = over_white(p[2], p[3]);
    if (channels == 1)
      y[i] = luma(r, g, b);
    else
      y[3 * i] = r, y[3 * i + 1] = g, y[3 * i + 2] = b;
  }
}

/* x is inverted: 255 is no ink. */
static void from_cmyk(const uint8_t *x, int64_t n, uint8_t *y, int channels) {
  for (int64_t i = 0; i < n; i++) {
    unsigned k = x[4 * i + 3], rgb[3];
    for (int j = 0; j < 3; j++) rgb[j] = k - product(255u - x[4 * i + j], k);
    if (channels == 1) {
      y[i] = luma(rgb[0], rgb[1], rgb[2]);
      continue;
    }
    for (int j = 0; j < 3; j++) y[channels * i + j] = (uint8_t)rgb[j];
    if (channels == 4) y[4 * i + 3] = 255;
  }
}

void ml_pixels_convert(const uint8_t *x, ml_layout layout, int64_t n, uint8_t *y, int channels) {
  switch (layout) {
  case ML_GRAY: from_gray(x, n, y, channels); break;
  case ML_GRAY_ALPHA: from_gray_alpha(x, n, y, channels); break;
  case ML_RGB: from_rgb(x, n, y, channels); break;
  case ML_RGBA: from_rgba(x, n, y, channels); break;
  case ML_CMYK: from_cmyk(x, n, y, channels); break;
  }
}

/* Where the decoded pixel (i, j) belongs, of H rows and W columns:
 *
 *   1 (i, j)          2 (i, W-1-j)      3 (H-1-i, W-1-j)  4 (H-1-i, j)
 *   5 (j, i)          6 (j, H-1-i)      7 (W-1-j, H-1-i)  8 (W-1-j, i) */
ml_canvas ml_canvas_of(uint8_t *pixels, int64_t height, int64_t width, int channels, ml_layout layout, int orientation) {
  bool turns = ml_orientation_turns(orientation);
  int64_t across = channels, down = (turns ? height : width) * channels; /* steps in the result */
  int64_t row = turns ? across : down, pixel = turns ? down : across;
  bool rows_back = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  bool pixels_back = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  return (ml_canvas){
      .origin = pixels + (rows_back ? (height - 1) * row : 0) + (pixels_back ? (width - 1) * pixel : 0),
      .row = rows_back ? -row : row,
      .pixel = pixels_back ? -pixel : pixel,
      .width = width,
      .channels = channels,
      .layout = layout,
  };
}

bool ml_canvas_is_plain(const ml_canvas *to) {
  return to->pixel == to->channels && (int)to->layout == to->channels;
}

void ml_canvas_store(const ml_canvas *to, int64_t row, const uint8_t *x) {
  uint8_t *y = ml_canvas_row(to, row);
  if (to->pixel == to->channels) {
    ml_pixels_convert(x, to->layout, to->width, y, to->channels);
    return;
  }
  const uint8_t *line = to->line;
  ml_pixels_convert(x, to->layout, to->width, to->line, to->channels);
  for (int64_t j = 0; j < to->width; j++, y += to->pixel)
    for (int k = 0; k < to->channels; k++) y[k] = *line++;
}
