/* The elementwise kernels of bool. */

#include "ops.gen.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"

typedef bool T;

#define K_NUMBER(v) ((v) != 0)
#define K_NOT(x)    (!(x))

ML_ISA_DECLARE(ml_kernel, ml_kernels_bool, [ML_KERNELS]);
#define ML_KERNEL_TABLE ML_ISA_SYMBOL(ml_kernels_bool)
#include "elementwise_bool.inc"
