/* Matrix products of plain arrays: what matmul, Linear and the layers stand on. Our own kernel (kernels/product.h) serves float32
 * and float64 alike, so that a product's bits depend on its inputs alone. */
#ifndef ML_GEMM_H
#define ML_GEMM_H

#include "tensor/context.h"
#include "tensor/dtype.h"

/* C (m x n) = A (m x k) B (k x n), plus C itself if `add`, or plus bias[j] in column j. Element (i, j) of A is
 * a[i * a_row + j * a_column]: a transpose is A with its strides exchanged. The columns of C are contiguous. */
typedef struct ml_gemm_args {
  int64_t m, n, k;
  const void *a;
  int64_t a_row, a_column;
  const void *b;
  int64_t b_row, b_column;
  void *c;
  int64_t c_row;
  bool add;
  const void *bias; /* n elements, or NULL */
} ml_gemm_args;

/* One product on the calling thread; for use inside a parallel body. dtype is float32 or float64. */
void ml_gemm_serial(ml_dtype dtype, const ml_gemm_args *g);

/* One product on the pool, cut into tiles by size. */
ML_CHECKED ml_status ml_gemm(ml_context *c, ml_dtype dtype, const ml_gemm_args *g);

#endif
