/* DELTA_BINARY_PACKED. See parquet_delta.h. Sums wrap around, as the format has it. */

#include "table/parquet_delta.h"

#include <string.h>

#include "table/parquet_varint.h"

static bool read_zigzag(parquet_delta *d, uint64_t *out) {
  if (!parquet_varint(&d->at, d->end, out)) return false;
  *out = (*out >> 1) ^ -(*out & 1);
  return true;
}

bool parquet_delta_begin(parquet_delta *d, const uint8_t *at, const uint8_t *end) {
  uint64_t block, miniblocks, total;
  *d = (parquet_delta){.at = at, .end = end};
  if (!parquet_varint(&d->at, end, &block) || !parquet_varint(&d->at, end, &miniblocks)) return false;
  if (!parquet_varint(&d->at, end, &total) || !read_zigzag(d, &d->value)) return false;
  if (miniblocks == 0 || miniblocks > PARQUET_MINIBLOCKS || block > INT32_MAX || total > INT32_MAX) return false;
  if (block % miniblocks != 0 || block / miniblocks % 32 != 0 || block == 0) return false;
  d->total = d->left = (int64_t)total;
  d->per_miniblock = (int64_t)(block / miniblocks);
  d->miniblocks = d->next = (int)miniblocks;
  return true;
}

/* To the next miniblock, and to the next block where all are through. */
static bool open_miniblock(parquet_delta *d) {
  d->at += d->bytes;
  d->bytes = 0;
  if (d->next == d->miniblocks) {
    if (!read_zigzag(d, &d->least) || d->end - d->at < d->miniblocks) return false;
    d->widths = d->at;
    d->at += d->miniblocks;
    d->next = 0;
  }
  d->width = d->widths[d->next++];
  d->open = d->per_miniblock;
  d->bit = 0;
  d->bytes = d->per_miniblock / 8 * d->width;
  return d->width <= 64 && d->bytes <= d->end - d->at;
}

static uint64_t difference(const uint8_t *at, int64_t bit, int width) {
  uint64_t word, high;
  memcpy(&word, at + (bit >> 3), 8);
  int shift = (int)(bit & 7);
  word >>= shift;
  if (shift + width > 64) {
    memcpy(&high, at + (bit >> 3) + 8, 8);
    word |= high << (64 - shift);
  }
  return width == 64 ? word : word & (((uint64_t)1 << width) - 1);
}

static void unpack(parquet_delta *d, int64_t *out, int64_t n) {
  uint64_t value = d->value;
  for (int64_t i = 0; i < n; i++, d->bit += d->width) {
    value += d->least + difference(d->at, d->bit, d->width);
    out[i] = (int64_t)value;
  }
  d->value = value;
}

bool parquet_delta_next(parquet_delta *d, int64_t *out, int64_t n) {
  if (n > d->left) return false;
  d->left -= n;
  if (n > 0 && !d->begun) {
    d->begun = true;
    *out++ = (int64_t)d->value;
    n--;
  }
  while (n > 0) {
    if (d->open == 0) {
      if (!open_miniblock(d)) return false;
      continue;
    }
    int64_t some = n < d->open ? n : d->open;
    unpack(d, out, some);
    d->open -= some;
    out += some;
    n -= some;
  }
  return true;
}

const uint8_t *parquet_delta_behind(parquet_delta d) {
  for (int64_t left = d.left - 1; left > 0; left -= d.per_miniblock)
    if (!open_miniblock(&d)) return NULL;
  return d.at + d.bytes;
}
