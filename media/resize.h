/* Pictures of another size. Weights are fixed-point numbers with 22 bits behind the point, rows are done before columns, and each pass
 * rounds to bytes: Pillow's arithmetic, so that "bilinear" and "nearest" give its bits. */
#ifndef ML_RESIZE_H
#define ML_RESIZE_H

#include "media/arena.h"
#include "tensor/tensor.h"

typedef enum ml_resize_filter {
  ML_BILINEAR, /* a triangle, as wide as the pixels of the smaller picture: shrinking does not alias */
  ML_NEAREST,
  ML_AREA, /* each pixel is the mean of what it covers */
} ml_resize_filter;

/* x: uint8 [H, W], [C, H, W] or [N, C, H, W], any strides. out: the same with h x w, channels last in memory. */
ML_CHECKED ml_status ml_picture_resize(ml_context *c, const ml_tensor *x, int64_t h, int64_t w, ml_resize_filter filter,
                                       ml_tensor **out);

/* The sizes are not below 1, and the pixels of either picture are at most 2^31. */

/* What each place of one axis is made of. */
typedef struct ml_resize_axis {
  int64_t from, to;       /* sizes */
  int64_t taps;           /* most weights of a place */
  int32_t *first, *count; /* [to] */
  int32_t *weight;        /* [to, taps]; unused for ML_NEAREST */
} ml_resize_axis;

typedef struct ml_resize {
  ml_resize_axis rows, columns; /* from H to h, from W to w */
  int64_t channels;
  ml_resize_filter filter;
  uint8_t *between; /* [H, w, channels], if both sizes change */
} ml_resize;

/* Tables from the arena; false if it refuses. */
ML_CHECKED bool ml_resize_plan(ml_arena *arena, int64_t from_h, int64_t from_w, int64_t h, int64_t w, int64_t channels,
                               ml_resize_filter filter, ml_resize *out);
/* x: [H, W, channels]; y: [h, w, channels]. On this thread alone. */
void ml_resize_run(const ml_resize *r, const uint8_t *x, uint8_t *y);

#endif
