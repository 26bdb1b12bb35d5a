/* Decoding LZ4: sequences of a literal and a copy of what came before; the last one is a literal alone. See parquet_lz4.h; the
 * format is doc/lz4_Block_format.md of lz4/lz4. */

#include "table/parquet_lz4.h"

#include "table/parquet_copy.h"

/* A length whose first four bits stand in the token: 15 goes on in bytes until one is below 255. */
static bool read_length(ml_copier *d, size_t *length) {
  if (*length < 15) return true;
  while (d->at < d->end) {
    uint8_t b = *d->at++;
    *length += b;
    if (b < 255) return true;
  }
  return false;
}

static bool literal(ml_copier *d, size_t length) { return read_length(d, &length) && ml_copy_literal(d, length); }

static bool match(ml_copier *d, size_t length) {
  if (d->end - d->at < 2) return false;
  size_t offset = d->at[0] | (size_t)d->at[1] << 8;
  d->at += 2;
  return read_length(d, &length) && ml_copy_match(d, offset, length + 4);
}

bool ml_lz4_decode(const uint8_t *from, size_t count, uint8_t *to, size_t bytes) {
  ml_copier d = {from, from + count, to, to, to + bytes};
  while (d.at < d.end) {
    uint8_t token = *d.at++;
    if (!literal(&d, token >> 4)) return false;
    if (d.at < d.end && !match(&d, token & 15)) return false;
  }
  return d.to == d.limit;
}
