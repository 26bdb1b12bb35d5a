/* Many picture files of one size at once, on all threads. */
#ifndef ML_PICTURE_LIST_H
#define ML_PICTURE_LIST_H

#include "tensor/tensor.h"

/* How a picture whose sides stand in another proportion comes to a size. */
typedef enum ml_picture_fit {
  ML_FIT_SQUASH, /* both sides are scaled as they need it */
  ML_FIT_CROP,   /* scaled until it covers the size; what juts out is cut off, equally on both sides */
  ML_FIT_PAD,    /* scaled until it fits into the size; around it is black */
} ml_picture_fit;

typedef struct ml_picture_list_options {
  int channels;          /* 1, 3, 4; 0: 3 */
  int64_t height, width; /* each picture is resized to it (bilinear); 0: all must have the size of the first */
  bool whole;            /* decode every pixel before resizing; else a JPEG at the smallest scale that is not below the size */
  ml_picture_fit fit;
  int64_t max_pixels;    /* as in ml_picture_read_options */
} ml_picture_list_options;

/* out: uint8 [N, C, H, W], channels last in memory. A failure is that of the first file, in order, that fails. */
ML_CHECKED ml_status ml_picture_list_read(ml_context *c, const char *const *paths, int64_t count,
                                          const ml_picture_list_options *o, ml_tensor **out);

#endif
