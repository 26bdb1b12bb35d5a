/* Quantiles of numbers that come one after the other, in bounded memory.
 *
 * Buffers of k numbers, one a level; a number of level h stands for 2^h. A full buffer is sorted and every second number goes
 * up: the odd ones or the even ones, by a bit of a fixed stream, then the others (Karnin, Lang, Liberty 2016, with buffers of
 * one size as Manku's, so that a merge is a push). Up to k numbers all is exact. Beyond, a rank is off by less than n / k in
 * two of three cases, and by less than 4 n / k as good as always, whatever the order. */
#ifndef ML_QUANTILE_SKETCH_H
#define ML_QUANTILE_SKETCH_H

#include "tensor/tensor.h"

enum { ML_QUANTILE_LEVELS = 52 };

typedef struct ml_quantile_sketch {
  int64_t n, k; /* k is even */
  int levels;   /* that have a buffer */
  double *level[ML_QUANTILE_LEVELS], *scratch; /* [k] each */
  int64_t count[ML_QUANTILE_LEVELS];
  uint64_t turns[ML_QUANTILE_LEVELS]; /* how often a level went up */
} ml_quantile_sketch;

/* What the sketch holds, in order. */
typedef struct ml_ranked {
  double *value;   /* [count] */
  int64_t *before; /* [count]: how many numbers come before it */
  int64_t count, n;
  size_t bytes;
} ml_ranked;

ML_CHECKED ml_status ml_quantile_sketch_init(ml_context *c, int64_t k, ml_quantile_sketch *s);
void ml_quantile_sketch_free(ml_quantile_sketch *s);
/* Room for so many numbers more: then push asks for none. */
ML_CHECKED ml_status ml_quantile_sketch_expect(ml_context *c, ml_quantile_sketch *s, int64_t more);
void ml_quantile_sketch_push(ml_quantile_sketch *s, double x); /* no NaN */
/* Both have the same k. `other` stays as it is. */
ML_CHECKED ml_status ml_quantile_sketch_merge(ml_context *c, ml_quantile_sketch *s, const ml_quantile_sketch *other);

ML_CHECKED ml_status ml_quantile_sketch_rank(ml_context *c, const ml_quantile_sketch *s, ml_ranked *out);
void ml_ranked_free(ml_ranked *r);
/* Between neighbours in proportion, as numpy's; NaN of none. */
double ml_ranked_quantile(const ml_ranked *r, double q);
/* How many numbers are at most x. */
int64_t ml_ranked_below(const ml_ranked *r, double x);

#endif
