/* The exponential function as plain arithmetic, which the compiler turns into vectors. */
#ifndef ML_CLASSICAL_KERNELS_EXPONENTIAL_H
#define ML_CLASSICAL_KERNELS_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* e^x for x from -708 to 708, to an ulp: x = k ln 2 + r, and a polynomial of r (Taylor's, of degree 13). */
static inline __attribute__((always_inline)) double exponential(double x) {
  const double magic = 6755399441055744.0; /* 1.5 * 2^52: what is added to it is rounded to a whole number */
  x = x < -708 ? -708 : x > 708 ? 708 : x;
  double shifted = x * 1.4426950408889634 + magic, k = shifted - magic;
  double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52; /* the low bits of `shifted` are k's */
  double scale;
  memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

#endif
