/* The elementwise kernels of float32. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"
#include "tensor/kernels/math_f32.h"
#include "tensor/kernels/pow_f32.h"
#include "tensor/kernels/trigonometry_f32.h"

typedef float T;

#define K_NUMBER(v)          ((T)(v))
#define K_ABS(x)             __builtin_fabsf(x)
#define K_SQRT(x)            __builtin_sqrtf(x)
#define K_FLOOR(x)           __builtin_floorf(x)
#define K_TRUNC(x)           __builtin_truncf(x)
#define K_ROUND(x)           __builtin_rintf(x)
#define K_EXP(x)             f32_exp(x)
#define K_EXPM1(x)           f32_expm1(x)
#define K_EXP2(x)            f32_exp2(x)
#define K_LOG(x)             f32_log(x)
#define K_LOG1P(x)           f32_log1p(x)
#define K_LOG2(x)            f32_log2(x)
#define K_LOG10(x)           f32_log10(x)
#define K_SIN(x)             f32_sin(x)
#define K_COS(x)             f32_cos(x)
#define K_TAN(x)             f32_tan(x)
#define K_ASIN(x)            f32_asin(x)
#define K_ACOS(x)            f32_acos(x)
#define K_ATAN(x)            f32_atan(x)
#define K_SINH(x)            f32_sinh(x)
#define K_COSH(x)            f32_cosh(x)
#define K_TANH(x)            f32_tanh(x)
#define K_ASINH(x)           f32_asinh(x)
#define K_ACOSH(x)           f32_acosh(x)
#define K_ATANH(x)           f32_atanh(x)
#define K_ERF(x)             f32_erf(x)
#define K_ERFC(x)            f32_erfc(x)
#define K_NDTR(x)            f32_ndtr(x)
#define K_ATAN2(y, x)        f32_atan2(y, x)
#define K_HYPOT(x, y)        f32_hypot(x, y)
#define K_POW(x, y)          f32_pow(x, y)
#define K_FMOD(x, y)         fmodf(x, y)
#define K_FLOOR_DIVIDE(x, y) floorf((x) / (y))
#define K_REMAINDER(x, y)    remainder_of(x, y)

/* The sign of y, as Lua's %. */
static inline float remainder_of(float x, float y) {
  float r = fmodf(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

ML_ISA_DECLARE(ml_kernel, ml_kernels_f32, [ML_KERNELS]);
#define ML_KERNEL_TABLE ML_ISA_SYMBOL(ml_kernels_f32)
#include "elementwise_float.inc"
