/* Definition levels: which rows of a page have a value. */
#ifndef ML_PARQUET_LEVELS_H
#define ML_PARQUET_LEVELS_H

#include "table/parquet_parts.h"
#include "table/parquet_runs.h"

enum { PARQUET_BLOCK = 1024 }; /* rows that are decoded at once: they stay in the nearest cache */

typedef struct parquet_levels {
  parquet_page *page;
  parquet_runs runs;
  int64_t bit; /* of the older BIT_PACKED encoding */
  int64_t rows; /* given so far */
} parquet_levels;

void parquet_levels_begin(parquet_levels *l, parquet_page *p);
/* Of the next n rows, at most PARQUET_BLOCK: how many have a value, and which (1) unless all do; marks the others in the page's mask.
 * Negative after a problem. */
int64_t parquet_levels_next(parquet_levels *l, int64_t n, uint8_t *present);

#endif
