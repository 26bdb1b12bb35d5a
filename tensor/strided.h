/* The one way through tensors that are not contiguous: runs of elements in row-major order of a shape. */
#ifndef ML_STRIDED_H
#define ML_STRIDED_H

#include "tensor/tensor.h"

/* A tensor seen under a (broadcast) shape: neighbouring dimensions that lie behind each other are joined. */
typedef struct ml_strided {
  char *data; /* first element */
  int size;   /* bytes of an element */
  int ndim;   /* at least 1 */
  int64_t extent[ML_MAX_DIMS], stride[ML_MAX_DIMS];
  bool contiguous; /* elements stand in row-major order */
  bool constant;   /* one element everywhere */
} ml_strided;

/* x broadcasts to shape (the caller has seen to it). */
ml_strided ml_strided_of(const ml_tensor *x, const ml_shape *shape);

/* Elements begin..begin+n-1 in row-major order, to and from a contiguous buffer. */
void ml_strided_read(const ml_strided *s, int64_t begin, int64_t n, void *buffer);
void ml_strided_write(const ml_strided *s, int64_t begin, int64_t n, const void *buffer);

#endif
