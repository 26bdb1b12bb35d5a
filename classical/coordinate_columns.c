#include "classical/coordinate_columns.h"

#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

/* Centred columns ----------------------------------------------------------------------------------------------------- */

typedef struct turning {
  const ml_rows *x;
  ml_columns *d;
  const double *y;
  double total; /* of the weights */
} turning;

static double weight_of(const turning *t, int64_t i) { return t->x->weight ? t->x->weight[i] : 1; }

enum { TILE = 64, COLUMNS = 16, STRETCH = 4096 };

/* Rows begin .. end - 1 of all columns, in tiles that stay in the cache. */
static void turn_body(void *arg, int64_t begin, int64_t end) {
  const turning *t = arg;
  const ml_rows *x = t->x;
  for (int64_t from = 0; from < x->p; from += COLUMNS)
    for (int64_t i = begin; i < end; i += TILE)
      for (int64_t j = from; j < from + COLUMNS && j < x->p; j++)
        for (int64_t r = i; r < i + TILE && r < end; r++) t->d->x[j * x->n + r] = ml_rows_at(x, r, j);
}

/* Takes off the mean (if it is wanted: mean is then not NULL) and multiplies by the roots of the weights. */
static void centre(const turning *t, double *column, double *mean) {
  int64_t n = t->x->n;
  if (mean) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += weight_of(t, i) * column[i];
    *mean = sum / t->total;
    for (int64_t i = 0; i < n; i++) column[i] -= *mean;
  }
  if (t->x->weight)
    for (int64_t i = 0; i < n; i++) column[i] *= sqrt(t->x->weight[i] / t->total * (double)n);
}

static void centre_body(void *arg, int64_t begin, int64_t end) {
  const turning *t = arg;
  const ml_columns *d = t->d;
  for (int64_t j = begin; j < end; j++) {
    double *column = d->x + j * d->n;
    centre(t, column, d->mean ? d->mean + j : NULL);
    d->norm[j] = sqrt(ml_vectors()->dot(d->n, column, column) / (double)d->n);
  }
}

static ml_status fill(ml_context *c, turning *t, bool intercept) {
  ml_columns *d = t->d;
  double *mean = d->mean;
  t->total = 0;
  for (int64_t i = 0; i < d->n; i++) t->total += weight_of(t, i), d->y[i] = t->y[i];
  memset(mean, 0, (size_t)(d->p + 1) * sizeof(double));
  ML_TRY(ml_parallel_for(c, d->n, d->p < COLUMNS ? STRETCH : TILE, turn_body, t));
  if (!intercept) d->mean = NULL;
  ml_status status = ml_parallel_for(c, d->p, STRETCH / d->n + 1, centre_body, t);
  centre(t, d->y, intercept ? mean + d->p : NULL);
  d->mean = mean;
  return status;
}

ml_status ml_columns_make(ml_context *c, const ml_rows *x, const double *y, bool intercept, ml_columns *out) {
  ml_columns d = {.n = x->n, .p = x->p};
  d.bytes = (size_t)(x->p * x->n + x->n + 4 * x->p + 1) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, d.bytes, &d.memory));
  d.x = d.memory, d.y = d.x + x->p * x->n, d.mean = d.y + x->n;
  d.norm = d.mean + x->p + 1, d.column = (int64_t *)(d.norm + x->p), d.place = d.column + x->p;
  for (int64_t j = 0; j < x->p; j++) d.place[j] = -1;
  turning t = {.x = x, .d = &d, .y = y};
  ml_status status = fill(c, &t, intercept);
  if (status != ML_OK) ml_columns_free(&d);
  else *out = d;
  return status;
}

static size_t room_bytes(const ml_columns *d, int64_t room) { return (size_t)(room * d->n) * sizeof(double) + (size_t)(room * room) * sizeof(float); }

void ml_columns_free(ml_columns *d) {
  ml_free(d->taken, d->taken ? room_bytes(d, d->room) : 0);
  ml_free(d->memory, d->bytes);
}

/* Columns in use ------------------------------------------------------------------------------------------------------ */

enum { LEAST_ROOM = 32 };

static ml_status make_room(ml_context *c, ml_columns *d, int64_t wanted) {
  if (wanted <= d->room) return ML_OK;
  int64_t room = d->room * 2 > wanted ? d->room * 2 : wanted;
  if (room < LEAST_ROOM) room = LEAST_ROOM;
  if (room > d->p) room = d->p;
  double *block;
  ML_TRY(ml_alloc_checked(c, room_bytes(d, room), (void **)&block));
  float *gram = (float *)(block + room * d->n);
  if (d->used > 0) memcpy(block, d->taken, (size_t)(d->used * d->n) * sizeof(double));
  for (int64_t k = 0; k < d->used; k++) memcpy(gram + k * room, d->gram + k * d->room, (size_t)d->used * sizeof(float));
  ml_free(d->taken, d->taken ? room_bytes(d, d->room) : 0);
  d->taken = block, d->gram = gram, d->room = room;
  return ML_OK;
}

/* The products of the column at place k with all, and those of the earlier ones with it. */
static void correlate(const ml_columns *d, int64_t earlier, int64_t k, const double *product) {
  double scale = (double)d->n * d->norm[d->column[k]];
  for (int64_t l = 0; l < d->used; l++) {
    double both = scale * d->norm[d->column[l]];
    d->gram[k * d->room + l] = both > 0 ? (float)(product[l] / both) : 0;
  }
  for (int64_t l = 0; l < earlier; l++) d->gram[l * d->room + k] = d->gram[k * d->room + l];
}

ml_status ml_columns_take(ml_context *c, ml_columns *d, const int64_t *list, int64_t count) {
  if (count == 0) return ML_OK;
  ML_TRY(make_room(c, d, d->used + count));
  int64_t before = d->used;
  for (int64_t k = 0; k < count; k++) {
    d->place[list[k]] = d->used;
    d->column[d->used] = list[k];
    memcpy(d->taken + d->used++ * d->n, d->x + list[k] * d->n, (size_t)d->n * sizeof(double));
  }
  size_t bytes = (size_t)(count * d->used) * sizeof(double);
  double *product;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&product));
  ml_status status = ml_gemm(c, ML_FLOAT64, &(ml_gemm_args){.m = count, .n = d->used, .k = d->n, .a = d->taken + before * d->n, .a_row = d->n, .a_column = 1,
                                                            .b = d->taken, .b_row = 1, .b_column = d->n, .c = product, .c_row = d->used});
  for (int64_t k = 0; k < count; k++) correlate(d, before, before + k, product + k * d->used);
  ml_free(product, bytes);
  return status;
}

typedef struct products {
  const ml_columns *d;
  const double *r;
  const int64_t *list;
  double *along;
} products;

static void along_body(void *arg, int64_t begin, int64_t end) {
  const products *w = arg;
  for (int64_t k = begin; k < end; k++) {
    int64_t j = w->list ? w->list[k] : k;
    w->along[j] = ml_vectors()->dot(w->d->n, w->d->x + j * w->d->n, w->r) / (double)w->d->n;
  }
}

ml_status ml_columns_along(ml_context *c, const ml_columns *d, const double *r, const int64_t *list, int64_t count, double *along) {
  products w = {.d = d, .r = r, .list = list, .along = along};
  return ml_parallel_for(c, count, 32, along_body, &w);
}
