/* Factorisations that run on our own product kernel, block by block, row by row: LU with row exchanges, and QR by Householder's
 * reflections. Their bits depend on the matrix alone. A large matrix is worked on by the whole pool, and ^C is seen between products;
 * matrices of a batch side by side, each by one thread. */
#ifndef ML_BLOCKED_H
#define ML_BLOCKED_H

#include "tensor/kernels/panel.h"
#include "tensor/gemm.h"

/* Where the work of one matrix runs. */
typedef struct ml_blocked {
  ml_context *c; /* NULL: on this thread alone */
  ml_dtype dtype;
  size_t size; /* of an element */
  const ml_panel_kernels *kernels;
} ml_blocked;

/* Element (i, j) of rows of `columns` elements. */
static inline char *ml_blocked_at(const ml_blocked *b, const void *x, int64_t columns, int64_t i, int64_t j) {
  return (char *)(uintptr_t)x + (size_t)(i * columns + j) * b->size;
}

/* Calls matrix(b, arg, i, scratch) for i = 0 .. batch - 1, with scratch memory of its own. flops: of one matrix. */
ML_CHECKED ml_status ml_blocked_each(ml_context *c, ml_dtype dtype, int64_t batch, int64_t flops, size_t scratch,
                                     ml_status (*matrix)(const ml_blocked *b, const void *arg, int64_t i, char *scratch), const void *arg);
ML_CHECKED ml_status ml_blocked_product(const ml_blocked *b, const ml_gemm_args *g);
ML_CHECKED ml_status ml_blocked_columns(const ml_blocked *b, int64_t columns, void (*body)(void *arg, int64_t begin, int64_t end), void *arg);

/* Copies `columns` columns, at most PANEL_COLUMNS, of x from and to a panel. */
void ml_panel_load(const ml_blocked *b, int64_t m, int64_t columns, const void *x, int64_t row, void *panel);
void ml_panel_store(const ml_blocked *b, int64_t m, int64_t columns, const void *panel, void *x, int64_t row);
void ml_blocked_negate(const ml_blocked *b, int64_t count, void *x);
void ml_blocked_identity(const ml_blocked *b, int64_t m, int64_t n, void *x);

/* LU: P A = L U in place, A being n x n. Row j was exchanged with row pivot[j]. *singular: the number, from 1, of the first pivot that
 * is 0, or 0. Scratch: ml_lu_scratch bytes, for elements of `size`. */
size_t ml_lu_scratch(size_t size, int64_t n, int64_t columns);
ML_CHECKED ml_status ml_lu_factor(const ml_blocked *b, int64_t n, void *a, int *pivot, void *scratch, int *singular);
/* x (n x columns) becomes A^-1 x, by A's factors. */
ML_CHECKED ml_status ml_lu_solve(const ml_blocked *b, int64_t n, const void *lu, const int *pivot, int64_t columns, void *x, void *scratch);

/* Householder's reflections, H_1 H_2 ..., gathered by panels of columns: 1 - V T V^T. */
typedef struct ml_reflections {
  int64_t rows, count; /* of the matrix; of the reflections */
  char *v, *t;         /* of the panel that begins with column j: V has the rows from j on */
} ml_reflections;
size_t ml_reflections_bytes(size_t size, int64_t rows, int64_t count);
ml_reflections ml_reflections_in(size_t size, int64_t rows, int64_t count, char *block); /* their memory */

/* QR of A (m x n): R takes its place on and above the diagonal; what stands below means nothing. Scratch, here and below:
 * ml_qr_scratch bytes. */
size_t ml_qr_scratch(size_t size, int64_t columns); /* of the widest matrix that is worked on */
ML_CHECKED ml_status ml_qr_factor(const ml_blocked *b, int64_t n, void *a, const ml_reflections *h, void *scratch);
/* x (rows x columns) becomes Q x. triangle: what stands in x below the diagonal is 0, as in the identity, which saves half of the work. */
ML_CHECKED ml_status ml_qr_apply(const ml_blocked *b, const ml_reflections *h, bool triangle, int64_t columns, void *x, void *scratch);

#endif
