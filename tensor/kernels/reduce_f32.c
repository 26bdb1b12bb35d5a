/* Reductions of float32. */

#include "tensor/kernels/math_f32.h"

typedef float T;
typedef int32_t I;
static inline float exp_of(float x) { return f32_exp(x); }
static inline float abs_of(float x) { return __builtin_fabsf(x); }
static inline float pow_of(float x, float p) { return (float)pow((double)x, (double)p); }
#define TABLE ml_reduce_f32

#include "tensor/kernels/reduce_float.h"
