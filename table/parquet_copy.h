/* What decompression and text consist of: short copies, of literals from the input and of what was written before. Both blocks
 * have ML_COPY_SLACK bytes behind them that may be read and written: what is written there is written over by what comes next, or
 * belongs to nobody. */
#ifndef ML_PARQUET_COPY_H
#define ML_PARQUET_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ML_COPY_SLACK = 16 };

/* From compressed bytes at..end to content begin..limit, of which all before `to` is written. */
typedef struct ml_copier {
  const uint8_t *at, *end;
  uint8_t *to, *begin, *limit;
} ml_copier;

static inline void ml_copy_16(uint8_t *to, const uint8_t *from) { memcpy(to, from, 16); }

/* The next n bytes of the input as they are; false where there is no room for them. */
static inline bool ml_copy_literal(ml_copier *d, size_t n) {
  if (n > (size_t)(d->end - d->at) || n > (size_t)(d->limit - d->to)) return false;
  if (n <= 16)
    ml_copy_16(d->to, d->at);
  else
    memcpy(d->to, d->at, n);
  d->at += n;
  d->to += n;
  return true;
}

/* n bytes from `offset` before: they may overlap what is written, and then repeat. */
static inline bool ml_copy_match(ml_copier *d, size_t offset, size_t n) {
  if (offset == 0 || offset > (size_t)(d->to - d->begin) || n > (size_t)(d->limit - d->to)) return false;
  uint8_t *to = d->to;
  const uint8_t *from = to - offset;
  if (offset >= 16) {
    for (size_t i = 0; i < n; i += 16) ml_copy_16(to + i, from + i);
  } else if (offset >= 8) {
    for (size_t i = 0; i < n; i += 8) memcpy(to + i, from + i, 8);
  } else {
    for (size_t i = 0; i < n; i++) to[i] = from[i];
  }
  d->to += n;
  return true;
}

#endif
