#include "classical/kernels/distances.h"

#include "tensor/kernels/isa.h"

#include <math.h>

enum { LANES = 8, BLOCK = 64 };

static double of_lanes(const double s[LANES]) { return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])); }

static double square(int64_t n, const double *x, const double *y) {
  double a[LANES] = {0};
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) a[l] += (x[i + l] - y[i + l]) * (x[i + l] - y[i + l]);
  for (int l = 0; i + l < n; l++) a[l] += (x[i + l] - y[i + l]) * (x[i + l] - y[i + l]);
  return of_lanes(a);
}

static double city(int64_t n, const double *x, const double *y) {
  double a[LANES] = {0};
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) a[l] += fabs(x[i + l] - y[i + l]);
  for (int l = 0; i + l < n; l++) a[l] += fabs(x[i + l] - y[i + l]);
  return of_lanes(a);
}

/* Most blocks have none: they are looked at as a whole first. */
#define BELOW(name, T)                                                                                                 \
  static int64_t name(int64_t n, int64_t from, const T *half, const T *product, T limit) {                             \
    for (int64_t i = from; i < n;) {                                                                                   \
      if (i + BLOCK <= n) {                                                                                            \
        int found = 0;                                                                                                 \
        for (int64_t j = i; j < i + BLOCK; j++) found |= half[j] - product[j] < limit;                                 \
        if (!found) {                                                                                                  \
          i += BLOCK;                                                                                                  \
          continue;                                                                                                    \
        }                                                                                                              \
      }                                                                                                                \
      for (int64_t end = i + BLOCK < n ? i + BLOCK : n; i < end; i++)                                                  \
        if (half[i] - product[i] < limit) return i;                                                                    \
    }                                                                                                                  \
    return n;                                                                                                          \
  }
BELOW(below, double)
BELOW(below_f32, float)

ML_ISA_DECLARE(ml_distance_kernels, distance_kernels, [1]);
const ml_distance_kernels ML_ISA_SYMBOL(distance_kernels)[1] = {{square, city, below, below_f32}};
