/* Ridge regression from a triangle: the rows sqrt(alpha) of the identity are put below it, and the whole is reduced again. */

#include "classical/least_squares.h"
#include "classical/orthogonal.h"
#include "tensor/alloc.h"

#include <math.h>
#include <string.h>

/* a (m x q, q = p + 1) holds [R z; sqrt(alpha) 0; ...], reduced. */
static void substitute(int64_t m, int64_t p, const double *a, double *b) {
  for (int64_t i = p - 1; i >= 0; i--) {
    double sum = a[p * m + i];
    for (int64_t j = i + 1; j < p; j++) sum -= a[j * m + i] * b[j];
    b[i] = sum / a[i * m + i];
  }
}

ml_status ml_ridge_solve(ml_context *c, int64_t p, const double *r, double alpha, double *b) {
  int64_t q = p + 1, m = 2 * p + 1;
  size_t bytes = (size_t)(m * q + q) * sizeof(double);
  double *a;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&a));
  memset(a, 0, bytes);
  for (int64_t j = 0; j < q; j++) {
    for (int64_t i = 0; i <= j && i < p; i++) a[j * m + i] = r[i * q + j];
    if (j < p) a[j * m + p + j] = sqrt(alpha);
  }
  ml_reflect(m, q, a, a + m * q);
  substitute(m, p, a, b);
  ml_free(a, bytes);
  return ML_OK;
}
