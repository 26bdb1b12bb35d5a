/* What forward, backward and the gradient in ops of the pools have in common. */
#ifndef ML_NN_POOL_H
#define ML_NN_POOL_H

#include "nn/kernels.h"

/* Window i along one side, of `size` elements: positions *lo to *hi - 1. */
static inline void pool_window(bool adaptive, int64_t size, int64_t out, int64_t window, int64_t stride, int64_t pad,
                               int64_t i, int64_t *lo, int64_t *hi) {
  if (adaptive) {
    *lo = i * size / out;
    *hi = ((i + 1) * size + out - 1) / out;
    return;
  }
  int64_t from = i * stride - pad, to = from + window;
  *lo = from > 0 ? from : 0;
  *hi = to < size ? to : size;
}
static inline void pool_rows(const pool_job *k, int64_t i, int64_t *lo, int64_t *hi) {
  pool_window(k->adaptive, k->height, k->out_height, k->size_h, k->stride_h, k->pad_h, i, lo, hi);
}
static inline void pool_columns(const pool_job *k, int64_t j, int64_t *lo, int64_t *hi) {
  pool_window(k->adaptive, k->width, k->out_width, k->size_w, k->stride_w, k->pad_w, j, lo, hi);
}

/* Rows r0..r1-1 and columns c0..c1-1. */
typedef struct pool_square {
  int64_t r0, r1, c0, c1;
} pool_square;
static inline pool_square pool_square_of(const pool_job *k, int64_t i, int64_t j) {
  pool_square w;
  pool_rows(k, i, &w.r0, &w.r1);
  pool_columns(k, j, &w.c0, &w.c1);
  return w;
}

/* The gradient in ops. position: of max pooling, as its forward kept it; NULL: of average pooling. x: the shape of what was
 * pooled, which is not empty. */
ML_CHECKED ml_status pool_backward_recorded(ml_context *c, const pool_job *k, const ml_tensor *g, const ml_tensor *position,
                                            const ml_shape *x, ml_tensor **dx);

#endif
