/* Uniform and normal numbers from Philox blocks, in plain arithmetic: no C library function, and no fused
 * multiply-add, so that the bits are the same on every machine.
 *
 * Normals by Box and Muller (1958): sqrt(-2 log u) times cos and sin of 2 pi v. The logarithm is the series of
 * 2 atanh((m-1)/(m+1)), sine and cosine are Taylor's on a quarter turn; all in double, exact to about 1e-15. */

#include "tensor/kernels/random.h"

#include <string.h>

enum { CHUNK = 512 }; /* elements made at a time; a multiple of 4 */

/* Words of blocks first..first+blocks-1, as four arrays: word[w][b]. */
static void words(uint64_t key, uint64_t first, int64_t blocks, uint32_t word[4][CHUNK]) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int64_t b = 0; b < blocks; b++) {
    uint64_t index = first + (uint64_t)b;
    uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32), c2 = 0, c3 = 0;
    ml_philox_rounds(k0, k1, &c0, &c1, &c2, &c3);
    word[0][b] = c0;
    word[1][b] = c1;
    word[2][b] = c2;
    word[3][b] = c3;
  }
}

static inline double from_bits(uint64_t i) {
  double f;
  memcpy(&f, &i, sizeof f);
  return f;
}
static inline uint64_t bits_of(double f) {
  uint64_t i;
  memcpy(&i, &f, sizeof i);
  return i;
}

/* 52 bits of two words, in [0, 1): the mantissa of a number in [1, 2). */
static inline double fraction(uint32_t high, uint32_t low) {
  uint64_t bits = ((uint64_t)high << 32 | low) >> 12;
  return from_bits(0x3ff0000000000000u | bits) - 1.0;
}

/* log(x) of a normal x > 0: x = m 2^e with sqrt(1/2) <= m < sqrt(2). */
static inline double logarithm(double x) {
  uint64_t bits = bits_of(x), shifted = bits - 0x3fe6a09e667f3bcdu;
  /* the exponent as a double, by the mantissa of 2^52 + 2^51 */
  double e = from_bits(0x4338000000000000u + (uint64_t)((int64_t)shifted >> 52)) - 6755399441055744.0;
  double m = from_bits(bits - (shifted & 0xfff0000000000000u));
  double s = (m - 1.0) / (m + 1.0), z = s * s;
  double p = 1.0 / 21;
  p = p * z + 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return e * 0.693147180559945309 + 2.0 * (s + s * z * p);
}

/* cos and sin of 2 pi v, 0 <= v < 1: v = quarter / 4 + r / 4 with |r| <= 1/2. */
static inline void turn(double v, double *cosine, double *sine) {
  double shifted = v * 4.0 + 6755399441055744.0; /* rounds to an integer in the last bits */
  uint64_t quarter = bits_of(shifted);
  double a = (v * 4.0 - (shifted - 6755399441055744.0)) * 1.57079632679489662, z = a * a;
  double s = -7.6471637318198164759e-13;
  s = s * z + 1.6059043836821614599e-10;
  s = s * z - 2.5052108385441718775e-8;
  s = s * z + 2.7557319223985890653e-6;
  s = s * z - 1.9841269841269841270e-4;
  s = s * z + 8.3333333333333333333e-3;
  s = s * z - 0.16666666666666666667;
  s = a + a * z * s;
  double c = 4.7794773323873852974e-14;
  c = c * z - 1.1470745597729724714e-11;
  c = c * z + 2.0876756987868098979e-9;
  c = c * z - 2.7557319223985890653e-7;
  c = c * z + 2.4801587301587301587e-5;
  c = c * z - 1.3888888888888888889e-3;
  c = c * z + 4.1666666666666666667e-2;
  c = 1.0 + z * (z * c - 0.5);
  uint64_t swap = -(quarter & 1), minus_sin = (quarter & 2) << 62, minus_cos = ((quarter + 1) & 2) << 62;
  uint64_t bs = bits_of(s), bc = bits_of(c), mixed = (bs ^ bc) & swap;
  *cosine = from_bits((bc ^ mixed) ^ minus_cos);
  *sine = from_bits((bs ^ mixed) ^ minus_sin);
}

/* One pair of normals: u in [0, 1) is turned to (0, 1], whose logarithm is finite. */
static inline void normal_pair(double u, double v, double *a, double *b) {
  double radius = __builtin_sqrt(-2.0 * logarithm(1.0 - u)), cosine, sine;
  turn(v, &cosine, &sine);
  *a = radius * cosine;
  *b = radius * sine;
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* float32: a block gives four numbers, each of 24 bits. */
static void uniform_f32(uint64_t key, int64_t first, int64_t n, double low, double high, float *x) {
  uint32_t word[4][CHUNK];
  float made[CHUNK], from = (float)low, span = (float)(high - low), below = (float)high;
  for (int64_t at = 0; at < n; at += CHUNK) {
    int64_t count = least(n - at, CHUNK), blocks = (count + 3) / 4;
    words(key, (uint64_t)(first + at) / 4, blocks, word);
    for (int64_t b = 0; b < blocks; b++) {
      for (int w = 0; w < 4; w++) {
        float v = from + (float)(word[w][b] >> 8) * 0x1p-24f * span;
        made[4 * b + w] = v < below ? v : from; /* rounding may reach high */
      }
    }
    memcpy(x + at, made, (size_t)count * sizeof *x);
  }
}

/* float64: a block gives two numbers. */
static void uniform_f64(uint64_t key, int64_t first, int64_t n, double low, double high, double *x) {
  uint32_t word[4][CHUNK];
  double made[CHUNK], span = high - low;
  for (int64_t at = 0; at < n; at += CHUNK) {
    int64_t count = least(n - at, CHUNK), blocks = (count + 1) / 2;
    words(key, (uint64_t)(first + at) / 2, blocks, word);
    for (int64_t b = 0; b < blocks; b++) {
      double v = low + fraction(word[0][b], word[1][b]) * span, w = low + fraction(word[2][b], word[3][b]) * span;
      made[2 * b] = v < high ? v : low;
      made[2 * b + 1] = w < high ? w : low;
    }
    memcpy(x + at, made, (size_t)count * sizeof *x);
  }
}

/* float32: a block gives two pairs, u and v of 32 bits each. */
static void normal_f32(uint64_t key, int64_t first, int64_t n, double mean, double deviation, float *x) {
  uint32_t word[4][CHUNK];
  float made[CHUNK];
  for (int64_t at = 0; at < n; at += CHUNK) {
    int64_t count = least(n - at, CHUNK), blocks = (count + 3) / 4;
    words(key, (uint64_t)(first + at) / 4, blocks, word);
    for (int64_t b = 0; b < blocks; b++) {
      double z[4];
      normal_pair((double)word[0][b] * 0x1p-32, (double)word[1][b] * 0x1p-32, &z[0], &z[1]);
      normal_pair((double)word[2][b] * 0x1p-32, (double)word[3][b] * 0x1p-32, &z[2], &z[3]);
      for (int w = 0; w < 4; w++) made[4 * b + w] = (float)(mean + deviation * z[w]);
    }
    memcpy(x + at, made, (size_t)count * sizeof *x);
  }
}

/* float64: a block gives one pair. */
static void normal_f64(uint64_t key, int64_t first, int64_t n, double mean, double deviation, double *x) {
  uint32_t word[4][CHUNK];
  double made[CHUNK];
  for (int64_t at = 0; at < n; at += CHUNK) {
    int64_t count = least(n - at, CHUNK), blocks = (count + 1) / 2;
    words(key, (uint64_t)(first + at) / 2, blocks, word);
    for (int64_t b = 0; b < blocks; b++) {
      double z[2];
      normal_pair(fraction(word[0][b], word[1][b]), fraction(word[2][b], word[3][b]), &z[0], &z[1]);
      made[2 * b] = mean + deviation * z[0];
      made[2 * b + 1] = mean + deviation * z[1];
    }
    memcpy(x + at, made, (size_t)count * sizeof *x);
  }
}

const ml_random_kernels ML_ISA_SYMBOL(ml_random_kernels)[1] = {{uniform_f32, uniform_f64, normal_f32, normal_f64}};
