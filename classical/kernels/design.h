/* What Newton's method asks of a block of rows (classical/design.h): their sums, the derivatives of their losses, and the sums of those.
 * In a fixed order, without fused multiply-adds: the same bits at each width of vectors. On the calling thread. */
#ifndef ML_CLASSICAL_KERNELS_DESIGN_H
#define ML_CLASSICAL_KERNELS_DESIGN_H

#include <stdint.h>

enum { DESIGN_LANES = 8, DESIGN_BLOCK = 64 };

typedef struct design_rows {
  int64_t n;             /* at most DESIGN_BLOCK */
  int64_t dense, sparse;
  const double *x;       /* n x dense */
  const int64_t *extent; /* 2 n: where the non-zeros of each begin and end */
  const int32_t *index;
  const double *value;   /* NULL: all 1 */
} design_rows;

/* Of each row: its sum eta, target y, weight (NULL: 1) -> the loss, and its first and second derivative by eta. */
typedef struct design_loss {
  int64_t n;
  const double *eta, *y, *weight;
  double *first, *second;
} design_loss;

typedef struct ml_design_kernels {
  void (*sums)(const design_rows *d, const double *b, double *eta);
  double (*logistic)(const design_loss *l); /* y is 0 or 1 */
  double (*poisson)(const design_loss *l);
  /* gradient += sum_i first[i] x_i; lower triangle of hessian (rows dense + sparse long) += sum_i second[i] x_i x_i^T, of which the dense
   * square is left out unless `square`. */
  void (*gradient)(const design_rows *d, const double *first, double *gradient);
  void (*hessian)(const design_rows *d, const double *second, int square, double *hessian);
} ml_design_kernels;

const ml_design_kernels *ml_design_kernels_here(void);

#endif
