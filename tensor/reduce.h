/* Running a reduction over any dimensions of a tensor with any strides. The ops stand in reduce.c. */
#ifndef ML_REDUCE_H
#define ML_REDUCE_H

#include "tensor/kernels/reduce.h"
#include "tensor/tensor.h"

/* How many elements of x meet in each result, and the shape of the results with or without the reduced dimensions. */
int64_t ml_reduced_count(const ml_shape *x, const ml_dims *dims);
ml_shape ml_reduced_shape(const ml_shape *x, const ml_dims *dims, bool keepdim);

/* y: contiguous, one element for each kept position, of the kind's type: int64 for sums of integers, bool (any, all),
 * else x's. center: as the kind needs it, contiguous, one for each result (SUM_POWER: one in all), of x's type.
 * Something must meet in each result: ml_reduced_count is not 0. */
ML_CHECKED ml_status ml_reduce(ml_context *c, ml_reduce_kind kind, const ml_tensor *x, const ml_dims *dims,
                               const void *center, void *y);

/* place: for each kept position, the first place (from 1) among the reduced elements, in row-major order, that equals
 * `value` there (as ml_reduce gave it for MIN or MAX). */
ML_CHECKED ml_status ml_reduce_places(ml_context *c, const ml_tensor *x, const ml_dims *dims, const void *value,
                                      int64_t *place);

#endif
