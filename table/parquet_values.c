/* The values of a page that are no text: to words of 8 bytes, or to a byte each where they are boolean. Rows are done block by block;
 * where a row has no value, a mark stands there instead of the next value. */

#include <math.h>
#include <string.h>

#include "table/parquet_delta.h"
#include "table/parquet_levels.h"
#include "table/parquet_runs.h"
#include "table/parquet_strings.h"

typedef struct source {
  parquet_page *page;
  int encoding;
  const uint8_t *at, *end;
  int64_t bit;        /* PLAIN booleans: the next one */
  int64_t stride;     /* BYTE_STREAM_SPLIT: values of the page */
  parquet_runs runs;  /* positions in the dictionary, or booleans */
  parquet_delta delta;
  parquet_strings strings;
} source;

static bool too_few(source *s) { return parquet_problem(s->page, "it has too few values"); }

static bool wrong_encoding(source *s) {
  return parquet_problem(s->page, "its encoding %s is wrong for its type", parquet_encoding_name(s->encoding));
}

/* Kinds that go by way of byte arrays unless they are stored plainly. */
static bool is_bytes(const source *s) {
  const parquet_column *column = s->page->column;
  return column->width == 0 || (column->physical == PARQUET_FIXED && s->encoding != PARQUET_PLAIN);
}

/* Beginning -------------------------------------------------------------------------------------------------------------- */

static bool begin_dictionary(source *s) {
  if (!s->page->dictionary) return parquet_problem(s->page, "it needs a dictionary, but there is none");
  if (s->at == s->end) {
    parquet_runs_begin(&s->runs, s->at, s->end, 0); /* no value at all, or too few: the first one will tell */
    return true;
  }
  int width = *s->at++;
  if (width > 32) return parquet_problem(s->page, "its positions have %d bits", width);
  parquet_runs_begin(&s->runs, s->at, s->end, width);
  return true;
}

static bool begin_flags(source *s) {
  if (s->encoding == PARQUET_PLAIN) return true;
  if (s->encoding != PARQUET_RLE) return wrong_encoding(s);
  if (s->end - s->at >= 4) s->at += 4; /* their length, which the end of the page says as well */
  parquet_runs_begin(&s->runs, s->at, s->end, 1);
  return true;
}

static bool begin(source *s, parquet_page *p) {
  s->page = p;
  s->encoding = p->header.encoding;
  s->at = p->values;
  s->end = p->values_end;
  s->bit = 0;
  if (s->encoding == PARQUET_PLAIN_DICTIONARY || s->encoding == PARQUET_RLE_DICTIONARY) return begin_dictionary(s);
  if (p->column->kind == KIND_BOOLEAN) return begin_flags(s);
  if (is_bytes(s)) return parquet_strings_begin(&s->strings, p);
  switch (s->encoding) {
  case PARQUET_PLAIN: return true;
  case PARQUET_BYTE_STREAM_SPLIT:
    s->stride = (s->end - s->at) / p->column->width;
    s->end = s->at + s->stride;
    return true;
  case PARQUET_DELTA_BINARY_PACKED:
    if (p->column->physical != PARQUET_INT32 && p->column->physical != PARQUET_INT64) return wrong_encoding(s);
    return parquet_delta_begin(&s->delta, s->at, s->end) || parquet_problem(p, "its header is damaged");
  default: return wrong_encoding(s);
  }
}

/* The next n values ------------------------------------------------------------------------------------------------------ */

static bool next_of_dictionary(source *s, int64_t n, uint64_t *to) {
  uint32_t position[PARQUET_BLOCK];
  const uint64_t *words = s->page->dictionary->words;
  if (!parquet_positions(s->page, &s->runs, n, position)) return false;
  for (int64_t i = 0; i < n; i++) to[i] = words[position[i]];
  return true;
}

static bool next_plain(source *s, int64_t n, uint64_t *to) {
  int64_t width = s->page->column->width;
  if (n * width > s->end - s->at) return too_few(s);
  s->at += n * width;
  return n == 0 || parquet_convert(s->page, s->page->column, s->at - n * width, n, to);
}

static bool next_split(source *s, int64_t n, uint64_t *to) {
  uint8_t together[PARQUET_BLOCK * 12];
  int width = s->page->column->width;
  if (n > s->end - s->at) return too_few(s);
  for (int byte = 0; byte < width; byte++)
    for (int64_t i = 0; i < n; i++) together[i * width + byte] = s->at[byte * s->stride + i];
  s->at += n;
  return n == 0 || parquet_convert(s->page, s->page->column, together, n, to);
}

static bool next_delta(source *s, int64_t n, uint64_t *to) {
  int64_t value[PARQUET_BLOCK];
  if (!parquet_delta_next(&s->delta, value, n)) return too_few(s);
  if (s->page->column->physical == PARQUET_INT32) {
    int32_t *narrow = (int32_t *)value; /* in place: writing stays behind reading */
    for (int64_t i = 0; i < n; i++) {
      int32_t low = (int32_t)value[i];
      memcpy(&narrow[i], &low, 4);
    }
  }
  return n == 0 || parquet_convert(s->page, s->page->column, (const uint8_t *)value, n, to);
}

static bool next_bytes(source *s, int64_t n, uint64_t *to) {
  const parquet_column *column = s->page->column;
  ml_thrift_bytes value;
  for (int64_t i = 0; i < n; i++) {
    if (!parquet_strings_small(&s->strings, &value)) return false;
    bool right = column->kind == KIND_DECIMAL_BYTES ? parquet_decimal(s->page, column, value, &to[i])
                                                    : parquet_convert(s->page, column, value.at, 1, &to[i]);
    if (!right) return false;
  }
  return true;
}

static bool next_words(source *s, int64_t n, uint64_t *to) {
  if (s->encoding == PARQUET_PLAIN_DICTIONARY || s->encoding == PARQUET_RLE_DICTIONARY) return next_of_dictionary(s, n, to);
  if (is_bytes(s)) return next_bytes(s, n, to);
  if (s->encoding == PARQUET_PLAIN) return next_plain(s, n, to);
  return s->encoding == PARQUET_BYTE_STREAM_SPLIT ? next_split(s, n, to) : next_delta(s, n, to);
}

static bool next_flags(source *s, int64_t n, uint8_t *to) {
  if (s->encoding == PARQUET_PLAIN) {
    if (s->bit + n > 8 * (s->end - s->at)) return too_few(s);
    for (int64_t i = 0; i < n; i++, s->bit++) to[i] = s->at[s->bit >> 3] >> (s->bit & 7) & 1;
    return true;
  }
  return parquet_runs_flags(&s->runs, to, n) || too_few(s);
}

/* Spreading -------------------------------------------------------------------------------------------------------------- */

/* count values in n rows: read one further where a row has one. There is one more entry in `dense` than values. */
static void spread_words(const uint64_t *dense, const uint8_t *present, int64_t n, uint64_t none, uint64_t *to) {
  for (int64_t i = 0; i < n;) {
    uint64_t eight = 0;
    if (i + 8 <= n) memcpy(&eight, present + i, 8);
    if (eight == 0x0101010101010101u) { /* as nearly all are */
      memcpy(to + i, dense, 8 * sizeof *dense);
      dense += 8;
      i += 8;
      continue;
    }
    for (int64_t end = i + 8 < n ? i + 8 : n; i < end; i++) {
      to[i] = present[i] ? *dense : none;
      dense += present[i];
    }
  }
}

static void spread_flags(const uint8_t *dense, const uint8_t *present, int64_t n, uint8_t *to) {
  for (int64_t i = 0, k = 0; i < n; i++) {
    to[i] = present[i] & dense[k];
    k += present[i];
  }
}

static bool decode_block(source *s, parquet_levels *l, int64_t n, int64_t at, uint64_t none) {
  uint8_t present[PARQUET_BLOCK], flags[PARQUET_BLOCK + 1];
  uint64_t words[PARQUET_BLOCK + 1];
  parquet_page *p = s->page;
  int64_t count = parquet_levels_next(l, n, present);
  if (count < 0) return false;
  if (p->flags) {
    if (count == n) return next_flags(s, n, p->flags + at);
    if (!next_flags(s, count, flags)) return false;
    flags[count] = 0;
    spread_flags(flags, present, n, p->flags + at);
  } else {
    if (count == n) return next_words(s, n, p->words + at);
    if (!next_words(s, count, words)) return false;
    words[count] = 0;
    spread_words(words, present, n, none, p->words + at);
  }
  return true;
}

void parquet_values_decode(parquet_page *p) {
  source s;
  parquet_levels levels;
  double nan = NAN;
  uint64_t none = 0;
  if (!p->missing) memcpy(&none, &nan, 8);
  if (!begin(&s, p)) return;
  parquet_levels_begin(&levels, p);
  for (int64_t row = 0; row < p->header.values; row += PARQUET_BLOCK) {
    int64_t rest = p->header.values - row;
    if (!decode_block(&s, &levels, rest < PARQUET_BLOCK ? rest : PARQUET_BLOCK, p->at + row, none)) return;
  }
}
