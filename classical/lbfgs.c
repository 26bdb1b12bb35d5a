#include "classical/lbfgs.h"

#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"

#include <math.h>
#include <string.h>

enum { PAIRS = 10, MOST_TRIES = 20 };
#define ENOUGH_DESCENT 1e-4
#define ENOUGH_CURVATURE 0.9

typedef struct state {
  ml_lbfgs *s;
  double *gradient, *direction, *from, *from_gradient; /* n each */
  double *steps, *changes;                             /* PAIRS x n: of x, of the gradient */
  double inverse[PAIRS];                               /* 1 / (step . change) */
  int pairs, next;
} state;

static double dot(const state *w, const double *a, const double *b) { return ml_vectors()->dot(w->s->n, a, b); }

/* -H g by the two loops over the pairs. */
static void find_direction(state *w) {
  int64_t n = w->s->n;
  double along[PAIRS], *d = w->direction;
  for (int64_t i = 0; i < n; i++) d[i] = -w->gradient[i];
  for (int k = 0; k < w->pairs; k++) {
    int at = (w->next - 1 - k + 2 * PAIRS) % PAIRS;
    along[at] = w->inverse[at] * dot(w, w->steps + at * n, d);
    ml_vectors()->add(n, -along[at], w->changes + at * n, d);
  }
  double scale = 1;
  if (w->pairs > 0) { /* the newest pair tells how far off the diagonal is */
    int at = (w->next - 1 + PAIRS) % PAIRS;
    const double *y = w->changes + at * n;
    double size = 0;
    for (int64_t i = 0; i < n; i++) size += w->s->diagonal ? y[i] * y[i] / w->s->diagonal[i] : y[i] * y[i];
    scale = 1 / (w->inverse[at] * size);
  }
  for (int64_t i = 0; i < n; i++) d[i] *= w->s->diagonal ? scale / w->s->diagonal[i] : scale;
  for (int k = w->pairs - 1; k >= 0; k--) {
    int at = (w->next - 1 - k + 2 * PAIRS) % PAIRS;
    double back = w->inverse[at] * dot(w, w->changes + at * n, d);
    ml_vectors()->add(n, along[at] - back, w->steps + at * n, d);
  }
}

static void keep_pair(state *w) {
  int64_t n = w->s->n;
  double *step = w->steps + w->next * n, *change = w->changes + w->next * n;
  for (int64_t i = 0; i < n; i++) step[i] = w->s->x[i] - w->from[i], change[i] = w->gradient[i] - w->from_gradient[i];
  double curvature = dot(w, step, change);
  if (!(curvature > 1e-16 * dot(w, change, change))) return;
  w->inverse[w->next] = 1 / curvature;
  w->next = (w->next + 1) % PAIRS;
  if (w->pairs < PAIRS) w->pairs++;
}

static ml_status look_at(ml_context *c, state *w, double length, double *slope) {
  int64_t n = w->s->n;
  for (int64_t i = 0; i < n; i++) w->s->x[i] = w->from[i] + length * w->direction[i];
  ML_TRY(w->s->look(c, w->s->arg, w->s->x, w->gradient, &w->s->value));
  w->s->evaluations++;
  *slope = dot(w, w->gradient, w->direction);
  return ML_OK;
}

/* Where the cubic through two values and slopes is lowest, kept away from the ends (3.59). */
static double between(double a, double fa, double da, double b, double fb, double db) {
  double d1 = da + db - 3 * (fa - fb) / (a - b), square = d1 * d1 - da * db;
  double t = 0.5 * (a + b);
  if (square >= 0) {
    double d2 = copysign(sqrt(square), b - a);
    t = b - (b - a) * (db + d2 - d1) / (db - da + 2 * d2);
  }
  double low = fmin(a, b), width = fabs(b - a);
  return t > low + 0.1 * width && t < low + 0.9 * width ? t : low + 0.5 * width;
}

/* *found is false where rounding hides any descent. */
static ml_status search(ml_context *c, state *w, double length, bool *found) {
  double start = w->s->value, slope0 = dot(w, w->from_gradient, w->direction), noise = 1e-15 * fabs(start);
  double low = 0, low_value = start, low_slope = slope0, high = 0, high_value = 0, high_slope = 0, slope;
  bool bracketed = false;
  *found = false;
  if (!(slope0 < 0)) return ML_OK;
  for (int tries = 0; tries < MOST_TRIES; tries++) {
    ML_TRY(look_at(c, w, length, &slope));
    double value = w->s->value;
    bool fell = value <= start + ENOUGH_DESCENT * length * slope0 + noise && isfinite(value);
    if (fell && fabs(slope) <= -ENOUGH_CURVATURE * slope0) {
      *found = true;
      return ML_OK;
    }
    if (!fell || (bracketed && value >= low_value + noise) || slope >= 0) high = length, high_value = value, high_slope = slope, bracketed = true;
    else low = length, low_value = value, low_slope = slope;
    if (!bracketed) length *= 4;
    else if (!isfinite(high_value)) length = 0.5 * (low + high);
    else length = between(low, low_value, low_slope, high, high_value, high_slope);
  }
  if (low > 0) { /* it fell, if not by the rule of curvature */
    ML_TRY(look_at(c, w, low, &slope));
    *found = true;
  }
  return ML_OK;
}

static double largest(const state *w) {
  double most = 0;
  for (int64_t i = 0; i < w->s->n; i++) most = fmax(most, fabs(w->gradient[i]));
  return most;
}

static ml_status iterate(ml_context *c, state *w) {
  ml_lbfgs *s = w->s;
  size_t bytes = (size_t)s->n * sizeof(double);
  ML_TRY(s->look(c, s->arg, s->x, w->gradient, &s->value));
  for (s->evaluations = 1, s->iterations = 0;; s->iterations++) {
    s->largest = largest(w);
    s->converged = s->largest <= s->tolerance;
    if (s->converged || s->iterations == s->most) return ML_OK;
    find_direction(w);
    memcpy(w->from, s->x, bytes);
    memcpy(w->from_gradient, w->gradient, bytes);
    double value = s->value;
    bool found;
    double first = s->diagonal ? 1 : fmin(1, 1 / sqrt(dot(w, w->gradient, w->gradient)));
    ML_TRY(search(c, w, w->pairs ? 1 : first, &found));
    if (!found) {
      memcpy(s->x, w->from, bytes);
      memcpy(w->gradient, w->from_gradient, bytes);
      s->value = value;
      if (w->pairs == 0) return ML_OK;
      w->pairs = 0; /* once more, from the steepest way */
      continue;
    }
    keep_pair(w);
  }
}

ml_status ml_lbfgs_minimise(ml_context *c, ml_lbfgs *s) {
  size_t bytes = (size_t)((4 + 2 * PAIRS) * s->n) * sizeof(double);
  double *memory;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&memory));
  state w = {.s = s, .gradient = memory};
  w.direction = memory + s->n, w.from = memory + 2 * s->n, w.from_gradient = memory + 3 * s->n;
  w.steps = memory + 4 * s->n, w.changes = w.steps + PAIRS * s->n;
  ml_status status = iterate(c, &w);
  ml_free(memory, bytes);
  return status;
}
