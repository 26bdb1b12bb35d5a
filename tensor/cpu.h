/* Which of the kernels compiled for several instruction sets this processor runs. */
#ifndef ML_CPU_H
#define ML_CPU_H

/* In order of preference. Kernels of one name exist at each level that the compiler can target. */
typedef enum ml_isa { ML_ISA_BASELINE = 0, ML_ISA_AVX2, ML_ISA_AVX512, ML_ISAS } ml_isa;

/* Chosen at the first call: the best the processor has, or what MOONLAB_ISA names (baseline, avx2, avx512). */
ml_isa ml_cpu_isa(void);
const char *ml_isa_name(ml_isa isa);

#endif
