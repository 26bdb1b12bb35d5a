#include "tensor/peak.h"

#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"

#include <time.h>

ML_ISA_DECLARE(peak_kernel, peak_kernels, [1]);

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

ml_status ml_fma_peak(ml_context *c, double *out) {
  const peak_kernel *kernel = ML_ISA_CHOOSE(peak_kernels);
  int64_t rounds = (int64_t)PEAK_GRAIN * PEAK_PIECES;
  peak_job job;
  *out = 0;
  for (int i = 0; i < 3; i++) {
    double began = seconds();
    ML_TRY(ml_parallel_for(c, rounds, PEAK_GRAIN, kernel->body, &job));
    double rate = (double)(rounds * kernel->flops) / (seconds() - began);
    if (rate > *out) *out = rate;
  }
  return ML_OK;
}
