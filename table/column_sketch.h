/* What is known of a column after one look at its rows, in bounded memory: a profile's numbers.
 *
 * Of texts the quantiles and moments are those of their lengths in characters, of booleans those of 0 and 1. Sketches of parts
 * of a table can be merged. */
#ifndef ML_COLUMN_SKETCH_H
#define ML_COLUMN_SKETCH_H

#include "table/distinct_sketch.h"
#include "table/frequent_sketch.h"
#include "table/quantile_sketch.h"
#include "table/table.h"

typedef struct ml_moments {
  int64_t count, infinite;       /* of values that are there; infinite ones count, and nothing else is made of them */
  double min, max, mean, squares; /* squares: the sum of squared distances from the mean (Welford 1962, Chan 1979) */
  int64_t at_min, at_max;        /* how many values are the smallest, the largest */
} ml_moments;

typedef struct ml_column_sketch {
  ml_column_type type;
  int64_t rows, missing;
  ml_moments moments;
  ml_quantile_sketch quantiles;
  ml_distinct_sketch distinct;
  ml_frequent_sketch frequent;
} ml_column_sketch;

/* The same rows seen before, by a hash of all their values: exact as long as there are at most `limit` different rows; beyond,
 * new rows are compared with those that are known. */
typedef struct ml_row_set {
  uint64_t *hash; /* [room]; 0: free */
  int64_t room, count, limit, repeated;
  bool full; /* some row was not taken */
} ml_row_set;

typedef struct ml_table_sketch {
  int64_t rows;
  int columns;
  ml_column_sketch **column; /* [columns], owned */
  ml_row_set seen;
} ml_table_sketch;

/* types: [columns]; quantiles: numbers of a buffer; limit: of different rows. The caller frees, on failure too. */
ML_CHECKED ml_status ml_table_sketch_init(ml_context *c, int columns, const ml_column_type *types, int64_t quantiles,
                                          int64_t limit, ml_table_sketch *s);
void ml_table_sketch_free(ml_table_sketch *s);
/* The rows of a table with columns of these types come next. `leave_out`: [columns], columns that do not count for the
 * comparison of rows, or NULL. */
ML_CHECKED ml_status ml_table_sketch_update(ml_context *c, ml_table_sketch *s, const ml_table *t, const bool *leave_out);
/* The rows of another table. Rows that both have are repeated. */
ML_CHECKED ml_status ml_table_sketch_merge(ml_context *c, ml_table_sketch *s, const ml_table_sketch *other);

/* row_set.c: takes hashes of rows, which it may change. */
ML_CHECKED ml_status ml_row_set_add(ml_context *c, ml_row_set *s, const uint64_t *hash, int64_t n);
void ml_row_set_free(ml_row_set *s);

#endif
