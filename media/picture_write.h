/* Pictures to files: PNG and JPEG, by the ending of the path (.png, .jpg, .jpeg). */
#ifndef ML_PICTURE_WRITE_H
#define ML_PICTURE_WRITE_H

#include "tensor/tensor.h"

enum { ML_JPEG_QUALITY = 90 };

typedef struct ml_picture_write_options {
  int quality; /* of a JPEG, 1..100; 0: ML_JPEG_QUALITY */
} ml_picture_write_options;

/* x: uint8 [H, W] or [C, H, W] with 1, 3 or (PNG) 4 channels, any strides. The file is replaced whole or stays as it was. */
ML_CHECKED ml_status ml_picture_write(ml_context *c, const char *path, const ml_tensor *x, const ml_picture_write_options *o);

#endif
