/* A = Q R by Householder's reflections (householder.c): Q has orthonormal columns, R is upper triangular.
 *
 * Gradient for m >= n (Walter et al. 2012; Seeger et al. 2017), M = R dR^T - dQ^T Q, copyltu(M) its lower triangle on both
 * sides: dA = (dQ + Q copyltu(M)) R^-T. For m < n (Roberts and Roberts 2020) with A = [X Y], R = [U V]: that of X = Q U
 * for dQ + Y dV^T, beside dY = Q dV. */

#include "ops.gen.h"
#include "tensor/linalg/blocked.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

typedef struct qr_job {
  size_t size;
  int64_t m, n, k, columns; /* columns: of Q */
  const char *x;
  char *q, *r;
} qr_job;

/* Scratch: A, two scales for each of its columns, the reflections, what they need. */
static size_t copy_bytes(const qr_job *j) { return (size_t)((j->m + 2) * j->n) * j->size; }
static size_t scratch_bytes(const qr_job *j) {
  return copy_bytes(j) + ml_reflections_bytes(j->size, j->m, j->k) + ml_qr_scratch(j->size, j->n > j->columns ? j->n : j->columns);
}

/* A's columns are scaled by powers of two to elements around 1, so that no square overflows, and none that counts underflows: Q does not
 * see it, and R's columns are scaled back. */
static ml_status qr_matrix(const ml_blocked *b, const void *arg, int64_t i, char *scratch) {
  const qr_job *j = arg;
  size_t size = j->size;
  char *scale = scratch + (size_t)(j->m * j->n) * size, *h_block = scratch + copy_bytes(j), *rest = h_block + ml_reflections_bytes(size, j->m, j->k);
  char *q = j->q + (size_t)(i * j->m * j->columns) * size, *r = j->r + (size_t)(i * j->columns * j->n) * size;
  const char *x = j->x + (size_t)(i * j->m * j->n) * size;
  ml_reflections h = ml_reflections_in(size, j->m, j->k, h_block);
  b->kernels->column_scales(j->m, j->n, x, scale);
  b->kernels->scale_columns(j->m, j->n, x, scale, false, scratch);
  ML_TRY(ml_qr_factor(b, j->n, scratch, &h, rest));
  b->kernels->scale_columns(j->columns, j->n, scratch, scale, true, r);
  for (int64_t row = 1; row < j->columns; row++) memset(ml_blocked_at(b, r, j->n, row, 0), 0, (size_t)(row < j->n ? row : j->n) * size);
  ml_blocked_identity(b, j->m, j->columns, q);
  return ml_qr_apply(b, &h, true, j->columns, q, rest);
}

static int64_t qr_flops(int64_t m, int64_t n, int64_t columns) {
  int64_t k = m < n ? m : n;
  return 2 * k * k * (m > n ? m : n) + 2 * m * k * columns;
}

ml_status qr_infer(ml_context *c, const ml_tensor *x, const qr_options *options, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "qr", "x", x, false));
  int d = x->shape.ndim;
  ml_matrices a = ml_matrices_of(x);
  int64_t columns = options->mode == ML_MODE_COMPLETE || a.m < a.n ? a.m : a.n;
  meta->shape.size[d - 1] = columns;
  meta->more[0] = x->shape;
  meta->more[0].size[d - 2] = columns;
  meta->flops = a.batch * qr_flops(a.m, a.n, columns);
  return ML_OK;
}

ml_status qr_forward(ml_context *c, const ml_tensor *x, const qr_options *options, ml_tensor *q, ml_tensor *r) {
  (void)options;
  ml_matrices a = ml_matrices_of(x);
  if (ml_count(q) == 0) return ML_OK;
  qr_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .m = a.m, .n = a.n, .k = a.m < a.n ? a.m : a.n, .columns = q->shape.size[q->shape.ndim - 1],
                .x = ml_data(x), .q = ml_data(q), .r = ml_data(r)};
  return ml_blocked_each(c, (ml_dtype)x->dtype, a.batch, qr_flops(a.m, a.n, job.columns), scratch_bytes(&job), qr_matrix, &job);
}

static ml_status check_rank(ml_context *c, const ml_tensor *r) {
  ml_matrices s = ml_matrices_of(r);
  for (int64_t b = 0; b < s.batch; b++) {
    for (int64_t i = 0; i < s.m && i < s.n; i++) {
      int64_t at = (b * s.m + i) * s.n + i;
      if (ml_lapack_number(ml_dtype_size((ml_dtype)r->dtype), ml_data(r), at) == 0)
        return ml_fail(c, "qr: the gradient needs linearly independent %s, but number %lld of the diagonal of r is 0", s.m < s.n ? "rows" : "columns", (long long)i + 1);
    }
  }
  return ML_OK;
}

/* (gq + q copyltu(r gr^T - gq^T q)) r^-T, r being n x n; gq or gr may be NULL. */
static matrix square_gradient(formula *f, int64_t n, matrix q, matrix r, matrix gq, matrix gr) {
  matrix m = NULL, rt = formula_t(f, r);
  if (gr) m = formula_product(f, r, formula_t(f, gr));
  if (gq) {
    matrix second = formula_scaled(f, formula_product(f, formula_t(f, gq), q), -1);
    m = formula_plus(f, m, second);
  }
  matrix lower = formula_times(f, m, formula_triangle(f, n, q->dtype, 1, 1, 0)), strict = formula_times(f, m, formula_triangle(f, n, q->dtype, 1, 0, 0));
  matrix sum = formula_plus(f, gq, formula_product(f, q, formula_plus(f, lower, formula_t(f, strict))));
  return FORMULA(f, ml_solve_triangular(f->c, rt, sum, &(solve_triangular_options){.upper = false, .left = false}, &y_));
}

ml_status qr_backward(ml_context *c, const ml_tensor *g_q, const ml_tensor *g_r, const ml_tensor *x, const ml_tensor *q, const ml_tensor *r,
                      const ml_shape *input_shape, const qr_options *options, ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  int64_t m = input_shape->size[input_shape->ndim - 2], n = input_shape->size[input_shape->ndim - 1];
  if (ml_shape_count(input_shape) == 0) return ml_zeros(c, input_shape, (ml_dtype)q->dtype, dx);
  if (options->mode == ML_MODE_COMPLETE && m > n)
    return ml_fail(c, "qr: no gradient with mode = \"complete\" for more rows than columns (shape %s)\n  hint: mode = \"reduced\"", ML_SHAPE(input_shape));
  ML_TRY(check_rank(c, r));
  formula f = {.c = c};
  matrix y;
  if (m >= n) {
    y = square_gradient(&f, n, q, r, g_q, g_r);
  } else {
    matrix u = formula_columns(&f, r, 0, m), gu = g_r ? formula_columns(&f, g_r, 0, m) : NULL, gv = g_r ? formula_columns(&f, g_r, m, n) : NULL;
    matrix gq = g_q, rest;
    if (g_r) gq = formula_plus(&f, g_q, formula_product(&f, formula_columns(&f, x, m, n), formula_t(&f, gv)));
    y = square_gradient(&f, m, q, u, gq, gu);
    if (g_r) rest = formula_product(&f, q, gv);
    else rest = formula_scaled(&f, formula_columns(&f, x, m, n), 0);
    y = FORMULA(&f, ml_cat(c, (ml_tensor *const[]){(ml_tensor *)(uintptr_t)y, (ml_tensor *)(uintptr_t)rest}, 2, -1, &y_));
  }
  formula_give(&f, y, dx);
  return formula_end(&f);
}
