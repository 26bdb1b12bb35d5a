/* Logistic regression of many columns with a penalty of sizes: sum_i w_i loss(y_i, x_i b + intercept) + penalty / 2 |b|^2 + ones |b|_1, by
 * Newton's method whose steps are found one coefficient after the other, from the entries of its column: no Hessian is kept (newGLMNET: Yuan,
 * Ho & Lin 2012, "An improved GLMNET for L1-regularized logistic regression"). */
#ifndef ML_CLASSICAL_LOGISTIC_LASSO_H
#define ML_CLASSICAL_LOGISTIC_LASSO_H

#include "classical/column_entries.h"

typedef struct ml_logistic_lasso {
  const ml_column_entries *x;
  const double *y;      /* n: 0 and 1 */
  const double *weight; /* n, or NULL */
  const double *offset; /* n: added to each row's sum; or NULL */
  double penalty, ones; /* not of the intercept */
  bool intercept;
  double tolerance;     /* of the largest slope that is left, of the mean loss */
  int most;             /* steps */
  /* results */
  double *b;            /* p + 1, the intercept last; in: where to begin */
  double loss;          /* with the penalties */
  double largest;       /* slope of the mean loss that is left: by how much the conditions of an optimum are missed */
  int iterations;
  bool converged;
} ml_logistic_lasso;

ML_CHECKED ml_status ml_logistic_lasso_solve(ml_context *c, ml_logistic_lasso *s);

#endif
