/* Nothing but fused multiply-adds, in more chains than the units' latency: what the processor can do at most. */

#include "tensor/peak.h"

#include "tensor/kernels/isa.h"
#include "tensor/kernels/vec.h"

enum { CHAINS = 12 };

/* Over rounds: each is CHAINS vectors of multiply-adds. */
static void peak(void *arg, int64_t begin, int64_t end) {
  peak_job *k = arg;
  vec_f32 sum[CHAINS], factor = vec_broadcast_f32(0.999999f), term = vec_broadcast_f32(1e-6f);
  _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) sum[i] = vec_broadcast_f32((float)i);
  for (int64_t round = begin; round < end; round++) {
    _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) sum[i] = vec_fma_f32(sum[i], factor, term);
  }
  float total = 0;
  for (int i = 0; i < CHAINS; i++) total += sum[i][0];
  k->result[begin / PEAK_GRAIN] = total; /* so that the work is not left out */
}

ML_ISA_DECLARE(peak_kernel, peak_kernels, [1]);
const peak_kernel ML_ISA_SYMBOL(peak_kernels)[1] = {{peak, 2 * CHAINS * VEC_LENGTH_f32}};
