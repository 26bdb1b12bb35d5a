/* k-means by Lloyd's iterations, as scikit-learn's: rows go to the nearest centre, centres to the mean of their rows; a cluster that
 * loses all its rows gets the row that is farthest from its centre. Starting centres by k-means++ (Arthur & Vassilvitskii 2007), of
 * several candidates the one that helps most. Sums are made of pieces cut by size: no bit depends on threads.
 *
 * A row is not looked at while its centre, by the ways that the centres have gone since, must be nearer than any other (Hamerly 2010). */
#ifndef ML_CLASSICAL_KMEANS_H
#define ML_CLASSICAL_KMEANS_H

#include "classical/rows.h"

typedef struct ml_kmeans {
  ml_rows x;            /* with weights or without; not sparse */
  const double *mean;   /* p: what is taken off the rows, so that products tell them apart */
  int64_t k;            /* 1 <= k <= n */
  double *centre;       /* k x p, less the mean: where it starts, and what it finds */
  int64_t *label;       /* n: from 1 */
  double tolerance;     /* of the sum of the squared ways of the centres, against the mean square of x */
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
