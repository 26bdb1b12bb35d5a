/* Loops over plain arrays of doubles that the solvers stand on. Sums run in eight lanes and a fixed tree over them, without fused
 * multiply-adds: the bits depend neither on the width of vectors nor on the processor. On the calling thread. */
#ifndef ML_CLASSICAL_VECTORS_H
#define ML_CLASSICAL_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ml_vector_kernels {
  double (*dot)(int64_t n, const double *x, const double *y);
  double (*dot_f32)(int64_t n, const float *x, const double *y);
  void (*add)(int64_t n, double a, const double *x, double *y); /* y += a x */
  /* y += a[0] x[0], then a[1] x[1] and so on, in this order: the bits are those of `count` calls of add. */
  void (*add_rows)(int64_t n, int64_t count, const double *a, const double *const *x, double *y);
  void (*add_f32)(int64_t n, double a, const float *x, double *y);
  void (*add_rows_f32)(int64_t n, int64_t count, const double *a, const float *const *x, double *y);
  void (*less)(int64_t n, const double *x, const double *y, double *z); /* z = x - y */
  void (*less_f32)(int64_t n, const float *x, const float *y, float *z);
  void (*widen)(int64_t n, const float *x, double *y);          /* y = x */
  /* The first element that is NaN, infinite or of a size from 2^500 on, n if there is none. */
  int64_t (*bounded)(int64_t n, const double *x);
  int64_t (*bounded_f32)(int64_t n, const float *x);
} ml_vector_kernels;

/* Those of this processor. */
const ml_vector_kernels *ml_vectors(void);

#endif
