#include "classical/orthogonal.h"

#include "classical/kernels/vectors.h"

#include <math.h>
#include <string.h>

/* x (m) -> v in place, whose first element stands for the new first element of x; gives tau. */
static double reflection(const ml_vector_kernels *k, int64_t m, double *x) {
  double below = m > 1 ? k->dot(m - 1, x + 1, x + 1) : 0;
  if (below == 0) return 0;
  double norm = sqrt(x[0] * x[0] + below), first = x[0] > 0 ? -norm : norm;
  double tau = (first - x[0]) / first, scale = 1 / (x[0] - first);
  for (int64_t i = 1; i < m; i++) x[i] *= scale;
  x[0] = first;
  return tau;
}

/* x -= tau v (v . x) */
static void apply_one(const ml_vector_kernels *k, int64_t m, const double *v, double tau, double *x) {
  if (tau == 0) return;
  double along = tau * (x[0] + k->dot(m - 1, v + 1, x + 1));
  x[0] -= along;
  k->add(m - 1, -along, v + 1, x + 1);
}

void ml_reflect(int64_t m, int64_t n, double *a, double *tau) {
  const ml_vector_kernels *k = ml_vectors();
  for (int64_t j = 0; j < n; j++) {
    double *v = a + j * m + j;
    tau[j] = reflection(k, m - j, v);
    for (int64_t i = j + 1; i < n; i++) apply_one(k, m - j, v, tau[j], a + i * m + j);
  }
}

void ml_reflect_apply_transposed(int64_t m, int64_t n, const double *a, const double *tau, double *x) {
  for (int64_t j = 0; j < n; j++) apply_one(ml_vectors(), m - j, a + j * m + j, tau[j], x + j);
}

void ml_reflect_apply(int64_t m, int64_t n, const double *a, const double *tau, double *x) {
  for (int64_t j = n - 1; j >= 0; j--) apply_one(ml_vectors(), m - j, a + j * m + j, tau[j], x + j);
}

static void exchange_columns(int64_t n, double *a, int64_t i, int64_t j, double *scratch) {
  memcpy(scratch, a + i * n, (size_t)n * sizeof *a);
  memcpy(a + i * n, a + j * n, (size_t)n * sizeof *a);
  memcpy(a + j * n, scratch, (size_t)n * sizeof *a);
}

int64_t ml_reflect_pivoted(int64_t n, double *a, double tolerance, int64_t *column, double *scratch) {
  const ml_vector_kernels *k = ml_vectors();
  int64_t rank = 0;
  for (int64_t j = 0; j < n; j++) column[j] = j;
  for (int64_t j = 0; j < n; j++) {
    int64_t best = j;
    double most = -1;
    for (int64_t i = j; i < n; i++) {
      double size = k->dot(n - j, a + i * n + j, a + i * n + j); /* anew each time: downdating loses what a rank is told by */
      if (size > most) most = size, best = i;
    }
    exchange_columns(n, a, j, best, scratch);
    int64_t which = column[j];
    column[j] = column[best], column[best] = which;
    double *v = a + j * n + j, tau = reflection(k, n - j, v);
    for (int64_t i = j + 1; i < n; i++) apply_one(k, n - j, v, tau, a + i * n + j);
    if (fabs(v[0]) > tolerance * fabs(a[0])) rank++;
  }
  return rank;
}
