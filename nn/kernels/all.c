/* The layers' kernels at one instruction set: each source file taken for float and for double. */

#include "nn/kernels.h"
#include "nn/pool.h"

#include <math.h>
#include <string.h>

#include "tensor/kernels/isa.h"
#include "tensor/kernels/math_f32.h"
#include "tensor/kernels/product.h"
#include "tensor/kernels/random.h"
#include "tensor/random.h"

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

#define T float
#define T_DTYPE ML_FLOAT32
#define NAME(f) f##_f32
#define T_EXP f32_exp
#define T_TANH f32_tanh
#define T_LOG f32_log
#define T_SQRT f32_sqrt
#define T_ABS fabsf
#include "nn/kernels/each_type.inc"
#undef T
#undef T_DTYPE
#undef NAME
#undef T_EXP
#undef T_TANH
#undef T_LOG
#undef T_SQRT
#undef T_ABS

#define T double
#define T_DTYPE ML_FLOAT64
#define NAME(f) f##_f64
#define T_EXP exp
#define T_TANH tanh
#define T_LOG log
#define T_SQRT sqrt
#define T_ABS fabs
#include "nn/kernels/each_type.inc"

#define F32(name) name##_f32,
#define F64(name) name##_f64,

ML_ISA_DECLARE(ml_parallel_body, nn_kernels, [2][NN_KERNELS]);
const ml_parallel_body ML_ISA_SYMBOL(nn_kernels)[2][NN_KERNELS] = {{ML_NN_KERNEL_LIST(F32)}, {ML_NN_KERNEL_LIST(F64)}};
