#include "classical/least_squares.h"

#include "classical/orthogonal.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

/* Triangles ---------------------------------------------------------------------------------------------------------- */

/* One level of the tree: rows of `columns` elements in, triangles out. */
typedef struct level {
  const ml_least_squares *s; /* the first level reads x and y, */
  const double *mean;        /* centred if this is not NULL, */
  const double *in;          /* the others read triangles */
  int64_t rows, columns, block;
  double *out;               /* columns x columns for each block */
  double *scratch;           /* for each thread: block x columns, and columns */
} level;

static void load_row(const level *l, int64_t i, int64_t m, int64_t at, double *panel) {
  int64_t q = l->columns;
  if (l->in) {
    for (int64_t j = 0; j < q; j++) panel[j * m + at] = l->in[i * q + j];
    return;
  }
  const ml_least_squares *s = l->s;
  double root = s->x.weight ? sqrt(s->x.weight[i]) : 1;
  for (int64_t j = 0; j < s->x.p; j++) panel[j * m + at] = root * (ml_rows_at(&s->x, i, j) - (l->mean ? l->mean[j] : 0));
  if (q == s->x.p + 2) panel[(q - 2) * m + at] = root;
  panel[(q - 1) * m + at] = root * (s->y[i] - (l->mean ? l->mean[s->x.p] : 0));
}

static void level_body(void *arg, int64_t begin, int64_t end) {
  const level *l = arg;
  int64_t q = l->columns, rows = end - begin, m = rows < q ? q : rows;
  double *panel = l->scratch + ml_thread_index() * (l->block * q + q), *out = l->out + begin / l->block * q * q;
  if (rows < q) memset(panel, 0, (size_t)(m * q) * sizeof *panel);
  for (int64_t i = 0; i < rows; i++) load_row(l, begin + i, m, i, panel);
  ml_reflect(m, q, panel, panel + l->block * q);
  for (int64_t i = 0; i < q; i++)
    for (int64_t j = 0; j < q; j++) out[i * q + j] = j < i ? 0 : panel[j * m + i];
}

enum { LEAST_BLOCK = 256 };

/* The triangle of the whole into r. */
static ml_status reduce(ml_context *c, level first, double *r) {
  int64_t q = first.columns;
  first.block = 4 * q > LEAST_BLOCK ? 4 * q : LEAST_BLOCK;
  int64_t pieces = ml_pieces(first.rows, first.block), square = q * q, scratch = ml_threads() * (first.block * q + q);
  size_t bytes = (size_t)(2 * pieces * square + square + scratch) * sizeof(double);
  double *memory;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&memory));
  double *to = memory, *from = memory + pieces * square;
  first.scratch = memory + (2 * pieces + 1) * square;
  ml_status status = ML_OK;
  for (level l = first; status == ML_OK;) {
    l.out = to;
    status = ml_parallel_for(c, l.rows, l.block, level_body, &l);
    pieces = ml_pieces(l.rows, l.block);
    if (pieces <= 1) break;
    double *made = to;
    to = from, from = made;
    l.in = made, l.rows = pieces * q;
  }
  if (status == ML_OK) memcpy(r, to, (size_t)square * sizeof *r);
  ml_free(memory, bytes);
  return status;
}

/* The solution ----------------------------------------------------------------------------------------------------------- */

/* The rank of R's first q columns, scaled to length 1, and about their condition. */
static void find_rank(ml_least_squares *s, int64_t q, double *scaled) {
  int64_t width = q + 1, longer = s->x.n > q ? s->x.n : q;
  for (int64_t j = 0; j < q; j++) {
    double sum = 0;
    for (int64_t i = 0; i <= j; i++) sum += s->r[i * width + j] * s->r[i * width + j];
    double scale = sum > 0 ? 1 / sqrt(sum) : 0;
    for (int64_t i = 0; i < q; i++) scaled[j * q + i] = i <= j ? s->r[i * width + j] * scale : 0;
  }
  s->rank = ml_reflect_pivoted(q, scaled, (double)longer * 2.220446049250313e-16, s->column, scaled + q * q);
  double last = fabs(scaled[q * q - 1]);
  s->condition = last > 0 ? fabs(scaled[0]) / last : INFINITY;
}

static void substitute(const ml_least_squares *s, int64_t q) {
  int64_t width = q + 1;
  for (int64_t i = q - 1; i >= 0; i--) {
    double sum = s->r[i * width + q];
    for (int64_t j = i + 1; j < q; j++) sum -= s->r[i * width + j] * s->b[j];
    s->b[i] = sum / s->r[i * width + i];
  }
}

/* Refinement costs about twice the factorisation. It is done where it costs nothing, and where it is needed, unless there is too much of it. */
#define LITTLE_WORK 2e5
#define MUCH_WORK 2e8
#define NEARLY_DEPENDENT 1e3

static bool worth_refining(const ml_least_squares *s, int64_t q) {
  double work = (double)s->x.n * (double)(q * q);
  return work <= LITTLE_WORK || (work <= MUCH_WORK && s->condition > NEARLY_DEPENDENT);
}

ml_status ml_least_squares_solve(ml_context *c, ml_least_squares *s) {
  int64_t q = s->x.p + s->intercept;
  s->refinements = 0;
  ML_TRY(reduce(c, (level){.s = s, .rows = s->x.n, .columns = q + 1}, s->r));
  size_t bytes = (size_t)(q * q + 2 * q) * sizeof(double);
  double *scaled;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&scaled));
  find_rank(s, q, scaled);
  ml_free(scaled, bytes);
  if (s->rank < q) return ml_least_squares_least_norm(c, s);
  substitute(s, q);
  return worth_refining(s, q) ? ml_least_squares_refine(c, s) : ML_OK;
}

ml_status ml_least_squares_means(ml_context *c, const ml_least_squares *s, double *mean) {
  if (!s->intercept) {
    memset(mean, 0, (size_t)(s->x.p + 1) * sizeof *mean);
    return ML_OK;
  }
  ml_rows y = {.n = s->x.n, .p = 1, .f64 = s->y, .weight = s->x.weight};
  ML_TRY(ml_rows_mean(c, &s->x, mean));
  return ml_rows_mean(c, &y, mean + s->x.p);
}

ml_status ml_least_squares_centered(ml_context *c, const ml_least_squares *s, double *mean) {
  ML_TRY(ml_least_squares_means(c, s, mean));
  return reduce(c, (level){.s = s, .mean = s->intercept ? mean : NULL, .rows = s->x.n, .columns = s->x.p + 1}, s->r);
}
