#include "classical/neighbours.h"

#include "classical/kernels/distances.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

enum { QUERIES = 64, ROWS = 512, NORMS = 1024 };

typedef struct search {
  const ml_neighbours *s;
  const ml_distance_kernels *d;
  double *half;    /* n: |x|^2 / 2 */
  double *product; /* QUERIES x ROWS for each thread */
  const double *zero; /* p */
} search;

static void norms_body(void *arg, int64_t begin, int64_t end) {
  search *w = arg;
  for (int64_t i = begin; i < end; i++) w->half[i] = w->d->square(w->s->p, w->s->x + i * w->s->p, w->zero) / 2;
}

/* The k nearest of one query so far, in rising order; those that are not there yet are infinitely far. */
typedef struct nearest {
  int64_t k;
  int64_t *row;
  double *distance;
} nearest;

static nearest nearest_of(const ml_neighbours *s, int64_t i) {
  return (nearest){.k = s->k, .row = s->row + i * s->k, .distance = s->distance + i * s->k};
}

static double worst(const nearest *b) { return b->distance[b->k - 1]; }

/* Rows come in rising order: one that is as far as another goes behind it. */
static void offer(nearest *b, int64_t row, double distance) {
  if (!(distance < worst(b))) return;
  int64_t at = b->k - 1;
  for (; at > 0 && distance < b->distance[at - 1]; at--) {
    b->distance[at] = b->distance[at - 1];
    b->row[at] = b->row[at - 1];
  }
  b->distance[at] = distance;
  b->row[at] = row + 1;
}

/* How far half of a squared distance may be off, that comes from norms and a product. */
static double slack_of(int64_t p, double half_x, double half_q) { return (double)(2 * p + 16) * 0x1p-52 * (half_x + half_q); }

static void look_at_block(search *w, int64_t query, int64_t from, int64_t count, const double *product, double largest) {
  const ml_neighbours *s = w->s;
  nearest b = nearest_of(s, query);
  const double *q = s->q + query * s->p;
  double half_q = w->d->square(s->p, q, w->zero) / 2, slack = slack_of(s->p, largest, half_q);
  for (int64_t j = 0; j < count; j++) {
    j = w->d->below(count, j, w->half + from, product, worst(&b) / 2 - half_q + slack);
    if (j < count) offer(&b, from + j, w->d->square(s->p, s->x + (from + j) * s->p, q));
  }
}

static double largest_of(const double *x, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

static void begin_queries(const ml_neighbours *s, int64_t begin, int64_t end) {
  for (int64_t i = begin * s->k; i < end * s->k; i++) s->distance[i] = INFINITY;
  memset(s->row + begin * s->k, 0, (size_t)((end - begin) * s->k) * sizeof *s->row);
}

static void euclid_body(void *arg, int64_t begin, int64_t end) {
  search *w = arg;
  const ml_neighbours *s = w->s;
  double *product = w->product + (int64_t)ml_thread_index() * QUERIES * ROWS;
  begin_queries(s, begin, end);
  for (int64_t from = 0; from < s->n && !ml_interrupted(); from += ROWS) {
    int64_t count = s->n - from < ROWS ? s->n - from : ROWS;
    ml_gemm_args g = {.m = end - begin, .n = count, .k = s->p, .a = s->q + begin * s->p, .a_row = s->p, .a_column = 1,
                      .b = s->x + from * s->p, .b_row = 1, .b_column = s->p, .c = product, .c_row = ROWS};
    ml_gemm_serial(ML_FLOAT64, &g);
    double largest = largest_of(w->half + from, count);
    for (int64_t i = begin; i < end; i++) look_at_block(w, i, from, count, product + (i - begin) * ROWS, largest);
  }
  for (int64_t i = begin * s->k; i < end * s->k; i++) s->distance[i] = sqrt(s->distance[i]);
}

static void city_body(void *arg, int64_t begin, int64_t end) {
  search *w = arg;
  const ml_neighbours *s = w->s;
  begin_queries(s, begin, end);
  for (int64_t from = 0; from < s->n && !ml_interrupted(); from += ROWS) {
    int64_t to = s->n - from < ROWS ? s->n : from + ROWS;
    for (int64_t i = begin; i < end; i++) {
      nearest b = nearest_of(s, i);
      for (int64_t j = from; j < to; j++) offer(&b, j, w->d->city(s->p, s->x + j * s->p, s->q + i * s->p));
    }
  }
}

ml_status ml_neighbours_find(ml_context *c, const ml_neighbours *s) {
  search w = {.s = s, .d = ml_distances()};
  if (s->city) return ml_parallel_for(c, s->m, QUERIES, city_body, &w);
  int64_t products = (int64_t)ml_threads() * QUERIES * ROWS;
  size_t bytes = (size_t)(products + s->n + s->p) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.product));
  w.half = w.product + products;
  memset(w.half + s->n, 0, (size_t)s->p * sizeof(double));
  w.zero = w.half + s->n;
  ml_status status = ml_parallel_for(c, s->n, NORMS, norms_body, &w);
  if (status == ML_OK) status = ml_parallel_for(c, s->m, QUERIES, euclid_body, &w);
  ml_free(w.product, bytes);
  return status;
}
