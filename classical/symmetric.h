/* Symmetric positive matrices, of which the lower triangle is stored, row by row (rows `width` apart). On the calling thread. */
#ifndef ML_CLASSICAL_SYMMETRIC_H
#define ML_CLASSICAL_SYMMETRIC_H

#include <stdint.h>

/* A = L L^T in place. A column that depends on those before (what is left of its diagonal element is at most `tolerance` of it) counts as
 * not there: its diagonal element of L is 0. */
void ml_cholesky_factor(int64_t n, double *a, int64_t width, double tolerance);
/* x becomes A^-1 x; 0 in the places of columns that are not there. */
void ml_cholesky_back(int64_t n, const double *l, int64_t width, double *x);

#endif
