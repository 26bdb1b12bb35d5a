/* k-means by Lloyd's iterations, as scikit-learn's: rows go to the nearest centre, centres to the mean of their rows; a cluster that
 * loses all its rows gets the row that is farthest from its centre. Starting centres by k-means++ (Arthur & Vassilvitskii 2007), of
 * several candidates the one that helps most. Sums are made of pieces cut by size: no bit depends on threads. */
#ifndef ML_CLASSICAL_KMEANS_H
#define ML_CLASSICAL_KMEANS_H

#include "tensor/context.h"

typedef struct ml_kmeans {
  int64_t n, p, k;      /* 1 <= k <= n */
  const double *x;      /* n x p */
  const double *weight; /* n, or NULL: all 1 */
  double *centre;       /* k x p: where it starts, and what it finds */
  int64_t *label;       /* n: from 1 */
  double tolerance;     /* of the sum of the squared ways of the centres */
  int most;             /* iterations */
  /* results */
  double inertia; /* the sum of squared distances to the centres */
  int iterations;
  bool converged;
} ml_kmeans;

ML_CHECKED ml_status ml_kmeans_run(ml_context *c, ml_kmeans *s);

/* Starting centres: `centre` is written, the numbers are drawn from the key. */
ML_CHECKED ml_status ml_kmeans_start(ml_context *c, ml_kmeans *s, uint64_t key);

#endif
