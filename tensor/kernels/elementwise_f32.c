/* The elementwise kernels of float32. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"
#include "tensor/kernels/math_f32.h"

typedef float T;

#define K_NUMBER(v)          ((T)(v))
#define K_EXP(x)             f32_exp(x)
#define K_LOG(x)             f32_log(x)
#define K_TANH(x)            f32_tanh(x)
#define K_ERF(x)             f32_erf(x)
#define K_SQRT(x)            __builtin_sqrtf(x)
#define K_ABS(x)             __builtin_fabsf(x)
#define K_POW(x, y)          powf(x, y)
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
