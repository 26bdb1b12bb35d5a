/* The rows that a model is fitted to: x (n x p) of float32 or float64, row by row, or the entries of a sparse x, and what goes with each row. */
#ifndef ML_CLASSICAL_ROWS_H
#define ML_CLASSICAL_ROWS_H

#include "tensor/sparse.h"

typedef struct ml_rows {
  int64_t n, p;
  const double *f64;    /* one of these two, */
  const float *f32;
  const int64_t *start; /* or these three (tensor/sparse.h) */
  const int32_t *index;
  const double *value;
  const double *weight; /* n, or NULL: all 1 */
} ml_rows;

/* Those of a contiguous matrix of floating point. weight: NULL, or float64 of as many elements as rows. */
ml_rows ml_rows_of(const ml_tensor *x, const ml_tensor *weight);
ml_rows ml_rows_of_sparse(const ml_sparse *x, const ml_tensor *weight);
/* Of rows that are not sparse. */
static inline double ml_rows_at(const ml_rows *x, int64_t i, int64_t j) {
  return x->f64 ? x->f64[i * x->p + j] : (double)x->f32[i * x->p + j];
}

/* The means of the columns, weighted: p. Of rows that are not sparse. */
ML_CHECKED ml_status ml_rows_mean(ml_context *c, const ml_rows *x, double *mean);
/* Row i of those less the means: p. */
void ml_rows_centred(const ml_rows *x, int64_t i, const double *mean, double *out);

/* Where the first number stands that is NaN, infinite or too large for sums of squares (from 2^500 on), from 0; *row is n if there is none. */
ML_CHECKED ml_status ml_rows_bounded(ml_context *c, const ml_rows *x, int64_t *row, int64_t *column);

#endif
