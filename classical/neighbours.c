#include "classical/neighbours.h"

#include "classical/kernels/distances.h"
#include "classical/kernels/vectors.h"
#include "classical/rows.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

enum { QUERIES = 256, ROWS = 512, NORMS = 1024 };

#define LARGE 1e30 /* half a squared length from which floats are not enough */

/* Rows as float32, less the means, and half their squared lengths. */
typedef struct single {
  float *x, *half;
} single;

typedef struct search {
  const ml_neighbours *s;
  const ml_distance_kernels *d;
  double *half;     /* n: |x|^2 / 2 */
  double *mean;     /* p */
  single rows;      /* n; x is NULL where the numbers are too large for it */
  char *scratch;    /* of each thread: see of_thread */
  size_t each;      /* its bytes */
  const double *zero; /* p */
} search;

/* What a thread has for its queries. */
typedef struct own {
  double *product; /* QUERIES x ROWS, or as many floats */
  double *half;    /* QUERIES: |q|^2 / 2 */
  double *room;    /* p */
  single queries;  /* QUERIES */
} own;

static own own_of(const search *w) {
  own o = {.product = (double *)(w->scratch + (size_t)ml_thread_index() * w->each)};
  o.half = o.product + QUERIES * ROWS;
  o.room = o.half + QUERIES;
  o.queries.half = (float *)(o.room + w->s->p), o.queries.x = o.queries.half + QUERIES;
  return o;
}

static double half_length(const search *w, const double *x) { return w->d->square(w->s->p, x, w->zero) / 2; }

/* Row i of x into row `at` of `to`; `room`: p. */
static void narrow(const search *w, const double *x, int64_t i, const single *to, int64_t at, double *room) {
  int64_t p = w->s->p;
  float *row = to->x + at * p;
  ml_vectors()->less(p, x + i * p, w->mean, room);
  for (int64_t j = 0; j < p; j++) row[j] = (float)room[j];
  to->half[at] = (float)half_length(w, room);
}

static void norms_body(void *arg, int64_t begin, int64_t end) {
  search *w = arg;
  own o = own_of(w);
  for (int64_t i = begin; i < end; i++) {
    w->half[i] = half_length(w, w->s->x + i * w->s->p);
    narrow(w, w->s->x, i, &w->rows, i, o.room);
  }
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

/* How far half of a squared distance may be off, that comes from norms and a product: of doubles, of floats (a rounding for each of the
 * p products, and some for what they are made of). */
static double slack_of(int64_t p, double half_x, double half_q) { return (double)(2 * p + 16) * 0x1p-52 * (half_x + half_q); }
static double slack_of_single(int64_t p, double half_x, double half_q) { return (double)(p + 24) * 0x1p-24 * (half_x + half_q) + 1e-30; }

static void look_closely(search *w, const own *o, int64_t query, int64_t at, int64_t from, int64_t count, double largest) {
  const ml_neighbours *s = w->s;
  nearest b = nearest_of(s, query);
  const double *q = s->q + query * s->p, *product = o->product + at * ROWS;
  double slack = slack_of(s->p, largest, o->half[at]);
  for (int64_t j = 0; j < count; j++) {
    j = w->d->below(count, j, w->half + from, product, worst(&b) / 2 - o->half[at] + slack);
    if (j < count) offer(&b, from + j, w->d->square(s->p, s->x + (from + j) * s->p, q));
  }
}

static void look_at_singles(search *w, const own *o, int64_t query, int64_t at, int64_t from, int64_t count, double largest) {
  const ml_neighbours *s = w->s;
  nearest b = nearest_of(s, query);
  const double *q = s->q + query * s->p, half_q = (double)o->queries.half[at];
  const float *product = (const float *)o->product + at * ROWS;
  double slack = slack_of_single(s->p, largest, half_q);
  for (int64_t j = 0; j < count; j++) {
    double limit = worst(&b) / 2 - half_q + slack;
    j = w->d->below_f32(count, j, w->rows.half + from, product, (float)(limit + fabs(limit) * 0x1p-22));
    if (j < count) offer(&b, from + j, w->d->square(s->p, s->x + (from + j) * s->p, q));
  }
}

/* Whether products of float32 tell most of the queries what is near: where they may be off by a share of the distances, too many rows would
 * have to be looked at. */
static bool singles_tell(const search *w, const own *o, int64_t begin, int64_t end, double largest) {
  int64_t told = 0;
  if (!w->rows.x || !o->queries.x) return false;
  for (int64_t i = begin; i < end; i++) {
    nearest b = nearest_of(w->s, i);
    told += slack_of_single(w->s->p, largest, (double)o->queries.half[i - begin]) <= worst(&b) / 16;
  }
  return 2 * told >= end - begin;
}

static double largest_of(const double *x, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

static double largest_single(const float *x, int64_t n) {
  float largest = 0;
  for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  return (double)largest;
}

static void begin_queries(const ml_neighbours *s, int64_t begin, int64_t end) {
  for (int64_t i = begin * s->k; i < end * s->k; i++) s->distance[i] = INFINITY;
  memset(s->row + begin * s->k, 0, (size_t)((end - begin) * s->k) * sizeof *s->row);
}

/* The queries begin .. end - 1 and the rows from .. from + count - 1. */
static void look_at_block(search *w, const own *o, int64_t begin, int64_t end, int64_t from, int64_t count) {
  const ml_neighbours *s = w->s;
  double largest = w->rows.x ? largest_single(w->rows.half + from, count) : 0;
  bool few = singles_tell(w, o, begin, end, largest);
  ml_gemm_args g = {.m = end - begin, .n = count, .k = s->p, .a_row = s->p, .a_column = 1, .b_row = 1, .b_column = s->p, .c = o->product, .c_row = ROWS};
  if (few) g.a = o->queries.x, g.b = w->rows.x + from * s->p;
  else g.a = s->q + begin * s->p, g.b = s->x + from * s->p, largest = largest_of(w->half + from, count);
  ml_gemm_serial(few ? ML_FLOAT32 : ML_FLOAT64, &g);
  for (int64_t i = begin; i < end; i++) (few ? look_at_singles : look_closely)(w, o, i, i - begin, from, count, largest);
}

static void euclid_body(void *arg, int64_t begin, int64_t end) {
  search *w = arg;
  const ml_neighbours *s = w->s;
  own o = own_of(w);
  begin_queries(s, begin, end);
  for (int64_t i = begin; i < end; i++) {
    o.half[i - begin] = half_length(w, s->q + i * s->p);
    if (w->rows.x) narrow(w, s->q, i, &o.queries, i - begin, o.room);
  }
  if (largest_of(o.half, end - begin) > LARGE) o.queries.x = NULL;
  for (int64_t from = 0; from < s->n && !ml_interrupted(); from += ROWS)
    look_at_block(w, &o, begin, end, from, s->n - from < ROWS ? s->n - from : ROWS);
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

static ml_status find_euclid(ml_context *c, search *w) {
  const ml_neighbours *s = w->s;
  ml_rows x = {.n = s->n, .p = s->p, .f64 = s->x};
  ML_TRY(ml_rows_mean(c, &x, w->mean));
  ML_TRY(ml_parallel_for(c, s->n, NORMS, norms_body, w));
  if (!(largest_of(w->half, s->n) <= LARGE)) w->rows.x = NULL;
  return ml_parallel_for(c, s->m, QUERIES, euclid_body, w);
}

ml_status ml_neighbours_find(ml_context *c, const ml_neighbours *s) {
  search w = {.s = s, .d = ml_distances()};
  if (s->city) return ml_parallel_for(c, s->m, QUERIES, city_body, &w);
  w.each = (size_t)(QUERIES * (ROWS + 1) + s->p) * sizeof(double) + (size_t)(QUERIES * (s->p + 1)) * sizeof(float);
  size_t bytes = (size_t)(s->n + 2 * s->p) * sizeof(double) + (size_t)ml_threads() * w.each + (size_t)(s->n * (s->p + 1)) * sizeof(float);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.half));
  w.mean = w.half + s->n;
  double *zero = w.mean + s->p;
  memset(zero, 0, (size_t)s->p * sizeof(double));
  w.zero = zero;
  w.scratch = (char *)(zero + s->p);
  w.rows.half = (float *)(w.scratch + (size_t)ml_threads() * w.each), w.rows.x = w.rows.half + s->n;
  ml_status status = find_euclid(c, &w);
  ml_free(w.half, bytes);
  return status;
}
