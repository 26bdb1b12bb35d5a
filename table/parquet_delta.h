/* DELTA_BINARY_PACKED: integers as differences, packed into bits block by block. */
#ifndef ML_PARQUET_DELTA_H
#define ML_PARQUET_DELTA_H

#include <stdbool.h>
#include <stdint.h>

enum { PARQUET_MINIBLOCKS = 256 }; /* in a block; writers use 4 */

typedef struct parquet_delta {
  const uint8_t *at, *end;
  int64_t total;                /* values announced */
  int64_t left;                 /* of them, still to come */
  int64_t per_miniblock;        /* values, a multiple of 32 */
  int miniblocks;               /* in a block */
  int next;                     /* the miniblock to be opened; miniblocks: a block is */
  const uint8_t *widths;        /* bits of a difference, one byte a miniblock */
  int64_t open;                 /* differences of the open miniblock that are still to come */
  int64_t bit;                  /* where the next of them begins, counted from `at` */
  int64_t bytes;                /* of the open miniblock */
  int width;
  uint64_t least;               /* what is added to each difference of the block */
  uint64_t value;               /* the last one */
  bool begun;                   /* the first value has been given */
} parquet_delta;

/* Behind `end` stand 16 bytes that may be read. False where the header is wrong. */
bool parquet_delta_begin(parquet_delta *d, const uint8_t *at, const uint8_t *end);
/* The next n values; false where there are fewer. */
bool parquet_delta_next(parquet_delta *d, int64_t *out, int64_t n);
/* From its beginning: where the bytes behind the last value are; NULL where they are cut short. */
const uint8_t *parquet_delta_behind(parquet_delta d);

#endif
