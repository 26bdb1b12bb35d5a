/* The elementwise kernels of float64: the same expressions on the C library's functions. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"

#include <math.h>

typedef double T;

#define K_NUMBER(v)          ((T)(v))
#define K_EXP(x)             exp(x)
#define K_LOG(x)             log(x)
#define K_TANH(x)            tanh(x)
#define K_ERF(x)             erf(x)
#define K_SQRT(x)            __builtin_sqrt(x)
#define K_ABS(x)             __builtin_fabs(x)
#define K_POW(x, y)          pow(x, y)
#define K_FLOOR_DIVIDE(x, y) floor((x) / (y))
#define K_REMAINDER(x, y)    remainder_of(x, y)

static inline double remainder_of(double x, double y) {
  double r = fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

ML_ISA_DECLARE(ml_kernel, ml_kernels_f64, [ML_KERNELS]);
#define ML_KERNEL_TABLE ML_ISA_SYMBOL(ml_kernels_f64)
#include "elementwise_float.inc"
