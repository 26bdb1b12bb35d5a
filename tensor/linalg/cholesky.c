/* The Cholesky factor: A = L L^T, L lower triangular. What is factorised is the symmetric part (A + A^T) / 2: that is A
 * itself, and makes the gradient that of every element. LAPACK's upper factor, columns first, is L row by row.
 *
 * Gradient (Murray 2016, "Differentiation of the Cholesky decomposition"): dA = L^-T P(L^T dL) L^-1, of which the
 * symmetric part; P keeps the lower triangle and halves the diagonal. */

#include "ops.gen.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

typedef struct cholesky_job {
  const ml_lapack *f;
  size_t size;
  int n;
  const char *x;
  char *y;
} cholesky_job;

static int cholesky_matrix(const void *arg, int64_t i, char *scratch) {
  (void)scratch;
  const cholesky_job *j = arg;
  int64_t n = j->n;
  size_t row = (size_t)n * j->size;
  char *y = j->y + (size_t)i * (size_t)n * row;
  int info = 0;
  ml_lapack_symmetric(j->size, n, j->x + (size_t)i * (size_t)n * row, y);
  j->f->potrf("U", &j->n, y, &j->n, &info, 1);
  for (int64_t r = 0; r < n; r++) memset(y + (size_t)r * row + (size_t)(r + 1) * j->size, 0, (size_t)(n - r - 1) * j->size);
  return info;
}

ml_status cholesky_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "cholesky", "x", x, true));
  ml_matrices a = ml_matrices_of(x);
  meta->flops = a.batch * a.n * a.n * a.n / 3;
  return ML_OK;
}

ml_status cholesky_forward(ml_context *c, const ml_tensor *x, ml_tensor *y) {
  ml_matrices a = ml_matrices_of(x);
  if (a.n == 0) return ML_OK;
  cholesky_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .n = (int)a.n, .x = ml_data(x), .y = ml_data(y)};
  ML_TRY(ml_lapack_load(c, "cholesky", (ml_dtype)x->dtype, &job.f));
  ml_tensor *info;
  ML_TRY(ml_empty(c, &ml_make_shape(1, a.batch), ML_INT32, &info));
  ml_lapack_run run = {.op = "cholesky", .matrix = cholesky_matrix, .arg = &job, .batch = a.batch, .flops = a.n * a.n * a.n / 3, .info = ml_data(info),
                       .result = {{ml_data(y), (size_t)ml_count(y) * job.size}}};
  ml_status status = ml_lapack_each(c, &run);
  if (status == ML_OK)
    status = ml_lapack_failed(c, "cholesky", run.info, a.batch, "is not positive definite: its leading %d rows and columns have no factor",
                              "a covariance may need a little on its diagonal: x + ml.eye(n) * 1e-6");
  ml_release(info);
  return status;
}

ml_status cholesky_backward(ml_context *c, const ml_tensor *g, const ml_tensor *y, const ml_shape *input_shape, ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  int64_t n = input_shape->size[input_shape->ndim - 1];
  formula f = {.c = c};
  matrix lt = formula_t(&f, y);
  matrix p = formula_times(&f, formula_product(&f, lt, g), formula_triangle(&f, n, g->dtype, 1, 0.5, 0));
  matrix left = FORMULA(&f, ml_solve_triangular(c, lt, p, &(solve_triangular_options){.upper = true, .left = true}, &y_));
  matrix both = FORMULA(&f, ml_solve_triangular(c, y, left, &(solve_triangular_options){.upper = false, .left = false}, &y_));
  formula_give(&f, formula_symmetric(&f, both), dx);
  return formula_end(&f);
}
