/* Rows of pixels on their way from a decoder into the result: other channels, other places. */
#ifndef ML_PIXELS_H
#define ML_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a decoder gives. The number is how many bytes a pixel has, but for CMYK (4, inverted as Adobe's programs write it). */
typedef enum ml_layout { ML_GRAY = 1, ML_GRAY_ALPHA = 2, ML_RGB = 3, ML_RGBA = 4, ML_CMYK = 5 } ml_layout;

static inline int ml_layout_bytes(ml_layout layout) { return layout == ML_CMYK ? 4 : (int)layout; }

/* The channels of a result that keeps all that the decoder gives. */
static inline int ml_layout_channels(ml_layout layout) {
  return layout == ML_GRAY ? 1 : layout == ML_GRAY_ALPHA || layout == ML_RGBA ? 4 : 3;
}

/* n pixels x into y with 1 (gray), 3 (colour) or 4 (colour and alpha) channels. The rules:
 *   colour -> gray   (19595 R + 38470 G + 7471 B + 32768) / 65536: the luma of ITU-R 601-2 with Pillow's integers
 *   gray -> colour   the value three times
 *   without alpha    composed over white: (v a + 255 (255 - a)) / 255, rounded; before colour becomes gray
 *   alpha for none   255
 *   CMYK -> colour   K - (255 - C) K / 255, rounded, of the inverted values: Pillow's */
void ml_pixels_convert(const uint8_t *x, ml_layout layout, int64_t n, uint8_t *y, int channels);

/* Where decoded rows go: memory [H, W, channels] of the picture as it is to be seen. Orientation as in EXIF: 5 to 8 change rows and
 * columns. */
typedef struct ml_canvas {
  uint8_t *origin;    /* of the first pixel of the first decoded row */
  int64_t row, pixel; /* steps in bytes to the next decoded row and pixel */
  int64_t width;      /* of decoded rows, in pixels */
  int channels;
  ml_layout layout; /* of decoded rows */
  uint8_t *line;    /* room for a row with the result's channels, if the picture is turned */
} ml_canvas;

/* height, width: of the decoded picture. */
ml_canvas ml_canvas_of(uint8_t *pixels, int64_t height, int64_t width, int channels, ml_layout layout, int orientation);
static inline bool ml_orientation_turns(int orientation) { return orientation >= 5; }

/* Whether decoded rows need no change: they may be decoded to where they belong. */
bool ml_canvas_is_plain(const ml_canvas *to);
static inline uint8_t *ml_canvas_row(const ml_canvas *to, int64_t row) { return to->origin + row * to->row; }

/* Stores a decoded row that lies elsewhere. */
void ml_canvas_store(const ml_canvas *to, int64_t row, const uint8_t *x);

#endif
