/* The rising sequence that is nearest to given values. */
#ifndef ML_ISOTONIC_H
#define ML_ISOTONIC_H

#include "tensor/tensor.h"

/* value, weight: [n], weights above 0. Puts into `value` the sequence that never falls and has the least sum of weighted squares of
 * differences from it. */
ML_CHECKED ml_status ml_isotonic(ml_context *c, double *value, const double *weight, int64_t n);

#endif
