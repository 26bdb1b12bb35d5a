#include "classical/kernels/vectors.h"

#include "tensor/kernels/isa.h"

#include <math.h>
#include <string.h>

enum { LANES = 8 };

static double of_lanes(const double s[LANES]) { return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])); }

static double dot(int64_t n, const double *x, const double *y) {
  double a[LANES] = {0}, b[LANES] = {0};
  int64_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    for (int l = 0; l < LANES; l++) a[l] += x[i + l] * y[i + l];
    for (int l = 0; l < LANES; l++) b[l] += x[i + LANES + l] * y[i + LANES + l];
  }
  for (int l = 0; l < LANES; l++) a[l] += b[l];
  double sum = of_lanes(a);
  for (; i < n; i++) sum += x[i] * y[i];
  return sum;
}

static double dot_f32(int64_t n, const float *x, const double *y) {
  double a[LANES] = {0}, b[LANES] = {0};
  int64_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    for (int l = 0; l < LANES; l++) a[l] += (double)x[i + l] * y[i + l];
    for (int l = 0; l < LANES; l++) b[l] += (double)x[i + LANES + l] * y[i + LANES + l];
  }
  for (int l = 0; l < LANES; l++) a[l] += b[l];
  double sum = of_lanes(a);
  for (; i < n; i++) sum += (double)x[i] * y[i];
  return sum;
}

static void add(int64_t n, double a, const double *x, double *y) {
  for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

static void widen(int64_t n, const float *x, double *y) {
  for (int64_t i = 0; i < n; i++) y[i] = (double)x[i];
}

enum { BLOCK = 512 };

/* An exponent of ones is that of NaN and infinity; it is looked at once a block. */
static int64_t all_finite(int64_t n, const double *x) {
  for (int64_t i = 0; i < n; i += BLOCK) {
    int64_t end = i + BLOCK < n ? i + BLOCK : n;
    uint64_t found = 0;
    for (int64_t j = i; j < end; j++) {
      uint64_t bits;
      memcpy(&bits, x + j, sizeof bits);
      found |= (uint64_t)((bits & 0x7ff0000000000000u) == 0x7ff0000000000000u);
    }
    if (!found) continue;
    for (int64_t j = i; j < end; j++)
      if (!isfinite(x[j])) return j;
  }
  return n;
}

static int64_t all_finite_f32(int64_t n, const float *x) {
  for (int64_t i = 0; i < n; i += BLOCK) {
    int64_t end = i + BLOCK < n ? i + BLOCK : n;
    uint32_t found = 0;
    for (int64_t j = i; j < end; j++) {
      uint32_t bits;
      memcpy(&bits, x + j, sizeof bits);
      found |= (uint32_t)((bits & 0x7f800000u) == 0x7f800000u);
    }
    if (!found) continue;
    for (int64_t j = i; j < end; j++)
      if (!isfinite(x[j])) return j;
  }
  return n;
}

ML_ISA_DECLARE(ml_vector_kernels, vector_kernels, [1]);
const ml_vector_kernels ML_ISA_SYMBOL(vector_kernels)[1] = {{dot, dot_f32, add, widen, all_finite, all_finite_f32}};
