/* Logistic regression of many columns or several classes: the mean of the losses plus the penalty, by L-BFGS (Nocedal & Wright 2006,
 * algorithm 7.5), scaled at the start by the diagonal of the Hessian. Each evaluation reads the rows once, in blocks, on the pool. */
#ifndef ML_CLASSICAL_SOFTMAX_H
#define ML_CLASSICAL_SOFTMAX_H

#include "classical/rows.h"

typedef struct ml_softmax {
  ml_rows x;
  const int64_t *y;    /* n: classes from 0 */
  int64_t outputs;     /* classes; or 1 where there are two */
  bool intercept;
  double penalty;      /* sum of weighted losses + penalty / 2 |b|^2, not of the intercepts */
  double tolerance;    /* of the largest element of the gradient of the mean loss */
  int most;            /* iterations */
  /* results */
  double *b;           /* outputs x (p + 1), the intercept last; in: where to begin */
  double loss;         /* with the penalty */
  double largest;      /* element of the gradient of the mean loss */
  int iterations, evaluations;
  bool converged;
} ml_softmax;

ML_CHECKED ml_status ml_softmax_solve(ml_context *c, ml_softmax *s);

#endif
