/* Counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011). A number is a pure function of (key, index), so
 * neither threads nor order of work change it. A key names a purpose: ml_random_key mixes what it is for. */
#ifndef ML_RANDOM_H
#define ML_RANDOM_H

#include "tensor/tensor.h"

/* Mixes two words to a key: streams of different (a, b) are unrelated. */
uint64_t ml_random_key(uint64_t a, uint64_t b);
uint64_t ml_random_key_text(uint64_t a, const char *text);

/* The next key of the context's own stream, for ops that were given none. */
uint64_t ml_random_next_key(ml_context *c);
void ml_random_seed(ml_context *c, uint64_t seed);

/* Four words of the block with this index. */
void ml_philox(uint64_t key, uint64_t index, uint32_t out[4]);
/* One word, and one number in [0, 1), of element i of a stream. */
uint32_t ml_random_word(uint64_t key, uint64_t i);
double ml_random_double(uint64_t key, uint64_t i);
/* A position in [0, n), without bias worth speaking of (64-bit multiply-shift). */
int64_t ml_random_below(uint64_t key, uint64_t i, int64_t n);

/* Fill a floating tensor: uniform in [low, high), normal with mean and deviation. */
ML_CHECKED ml_status ml_random_uniform(ml_context *c, uint64_t key, double low, double high, ml_tensor *x);
ML_CHECKED ml_status ml_random_normal(ml_context *c, uint64_t key, double mean, double deviation, ml_tensor *x);
/* Integers from..to inclusive into an integer tensor; a permutation of 1..n into an int64 tensor of n. */
ML_CHECKED ml_status ml_random_integers(ml_context *c, uint64_t key, int64_t from, int64_t to, ml_tensor *x);
ML_CHECKED ml_status ml_random_permutation(ml_context *c, uint64_t key, ml_tensor *x);

#endif
