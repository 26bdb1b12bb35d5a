/* Reductions of int32. */

#include <stdint.h>

typedef int32_t T;
#define TABLE ml_reduce_i32

#include "tensor/kernels/reduce_integer.h"
