/* Decoding Snappy: a length, then elements, each a literal or a copy of what came before. See snappy.h; the format is
 * format_description.txt of google/snappy. */

#include "table/snappy.h"

#include "table/parquet_copy.h"
#include "table/parquet_varint.h"

/* A number of `count` bytes, 1 to 4. */
static bool read_number(ml_copier *d, int count, uint32_t *out) {
  if (d->end - d->at < count) return false;
  *out = 0;
  for (int i = 0; i < count; i++) *out |= (uint32_t)d->at[i] << (8 * i);
  d->at += count;
  return true;
}

/* Lengths up to 60 stand in the tag, others in 1 to 4 bytes behind it. */
static bool literal(ml_copier *d, uint8_t tag) {
  uint32_t length = tag >> 2;
  if (length >= 60 && !read_number(d, (int)length - 59, &length)) return false;
  return ml_copy_literal(d, (size_t)length + 1);
}

static bool match(ml_copier *d, uint8_t tag) {
  uint32_t offset;
  int kind = tag & 3;
  if (!read_number(d, kind == 3 ? 4 : kind, &offset)) return false;
  if (kind == 1) return ml_copy_match(d, offset | (uint32_t)(tag >> 5) << 8, (tag >> 2 & 7) + 4u);
  return ml_copy_match(d, offset, (tag >> 2) + 1u);
}

bool ml_snappy_decode(const uint8_t *from, size_t count, uint8_t *to, size_t bytes) {
  ml_copier d = {from, from + count, to, to, to + bytes};
  uint64_t length;
  if (!parquet_varint(&d.at, d.end, &length) || length != bytes) return false;
  while (d.at < d.end) {
    uint8_t tag = *d.at++;
    if (tag & 3 ? !match(&d, tag) : !literal(&d, tag)) return false;
  }
  return d.to == d.limit;
}
