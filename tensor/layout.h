/* The order in which a tensor's elements lie in memory. Row-major (C order) is the usual one. Pictures lie channels-last while
 * they pass through convolutions: shape [batch, channels, rows, columns], and in memory the channels of a position beside each
 * other, so that vectors run over channels. Nothing but strides says so. */
#ifndef ML_LAYOUT_H
#define ML_LAYOUT_H

#include "tensor/tensor.h"

/* What an op's input must be; others are copied into that order first. */
typedef enum ml_layout {
  ML_LAYOUT_ROWS = 0,
  ML_LAYOUT_EITHER,        /* row-major or channels-last */
  ML_LAYOUT_CHANNELS_LAST, /* from 3 dimensions on */
} ml_layout;

/* Dimension 1 innermost, then the last to the third, then the first. */
void ml_strides_channels_last(const ml_shape *shape, int64_t stride[ML_MAX_DIMS]);
bool ml_is_channels_last(const ml_tensor *x);
bool ml_fits_layout(const ml_tensor *x, ml_layout layout);

/* The elements fill a run of memory without gaps, in the order of some permutation of the dimensions. */
bool ml_is_dense(const ml_tensor *x);
/* Element by element at the same places of their storages: one shape and, where it matters, one stride. */
bool ml_same_places(const ml_tensor *a, const ml_tensor *b);

/* Contents undefined; the strides are those of a dense tensor. */
ML_CHECKED ml_status ml_empty_strided(ml_context *c, const ml_shape *shape, ml_dtype dtype, const int64_t *stride, ml_tensor **out);
/* Contents undefined; shape, type and order of x, which is dense. */
ML_CHECKED ml_status ml_empty_beside(ml_context *c, const ml_tensor *x, ml_tensor **out);
/* A channels-last copy of x, or another reference to it if it lies so. Not recorded. */
ML_CHECKED ml_status ml_channels_last_unrecorded(ml_context *c, const ml_tensor *x, ml_tensor **out);

/* The dimensions of y from the slowest to the fastest in memory; false if that is row-major, or y is not dense. */
bool ml_memory_order(const ml_tensor *y, int order[ML_MAX_DIMS]);
/* x (which broadcasts to a shape of `ndim` dimensions) with that shape's dimensions in another order: borrowed. */
ml_tensor ml_reordered(const ml_tensor *x, int ndim, const int order[ML_MAX_DIMS]);

#endif
