/* The running products and sums that gradients of scans need, in ops: they can be differentiated again, as often as one likes. */
#ifndef ML_RECURRENCE_H
#define ML_RECURRENCE_H

#include "tensor/tensor.h"

/* *out[k] = product of x[0 .. k-1] along dim. */
ML_CHECKED ml_status ml_product_before(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor **out);

/* *out[k] = x[k + by] along dim, 0 where that is behind the end. */
ML_CHECKED ml_status ml_shifted(ml_context *c, const ml_tensor *x, int64_t dim, int64_t by, ml_tensor **out);

/* *out[k] = b[k] + a[k] *out[k + 1] along dim, from the end on, where *out is 0. a and b are of one shape. */
ML_CHECKED ml_status ml_recurrence(ml_context *c, const ml_tensor *a, const ml_tensor *b, int64_t dim, ml_tensor **out);

#endif
