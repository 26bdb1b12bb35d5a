/* Reductions of uint8, and of bool, whose bytes are 0 and 1. */

#include <stdint.h>

typedef uint8_t T;
#define TABLE ml_reduce_u8

#include "tensor/kernels/reduce_integer.h"
