/* Björck's refinement: with the residual r as an unknown of its own, [1 X; X^T 0] [r; b] = [y; 0], whose residuals f and g are taken in
 * twice the precision; the corrections come from the factors Q R. The error shrinks by about condition * 2^-52 a round. */

#include "classical/least_squares.h"
#include "classical/orthogonal.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <math.h>

enum { MOST_ROUNDS = 10 };

typedef struct twice {
  double high, low;
} twice;

/* s += a b, with all of the product's digits (Ogita, Rump & Oishi 2005). */
static void add_product(twice *s, double a, double b) {
  double product = a * b, error = fma(a, b, -product), sum = s->high + product, part = sum - s->high;
  s->low += ((s->high - (sum - part)) + (product - part)) + error;
  s->high = sum;
}

typedef struct refining {
  ml_least_squares *s;
  int64_t q;
  double *x;   /* n x q, columns contiguous: the matrix */
  double *qr;  /* its factors */
  double *tau, *f, *g, *step; /* q, n, q, q */
  double *residual, *low; /* n: the residual is the sum of both, or its rounding would come back as an error of b */
} refining;

static double root_of(const ml_least_squares *s, int64_t i) { return s->x.weight ? sqrt(s->x.weight[i]) : 1; }

static void fill(const refining *w) {
  const ml_least_squares *s = w->s;
  for (int64_t j = 0; j < w->q; j++)
    for (int64_t i = 0; i < s->x.n; i++) {
      double value = (j < s->x.p ? ml_rows_at(&s->x, i, j) : 1) * root_of(s, i);
      w->x[j * s->x.n + i] = w->qr[j * s->x.n + i] = value;
    }
}

/* f = y - residual - X b, g = -X^T residual */
static void look(const refining *w) {
  int64_t n = w->s->x.n;
  for (int64_t i = 0; i < n; i++) {
    twice sum = {0, 0};
    add_product(&sum, w->s->y[i], root_of(w->s, i));
    add_product(&sum, w->residual[i], -1);
    add_product(&sum, w->low[i], -1);
    for (int64_t j = 0; j < w->q; j++) add_product(&sum, -w->x[j * n + i], w->s->b[j]);
    w->f[i] = sum.high + sum.low;
  }
  for (int64_t j = 0; j < w->q; j++) {
    twice sum = {0, 0};
    for (int64_t i = 0; i < n; i++) {
      add_product(&sum, -w->x[j * n + i], w->residual[i]);
      add_product(&sum, -w->x[j * n + i], w->low[i]);
    }
    w->g[j] = sum.high + sum.low;
  }
}

/* R^T w = g; d = Q^T f; step = R^-1 (d - w); residual += Q [w; d behind q]. */
static void solve(const refining *w) {
  int64_t n = w->s->x.n, q = w->q;
  for (int64_t j = 0; j < q; j++) {
    const double *column = w->qr + j * n;
    double sum = w->g[j];
    for (int64_t i = 0; i < j; i++) sum -= column[i] * w->g[i];
    w->g[j] = sum / column[j];
  }
  ml_reflect_apply_transposed(n, q, w->qr, w->tau, w->f);
  for (int64_t j = q - 1; j >= 0; j--) {
    double sum = w->f[j] - w->g[j];
    for (int64_t i = j + 1; i < q; i++) sum -= w->qr[i * n + j] * w->step[i];
    w->step[j] = sum / w->qr[j * n + j];
  }
  for (int64_t j = 0; j < q; j++) w->f[j] = w->g[j];
  ml_reflect_apply(n, q, w->qr, w->tau, w->f);
}

/* The length of the step against that of b. */
static double take(const refining *w) {
  double most = 0;
  for (int64_t j = 0; j < w->q; j++) {
    double now = w->s->b[j] + w->step[j];
    if (w->step[j] != 0) most = fmax(most, fabs(w->step[j]) / fabs(now));
    w->s->b[j] = now;
  }
  for (int64_t i = 0; i < w->s->x.n; i++) {
    twice sum = {w->residual[i], w->low[i]};
    add_product(&sum, w->f[i], 1);
    w->residual[i] = sum.high + sum.low;
    w->low[i] = (sum.high - w->residual[i]) + sum.low;
  }
  return most;
}

static ml_status run(ml_context *c, const refining *w) {
  fill(w);
  ml_reflect(w->s->x.n, w->q, w->qr, w->tau);
  for (int64_t i = 0; i < w->s->x.n; i++) w->residual[i] = w->low[i] = 0;
  double before = INFINITY;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    look(w);
    solve(w);
    double change = take(w);
    w->s->refinements = round + 1;
    if (change < 4e-16 || (round > 1 && change > before / 2)) break;
    before = change;
  }
  return ML_OK;
}

ml_status ml_least_squares_refine(ml_context *c, ml_least_squares *s) {
  int64_t n = s->x.n, q = s->x.p + s->intercept;
  size_t bytes = (size_t)(2 * n * q + 3 * n + 3 * q) * sizeof(double);
  double *memory;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&memory));
  refining w = {.s = s, .q = q, .x = memory, .qr = memory + n * q, .residual = memory + 2 * n * q};
  w.low = w.residual + n, w.f = w.low + n, w.g = w.f + n, w.step = w.g + q, w.tau = w.step + q;
  ml_status status = run(c, &w);
  ml_free(memory, bytes);
  return status;
}
