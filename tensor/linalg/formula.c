/* The steps of formulas. */

#include "tensor/linalg/formula.h"

#include "ops.gen.h"

matrix formula_step(formula *f, ml_status status, ml_tensor *y) {
  if (f->status != ML_OK) return NULL;
  f->status = status;
  if (status == ML_OK && f->count == FORMULA_STEPS) f->status = ml_fail(f->c, "linear algebra: a formula of too many steps");
  if (f->status != ML_OK) {
    ml_release(y);
    return NULL;
  }
  return f->made[f->count++] = y;
}

matrix formula_product(formula *f, matrix a, matrix b) { return FORMULA(f, ml_matmul(f->c, a, b, &y_)); }
matrix formula_t(formula *f, matrix a) { return FORMULA(f, ml_transpose(f->c, a, -2, -1, &y_)); }
matrix formula_times(formula *f, matrix a, matrix b) { return FORMULA(f, ml_mul(f->c, a, b, &y_)); }
matrix formula_over(formula *f, matrix a, matrix b) { return FORMULA(f, ml_div(f->c, a, b, &y_)); }
matrix formula_minus(formula *f, matrix a, matrix b) { return FORMULA(f, ml_sub(f->c, a, b, &y_)); }
matrix formula_plus(formula *f, matrix a, matrix b) {
  if (!a || !b) return a ? a : b;
  return FORMULA(f, ml_add(f->c, a, b, &y_));
}
matrix formula_scaled(formula *f, matrix a, double scale) {
  return formula_times(f, a, FORMULA(f, ml_number(f->c, scale, &y_)));
}
matrix formula_row(formula *f, matrix v) { return FORMULA(f, ml_unsqueeze(f->c, v, -2, &y_)); }
matrix formula_column(formula *f, matrix v) { return FORMULA(f, ml_unsqueeze(f->c, v, -1, &y_)); }
matrix formula_columns(formula *f, matrix a, int64_t from, int64_t to) { return FORMULA(f, ml_slice(f->c, a, -1, from, to - 1, 1, &y_)); }

static ml_status triangle(ml_context *c, int64_t n, int dtype, double below, double on, double above, ml_tensor **out) {
  ML_TRY(ml_empty(c, &ml_make_shape(2, n, n), (ml_dtype)dtype, out));
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) {
      double v = j < i ? below : j == i ? on : above;
      if (dtype == ML_FLOAT64) ml_f64(*out)[i * n + j] = v;
      else ml_f32(*out)[i * n + j] = (float)v;
    }
  }
  return ML_OK;
}
matrix formula_triangle(formula *f, int64_t n, int dtype, double below, double on, double above) {
  return FORMULA(f, triangle(f->c, n, dtype, below, on, above, &y_));
}

matrix formula_symmetric(formula *f, matrix a) { return formula_scaled(f, formula_plus(f, a, formula_t(f, a)), 0.5); }

void formula_give(formula *f, matrix y, ml_tensor **out) {
  if (f->status == ML_OK) *out = ml_retain((ml_tensor *)(uintptr_t)y);
}

ml_status formula_end(formula *f) {
  while (f->count > 0) ml_release(f->made[--f->count]);
  return f->status;
}
