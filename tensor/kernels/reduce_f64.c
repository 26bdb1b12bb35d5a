/* Reductions of float64. */

#include <math.h>
#include <stdint.h>

typedef double T;
typedef int64_t I;
static inline double exp_of(double x) { return exp(x); }
static inline double abs_of(double x) { return __builtin_fabs(x); }
static inline double pow_of(double x, double p) { return pow(x, p); }
#define TABLE ml_reduce_f64

#include "tensor/kernels/reduce_float.h"
