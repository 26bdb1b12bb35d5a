/* L-BFGS: the minimum of a smooth function of n numbers from its values and gradients (Nocedal & Wright 2006, algorithms 7.4 and 7.5), with
 * steps that satisfy Wolfe's strong conditions (3.5 and 3.6). */
#ifndef ML_CLASSICAL_LBFGS_H
#define ML_CLASSICAL_LBFGS_H

#include "tensor/context.h"

typedef struct ml_lbfgs {
  int64_t n;
  ml_status (*look)(ml_context *c, void *arg, const double *x, double *gradient, double *value);
  void *arg;
  const double *diagonal; /* n: about the Hessian's; NULL: all 1 */
  double tolerance;       /* of the gradient's largest element */
  int most;               /* iterations */
  /* results */
  double *x;              /* in: where to begin */
  double value, largest;
  int iterations, evaluations;
  bool converged;
} ml_lbfgs;

ML_CHECKED ml_status ml_lbfgs_minimise(ml_context *c, ml_lbfgs *s);

#endif
