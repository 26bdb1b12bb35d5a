/* The product kernel at one instruction set, for float and for double. */

#include "tensor/kernels/product.h"

#define T       float
#define NAME(f) f##_f32
#include "tensor/kernels/product.inc"
#undef T
#undef NAME

#define T       double
#define NAME(f) f##_f64
#include "tensor/kernels/product.inc"
