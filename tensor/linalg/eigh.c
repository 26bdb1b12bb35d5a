/* Eigenvalues (ascending) and eigenvectors (columns) of a symmetric matrix, by divide and conquer (LAPACK's syevd). What
 * is decomposed is the symmetric part (A + A^T) / 2: that is A itself, and makes the gradient that of every element.
 *
 * Gradient (Giles 2008, section 3.1): dA = V (diag(dw) + (V^T dV) / E) V^T, E_ij = w_j - w_i, of which the symmetric part. */

#include "ops.gen.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

typedef struct eigh_job {
  const ml_lapack *f;
  size_t size;
  int n, lwork, liwork;
  const char *x;
  char *w, *v;
} eigh_job;

static int eigh_matrix(const void *arg, int64_t i, char *scratch) {
  const eigh_job *j = arg;
  size_t bytes = (size_t)j->n * (size_t)j->n * j->size;
  char *work = scratch + bytes;
  int *iwork = (int *)(work + (size_t)j->lwork * j->size), info = 0;
  ml_lapack_symmetric(j->size, j->n, j->x + (size_t)i * bytes, scratch);
  j->f->syevd("V", "L", &j->n, scratch, &j->n, j->w + (size_t)(i * j->n) * j->size, work, &j->lwork, iwork, &j->liwork, &info, 1, 1);
  ml_lapack_transpose(j->size, j->n, j->n, scratch, j->v + (size_t)i * bytes);
  return info;
}

ml_status eigh_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "eigh", "x", x, true));
  ml_matrices a = ml_matrices_of(x);
  meta->shape.ndim--;
  meta->more[0] = x->shape;
  meta->flops = 9 * a.batch * a.n * a.n * a.n;
  return ML_OK;
}

ml_status eigh_forward(ml_context *c, const ml_tensor *x, ml_tensor *w, ml_tensor *v) {
  ml_matrices a = ml_matrices_of(x);
  if (a.n == 0) return ML_OK;
  ML_TRY(ml_matrix_finite(c, "eigh", x));
  eigh_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .n = (int)a.n, .x = ml_data(x), .w = ml_data(w), .v = ml_data(v)};
  ML_TRY(ml_lapack_load(c, "eigh", (ml_dtype)x->dtype, &job.f));
  job.lwork = (int)(1 + 6 * a.n + 2 * a.n * a.n), job.liwork = (int)(3 + 5 * a.n); /* the least, by syevd's manual */
  if (a.n > 16) job.lwork += 64 * job.n;                                            /* lets its tridiagonalisation work in blocks */
  ml_tensor *info;
  ML_TRY(ml_empty(c, &ml_make_shape(1, a.batch), ML_INT32, &info));
  ml_lapack_run run = {
      .op = "eigh", .matrix = eigh_matrix, .arg = &job, .batch = a.batch, .flops = 9 * a.n * a.n * a.n, .info = ml_data(info),
      .scratch = ((size_t)(a.n * a.n) + (size_t)job.lwork) * job.size + (size_t)job.liwork * sizeof(int),
      .result = {{ml_data(w), (size_t)ml_count(w) * job.size}, {ml_data(v), (size_t)ml_count(v) * job.size}}};
  ml_status status = ml_lapack_each(c, &run);
  if (status == ML_OK) status = ml_lapack_failed(c, "eigh", run.info, a.batch, "did not converge (%d)", NULL);
  ml_release(info);
  return status;
}

static ml_status check_distinct(ml_context *c, const ml_tensor *w) {
  size_t size = ml_dtype_size((ml_dtype)w->dtype);
  int64_t k = w->shape.size[w->shape.ndim - 1];
  for (int64_t i = 0, n = ml_count(w); i + 1 < n; i++) {
    double here = ml_lapack_number(size, ml_data(w), i);
    if (i % k != k - 1 && here == ml_lapack_number(size, ml_data(w), i + 1))
      return ml_fail(c, "eigh: the gradient of the eigenvectors needs distinct eigenvalues, but numbers %lld and %lld are both %g\n  hint: use the eigenvalues alone",
                     (long long)(i % k) + 1, (long long)(i % k) + 2, here);
  }
  return ML_OK;
}

ml_status eigh_backward(ml_context *c, const ml_tensor *g_w, const ml_tensor *g_v, const ml_tensor *w, const ml_tensor *v, const ml_shape *input_shape,
                        ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  int64_t n = input_shape->size[input_shape->ndim - 1];
  if (n == 0) return ml_zeros(c, input_shape, (ml_dtype)w->dtype, dx);
  if (g_v) ML_TRY(check_distinct(c, w));
  formula f = {.c = c};
  matrix one = formula_triangle(&f, n, w->dtype, 0, 1, 0), vt = formula_t(&f, v), inner = NULL;
  if (g_w) inner = formula_times(&f, one, formula_row(&f, g_w));
  if (g_v) {
    matrix e = formula_plus(&f, formula_minus(&f, formula_row(&f, w), formula_column(&f, w)), one);
    matrix off = formula_triangle(&f, n, w->dtype, 1, 0, 1);
    inner = formula_plus(&f, inner, formula_over(&f, formula_times(&f, off, formula_product(&f, vt, g_v)), e));
  }
  formula_give(&f, formula_symmetric(&f, formula_product(&f, v, formula_product(&f, inner, vt))), dx);
  return formula_end(&f);
}
