/* One evaluation of a softmax model's loss and gradient. */
#ifndef ML_CLASSICAL_SOFTMAX_PASS_H
#define ML_CLASSICAL_SOFTMAX_PASS_H

#include "classical/softmax.h"

typedef struct ml_softmax_pass {
  const ml_softmax *s;
  int64_t grain, pieces, width; /* rows of a piece; how many; p + 1 rounded up: of a row of weights in the rows' own type */
  double scale;                 /* 1 / (sum of weights): of the mean */
  const double *b;
  char *weights;                /* outputs x width in the rows' own type */
  char *sums;                   /* for each thread: outputs x width in that type */
  double *gradients, *losses;   /* of each piece */
  void *memory;
  size_t bytes;
} ml_softmax_pass;

ML_CHECKED ml_status ml_softmax_pass_make(ml_context *c, const ml_softmax *s, ml_softmax_pass *out);
void ml_softmax_pass_free(ml_softmax_pass *p);
/* *loss and gradient [outputs x (p + 1)] of the mean at b. */
ML_CHECKED ml_status ml_softmax_pass_run(ml_context *c, ml_softmax_pass *p, const double *b, double *gradient, double *loss);
/* The diagonal of the Hessian where all classes are as likely. */
ML_CHECKED ml_status ml_softmax_pass_diagonal(ml_context *c, ml_softmax_pass *p, double *diagonal);

#endif
