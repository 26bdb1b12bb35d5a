#include "classical/design.h"

#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"

#include <string.h>

ML_ISA_DECLARE(ml_design_kernels, design_kernels, [1]);
const ml_design_kernels *ml_design_kernels_here(void) { return ML_ISA_CHOOSE(design_kernels); }

/* Which columns are sparse -------------------------------------------------------------------------------------------- */

enum { FEW_COLUMNS = 16, SAMPLE = 2048 };

/* Marks in place[j] whether at most half of a sample of column j is not 0, every (n / SAMPLE)th row. A guess: a wrong one costs time. */
static void mark_sparse(const ml_rows *x, int64_t *place) {
  int64_t step = x->n / SAMPLE + 1, seen = 0;
  for (int64_t j = 0; j < x->p; j++) place[j] = 0;
  for (int64_t i = 0; i < x->n; i += step, seen++) {
    for (int64_t k = x->start ? x->start[i] : 0; x->start && k < x->start[i + 1]; k++) place[x->index[k]]++;
    for (int64_t j = 0; !x->start && j < x->p; j++) place[j] += ml_rows_at(x, i, j) != 0;
  }
  for (int64_t j = 0; j < x->p; j++) place[j] = x->p > FEW_COLUMNS && place[j] * 2 <= seen;
}

/* Gives each column its place. */
static void find_places(ml_design *d, bool intercept) {
  int64_t dense = 0, sparse = 0;
  for (int64_t j = 0; j < d->p; j++) dense += !d->place[j];
  d->place[d->p] = intercept ? dense++ : -1;
  d->dense = (dense + DESIGN_LANES - 1) / DESIGN_LANES * DESIGN_LANES;
  for (int64_t k = 0; k < d->p + 1 + DESIGN_LANES; k++) d->column[k] = -1;
  dense = 0;
  for (int64_t j = 0; j < d->p; j++) {
    d->place[j] = d->place[j] ? d->dense + sparse++ : dense++;
    d->column[d->place[j]] = j;
  }
  if (intercept) d->column[d->place[d->p]] = d->p;
  d->sparse = sparse;
}

/* The rows ------------------------------------------------------------------------------------------------------------ */

typedef struct packing {
  const ml_rows *x;
  ml_design *d;
  int32_t *found; /* for each thread: p + 1 columns */
  bool other;     /* a non-zero of a sparse column that is not 1 was seen */
} packing;

enum { PACK_ROWS = 256 };

/* The columns of row i that are not 0, in order; how many. The bits of 0 and -0 but for the sign are 0. */
static int64_t nonzeros(const ml_rows *x, int64_t i, int32_t *list) {
  int64_t count = 0;
  if (x->f64) {
    const double *row = x->f64 + i * x->p;
    for (int32_t j = 0; j < x->p; j++) {
      uint64_t bits;
      memcpy(&bits, row + j, sizeof bits);
      list[count] = j, count += bits << 1 != 0;
    }
  } else {
    const float *row = x->f32 + i * x->p;
    for (int32_t j = 0; j < x->p; j++) {
      uint32_t bits;
      memcpy(&bits, row + j, sizeof bits);
      list[count] = j, count += bits << 1 != 0;
    }
  }
  return count;
}

static void fill_dense(const ml_rows *x, const ml_design *d, int64_t i) {
  double *row = d->x + i * d->dense;
  for (int64_t k = 0; k < d->dense; k++) {
    int64_t j = d->column[k];
    row[k] = j < 0 ? 0 : j == d->p ? 1 : ml_rows_at(x, i, j);
  }
}

static void fill_body(void *arg, int64_t begin, int64_t end) {
  packing *w = arg;
  const ml_design *d = w->d;
  int32_t *found = w->found + ml_thread_index() * (d->p + 1);
  bool other = false;
  for (int64_t i = begin; i < end; i++) {
    fill_dense(w->x, d, i);
    int64_t at = i * d->sparse, count = d->sparse > 0 ? nonzeros(w->x, i, found) : 0;
    d->extent[2 * i] = at;
    for (int64_t k = 0; k < count; k++) {
      int64_t place = d->place[found[k]] - d->dense;
      if (place < 0) continue;
      d->index[at++] = (int32_t)place;
      other |= ml_rows_at(w->x, i, found[k]) != 1;
    }
    d->extent[2 * i + 1] = at;
  }
  if (other) __atomic_store_n(&w->other, true, __ATOMIC_RELAXED);
}

static void value_body(void *arg, int64_t begin, int64_t end) {
  const packing *w = arg;
  const ml_design *d = w->d;
  for (int64_t i = begin; i < end; i++)
    for (int64_t k = d->extent[2 * i]; k < d->extent[2 * i + 1]; k++) d->value[k] = ml_rows_at(w->x, i, d->column[d->dense + d->index[k]]);
}

/* The same of sparse rows: an entry is copied to where its column stands. */
static void fill_sparse_body(void *arg, int64_t begin, int64_t end) {
  packing *w = arg;
  const ml_rows *x = w->x;
  const ml_design *d = w->d;
  bool other = false;
  memset(d->x + begin * d->dense, 0, (size_t)((end - begin) * d->dense) * sizeof(double));
  for (int64_t i = begin; i < end; i++) {
    double *row = d->x + i * d->dense;
    int64_t at = x->start[i];
    if (d->place[d->p] >= 0) row[d->place[d->p]] = 1;
    d->extent[2 * i] = at;
    for (int64_t k = x->start[i]; k < x->start[i + 1]; k++) {
      int64_t place = d->place[x->index[k]];
      if (place < d->dense) {
        row[place] = x->value[k];
      } else {
        d->index[at++] = (int32_t)(place - d->dense);
        other |= x->value[k] != 1;
      }
    }
    d->extent[2 * i + 1] = at;
  }
  if (other) __atomic_store_n(&w->other, true, __ATOMIC_RELAXED);
}

static void sparse_value_body(void *arg, int64_t begin, int64_t end) {
  const packing *w = arg;
  const ml_rows *x = w->x;
  const ml_design *d = w->d;
  for (int64_t i = begin; i < end; i++) {
    int64_t at = d->extent[2 * i];
    for (int64_t k = x->start[i]; k < x->start[i + 1]; k++)
      if (d->place[x->index[k]] >= d->dense) d->value[at++] = x->value[k];
  }
}

static ml_status pack(ml_context *c, const ml_rows *x, ml_design *d) {
  packing w = {.x = x, .d = d};
  int64_t most = x->start ? x->start[x->n] : d->n * d->sparse; /* entries */
  size_t index = (size_t)most * sizeof(int32_t), found = (size_t)((d->p + 1) * ml_threads()) * sizeof(int32_t);
  d->bytes[1] = (size_t)(d->n * d->dense) * sizeof(double) + index + found;
  ML_TRY(ml_alloc_checked(c, d->bytes[1], &d->memory[1]));
  d->x = d->memory[1];
  d->index = (int32_t *)(d->x + d->n * d->dense);
  w.found = d->index + most;
  ML_TRY(ml_parallel_for(c, d->n, PACK_ROWS, x->start ? fill_sparse_body : fill_body, &w));
  if (!w.other) return ML_OK;
  d->bytes[2] = (size_t)most * sizeof(double);
  ML_TRY(ml_alloc_checked(c, d->bytes[2], &d->memory[2]));
  d->value = d->memory[2];
  return ml_parallel_for(c, d->n, PACK_ROWS, x->start ? sparse_value_body : value_body, &w);
}

ml_status ml_design_make(ml_context *c, const ml_rows *x, bool intercept, ml_design *out) {
  ml_design d = {.n = x->n, .p = x->p};
  d.bytes[0] = (size_t)(2 * x->p + 2 + DESIGN_LANES + 2 * x->n) * sizeof(int64_t);
  ML_TRY(ml_alloc_checked(c, d.bytes[0], &d.memory[0]));
  d.place = d.memory[0];
  d.column = d.place + x->p + 1;
  d.extent = d.column + x->p + 1 + DESIGN_LANES;
  mark_sparse(x, d.place);
  find_places(&d, intercept);
  ml_status status = pack(c, x, &d);
  if (status != ML_OK) ml_design_free(&d);
  else *out = d;
  return status;
}

void ml_design_free(ml_design *d) {
  for (int i = 0; i < 3; i++) {
    ml_free(d->memory[i], d->bytes[i]);
    d->memory[i] = NULL;
  }
}
