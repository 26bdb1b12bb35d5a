#include "classical/kernels/vectors.h"

#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"

ML_ISA_DECLARE(ml_vector_kernels, vector_kernels, [1]);

const ml_vector_kernels *ml_vectors(void) { return ML_ISA_CHOOSE(vector_kernels); }
