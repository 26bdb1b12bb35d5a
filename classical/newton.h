/* Newton's method for generalised linear models: sum_i w_i loss(y_i, x_i b + intercept) + penalty / 2 |b|^2 + ones |b|_1, by a pass over the
 * rows for each step, which gives the loss, its gradient and its Hessian at once. With |b|_1 the step is the lowest point of the model of
 * second order plus that, by coordinate descent (Lee, Sun & Saunders 2014). */
#ifndef ML_CLASSICAL_NEWTON_H
#define ML_CLASSICAL_NEWTON_H

#include "classical/design.h"

typedef enum ml_link { ML_LOGISTIC, ML_POISSON } ml_link;

typedef struct ml_newton {
  const ml_design *d;
  ml_link link;
  const double *y;      /* n: 0 and 1, or counts */
  const double *weight; /* n, or NULL */
  const double *offset; /* n: added to each row's sum; or NULL */
  double penalty, ones; /* not of the intercept */
  double tolerance;     /* of the decrement, against the loss */
  int most;             /* iterations */
  int64_t stride;       /* of the blocks of rows that are looked at; 0: all. The solver's own */
  /* results, by places */
  double *b;            /* in: where to begin */
  double *gradient;
  double *hessian;      /* lower triangle, with the penalty, at b before the last step; its Cholesky factor when the solver ends (without `ones`) */
  double loss, decrement; /* with the penalty; half of g^T H^-1 g */
  int iterations;
  int64_t absent;       /* columns that depend on others */
  bool converged;
} ml_newton;

ML_CHECKED ml_status ml_newton_solve(ml_context *c, ml_newton *s);

#endif
