/* Formulas of matrices in recorded ops, as the backward functions of linear algebra need them: each step is a function
 * that gives a tensor, or NULL once one of them has failed. What the steps make is released at the end.
 *
 *   formula f = {.c = c};
 *   formula_give(&f, formula_mul(&f, a, formula_t(&f, b)), da);
 *   return formula_end(&f);
 */
#ifndef ML_FORMULA_H
#define ML_FORMULA_H

#include "tensor/tensor.h"

enum { FORMULA_STEPS = 64 };

typedef struct formula {
  ml_context *c;
  ml_status status;
  int count;
  ml_tensor *made[FORMULA_STEPS];
} formula;

typedef const ml_tensor *matrix;

/* Takes over what any other op has made: formula_step(f, ml_inv(c, a, &y), y). */
matrix formula_step(formula *f, ml_status status, ml_tensor *y);
#define FORMULA(f, call)                                                                                               \
  ({                                                                                                                   \
    ml_tensor *y_ = NULL;                                                                                              \
    ml_status status_ = (f)->status == ML_OK ? (call) : ML_ERROR;                                                      \
    formula_step(f, status_, y_);                                                                                      \
  })

matrix formula_product(formula *f, matrix a, matrix b); /* of matrices, batches broadcast */
matrix formula_t(formula *f, matrix a);                 /* the last two dimensions swapped */
matrix formula_times(formula *f, matrix a, matrix b);   /* elementwise */
matrix formula_over(formula *f, matrix a, matrix b);
matrix formula_plus(formula *f, matrix a, matrix b);    /* a NULL that is no failure counts as 0 */
matrix formula_minus(formula *f, matrix a, matrix b);
matrix formula_scaled(formula *f, matrix a, double scale);
matrix formula_row(formula *f, matrix v);    /* [..., n] -> [..., 1, n] */
matrix formula_column(formula *f, matrix v); /* [..., n] -> [..., n, 1] */
matrix formula_columns(formula *f, matrix a, int64_t from, int64_t to); /* columns from..to - 1 */
/* An n x n matrix of constants: `below` the diagonal, `on` it, `above` it. */
matrix formula_triangle(formula *f, int64_t n, int dtype, double below, double on, double above);
/* (a + a^T) / 2 */
matrix formula_symmetric(formula *f, matrix a);

/* A result for the caller. */
void formula_give(formula *f, matrix y, ml_tensor **out);
/* Releases all else. After a failure nothing has been given. */
ML_CHECKED ml_status formula_end(formula *f);

#endif
