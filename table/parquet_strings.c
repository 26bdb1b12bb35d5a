/* Byte arrays. See parquet_strings.h. */

#include "table/parquet_strings.h"

#include <string.h>

static bool begin_prefixes(parquet_strings *s, const uint8_t **behind) {
  if (!parquet_delta_begin(&s->prefixes, *behind, s->end)) return false;
  *behind = parquet_delta_behind(s->prefixes);
  return *behind != NULL;
}

/* The lengths stand before the bytes: where they end, the bytes begin. */
static bool begin_lengths(parquet_strings *s) {
  const uint8_t *behind = s->at;
  if (s->encoding == PARQUET_DELTA_BYTE_ARRAY && !begin_prefixes(s, &behind)) return false;
  if (!parquet_delta_begin(&s->lengths, behind, s->end)) return false;
  s->at = parquet_delta_behind(s->lengths);
  return s->at != NULL;
}

/* The first bytes of all values, then the second ones, and so on. */
static bool begin_split(parquet_strings *s) {
  int64_t bytes = s->end - s->at;
  if (s->width == 0 || bytes % s->width != 0) return parquet_problem(s->page, "its bytes are no whole number of values");
  s->stride = bytes / s->width;
  s->end = s->at + s->stride;
  return s->width <= PARQUET_DECIMAL_BYTES || parquet_refuse(s->page, "BYTE_STREAM_SPLIT of %d bytes is not read", s->width);
}

bool parquet_strings_begin(parquet_strings *s, parquet_page *p) {
  s->page = p;
  s->encoding = p->header.encoding;
  s->width = p->column->width;
  s->at = p->values;
  s->end = p->values_end;
  s->ready = s->used = 0;
  s->last = 0;
  switch (s->encoding) {
  case PARQUET_PLAIN: return true;
  case PARQUET_BYTE_STREAM_SPLIT: return begin_split(s);
  case PARQUET_DELTA_LENGTH:
  case PARQUET_DELTA_BYTE_ARRAY: return begin_lengths(s) || parquet_problem(p, "its lengths are damaged");
  default: return parquet_problem(p, "its encoding %s is wrong for its type", parquet_encoding_name(s->encoding));
  }
}

/* The next lengths, as many as there are and fit. */
static bool refill(parquet_strings *s) {
  int64_t n = s->lengths.left < PARQUET_LENGTHS ? s->lengths.left : PARQUET_LENGTHS;
  bool prefixes = s->encoding == PARQUET_DELTA_BYTE_ARRAY;
  if (n == 0 || !parquet_delta_next(&s->lengths, s->length, n)) return false;
  if (prefixes && !parquet_delta_next(&s->prefixes, s->prefix, n)) return false;
  if (!prefixes) memset(s->prefix, 0, sizeof s->prefix);
  s->ready = (int)n;
  s->used = 0;
  return true;
}

static bool plain_length(parquet_strings *s, int64_t *length) {
  *length = s->width;
  if (s->width > 0) return true;
  if (s->end - s->at < 4) return false;
  uint32_t bytes;
  memcpy(&bytes, s->at, 4);
  s->at += 4;
  *length = bytes;
  return true;
}

static bool next_length(parquet_strings *s, parquet_string *out) {
  out->prefix = 0;
  if (s->encoding == PARQUET_PLAIN) return plain_length(s, &out->count);
  if (s->used == s->ready && !refill(s)) return false;
  out->prefix = s->prefix[s->used];
  out->count = s->length[s->used++];
  return true;
}

static bool next_split(parquet_strings *s, parquet_string *out) {
  if (s->at == s->end) return parquet_problem(s->page, "it has too few values");
  for (int i = 0; i < s->width; i++) s->small[i] = s->at[i * s->stride];
  *out = (parquet_string){0, s->small, s->width};
  s->at++;
  return true;
}

bool parquet_strings_next(parquet_strings *s, parquet_string *out) {
  if (s->encoding == PARQUET_BYTE_STREAM_SPLIT) return next_split(s, out);
  if (!next_length(s, out)) return parquet_problem(s->page, "it has too few values");
  if (out->count < 0 || out->count > s->end - s->at || out->prefix < 0 || out->prefix > s->last)
    return parquet_problem(s->page, "it has a value that is longer than the page");
  if (s->width > 0 && out->prefix + out->count != s->width)
    return parquet_problem(s->page, "it has a value of %lld bytes instead of %d", (long long)(out->prefix + out->count), s->width);
  out->at = s->at;
  s->at += out->count;
  s->last = out->prefix + out->count;
  return true;
}

/* Plain values with a length of their own, which most text is. */
static bool plain_lengths(parquet_strings *s, int64_t n, int64_t *length) {
  const uint8_t *at = s->at;
  uint32_t bytes;
  for (int64_t i = 0; i < n; i++) {
    if (s->end - at < 4) return parquet_problem(s->page, "it has too few values");
    memcpy(&bytes, at, 4);
    at += 4;
    if (bytes > s->end - at) return parquet_problem(s->page, "it has a value that is longer than the page");
    at += bytes;
    length[i] = bytes;
  }
  s->at = at;
  return true;
}

bool parquet_strings_lengths(parquet_strings *s, int64_t n, int64_t *length) {
  parquet_string next;
  if (s->encoding == PARQUET_PLAIN && s->width == 0) return plain_lengths(s, n, length);
  for (int64_t i = 0; i < n; i++) {
    if (!parquet_strings_next(s, &next)) return false;
    length[i] = next.prefix + next.count;
  }
  return true;
}

bool parquet_strings_small(parquet_strings *s, ml_thrift_bytes *out) {
  parquet_string next;
  if (!parquet_strings_next(s, &next)) return false;
  int64_t count = next.prefix + next.count;
  if (count > PARQUET_DECIMAL_BYTES) return parquet_refuse(s->page, "it has a decimal of %lld bytes; 1 to %d are read", (long long)count, PARQUET_DECIMAL_BYTES);
  if (next.at != s->small) memcpy(s->small + next.prefix, next.at, (size_t)next.count);
  *out = (ml_thrift_bytes){s->small, (size_t)count};
  return true;
}
