/* Logistic regression of several classes by Newton's method: sum_i w_i loss(y_i, B x_i) + penalty / 2 |B|^2 (not of the intercepts), each class with
 * scores of its own. For few coefficients in all: their Hessian is kept. What all classes have in common is 0. */
#ifndef ML_CLASSICAL_MULTINOMIAL_H
#define ML_CLASSICAL_MULTINOMIAL_H

#include "classical/rows.h"

typedef struct ml_multinomial {
  ml_rows x;
  const int64_t *y;  /* n: classes from 0 */
  int64_t classes;
  bool intercept;
  double penalty;
  double tolerance;  /* of the decrement, against the loss */
  int most;          /* iterations */
  /* results */
  double *b;         /* classes x (p + 1), the intercept last; 0 in the beginning */
  double loss;       /* with the penalty */
  double decrement;  /* half of g^T H^-1 g */
  int iterations;
  bool converged;
} ml_multinomial;

ML_CHECKED ml_status ml_multinomial_solve(ml_context *c, ml_multinomial *s);

#endif
