/* Starting centres of k-means: each is drawn with a probability in proportion to its squared distance from those that are there. */

#include "classical/kernels/distances.h"
#include "classical/kmeans.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 1024, TRIALS = 64 };

typedef struct drawing {
  const ml_kmeans *s;
  const ml_distance_kernels *d;
  int trials;
  int64_t candidate[TRIALS];
  double *closest; /* n: squared distances to the nearest centre so far */
  double *with;    /* trials x n: the same with each candidate */
  double *chosen;  /* trials x p: the candidates, less the mean */
  double *row;     /* p for each thread */
} drawing;

static void distances_body(void *arg, int64_t begin, int64_t end) {
  drawing *w = arg;
  const ml_kmeans *s = w->s;
  double *row = w->row + ml_thread_index() * s->x.p;
  for (int64_t i = begin; i < end; i++) {
    ml_rows_centred(&s->x, i, s->mean, row);
    for (int t = 0; t < w->trials; t++) {
      double d = w->d->square(s->x.p, row, w->chosen + t * s->x.p);
      w->with[t * s->x.n + i] = d < w->closest[i] ? d : w->closest[i];
    }
  }
}

/* Sum of weight times value. */
static double total(const ml_kmeans *s, const double *value) {
  double sum = 0;
  for (int64_t i = 0; i < s->x.n; i++) sum += (s->x.weight ? s->x.weight[i] : 1) * value[i];
  return sum;
}

/* The row in which a share of the sum is reached: the last one that can be drawn, where rounding runs past the end. */
static int64_t row_at(const ml_kmeans *s, const double *value, double share) {
  double sum = 0;
  int64_t last = 0;
  for (int64_t i = 0; i < s->x.n; i++) {
    double part = (s->x.weight ? s->x.weight[i] : 1) * value[i];
    if (part > 0) last = i;
    sum += part;
    if (part > 0 && sum > share) return i;
  }
  return last;
}

static ml_status draw(ml_context *c, drawing *w, double *centre, uint64_t key) {
  const ml_kmeans *s = w->s;
  uint64_t drawn = 0;
  for (int64_t i = 0; i < s->x.n; i++) w->closest[i] = 1;
  for (int64_t k = 0; k < s->k; k++) {
    double sum = total(s, w->closest), best_sum = INFINITY;
    int best = 0, most = w->trials;
    w->trials = k == 0 ? 1 : most;
    for (int t = 0; t < w->trials; t++) {
      w->candidate[t] = row_at(s, w->closest, sum * ml_random_double(key, drawn++));
      ml_rows_centred(&s->x, w->candidate[t], s->mean, w->chosen + t * s->x.p);
    }
    for (int64_t i = 0; k == 0 && i < s->x.n; i++) w->closest[i] = INFINITY;
    ML_TRY(ml_parallel_for(c, s->x.n, GRAIN, distances_body, w));
    for (int t = 0; t < w->trials; t++) {
      double with = total(s, w->with + t * s->x.n);
      if (with < best_sum) best_sum = with, best = t;
    }
    memcpy(w->closest, w->with + best * s->x.n, (size_t)s->x.n * sizeof(double));
    memcpy(centre + k * s->x.p, w->chosen + best * s->x.p, (size_t)s->x.p * sizeof(double));
    w->trials = most;
  }
  return ML_OK;
}

ml_status ml_kmeans_start(ml_context *c, ml_kmeans *s, uint64_t key) {
  drawing w = {.s = s, .d = ml_distances(), .trials = 2 + (int)log((double)s->k)};
  size_t bytes = (size_t)(s->x.n * (w.trials + 1) + (w.trials + ml_threads()) * s->x.p) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.closest));
  w.with = w.closest + s->x.n, w.chosen = w.with + w.trials * s->x.n, w.row = w.chosen + w.trials * s->x.p;
  ml_status status = draw(c, &w, s->centre, key);
  ml_free(w.closest, bytes);
  return status;
}
