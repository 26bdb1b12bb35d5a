/* Means and covariances of columns. The rows, less about the means, are multiplied with themselves by the product kernel, float32 as
 * float32; half of the products, as the other half is the same. The products of some hundred rows are added up in float64. */
#ifndef ML_CLASSICAL_COVARIANCE_H
#define ML_CLASSICAL_COVARIANCE_H

#include "classical/rows.h"

/* mean: p; covariance: p x p, over n - 1 (over 1 for a single row). */
ML_CHECKED ml_status ml_covariance(ml_context *c, const ml_rows *x, double *mean, double *covariance);

#endif
