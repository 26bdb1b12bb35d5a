/* Sine, cosine, tangent and their inverses of floats, as plain arithmetic (see math_f32.h). The polynomials are Cephes'. */
#ifndef ML_KERNELS_TRIGONOMETRY_F32_H
#define ML_KERNELS_TRIGONOMETRY_F32_H

#include "tensor/kernels/math_f32.h"

/* x = (n + r) quarter turns, |r| <= 1/2; gives r as an angle, and n modulo 4.
 *
 * Every float is reduced alike and rightly, huge ones too (Payne and Hanek 1983): |x| is brought below 2^51 by a power of two, and
 * that power times 2/pi, modulo 4, stands here in three parts of 27, 27 and 53 bits. The products of the first two with x's 24
 * bits are exact, and so is what is left of them modulo 4. */
static inline float f32_reduced(float x, int32_t *quarter) {
  float a = __builtin_fabsf(x);
  double scale = a < 0x1p51f ? 1.0 : a < 0x1p78f ? 0x1p-27 : a < 0x1p105f ? 0x1p-54 : 0x1p-81;
  double first = a < 0x1p51f ? 0x1.45f3060000000p-1 : a < 0x1p78f ? 0x1.b939104000000p+1
               : a < 0x1p105f ? 0x1.4a7f098000000p+0 : 0x1.57d1f50000000p+1;
  double second = a < 0x1p51f ? 0x1.b939104000000p-26 : a < 0x1p78f ? 0x1.4a7f098000000p-27
               : a < 0x1p105f ? 0x1.57d1f50000000p-26 : 0x1.a6ee06c000000p-26;
  double third = a < 0x1p51f ? 0x1.4a7f09d5f47d5p-54 : a < 0x1p78f ? 0x1.57d1f534ddc0ep-53
               : a < 0x1p105f ? 0x1.a6ee06db14acdp-53 : 0x1.b14acc9e21c82p-54;
  double m = (double)x * scale;
  double high = m * first, middle = m * second, low = m * third;
  high -= 4.0 * __builtin_rint(0.25 * high);
  middle -= 4.0 * __builtin_rint(0.25 * middle);
  double n = __builtin_rint(high + middle + low), r = high - n + middle + low;
  *quarter = (int32_t)n;
  return (float)(r * 1.57079632679489662);
}

static inline float f32_sin_reduced(float a) {
  float s = a * a;
  float p = -1.9515295891e-4f;
  p = f32_fma(p, s, 8.3321608736e-3f);
  p = f32_fma(p, s, -1.6666654611e-1f);
  return f32_fma(p * s, a, a);
}

static inline float f32_cos_reduced(float a) {
  float s = a * a;
  float p = 2.443315711809948e-5f;
  p = f32_fma(p, s, -1.388731625493765e-3f);
  p = f32_fma(p, s, 4.166664568298827e-2f);
  p = f32_fma(p, s, -0.5f);
  return f32_fma(p, s, 1.0f);
}

/* The sine, n quarter turns further on. */
static inline float f32_sin_from(float x, int32_t n) {
  int32_t quarter;
  float a = f32_reduced(x, &quarter), sine = f32_sin_reduced(a), cosine = f32_cos_reduced(a);
  quarter += n;
  float y = quarter & 1 ? cosine : sine;
  y = quarter & 2 ? -y : y;
  return x - x == 0.0f ? y : NAN;
}

static inline float f32_sin(float x) {
  return x == 0.0f ? x : f32_sin_from(x, 0);
}
static inline float f32_cos(float x) { return f32_sin_from(x, 1); }

static inline float f32_tan(float x) {
  int32_t quarter;
  float a = f32_reduced(x, &quarter), sine = f32_sin_reduced(a), cosine = f32_cos_reduced(a);
  float y = quarter & 1 ? -cosine / sine : sine / cosine;
  return x == 0.0f ? x : x - x == 0.0f ? y : NAN;
}

/* asin(s) of s = |x| <= 1/2; of larger x, of s = sqrt((1 - |x|) / 2): then asin|x| = pi/2 - 2 asin(s). */
static inline float f32_asin_part(float a) {
  float z = a > 0.5f ? 0.5f * (1.0f - a) : a * a;
  float s = a > 0.5f ? __builtin_sqrtf(z) : a;
  float p = 4.2163199048e-2f;
  p = f32_fma(p, z, 2.4181311049e-2f);
  p = f32_fma(p, z, 4.5470025998e-2f);
  p = f32_fma(p, z, 7.4953002686e-2f);
  p = f32_fma(p, z, 1.6666752422e-1f);
  return f32_fma(p * z, s, s);
}

static inline float f32_asin(float x) {
  float a = __builtin_fabsf(x), r = f32_asin_part(a);
  float far = f32_fma(-2.0f, r, 1.57079637f) - 4.37113883e-8f; /* pi/2 in two parts */
  return __builtin_copysignf(a > 0.5f ? far : r, x);
}

static inline float f32_acos(float x) {
  float a = __builtin_fabsf(x), r = f32_asin_part(a);
  float far = x < 0.0f ? f32_fma(-2.0f, r, 3.14159274f) - 8.74227766e-8f : 2.0f * r;
  float near = 1.57079637f - (__builtin_copysignf(r, x) + 4.37113883e-8f);
  return a > 0.5f || x != x ? far : near;
}

/* atan(a) of 0 <= a <= 1: beyond tan(pi/8), pi/4 + atan((a - 1) / (a + 1)). */
static inline float f32_atan_part(float a) {
  float far = a > 0.41421356f ? 1.0f : 0.0f;
  float x = a > 0.41421356f ? (a - 1.0f) / (a + 1.0f) : a, s = x * x;
  float p = 8.05374449538e-2f;
  p = f32_fma(p, s, -1.38776856032e-1f);
  p = f32_fma(p, s, 1.99777106478e-1f);
  p = f32_fma(p, s, -3.33329491539e-1f);
  float y = f32_fma(far, -2.18556941e-8f, f32_fma(p * s, x, x)); /* pi/4 in two parts */
  return f32_fma(far, 0.785398185f, y);
}

static inline float f32_atan(float x) {
  float a = __builtin_fabsf(x), r = f32_atan_part(a > 1.0f ? 1.0f / a : a);
  return __builtin_copysignf(a > 1.0f ? 1.57079637f - (r + 4.37113883e-8f) : r, x);
}

/* Of the smaller over the larger, and the octant put back. */
static inline float f32_atan2(float y, float x) {
  float ax = __builtin_fabsf(x), ay = __builtin_fabsf(y);
  float small = ax < ay ? ax : ay, large = ax < ay ? ay : ax;
  float a = large == 0.0f ? 0.0f : small == INFINITY ? 1.0f : small / large;
  float r = f32_atan_part(a);
  r = ay > ax ? 1.57079637f - (r + 4.37113883e-8f) : r;
  r = f32_bits(x) < 0 ? 3.14159274f - (r + 8.74227766e-8f) : r;
  return x != x || y != y ? NAN : __builtin_copysignf(r, y);
}

#endif
