/* The rows are cut into pieces, each with a table of its own, which are added up in their order. There are fewer pieces where
 * there are many classes, so that the tables together are no larger than the rows. See confusion.h. */

#include "assess/confusion.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <string.h>

enum { PIECE = 1 << 16 };

typedef struct counting {
  const ml_classified *x;
  int64_t grain, cells;
  int64_t *counts; /* [pieces, cells] */
  double *sums;    /* the same where rows have weights */
  int64_t *bad;    /* [pieces]: a row from 1, or 0 */
} counting;

/* The cell of row i; -1: it does not count, -2: one of its classes is none. */
static inline int64_t cell_of(ml_classified x, int64_t i) {
  uint64_t k = (uint64_t)x.classes, actual = (uint64_t)x.actual[i] - 1, predicted = (uint64_t)x.predicted[i] - 1;
  if (actual < k && predicted < k) return (int64_t)(actual * k + predicted);
  return x.skip_zero && x.actual[i] == 0 ? -1 : -2;
}

/* Each gives the first row, from 1, with a class that is none, or 0. The counts start at 0. */
static int64_t count(ml_classified x, int64_t begin, int64_t end, int64_t *restrict counts) {
  for (int64_t i = begin; i < end; i++) {
    int64_t cell = cell_of(x, i);
    if (cell >= 0) counts[cell]++;
    else if (cell == -2) return i + 1;
  }
  return 0;
}

static int64_t weigh(ml_classified x, int64_t begin, int64_t end, double *restrict sums) {
  for (int64_t i = begin; i < end; i++) {
    int64_t cell = cell_of(x, i);
    if (cell >= 0) sums[cell] += x.weight[i];
    else if (cell == -2) return i + 1;
  }
  return 0;
}

static void count_body(void *arg, int64_t begin, int64_t end) {
  const counting *s = arg;
  int64_t piece = begin / s->grain;
  void *table = s->sums ? (void *)(s->sums + piece * s->cells) : s->counts + piece * s->cells;
  memset(table, 0, (size_t)s->cells * sizeof(int64_t)); /* the zero of doubles too */
  s->bad[piece] = s->sums ? weigh(*s->x, begin, end, table) : count(*s->x, begin, end, table);
}

static void add_up(const counting *s, int64_t pieces, ml_tensor *matrix) {
  for (int64_t j = 0; j < s->cells; j++) {
    int64_t count = 0;
    double sum = 0;
    for (int64_t p = 0; p < pieces; p++) {
      if (s->sums) sum += s->sums[p * s->cells + j];
      else count += s->counts[p * s->cells + j];
    }
    if (s->sums) ml_f64(matrix)[j] = sum;
    else ml_i64(matrix)[j] = count;
  }
}

static int64_t first_bad(const counting *s, int64_t pieces) {
  for (int64_t p = 0; p < pieces; p++) {
    if (s->bad[p]) return s->bad[p];
  }
  return 0;
}

ml_status ml_confusion(ml_context *c, const ml_classified *x, ml_tensor **matrix, int64_t *bad) {
  ml_shape shape = ml_make_shape(2, x->classes, x->classes);
  ML_TRY(ml_empty(c, &shape, x->weight ? ML_FLOAT64 : ML_INT64, matrix));
  counting s = {.x = x, .cells = ml_count(*matrix)};
  int64_t most = s.cells > 0 ? x->n / s.cells : 0, wanted = ml_pieces(x->n, PIECE), pieces = most < wanted ? most : wanted;
  s.grain = pieces > 1 ? ml_pieces(x->n, pieces) : x->n > 0 ? x->n : 1;
  pieces = x->n > 0 ? ml_pieces(x->n, s.grain) : 0;
  size_t bytes = ((size_t)pieces * (size_t)s.cells + (size_t)pieces + 1) * sizeof(int64_t);
  void *scratch;
  ML_TRY(ml_alloc_checked(c, bytes, &scratch));
  s.bad = scratch;
  if (x->weight) s.sums = (double *)scratch + pieces;
  else s.counts = (int64_t *)scratch + pieces;
  ml_status status = ml_parallel_for(c, x->n, s.grain, count_body, &s);
  if (status == ML_OK) {
    *bad = first_bad(&s, pieces);
    add_up(&s, pieces, *matrix);
  }
  ml_free(scratch, bytes);
  return status;
}
