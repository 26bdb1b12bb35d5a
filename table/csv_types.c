/* Which type a column has, by what its cells look like: the narrowest that holds them all. */

#include <string.h>

#include "table/csv_cell.h"

static ml_column_type type_of(const csv_column *column) {
  const int64_t *n = column->count;
  int64_t integers = n[CSV_INTEGER] + n[CSV_LONG], all = 0;
  for (int class = 0; class < CSV_CLASSES; class++) all += n[class];
  if (all == 0) return ML_COLUMN_TEXT; /* nothing but "" in quotes */
  if (integers == all) return ML_COLUMN_INTEGER;
  if (n[CSV_INTEGER] + n[CSV_NUMBER] == all) return ML_COLUMN_NUMBER;
  if (n[CSV_TIME] == all) return ML_COLUMN_TIME;
  bool one_pair = (column->pairs & (column->pairs - 1)) == 0;
  return n[CSV_BOOLEAN] == all && one_pair ? ML_COLUMN_BOOLEAN : ML_COLUMN_TEXT;
}

/* Keeps the first cell of a class for the schema. */
static void keep_example(const ml_csv *r, const csv_piece *piece, uint32_t row, int k, csv_example *out) {
  const uint32_t *entry = piece->index + (size_t)row * ((size_t)r->columns + 1);
  csv_cell cell = csv_cell_at(&r->dialect, r->buffer.room, entry + k, k == r->columns - 1);
  int64_t length = cell.length < CSV_EXAMPLE ? cell.length : CSV_EXAMPLE;
  while (length > 0 && length < cell.length && (cell.text[length] & 0xc0) == 0x80) length--; /* no half character */
  if (length > 0) memcpy(out->text, cell.text, (size_t)length);
  out->length = (int)length;
  out->line = r->buffer.line + csv_count_lines(r, r->buffer.begin, entry[0] + 1);
}

static void add_tally(ml_csv *r, const csv_piece *piece, const csv_tally *t, int k) {
  csv_column *column = &r->column[k];
  for (int class = 0; class < CSV_CLASSES; class++) {
    if (t->count[class] > 0 && column->count[class] == 0)
      keep_example(r, piece, t->first[class], k, &column->first[class]);
    column->count[class] += t->count[class];
  }
  column->missing += t->missing;
  column->quoted += t->quoted;
  column->bad += t->bad;
  column->pairs |= t->pairs;
}

static void add_column(ml_csv *r, int k) {
  for (int i = 0; i < r->work.pieces; i++) add_tally(r, &r->work.piece[i], &r->work.tally[(int64_t)i * r->columns + k], k);
}

static int64_t values_of(const csv_column *column) {
  int64_t n = 0;
  for (int class = 0; class < CSV_CLASSES; class++) n += column->count[class];
  return n;
}

ml_status csv_merge(ml_context *c, ml_csv *r) {
  bool again = false;
  for (int k = 0; k < r->columns && r->tallies; k++) {
    csv_column *column = &r->column[k];
    if (column->mode == CSV_SKIP) continue;
    bool stored = values_of(column) > 0;
    add_column(r, k);
    column->again = false;
    if (column->fixed || (values_of(column) == 0 && column->quoted == 0)) continue;
    ml_column_type type = type_of(column);
    if (!column->known || type != column->type) ML_TRY(csv_widen(c, r, column, type, stored));
    column->known = true;
    again = again || column->again;
  }
  if (again) ML_TRY(csv_parse_block(c, r, true));
  for (int k = 0; k < r->columns; k++) csv_mask_block(r, k);
  return ML_OK;
}
