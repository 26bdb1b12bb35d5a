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
  double l1, l2;        /* alpha l1_ratio, alpha (1 - l1_ratio) */
  double *w;            /* p: of all columns */
  double *along;        /* p: x_j . r / n, as it was when the column was last looked at */
  int64_t *seen, round; /* p: the round in which that was; each residual is a round */
  double *slope;        /* p: the same over |x_j| / sqrt(n), of the columns in use by their places, kept up with each step */
  double *value;        /* p: their w, by places */
  double *former;       /* p: those of the penalty before */
  double *residual;     /* n */
  double *reference;    /* n: a residual for which all columns that were not in use then were looked at, */
  double *at_reference; /* p: and what was seen */
  int64_t *list;        /* p */
  double norm;          /* |y|^2 */
  double small;         /* changes of a slope that were small enough for the last penalty, against l1 */
} descent;

/* Steps --------------------------------------------------------------------------------------------------------------- */

static double shrink(double x, double by) { return x > by ? x - by : x < -by ? x + by : 0; }

enum { TOGETHER = 16, SLOPES = 1024, STRETCH = 256 };

/* Steps of neighbouring columns that the other slopes have not seen yet. */
typedef struct steps {
  int64_t from, to, count; /* the columns from .. to - 1, `count` of which made a step */
  double by[TOGETHER];
  const float *row[TOGETHER];
  double *slope;
} steps;

static void add_steps(const steps *s, int64_t begin, int64_t end) {
  const float *row[TOGETHER];
  if (begin >= end) return;
  for (int64_t k = 0; k < s->count; k++) row[k] = s->row[k] + begin;
  ml_vectors()->add_rows_f32(end - begin, s->count, s->by, row, s->slope + begin);
}

static void slopes_body(void *arg, int64_t begin, int64_t end) {
  const steps *s = arg;
  add_steps(s, begin, end < s->from ? end : s->from);
  add_steps(s, begin > s->to ? begin : s->to, end);
}

/* A step of the column at place k, which its neighbours see at once. */
static void step_by(descent *t, steps *s, int64_t k, double step) {
  const float *row = t->d.gram + k * t->d.room;
  double by = -step * t->d.norm[t->d.column[k]];
  t->value[k] += step;
  ml_vectors()->add_f32(s->to - s->from, by, row + s->from, t->slope + s->from);
  s->row[s->count] = row, s->by[s->count++] = by;
}

/* Calls `each` for the columns s->from .. s->to - 1, group by group. The steps of neighbours reach the other slopes together, so that these
 * are read and written once for all of them, on all threads; the bits are those of one step after the other. */
static void for_groups(descent *t, void (*each)(descent *t, steps *s, void *arg), void *arg) {
  steps s = {.slope = t->slope};
  for (s.from = 0; s.from < t->d.used; s.from = s.to) {
    s.to = s.from + TOGETHER < t->d.used ? s.from + TOGETHER : t->d.used;
    s.count = 0;
    each(t, &s, arg);
    if (s.count > 0) ml_parallel_for_whole(t->d.used, SLOPES, slopes_body, &s);
  }
}

static void best_steps(descent *t, steps *s, void *arg) {
  double *most = arg;
  for (int64_t k = s->from; k < s->to; k++) {
    double norm = t->d.norm[t->d.column[k]], curve = norm * norm, old = t->value[k];
    if (curve + t->l2 <= 0) continue;
    double step = shrink(t->slope[k] * norm + curve * old, t->l1) / (curve + t->l2) - old;
    if (step == 0) continue;
    step_by(t, s, k, step);
    *most = fmax(*most, fabs(step) * (curve + t->l2));
  }
}

/* Each column in use once; the largest change of a slope. */
static double sweep(descent *t) {
  double most = 0;
  for_groups(t, best_steps, &most);
  return most;
}

static void steps_ahead(descent *t, steps *s, void *arg) {
  const double *factor = arg;
  for (int64_t k = s->from; k < s->to; k++) {
    double old = t->value[k], ahead = old + *factor * (old - t->former[k]);
    t->former[k] = old;
    if (old == 0 || ahead == old) continue;
    step_by(t, s, k, old * ahead > 0 ? ahead - old : -old);
  }
}

/* Between two penalties at which a weight becomes or leaves 0 the weights are linear in the penalty: they go on as they went. */
static void look_ahead(descent *t, double factor) { for_groups(t, steps_ahead, &factor); }

/* What is seen of a residual -------------------------------------------------------------------------------------------- */

static void residual_body(void *arg, int64_t begin, int64_t end) {
  const descent *t = arg;
  const ml_columns *d = &t->d;
  double by[TOGETHER];
  const double *row[TOGETHER];
  int64_t count = 0;
  memcpy(t->residual + begin, d->y + begin, (size_t)(end - begin) * sizeof(double));
  for (int64_t k = 0; k < d->used; k++) {
    if (t->value[k] != 0) by[count] = -t->value[k], row[count++] = d->taken + k * d->n + begin;
    if (count < TOGETHER && k < d->used - 1) continue;
    ml_vectors()->add_rows(end - begin, count, by, row, t->residual + begin);
    count = 0;
  }
}

static ml_status see(ml_context *c, descent *t, const int64_t *list, int64_t count) {
  ML_TRY(ml_columns_along(c, &t->d, t->residual, list, count, t->along));
  for (int64_t k = 0; k < count; k++) t->seen[list[k]] = t->round;
  return ML_OK;
}

static double slope_at(const descent *t, int64_t k) {
  int64_t j = t->d.column[k];
  return t->d.norm[j] > 0 ? t->along[j] / t->d.norm[j] : 0;
}

/* residual = y - X w */
static ml_status look(ml_context *c, descent *t) {
  for (int64_t k = 0; k < t->d.used; k++) t->w[t->d.column[k]] = t->value[k];
  t->round++;
  return ml_parallel_for(c, t->d.n, STRETCH, residual_body, t);
}

/* The slopes of the columns in use from the residual, without what has been lost by the steps. */
static ml_status see_used(ml_context *c, descent *t) {
  ML_TRY(see(c, t, t->d.column, t->d.used));
  for (int64_t k = 0; k < t->d.used; k++) t->slope[k] = slope_at(t, k);
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
  for (int64_t k = before; k < t->d.used; k++) t->value[k] = t->former[k] = 0, t->slope[k] = slope_at(t, k);
  return ML_OK;
}

/* All columns that were not in use are seen, and the residual is kept. */
static ml_status refer(ml_context *c, descent *t) {
  int64_t count = 0;
  for (int64_t j = 0; j < t->d.p; j++)
    if (t->d.place[j] < 0 && t->seen[j] < t->round) t->list[count++] = j;
  ML_TRY(see(c, t, t->list, count));
  memcpy(t->at_reference, t->along, (size_t)t->d.p * sizeof(double));
  memcpy(t->reference, t->residual, (size_t)t->d.n * sizeof(double));
  return ML_OK;
}

/* The columns that are not in use, were not seen yet, and may have a slope of l1 or more: |x_j . r| <= |x_j . s| + |x_j| |r - s|, s being the
 * reference. Into t->list. */
static int64_t doubtful(descent *t) {
  const ml_columns *d = &t->d;
  double way = 0;
  for (int64_t i = 0; i < d->n; i++) way += (t->residual[i] - t->reference[i]) * (t->residual[i] - t->reference[i]);
  way = sqrt(way / (double)d->n);
  int64_t count = 0;
  for (int64_t j = 0; j < d->p; j++)
    if (d->place[j] < 0 && t->seen[j] < t->round && fabs(t->at_reference[j]) + d->norm[j] * way > t->l1 * (1 - 1e-9)) t->list[count++] = j;
  return count;
}

/* Sees each column whose slope may be l1 or more. Where these are many, all of them, for the bounds of the next residuals. */
static ml_status see_doubtful(ml_context *c, descent *t) {
  int64_t count = doubtful(t);
  return count > (t->d.p - t->d.used) / 8 ? refer(c, t) : see(c, t, t->list, count);
}

/* One penalty --------------------------------------------------------------------------------------------------------- */

/* The duality gap over n (scikit-learn's enet_coordinate_descent). Of the slopes only those above l1 count: what was not seen has none. */
static double gap_of(const descent *t) {
  double n = (double)t->d.n, size = 0, ones = 0, squares = 0;
  for (int64_t j = 0; j < t->d.p; j++) {
    if (t->seen[j] == t->round) size = fmax(size, fabs(t->along[j] - t->l2 * t->w[j]));
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

static int64_t seen_now(descent *t) {
  int64_t count = 0;
  for (int64_t j = 0; j < t->d.p; j++)
    if (t->seen[j] == t->round) t->list[count++] = j;
  return count;
}

/* The slopes are those of the penalty before (l1 was `before`); the weights are led on by `factor` of their last way. */
static ml_status solve(ml_context *c, descent *t, double before, double factor, double *gap) {
  double enough = t->s->tolerance * t->norm / (double)t->d.n, small = fmin(1e-2, 3 * t->small) * t->l1;
  int sweeps = 0;
  int64_t count = strong(t, before), taken;
  ML_TRY(take_violators(c, t, count, &taken));
  look_ahead(t, factor);
  for (;;) {
    ML_TRY(settle(c, t, small, &sweeps));
    count = strong(t, before);
    ML_TRY(see(c, t, t->list, count));
    ML_TRY(take_violators(c, t, count, &taken));
    if (taken > 0 && sweeps < t->s->most) continue;
    ML_TRY(see_used(c, t));
    ML_TRY(see_doubtful(c, t));
    ML_TRY(take_violators(c, t, seen_now(t), &taken));
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

/* How far alpha goes on from k - 1 to k, against its last way; 0 where that says nothing. */
static double going_on(const double *alpha, int64_t k) {
  if (k < 2 || !(alpha[k - 2] > alpha[k - 1])) return 0;
  double factor = (alpha[k - 1] - alpha[k]) / (alpha[k - 2] - alpha[k - 1]);
  return factor <= 1.5 ? factor : 0;
}

static ml_status run(ml_context *c, descent *t) {
  ml_coordinate *s = t->s;
  s->sweeps = 0, s->converged = true, t->small = 1e-2;
  t->norm = ml_vectors()->dot(t->d.n, t->d.y, t->d.y);
  ML_TRY(look(c, t));
  ML_TRY(refer(c, t));
  if (s->alphas[0] == 0) make_alphas(t);
  double before = 0;
  for (int64_t j = 0; j < t->d.p; j++) before = fmax(before, fabs(t->along[j]));
  for (int64_t k = 0; k < s->count; k++) {
    double gap = 0;
    t->l1 = s->alphas[k] * s->l1_ratio, t->l2 = s->alphas[k] * (1 - s->l1_ratio);
    ML_TRY(solve(c, t, fmax(before, t->l1), going_on(s->alphas, k), &gap));
    keep(t, k, gap);
    before = t->l1;
  }
  return ML_OK;
}

ml_status ml_coordinate_path(ml_context *c, ml_coordinate *s) {
  descent t = {.s = s};
  ML_TRY(ml_columns_make(c, &s->x, s->y, s->intercept, &t.d));
  int64_t n = s->x.n, p = s->x.p;
  size_t bytes = (size_t)(8 * p + 2 * n) * sizeof(double);
  double *memory = NULL;
  ml_status status = ml_alloc_checked(c, bytes, (void **)&memory);
  if (status == ML_OK) {
    memset(memory, 0, bytes);
    t.w = memory, t.along = t.w + p, t.slope = t.along + p, t.value = t.slope + p, t.former = t.value + p, t.at_reference = t.former + p;
    t.list = (int64_t *)(t.at_reference + p), t.seen = t.list + p, t.residual = t.at_reference + 3 * p, t.reference = t.residual + n;
    status = run(c, &t);
  }
  ml_free(memory, memory ? bytes : 0);
  ml_columns_free(&t.d);
  return status;
}
