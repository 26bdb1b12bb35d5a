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

/* Eight numbers that may stand anywhere. */
typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));

static void add_rows(int64_t n, int64_t count, const double *a, const double *const *x, double *y) {
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) { /* these stay in registers while the rows pass */
    eight *to = (eight *)(y + i), s0 = to[0], s1 = to[1], s2 = to[2], s3 = to[3];
    for (int64_t k = 0; k < count; k++) {
      const eight *row = (const eight *)(x[k] + i);
      s0 += a[k] * row[0], s1 += a[k] * row[1], s2 += a[k] * row[2], s3 += a[k] * row[3];
    }
    to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
  }
  for (int64_t k = 0; k < count; k++) add(n - i, a[k], x[k] + i, y + i);
}

static void add_f32(int64_t n, double a, const float *x, double *y) {
  for (int64_t i = 0; i < n; i++) y[i] += a * (double)x[i];
}

typedef float eight_f32 __attribute__((vector_size(32), aligned(4), may_alias));

#define WIDE(x) __builtin_convertvector(*(const eight_f32 *)(x), eight)

static void add_rows_f32(int64_t n, int64_t count, const double *a, const float *const *x, double *y) {
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    eight *to = (eight *)(y + i), s0 = to[0], s1 = to[1], s2 = to[2], s3 = to[3];
    for (int64_t k = 0; k < count; k++) {
      const float *row = x[k] + i;
      s0 += a[k] * WIDE(row), s1 += a[k] * WIDE(row + 8), s2 += a[k] * WIDE(row + 16), s3 += a[k] * WIDE(row + 24);
    }
    to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
  }
  for (int64_t k = 0; k < count; k++) add_f32(n - i, a[k], x[k] + i, y + i);
}

static void less(int64_t n, const double *x, const double *y, double *z) {
  for (int64_t i = 0; i < n; i++) z[i] = x[i] - y[i];
}

static void less_f32(int64_t n, const float *x, const float *y, float *z) {
  for (int64_t i = 0; i < n; i++) z[i] = x[i] - y[i];
}

static void widen(int64_t n, const float *x, double *y) {
  for (int64_t i = 0; i < n; i++) y[i] = (double)x[i];
}

enum { BLOCK = 512 };

/* 2^500 and what is above it, infinity and NaN, by their exponents, which are looked at once a block. */
#define LARGE_EXPONENT ((int64_t)(1023 + 500) << 52)

static int64_t all_bounded(int64_t n, const double *x) {
  for (int64_t i = 0; i < n; i += BLOCK) {
    int64_t end = i + BLOCK < n ? i + BLOCK : n;
    uint64_t found = 0;
    for (int64_t j = i; j < end; j++) {
      int64_t bits;
      memcpy(&bits, x + j, sizeof bits);
      found |= (uint64_t)((bits & INT64_MAX) >= LARGE_EXPONENT);
    }
    if (!found) continue;
    for (int64_t j = i; j < end; j++)
      if (!(fabs(x[j]) < 0x1p500)) return j;
  }
  return n;
}

static int64_t all_bounded_f32(int64_t n, const float *x) {
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
const ml_vector_kernels ML_ISA_SYMBOL(vector_kernels)[1] = {{dot, dot_f32, add, add_rows, add_f32, add_rows_f32, less, less_f32, widen, all_bounded, all_bounded_f32}};
