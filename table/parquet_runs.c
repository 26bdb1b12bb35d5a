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

static void unpack(parquet_runs *r, uint32_t *out, int64_t n) {
  uint32_t mask = r->width == 32 ? UINT32_MAX : (1u << r->width) - 1;
  int64_t bit = r->bit, width = r->width;
  for (int64_t i = 0; i < n; i++, bit += width) {
    uint64_t word;
    memcpy(&word, r->at + (bit >> 3), 8);
    out[i] = (uint32_t)(word >> (bit & 7)) & mask;
  }
  r->bit = bit;
}

bool parquet_runs_next(parquet_runs *r, uint32_t *out, int64_t n) {
  while (n > 0) {
    if (r->left == 0) {
      if (!open_run(r)) return false;
      continue;
    }
    int64_t some = n < r->left ? n : r->left;
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
  while (r->left == 0)
    if (!open_run(r)) return 0;
  if (r->bytes > 0) return 0;
  int64_t some = n < r->left ? n : r->left;
  r->left -= some;
  *value = r->value;
  return some;
}
