/* The singular value decomposition A = U diag(s) V^T by divide and conquer (LAPACK's gesdd).
 *
 * LAPACK sees A^T = V diag(s) U^T, so what it calls U, columns first, is V^T row by row, and its V^T is our U: nothing has
 * to be turned.
 *
 * Gradient (Ionescu et al. 2015; Townsend 2016), with F(X) = (X - X^T) / E, E_ij = s_j^2 - s_i^2 (1 on the diagonal):
 *   dA = U (F(U^T dU) diag(s) + diag(s) F(V^T dV) + diag(ds)) V^T
 *      + (1 - U U^T) dU diag(1/s) V^T  if m > k    + U diag(1/s) dV^T (1 - V V^T)  if n > k
 * U and V have no gradient where two singular values are equal, or one is 0 in a matrix that is not square. */

#include "ops.gen.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

typedef struct svd_job {
  const ml_lapack *f;
  size_t size; /* of an element */
  int m, n, k, lwork;
  bool full;
  const char *x;
  char *u, *s, *vh;
} svd_job;

static int svd_matrix(const void *arg, int64_t i, char *scratch) {
  const svd_job *j = arg;
  size_t count = (size_t)j->m * (size_t)j->n, rows = (size_t)(j->full ? j->n : j->k), columns = (size_t)(j->full ? j->m : j->k);
  char *work = scratch + count * j->size;
  int *iwork = (int *)(work + (size_t)j->lwork * j->size), info = 0, ldvt = (int)columns;
  memcpy(scratch, j->x + (size_t)i * count * j->size, count * j->size);
  j->f->gesdd(j->full ? "A" : "S", &j->n, &j->m, scratch, &j->n, j->s + (size_t)(i * j->k) * j->size, j->vh + (size_t)i * rows * (size_t)j->n * j->size, &j->n,
              j->u + (size_t)i * columns * (size_t)j->m * j->size, &ldvt, work, &j->lwork, iwork, &info, 1);
  return info;
}

static int work_size(const svd_job *j) {
  double query = 0;
  int ask = -1, info, ldvt = j->full ? j->m : j->k, iwork;
  j->f->gesdd(j->full ? "A" : "S", &j->n, &j->m, NULL, &j->n, NULL, NULL, &j->n, NULL, &ldvt, &query, &ask, &iwork, &info, 1);
  return (int)(ml_lapack_number(j->size, &query, 0) * 1.001) + 64; /* float32 may have rounded it down */
}

/* To two diagonals 4 l k^2 - 4/3 k^3, divide and conquer 8/3 k^3, both sides turned back 4 l k^2. */
static int64_t svd_flops(int64_t m, int64_t n) {
  int64_t k = m < n ? m : n, l = m < n ? n : m;
  return 8 * l * k * k + 4 * k * k * k / 3;
}

ml_status svd_infer(ml_context *c, const ml_tensor *x, const svd_options *options, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "svd", "x", x, false));
  int d = x->shape.ndim;
  ml_matrices a = ml_matrices_of(x);
  int64_t k = a.m < a.n ? a.m : a.n;
  ml_shape u = x->shape, s = x->shape, vh = x->shape;
  u.size[d - 1] = options->full_matrices ? a.m : k;
  s.ndim--, s.size[d - 2] = k;
  vh.size[d - 2] = options->full_matrices ? a.n : k;
  meta->shape = u, meta->more[0] = s, meta->more[1] = vh;
  meta->flops = a.batch * svd_flops(a.m, a.n);
  return ML_OK;
}

/* Ones on the diagonals of a batch of n x n matrices. */
static ml_status fill_identity(ml_context *c, ml_tensor *x, int64_t n) {
  ML_TRY(ml_fill(c, x, 0));
  for (int64_t i = 0, count = ml_count(x); n > 0 && i < count; i += i % (n * n) == n * n - 1 ? 1 : n + 1) {
    if (x->dtype == ML_FLOAT64) ml_f64(x)[i] = 1;
    else ml_f32(x)[i] = 1;
  }
  return ML_OK;
}

ml_status svd_forward(ml_context *c, const ml_tensor *x, const svd_options *options, ml_tensor *u, ml_tensor *s, ml_tensor *vh) {
  ml_matrices a = ml_matrices_of(x);
  int64_t k = a.m < a.n ? a.m : a.n;
  if (k == 0) {
    ML_TRY(fill_identity(c, u, options->full_matrices ? a.m : 0));
    return fill_identity(c, vh, options->full_matrices ? a.n : 0);
  }
  ML_TRY(ml_matrix_finite(c, "svd", x));
  svd_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .m = (int)a.m, .n = (int)a.n, .k = (int)k, .full = options->full_matrices,
                 .x = ml_data(x), .u = ml_data(u), .s = ml_data(s), .vh = ml_data(vh)};
  ML_TRY(ml_lapack_load(c, "svd", (ml_dtype)x->dtype, &job.f));
  job.lwork = work_size(&job);
  ml_tensor *info;
  ML_TRY(ml_empty(c, &ml_make_shape(1, a.batch), ML_INT32, &info));
  int64_t weight = (int64_t)(job.size / sizeof(float)); /* float64 takes twice as long */
  ml_lapack_run run = {
      .op = "svd", .matrix = svd_matrix, .arg = &job, .batch = a.batch, .flops = weight * svd_flops(a.m, a.n), .info = ml_data(info),
      .scratch = ((size_t)(a.m * a.n) + (size_t)job.lwork) * job.size + 8 * (size_t)k * sizeof(int),
      .result = {{ml_data(u), (size_t)ml_count(u) * job.size}, {ml_data(s), (size_t)ml_count(s) * job.size}, {ml_data(vh), (size_t)ml_count(vh) * job.size}}};
  ml_status status = ml_lapack_each(c, &run);
  if (status == ML_OK) status = ml_lapack_failed(c, "svd", run.info, a.batch, "did not converge (%d values are missing)", NULL);
  ml_release(info);
  return status;
}

/* Refuses singular values that are equal or, where 1/s is needed, 0. */
static ml_status check_distinct(ml_context *c, const ml_tensor *s, bool nonzero) {
  size_t size = ml_dtype_size((ml_dtype)s->dtype);
  int64_t k = s->shape.size[s->shape.ndim - 1];
  for (int64_t i = 0, n = ml_count(s); i < n; i++) {
    double here = ml_lapack_number(size, ml_data(s), i), next = i % k == k - 1 ? -1 : ml_lapack_number(size, ml_data(s), i + 1);
    if (here == next)
      return ml_fail(c, "svd: the gradient of u and vh needs distinct singular values, but numbers %lld and %lld are both %g\n  hint: use s alone (ml.linalg.svdvals)",
                     (long long)(i % k) + 1, (long long)(i % k) + 2, here);
    if (nonzero && here == 0)
      return ml_fail(c, "svd: the gradient of u and vh of a matrix that is not square needs singular values above 0, but number %lld is 0", (long long)(i % k) + 1);
  }
  return ML_OK;
}

/* (X - X^T) / E */
static matrix skew(formula *f, matrix x, matrix e) { return formula_over(f, formula_minus(f, x, formula_t(f, x)), e); }

ml_status svd_backward(ml_context *c, const ml_tensor *g_u, const ml_tensor *g_s, const ml_tensor *g_vh, const ml_tensor *u, const ml_tensor *s,
                       const ml_tensor *vh, const ml_shape *input_shape, const svd_options *options, ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  int d = input_shape->ndim;
  int64_t m = input_shape->size[d - 2], n = input_shape->size[d - 1], k = m < n ? m : n;
  if (k == 0) return ml_zeros(c, input_shape, (ml_dtype)s->dtype, dx);
  if (g_u || g_vh) ML_TRY(check_distinct(c, s, m != n));
  formula f = {.c = c};
  if (options->full_matrices && m != n) {
    if (g_u || g_vh)
      return ml_fail(c, "svd: the gradient of u and vh of a matrix that is not square (shape %s) is that of the reduced ones\n  hint: write svd(x, {full_matrices = false})", ML_SHAPE(input_shape));
    u = formula_columns(&f, u, 0, k);
    vh = formula_t(&f, formula_columns(&f, formula_t(&f, vh), 0, k));
  }
  matrix ut = formula_t(&f, u), v = formula_t(&f, vh), row = formula_row(&f, s), column = formula_column(&f, s);
  matrix one = formula_triangle(&f, k, s->dtype, 0, 1, 0), inner = NULL, outer = NULL;
  if (g_s) inner = formula_times(&f, one, formula_row(&f, g_s));
  if (g_u || g_vh) {
    matrix e = formula_plus(&f, formula_minus(&f, formula_times(&f, row, row), formula_times(&f, column, column)), one);
    if (g_u) inner = formula_plus(&f, inner, formula_times(&f, skew(&f, formula_product(&f, ut, g_u), e), row));
    if (g_vh) inner = formula_plus(&f, inner, formula_times(&f, column, skew(&f, formula_product(&f, vh, formula_t(&f, g_vh)), e)));
  }
  if (g_u && m > k) {
    matrix rest = formula_minus(&f, g_u, formula_product(&f, u, formula_product(&f, ut, g_u)));
    outer = formula_product(&f, formula_over(&f, rest, row), vh);
  }
  if (g_vh && n > k) {
    matrix rest = formula_minus(&f, g_vh, formula_product(&f, formula_product(&f, g_vh, v), vh));
    outer = formula_plus(&f, outer, formula_product(&f, u, formula_over(&f, rest, column)));
  }
  formula_give(&f, formula_plus(&f, formula_product(&f, u, formula_product(&f, inner, vh)), outer), dx);
  return formula_end(&f);
}
