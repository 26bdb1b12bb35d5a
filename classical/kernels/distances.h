/* Distances between rows of doubles. Sums run in eight lanes and a fixed tree over them, without fused multiply-adds: the bits depend
 * neither on the width of vectors nor on the processor. On the calling thread. */
#ifndef ML_CLASSICAL_DISTANCES_H
#define ML_CLASSICAL_DISTANCES_H

#include <stdint.h>

typedef struct ml_distance_kernels {
  double (*square)(int64_t n, const double *x, const double *y); /* sum of (x - y)^2 */
  double (*city)(int64_t n, const double *x, const double *y);   /* sum of |x - y| */
  /* The first i from `from` on with half[i] - product[i] < limit; n if there is none. */
  int64_t (*below)(int64_t n, int64_t from, const double *half, const double *product, double limit);
  int64_t (*below_f32)(int64_t n, int64_t from, const float *half, const float *product, float limit);
} ml_distance_kernels;

/* Those of this processor. */
const ml_distance_kernels *ml_distances(void);

#endif
