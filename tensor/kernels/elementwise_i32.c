/* The elementwise kernels of int32. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"

typedef int32_t T;

#include "tensor/kernels/integer_math.h"

ML_ISA_DECLARE(ml_kernel, ml_kernels_i32, [ML_KERNELS]);
#define ML_KERNEL_TABLE ML_ISA_SYMBOL(ml_kernels_i32)
#include "elementwise_integer.inc"
