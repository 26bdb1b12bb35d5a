/* Of dependent columns the solution with the smallest weights, from the triangle of [x 1 y]: R of the centred columns has the rank's
 * leading rows [R11 R12] kept, and these are reduced from the right (complete orthogonal decomposition; Golub & Van Loan, 5.5). */

#include "classical/least_squares.h"
#include "classical/orthogonal.h"
#include "tensor/alloc.h"

#include <math.h>
#include <string.h>

typedef struct small {
  ml_least_squares *s;
  int64_t p;         /* columns of x */
  int64_t rank;      /* of the centred columns */
  int64_t width;     /* of s->r */
  double *a;         /* width x width, columns contiguous */
  double *b;         /* the same, for what is permuted and turned */
  double *mean;      /* p + 1 */
  double *size;      /* p: lengths of the columns before they were centred */
  double *tau, *x;   /* width each */
  int64_t *column;   /* p */
} small;

static double length(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
  return sqrt(sum);
}

/* a = the triangle of the centred [x y], and the means that were taken off. */
static void centre(small *w) {
  const ml_least_squares *s = w->s;
  int64_t q = w->width;
  for (int64_t j = 0; j < q; j++) { /* the ones first, then x and y */
    int64_t from = !s->intercept ? j : j == 0 ? w->p : j <= w->p ? j - 1 : j;
    for (int64_t i = 0; i < q; i++) w->a[j * q + i] = s->r[i * q + from];
    if (from < w->p) w->size[from] = length(w->a + j * q, q);
  }
  memset(w->mean, 0, (size_t)(w->p + 1) * sizeof *w->mean);
  if (!s->intercept) return;
  ml_reflect(q, q, w->a, w->tau);
  double ones = w->a[0];
  for (int64_t j = 0; j < w->p + 1; j++) {
    w->mean[j] = w->a[(j + 1) * q] / ones;
    for (int64_t i = 0; i < q; i++) w->a[j * q + i] = i <= j ? w->a[(j + 1) * q + i + 1] : 0;
  }
}

/* What rounding has left of a column that is constant is taken off, or it would be fitted. */
static void drop_constant(const small *w) {
  int64_t q = w->width;
  double tolerance = (double)(w->s->x.n > q ? w->s->x.n : q) * 2.220446049250313e-16;
  for (int64_t j = 0; j < w->p; j++)
    if (length(w->a + j * q, q) <= tolerance * w->size[j]) memset(w->a + j * q, 0, (size_t)q * sizeof *w->a);
}

/* The order in which the columns are taken: that of their lengths beside those before, each scaled to length 1. */
static void choose(const small *w) {
  int64_t q = w->width;
  for (int64_t j = 0; j < w->p; j++) {
    double norm = length(w->a + j * q, q);
    for (int64_t i = 0; i < w->p; i++) w->b[j * w->p + i] = norm > 0 ? w->a[j * q + i] / norm : 0;
  }
  ml_reflect_pivoted(w->p, w->b, 0, w->column, w->tau);
}

/* |[R11 R12] v - z| = 0 with |v| smallest: [R11 R12]^T = Q [T; 0], T^T u = z, v = Q [u; 0]. `turned`: [R11 R12]^T. */
static void solve(const small *w, const double *z, double *turned) {
  int64_t p = w->p, rank = w->rank;
  ml_reflect(p, rank, turned, w->tau);
  for (int64_t i = 0; i < rank; i++) {
    double sum = z[i];
    for (int64_t j = 0; j < i; j++) sum -= turned[i * p + j] * w->x[j];
    w->x[i] = sum / turned[i * p + i];
  }
  for (int64_t i = rank; i < p; i++) w->x[i] = 0;
  ml_reflect_apply(p, rank, turned, w->tau, w->x);
}

static void run(small *w) {
  int64_t p = w->p, q = w->width;
  centre(w);
  drop_constant(w);
  choose(w);
  for (int64_t k = 0; k <= p; k++) memcpy(w->b + k * q, w->a + (k < p ? w->column[k] : p) * q, (size_t)q * sizeof *w->b);
  ml_reflect(q, p + 1, w->b, w->tau);
  for (int64_t i = 0; i < w->rank; i++)
    for (int64_t k = 0; k < p; k++) w->a[i * p + k] = k < i ? 0 : w->b[k * q + i];
  solve(w, w->b + p * q, w->a);
  double bias = w->mean[p];
  for (int64_t k = 0; k < p; k++) {
    w->s->b[w->column[k]] = w->x[k];
    bias -= w->mean[w->column[k]] * w->x[k];
  }
  if (w->s->intercept) w->s->b[p] = bias;
}

ml_status ml_least_squares_least_norm(ml_context *c, ml_least_squares *s) {
  int64_t p = s->x.p, q = p + s->intercept + 1;
  size_t bytes = (size_t)(2 * q * q + 6 * q) * sizeof(double);
  double *memory;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&memory));
  small w = {.s = s, .p = p, .rank = s->rank - s->intercept, .width = q, .a = memory, .b = memory + q * q, .mean = memory + 2 * q * q};
  w.size = w.mean + q, w.x = w.size + q, w.column = (int64_t *)(w.x + q), w.tau = (double *)(w.column + q);
  run(&w);
  ml_free(memory, bytes);
  return ML_OK;
}
