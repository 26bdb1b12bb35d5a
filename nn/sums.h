/* The last step of a sum over pieces. */
#ifndef ML_NN_SUMS_H
#define ML_NN_SUMS_H

#include <stdint.h>

/* 16 partial sums side by side, added as a tree: a fixed order. */
double nn_sum(const double *x, int64_t n);

#endif
