/* IEEE 754 binary16, which files hold and tensors don't. */
#ifndef ML_HALF_H
#define ML_HALF_H

#include <stdint.h>

/* The bits of a binary16 -> those of the binary32 of the same value: exact, NaN keeps its payload. */
static inline uint32_t ml_half_to_float(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff;
  if (exponent == 31) return sign | 0x7f800000 | fraction << 13;
  if (exponent > 0) return sign | (exponent + 112) << 23 | fraction << 13;
  if (fraction == 0) return sign;
  int shift = __builtin_clz(fraction) - 21; /* a subnormal: bring its first bit to the front */
  return sign | (uint32_t)(113 - shift) << 23 | (fraction << shift & 0x3ff) << 13;
}

#endif
