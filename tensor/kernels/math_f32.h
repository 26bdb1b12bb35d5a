/* exp, log, tanh and erf of floats as plain arithmetic, so that the compiler vectorises them and the same bits come out of
 * every instruction set with fused multiply-add. Their largest errors are asserted in tests/c/test_elementwise.c.
 * The polynomials are those of Cephes (S. Moshier), for erf beyond 1 that of Numerical Recipes' erfc. */
#ifndef ML_KERNELS_MATH_F32_H
#define ML_KERNELS_MATH_F32_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
static inline float f32_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#else
static inline float f32_fma(float a, float b, float c) { return a * b + c; } /* no unit for it: other last bits */
#endif

static inline float f32_from_bits(int32_t i) {
  float f;
  memcpy(&f, &i, sizeof f);
  return f;
}
static inline int32_t f32_bits(float f) {
  int32_t i;
  memcpy(&i, &f, sizeof i);
  return i;
}

/* 2^n * exp(r), |r| <= log(2)/2. The magic number rounds to an integer in the last bits of the mantissa. */
static inline float f32_exp(float x) {
  const float magic = 12582912.0f; /* 1.5 * 2^23 */
  float clamped = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
  float shifted = f32_fma(clamped, 1.44269504088896341f, magic);
  float n = shifted - magic;
  float r = f32_fma(n, -0.693359375f, clamped);
  r = f32_fma(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = f32_fma(p, r, 1.3981999507e-3f);
  p = f32_fma(p, r, 8.3334519073e-3f);
  p = f32_fma(p, r, 4.1665795894e-2f);
  p = f32_fma(p, r, 1.6666665459e-1f);
  p = f32_fma(p, r, 5.0000001201e-1f);
  p = f32_fma(p, r * r, r) + 1.0f;
  /* two steps of scaling reach the subnormal results and infinity */
  int32_t k = f32_bits(shifted) - f32_bits(magic), half = k >> 1;
  float y = p * f32_from_bits((half + 127) << 23) * f32_from_bits((k - half + 127) << 23);
  return x != x ? x : y;
}

/* log(m * 2^e), sqrt(1/2) <= m < sqrt(2). */
static inline float f32_log(float x) {
  float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x; /* subnormal */
  int32_t bits = f32_bits(scaled);
  int32_t e = (bits - 0x3f3504f3) >> 23;
  float m = f32_from_bits(bits - (e << 23)) - 1.0f;
  float fe = (float)e - (x < 1.17549435e-38f ? 23.0f : 0.0f);
  float p = 7.0376836292e-2f;
  p = f32_fma(p, m, -1.1514610310e-1f);
  p = f32_fma(p, m, 1.1676998740e-1f);
  p = f32_fma(p, m, -1.2420140846e-1f);
  p = f32_fma(p, m, 1.4249322787e-1f);
  p = f32_fma(p, m, -1.6668057665e-1f);
  p = f32_fma(p, m, 2.0000714765e-1f);
  p = f32_fma(p, m, -2.4999993993e-1f);
  p = f32_fma(p, m, 3.3333331174e-1f);
  float m2 = m * m, y = p * m * m2;
  y = f32_fma(fe, -2.12194440e-4f, y);
  y = f32_fma(-0.5f, m2, y);
  y = m + y;
  y = f32_fma(fe, 0.693359375f, y);
  y = x == 0.0f ? -INFINITY : y;
  y = x < 0.0f ? NAN : y;
  return x == INFINITY || x != x ? x : y;
}

/* Near 0 an odd polynomial, further out 1 - 2 / (exp(2x) + 1). */
static inline float f32_tanh(float x) {
  float a = __builtin_fabsf(x), s = x * x;
  float p = -5.70498872745e-3f;
  p = f32_fma(p, s, 2.06390887954e-2f);
  p = f32_fma(p, s, -5.37397155531e-2f);
  p = f32_fma(p, s, 1.33314422036e-1f);
  p = f32_fma(p, s, -3.33332819422e-1f);
  float near = f32_fma(p * s, x, x);
  float far = 1.0f - 2.0f / (f32_exp(2.0f * a) + 1.0f);
  return __builtin_copysignf(a < 0.625f ? near : far, x); /* near, too: fma(-0, -0, -0) is 0 */
}

/* |x| < 1: x * P(x^2); beyond: 1 - exp(-x^2) * Q(1 / (1 + x/2)), Numerical Recipes' erfc (error 1.2e-7). */
static inline float f32_erf(float x) {
  float a = __builtin_fabsf(x), s = x * x;
  float p = 7.853861353153693e-5f;
  p = f32_fma(p, s, -8.010193625184903e-4f);
  p = f32_fma(p, s, 5.188327685732524e-3f);
  p = f32_fma(p, s, -2.685381193529856e-2f);
  p = f32_fma(p, s, 1.128358514861418e-1f);
  p = f32_fma(p, s, -3.761262582423300e-1f);
  p = f32_fma(p, s, 1.128379165726710e+0f);
  float near = x * p;
  float t = 1.0f / f32_fma(0.5f, a, 1.0f);
  float q = 0.17087277f;
  q = f32_fma(q, t, -0.82215223f);
  q = f32_fma(q, t, 1.48851587f);
  q = f32_fma(q, t, -1.13520398f);
  q = f32_fma(q, t, 0.27886807f);
  q = f32_fma(q, t, -0.18628806f);
  q = f32_fma(q, t, 0.09678418f);
  q = f32_fma(q, t, 0.37409196f);
  q = f32_fma(q, t, 1.00002368f);
  q = f32_fma(q, t, -1.26551223f);
  float far = 1.0f - t * f32_exp(f32_fma(-a, a, q));
  return a < 1.0f ? near : x != x ? x : __builtin_copysignf(far, x);
}

#endif
