/* Kernel files are compiled once for each instruction set; this gives each its own symbols. */
#ifndef ML_KERNELS_ISA_H
#define ML_KERNELS_ISA_H

#define ML_PASTE_(a, b) a##_##b
#define ML_PASTE(a, b)  ML_PASTE_(a, b)

/* ML_ISA_SYMBOL(ml_reduce_kernels) -> ml_reduce_kernels_avx2 */
#define ML_ISA_SYMBOL(name) ML_PASTE(name, ML_ISA_NAME)

/* Declares the table of each instruction set: ML_ISA_DECLARE(ml_kernel, ml_kernels_f32, [ML_KERNELS]); */
#if defined(__x86_64__)
#define ML_ISA_DECLARE(type, name, size)                                                                               \
  extern const type name##_baseline size, name##_avx2 size, name##_avx512 size
#define ML_ISA_CHOOSE(name)                                                                                            \
  (ml_cpu_isa() == ML_ISA_AVX512 ? name##_avx512 : ml_cpu_isa() == ML_ISA_AVX2 ? name##_avx2 : name##_baseline)
#else
#define ML_ISA_DECLARE(type, name, size) extern const type name##_baseline size
#define ML_ISA_CHOOSE(name)              (name##_baseline)
#endif

#endif
