/* Kernels that reduce: many numbers to one, along rows or down columns. tensor/reduce.c cuts the work for them.
 *
 * Sums run in a fixed tree, the same for every vector width and any number of threads:
 * a row's element i goes to partial sum i mod P (P = 128 bytes of them) within a block of ML_REDUCE_BLOCK elements; the
 * partial sums of a block are added by halves, the blocks of a row pairwise in order. Down columns, eight rows are
 * added pairwise and then to the column's sum. */
#ifndef ML_KERNELS_REDUCE_H
#define ML_KERNELS_REDUCE_H

#include "tensor/dtype.h"
#include "tensor/kernels/isa.h"

enum {
  ML_REDUCE_BLOCK = 2048,
  ML_REDUCE_SEGMENT = 1 << 16, /* the longest row a kernel takes */
};

typedef enum ml_reduce_kind {
  ML_REDUCE_SUM,
  ML_REDUCE_SUM_ABS,
  ML_REDUCE_SUM_SQUARE,
  ML_REDUCE_SUM_DEVIATION, /* (x - center)^2 */
  ML_REDUCE_SUM_EXP,       /* exp(x - center) */
  ML_REDUCE_SUM_POWER,     /* |x|^p; center points to p */
  ML_REDUCE_PRODUCT,       /* in the tree of the sums */
  ML_REDUCE_MIN,           /* NaN wins */
  ML_REDUCE_MAX,
  ML_REDUCE_MAX_ABS,
  ML_REDUCE_ANY, /* y: bool */
  ML_REDUCE_ALL,
  ML_REDUCE_KINDS
} ml_reduce_kind;

/* y[r] = reduction of x[r * stride + 0 .. n-1]; center: one a row. 1 <= n <= ML_REDUCE_SEGMENT. */
typedef void (*ml_reduce_rows)(int64_t rows, int64_t n, const void *x, int64_t stride, const void *center, void *y);
/* y[j] = reduction of x[i * stride + j] over i < rows; center: one a column. rows >= 1. */
typedef void (*ml_reduce_columns)(int64_t rows, int64_t columns, const void *x, int64_t stride, const void *center,
                                  void *y);

typedef struct ml_reduce_kernels {
  ml_reduce_rows rows[ML_REDUCE_KINDS]; /* NULL: not for this type */
  ml_reduce_columns columns[ML_REDUCE_KINDS];
  /* First place of *value (a NaN finds a NaN) in n elements, or -1. */
  int64_t (*find)(int64_t n, const void *x, const void *value);
  /* place[j] = 1 + first i with x[i * stride + j] == value[j]. */
  void (*find_columns)(int64_t rows, int64_t columns, const void *x, int64_t stride, const void *value, int64_t *place);
} ml_reduce_kernels;

ML_ISA_DECLARE(ml_reduce_kernels, ml_reduce_u8, [1]); /* bool too, whose bytes are 0 and 1 */
ML_ISA_DECLARE(ml_reduce_kernels, ml_reduce_i32, [1]);
ML_ISA_DECLARE(ml_reduce_kernels, ml_reduce_i64, [1]);
ML_ISA_DECLARE(ml_reduce_kernels, ml_reduce_f32, [1]);
ML_ISA_DECLARE(ml_reduce_kernels, ml_reduce_f64, [1]);

#endif
