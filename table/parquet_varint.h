/* Numbers of a few bytes, seven bits each, the lowest first; the last byte is below 128. Runs, differences and Snappy have them. */
#ifndef ML_PARQUET_VARINT_H
#define ML_PARQUET_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* Moves *at behind it. False where the bytes end before it does, or it has more than 64 bits. */
static inline bool parquet_varint(const uint8_t **at, const uint8_t *end, uint64_t *out) {
  *out = 0;
  for (int shift = 0; shift < 64 && *at < end; shift += 7) {
    uint8_t b = *(*at)++;
    *out |= (uint64_t)(b & 127) << shift;
    if (b < 128) return true;
  }
  return false;
}

#endif
