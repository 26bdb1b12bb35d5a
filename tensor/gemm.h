/* Matrix products of plain row-major arrays: what matmul, Linear and conv2d stand on. */
#ifndef ML_GEMM_H
#define ML_GEMM_H

#include "tensor/dtype.h"

/* C (m x n, leading dimension ldc) = alpha * op(A) (m x k) * op(B) (k x n) + beta * C. `transpose_a`: A is stored k x m. */
typedef struct ml_gemm_args {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  double alpha, beta;
  const void *a, *b;
  int64_t lda, ldb;
  void *c;
  int64_t ldc;
} ml_gemm_args;

/* Finds the functions at its first call. Must have succeeded before ml_gemm_serial is called from a body. */
ML_CHECKED ml_status ml_gemm_ready(ml_context *c);

/* One product on the calling thread; for use inside a parallel body. dtype is float32 or float64. */
void ml_gemm_serial(ml_dtype dtype, const ml_gemm_args *g);

/* One product on the pool, cut into tiles of fixed sizes: the same bits for any number of threads. */
ML_CHECKED ml_status ml_gemm(ml_context *c, ml_dtype dtype, const ml_gemm_args *g);

#endif
