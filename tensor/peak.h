/* How many floating-point operations a second this machine can do in float32: the yardstick of `make bench`. */
#ifndef ML_PEAK_H
#define ML_PEAK_H

#include "tensor/parallel.h"

enum { PEAK_GRAIN = 1 << 18, PEAK_PIECES = 64 };

typedef struct peak_job {
  float result[PEAK_PIECES];
} peak_job;

typedef struct peak_kernel {
  ml_parallel_body body;
  int64_t flops; /* of a round */
} peak_kernel;

/* *out: FLOP/s, the best of some rounds on all threads of the pool; takes about a tenth of a second. A multiply-add counts as two. */
ML_CHECKED ml_status ml_fma_peak(ml_context *c, double *out);

#endif
