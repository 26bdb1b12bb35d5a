/* Picks the layers' kernels for this processor. */

#include "nn/kernels.h"

#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"

/* [dtype - ML_FLOAT32][kernel], one table from each compilation of nn/kernels/all.c. */
ML_ISA_DECLARE(ml_parallel_body, nn_kernels, [2][NN_KERNELS]);

ml_parallel_body nn_kernel_for(nn_kernel which, int dtype) {
  return ML_ISA_CHOOSE(nn_kernels)[dtype - ML_FLOAT32][which];
}

ml_status nn_run(ml_context *c, nn_kernel which, int dtype, int64_t n, int64_t grain, void *job) {
  return n > 0 ? ml_parallel_for(c, n, grain, nn_kernel_for(which, dtype), job) : ML_OK;
}
