#include "classical/kernels/scores.h"

#include "classical/kernels/exponential.h"
#include "tensor/kernels/isa.h"
#include "tensor/kernels/vec.h"

#include <math.h>

#define T float
#define NAME(x) x##_f32
#include "classical/kernels/scores.inc"
#undef T
#undef NAME
#define T double
#define NAME(x) x##_f64
#include "classical/kernels/scores.inc"

static double logistic_loss(int64_t n, double *z, const int64_t *y, const double *weight) {
  double loss = 0;
  for (int64_t i = 0; i < n; i++) {
    double eta = z[i], t = exponential(-fabs(eta)), one = 1 / (1 + t), w = weight ? weight[i] : 1;
    loss += w * ((eta > 0 ? eta : 0) + log1p(t) - (y[i] ? eta : 0));
    z[i] = w * ((eta > 0 ? one : t * one) - (double)y[i]);
  }
  return loss;
}

static double softmax_loss(int64_t n, int64_t k, double *z, const int64_t *y, const double *weight) {
  if (k == 1) return logistic_loss(n, z, y, weight);
  double loss = 0;
  for (int64_t i = 0; i < n; i++, z += k) {
    double most = z[0], sum = 0, w = weight ? weight[i] : 1;
    for (int64_t c = 1; c < k; c++) most = z[c] > most ? z[c] : most;
    double actual = z[y[i]] - most;
    for (int64_t c = 0; c < k; c++) z[c] = exponential(z[c] - most);
    for (int64_t c = 0; c < k; c++) sum += z[c];
    loss += w * (log(sum) - actual);
    for (int64_t c = 0; c < k; c++) z[c] *= w / sum;
    z[y[i]] -= w;
  }
  return loss;
}

ML_ISA_DECLARE(ml_score_set, score_kernels, [1]);
const ml_score_set ML_ISA_SYMBOL(score_kernels)[1] = {{{{scores_f32, gradient_f32}, {scores_f64, gradient_f64}}, softmax_loss}};
