#include "classical/column_entries.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <string.h>

/* Calls for each entry of row i that is not 0: at(j) gets it. */
#define EACH_ENTRY(x, i, j, v, body)                                                    \
  if ((x)->start) {                                                                     \
    for (int64_t k_ = (x)->start[i]; k_ < (x)->start[(i) + 1]; k_++) {                  \
      int64_t j = (x)->index[k_];                                                       \
      double v = (x)->value[k_];                                                        \
      if (v != 0) body;                                                                 \
    }                                                                                   \
  } else {                                                                              \
    for (int64_t j = 0; j < (x)->p; j++) {                                              \
      double v = ml_rows_at(x, i, j);                                                   \
      if (v != 0) body;                                                                 \
    }                                                                                   \
  }

enum { POLL = 4096 };

/* How many entries each column has, in start[j + 1]. */
static ml_status count(ml_context *c, const ml_rows *x, int64_t *start) {
  memset(start, 0, (size_t)(x->p + 1) * sizeof *start);
  for (int64_t i = 0; i < x->n; i++) {
    if (i % POLL == 0 && ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    EACH_ENTRY(x, i, j, v, start[j + 1]++)
  }
  for (int64_t j = 0; j < x->p; j++) start[j + 1] += start[j];
  return ML_OK;
}

static void fill(const ml_rows *x, ml_column_entries *e) {
  for (int64_t i = 0; i < x->n; i++) EACH_ENTRY(x, i, j, v, (e->row[e->start[j]] = (int32_t)i, e->value[e->start[j]++] = v))
  for (int64_t j = e->p; j > 0; j--) e->start[j] = e->start[j - 1]; /* each ran on to where the next began */
  e->start[0] = 0;
}

ml_status ml_column_entries_make(ml_context *c, const ml_rows *x, ml_column_entries *out) {
  *out = (ml_column_entries){.n = x->n, .p = x->p};
  if (x->n > INT32_MAX) return ml_fail(c, "%lld rows; there may be %lld", (long long)x->n, (long long)INT32_MAX);
  size_t starts = (size_t)(x->p + 1) * sizeof(int64_t);
  int64_t *start = NULL;
  ML_TRY(ml_alloc_checked(c, starts, (void **)&start));
  ml_status status = count(c, x, start);
  if (status == ML_OK) {
    size_t entries = (size_t)start[x->p];
    out->bytes = starts + entries * (sizeof(double) + sizeof(int32_t));
    status = ml_alloc_checked(c, out->bytes, &out->memory);
  }
  if (status == ML_OK) {
    out->start = out->memory;
    out->value = (double *)(out->start + x->p + 1);
    out->row = (int32_t *)(out->value + start[x->p]);
    memcpy(out->start, start, starts);
    fill(x, out);
  }
  ml_free(start, starts);
  return status;
}

void ml_column_entries_free(ml_column_entries *e) {
  ml_free(e->memory, e->bytes);
  e->memory = NULL;
}
