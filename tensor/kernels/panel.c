/* The kernels of panels at one instruction set, for float and for double. */

#include "tensor/kernels/panel.h"

#include <math.h>

#define T             float
#define NAME(f)       f##_f32
#define ABSOLUTE      fabsf
#define SQUARE_ROOT   sqrtf
#define NO_SQUARE     1e-30f
#define MOST_EXPONENT 126
#include "tensor/kernels/panel.inc"
#undef T
#undef NAME
#undef ABSOLUTE
#undef SQUARE_ROOT
#undef NO_SQUARE
#undef MOST_EXPONENT

#define T             double
#define NAME(f)       f##_f64
#define ABSOLUTE      fabs
#define SQUARE_ROOT   sqrt
#define NO_SQUARE     1e-280
#define MOST_EXPONENT 1022
#include "tensor/kernels/panel.inc"

ML_ISA_DECLARE(ml_panel_kernels, ml_panels, [2]);
const ml_panel_kernels ML_ISA_SYMBOL(ml_panels)[2] = {
    {eliminate_f32, substitute_f32, reflect_f32, gather_f32, column_scales_f32, scale_columns_f32},
    {eliminate_f64, substitute_f64, reflect_f64, gather_f64, column_scales_f64, scale_columns_f64},
};
