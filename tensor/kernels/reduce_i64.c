/* Reductions of int64. */

#include <stdint.h>

typedef int64_t T;
#define TABLE ml_reduce_i64

#include "tensor/kernels/reduce_integer.h"
