/* Tables as files hold them: named columns of one type each, in which values may be missing. Readers make them, writers take
 * them; what is done with them otherwise is done by ops on their tensors.
 *
 *     number    float64 [n]; a NaN is a missing value
 *     time      float64 [n]: seconds since 1970-01-01 00:00:00 UTC; a NaN is a missing value
 *     integer   int64 [n], with a mask where values are missing
 *     boolean   bool [n], with a mask where values are missing
 *     text      bytes of UTF-8 one after the other, and where each row's bytes end; with a mask */
#ifndef ML_TABLE_H
#define ML_TABLE_H

#include "tensor/tensor.h"

typedef enum ml_column_type {
  ML_COLUMN_NUMBER,
  ML_COLUMN_TIME,
  ML_COLUMN_INTEGER,
  ML_COLUMN_BOOLEAN,
  ML_COLUMN_TEXT,
  ML_COLUMN_TYPES,
} ml_column_type;

typedef struct ml_column {
  char *name; /* owned; ends with a zero byte that does not count */
  size_t name_length;
  ml_column_type type;
  ml_tensor *values;  /* [n]; NULL for text */
  ml_tensor *bytes;   /* text: uint8 [total] */
  ml_tensor *ends;    /* text: int64 [n]; row i has the bytes ends[i - 1] + 1 .. ends[i], positions from 1 */
  ml_tensor *missing; /* integer, boolean, text: bool [n]; NULL: none is missing. Below a mark stand 0, false, no bytes */
} ml_column;

typedef struct ml_table {
  int64_t rows;
  int columns;
  ml_column *column; /* owned, as all in it */
} ml_table;

/* "number", "time", ... */
const char *ml_column_type_name(ml_column_type type);

/* Room for so many columns, all empty. */
ML_CHECKED ml_status ml_table_init(ml_context *c, int columns, ml_table *out);
ML_CHECKED ml_status ml_column_set_name(ml_context *c, ml_column *column, const char *name, size_t length);
/* Releases all that it holds; a table of zeros is fine. */
void ml_table_free(ml_table *t);

#endif
