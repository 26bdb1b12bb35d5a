/* One pass over a block of rows for models with one linear score a class: the scores, then (with what the caller made of them) the gradient
 * of the weights, while the rows are still in the cache. On the calling thread. */
#ifndef ML_CLASSICAL_KERNELS_SCORES_H
#define ML_CLASSICAL_KERNELS_SCORES_H

#include <stdint.h>

enum { SCORES_ROWS = 8 };

/* One for float, one for double. x: n rows (at most SCORES_ROWS) of p elements; w: k rows of `stride` elements, 0 behind p. */
typedef struct ml_scores_kernels {
  void (*scores)(int64_t n, int64_t p, int64_t k, const void *x, const void *w, int64_t stride, double *z); /* z: n x k */
  /* g (k x stride) += e^T x, e being n x k */
  void (*gradient)(int64_t n, int64_t p, int64_t k, const void *x, const double *e, void *g, int64_t stride);
} ml_scores_kernels;

/* Of the classes' scores z (n x k, in place) and each row's class from 0: z becomes weight * (probabilities - (class is it)); the loss is
 * given. With k = 1: one score, of class 1 against class 0. */
typedef double ml_softmax_kernel(int64_t n, int64_t k, double *z, const int64_t *y, const double *weight);

typedef struct ml_score_set {
  ml_scores_kernels of[2]; /* float, double */
  ml_softmax_kernel *softmax;
} ml_score_set;
const ml_score_set *ml_score_kernels(void);

#endif
