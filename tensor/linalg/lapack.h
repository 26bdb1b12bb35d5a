/* LAPACK's functions (the Fortran ones, which every build of OpenBLAS has), and how a factorisation of a batch of
 * matrices runs: on the pool, or in a child process where it would take longer than an interrupt may wait.
 *
 * LAPACK counts columns first: what it sees of a row-major matrix is its transpose. Each op says how it makes use of that. */
#ifndef ML_LAPACK_H
#define ML_LAPACK_H

#include "tensor/linalg/child.h"
#include "tensor/tensor.h"

#include <string.h>

/* Pointers to elements are void *: one type serves the functions of float32 and of float64. The size_t at the end is the
 * length of each string, as Fortran passes it. */
typedef struct ml_lapack {
  void (*gesdd)(const char *job, const int *m, const int *n, void *a, const int *lda, void *s, void *u, const int *ldu, void *vt, const int *ldvt,
                void *work, const int *lwork, int *iwork, int *info, size_t);
  void (*syevd)(const char *job, const char *uplo, const int *n, void *a, const int *lda, void *w, void *work, const int *lwork, int *iwork,
                const int *liwork, int *info, size_t, size_t);
  void (*potrf)(const char *uplo, const int *n, void *a, const int *lda, int *info, size_t);
  void (*trsm)(const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n, const void *alpha, const void *a,
               const int *lda, void *b, const int *ldb, size_t, size_t, size_t, size_t);
} ml_lapack;

/* The functions for float32 or float64; fails with what to install. */
ML_CHECKED ml_status ml_lapack_load(ml_context *c, const char *op, ml_dtype dtype, const ml_lapack **out);

/* The trailing two dimensions, and how many matrices those before make. */
typedef struct ml_matrices {
  int64_t batch, m, n;
} ml_matrices;
ml_matrices ml_matrices_of(const ml_tensor *x);

/* Refuses what is no matrix (or, if so wanted, not square, or too large for LAPACK's int). */
ML_CHECKED ml_status ml_matrix_check(ml_context *c, const char *op, const char *name, const ml_tensor *x, bool square);
/* Refuses NaN and infinity, on which some algorithms never end. x is contiguous. */
ML_CHECKED ml_status ml_matrix_finite(ml_context *c, const char *op, const ml_tensor *x);

/* A run over a batch. `matrix` computes one; it is called on any thread with scratch memory of its own and gives LAPACK's
 * info, 0 if all is well. */
typedef struct ml_lapack_run {
  const char *op;
  int (*matrix)(const void *arg, int64_t i, char *scratch);
  const void *arg;
  int64_t batch;
  int64_t flops;  /* of one matrix */
  size_t scratch; /* bytes for one matrix */
  ml_child_result result[ML_CHILD_RESULTS];
  int *info; /* of each matrix; NULL: nobody asks */
} ml_lapack_run;
ML_CHECKED ml_status ml_lapack_each(ml_context *c, const ml_lapack_run *run);

/* Fails where info of a matrix is not 0: "inv: the matrix is singular at pivot 3". `what` has a %d for it. */
ML_CHECKED ml_status ml_lapack_failed(ml_context *c, const char *op, const int *info, int64_t batch, const char *what, const char *hint);

/* Element i of float32 or float64 elements, by their size. */
static inline double ml_lapack_number(size_t size, const void *p, int64_t i) {
  double d = 0;
  float f = 0;
  memcpy(size == sizeof d ? (void *)&d : (void *)&f, (const char *)p + (size_t)i * size, size);
  return size == sizeof d ? d : (double)f;
}

/* y (n x m) = the transpose of x (m x n), both row-major, of elements of `size` bytes. */
void ml_lapack_transpose(size_t size, int64_t m, int64_t n, const void *x, void *y);
/* y = (x + x^T) / 2, n x n. */
void ml_lapack_symmetric(size_t size, int64_t n, const void *x, void *y);

#endif
