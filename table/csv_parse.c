/* Parsing the fields of a block into columns, piece by piece on all threads. Each piece writes the rows that are its own; texts go
 * into the scratch of the block first, since only all pieces together know where they end up.
 *
 * A column's cells are counted by what they look like as long as its type is open; what does not fit the type that it has so far
 * is counted and left missing, and csv_types.c sees to it. */

#include <math.h>

#include "table/csv_cell.h"
#include "tensor/parallel.h"

typedef struct parse_job {
  ml_csv *r;
  bool again;
} parse_job;

/* One column of one piece. */
typedef struct part {
  const csv_dialect *d;
  const csv_column *column;
  const char *text;
  const uint32_t *entry; /* of the first row's field */
  int64_t stride, rows;
  int64_t row; /* of the column, where the piece begins */
  bool last;
  csv_tally *tally;
} part;

static csv_cell cell_of(const part *p, int64_t i) { return csv_cell_at(p->d, p->text, p->entry + i * p->stride, p->last); }

static void count_class(csv_tally *t, csv_class class, int64_t row) {
  if (t->count[class]++ == 0) t->first[class] = (uint32_t)row;
}

/* A cell that is not what its column is. */
static void does_not_fit(const part *p, csv_cell cell, int64_t row) {
  if (p->column->fixed) p->tally->bad++;
  else count_class(p->tally, csv_classify(p->d, cell, &p->tally->pairs), row);
}

/* Cells that fitted count as what the column is. */
static void count_rest(const part *p, csv_class class) {
  csv_tally *t = p->tally;
  int64_t others = (int64_t)t->missing + t->quoted + t->bad;
  for (int k = 0; k < CSV_CLASSES; k++) others += t->count[k];
  if (p->rows > others) t->count[class] += (uint32_t)(p->rows - others);
}

/* Masks ------------------------------------------------------------------------------------------------------------------ */

/* The mask of a piece is written when its first missing value comes. */
static void mark_missing(const part *p, int64_t i) {
  bool *mask = (bool *)ml_data(p->column->mask) + p->row;
  if (p->tally->marked++ == 0) memset(mask, 0, (size_t)p->rows);
  mask[i] = true;
}

/* Whether a cell says that its value is missing; counted. */
static bool is_missing(const part *p, csv_cell cell) {
  if (!csv_is_mark(p->column->marks, cell)) return false;
  if (cell.quoted) p->tally->quoted++;
  else p->tally->missing++;
  return true;
}

/* A value that does not fit an open column stays without a mark: the column will be another one. */
static void is_bad(const part *p, csv_cell cell, int64_t i) {
  if (p->column->fixed) mark_missing(p, i);
  does_not_fit(p, cell, i);
}

/* Types ------------------------------------------------------------------------------------------------------------------ */

/* Only counts. */
static void look(const part *p) {
  for (int64_t i = 0; i < p->rows; i++) {
    csv_cell cell = cell_of(p, i);
    if (!is_missing(p, cell) && !p->column->fixed) count_class(p->tally, csv_classify(p->d, cell, &p->tally->pairs), i);
  }
}

static double number_slowly(const part *p, int64_t i) {
  double value;
  csv_cell cell = cell_of(p, i);
  const char *end = cell.text + cell.length;
  if (is_missing(p, cell)) return NAN;
  bool right = cell.length > 0 && ml_number_parse(cell.text, end, p->d->decimal, &value);
  if (right && !p->column->fixed && (csv_has_leading_zero(cell.text, end) || csv_is_rounded(cell.text, end))) right = false;
  if (!right) {
    does_not_fit(p, cell, i);
    return NAN;
  }
  if (isnan(value)) p->tally->missing++;
  return value;
}

static void numbers(const part *p) {
  double *out = ml_f64(p->column->values) + p->row;
  char point = p->d->decimal;
  bool marks_first = p->column->marks->values, zeros = p->column->fixed;
  for (int64_t i = 0; i < p->rows; i++) {
    const uint32_t *entry = p->entry + i * p->stride;
    const char *from = p->text + entry[0] + 1, *end = p->text + entry[1];
    bool negative = *from == '-';
    const char *digits = from + negative;
    double value;
    bool quick = !marks_first && end > from && ml_number_parse_short(digits, end, point, &value) &&
                 (zeros || *digits != '0' || digits[1] == point || end - digits == 1);
    out[i] = quick ? (negative ? -value : value) : number_slowly(p, i);
  }
  count_rest(p, CSV_NUMBER);
}

static int64_t integer_slowly(const part *p, int64_t i) {
  int64_t value;
  csv_cell cell = cell_of(p, i);
  const char *end = cell.text + cell.length;
  if (is_missing(p, cell)) {
    mark_missing(p, i);
    return 0;
  }
  bool zero = !p->column->fixed && csv_has_leading_zero(cell.text, end);
  if (cell.length > 0 && !zero && ml_integer_parse(cell.text, end, &value)) {
    if (!p->column->fixed && !ml_double_holds(value)) count_class(p->tally, CSV_LONG, i);
    return value;
  }
  is_bad(p, cell, i);
  return 0;
}

static void integers(const part *p) {
  int64_t *out = ml_i64(p->column->values) + p->row;
  bool marks_first = p->column->marks->values;
  for (int64_t i = 0; i < p->rows; i++) {
    const uint32_t *entry = p->entry + i * p->stride;
    const char *from = p->text + entry[0] + 1, *end = p->text + entry[1];
    int64_t n = end - from;
    if (!marks_first && n >= 1 && n <= 8 && *from > '0' && *from <= '9') {
      uint64_t v = ml_last_eight(end, (int)n);
      if (ml_eight_digits(v)) {
        out[i] = ml_eight_digits_value(v);
        continue;
      }
    }
    out[i] = integer_slowly(p, i);
  }
  count_rest(p, CSV_INTEGER);
}

static void times(const part *p) {
  double *out = ml_f64(p->column->values) + p->row;
  for (int64_t i = 0; i < p->rows; i++) {
    csv_cell cell = cell_of(p, i);
    out[i] = NAN;
    if (is_missing(p, cell)) continue;
    if (cell.length <= 0 || !ml_iso_time_parse(cell.text, cell.text + cell.length, &out[i])) does_not_fit(p, cell, i);
  }
  count_rest(p, CSV_TIME);
}

static void booleans(const part *p) {
  bool *out = (bool *)ml_data(p->column->values) + p->row;
  for (int64_t i = 0; i < p->rows; i++) {
    csv_cell cell = cell_of(p, i);
    out[i] = false;
    if (is_missing(p, cell)) {
      mark_missing(p, i);
      continue;
    }
    int spelling = cell.length > 0 ? csv_boolean_spelling(cell.text, cell.length) : -1;
    int meant = spelling < 0 && p->column->fixed ? csv_boolean_meant(cell.text, cell.length) : spelling;
    if (meant < 0) {
      is_bad(p, cell, i);
      continue;
    }
    if (spelling >= 0) p->tally->pairs |= 1u << (spelling / 2);
    out[i] = meant % 2;
  }
  count_rest(p, CSV_BOOLEAN);
}

/* Appends to the scratch at `to`; gives the end. The ends count from the beginning of the piece: csv_place_texts moves them. */
static char *texts(const part *p, char *to) {
  int64_t *ends = ml_i64(p->column->ends) + p->row;
  const char *from = to;
  bool open = !p->column->fixed;
  for (int64_t i = 0; i < p->rows; i++) {
    csv_cell cell = cell_of(p, i);
    bool missing = is_missing(p, cell);
    if (missing && !cell.quoted) mark_missing(p, i);
    else to = csv_put_text(p->d, cell, to);
    if (open && !missing) count_class(p->tally, csv_classify(p->d, cell, &p->tally->pairs), i);
    ends[i] = to - from;
  }
  return to;
}

/* The block ---------------------------------------------------------------------------------------------------------------- */

static char *parse_column(const part *p, char *to) {
  if (p->column->mode == CSV_LOOK) {
    look(p);
    return to;
  }
  switch (p->column->type) {
  case ML_COLUMN_NUMBER: numbers(p); break;
  case ML_COLUMN_TIME: times(p); break;
  case ML_COLUMN_INTEGER: integers(p); break;
  case ML_COLUMN_BOOLEAN: booleans(p); break;
  default: to = texts(p, to); break;
  }
  return to;
}

static void parse_pieces(void *arg, int64_t begin, int64_t end) {
  const parse_job *job = arg;
  ml_csv *r = job->r;
  for (int64_t i = begin; i < end; i++) {
    csv_piece *piece = &r->work.piece[i];
    char *first = r->work.texts + piece->text_at + piece->text_used, *to = first;
    for (int k = 0; k < r->columns; k++) {
      const csv_column *column = &r->column[k];
      csv_tally *tally = &r->work.tally[i * r->columns + k];
      if (column->mode == CSV_SKIP || (job->again && !column->again)) continue;
      *tally = (csv_tally){.text_from = (uint32_t)(to - r->work.texts)};
      part p = {.d = &r->dialect, .column = column, .text = r->buffer.room, .entry = piece->index + k, .stride = r->columns + 1,
                .rows = piece->rows, .row = r->pass_rows + piece->first_row, .last = k == r->columns - 1, .tally = tally};
      char *behind = parse_column(&p, to);
      tally->text_bytes = (uint32_t)(behind - to);
      to = behind;
    }
    piece->text_used += (uint32_t)(to - first);
  }
}

ml_status csv_parse_block(ml_context *c, ml_csv *r, bool again) {
  parse_job job = {r, again};
  return ml_parallel_for(c, r->work.pieces, 1, parse_pieces, &job);
}

/* Texts to where they belong ------------------------------------------------------------------------------------------------ */

static void place_piece(const ml_csv *r, int64_t i, int k) {
  const csv_piece *piece = &r->work.piece[i];
  const csv_column *column = &r->column[k];
  const csv_tally *tally = &r->work.tally[i * r->columns + k];
  int64_t *ends = ml_i64(column->ends) + r->pass_rows + piece->first_row;
  memcpy((char *)ml_data(column->bytes) + tally->text_base, r->work.texts + tally->text_from, tally->text_bytes);
  for (int64_t row = 0; row < piece->rows; row++) ends[row] += tally->text_base;
}

static bool holds_text(const csv_column *column) { return column->mode == CSV_STORE && column->type == ML_COLUMN_TEXT; }

static void place_pieces(void *arg, int64_t begin, int64_t end) {
  const ml_csv *r = arg;
  for (int64_t i = begin; i < end; i++) {
    for (int k = 0; k < r->columns; k++) {
      if (holds_text(&r->column[k])) place_piece(r, i, k);
    }
  }
}

ml_status csv_place_texts(ml_context *c, ml_csv *r) {
  bool any = false;
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    if (!holds_text(column)) continue;
    any = true;
    int64_t base = column->text_bytes;
    for (int i = 0; i < r->work.pieces; i++) {
      csv_tally *tally = &r->work.tally[(int64_t)i * r->columns + k];
      tally->text_base = base;
      base += tally->text_bytes;
    }
    ML_TRY(csv_reserve_text(c, r, column, base - column->text_bytes, r->pass_rows + r->work.rows));
    column->text_bytes = base;
  }
  return any ? ml_parallel_for(c, r->work.pieces, 1, place_pieces, r) : ML_OK;
}
