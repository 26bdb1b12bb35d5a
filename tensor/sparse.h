/* Matrices that are nearly all zeros, by the entries of their rows (compressed sparse rows): one-hot columns, words of texts. No graph. */
#ifndef ML_SPARSE_H
#define ML_SPARSE_H

#include "tensor/tensor.h"

/* Owns its tensors, which nobody writes into once it is made. */
typedef struct ml_sparse {
  int64_t n, p;
  ml_tensor *start; /* int64 [n + 1]: where the entries of each row begin, and the last ones end */
  ml_tensor *index; /* int32 [entries]: columns from 0, rising in each row */
  ml_tensor *value; /* float64 [entries], none of them 0 unless it came so with `ml_sparse_with_values` */
} ml_sparse;

void ml_sparse_free(ml_sparse *x);
static inline int64_t ml_sparse_entries(const ml_sparse *x) { return ml_count(x->value); }

/* Of entries in any order; those of one place are added up. row, column: int64 [m] from 1, as Lua counts; value: float64 [m], NULL: all 1. */
typedef struct ml_sparse_entry_list {
  int64_t n, p;
  const ml_tensor *row, *column, *value;
} ml_sparse_entry_list;
ML_CHECKED ml_status ml_sparse_of_entries(ml_context *c, const ml_sparse_entry_list *entries, ml_sparse *out);

/* A 1 in the column that each row's number says, from 1; nothing in a row of 0. number: int64 [n], each at most p. */
ML_CHECKED ml_status ml_sparse_one_hot(ml_context *c, const ml_tensor *number, int64_t p, ml_sparse *out);

/* Side by side: of each part one of the two, `sparse` or the matrix `dense` (float64, contiguous). All have as many rows. */
typedef struct ml_sparse_part {
  const ml_sparse *sparse;
  const ml_tensor *dense;
} ml_sparse_part;
ML_CHECKED ml_status ml_sparse_join(ml_context *c, int count, const ml_sparse_part *part, ml_sparse *out);

/* Some of the rows, in any order and as often as they are named. rows: int64 [m] from 1, which is checked. */
ML_CHECKED ml_status ml_sparse_select(ml_context *c, const ml_sparse *x, const ml_tensor *rows, ml_sparse *out);

/* The same places with other values, float64 [entries]. */
ML_CHECKED ml_status ml_sparse_with_values(ml_context *c, const ml_sparse *x, ml_tensor *value, ml_sparse *out);
/* Row i times by_row[i], column j times by_column[j]; NULL: as they are. */
ML_CHECKED ml_status ml_sparse_scale(ml_context *c, const ml_sparse *x, const double *by_row, const double *by_column, ml_sparse *out);

/* y [n, p], contiguous, of float32 or float64: x with its zeros. */
ML_CHECKED ml_status ml_sparse_densify(ml_context *c, const ml_sparse *x, ml_tensor *y);
/* y [n, outputs] = x w^T, of w [outputs, p]: each a sum over the row's entries in their order. */
ML_CHECKED ml_status ml_sparse_product(ml_context *c, const ml_sparse *x, int64_t outputs, const double *w, double *y);
/* sums [groups, p]: the rows of each group added up, row by row. group: n numbers from 1, NULL: all of the first; weight: n, NULL: all 1. */
void ml_sparse_sum_groups(const ml_sparse *x, const int64_t *group, const double *weight, int64_t groups, double *sums);

#endif
