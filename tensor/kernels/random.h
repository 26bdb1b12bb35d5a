/* Kernels that fill arrays with random numbers; see tensor/random.h for what a number depends on. */
#ifndef ML_KERNELS_RANDOM_H
#define ML_KERNELS_RANDOM_H

#include "tensor/kernels/isa.h"

#include <stdint.h>

/* Elements first..first+n-1 of a stream; `first` is a multiple of 4. */
typedef struct ml_random_kernels {
  void (*uniform_f32)(uint64_t key, int64_t first, int64_t n, double low, double high, float *x);
  void (*uniform_f64)(uint64_t key, int64_t first, int64_t n, double low, double high, double *x);
  void (*normal_f32)(uint64_t key, int64_t first, int64_t n, double mean, double deviation, float *x);
  void (*normal_f64)(uint64_t key, int64_t first, int64_t n, double mean, double deviation, double *x);
} ml_random_kernels;

ML_ISA_DECLARE(ml_random_kernels, ml_random_kernels, [1]);

/* The rounds of Philox 4x32-10, for kernels and ml_philox alike: counter (c0..c3) and key (k0, k1) give four words. */
static inline void ml_philox_rounds(uint32_t k0, uint32_t k1, uint32_t *c0, uint32_t *c1, uint32_t *c2, uint32_t *c3) {
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * *c0, p1 = (uint64_t)0xCD9E8D57u * *c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ *c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ *c3 ^ k1;
    *c1 = (uint32_t)p1;
    *c3 = (uint32_t)p0;
    *c0 = n0;
    *c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

#endif
