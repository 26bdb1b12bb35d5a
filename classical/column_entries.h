/* The entries of rows that are not 0, column by column: for solvers that change one coefficient after the other. */
#ifndef ML_CLASSICAL_COLUMN_ENTRIES_H
#define ML_CLASSICAL_COLUMN_ENTRIES_H

#include "classical/rows.h"

typedef struct ml_column_entries {
  int64_t n, p;
  int64_t *start; /* p + 1 */
  int32_t *row;   /* rising in each column */
  double *value;
  void *memory;
  size_t bytes;
} ml_column_entries;

ML_CHECKED ml_status ml_column_entries_make(ml_context *c, const ml_rows *x, ml_column_entries *out);
void ml_column_entries_free(ml_column_entries *e);

#endif
