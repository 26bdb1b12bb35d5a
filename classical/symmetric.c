#include "classical/symmetric.h"

#include "classical/kernels/vectors.h"

#include <math.h>

void ml_cholesky_factor(int64_t n, double *a, int64_t width, double tolerance) {
  const ml_vector_kernels *k = ml_vectors();
  for (int64_t i = 0; i < n; i++) {
    double *row = a + i * width;
    for (int64_t j = 0; j < i; j++) {
      const double *before = a + j * width;
      row[j] = before[j] == 0 ? 0 : (row[j] - k->dot(j, row, before)) / before[j];
    }
    double left = row[i] - k->dot(i, row, row);
    row[i] = left > tolerance * row[i] ? sqrt(left) : 0;
  }
}

void ml_cholesky_back(int64_t n, const double *l, int64_t width, double *x) {
  const ml_vector_kernels *k = ml_vectors();
  for (int64_t i = 0; i < n; i++) {
    const double *row = l + i * width;
    x[i] = row[i] == 0 ? 0 : (x[i] - k->dot(i, row, x)) / row[i];
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    const double *row = l + i * width;
    x[i] = row[i] == 0 ? 0 : x[i] / row[i];
    k->add(i, -x[i], row, x);
  }
}
