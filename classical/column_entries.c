#include "classical/column_entries.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <string.h>

/* The numbers of row i that are not 0, and their columns; how many. Room for p of both. */
static int64_t read_row(const ml_rows *x, int64_t i, int32_t *column, double *value) {
  int64_t count = 0;
  if (x->start) {
    for (int64_t k = x->start[i]; k < x->start[i + 1]; k++)
      if (x->value[k] != 0) column[count] = x->index[k], value[count++] = x->value[k];
  } else {
    for (int64_t j = 0; j < x->p; j++) {
      double v = ml_rows_at(x, i, j);
      if (v != 0) column[count] = (int32_t)j, value[count++] = v;
    }
  }
  return count;
}

/* A row, read to be dealt out. */
typedef struct row_buffer {
  int32_t *column;
  double *value;
} row_buffer;

enum { POLL = 4096 };

/* How many entries each column has, in start[j + 1]; then where each begins. */
static ml_status count(ml_context *c, const ml_rows *x, const row_buffer *row, int64_t *start) {
  memset(start, 0, (size_t)(x->p + 1) * sizeof *start);
  for (int64_t i = 0; i < x->n; i++) {
    if (i % POLL == 0 && ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    for (int64_t k = read_row(x, i, row->column, row->value); k-- > 0;) start[row->column[k] + 1]++;
  }
  for (int64_t j = 0; j < x->p; j++) start[j + 1] += start[j];
  return ML_OK;
}

static void fill(const ml_rows *x, const row_buffer *row, ml_column_entries *e) {
  for (int64_t i = 0; i < x->n; i++)
    for (int64_t k = read_row(x, i, row->column, row->value); k-- > 0;) {
      int64_t at = e->start[row->column[k]]++;
      e->row[at] = (int32_t)i, e->value[at] = row->value[k];
    }
  for (int64_t j = e->p; j > 0; j--) e->start[j] = e->start[j - 1]; /* each ran on to where the next began */
  e->start[0] = 0;
}

ml_status ml_column_entries_make(ml_context *c, const ml_rows *x, ml_column_entries *out) {
  *out = (ml_column_entries){.n = x->n, .p = x->p};
  if (x->n > INT32_MAX) return ml_fail(c, "%lld rows; there may be %lld", (long long)x->n, (long long)INT32_MAX);
  size_t starts = (size_t)(x->p + 1) * sizeof(int64_t), scratch = starts + (size_t)x->p * (sizeof(double) + sizeof(int32_t));
  int64_t *start = NULL;
  ML_TRY(ml_alloc_checked(c, scratch, (void **)&start));
  row_buffer row = {.value = (double *)(start + x->p + 1)};
  row.column = (int32_t *)(row.value + x->p);
  ml_status status = count(c, x, &row, start);
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
    fill(x, &row, out);
  }
  ml_free(start, scratch);
  return status;
}

void ml_column_entries_free(ml_column_entries *e) {
  ml_free(e->memory, e->bytes);
  e->memory = NULL;
}
