/* Normalising and its gradient in ops, for the gradients of gradients of the norms. */
#ifndef ML_NN_NORM_GRAD_H
#define ML_NN_NORM_GRAD_H

#include "tensor/formula.h"

typedef struct norm_rows {
  ml_dims over;  /* the dimensions that a mean is taken over */
  bool centred;  /* the mean is taken away first */
  ml_tensor *z;  /* (x - mean) * rstd */
  ml_tensor *rstd;
} norm_rows;

/* z and rstd = 1 / sqrt(mean(off^2) + eps) of x, computed again so that they hang on x. */
void norm_again(formula *w, const ml_tensor *x, double eps, norm_rows *n);

/* What x gets where z gets h: (h - mean(h) - z mean(h z)) * rstd, without mean(h) if nothing was centred. */
ml_tensor *norm_gradient(formula *w, const norm_rows *n, const ml_tensor *h);

#endif
