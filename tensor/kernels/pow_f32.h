/* x to the power of y, of floats: 2^(y log2|x|) in double, whose relative error of 2^-40 is nothing beside half a unit of the result
 * (largest error 0.501 units in the last place). Special cases as C99, annex F.9.4.4. Plain arithmetic, as in math_f32.h. */
#ifndef ML_KERNELS_POW_F32_H
#define ML_KERNELS_POW_F32_H

#include "tensor/kernels/math_f32.h"

static inline int64_t f64_bits(double x) {
  int64_t i;
  memcpy(&i, &x, sizeof i);
  return i;
}
static inline double f64_from_bits(int64_t i) {
  double x;
  memcpy(&x, &i, sizeof x);
  return x;
}

/* log2 of a > 0. a = m 2^e with sqrt(1/2) <= m < sqrt(2), and log(m) = 2 atanh(f), f = (m - 1) / (m + 1), |f| <= 0.172: the
 * series up to f^17 leaves 2^-47 of it. */
static inline double pow_f32_log2(float a) {
  float scaled = a < 1.17549435e-38f ? a * 8388608.0f : a; /* subnormal */
  int32_t bits = f32_bits(scaled), exponent = (bits - 0x3f3504f3) >> 23;
  double m = (double)f32_from_bits(bits - (exponent << 23)), e = (double)exponent - (a < 1.17549435e-38f ? 23.0 : 0.0);
  double f = (m - 1) / (m + 1), s = f * f, q = s * s;
  double odd = f64_fma(f64_fma(f64_fma(1.0 / 15, q, 1.0 / 11), q, 1.0 / 7), q, 1.0 / 3);
  double even = f64_fma(f64_fma(f64_fma(1.0 / 17, q, 1.0 / 13), q, 1.0 / 9), q, 1.0 / 5);
  double series = f64_fma(f64_fma(even, s, odd), s, 1.0);
  return f64_fma(f * series, 2.8853900817779268, e); /* 2 / log(2) */
}

/* 2^t: t = n + r with |r| <= 1/2, and 2^r by the series of exp up to r^11. Beyond +-200 a float is infinite or 0 anyhow. */
static inline double pow_f32_exp2(double t) {
  const double magic = 6755399441055744.0; /* 1.5 * 2^52: rounds to an integer in the last bits */
  double within = t < -200.0 ? -200.0 : t > 200.0 ? 200.0 : t;
  double shifted = within + magic, r = (within - (shifted - magic)) * 0.69314718055994531, s = r * r;
  double odd = f64_fma(f64_fma(f64_fma(f64_fma(1.0 / 39916800, s, 1.0 / 362880), s, 1.0 / 5040), s, 1.0 / 120), s, 1.0 / 6);
  double even = f64_fma(f64_fma(f64_fma(f64_fma(1.0 / 3628800, s, 1.0 / 40320), s, 1.0 / 720), s, 1.0 / 24), s, 0.5);
  double p = f64_fma(f64_fma(odd, r, even), s, r) + 1.0;
  return p * f64_from_bits((f64_bits(shifted) + 1023) * (INT64_C(1) << 52));
}

static inline float f32_pow(float x, float y) {
  float a = __builtin_fabsf(x);
  double log2 = pow_f32_log2(a);
  log2 = a == 0.0f ? (double)-INFINITY : a == INFINITY ? (double)INFINITY : log2;
  float z = (float)pow_f32_exp2((double)y * log2);
  bool whole = __builtin_floorf(y) == y, odd = whole && __builtin_floorf(y * 0.5f) != y * 0.5f;
  z = odd && f32_bits(x) < 0 ? -z : z;
  z = x < 0.0f && x > -INFINITY && !whole ? NAN : z;
  z = a == 1.0f && __builtin_fabsf(y) == INFINITY ? 1.0f : z; /* 0 times infinity above */
  z = x != x || y != y ? NAN : z;
  return x == 1.0f || y == 0.0f ? 1.0f : z;
}

#endif
