#include "classical/logistic_lasso.h"

#include "classical/kernels/design.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

/* What goes with rows (n) and with coefficients (p + 1, the intercept last). */
typedef struct state {
  ml_logistic_lasso *s;
  double *eta, *first, *second, *along; /* rows: their sums; derivatives of their losses; the step's share of their sums */
  double *slope, *curve, *step;         /* coefficients: of the loss with `penalty` */
  int32_t *active;                      /* those that are looked at while the others stay 0 */
  double total;                         /* of the weights */
} state;

/* Columns; the one behind the last is that of the intercept, all 1 ------------------------------------------------------------- */

static double column_dot(const state *t, int64_t j, const double *v) {
  const ml_column_entries *x = t->s->x;
  double sum = 0;
  if (j == x->p) {
    for (int64_t i = 0; i < x->n; i++) sum += v[i];
  } else {
    for (int64_t k = x->start[j]; k < x->start[j + 1]; k++) sum += x->value[k] * v[x->row[k]];
  }
  return sum;
}

/* sum_i second_i x_ij along_i, and with NULL for along sum_i second_i x_ij^2. */
static double column_curved(const state *t, int64_t j, const double *along) {
  const ml_column_entries *x = t->s->x;
  double sum = 0;
  if (j == x->p) {
    for (int64_t i = 0; i < x->n; i++) sum += t->second[i] * (along ? along[i] : 1);
  } else {
    for (int64_t k = x->start[j]; k < x->start[j + 1]; k++)
      sum += t->second[x->row[k]] * x->value[k] * (along ? along[x->row[k]] : x->value[k]);
  }
  return sum;
}

static void column_add(const state *t, int64_t j, double a, double *v) {
  const ml_column_entries *x = t->s->x;
  if (j == x->p) {
    for (int64_t i = 0; i < x->n; i++) v[i] += a;
  } else {
    for (int64_t k = x->start[j]; k < x->start[j + 1]; k++) v[x->row[k]] += a * x->value[k];
  }
}

static int64_t coefficients(const state *t) { return t->s->x->p + (t->s->intercept ? 1 : 0); }
static double ones_of(const state *t, int64_t j) { return j == t->s->x->p ? 0 : t->s->ones; }
static double penalty_of(const state *t, int64_t j) { return j == t->s->x->p ? 0 : t->s->penalty; }

/* The loss -------------------------------------------------------------------------------------------------------------------- */

/* Of the rows whose sums are eta + part of along, with first and second derivatives. */
static double row_losses(state *t, double part) {
  const ml_logistic_lasso *s = t->s;
  double loss = 0, eta[DESIGN_BLOCK];
  for (int64_t i = 0; i < s->x->n; i += DESIGN_BLOCK) {
    int64_t n = s->x->n - i < DESIGN_BLOCK ? s->x->n - i : DESIGN_BLOCK;
    for (int64_t r = 0; r < n; r++) eta[r] = t->eta[i + r] + part * t->along[i + r];
    loss += ml_design_kernels_here()->logistic(&(design_loss){.n = n, .eta = eta, .y = s->y + i, .weight = s->weight ? s->weight + i : NULL,
                                                              .first = t->first + i, .second = t->second + i});
  }
  return loss;
}

static double penalties(const state *t, double part) {
  double sum = 0;
  for (int64_t j = 0; j < t->s->x->p; j++) {
    double b = t->s->b[j] + part * t->step[j];
    sum += t->s->penalty / 2 * b * b + t->s->ones * fabs(b);
  }
  return sum;
}

static void find_slopes(state *t) {
  for (int64_t j = 0; j < coefficients(t); j++) {
    t->slope[j] = column_dot(t, j, t->first) + penalty_of(t, j) * t->s->b[j];
    t->curve[j] = column_curved(t, j, NULL) + penalty_of(t, j);
  }
}

/* By how much a coefficient at b with this slope misses the conditions of an optimum. */
static double missing(double b, double slope, double ones) {
  if (b != 0) return fabs(slope + copysign(ones, b));
  return fmax(fabs(slope) - ones, 0);
}

static double most_missing(const state *t) {
  double most = 0;
  for (int64_t j = 0; j < coefficients(t); j++) most = fmax(most, missing(t->s->b[j], t->slope[j], ones_of(t, j)));
  return most;
}

/* Steps ----------------------------------------------------------------------------------------------------------------------- */

/* The best change of one coefficient in the model of second order; what was missing there. */
static double change_one(state *t, int64_t j) {
  double ones = ones_of(t, j), at = t->s->b[j] + t->step[j];
  if (t->curve[j] <= 0) return 0;
  double slope = t->slope[j] + penalty_of(t, j) * t->step[j] + column_curved(t, j, t->along), was = missing(at, slope, ones);
  double wish = t->curve[j] * at - slope, size = fabs(wish) - ones, change = (size > 0 ? copysign(size, wish) : 0) / t->curve[j] - at;
  if (was == 0 || change == 0) return was;
  t->step[j] += change;
  column_add(t, j, change, t->along);
  return was;
}

enum { MOST_SWEEPS = 1000 };

/* The step to where the model of second order is lowest, to within `enough`: all coefficients, then those that are not 0 until nothing is
 * missing, and again. */
static ml_status find_step(ml_context *c, state *t, double enough) {
  memset(t->step, 0, (size_t)(t->s->x->p + 1) * sizeof(double));
  memset(t->along, 0, (size_t)t->s->x->n * sizeof(double));
  for (int sweep = 0; sweep < MOST_SWEEPS;) {
    double most = 0;
    int64_t count = 0;
    for (int64_t j = coefficients(t) - 1; j >= 0; j--) {
      most = fmax(most, change_one(t, j));
      if (t->s->b[j] + t->step[j] != 0 || t->step[j] != 0) t->active[count++] = (int32_t)j;
    }
    if (most <= enough) break;
    for (sweep++; sweep < MOST_SWEEPS && most > enough; sweep++) {
      if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
      most = 0;
      for (int64_t k = 0; k < count; k++) most = fmax(most, change_one(t, t->active[k]));
    }
  }
  return ML_OK;
}

enum { MOST_HALVINGS = 40 };

/* Along the step, halved until the loss falls by a share of what the model says. *moved is false if it does not. */
static void take_step(state *t, bool *moved) {
  ml_logistic_lasso *s = t->s;
  double expected = 0, part = 1;
  for (int64_t j = 0; j < coefficients(t); j++)
    expected += t->slope[j] * t->step[j] + ones_of(t, j) * (fabs(s->b[j] + t->step[j]) - fabs(s->b[j]));
  *moved = false;
  for (int i = 0; i < MOST_HALVINGS && !*moved; i++, part /= 2) {
    double loss = row_losses(t, part) + penalties(t, part);
    if (!(loss <= s->loss + 0.01 * part * expected + 1e-15 * fabs(s->loss))) continue;
    for (int64_t j = 0; j < coefficients(t); j++) s->b[j] += part * t->step[j];
    for (int64_t r = 0; r < s->x->n; r++) t->eta[r] += part * t->along[r];
    s->loss = loss, *moved = true;
  }
  if (!*moved) row_losses(t, 0);
}

static void begin(state *t) {
  const ml_logistic_lasso *s = t->s;
  t->total = 0;
  for (int64_t i = 0; i < s->x->n; i++) {
    t->eta[i] = s->offset ? s->offset[i] : 0;
    t->along[i] = 0, t->total += s->weight ? s->weight[i] : 1;
  }
  memset(t->step, 0, (size_t)(s->x->p + 1) * sizeof(double));
  for (int64_t j = 0; j < coefficients(t); j++)
    if (s->b[j] != 0) column_add(t, j, s->b[j], t->eta);
}

static ml_status iterate(ml_context *c, state *t) {
  ml_logistic_lasso *s = t->s;
  begin(t);
  s->loss = row_losses(t, 0) + penalties(t, 0), s->converged = false;
  for (s->iterations = 0;; s->iterations++) {
    find_slopes(t);
    double left = most_missing(t), tolerance = s->tolerance * t->total;
    s->largest = left / t->total;
    s->converged = left <= tolerance;
    if (s->converged || s->iterations == s->most) return ML_OK;
    /* as exact as it pays: the closer, the more (Dembo, Eisenstat & Steihaug 1982) */
    ML_TRY(find_step(c, t, fmax(left * fmin(0.1, s->largest), 0.1 * tolerance)));
    bool moved;
    take_step(t, &moved);
    if (!moved) return ML_OK;
  }
}

ml_status ml_logistic_lasso_solve(ml_context *c, ml_logistic_lasso *s) {
  int64_t n = s->x->n, q = s->x->p + 1;
  size_t bytes = (size_t)(4 * n + 3 * q) * sizeof(double) + (size_t)q * sizeof(int32_t);
  void *memory = NULL;
  ML_TRY(ml_alloc_checked(c, bytes, &memory));
  state t = {.s = s, .eta = memory};
  t.first = t.eta + n, t.second = t.first + n, t.along = t.second + n;
  t.slope = t.along + n, t.curve = t.slope + q, t.step = t.curve + q;
  t.active = (int32_t *)(t.step + q);
  ml_status status = iterate(c, &t);
  ml_free(memory, bytes);
  return status;
}
