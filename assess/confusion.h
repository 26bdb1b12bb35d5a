/* Counting which class was taken for which. */
#ifndef ML_CONFUSION_H
#define ML_CONFUSION_H

#include "tensor/tensor.h"

/* Rows of classes from 1. */
typedef struct ml_classified {
  const int64_t *predicted, *actual; /* [n] */
  const double *weight;              /* [n], or NULL: each row counts as one */
  int64_t n, classes;
  bool skip_zero; /* rows whose actual class is 0 do not count */
} ml_classified;

/* Makes matrix: [classes, classes], actual by predicted; int64, or float64 sums of weights. *bad: the first row, from 1, with a class that
 * is not within 1..classes; 0 if there is none, and only then is there a matrix. The sums do not depend on threads. */
ML_CHECKED ml_status ml_confusion(ml_context *c, const ml_classified *x, ml_tensor **matrix, int64_t *bad);

#endif
