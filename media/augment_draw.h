/* What the steps of an augmentation draw for one picture. */
#ifndef ML_AUGMENT_DRAW_H
#define ML_AUGMENT_DRAW_H

#include "media/augment.h"

/* From a point (x right, y down, the left upper corner is 0, 0) to one of the picture before: x' = xx x + xy y + x0. */
typedef struct ml_movement {
  double xx, xy, x0, yx, yy, y0;
} ml_movement;

typedef struct ml_colour_change {
  double brightness, contrast, saturation, hue; /* factors; turns */
} ml_colour_change;

typedef struct ml_rectangle {
  int64_t top, left, height, width;
} ml_rectangle;

static inline ml_movement ml_movement_none(void) { return (ml_movement){1, 0, 0, 0, 1, 0}; }
static inline bool ml_augment_moves(ml_augment_kind kind) { return kind < ML_AUGMENT_COLOUR; }

/* key: of the step and the picture. height, width: the frame before the step. The movement: `before` with the step behind it. */
ml_movement ml_augment_movement(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width, ml_movement before);
ml_colour_change ml_augment_colour(const ml_augment_step *s, uint64_t key);
/* An empty rectangle where nothing is erased. */
ml_rectangle ml_augment_rectangle(const ml_augment_step *s, uint64_t key, int64_t height, int64_t width);

#endif
