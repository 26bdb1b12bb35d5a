/* Sorting rows of any type. The ops stand in order.c. */
#ifndef ML_SORT_H
#define ML_SORT_H

#include "tensor/tensor.h"

/* x: rows of n elements. values, positions (from 1): the first `take` of each row in order; values may be NULL. Stable; NaN
 * counts as the largest number. */
ML_CHECKED ml_status ml_sort_rows(ml_context *c, const void *x, ml_dtype dtype, int64_t rows, int64_t n, bool descending,
                                  int64_t take, void *values, int64_t *positions);

#endif
