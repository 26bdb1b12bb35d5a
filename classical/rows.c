#include "classical/rows.h"

#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <string.h>

ml_rows ml_rows_of(const ml_tensor *x, const ml_tensor *weight) {
  ml_rows r = {.n = x->shape.size[0], .p = x->shape.size[1], .weight = weight ? ml_f64(weight) : NULL};
  if (x->dtype == ML_FLOAT64) r.f64 = ml_f64(x);
  else r.f32 = ml_f32(x);
  return r;
}

ml_rows ml_rows_of_sparse(const ml_sparse *x, const ml_tensor *weight) {
  return (ml_rows){.n = x->n, .p = x->p, .start = ml_i64(x->start), .index = ml_data(x->index), .value = ml_f64(x->value),
                   .weight = weight ? ml_f64(weight) : NULL};
}

enum { PIECES = 64 };

typedef struct search {
  const double *f64;
  const float *f32;
  int64_t count; /* of numbers */
  int64_t grain, first[PIECES];
} search;

static void search_body(void *arg, int64_t begin, int64_t end) {
  search *s = arg;
  int64_t found = s->f64 ? ml_vectors()->bounded(end - begin, s->f64 + begin) : ml_vectors()->bounded_f32(end - begin, s->f32 + begin);
  s->first[begin / s->grain] = begin + found == end ? s->count : begin + found;
}

/* Where the first one stands among the numbers that are there; their count if there is none. */
static ml_status first_not_bounded(ml_context *c, const ml_rows *x, int64_t count, int64_t *first) {
  search s = {.f64 = x->value ? x->value : x->f64, .f32 = x->f32, .count = count, .grain = count / PIECES + 4096};
  *first = count;
  ML_TRY(ml_parallel_for(c, count, s.grain, search_body, &s));
  for (int64_t i = 0; i < ml_pieces(count, s.grain) && *first == count; i++) *first = s.first[i];
  return ML_OK;
}

ml_status ml_rows_bounded(ml_context *c, const ml_rows *x, int64_t *row, int64_t *column) {
  int64_t count = x->start ? x->start[x->n] : x->n * x->p, first;
  ML_TRY(first_not_bounded(c, x, count, &first));
  *row = x->n, *column = 0;
  if (first == count) return ML_OK;
  if (!x->start) {
    *row = first / x->p, *column = first % x->p;
    return ML_OK;
  }
  for (*row = 0; x->start[*row + 1] <= first; ++*row) {}
  *column = x->index[first];
  return ML_OK;
}

enum { MEAN_ROWS = 2048 };

typedef struct summing {
  const ml_rows *x;
  double *sum; /* p + 1 for each piece: of the columns, and of the weights */
} summing;

static void sum_body(void *arg, int64_t begin, int64_t end) {
  const summing *w = arg;
  const ml_rows *x = w->x;
  int64_t p = x->p;
  double *sum = w->sum + begin / MEAN_ROWS * (p + 1);
  for (int64_t i = begin; i < end; i++) {
    double weight = x->weight ? x->weight[i] : 1;
    if (x->f64) ml_vectors()->add(p, weight, x->f64 + i * p, sum);
    else ml_vectors()->add_f32(p, weight, x->f32 + i * p, sum);
    sum[p] += weight;
  }
}

ml_status ml_rows_mean(ml_context *c, const ml_rows *x, double *mean) {
  int64_t each = x->p + 1, pieces = ml_pieces(x->n, MEAN_ROWS);
  size_t bytes = (size_t)(pieces * each) * sizeof(double);
  summing w = {.x = x};
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.sum));
  memset(w.sum, 0, bytes);
  ml_status status = ml_parallel_for(c, x->n, MEAN_ROWS, sum_body, &w);
  for (int64_t i = 1; i < pieces; i++) ml_vectors()->add(each, 1, w.sum + i * each, w.sum);
  for (int64_t j = 0; j < x->p; j++) mean[j] = w.sum[j] / w.sum[x->p];
  ml_free(w.sum, bytes);
  return status;
}

void ml_rows_centred(const ml_rows *x, int64_t i, const double *mean, double *out) {
  if (x->f32) ml_vectors()->widen(x->p, x->f32 + i * x->p, out);
  ml_vectors()->less(x->p, x->f32 ? out : x->f64 + i * x->p, mean, out);
}
