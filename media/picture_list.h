/* Many picture files of one size: at once, on all threads, or one by one. */
#ifndef ML_PICTURE_LIST_H
#define ML_PICTURE_LIST_H

#include <stdatomic.h>

#include "media/arena.h"
#include "media/picture.h"
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

/* The same in steps, for loader.c. The paths are borrowed. */
typedef struct ml_picture_list {
  const char *const *paths;
  int64_t count;
  ml_picture_read_options options;
  bool resizes;
  ml_picture_fit fit;
  int64_t height, width;
  int64_t bytes; /* of a picture in the result */
  uint8_t *pixels;
  _Atomic int64_t failed; /* the first file that is known to fail; behind it nothing more is done. count: none */
} ml_picture_list;

/* The result, whose pixels are still to come. Without a size the first file's header is read. */
ML_CHECKED ml_status ml_picture_list_open(ml_context *c, const char *const *paths, int64_t count,
                                          const ml_picture_list_options *o, ml_picture_list *l, ml_tensor **out);
/* One file, on any thread; own is for messages alone, the arena has `threads`. */
void ml_picture_list_one(ml_context *own, ml_arena *arena, ml_picture_list *l, int64_t i);
/* The files from `from` on, on all threads of the pool. A file that fails is in l->failed. */
ML_CHECKED ml_status ml_picture_list_rest(ml_context *c, ml_picture_list *l, int64_t from);
/* All of them, with the message of the first that fails. */
ML_CHECKED ml_status ml_picture_list_all(ml_context *c, ml_picture_list *l);
/* The limit of the arena of each of so many threads. */
size_t ml_picture_list_room(int threads);

#endif
