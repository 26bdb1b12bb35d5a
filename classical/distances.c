#include "classical/kernels/distances.h"

#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"

ML_ISA_DECLARE(ml_distance_kernels, distance_kernels, [1]);

const ml_distance_kernels *ml_distances(void) { return ML_ISA_CHOOSE(distance_kernels); }
