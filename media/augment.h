/* Changes of training pictures, one after another, in the order of a list.
 *
 * What step number p does to a picture is a function of (key, epoch, the picture's id, p) alone: not of its place in the batch, of
 * other batches, of other steps or of threads. Movements that follow one another are made in one go: a picture is sampled once
 * (bilinear) between two changes of colour. Where a movement shows what lies outside of the picture, it is black; in a mask, class 0.
 * Movements by whole pixels give the pixels as they are. */
#ifndef ML_AUGMENT_H
#define ML_AUGMENT_H

#include "tensor/tensor.h"

/* What the values of a step are, in the order of `value`. */
typedef enum ml_augment_kind {
  ML_AUGMENT_FLIP,          /* left and right change places in half of the pictures */
  ML_AUGMENT_FLIP_VERTICAL, /* top and bottom do */
  ML_AUGMENT_SHIFT,         /* pixels, at most, in each direction */
  ML_AUGMENT_CROP,          /* height, width, border: a window anywhere in the picture with a black border */
  ML_AUGMENT_RESIZED_CROP,  /* least and largest part of the area, least and largest width by height: a window, enlarged to the frame */
  ML_AUGMENT_ROTATE,        /* degrees, at most, either way, around the middle */
  ML_AUGMENT_SCALE,         /* least and largest factor, around the middle */
  ML_AUGMENT_CENTER_CROP,   /* height, width: the window in the middle; black where it is larger than the picture. Draws nothing */
  ML_AUGMENT_PAD,           /* rows above and below, columns left and right: a black border. Draws nothing */
  ML_AUGMENT_COLOUR,        /* brightness, contrast, saturation: factors 1 - v..1 + v; hue: turns, at most, either way */
  ML_AUGMENT_ERASE,         /* chance, least and largest part of the area: a rectangle becomes the mean */
} ml_augment_kind;

typedef struct ml_augment_step {
  ml_augment_kind kind;
  double value[4];
} ml_augment_step;

enum { ML_AUGMENT_STEPS = 32 };

typedef struct ml_augment_options {
  const ml_augment_step *steps;
  int count; /* at most ML_AUGMENT_STEPS */
  uint64_t key;
  int64_t epoch;
  const ml_tensor *ids;           /* int64 [B]: what the pictures are drawn for; NULL: the rows */
  const double *mean, *deviation; /* of values from 0 to 1; not for masks */
  int means, deviations;          /* 1, or one a channel */
} ml_augment_options;

/* pictures: uint8 [N, C, H, W], any strides; rows: int64 [B], positions from 1. out: float32 [B, C, h, w], normalised. */
ML_CHECKED ml_status ml_picture_augment(ml_context *c, const ml_tensor *pictures, const ml_tensor *rows, const ml_augment_options *o,
                                        ml_tensor **out);

/* masks: uint8 [N, H, W] of classes, any strides; out: int64 [B, h, w]. A mask moves as the picture with its id does (each pixel is that
 * of the mask it falls on); colours and erasing leave it as it is. */
ML_CHECKED ml_status ml_mask_augment(ml_context *c, const ml_tensor *masks, const ml_tensor *rows, const ml_augment_options *o,
                                     ml_tensor **out);

/* Where points of the pictures go: out: float64 [B, 6] (xx, xy, x0, yx, yy, y0), which take a point of the result to the one of the picture
 * that it shows, x' = xx x + xy y + x0 (x right, y down; the left upper corner of a picture is 0, 0). height, width: of the pictures, and
 * then of the result. */
ML_CHECKED ml_status ml_augment_movements(ml_context *c, const ml_tensor *ids, const ml_augment_options *o, int64_t *height, int64_t *width,
                                          ml_tensor **out);

#endif
