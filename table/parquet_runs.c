/* Parquet's RLE. See parquet_runs.h. */

#include "table/parquet_runs.h"

#include <string.h>

#include "table/parquet_varint.h"

void parquet_runs_begin(parquet_runs *r, const uint8_t *at, const uint8_t *end, int width) {
  *r = (parquet_runs){.at = at, .end = end, .width = width};
}

/* Opens the next run. Writers cut the last packed run where the bytes end, so that it has no more values than it has bytes for. */
static bool open_run(parquet_runs *r) {
  uint64_t head;
  r->at += r->bytes;
  r->bytes = 0;
  if (!parquet_varint(&r->at, r->end, &head) || head > UINT32_MAX) return false;
  int64_t room = r->end - r->at;
  if (head & 1) {
    r->left = (int64_t)(head >> 1) * 8;
    r->bit = 0;
    r->bytes = (int64_t)(head >> 1) * r->width;
    if (r->bytes > room) {
      r->bytes = room;
      r->left = room * 8 / r->width;
    }
    if (r->width == 0) r->value = 0; /* and bytes is 0: the run repeats it */
    return true;
  }
  int bytes = (r->width + 7) / 8;
  if (bytes > room) return false;
  r->left = (int64_t)(head >> 1);
  r->value = 0;
  for (int i = 0; i < bytes; i++) r->value |= (uint32_t)r->at[i] << (8 * i);
  r->at += bytes;
  return true;
}

/* The bits from `bit` on, 57 of them at least. */
static uint64_t bits_at(const parquet_runs *r, int64_t bit) {
  uint64_t word;
  memcpy(&word, r->at + (bit >> 3), 8);
  return word >> (bit & 7);
}

/* As many values at once as one look at the bits gives: `together` is a constant where this is called. */
static inline int64_t unpack_together(parquet_runs *r, uint32_t *out, int64_t n, int together) {
  uint32_t mask = r->width == 32 ? UINT32_MAX : (1u << r->width) - 1;
  int width = r->width;
  int64_t done = 0;
  for (; done + together <= n; done += together, r->bit += together * width) {
    uint64_t word = bits_at(r, r->bit);
    for (int k = 0; k < together; k++) out[done + k] = (uint32_t)(word >> (k * width)) & mask;
  }
  return done;
}

static void unpack(parquet_runs *r, uint32_t *out, int64_t n) {
  int64_t done = r->width <= 7 ? unpack_together(r, out, n, 8) : r->width <= 14 ? unpack_together(r, out, n, 4) : 0;
  unpack_together(r, out + done, n - done, 1);
}

/* Eight bits to eight bytes of 0 or 1. */
static uint64_t bytes_of_bits(uint64_t bits) {
  uint64_t apart = (bits & 255) * 0x0101010101010101u & 0x8040201008040201u;
  return ((apart + 0x7f7f7f7f7f7f7f7fu) >> 7) & 0x0101010101010101u;
}

static void unpack_flags(parquet_runs *r, uint8_t *out, int64_t n) {
  for (; n >= 8; n -= 8, out += 8, r->bit += 8) {
    uint64_t bytes = bytes_of_bits(bits_at(r, r->bit));
    memcpy(out, &bytes, 8);
  }
  for (; n > 0; n--, r->bit++) *out++ = (uint8_t)(bits_at(r, r->bit) & 1);
}

/* How many of n values the run at hand gives; 0: there is no further one. */
static int64_t in_this_run(parquet_runs *r, int64_t n) {
  while (r->left == 0)
    if (!open_run(r)) return 0;
  return n < r->left ? n : r->left;
}

bool parquet_runs_flags(parquet_runs *r, uint8_t *out, int64_t n) {
  while (n > 0) {
    int64_t some = in_this_run(r, n);
    if (some == 0) return false;
    if (r->bytes > 0)
      unpack_flags(r, out, some);
    else
      memset(out, (int)r->value, (size_t)some);
    r->left -= some;
    out += some;
    n -= some;
  }
  return true;
}

bool parquet_runs_next(parquet_runs *r, uint32_t *out, int64_t n) {
  while (n > 0) {
    int64_t some = in_this_run(r, n);
    if (some == 0) return false;
    if (r->bytes > 0)
      unpack(r, out, some);
    else
      for (int64_t i = 0; i < some; i++) out[i] = r->value;
    r->left -= some;
    out += some;
    n -= some;
  }
  return true;
}

int64_t parquet_runs_repeated(parquet_runs *r, int64_t n, uint32_t *value) {
  int64_t some = in_this_run(r, n);
  if (some == 0 || r->bytes > 0) return 0;
  r->left -= some;
  *value = r->value;
  return some;
}
