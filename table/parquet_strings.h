/* The byte arrays of a page one after the other, in whatever encoding but a dictionary. */
#ifndef ML_PARQUET_STRINGS_H
#define ML_PARQUET_STRINGS_H

#include "table/parquet_delta.h"
#include "table/parquet_parts.h"

enum { PARQUET_LENGTHS = 64 };

/* A value: the first `prefix` bytes of the one before, then these. */
typedef struct parquet_string {
  int64_t prefix;
  const uint8_t *at;
  int64_t count;
} parquet_string;

typedef struct parquet_strings {
  parquet_page *page;
  int encoding;
  int32_t width; /* of each value; 0: they have lengths of their own */
  const uint8_t *at, *end;
  int64_t stride;                  /* BYTE_STREAM_SPLIT: values, and so bytes between those of one value */
  parquet_delta prefixes, lengths; /* DELTA_LENGTH: lengths alone */
  int64_t prefix[PARQUET_LENGTHS], length[PARQUET_LENGTHS]; /* the next of them */
  int ready, used;
  int64_t last; /* bytes of the value before */
  uint8_t small[PARQUET_DECIMAL_BYTES];
} parquet_strings;

/* A page with `count` values. False after a problem. */
bool parquet_strings_begin(parquet_strings *s, parquet_page *p);
bool parquet_strings_next(parquet_strings *s, parquet_string *out);
/* How long the next n values are. */
bool parquet_strings_lengths(parquet_strings *s, int64_t n, int64_t *length);
/* The next value put together; a problem where it is longer than PARQUET_DECIMAL_BYTES. The bytes live until the next one. */
bool parquet_strings_small(parquet_strings *s, ml_thrift_bytes *out);

#endif
