/* The elementwise kernels of float64: the same expressions on the C library's functions. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"

#include <math.h>

typedef double T;

#define K_NUMBER(v)          ((T)(v))
#define K_ABS(x)             __builtin_fabs(x)
#define K_SQRT(x)            __builtin_sqrt(x)
#define K_FLOOR(x)           __builtin_floor(x)
#define K_TRUNC(x)           __builtin_trunc(x)
#define K_ROUND(x)           __builtin_rint(x)
#define K_EXP(x)             exp(x)
#define K_EXPM1(x)           expm1(x)
#define K_EXP2(x)            exp2(x)
#define K_LOG(x)             log(x)
#define K_LOG1P(x)           log1p(x)
#define K_LOG2(x)            log2(x)
#define K_LOG10(x)           log10(x)
#define K_SIN(x)             sin(x)
#define K_COS(x)             cos(x)
#define K_TAN(x)             tan(x)
#define K_ASIN(x)            asin(x)
#define K_ACOS(x)            acos(x)
#define K_ATAN(x)            atan(x)
#define K_SINH(x)            sinh(x)
#define K_COSH(x)            cosh(x)
#define K_TANH(x)            tanh(x)
#define K_ASINH(x)           asinh(x)
#define K_ACOSH(x)           acosh(x)
#define K_ATANH(x)           atanh(x)
#define K_ERF(x)             erf(x)
#define K_ERFC(x)            erfc(x)
#define K_NDTR(x)            (0.5 * erfc((x) * -0.70710678118654752440))
#define K_ATAN2(y, x)        atan2(y, x)
#define K_HYPOT(x, y)        hypot(x, y)
#define K_POW(x, y)          pow(x, y)
#define K_FMOD(x, y)         fmod(x, y)
#define K_FLOOR_DIVIDE(x, y) floor((x) / (y))
#define K_REMAINDER(x, y)    remainder_of(x, y)

static inline double remainder_of(double x, double y) {
  double r = fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

ML_ISA_DECLARE(ml_kernel, ml_kernels_f64, [ML_KERNELS]);
#define ML_KERNEL_TABLE ML_ISA_SYMBOL(ml_kernels_f64)
#include "elementwise_float.inc"
