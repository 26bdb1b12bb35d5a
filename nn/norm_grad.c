/* Normalising and its gradient in ops: see norm_grad.h. */

#include "nn/norm_grad.h"

ML_FORMULA_1(inverse_root, ml_rsqrt)

void norm_again(formula *w, const ml_tensor *x, double eps, norm_rows *n) {
  const ml_tensor *off = n->centred ? minus(w, x, mean_over(w, x, &n->over)) : x;
  n->rstd = inverse_root(w, plus(w, mean_over(w, times(w, off, off), &n->over), number(w, eps)));
  n->z = times(w, off, n->rstd);
}

ml_tensor *norm_gradient(formula *w, const norm_rows *n, const ml_tensor *h) {
  ml_tensor *along = times(w, n->z, mean_over(w, times(w, h, n->z), &n->over));
  const ml_tensor *rest = n->centred ? minus(w, h, mean_over(w, h, &n->over)) : h;
  return times(w, minus(w, rest, along), n->rstd);
}
