#include "classical/kmeans.h"

#include "classical/kernels/distances.h"
#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

enum { ROWS = 256, PIECES = 32, APART = 16 };
#define MARGIN (1 + 1e-11) /* what the sums of ways may have lost */

/* What one piece of the rows has in each cluster; kept from one iteration to the next. */
typedef struct piece {
  double *sum;   /* k x p */
  double *mass;  /* k: weights of the rows */
  int64_t *rows; /* k: those with a weight above 0 */
  int64_t changed;
  double inertia;
} piece;

typedef struct pass {
  ml_kmeans *s;
  const ml_distance_kernels *d;
  int64_t grain;
  double *scratch; /* ROWS x (k + p) for each thread */
  double *half_x;  /* n: |x|^2 / 2 */
  double *upper;   /* n: the distance to the own centre is at most this, */
  double *lower;   /* n: that to each other one at least this */
  double *half;    /* k: |centre|^2 / 2 */
  double most_half; /* of these */
  double *apart;   /* k: half the distance to the nearest other centre */
  double *way;     /* k: what the centre has gone */
  double longest, second; /* of these */
  int64_t fastest; /* the cluster whose is the longest */
  double *next;    /* k x p: the sums, then the means */
  double *mass;    /* k */
  const double *zero; /* p */
  double *far;     /* n: squared distances to the centres, where they were asked for */
  piece piece[PIECES];
} pass;

static double weight_of(const ml_kmeans *s, int64_t i) { return s->x.weight ? s->x.weight[i] : 1; }

/* Room for ROWS rows of this thread, with room for ROWS x k products before it. */
static double *rows_of_thread(const pass *w) { return w->scratch + ((int64_t)ml_thread_index() * (w->s->k + w->s->x.p) + w->s->k) * ROWS; }

static const double *load(const pass *w, int64_t i, double *row) {
  ml_rows_centred(&w->s->x, i, w->s->mean, row);
  return row;
}

/* The nearest cluster, and half squared distances to it and to the next, less |x|^2 / 2. */
static int64_t nearest(int64_t k, const double *half, const double *product, double least[2]) {
  int64_t best = 0;
  least[0] = half[0] - product[0], least[1] = INFINITY;
  for (int64_t j = 1; j < k; j++) {
    double value = half[j] - product[j];
    if (value < least[0]) least[1] = least[0], least[0] = value, best = j;
    else if (value < least[1]) least[1] = value;
  }
  return best;
}

/* Adds a row, times its weight and a sign, to a cluster. */
static void add_row(const ml_kmeans *s, piece *part, const double *row, double weight, int64_t cluster, double sign) {
  ml_vectors()->add(s->x.p, sign * weight, row, part->sum + cluster * s->x.p);
  part->mass[cluster] += sign * weight;
  part->rows[cluster] += weight > 0 ? (int64_t)sign : 0;
}

/* Row i goes to a cluster. */
static void put(pass *w, piece *part, int64_t i, const double *row, int64_t cluster) {
  ml_kmeans *s = w->s;
  if (s->label[i] == cluster + 1) return;
  if (s->label[i] > 0) add_row(s, part, row, weight_of(s, i), s->label[i] - 1, -1);
  add_row(s, part, row, weight_of(s, i), cluster, 1);
  part->changed++;
  s->label[i] = cluster + 1;
}

static double root(double x) { return x > 0 ? sqrt(x) : 0; }

/* Looks at rows, at most ROWS of them, by their numbers. */
static void look(pass *w, piece *part, const int64_t *list, int64_t count) {
  ml_kmeans *s = w->s;
  if (count == 0) return;
  double *row = rows_of_thread(w), *product = row - ROWS * s->k;
  for (int64_t i = 0; i < count; i++) load(w, list[i], row + i * s->x.p);
  ml_gemm_args g = {.m = count, .n = s->k, .k = s->x.p, .a = row, .a_row = s->x.p, .a_column = 1, .b = s->centre, .b_row = 1, .b_column = s->x.p,
                    .c = product, .c_row = s->k};
  ml_gemm_serial(ML_FLOAT64, &g);
  for (int64_t i = 0; i < count; i++) {
    double least[2], half_x = w->half_x[list[i]], slack = (double)(2 * s->x.p + 16) * 0x1p-52 * (half_x + w->most_half); /* as of neighbours */
    int64_t cluster = nearest(s->k, w->half, product + i * s->k, least);
    put(w, part, list[i], row + i * s->x.p, cluster);
    w->upper[list[i]] = root(2 * (half_x + least[0] + slack));
    w->lower[list[i]] = root(2 * (half_x + least[1] - slack));
  }
}

/* Whether row i is where it belongs, by what the centres have gone since it was looked at. */
static bool stays(const pass *w, int64_t i) {
  int64_t cluster = w->s->label[i] - 1;
  if (cluster < 0) return false;
  w->upper[i] += w->way[cluster];
  w->lower[i] -= cluster == w->fastest ? w->second : w->longest;
  return w->upper[i] * MARGIN < fmax(w->lower[i], w->apart[cluster]);
}

static void assign_body(void *arg, int64_t begin, int64_t end) {
  pass *w = arg;
  piece *part = w->piece + begin / w->grain;
  int64_t list[ROWS], count = 0;
  part->changed = 0;
  for (int64_t i = begin; i < end; i++) {
    if (stays(w, i)) continue;
    list[count++] = i;
    if (count < ROWS) continue;
    look(w, part, list, count);
    count = 0;
    if (ml_interrupted()) return;
  }
  look(w, part, list, count);
}

static void apart_body(void *arg, int64_t begin, int64_t end) {
  const pass *w = arg;
  const ml_kmeans *s = w->s;
  for (int64_t j = begin; j < end; j++) {
    double least = INFINITY;
    for (int64_t l = 0; l < s->k; l++)
      if (l != j) least = fmin(least, w->d->square(s->x.p, s->centre + j * s->x.p, s->centre + l * s->x.p));
    w->apart[j] = sqrt(least) / 2;
    w->half[j] = w->d->square(s->x.p, s->centre + j * s->x.p, w->zero) / 2;
  }
}

/* Labels, and the sums of the clusters' rows. */
static ml_status assign(ml_context *c, pass *w, int64_t *changed) {
  ml_kmeans *s = w->s;
  ML_TRY(ml_parallel_for(c, s->k, APART, apart_body, w));
  w->most_half = 0;
  for (int64_t j = 0; j < s->k; j++) w->most_half = fmax(w->most_half, w->half[j]);
  ML_TRY(ml_parallel_for(c, s->x.n, w->grain, assign_body, w));
  memset(w->next, 0, (size_t)(s->k * s->x.p) * sizeof(double));
  memset(w->mass, 0, (size_t)s->k * sizeof(double));
  *changed = 0;
  for (int64_t i = 0; i < ml_pieces(s->x.n, w->grain); i++) {
    ml_vectors()->add(s->k * s->x.p, 1, w->piece[i].sum, w->next);
    for (int64_t j = 0; j < s->k; j++)
      if (w->piece[i].rows[j] > 0) w->mass[j] += w->piece[i].mass[j];
    *changed += w->piece[i].changed;
  }
  return ML_OK;
}

/* How far each row is from its centre. */
static void far_body(void *arg, int64_t begin, int64_t end) {
  pass *w = arg;
  const ml_kmeans *s = w->s;
  piece *part = w->piece + begin / w->grain;
  part->inertia = 0;
  for (int64_t i = begin; i < end; i++) {
    w->far[i] = w->d->square(s->x.p, load(w, i, rows_of_thread(w)), s->centre + (s->label[i] - 1) * s->x.p);
    part->inertia += weight_of(s, i) * w->far[i];
  }
}

static ml_status look_how_far(ml_context *c, pass *w) {
  ML_TRY(ml_parallel_for(c, w->s->x.n, w->grain, far_body, w));
  w->s->inertia = 0;
  for (int64_t i = 0; i < ml_pieces(w->s->x.n, w->grain); i++) w->s->inertia += w->piece[i].inertia;
  return ML_OK;
}

static int64_t farthest(const pass *w) {
  int64_t row = 0;
  for (int64_t i = 1; i < w->s->x.n; i++)
    if (w->far[i] > w->far[row]) row = i;
  return row;
}

/* A cluster without rows takes the farthest one from where it is; if all rows stand on their centres, it stays where it was. */
static ml_status fill_empty(ml_context *c, pass *w) {
  ml_kmeans *s = w->s;
  bool looked = false;
  for (int64_t j = 0; j < s->k; j++) {
    if (w->mass[j] > 0) continue;
    if (!looked) ML_TRY(look_how_far(c, w));
    looked = true;
    int64_t row = farthest(w), from = s->label[row] - 1;
    double weight = weight_of(s, row);
    const double *x = load(w, row, rows_of_thread(w));
    if (!(w->far[row] > 0) || weight == 0) continue;
    for (int64_t l = 0; l < s->x.p; l++) {
      w->next[from * s->x.p + l] -= weight * x[l];
      w->next[j * s->x.p + l] = weight * x[l];
    }
    w->mass[from] -= weight;
    w->mass[j] = weight;
    w->far[row] = 0;
  }
  return ML_OK;
}

/* The sums become means, and these the centres. Gives the sum of the squared ways. */
static double move(pass *w) {
  ml_kmeans *s = w->s;
  double sum = 0;
  w->longest = w->second = 0, w->fastest = 0;
  for (int64_t j = 0; j < s->k; j++) {
    w->way[j] = 0;
    if (!(w->mass[j] > 0)) continue;
    double *next = w->next + j * s->x.p, *centre = s->centre + j * s->x.p;
    for (int64_t l = 0; l < s->x.p; l++) next[l] /= w->mass[j];
    double square = w->d->square(s->x.p, next, centre);
    sum += square, w->way[j] = sqrt(square);
    memcpy(centre, next, (size_t)s->x.p * sizeof(double));
    if (w->way[j] > w->longest) w->second = w->longest, w->longest = w->way[j], w->fastest = j;
    else if (w->way[j] > w->second) w->second = w->way[j];
  }
  return sum;
}

static void lengths_body(void *arg, int64_t begin, int64_t end) {
  const pass *w = arg;
  for (int64_t i = begin; i < end; i++) w->half_x[i] = w->d->square(w->s->x.p, load(w, i, rows_of_thread(w)), w->zero) / 2;
}

static ml_status iterate(ml_context *c, pass *w) {
  ml_kmeans *s = w->s;
  int64_t changed = 0;
  double squares = 0;
  ML_TRY(ml_parallel_for(c, s->x.n, w->grain, lengths_body, w));
  for (int64_t i = 0; i < s->x.n; i++) squares += 2 * w->half_x[i];
  double enough = s->tolerance * squares / ((double)s->x.n * (double)s->x.p);
  for (s->iterations = 0; s->iterations < s->most && !s->converged;) {
    ML_TRY(assign(c, w, &changed));
    s->iterations++;
    ML_TRY(fill_empty(c, w));
    double way = move(w);
    s->converged = changed == 0 || way <= enough;
  }
  ML_TRY(assign(c, w, &changed)); /* to the centres as they are now */
  return look_how_far(c, w);
}

ml_status ml_kmeans_run(ml_context *c, ml_kmeans *s) {
  pass w = {.s = s, .d = ml_distances(), .grain = s->x.n / PIECES + ROWS};
  int64_t each = s->k * (s->x.p + 2), scratch = (int64_t)ml_threads() * ROWS * (s->k + s->x.p), pieces = ml_pieces(s->x.n, w.grain);
  size_t bytes = (size_t)(scratch + (pieces + 1) * each + 3 * s->k + s->x.p + 4 * s->x.n) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.scratch));
  double *rest = w.scratch + scratch;
  memset(rest, 0, bytes - (size_t)scratch * sizeof(double));
  for (int64_t i = 0; i <= pieces; i++, rest += each) {
    if (i < pieces) w.piece[i] = (piece){.sum = rest, .mass = rest + s->k * s->x.p, .rows = (int64_t *)(rest + s->k * (s->x.p + 1))};
    else w.next = rest, w.mass = rest + s->k * s->x.p;
  }
  w.half = rest, w.apart = w.half + s->k, w.way = w.apart + s->k, w.zero = w.way + s->k;
  w.half_x = w.way + s->k + s->x.p, w.upper = w.half_x + s->x.n, w.lower = w.upper + s->x.n, w.far = w.lower + s->x.n;
  memset(s->label, 0, (size_t)s->x.n * sizeof *s->label);
  s->converged = false;
  ml_status status = iterate(c, &w);
  ml_free(w.scratch, bytes);
  return status;
}
