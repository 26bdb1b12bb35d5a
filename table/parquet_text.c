/* Text of a page, in two steps: its lengths, which say where each row ends; and, when there is room for all of it, its bytes. */

#include <string.h>

#include "table/parquet_copy.h"
#include "table/parquet_levels.h"
#include "table/parquet_runs.h"
#include "table/parquet_strings.h"

enum { UUID_BYTES = 16, UUID_TEXT = 36 };

typedef struct source {
  parquet_page *page;
  bool by_dictionary;
  parquet_runs positions;
  parquet_strings strings;
} source;

static bool begin(source *s, parquet_page *p) {
  int encoding = p->header.encoding;
  s->page = p;
  s->by_dictionary = encoding == PARQUET_PLAIN_DICTIONARY || encoding == PARQUET_RLE_DICTIONARY;
  if (!s->by_dictionary) return parquet_strings_begin(&s->strings, p);
  if (!p->dictionary) return parquet_problem(p, "it needs a dictionary, but there is none");
  bool empty = p->values == p->values_end; /* no value at all, or too few: the first one will tell */
  int width = empty ? 0 : *p->values;
  if (width > 32) return parquet_problem(p, "its positions have %d bits", width);
  parquet_runs_begin(&s->positions, p->values + !empty, p->values_end, width);
  return true;
}

/* Lengths ---------------------------------------------------------------------------------------------------------------- */

static bool next_lengths(source *s, int64_t n, int64_t *length) {
  uint32_t position[PARQUET_BLOCK];
  if (s->by_dictionary) {
    if (!parquet_positions(s->page, &s->positions, n, position)) return false;
    for (int64_t i = 0; i < n; i++) length[i] = (int64_t)s->page->dictionary->text[position[i]].count;
  } else if (!parquet_strings_lengths(&s->strings, n, length)) {
    return false;
  }
  if (s->page->column->kind == KIND_UUID)
    for (int64_t i = 0; i < n; i++) length[i] = UUID_TEXT;
  return true;
}

/* Ends are counted from the page's first byte of text until parquet_text_copy moves them. */
static bool measure_block(source *s, parquet_levels *l, int64_t n, int64_t *ends) {
  uint8_t present[PARQUET_BLOCK];
  int64_t length[PARQUET_BLOCK + 1], total = s->page->text_bytes;
  int64_t count = parquet_levels_next(l, n, present);
  if (count < 0 || !next_lengths(s, count, length)) return false;
  length[count] = 0;
  for (int64_t i = 0; i < n && count == n; i++) ends[i] = total += length[i];
  for (int64_t i = 0, k = 0; i < n && count < n; i++) {
    total += present[i] * length[k];
    k += present[i];
    ends[i] = total;
  }
  s->page->text_bytes = total;
  return total <= INT32_MAX || parquet_refuse(s->page, "it has more than 2 GiB of text");
}

void parquet_text_measure(parquet_page *p) {
  source s;
  parquet_levels levels;
  if (!begin(&s, p)) return;
  parquet_levels_begin(&levels, p);
  for (int64_t row = 0; row < p->header.values; row += PARQUET_BLOCK) {
    int64_t rest = p->header.values - row;
    if (!measure_block(&s, &levels, rest < PARQUET_BLOCK ? rest : PARQUET_BLOCK, p->ends + p->at + row)) return;
  }
}

/* Bytes ------------------------------------------------------------------------------------------------------------------ */

/* The page's room for text: a short value is copied in one go where the surplus stays inside. */
typedef struct target {
  uint8_t *at, *end;
} target;

static void put(target *t, const uint8_t *from, size_t count, bool slack) {
  if (count <= ML_COPY_SLACK && slack && t->end - t->at >= ML_COPY_SLACK)
    ml_copy_16(t->at, from);
  else if (count > 0)
    memcpy(t->at, from, count);
  t->at += count;
}

static void put_uuid(target *t, const uint8_t *from) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < UUID_BYTES; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *t->at++ = '-';
    *t->at++ = (uint8_t)digits[from[i] >> 4];
    *t->at++ = (uint8_t)digits[from[i] & 15];
  }
}

/* All has been measured, so that it is there and has room. */
static bool copy_by_dictionary(source *s, target *t, int64_t values) {
  uint32_t position[PARQUET_BLOCK];
  const ml_thrift_bytes *text = s->page->dictionary->text;
  bool uuid = s->page->column->kind == KIND_UUID;
  for (int64_t done = 0; done < values; done += PARQUET_BLOCK) {
    int64_t n = values - done < PARQUET_BLOCK ? values - done : PARQUET_BLOCK;
    if (!parquet_positions(s->page, &s->positions, n, position)) return false;
    for (int64_t i = 0; i < n; i++) {
      ml_thrift_bytes value = text[position[i]];
      if (uuid)
        put_uuid(t, value.at);
      else
        put(t, value.at, value.count, true);
    }
  }
  return true;
}

static void copy_plain(source *s, target *t, int64_t values) {
  const uint8_t *at = s->strings.at;
  for (int64_t i = 0; i < values; i++) {
    uint32_t bytes;
    memcpy(&bytes, at, 4);
    put(t, at + 4, bytes, true);
    at += 4 + (size_t)bytes;
  }
}

static bool copy_values(source *s, target *t, int64_t values) {
  parquet_string next;
  ml_thrift_bytes small;
  const uint8_t *before = t->at;
  for (int64_t i = 0; i < values; i++) {
    if (s->page->column->kind == KIND_UUID) {
      if (!parquet_strings_small(&s->strings, &small)) return false;
      put_uuid(t, small.at);
      continue;
    }
    if (!parquet_strings_next(&s->strings, &next)) return false;
    const uint8_t *begin = t->at;
    put(t, before, (size_t)next.prefix, false);
    put(t, next.at, (size_t)next.count, true);
    before = begin;
  }
  return true;
}

bool parquet_is_utf8(const uint8_t *text, size_t count) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  uint64_t word;
  for (size_t i = 0; i < count;) {
    for (; i + 8 <= count; i += 8) { /* ASCII, which most text is */
      memcpy(&word, text + i, 8);
      if (word & 0x8080808080808080u) break;
    }
    if (i == count) break;
    uint8_t head = text[i];
    int n = head < 0x80 ? 1 : head >> 5 == 6 ? 2 : head >> 4 == 14 ? 3 : head >> 3 == 30 ? 4 : 0;
    if (n == 0 || count - i < (size_t)n) return false;
    uint32_t code = n == 1 ? head : head & (0x7fu >> n);
    for (int k = 1; k < n; k++) {
      if (text[i + (size_t)k] >> 6 != 2) return false;
      code = code << 6 | (text[i + (size_t)k] & 63);
    }
    if (n > 1 && (code < least[n] || code > 0x10ffff || code >> 11 == 27)) return false; /* too long, too high, a surrogate */
    i += (size_t)n;
  }
  return true;
}

static bool row_is_utf8(const parquet_page *p, int64_t i) {
  const int64_t *ends = p->ends + p->at;
  int64_t begin = i > 0 ? ends[i - 1] : 0;
  return parquet_is_utf8(p->text + begin, (size_t)(ends[i] - begin));
}

/* All text at once, and then that no row begins within a character. */
static bool page_is_utf8(const parquet_page *p) {
  const int64_t *ends = p->ends + p->at;
  bool within = false;
  if (!parquet_is_utf8(p->text, (size_t)p->text_bytes)) return false;
  for (int64_t i = 0; i < p->header.values; i++) within |= ends[i] < p->text_bytes && p->text[ends[i]] >> 6 == 2;
  return !within;
}

static bool check_utf8(parquet_page *p) {
  if (page_is_utf8(p)) return true;
  int64_t row = 0;
  while (row_is_utf8(p, row)) row++;
  return parquet_refuse(p, "row %lld is no UTF-8 text; leave the column out", (long long)(p->row + row));
}

/* values: those that are there. */
static bool copy(source *s, target *t, int64_t values) {
  if (s->by_dictionary) return copy_by_dictionary(s, t, values);
  if (s->strings.encoding != PARQUET_PLAIN || s->strings.width > 0) return copy_values(s, t, values);
  copy_plain(s, t, values);
  return true;
}

void parquet_text_copy(parquet_page *p) {
  source s;
  target t = {p->text, p->text + p->text_bytes};
  if (!begin(&s, p) || !copy(&s, &t, p->header.values - p->absent)) return;
  if (!s.by_dictionary && !check_utf8(p)) return; /* a dictionary was checked when it was read */
  int64_t *ends = p->ends + p->at, rows = p->header.values, before = p->text_at;
  for (int64_t i = 0; i < rows; i++) ends[i] += before;
}
