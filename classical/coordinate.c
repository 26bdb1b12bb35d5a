#include "classical/coordinate.h"

#include "classical/coordinate_columns.h"
#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

typedef struct descent {
  ml_coordinate *s;
  ml_columns d;
  double l1, l2;    /* alpha l1_ratio, alpha (1 - l1_ratio) */
  double *w;        /* p: of all columns */
  double *along;    /* p: x_j . r / n, as far as it was looked at */
  double *slope;    /* p: the same of the columns in use, by their places, kept up with each step */
  double *value;    /* p: their w, by places */
  double *residual; /* n */
  int64_t *list;    /* p */
  double norm;      /* |y|^2 */
  double small;     /* changes of a slope that were small enough for the last penalty, against l1 */
} descent;

/* One penalty --------------------------------------------------------------------------------------------------------- */

static double shrink(double x, double by) { return x > by ? x - by : x < -by ? x + by : 0; }

enum { TOGETHER = 16, SLOPES = 1024 };

/* Steps of neighbouring columns that the other slopes have not seen yet. */
typedef struct steps {
  int64_t from, to, count; /* the columns from .. to - 1, `count` of which made a step */
  double by[TOGETHER];
  const double *row[TOGETHER];
  double *slope;
} steps;

static void add_steps(const steps *s, int64_t begin, int64_t end) {
  const double *row[TOGETHER];
  if (begin >= end) return;
  for (int64_t k = 0; k < s->count; k++) row[k] = s->row[k] + begin;
  ml_vectors()->add_rows(end - begin, s->count, s->by, row, s->slope + begin);
}

static void slopes_body(void *arg, int64_t begin, int64_t end) {
  const steps *s = arg;
  add_steps(s, begin, end < s->from ? end : s->from);
  add_steps(s, begin > s->to ? begin : s->to, end);
}

/* The columns s->from .. s->to - 1 once, each with the slopes that those before it have left; the largest change of a slope. */
static double step_through(descent *t, steps *s) {
  const ml_columns *d = &t->d;
  double most = 0;
  s->count = 0;
  for (int64_t k = s->from; k < s->to; k++) {
    const double *row = d->gram + k * d->room;
    double curve = row[k], old = t->value[k];
    if (curve + t->l2 <= 0) continue;
    double step = shrink(t->slope[k] + curve * old, t->l1) / (curve + t->l2) - old;
    if (step == 0) continue;
    t->value[k] = old + step;
    ml_vectors()->add(s->to - s->from, -step, row + s->from, t->slope + s->from);
    s->row[s->count] = row, s->by[s->count++] = -step;
    most = fmax(most, fabs(step) * (curve + t->l2));
  }
  return most;
}

/* Each column in use once; the largest change of a slope. The steps of neighbours reach the other slopes together, so that these are read
 * and written once for all of them, on all threads; the bits are those of one step after the other. */
static double sweep(descent *t) {
  steps s = {.slope = t->slope};
  double most = 0;
  for (s.from = 0; s.from < t->d.used; s.from = s.to) {
    s.to = s.from + TOGETHER < t->d.used ? s.from + TOGETHER : t->d.used;
    most = fmax(most, step_through(t, &s));
    if (s.count > 0) ml_parallel_for_whole(t->d.used, SLOPES, slopes_body, &s);
  }
  return most;
}

/* residual = y - X w, and from it the slopes, without what has been lost by the steps. */
static ml_status look(ml_context *c, descent *t) {
  const ml_columns *d = &t->d;
  memcpy(t->residual, d->y, (size_t)d->n * sizeof(double));
  for (int64_t k = 0; k < d->used; k++) {
    t->w[d->column[k]] = t->value[k];
    if (t->value[k] != 0) ml_vectors()->add(d->n, -t->value[k], d->taken + k * d->n, t->residual);
  }
  ML_TRY(ml_columns_along(c, d, t->residual, d->column, d->used, t->along));
  for (int64_t k = 0; k < d->used; k++) t->slope[k] = t->along[d->column[k]];
  return ML_OK;
}

/* Takes those of t->list that must not stay 0 into use; how many. */
static ml_status take_violators(ml_context *c, descent *t, int64_t count, int64_t *taken) {
  int64_t found = 0, before = t->d.used;
  for (int64_t k = 0; k < count; k++) {
    int64_t j = t->list[k];
    if (t->d.place[j] < 0 && fabs(t->along[j]) > t->l1 * (1 + 1e-12)) t->list[found++] = j;
  }
  *taken = found;
  ML_TRY(ml_columns_take(c, &t->d, t->list, found));
  for (int64_t k = before; k < t->d.used; k++) t->value[k] = 0, t->slope[k] = t->along[t->d.column[k]];
  return ML_OK;
}

/* The duality gap over n, from t->along of all columns (scikit-learn's enet_coordinate_descent). */
static double gap_of(const descent *t) {
  double n = (double)t->d.n, size = 0, ones = 0, squares = 0;
  for (int64_t j = 0; j < t->d.p; j++) {
    size = fmax(size, fabs(t->along[j] - t->l2 * t->w[j]));
    ones += fabs(t->w[j]), squares += t->w[j] * t->w[j];
  }
  double rest = ml_vectors()->dot(t->d.n, t->residual, t->residual) / n, with_y = ml_vectors()->dot(t->d.n, t->residual, t->d.y) / n;
  double part = size > t->l1 ? t->l1 / size : 1;
  return 0.5 * rest * (1 + part * part) + t->l1 * ones - part * with_y + 0.5 * t->l2 * (1 + part * part) * squares;
}

/* Sweeps over the columns in use until no slope changes by more than `small`. */
static ml_status settle(ml_context *c, descent *t, double small, int *sweeps) {
  while (*sweeps < t->s->most) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    ++*sweeps;
    if (sweep(t) <= small) break;
  }
  return look(c, t);
}

/* The columns that the strong rule keeps: their slope at the penalty before was near. Into t->list. */
static int64_t strong(descent *t, double before) {
  int64_t count = 0;
  for (int64_t j = 0; j < t->d.p; j++)
    if (t->d.place[j] < 0 && fabs(t->along[j]) >= 2 * t->l1 - before) t->list[count++] = j;
  return count;
}

static int64_t all(descent *t) {
  for (int64_t j = 0; j < t->d.p; j++) t->list[j] = j;
  return t->d.p;
}

/* t->along of all columns is that of the penalty before (l1 was `before`). */
static ml_status solve(ml_context *c, descent *t, double before, double *gap) {
  double enough = t->s->tolerance * t->norm / (double)t->d.n, small = fmin(1e-2, 3 * t->small) * t->l1;
  int sweeps = 0;
  int64_t count = strong(t, before), taken;
  ML_TRY(take_violators(c, t, count, &taken));
  for (;;) {
    ML_TRY(settle(c, t, small, &sweeps));
    count = strong(t, before);
    ML_TRY(ml_columns_along(c, &t->d, t->residual, t->list, count, t->along));
    ML_TRY(take_violators(c, t, count, &taken));
    if (taken > 0 && sweeps < t->s->most) continue;
    ML_TRY(ml_columns_along(c, &t->d, t->residual, NULL, t->d.p, t->along));
    ML_TRY(take_violators(c, t, all(t), &taken));
    *gap = gap_of(t);
    bool done = taken == 0 && *gap <= enough;
    if (done || sweeps >= t->s->most) {
      t->small = small / t->l1;
      t->s->converged &= done;
      t->s->sweeps += sweeps;
      return ML_OK;
    }
    if (taken == 0) small /= 10;
  }
}

/* All of them --------------------------------------------------------------------------------------------------------- */

static void make_alphas(const descent *t) {
  ml_coordinate *s = t->s;
  double largest = 0;
  for (int64_t j = 0; j < t->d.p; j++) largest = fmax(largest, fabs(t->along[j]) / s->l1_ratio);
  if (largest == 0) largest = 2.220446049250313e-16;
  for (int64_t k = 0; k < s->count; k++) s->alphas[k] = largest * pow(s->shortest, s->count > 1 ? (double)k / (double)(s->count - 1) : 0);
}

static void keep(const descent *t, int64_t number, double gap) {
  ml_coordinate *s = t->s;
  memcpy(s->w + number * t->d.p, t->w, (size_t)t->d.p * sizeof(double));
  s->intercepts[number] = t->d.mean[t->d.p] - ml_vectors()->dot(t->d.p, t->d.mean, t->w);
  s->gaps[number] = gap;
}

static ml_status run(ml_context *c, descent *t) {
  ml_coordinate *s = t->s;
  s->sweeps = 0, s->converged = true, t->small = 1e-2;
  t->norm = ml_vectors()->dot(t->d.n, t->d.y, t->d.y);
  ML_TRY(look(c, t));
  ML_TRY(ml_columns_along(c, &t->d, t->residual, NULL, t->d.p, t->along));
  if (s->alphas[0] == 0) make_alphas(t);
  double before = 0;
  for (int64_t j = 0; j < t->d.p; j++) before = fmax(before, fabs(t->along[j]));
  for (int64_t k = 0; k < s->count; k++) {
    double gap = 0;
    t->l1 = s->alphas[k] * s->l1_ratio, t->l2 = s->alphas[k] * (1 - s->l1_ratio);
    ML_TRY(solve(c, t, fmax(before, t->l1), &gap));
    keep(t, k, gap);
    before = t->l1;
  }
  return ML_OK;
}

ml_status ml_coordinate_path(ml_context *c, ml_coordinate *s) {
  descent t = {.s = s};
  ML_TRY(ml_columns_make(c, &s->x, s->y, s->intercept, &t.d));
  size_t bytes = (size_t)(5 * s->x.p + s->x.n) * sizeof(double);
  double *memory = NULL;
  ml_status status = ml_alloc_checked(c, bytes, (void **)&memory);
  if (status == ML_OK) {
    memset(memory, 0, bytes);
    t.w = memory, t.along = t.w + s->x.p, t.slope = t.along + s->x.p, t.value = t.slope + s->x.p;
    t.list = (int64_t *)(t.value + s->x.p), t.residual = t.value + 2 * s->x.p;
    status = run(c, &t);
  }
  ml_free(memory, memory ? bytes : 0);
  ml_columns_free(&t.d);
  return status;
}
