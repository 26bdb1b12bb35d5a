/* The loops of media/resize.c, compiled for each instruction set. */
#ifndef ML_MEDIA_KERNELS_RESIZE_H
#define ML_MEDIA_KERNELS_RESIZE_H

#include "media/resize.h"
#include "tensor/parallel.h"

enum { ML_RESIZE_BITS = 22 }; /* of a weight, behind the point */

typedef struct ml_resize_pass {
  const uint8_t *x;
  uint8_t *y;
  const ml_resize_axis *axis;
  int64_t height;   /* rows of x */
  int64_t width;    /* pixels of a row of x */
  int64_t channels; /* bytes of a pixel */
} ml_resize_pass;

/* Each is the body of a region over rows of y. */
typedef enum ml_resize_kernel { ML_RESIZE_ALONG, ML_RESIZE_ACROSS, ML_RESIZE_KERNELS } ml_resize_kernel;

#endif
