/* What an LU factorisation with row exchanges gives (elimination.c): solve, inv, det, slogdet.
 *
 * Gradients (Giles 2008): X = A^-1 B: dB = A^-T dX, dA = -dB X^T; Y = A^-1: dA = -Y^T dY Y^T; d log|det A| = A^-T. */

#include "ops.gen.h"
#include "tensor/linalg/blocked.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

#include <math.h>

typedef struct lu_job {
  size_t size;
  int64_t n, columns; /* columns: of B */
  int64_t batch;         /* of X */
  const char *a, *b;
  char *y, *y2;
  const int64_t *a_of, *b_of; /* which matrix of A and B belongs to each of X */
  int64_t a_batch;
  int *info;
} lu_job;

static size_t matrix_bytes(const lu_job *j) { return (size_t)j->n * (size_t)j->n * j->size; }

/* What a matrix needs: its factors, the pivots behind them, and what the factorisation asks for. */
static size_t scratch_bytes(const lu_job *j) { return matrix_bytes(j) + ((size_t)j->n * sizeof(int) + 63) / 64 * 64 + ml_lu_scratch(j->size, j->n, j->columns); }
static int *pivots(const lu_job *j, char *scratch) { return (int *)(void *)(scratch + matrix_bytes(j)); }
static char *rest(const lu_job *j, char *scratch) { return scratch + scratch_bytes(j) - ml_lu_scratch(j->size, j->n, j->columns); }

static ml_status factorise(const ml_blocked *b, const lu_job *j, int64_t i, char *scratch, int *info) {
  memcpy(scratch, j->a + (size_t)i * matrix_bytes(j), matrix_bytes(j));
  return ml_lu_factor(b, j->n, scratch, pivots(j, scratch), rest(j, scratch), info);
}

static const char *const SINGULAR = "is singular at pivot %d";

/* solve ------------------------------------------------------------------------------------------------------------ */

/* Whether b is a vector for each matrix of a, as PyTorch decides it. */
static bool is_vector(const ml_shape *a, const ml_shape *b) {
  if (b->ndim == 1) return true;
  if (b->ndim != a->ndim - 1) return false;
  for (int d = 0; d < b->ndim; d++) {
    if (b->size[d] != a->size[d]) return false;
  }
  return true;
}

ml_status solve_infer(ml_context *c, const ml_tensor *a, const ml_tensor *b, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "solve", "a", a, true));
  if (b->shape.ndim == 0) return ml_fail(c, "solve: b must be a vector or a matrix, got a number");
  bool vector = is_vector(&a->shape, &b->shape);
  ml_shape lead_a = a->shape, lead_b = b->shape, *y = &meta->shape;
  int64_t n = a->shape.size[a->shape.ndim - 1], rows = b->shape.size[b->shape.ndim - (vector ? 1 : 2)];
  if (rows != n)
    return ml_fail(c, "solve: b of shape %s does not fit a of shape %s: %lld rows are needed", ML_SHAPE(&b->shape), ML_SHAPE(&a->shape), (long long)n);
  lead_a.ndim -= 2, lead_b.ndim -= vector ? 1 : 2;
  int64_t columns = vector ? 1 : b->shape.size[b->shape.ndim - 1];
  ML_TRY(ml_shape_broadcast(c, "solve", &lead_a, &lead_b, y));
  if (y->ndim + 2 > ML_MAX_DIMS) return ml_fail(c, "solve: too many dimensions");
  meta->flops = ml_shape_count(&lead_a) * 2 * n * n * n / 3 + ml_shape_count(y) * 2 * n * n * columns;
  y->size[y->ndim++] = n;
  if (!vector) y->size[y->ndim++] = columns;
  return ML_OK;
}

static ml_status solve_for(const ml_blocked *b, const lu_job *j, int64_t i, char *scratch) {
  size_t bytes = (size_t)(j->n * j->columns) * j->size;
  char *x = j->y + (size_t)i * bytes;
  memcpy(x, j->b + (size_t)j->b_of[i] * bytes, bytes);
  return ml_lu_solve(b, j->n, scratch, pivots(j, scratch), j->columns, x, rest(j, scratch));
}

/* All systems of matrix i of A. */
static ml_status solve_matrix(const ml_blocked *b, const void *arg, int64_t i, char *scratch) {
  const lu_job *j = arg;
  ml_status status = factorise(b, j, i, scratch, &j->info[i]);
  if (status != ML_OK || j->info[i] != 0) return status;
  if (j->a_batch == j->batch) return solve_for(b, j, i, scratch);
  for (int64_t x = 0; x < j->batch && status == ML_OK; x++) {
    if (j->a_of[x] == i) status = solve_for(b, j, x, scratch);
  }
  return status;
}

/* For each matrix of a batch, the one of x that belongs to it. x's shape begins with `lead` dimensions. */
static void map_batch(const ml_shape *batch, const ml_shape *x, int lead, int64_t *of) {
  for (int64_t i = 0, n = ml_shape_count(batch); i < n; i++) {
    int64_t rest = i, at = 0, stride = 1;
    for (int d = batch->ndim - 1, e = lead - 1; e >= 0; d--, e--) {
      int64_t position = rest % batch->size[d];
      rest /= batch->size[d];
      at += x->size[e] == 1 ? 0 : position * stride;
      stride *= x->size[e];
    }
    of[i] = at;
  }
}

ml_status solve_forward(ml_context *c, const ml_tensor *a, const ml_tensor *b, ml_tensor *x) {
  if (ml_count(x) == 0) return ML_OK;
  bool vector = is_vector(&a->shape, &b->shape);
  int trailing = vector ? 1 : 2;
  ml_shape batch = x->shape;
  batch.ndim -= trailing;
  lu_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .n = a->shape.size[a->shape.ndim - 1], .a = ml_data(a), .b = ml_data(b), .y = ml_data(x)};
  job.columns = vector ? 1 : x->shape.size[x->shape.ndim - 1];
  job.batch = ml_shape_count(&batch);
  job.a_batch = ml_matrices_of(a).batch;
  ml_tensor *info = NULL, *maps = NULL;
  ML_TRY(ml_empty(c, &ml_make_shape(1, job.a_batch), ML_INT32, &info));
  ml_status status = ml_empty(c, &ml_make_shape(2, 2, job.batch), ML_INT64, &maps);
  if (status == ML_OK) {
    map_batch(&batch, &a->shape, a->shape.ndim - 2, ml_i64(maps));
    map_batch(&batch, &b->shape, b->shape.ndim - trailing, ml_i64(maps) + job.batch);
    job.a_of = ml_i64(maps), job.b_of = ml_i64(maps) + job.batch;
    job.info = ml_data(info);
    int64_t n = job.n, flops = 2 * n * n * n / 3 + (job.batch / job.a_batch + 1) * 2 * n * n * job.columns;
    status = ml_blocked_each(c, (ml_dtype)x->dtype, job.a_batch, flops, scratch_bytes(&job), solve_matrix, &job);
    if (status == ML_OK) status = ml_lapack_failed(c, "solve", job.info, job.a_batch, SINGULAR, "ml.linalg.lstsq gives the solution of least norm");
  }
  ml_release(maps);
  ml_release(info);
  return status;
}

ml_status solve_backward(ml_context *c, const ml_tensor *g, const ml_tensor *a, const ml_tensor *x, const ml_shape *input_shape, ml_tensor **da, ml_tensor **db) {
  bool vector = is_vector(&input_shape[0], &input_shape[1]);
  formula f = {.c = c};
  matrix at = formula_t(&f, a), gb = g;
  if (vector) gb = formula_column(&f, gb), x = formula_column(&f, x);
  gb = FORMULA(&f, ml_solve(c, at, gb, &y_));
  if (da) formula_give(&f, formula_scaled(&f, formula_product(&f, gb, formula_t(&f, x)), -1), da);
  if (vector) gb = FORMULA(&f, ml_squeeze(c, gb, &(ml_dims){.count = 1, .dim = {-1}}, &y_));
  if (db) formula_give(&f, gb, db);
  return formula_end(&f);
}

/* inv -------------------------------------------------------------------------------------------------------------- */

ml_status inv_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "inv", "x", x, true));
  ml_matrices a = ml_matrices_of(x);
  meta->flops = 2 * a.batch * a.n * a.n * a.n;
  return ML_OK;
}

static ml_status inv_matrix(const ml_blocked *b, const void *arg, int64_t i, char *scratch) {
  const lu_job *j = arg;
  char *y = j->y + (size_t)i * matrix_bytes(j);
  ml_status status = factorise(b, j, i, scratch, &j->info[i]);
  if (status != ML_OK || j->info[i] != 0) return status;
  ml_blocked_identity(b, j->n, j->n, y);
  return ml_lu_solve(b, j->n, scratch, pivots(j, scratch), j->n, y, rest(j, scratch));
}

ml_status inv_forward(ml_context *c, const ml_tensor *x, ml_tensor *y) {
  ml_matrices a = ml_matrices_of(x);
  if (ml_count(x) == 0) return ML_OK;
  ml_tensor *info;
  ML_TRY(ml_empty(c, &ml_make_shape(1, a.batch), ML_INT32, &info));
  lu_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .n = a.n, .columns = a.n, .a = ml_data(x), .y = ml_data(y), .info = ml_data(info)};
  ml_status status = ml_blocked_each(c, (ml_dtype)x->dtype, a.batch, 2 * a.n * a.n * a.n, scratch_bytes(&job), inv_matrix, &job);
  if (status == ML_OK) status = ml_lapack_failed(c, "inv", job.info, a.batch, SINGULAR, "ml.linalg.pinv gives the pseudo-inverse");
  ml_release(info);
  return status;
}

ml_status inv_backward(ml_context *c, const ml_tensor *g, const ml_tensor *y, const ml_shape *input_shape, ml_tensor **dx) {
  (void)input_shape;
  if (dx == NULL) return ML_OK;
  formula f = {.c = c};
  matrix yt = formula_t(&f, y);
  formula_give(&f, formula_scaled(&f, formula_product(&f, yt, formula_product(&f, g, yt)), -1), dx);
  return formula_end(&f);
}

/* det, slogdet ----------------------------------------------------------------------------------------------------- */

static ml_status det_matrix(const ml_blocked *b, const void *arg, int64_t i, char *scratch) {
  const lu_job *j = arg;
  int info, *pivot = pivots(j, scratch);
  ML_TRY(factorise(b, j, i, scratch, &info)); /* of a singular matrix too: the pivot that is 0 says it */
  double sign = 1, logarithm = 0, product = 1;
  for (int64_t d = 0; d < j->n; d++) {
    int64_t at = d * j->n + d;
    double p = ml_lapack_number(j->size, scratch, at);
    if (pivot[d] != d) p = -p;
    sign *= p > 0 ? 1 : p < 0 ? -1 : p;
    logarithm += log(fabs(p));
    product *= p;
  }
  if (j->size == sizeof(double)) {
    ((double *)j->y)[i] = j->y2 ? sign : product;
    if (j->y2) ((double *)j->y2)[i] = logarithm;
  } else {
    ((float *)j->y)[i] = (float)(j->y2 ? sign : product);
    if (j->y2) ((float *)j->y2)[i] = (float)logarithm;
  }
  return ML_OK;
}

static ml_status det_infer_as(ml_context *c, const char *op, const ml_tensor *x, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, op, "x", x, true));
  ml_matrices a = ml_matrices_of(x);
  meta->shape.ndim -= 2;
  meta->flops = 2 * a.batch * a.n * a.n * a.n / 3;
  return ML_OK;
}

static ml_status det_run(ml_context *c, const ml_tensor *x, ml_tensor *y, ml_tensor *y2) {
  ml_matrices a = ml_matrices_of(x);
  lu_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .n = a.n, .a = ml_data(x), .y = ml_data(y), .y2 = y2 ? ml_data(y2) : NULL};
  if (a.n == 0) {
    if (y2) ML_TRY(ml_fill(c, y2, 0));
    return ml_fill(c, y, 1);
  }
  if (a.batch == 0) return ML_OK;
  return ml_blocked_each(c, (ml_dtype)x->dtype, a.batch, 2 * a.n * a.n * a.n / 3, scratch_bytes(&job), det_matrix, &job);
}

/* dx = weight A^-T, one weight a matrix. */
static ml_status det_gradient(ml_context *c, const char *op, formula *f, matrix weight, const ml_tensor *x, ml_tensor **dx) {
  matrix inverse = FORMULA(f, ml_inv(c, x, &y_));
  matrix y = formula_times(f, formula_column(f, formula_column(f, weight)), formula_t(f, inverse));
  formula_give(f, y, dx);
  if (f->status == ML_ERROR) ml_message_add(c, "\n  in the gradient of %s", op);
  return formula_end(f);
}

ml_status det_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) { return det_infer_as(c, "det", x, meta); }
ml_status det_forward(ml_context *c, const ml_tensor *x, ml_tensor *y) { return det_run(c, x, y, NULL); }
ml_status det_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y, const ml_shape *input_shape, ml_tensor **dx) {
  (void)input_shape;
  if (dx == NULL) return ML_OK;
  formula f = {.c = c};
  return det_gradient(c, "det", &f, formula_times(&f, g, y), x, dx);
}

ml_status slogdet_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) { return det_infer_as(c, "slogdet", x, meta); }
ml_status slogdet_forward(ml_context *c, const ml_tensor *x, ml_tensor *sign, ml_tensor *logabsdet) { return det_run(c, x, sign, logabsdet); }
ml_status slogdet_backward(ml_context *c, const ml_tensor *g_sign, const ml_tensor *g_logabsdet, const ml_tensor *x, const ml_shape *input_shape, ml_tensor **dx) {
  (void)g_sign; /* constant wherever it has a derivative */
  if (dx == NULL) return ML_OK;
  if (!g_logabsdet) return ml_zeros(c, input_shape, (ml_dtype)x->dtype, dx);
  formula f = {.c = c};
  return det_gradient(c, "slogdet", &f, g_logabsdet, x, dx);
}
