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

ML_ISA_DECLARE(ml_product_kernels, ml_products, [2]);
const ml_product_kernels ML_ISA_SYMBOL(ml_products)[2] = {
    {PRODUCT_ROWS, PRODUCT_COLUMNS_f32, product_pack_f32, product_pack_rows_f32, product_run_f32},
    {PRODUCT_ROWS, PRODUCT_COLUMNS_f64, product_pack_f64, product_pack_rows_f64, product_run_f64},
};
