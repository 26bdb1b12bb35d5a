/* The dictionary of a chunk: its values are made ours once, and pages pick from them. See parquet_parts.h. */

#include <string.h>

#include "table/parquet_strings.h"
#include "tensor/alloc.h"

static bool fill_text(parquet_page *p, parquet_dictionary *out) {
  parquet_strings s;
  parquet_string next;
  if (!parquet_strings_begin(&s, p)) return false;
  for (int32_t i = 0; i < out->count; i++) {
    if (!parquet_strings_next(&s, &next)) return false;
    out->text[i] = (ml_thrift_bytes){next.at, (size_t)next.count};
    if (p->column->kind == KIND_TEXT && !parquet_is_utf8(next.at, (size_t)next.count))
      return parquet_refuse(p, "value %d of its dictionary is no UTF-8 text; leave the column out", i + 1);
  }
  return true;
}

static bool fill_words(parquet_page *p, parquet_dictionary *out) {
  const parquet_column *column = p->column;
  parquet_strings s;
  ml_thrift_bytes value;
  if (column->width > 0) return parquet_convert(p, column, p->values, out->count, out->words);
  if (!parquet_strings_begin(&s, p)) return false;
  for (int32_t i = 0; i < out->count; i++)
    if (!parquet_strings_small(&s, &value) || !parquet_decimal(p, column, value, &out->words[i])) return false;
  return true;
}

/* A value takes its width or, where it has a length of its own, the four bytes of that. */
static bool has_room(parquet_page *p, int32_t count) {
  int64_t least = p->column->width > 0 ? p->column->width : 4;
  return (p->values_end - p->values) / least >= count || parquet_problem(p, "it has too few values");
}

ml_status parquet_dictionary_fill(ml_context *c, parquet_page *p, parquet_dictionary *out) {
  bool text = p->column->type == ML_COLUMN_TEXT;
  int32_t count = p->header.values;
  void *room;
  if (p->column->kind == KIND_BOOLEAN) parquet_problem(p, "booleans have no dictionary");
  if (p->problem[0] || !has_room(p, count) || count == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, (size_t)count * (text ? sizeof *out->text : sizeof *out->words), &room));
  out->count = count;
  if (text)
    out->text = room, fill_text(p, out);
  else
    out->words = room, fill_words(p, out);
  return ML_OK;
}

void parquet_dictionary_free(parquet_dictionary *d) {
  ml_free(d->words, (size_t)d->count * sizeof *d->words);
  ml_free(d->text, (size_t)d->count * sizeof *d->text);
  ml_free(d->page, d->page_bytes);
  *d = (parquet_dictionary){0};
}

bool parquet_positions(parquet_page *p, parquet_runs *r, int64_t n, uint32_t *position) {
  uint32_t count = (uint32_t)p->dictionary->count, last = count - 1, beyond = 0, highest = 0;
  if (!parquet_runs_next(r, position, n)) return parquet_problem(p, "it has too few values");
  for (int64_t i = 0; i < n; i++) beyond |= position[i] | (last - position[i]); /* the highest bit tells: count is below 2^31 */
  if (!(beyond >> 31)) return true;
  for (int64_t i = 0; i < n; i++) highest = position[i] > highest ? position[i] : highest;
  return parquet_problem(p, "it has value %u of a dictionary of %d", highest + 1, p->dictionary->count);
}
