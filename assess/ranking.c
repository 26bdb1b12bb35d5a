/* One walk over the sorted scores, from the highest. The area is that of Mann and Whitney (1947): each negative adds the positives
 * above it and half of those beside it; without weights all sums are whole numbers, exact in a double up to 2^53. Average precision
 * is the sum over steps, not the trapezoid, which would interpolate between points that no threshold reaches (Davis and Goadrich
 * 2006). */

#include "assess/ranking.h"

#include "tensor/parallel.h"

enum { PIECE = 1 << 16 };

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

/* Moves *i, which starts at n, past the rows of one score. */
static inline void step(const ml_ranked_rows *x, int64_t *i, double *positives, double *negatives) {
  double score = x->score[*i - 1], p = 0, q = 0;
  do { /* no branch on the class, which can't be foretold */
    int64_t row = x->row[*i - 1] - 1;
    double w = x->weight ? x->weight[row] : 1, mine = w * x->found[row];
    p += mine;
    q += w - mine;
    --*i;
  } while (*i > 0 && x->score[*i - 1] == score);
  *positives = p;
  *negatives = q;
}

ml_ranking ml_ranking_of(const ml_ranked_rows *x) {
  ml_ranking r = {0};
  double pairs = 0, precisions = 0, p, q;
  for (int64_t i = x->n; i > 0; r.steps++) {
    step(x, &i, &p, &q);
    pairs += q * (r.positives + p / 2);
    r.positives += p;
    r.negatives += q;
    if (p > 0) precisions += p * (r.positives / (r.positives + r.negatives));
  }
  r.area = r.positives > 0 && r.negatives > 0 ? pairs / (r.positives * r.negatives) : 0;
  r.average_precision = r.positives > 0 ? precisions / r.positives : 0;
  return r;
}

void ml_ranking_steps(const ml_ranked_rows *x, double *score, double *positives, double *negatives) {
  double p, q, above = 0, beside = 0;
  int64_t k = 0;
  for (int64_t i = x->n; i > 0; k++) {
    score[k] = x->score[i - 1];
    step(x, &i, &p, &q);
    positives[k] = above += p;
    negatives[k] = beside += q;
  }
}
