/* Triangular systems, A X = B or X A = B (BLAS's trsm). Only the triangle that is named is read.
 *
 * BLAS sees the transposes: A X = B is X^T A^T = B^T, with the other side and the other triangle.
 * Gradient: dB = A^-T dX (dX A^-T), dA = -dB X^T (-X^T dB), of which the triangle. */

#include "ops.gen.h"
#include "tensor/linalg/formula.h"
#include "tensor/linalg/lapack.h"

typedef struct triangular_job {
  const ml_lapack *f;
  size_t size;
  int n, other; /* A is n x n; the other dimension of B */
  const solve_triangular_options *o;
  const char *a;
  char *x;
} triangular_job;

static int triangular_matrix(const void *arg, int64_t i, char *scratch) {
  (void)scratch;
  const triangular_job *j = arg;
  const char *a = j->a + (size_t)i * (size_t)j->n * (size_t)j->n * j->size;
  double one_double = 1;
  float one_float = 1;
  const void *one = j->size == sizeof one_double ? (const void *)&one_double : &one_float;
  for (int64_t d = 0; d < j->n && !j->o->unitriangular; d++) {
    if (ml_lapack_number(j->size, a, d * j->n + d) == 0) return (int)d + 1;
  }
  j->f->trsm(j->o->left ? "R" : "L", j->o->upper ? "L" : "U", "N", j->o->unitriangular ? "U" : "N", j->o->left ? &j->other : &j->n,
             j->o->left ? &j->n : &j->other, one, a, &j->n, j->x + (size_t)i * (size_t)j->n * (size_t)j->other * j->size,
             j->o->left ? &j->other : &j->n, 1, 1, 1, 1);
  return 0;
}

/* The shape of the batch, with the trailing dimensions m x n. */
static ml_status batched(ml_context *c, const char *op, const ml_tensor *a, const ml_tensor *b, int64_t m, int64_t n, ml_shape *out) {
  ml_shape lead_a = a->shape, lead_b = b->shape;
  lead_a.ndim -= 2, lead_b.ndim -= 2;
  ML_TRY(ml_shape_broadcast(c, op, &lead_a, &lead_b, out));
  if (out->ndim + 2 > ML_MAX_DIMS) return ml_fail(c, "%s: too many dimensions", op);
  out->size[out->ndim] = m, out->size[out->ndim + 1] = n;
  out->ndim += 2;
  return ML_OK;
}

ml_status solve_triangular_infer(ml_context *c, const ml_tensor *a, const ml_tensor *b, const solve_triangular_options *o, ml_meta *meta) {
  ML_TRY(ml_matrix_check(c, "solve_triangular", "a", a, true));
  ML_TRY(ml_matrix_check(c, "solve_triangular", "b", b, false));
  ml_matrices A = ml_matrices_of(a), B = ml_matrices_of(b);
  if ((o->left ? B.m : B.n) != A.n)
    return ml_fail(c, "solve_triangular: b of shape %s does not fit a of shape %s: %lld %s are needed", ML_SHAPE(&b->shape), ML_SHAPE(&a->shape), (long long)A.n,
                   o->left ? "rows" : "columns (left = false)");
  ML_TRY(batched(c, "solve_triangular", a, b, B.m, B.n, &meta->shape));
  meta->flops = ml_shape_count(&meta->shape) * A.n;
  return ML_OK;
}

/* x broadcast to the shape, a contiguous copy if it is not that already. */
static ml_status stretched(ml_context *c, const ml_tensor *x, const ml_shape *shape, ml_tensor **out) {
  ml_tensor *wide;
  ML_TRY(ml_expand(c, x, shape, &wide));
  ml_status status = ml_contiguous_unrecorded(c, wide, out);
  ml_release(wide);
  return status;
}

ml_status solve_triangular_forward(ml_context *c, const ml_tensor *a, const ml_tensor *b, const solve_triangular_options *o, ml_tensor *x) {
  ml_matrices X = ml_matrices_of(x);
  if (ml_count(x) == 0) return ML_OK;
  triangular_job job = {.size = ml_dtype_size((ml_dtype)x->dtype), .n = (int)(o->left ? X.m : X.n), .other = (int)(o->left ? X.n : X.m), .o = o, .x = ml_data(x)};
  ML_TRY(ml_lapack_load(c, "solve_triangular", (ml_dtype)x->dtype, &job.f));
  ml_shape shape = x->shape;
  shape.size[shape.ndim - 2] = shape.size[shape.ndim - 1] = job.n;
  ml_tensor *wide_a = NULL, *wide_b = NULL, *info = NULL;
  bool before = c->grad_enabled;
  c->grad_enabled = false;
  ml_status status = stretched(c, a, &shape, &wide_a);
  if (status == ML_OK) status = ml_expand(c, b, &x->shape, &wide_b);
  if (status == ML_OK) status = ml_copy(c, wide_b, x);
  if (status == ML_OK) status = ml_empty(c, &ml_make_shape(1, X.batch), ML_INT32, &info);
  c->grad_enabled = before;
  if (status == ML_OK) {
    job.a = ml_data(wide_a);
    ml_lapack_run run = {.op = "solve_triangular", .matrix = triangular_matrix, .arg = &job, .batch = X.batch, .flops = X.m * X.n * job.n, .info = ml_data(info),
                         .result = {{ml_data(x), (size_t)ml_count(x) * job.size}}};
    status = ml_lapack_each(c, &run);
    if (status == ML_OK) status = ml_lapack_failed(c, "solve_triangular", run.info, X.batch, "is singular: number %d of its diagonal is 0", NULL);
  }
  ml_release(wide_a);
  ml_release(wide_b);
  ml_release(info);
  return status;
}

ml_status solve_triangular_backward(ml_context *c, const ml_tensor *g, const ml_tensor *a, const ml_tensor *x, const ml_shape *input_shape,
                                    const solve_triangular_options *o, ml_tensor **da, ml_tensor **db) {
  int64_t n = input_shape[0].size[input_shape[0].ndim - 1];
  formula f = {.c = c};
  matrix at = formula_t(&f, a);
  solve_triangular_options other = *o;
  other.upper = !o->upper;
  matrix gb = FORMULA(&f, ml_solve_triangular(c, at, g, &other, &y_));
  if (da) {
    matrix xt = formula_t(&f, x), full = o->left ? formula_product(&f, gb, xt) : formula_product(&f, xt, gb);
    double on = o->unitriangular ? 0 : -1;
    formula_give(&f, formula_times(&f, full, formula_triangle(&f, n, g->dtype, o->upper ? 0 : -1, on, o->upper ? -1 : 0)), da);
  }
  if (db) formula_give(&f, gb, db);
  return formula_end(&f);
}
