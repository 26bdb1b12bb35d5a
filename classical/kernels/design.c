#include "classical/kernels/design.h"

#include "classical/kernels/exponential.h"
#include "tensor/kernels/isa.h"

#include <math.h>

/* Sums ---------------------------------------------------------------------------------------------------------------- */

static void sums(const design_rows *d, const double *b, double *eta) {
  const double *of_sparse = b + d->dense;
  for (int64_t i = 0; i < d->n; i++) {
    const double *x = d->x + i * d->dense;
    double lane[DESIGN_LANES] = {0};
    for (int64_t j = 0; j < d->dense; j += DESIGN_LANES)
      for (int l = 0; l < DESIGN_LANES; l++) lane[l] += x[j + l] * b[j + l];
    double sum = ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
    const int32_t *index = d->index + d->extent[2 * i], *end = d->index + d->extent[2 * i + 1];
    if (d->value)
      for (const double *value = d->value + d->extent[2 * i]; index < end; index++, value++) sum += of_sparse[*index] * *value;
    else
      for (; index < end; index++) sum += of_sparse[*index];
    eta[i] = sum;
  }
}

/* Losses -------------------------------------------------------------------------------------------------------------- */

/* log(1 + e^eta) - y eta = max(eta, 0) - y eta + log(1 + e^-|eta|). The factors of 1 + e^-|eta| are multiplied, their logarithm taken once. */
static double logistic(const design_loss *l) {
  double small[DESIGN_BLOCK], loss[DESIGN_BLOCK];
  for (int64_t i = 0; i < l->n; i++) {
    double eta = l->eta[i], t = exponential(-fabs(eta)), one = 1 / (1 + t), p = eta > 0 ? one : t * one;
    small[i] = 1 + t;
    loss[i] = (eta > 0 ? eta : 0) - l->y[i] * eta;
    l->first[i] = p - l->y[i];
    l->second[i] = t * one * one;
  }
  double sum = 0, product = 1;
  if (l->weight) {
    for (int64_t i = 0; i < l->n; i++) {
      sum += l->weight[i] * (loss[i] + log(small[i]));
      l->first[i] *= l->weight[i];
      l->second[i] *= l->weight[i];
    }
    return sum;
  }
  for (int64_t i = 0; i < l->n; i++) sum += loss[i], product *= small[i]; /* at most 2^64 */
  return sum + log(product);
}

/* mu - y eta, mu = e^eta */
static double poisson(const design_loss *l) {
  double sum = 0;
  for (int64_t i = 0; i < l->n; i++) l->second[i] = exponential(l->eta[i]);
  for (int64_t i = 0; i < l->n; i++) {
    double w = l->weight ? l->weight[i] : 1;
    l->first[i] = w * (l->second[i] - l->y[i]);
    sum += w * (l->second[i] - l->y[i] * l->eta[i]);
    l->second[i] *= w;
  }
  return sum;
}

/* Derivatives --------------------------------------------------------------------------------------------------------- */

static void gradient(const design_rows *d, const double *first, double *g) {
  double *of_sparse = g + d->dense;
  for (int64_t i = 0; i < d->n; i++) {
    const double *x = d->x + i * d->dense;
    for (int64_t j = 0; j < d->dense; j++) g[j] += first[i] * x[j];
    for (int64_t k = d->extent[2 * i]; k < d->extent[2 * i + 1]; k++) of_sparse[d->index[k]] += first[i] * (d->value ? d->value[k] : 1);
  }
}

/* row += a x, over n elements, a multiple of the lanes */
static inline __attribute__((always_inline)) void add_row(int64_t n, double a, const double *restrict x, double *restrict row) {
  for (int64_t j = 0; j < n; j += DESIGN_LANES)
    for (int l = 0; l < DESIGN_LANES; l++) row[j + l] += a * x[j + l];
}

static void dense_square(const design_rows *d, const double *second, double *h) {
  int64_t width = d->dense + d->sparse;
  for (int64_t i = 0; i < d->n; i++) {
    const double *x = d->x + i * d->dense;
    for (int64_t j = 0; j < d->dense; j++) add_row((j / DESIGN_LANES + 1) * DESIGN_LANES, second[i] * x[j], x, h + j * width);
  }
}

static void of_ones(const design_rows *d, const double *second, double *h) {
  int64_t width = d->dense + d->sparse;
  for (int64_t i = 0; i < d->n; i++) {
    const double *x = d->x + i * d->dense, s = second[i];
    const int32_t *from = d->index + d->extent[2 * i], *end = d->index + d->extent[2 * i + 1];
    for (const int32_t *k = from; k < end; k++) {
      double *row = h + (d->dense + *k) * width;
      add_row(d->dense, s, x, row);
      for (const int32_t *l = from; l <= k; l++) row[d->dense + *l] += s;
    }
  }
}

static void of_values(const design_rows *d, const double *second, double *h) {
  int64_t width = d->dense + d->sparse;
  for (int64_t i = 0; i < d->n; i++)
    for (int64_t k = d->extent[2 * i]; k < d->extent[2 * i + 1]; k++) {
      double *row = h + (d->dense + d->index[k]) * width, s = second[i] * d->value[k];
      add_row(d->dense, s, d->x + i * d->dense, row);
      for (int64_t l = d->extent[2 * i]; l <= k; l++) row[d->dense + d->index[l]] += s * d->value[l];
    }
}

static void hessian(const design_rows *d, const double *second, int square, double *h) {
  if (square) dense_square(d, second, h);
  if (d->value) of_values(d, second, h);
  else of_ones(d, second, h);
}

ML_ISA_DECLARE(ml_design_kernels, design_kernels, [1]);
const ml_design_kernels ML_ISA_SYMBOL(design_kernels)[1] = {{sums, logistic, poisson, gradient, hessian}};
