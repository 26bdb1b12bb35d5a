/* Least squares by orthogonal factorisation: b with sum_i w_i (y_i - x_i b - intercept)^2 smallest.
 *
 * R of [x 1 y] comes from blocks of rows, each reduced by Householder's reflections, and their triangles again until one is left
 * (Demmel et al. 2012, TSQR): one pass over x, on the pool, without the squares of the normal equations. Where the columns are nearly
 * dependent, the solution is refined with residuals in twice the precision (Björck 1967), which makes it right to the last digits. */
#ifndef ML_CLASSICAL_LEAST_SQUARES_H
#define ML_CLASSICAL_LEAST_SQUARES_H

#include "classical/rows.h"

typedef struct ml_least_squares {
  ml_rows x;
  const double *y; /* n */
  bool intercept;  /* a column of ones behind those of x */
  /* results; q = p + intercept */
  double *b;       /* q; of a lower rank, of all solutions the one with the smallest weights */
  double *r;       /* (q + 1) x (q + 1), row-major: R of [x 1 y], upper triangular, rows scaled by the roots of the weights */
  int64_t *column; /* q: columns in the order in which they were taken; those behind `rank` depend on those before */
  int64_t rank;
  double condition; /* about, of the columns scaled to length 1 */
  int refinements;
} ml_least_squares;

ML_CHECKED ml_status ml_least_squares_solve(ml_context *c, ml_least_squares *s);

/* mean (p + 1): of the columns of x, then of y; 0 without an intercept. */
ML_CHECKED ml_status ml_least_squares_means(ml_context *c, const ml_least_squares *s, double *mean);

/* R of [x - mean, y - mean of y] alone, without a column of ones: r is (p + 1) x (p + 1), mean is written: p + 1, of x and y; without an
 * intercept 0. */
ML_CHECKED ml_status ml_least_squares_centered(ml_context *c, const ml_least_squares *s, double *mean);

/* b (p) with |R b - z|^2 + alpha |b|^2 smallest, for the triangle [R z] of (p + 1) x (p + 1); alpha > 0. */
ML_CHECKED ml_status ml_ridge_solve(ml_context *c, int64_t p, const double *r, double alpha, double *b);
/* The same from the rows by their products, with the means; *done is false, and nothing found, where that would cost digits. */
ML_CHECKED ml_status ml_ridge_by_products(ml_context *c, const ml_least_squares *s, double alpha, double *mean, double *b, bool *done);

/* b from r where the rank is below q. */
ML_CHECKED ml_status ml_least_squares_least_norm(ml_context *c, ml_least_squares *s);

/* Improves b by residuals in twice the precision. */
ML_CHECKED ml_status ml_least_squares_refine(ml_context *c, ml_least_squares *s);

#endif
