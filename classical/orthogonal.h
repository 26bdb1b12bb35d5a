/* Householder's reflections of a matrix whose columns are contiguous, on the calling thread (Golub & Van Loan, 5.2). */
#ifndef ML_CLASSICAL_ORTHOGONAL_H
#define ML_CLASSICAL_ORTHOGONAL_H

#include <stdint.h>

/* A (m x n, m >= n, columns m apart) = H_1 ... H_n R in place: R on and above the diagonal, below it the vectors v_j without their first
 * element, which is 1; H_j = 1 - tau_j v_j v_j^T. */
void ml_reflect(int64_t m, int64_t n, double *a, double *tau);
/* x (m) becomes H_n ... H_1 x (Q^T x), or H_1 ... H_n x (Q x). */
void ml_reflect_apply_transposed(int64_t m, int64_t n, const double *a, const double *tau, double *x);
void ml_reflect_apply(int64_t m, int64_t n, const double *a, const double *tau, double *x);

/* The same of the square A, its largest remaining column first (Businger & Golub 1965): column[k] is the one that came to place k. Gives the
 * rank: how many diagonal elements are larger than tolerance times the first. `scratch`: 2 n. */
int64_t ml_reflect_pivoted(int64_t n, double *a, double tolerance, int64_t *column, double *scratch);

#endif
