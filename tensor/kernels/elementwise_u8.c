/* The elementwise kernels of uint8. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"

typedef uint8_t T;

#pragma GCC diagnostic ignored "-Wtype-limits" /* one source for signed types and this: x < 0 is false here */

#include "tensor/kernels/integer_math.h"

ML_ISA_DECLARE(ml_kernel, ml_kernels_u8, [ML_KERNELS]);
#define ML_KERNEL_TABLE ML_ISA_SYMBOL(ml_kernels_u8)
#include "elementwise_integer.inc"
