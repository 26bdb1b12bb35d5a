#include "classical/kmeans.h"

#include "classical/kernels/distances.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

enum { ROWS = 256, PIECES = 32 };

/* What one piece of the rows gives. */
typedef struct piece {
  double *sum;  /* k x p */
  double *mass; /* k: weights of the rows of each cluster */
  int64_t changed;
  double inertia;
} piece;

typedef struct pass {
  ml_kmeans *s;
  const ml_distance_kernels *d;
  int64_t grain;
  double *product; /* ROWS x k for each thread */
  double *half;    /* k: |centre|^2 / 2 */
  double *next;    /* k x p: the sums, then the means */
  double *mass;    /* k */
  double *far;     /* n: squared distances to the centres */
  piece piece[PIECES];
} pass;

static double weight_of(const ml_kmeans *s, int64_t i) { return s->weight ? s->weight[i] : 1; }

static int64_t nearest(int64_t k, const double *half, const double *product) {
  int64_t best = 0;
  double least = half[0] - product[0];
  for (int64_t j = 1; j < k; j++) {
    double value = half[j] - product[j];
    if (value < least) least = value, best = j;
  }
  return best;
}

/* Row i goes to a cluster. */
static void put(pass *w, piece *part, int64_t i, int64_t cluster) {
  ml_kmeans *s = w->s;
  const double *x = s->x + i * s->p;
  double weight = weight_of(s, i), *sum = part->sum + cluster * s->p;
  part->changed += s->label[i] != cluster + 1;
  s->label[i] = cluster + 1;
  part->mass[cluster] += weight;
  for (int64_t j = 0; j < s->p; j++) sum[j] += weight * x[j];
  w->far[i] = w->d->square(s->p, x, s->centre + cluster * s->p);
  part->inertia += weight * w->far[i];
}

static void assign_body(void *arg, int64_t begin, int64_t end) {
  pass *w = arg;
  ml_kmeans *s = w->s;
  piece *part = w->piece + begin / w->grain;
  double *product = w->product + (int64_t)ml_thread_index() * ROWS * s->k;
  memset(part->sum, 0, (size_t)(s->k * s->p) * sizeof(double));
  memset(part->mass, 0, (size_t)s->k * sizeof(double));
  part->changed = 0, part->inertia = 0;
  for (int64_t from = begin; from < end && !ml_interrupted(); from += ROWS) {
    int64_t count = end - from < ROWS ? end - from : ROWS;
    ml_gemm_args g = {.m = count, .n = s->k, .k = s->p, .a = s->x + from * s->p, .a_row = s->p, .a_column = 1,
                      .b = s->centre, .b_row = 1, .b_column = s->p, .c = product, .c_row = s->k};
    ml_gemm_serial(ML_FLOAT64, &g);
    for (int64_t i = 0; i < count; i++) put(w, part, from + i, nearest(s->k, w->half, product + i * s->k));
  }
}

/* Labels, and the sums of the clusters' rows. */
static ml_status assign(ml_context *c, pass *w, int64_t *changed) {
  ml_kmeans *s = w->s;
  for (int64_t j = 0; j < s->k; j++) {
    const double *x = s->centre + j * s->p;
    w->half[j] = 0;
    for (int64_t l = 0; l < s->p; l++) w->half[j] += x[l] * x[l] / 2;
  }
  ML_TRY(ml_parallel_for(c, s->n, w->grain, assign_body, w));
  memset(w->next, 0, (size_t)(s->k * s->p) * sizeof(double));
  memset(w->mass, 0, (size_t)s->k * sizeof(double));
  *changed = 0, s->inertia = 0;
  for (int64_t i = 0; i < ml_pieces(s->n, w->grain); i++) {
    for (int64_t j = 0; j < s->k * s->p; j++) w->next[j] += w->piece[i].sum[j];
    for (int64_t j = 0; j < s->k; j++) w->mass[j] += w->piece[i].mass[j];
    *changed += w->piece[i].changed;
    s->inertia += w->piece[i].inertia;
  }
  return ML_OK;
}

static int64_t farthest(const pass *w) {
  int64_t row = 0;
  for (int64_t i = 1; i < w->s->n; i++)
    if (w->far[i] > w->far[row]) row = i;
  return row;
}

/* A cluster without rows takes the farthest one from where it is; if all rows stand on their centres, it stays where it was. */
static void fill_empty(pass *w) {
  ml_kmeans *s = w->s;
  for (int64_t j = 0; j < s->k; j++) {
    if (w->mass[j] > 0) continue;
    int64_t row = farthest(w), from = s->label[row] - 1;
    double weight = weight_of(s, row);
    if (!(w->far[row] > 0) || weight == 0) continue;
    for (int64_t l = 0; l < s->p; l++) {
      w->next[from * s->p + l] -= weight * s->x[row * s->p + l];
      w->next[j * s->p + l] = weight * s->x[row * s->p + l];
    }
    w->mass[from] -= weight;
    w->mass[j] = weight;
    w->far[row] = 0;
  }
}

/* The sums become means, and these the centres. Gives the sum of the squared ways. */
static double move(pass *w) {
  ml_kmeans *s = w->s;
  double way = 0;
  for (int64_t j = 0; j < s->k; j++) {
    if (!(w->mass[j] > 0)) continue;
    double *next = w->next + j * s->p, *centre = s->centre + j * s->p;
    for (int64_t l = 0; l < s->p; l++) next[l] /= w->mass[j];
    way += w->d->square(s->p, next, centre);
    memcpy(centre, next, (size_t)s->p * sizeof(double));
  }
  return way;
}

static ml_status iterate(ml_context *c, pass *w) {
  ml_kmeans *s = w->s;
  int64_t changed = 0;
  for (s->iterations = 0; s->iterations < s->most && !s->converged;) {
    ML_TRY(assign(c, w, &changed));
    s->iterations++;
    fill_empty(w);
    double way = move(w);
    s->converged = changed == 0 || way <= s->tolerance;
  }
  return assign(c, w, &changed); /* to the centres as they are now */
}

ml_status ml_kmeans_run(ml_context *c, ml_kmeans *s) {
  pass w = {.s = s, .d = ml_distances(), .grain = s->n / PIECES + ROWS};
  int64_t each = s->k * (s->p + 1), products = (int64_t)ml_threads() * ROWS * s->k;
  size_t bytes = (size_t)(products + (PIECES + 1) * each + s->k + s->n) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.product));
  double *rest = w.product + products;
  for (int i = 0; i <= PIECES; i++, rest += each) {
    if (i < PIECES) w.piece[i] = (piece){.sum = rest, .mass = rest + s->k * s->p};
    else w.next = rest, w.mass = rest + s->k * s->p;
  }
  w.half = rest;
  w.far = rest + s->k;
  memset(s->label, 0, (size_t)s->n * sizeof *s->label);
  s->converged = false;
  ml_status status = iterate(c, &w);
  ml_free(w.product, bytes);
  return status;
}
