/* The rows of x that are nearest to each row of q, all of them looked at.
 *
 * |x - q|^2 = |x|^2 + |q|^2 - 2 x.q comes from the product kernel, block by block, and only sorts out: what may be among the nearest by the
 * bound of its rounding error is computed again from the differences. So ties are ties, and no bit depends on blocks or threads. The product
 * is one of float32, of numbers less their means, as long as that tells rows apart. */
#ifndef ML_CLASSICAL_NEIGHBOURS_H
#define ML_CLASSICAL_NEIGHBOURS_H

#include "tensor/context.h"

typedef struct ml_neighbours {
  int64_t n, m, p, k;  /* 1 <= k <= n */
  const double *x, *q; /* n x p, m x p */
  bool city;           /* sums of |x - q| instead of Euclid's distances */
  int64_t *row;        /* m x k: from 1, the nearest first; of equal distances the earlier row */
  double *distance;    /* m x k */
} ml_neighbours;

ML_CHECKED ml_status ml_neighbours_find(ml_context *c, const ml_neighbours *s);

#endif
