/* Parquet's RLE: runs of one value, and of values packed into bits. Levels, positions in a dictionary and booleans are stored so. */
#ifndef ML_PARQUET_RUNS_H
#define ML_PARQUET_RUNS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct parquet_runs {
  const uint8_t *at, *end;
  int width;     /* bits of a value, 0 to 32 */
  int64_t left;  /* values of the open run that are still to come */
  int64_t bit;   /* a packed run: where the next one begins, counted from `at` */
  int64_t bytes; /* a packed run: its bytes; 0: the run repeats `value` */
  uint32_t value;
} parquet_runs;

/* Behind `end` stand 8 bytes that may be read. */
void parquet_runs_begin(parquet_runs *r, const uint8_t *at, const uint8_t *end, int width);
/* The next n values; false where there are fewer. */
bool parquet_runs_next(parquet_runs *r, uint32_t *out, int64_t n);
/* The same of values of one bit. A run that repeats a value has a whole byte for it: that is what is given. */
bool parquet_runs_flags(parquet_runs *r, uint8_t *out, int64_t n);
/* How many of the next n values come in one run of equal ones, which are taken; 0 where they are packed or at an end. */
int64_t parquet_runs_repeated(parquet_runs *r, int64_t n, uint32_t *value);

#endif
