/* Choosing kernels by processor. */

#include "tensor/cpu.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[ML_ISAS] = {"baseline", "avx2", "avx512"};

const char *ml_isa_name(ml_isa isa) { return names[isa]; }

#if defined(__x86_64__)
static ml_isa best(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return ML_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) return ML_ISA_AVX2;
  return ML_ISA_BASELINE;
}
#else
static ml_isa best(void) { return ML_ISA_BASELINE; }
#endif

ml_isa ml_cpu_isa(void) {
  static int chosen = -1;
  if (chosen < 0) {
    ml_isa most = best();
    chosen = most;
    const char *wish = getenv("MOONLAB_ISA");
    for (int i = 0; wish && i <= (int)most; i++) { /* never more than the processor has */
      if (strcmp(wish, names[i]) == 0) chosen = i;
    }
  }
  return (ml_isa)chosen;
}
