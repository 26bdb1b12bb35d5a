/* Functions of floats as plain arithmetic, so that the compiler vectorises them and the same bits come out of every
 * instruction set with fused multiply-add. Their largest errors are asserted in tests/c/test_elementwise_math.c.
 * The polynomials are those of Cephes (S. Moshier), for erfc that of Numerical Recipes, for exp and erf weighted fits. Sine, cosine and their
 * inverses stand in trigonometry_f32.h, powers in pow_f32.h. */
#ifndef ML_KERNELS_MATH_F32_H
#define ML_KERNELS_MATH_F32_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
static inline float f32_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double f64_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else /* no unit for it: other last bits */
static inline float f32_fma(float a, float b, float c) { return a * b + c; }
static inline double f64_fma(double a, double b, double c) { return a * b + c; }
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

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), n a constant: pairs of terms, summed by powers of x^2. That is half the steps of one
 * after the other that Horner's rule takes, which is what a loop of these waits for. */
static inline __attribute__((always_inline)) float f32_polynomial(const float *c, int n, float x) {
  float square = x * x, y = n % 2 ? c[n - 1] : f32_fma(c[n - 1], x, c[n - 2]);
  for (int i = (n - 1) / 2 * 2 - 2; i >= 0; i -= 2) y = f32_fma(y, square, f32_fma(c[i + 1], x, c[i]));
  return y;
}

/* exp(x) = 2^k * (1 + the result), |x - k log(2)| <= log(2)/2. The magic number rounds to an integer in the last bits of
 * the mantissa. |x| is small enough for k to be one. Of *k the last 9 bits are k's: what is shifted to an exponent. */
static inline float f32_exp_parts(float x, int32_t *k) {
  static const float c[] = {4.999999404e-1f, 1.666651964e-1f, 4.166840017e-2f, 8.368851617e-3f, 1.381432055e-3f};
  const float magic = 12582912.0f; /* 1.5 * 2^23 */
  float shifted = f32_fma(x, 1.44269504088896341f, magic);
  float n = shifted - magic;
  float r = f32_fma(n, -0.693359375f, x);
  r = f32_fma(n, 2.12194440e-4f, r);
  *k = f32_bits(shifted);
  return f32_fma(f32_polynomial(c, 5, r), r * r, r);
}

/* (1 + p) * 2^k in two steps, which reach the subnormal results and infinity; -256 <= k < 256. */
static inline float f32_scaled(float p, int32_t k) {
  int32_t one = 127 << 23, all = k << 23, half = (all >> 1) & (int32_t)0xff800000;
  float power = f32_from_bits(half + one);
  return f32_fma(p, power, power) * f32_from_bits(all - half + one);
}

/* The square root by Newton's method for 1/sqrt(x), from a guess in the bits (Lomont 2003), and a last step for the root itself. The
 * processor's own takes its divider as long as a quotient does: where both are wanted, this leaves that to the quotient. Of a
 * subnormal x it is too small. */
static inline float f32_sqrt(float x) {
  float y = f32_from_bits(0x5f375a86 - (f32_bits(x) >> 1)), half = 0.5f * x;
  y = y * f32_fma(-half * y, y, 1.5f);
  y = y * f32_fma(-half * y, y, 1.5f);
  y = y * f32_fma(-half * y, y, 1.5f);
  float root = x * y;
  root = f32_fma(f32_fma(-root, root, x), 0.5f * y, root);
  return x < 0.0f ? NAN : x == INFINITY ? x : root;
}

/* x, but at most `most`; NaN stays. */
static inline float f32_at_most(float most, float x) { return most < x ? most : x; }

/* x within low..high, low < 0 < high, by the order that its bits have as whole numbers: minima of those are one instruction
 * each, where GCC makes many of two comparisons of floats. NaN becomes one of the bounds. */
static inline float f32_within(float low, float high, float x) {
  uint32_t bits = (uint32_t)f32_bits(x), lowest = (uint32_t)f32_bits(low); /* of negatives, the larger is further down */
  int32_t above = (int32_t)(bits < lowest ? bits : lowest), highest = f32_bits(high);
  return f32_from_bits(above < highest ? above : highest);
}

static inline float f32_exp(float x) {
  int32_t k;
  float p = f32_exp_parts(f32_within(-104.0f, 89.0f, x), &k);
  return x != x ? x : f32_scaled(p, k);
}

/* exp(x) / 2 of x >= 0, which is finite a little further than exp(x): for sinh and cosh. */
static inline float f32_half_exp(float x) {
  int32_t k;
  float p = f32_exp_parts(f32_at_most(90.0f, x), &k);
  return f32_scaled(p, k - 1);
}

/* (2^(k-1) p + 2^(k-1) - 1/2) * 2 */
static inline float f32_expm1(float x) {
  int32_t k;
  float p = f32_exp_parts(f32_within(-20.0f, 89.0f, x), &k);
  float half = f32_from_bits((k + 126) << 23);
  float y = 2.0f * f32_fma(half, p, half - 0.5f);
  return x == 0.0f || x != x ? x : y;
}

static inline float f32_exp2(float x) {
  const float magic = 12582912.0f;
  float clamped = f32_within(-151.0f, 129.0f, x);
  float shifted = clamped + magic;
  int32_t k = f32_bits(shifted) - f32_bits(magic), none;
  float p = f32_exp_parts((clamped - (shifted - magic)) * 0.69314718055994531f, &none); /* none: at most half of log(2) */
  return x != x ? x : f32_scaled(p, k + none);
}

/* x = (1 + m) * 2^e, sqrt(1/2) <= 1 + m < sqrt(2); log(1 + m) = m - m^2/2 + the result. */
static inline float f32_log_parts(float x, float *m, float *e) {
  float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x; /* subnormal */
  int32_t bits = f32_bits(scaled);
  int32_t exponent = (bits - 0x3f3504f3) >> 23;
  float f = f32_from_bits(bits - (exponent << 23)) - 1.0f;
  *e = (float)exponent - (x < 1.17549435e-38f ? 23.0f : 0.0f);
  *m = f;
  static const float c[] = {3.3333331174e-1f,  -2.4999993993e-1f, 2.0000714765e-1f,  -1.6668057665e-1f, 1.4249322787e-1f,
                            -1.2420140846e-1f, 1.1676998740e-1f,  -1.1514610310e-1f, 7.0376836292e-2f};
  return f32_polynomial(c, 9, f) * f * (f * f);
}

/* A logarithm where there is one. */
static inline float f32_log_of(float x, float y) {
  y = x == 0.0f ? -INFINITY : y;
  y = x < 0.0f ? NAN : y;
  return x == INFINITY || x != x ? x : y;
}

static inline float f32_log(float x) {
  float m, e, y = f32_log_parts(x, &m, &e);
  y = f32_fma(e, -2.12194440e-4f, y);
  y = f32_fma(-0.5f, m * m, y);
  y = m + y;
  return f32_log_of(x, f32_fma(e, 0.693359375f, y));
}

/* Kahan's correction of the rounded 1 + x; where 1 is nothing beside x, inf among them, there is none to make. */
static inline float f32_log1p(float x) {
  float u = 1.0f + x, y = f32_log(u);
  return u == 1.0f ? x : u == x ? y : y * (x / (u - 1.0f));
}

/* log2(e) = 1 + 0.442695..., so that the larger part is added as it is. */
static inline float f32_log2(float x) {
  float m, e, y = f32_log_parts(x, &m, &e);
  y = f32_fma(-0.5f, m * m, y);
  float z = y * 0.44269504088896341f;
  z = f32_fma(m, 0.44269504088896341f, z);
  return f32_log_of(x, z + y + m + e);
}

/* log10(e) = 0.43359375 + 7.007e-4, log10(2) = 0.30078125 + 2.487e-4: products with the first halves are exact, or nearly. */
static inline float f32_log10(float x) {
  float m, e, y = f32_log_parts(x, &m, &e);
  y = f32_fma(-0.5f, m * m, y);
  float z = (m + y) * 7.00731903251827651129e-4f;
  z = f32_fma(y, 4.3359375e-1f, z);
  z = f32_fma(m, 4.3359375e-1f, z);
  z = f32_fma(e, 2.48745663981195213739e-4f, z);
  return f32_log_of(x, f32_fma(e, 3.0078125e-1f, z));
}

/* e / (e + 2), e = exp(2|x|) - 1. */
static inline float f32_tanh(float x) {
  int32_t k;
  float p = f32_exp_parts(2.0f * f32_at_most(9.25f, __builtin_fabsf(x)), &k);
  float power = f32_from_bits((k + 127) << 23), e = f32_fma(power, p, power - 1.0f);
  return __builtin_copysignf(e / (e + 2.0f), x);
}

/* Near 0 an odd polynomial, further out (exp(x) - exp(-x)) / 2. */
static inline float f32_sinh(float x) {
  float a = __builtin_fabsf(x), s = x * x;
  float p = 2.03721912945e-4f;
  p = f32_fma(p, s, 8.33028376239e-3f);
  p = f32_fma(p, s, 1.66667160211e-1f);
  float near = f32_fma(p * s, x, x);
  float e = f32_half_exp(a);
  return __builtin_copysignf(a < 1.0f ? near : e - 0.25f / e, x);
}

static inline float f32_cosh(float x) {
  float e = f32_half_exp(__builtin_fabsf(x));
  return e + 0.25f / e;
}

/* log1p(a + a^2 / (1 + sqrt(1 + a^2))); log(2a) where 1 is nothing beside a^2. */
static inline float f32_asinh(float x) {
  float a = __builtin_fabsf(x);
  float near = f32_log1p(a + a * a / (1.0f + __builtin_sqrtf(f32_fma(a, a, 1.0f))));
  return __builtin_copysignf(a > 1e4f ? f32_log(a) + 0.69314718055994531f : near, x);
}

/* log1p(t + sqrt(2t + t^2)), t = x - 1. */
static inline float f32_acosh(float x) {
  float t = x - 1.0f, near = f32_log1p(t + __builtin_sqrtf(f32_fma(t, t, 2.0f * t)));
  return x < 1.0f ? NAN : x > 1e4f ? f32_log(x) + 0.69314718055994531f : near;
}

static inline float f32_atanh(float x) {
  float a = __builtin_fabsf(x);
  return __builtin_copysignf(0.5f * f32_log1p(2.0f * a / (1.0f - a)), x);
}

/* erfc(a) of a >= 0 as exp(-a^2) * t * Q(t), t = 1 / (1 + a/2): Numerical Recipes' (error 1.2e-7). */
static inline float f32_erfc_exponent(float a, float *t) {
  *t = 1.0f / f32_fma(0.5f, a, 1.0f);
  static const float c[] = {-1.26551223f, 1.00002368f,  0.37409196f, 0.09678418f,  -0.18628806f,
                            0.27886807f,  -1.13520398f, 1.48851587f, -0.82215223f, 0.17087277f};
  return f32_polynomial(c, 10, *t);
}

/* |x| < 0.9: x + x * P(x^2); beyond: 1 - exp(a P(a)), where a P(a) is log(erfc(a)) as closely as 1 - erfc(a) needs it. */
static inline float f32_erf(float x) {
  float a = f32_at_most(4.0f, __builtin_fabsf(x)), s = x * x;
  static const float c[] = {1.28379154e-1f, -3.76125233e-1f, 1.12821408e-1f, -2.67789091e-2f, 5.01196294e-3f, -6.0902304e-4f};
  static const float d[] = {-1.12852689f, -6.35676066e-1f, -1.05317323e-1f, 2.29254072e-2f, -3.22596832e-3f, 2.15316244e-4f};
  float near = f32_fma(x, f32_polynomial(c, 6, s), x);
  int32_t k;
  float y = f32_exp_parts(f32_polynomial(d, 6, a) * a, &k);
  float far = __builtin_copysignf(1.0f - f32_from_bits(f32_bits(y + 1.0f) + (k << 23)), x);
  return a >= 0.9f ? far : near;
}

/* a^2 as the square of a's first 12 bits, which is exact, and the rest: rounding a^2 would count a hundred times. */
static inline float f32_erfc(float x) {
  float a = __builtin_fabsf(x), limited = a > 12.0f ? 12.0f : a;
  float t, q = f32_erfc_exponent(limited, &t);
  float high = f32_from_bits(f32_bits(limited) & (int32_t)0xfffff000);
  float far = f32_exp(-high * high) * (t * f32_exp(q - (limited - high) * (limited + high)));
  float y = a < 0.5f ? 1.0f - f32_erf(x) : x < 0.0f ? 2.0f - far : far;
  return x != x ? x : y;
}

/* The normal distribution function: exp(-x^2/2) M(|x|) below 0, and 1 less that above, M a polynomial that fits best where
 * exp(-x^2/2) is large. Absolute error 5e-8 (far to the left the relative one grows); no division, no branch. */
static inline float f32_ndtr(float x) {
  float a = __builtin_fabsf(x);
  a = a < 5.4f ? a : 5.4f;
  static const float c[] = {0.5f, -0.398941875f, 0.249991953f, -0.132922649f, 0.0622873008f, -0.0261331778f, 0.0097599281f,
                            -0.00315477746f, 0.000844110968f, -0.000177311609f, 2.75513667e-05f, -2.93609833e-06f,
                            1.89803387e-07f, -5.57716717e-09f};
  float below = f32_polynomial(c, 14, a) * f32_exp(-0.5f * x * x);
  return x > 0.0f ? 1.0f - below : below;
}

/* Squares in double neither overflow nor vanish. */
static inline float f32_hypot(float x, float y) {
  float z = (float)__builtin_sqrt((double)x * (double)x + (double)y * (double)y);
  return __builtin_fabsf(x) == INFINITY || __builtin_fabsf(y) == INFINITY ? INFINITY : z;
}

#endif
