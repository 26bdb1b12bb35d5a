/* Batches of pictures for training: gathered, normalised and augmented in one pass over bytes. */
#ifndef ML_PICTURE_BATCH_H
#define ML_PICTURE_BATCH_H

#include "tensor/tensor.h"

typedef struct ml_picture_options {
  const double *mean, *deviation; /* of values from 0 to 1 */
  int means, deviations;          /* how many: one for all channels, or one a channel */
  bool flip;                      /* left and right change places in half of the pictures */
  int64_t shift;                  /* up to so many pixels up, down, left, right; black comes in */
  uint64_t key;                   /* of the random stream */
  int64_t epoch;
  const ml_tensor *ids;           /* int64 [B]: what the pictures are drawn for; NULL: the rows */
} ml_picture_options;

/* pictures: uint8 [N, H, W] or [N, C, H, W], any strides; rows: int64 [B], positions from 1.
 * out: float32 [B, C, H, W] (C is 1 if there is none), (v / 255 - mean) / deviation.
 *
 * What happens to a picture is a function of (key, epoch, its row or id) alone: not of its place in the batch, of the order
 * of batches, or of threads. */
ML_CHECKED ml_status ml_picture_batch(ml_context *c, const ml_tensor *pictures, const ml_tensor *rows,
                                      const ml_picture_options *options, ml_tensor **out);

#endif
