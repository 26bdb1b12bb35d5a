/* Pixels as JPEG, by libjpeg: baseline, chroma at half the size (4:2:0). */
#ifndef ML_JPEG_WRITE_H
#define ML_JPEG_WRITE_H

#include "tensor/io/file.h"
#include "tensor/tensor.h"

/* x: uint8 [H, W] or [H, W, 3], contiguous. path: for messages. */
ML_CHECKED ml_status ml_jpeg_write(ml_context *c, const char *path, const ml_tensor *x, int quality, ml_sink *sink);

#endif
