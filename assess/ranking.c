/* One walk over the sorted scores, from the highest. The area is that of Mann and Whitney (1947): each negative adds the positives
 * above it and half of those beside it; without weights all sums are whole numbers, exact in a double up to 2^53. Average precision
 * is the sum over steps, not the trapezoid, which would interpolate between points that no threshold reaches (Davis and Goadrich
 * 2006). */

#include "assess/ranking.h"

#include "tensor/parallel.h"

enum { PIECE = 1 << 16, POLL = 1 << 16 };

typedef struct finding {
  const int64_t *actual;
  int64_t positive;
  uint8_t *found;
} finding;

static void find_body(void *arg, int64_t begin, int64_t end) {
  const finding *f = arg;
  for (int64_t i = begin; i < end; i++) f->found[i] = f->actual[i] == f->positive;
}

ml_status ml_ranking_find(ml_context *c, const int64_t *actual, int64_t n, int64_t positive, uint8_t *found) {
  finding f = {actual, positive, found};
  return ml_parallel_for(c, n, PIECE, find_body, &f);
}

/* A walk over the rows from the highest score on. The rows of one score are a step; it may be longer than what is walked between two looks at the
 * interrupt flag, and then goes on behind it. */
typedef struct walk {
  const ml_ranked_rows *x;
  int64_t i;                   /* rows that are left */
  double positives, negatives; /* of the step so far */
} walk;

/* Moves to the end of a step, or to row `floor`; whether the step is whole. */
static inline bool walk_step(walk *w, int64_t floor) {
  const ml_ranked_rows *x = w->x;
  int64_t i = w->i;
  double score = x->score[i - 1], p = 0, q = 0;
  do { /* no branch on the class, which can't be foretold */
    int64_t row = x->row[i - 1] - 1;
    double weight = x->weight ? x->weight[row] : 1, mine = weight * x->found[row];
    p += mine;
    q += weight - mine;
    --i;
  } while (i > floor && x->score[i - 1] == score);
  w->positives += p;
  w->negatives += q;
  w->i = i;
  return i > floor || i == 0 || x->score[i - 1] != score;
}

static inline int64_t floor_of(const walk *w) { return w->i > POLL ? w->i - POLL : 0; }

static ml_status interrupted(ml_context *c) { return ml_fail_as(c, ML_INTERRUPTED, "interrupted"); }

ml_status ml_ranking_of(ml_context *c, const ml_ranked_rows *x, ml_ranking *out) {
  ml_ranking r = {0};
  walk w = {.x = x, .i = x->n};
  double pairs = 0, precisions = 0;
  while (w.i > 0) {
    if (ml_interrupted()) return interrupted(c);
    for (int64_t floor = floor_of(&w); w.i > floor;) {
      if (!walk_step(&w, floor)) break;
      double p = w.positives, q = w.negatives;
      pairs += q * (r.positives + p / 2);
      r.positives += p;
      r.negatives += q;
      if (p > 0) precisions += p * (r.positives / (r.positives + r.negatives));
      r.steps++;
      w.positives = w.negatives = 0;
    }
  }
  r.area = r.positives > 0 && r.negatives > 0 ? pairs / (r.positives * r.negatives) : 0;
  r.average_precision = r.positives > 0 ? precisions / r.positives : 0;
  *out = r;
  return ML_OK;
}

ml_status ml_ranking_steps(ml_context *c, const ml_ranked_rows *x, double *score, double *positives, double *negatives) {
  walk w = {.x = x, .i = x->n};
  double above = 0, beside = 0;
  int64_t k = 0;
  while (w.i > 0) {
    if (ml_interrupted()) return interrupted(c);
    for (int64_t floor = floor_of(&w); w.i > floor;) {
      score[k] = x->score[w.i - 1];
      if (!walk_step(&w, floor)) break;
      positives[k] = above += w.positives;
      negatives[k++] = beside += w.negatives;
      w.positives = w.negatives = 0;
    }
  }
  return ML_OK;
}
