/* The kernels of Fourier transforms, compiled for each instruction set. */
#ifndef ML_KERNELS_FFT_H
#define ML_KERNELS_FFT_H

#include "tensor/fft_plan.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"

/* Bodies of parallel regions over rows, with an fft_job; of float32 and float64. */
ML_ISA_DECLARE(ml_parallel_body, ml_fft_kernels, [2]);

#endif
