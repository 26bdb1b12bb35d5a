/* The plain matrix product that stands in where no BLAS is found. */
#ifndef ML_KERNELS_GEMM_H
#define ML_KERNELS_GEMM_H

#include "tensor/gemm.h"

/* alpha * op(A) op(B) + beta * C for float32 and float64, on the calling thread. */
typedef struct ml_gemm_kernels {
  void (*f32)(const ml_gemm_args *g);
  void (*f64)(const ml_gemm_args *g);
} ml_gemm_kernels;

#endif
