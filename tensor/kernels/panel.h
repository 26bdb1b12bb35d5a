/* The steps of a factorisation that are no products, most of them on a panel, which is some rows of PANEL_COLUMNS elements, contiguous, of which the
 * columns that a matrix doesn't have are 0. On the calling thread. Each element comes from the same operations in the same order,
 * whatever the width of vectors. */
#ifndef ML_KERNELS_PANEL_H
#define ML_KERNELS_PANEL_H

#include "tensor/kernels/isa.h"
#include "tensor/kernels/vec.h"

#include <stdbool.h>

enum { PANEL_COLUMNS = 32 };

/* One for float, one for double. */
typedef struct ml_panel_kernels {
  /* P p = L U in place, p being m x n: L is unit lower triangular, pivot[j] the row that was exchanged with row j, the first of those
   * whose element is largest. Returns the number, from 1, of the first pivot that is 0, or 0. */
  int (*eliminate)(int64_t m, int64_t n, void *p, int *pivot);
  /* B (n x columns, rows b_row apart) becomes A^-1 B. A is n x n, n <= PANEL_COLUMNS, upper triangular or unit lower triangular. */
  void (*substitute)(bool upper, int64_t n, const void *a, int64_t a_row, int64_t columns, void *b, int64_t b_row);
  /* p (m x n) = H_1 H_2 ... R, H_j = 1 - tau_j v_j v_j^T. p becomes V, whose columns are the v_j: 1 on the diagonal, 0 above. r: the
   * first rows of R, as many as p has columns, or rows if those are fewer. */
  void (*reflect)(int64_t m, int64_t n, void *p, void *r, void *tau);
  /* The upper triangular t (n x n, rows PANEL_COLUMNS apart) with H_1 ... H_n = 1 - V t V^T; s = V^T V, of the same shape. */
  void (*gather)(int64_t n, const void *tau, const void *s, void *t);
  /* The powers of two, and their inverses behind them, that bring the largest element of each column of x (m x n) near 1. */
  void (*column_scales)(int64_t m, int64_t n, const void *x, void *scale);
  /* y = x times those, or their inverses. */
  void (*scale_columns)(int64_t m, int64_t n, const void *x, const void *scale, bool inverse, void *y);
} ml_panel_kernels;

#endif
