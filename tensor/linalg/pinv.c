/* What the singular values give beside themselves: the pseudo-inverse, and least squares.
 *
 * Singular values up to rtol times the largest count as 0. The gradients hold for constant rank, and wherever singular
 * values are equal too (Golub and Pereyra 1973):
 *   P = pinv(A): dA = -P^T dP P^T + (1 - A P) dP^T P P^T + P^T P dP^T (1 - P A)
 *   X = P B:     dB = P^T dX, and dA is that of P for dP = dX B^T */

#include "ops.gen.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

#include <float.h>

/* 1/s where s counts, and 0; *rank (may be NULL): how many count. */
static ml_status inverted(ml_context *c, const ml_tensor *s, double rtol, int64_t longer, ml_tensor *rank, ml_tensor **out) {
  int64_t k = s->shape.size[s->shape.ndim - 1], batch = k > 0 ? ml_count(s) / k : 0;
  if (rtol < 0) rtol = (double)longer * (s->dtype == ML_FLOAT64 ? DBL_EPSILON : (double)FLT_EPSILON);
  ML_TRY(ml_empty_like(c, s, out));
  for (int64_t b = 0; b < batch; b++) {
    int64_t counted = 0;
    double largest = 0;
    for (int64_t i = b * k; i < (b + 1) * k; i++) {
      double v = ml_lapack_number(ml_dtype_size((ml_dtype)s->dtype), ml_data(s), i);
      if (i == b * k) largest = v;
      double y = v > rtol * largest ? 1 / v : 0;
      counted += y > 0;
      if (s->dtype == ML_FLOAT64) ml_f64(*out)[i] = y;
      else ml_f32(*out)[i] = (float)y;
    }
    if (rank) ml_i64(rank)[b] = counted;
  }
  return ML_OK;
}

/* y = V diag(1/s) U^T b; b NULL: the identity. */
static ml_status through_svd(ml_context *c, const ml_tensor *x, const ml_tensor *b, double rtol, ml_tensor *rank, ml_tensor *y) {
  ml_matrices a = ml_matrices_of(x);
  if (ml_count(x) == 0) {
    if (rank) ML_TRY(ml_fill(c, rank, 0));
    return ml_fill(c, y, 0);
  }
  bool before = c->grad_enabled;
  int64_t flops = c->flops; /* infer has counted them */
  c->grad_enabled = false;
  ml_tensor *u = NULL, *s = NULL, *vh = NULL;
  ml_status status = ml_svd(c, x, &(svd_options){.full_matrices = false}, &u, &s, &vh);
  if (status == ML_OK) {
    formula f = {.c = c};
    matrix inverse = FORMULA(&f, inverted(c, s, rtol, a.m > a.n ? a.m : a.n, rank, &y_)), ut = formula_t(&f, u);
    if (b) ut = formula_product(&f, ut, b);
    matrix p = formula_product(&f, formula_t(&f, vh), formula_times(&f, formula_column(&f, inverse), ut));
    if (f.status == ML_OK) f.status = ml_copy(c, p, y);
    status = formula_end(&f);
  }
  ml_release(u);
  ml_release(s);
  ml_release(vh);
  c->grad_enabled = before;
  c->flops = flops;
  return status;
}

/* dA of P = pinv(A) for dP = g. */
static matrix pinv_gradient(formula *f, matrix a, matrix p, matrix g) {
  matrix pt = formula_t(f, p), gt = formula_t(f, g);
  matrix left = formula_product(f, gt, formula_product(f, p, pt)), right = formula_product(f, formula_product(f, pt, p), gt);
  matrix first = formula_product(f, formula_product(f, pt, g), pt);
  matrix second = formula_minus(f, left, formula_product(f, a, formula_product(f, p, left)));
  matrix third = formula_minus(f, right, formula_product(f, formula_product(f, right, p), a));
  return formula_minus(f, formula_plus(f, second, third), first);
}

/* pinv ------------------------------------------------------------------------------------------------------------- */

ml_status pinv_infer(ml_context *c, const ml_tensor *x, const pinv_options *options, ml_meta *meta) {
  (void)options;
  ML_TRY(ml_matrix_check(c, "pinv", "x", x, false));
  int d = x->shape.ndim;
  ml_matrices a = ml_matrices_of(x);
  meta->shape.size[d - 2] = a.n, meta->shape.size[d - 1] = a.m;
  meta->flops = 2 * ml_count(x) * (a.m < a.n ? a.m : a.n); /* beside the svd */
  return ML_OK;
}

ml_status pinv_forward(ml_context *c, const ml_tensor *x, const pinv_options *options, ml_tensor *y) {
  return through_svd(c, x, NULL, options->rtol, NULL, y);
}

ml_status pinv_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y, const ml_shape *input_shape, const pinv_options *options,
                        ml_tensor **dx) {
  (void)input_shape, (void)options;
  if (dx == NULL) return ML_OK;
  formula f = {.c = c};
  formula_give(&f, pinv_gradient(&f, x, y, g), dx);
  return formula_end(&f);
}

/* lstsq ------------------------------------------------------------------------------------------------------------ */

ml_status lstsq_infer(ml_context *c, const ml_tensor *a, const ml_tensor *b, const lstsq_options *options, ml_meta *meta) {
  (void)options;
  ML_TRY(ml_matrix_check(c, "lstsq", "a", a, false));
  ML_TRY(ml_matrix_check(c, "lstsq", "b", b, false));
  int d = a->shape.ndim;
  ml_shape lead = a->shape, lead_b = b->shape;
  lead.ndim -= 2, lead_b.ndim -= 2;
  if (!ml_shape_equal(&lead, &lead_b) || b->shape.size[b->shape.ndim - 2] != a->shape.size[d - 2])
    return ml_fail(c, "lstsq: b of shape %s does not fit a of shape %s: as many matrices with as many rows are needed", ML_SHAPE(&b->shape), ML_SHAPE(&a->shape));
  meta->shape.size[d - 2] = a->shape.size[d - 1];
  meta->shape.size[d - 1] = b->shape.size[d - 1];
  meta->more[0] = lead;
  meta->flops = 2 * ml_count(b) * a->shape.size[d - 1];
  return ML_OK;
}

ml_status lstsq_forward(ml_context *c, const ml_tensor *a, const ml_tensor *b, const lstsq_options *options, ml_tensor *solution, ml_tensor *rank) {
  return through_svd(c, a, b, options->rtol, rank, solution);
}

ml_status lstsq_backward(ml_context *c, const ml_tensor *g_solution, const ml_tensor *g_rank, const ml_tensor *a, const ml_tensor *b, const ml_shape *input_shape,
                         const lstsq_options *options, ml_tensor **da, ml_tensor **db) {
  (void)g_rank, (void)input_shape;
  formula f = {.c = c};
  matrix p = FORMULA(&f, ml_pinv(c, a, &(pinv_options){.rtol = options->rtol}, &y_));
  if (da) formula_give(&f, pinv_gradient(&f, a, p, formula_product(&f, g_solution, formula_t(&f, b))), da);
  if (db) formula_give(&f, formula_product(&f, formula_t(&f, p), g_solution), db);
  return formula_end(&f);
}
