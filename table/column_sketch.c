/* Sketches of columns and tables. See column_sketch.h.
 *
 * Room is made first; then the columns of a piece are looked at beside each other, each from its first row to its last, so that
 * nothing depends on the number of threads. */

#include "table/column_sketch.h"

#include <math.h>

#include "table/value_hash.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

/* Moments ---------------------------------------------------------------------------------------------------------- */

static void extremes(ml_moments *m, double low, int64_t at_low, double high, int64_t at_high) {
  if (low < m->min || m->at_min == 0) m->min = low, m->at_min = 0;
  if (high > m->max || m->at_max == 0) m->max = high, m->at_max = 0;
  m->at_min += low == m->min ? at_low : 0;
  m->at_max += high == m->max ? at_high : 0;
}

static void add_value(ml_moments *m, double x) {
  double before = x - m->mean;
  m->mean += before / (double)(++m->count - m->infinite);
  m->squares += before * (x - m->mean);
  extremes(m, x, 1, x, 1);
}

static void add_moments(ml_moments *m, const ml_moments *other) {
  double a = (double)(m->count - m->infinite), b = (double)(other->count - other->infinite);
  m->count += other->count;
  m->infinite += other->infinite;
  if (b == 0) return;
  double apart = other->mean - m->mean, share = b / (a + b);
  m->mean += apart * share;
  m->squares += other->squares + apart * apart * a * share;
  extremes(m, other->min, other->at_min, other->max, other->at_max);
}

/* Rows ------------------------------------------------------------------------------------------------------------- */

enum { SEED_MISSING = 77 };

typedef struct piece {
  ml_table_sketch *sketch;
  const ml_table *table;
  const bool *leave_out;
  uint64_t *hash; /* [columns, rows] of values */
} piece;

static int64_t characters(ml_span s) {
  int64_t n = 0;
  for (int64_t i = 0; i < s.length; i++) n += ((unsigned char)s.text[i] & 0xC0) != 0x80;
  return n;
}

/* A value's number, and the bytes by which it is known; false: it is missing. */
static bool value_at(const ml_column *column, const ml_text_rows *text, int64_t i, double *number, int64_t *bits, ml_span *span) {
  const bool *missing = column->missing ? ml_data(column->missing) : NULL;
  if (missing && missing[i]) return false;
  *span = (ml_span){(const char *)bits, sizeof *bits};
  switch (column->type) {
  case ML_COLUMN_INTEGER:
    *bits = ml_i64(column->values)[i];
    *number = (double)*bits;
    return true;
  case ML_COLUMN_BOOLEAN:
    *bits = ((const bool *)ml_data(column->values))[i];
    *number = (double)*bits;
    return true;
  case ML_COLUMN_TEXT:
    *span = ml_text_row(text, i);
    *number = (double)characters(*span);
    return true;
  default:
    *number = ml_f64(column->values)[i] + 0.0; /* -0 becomes 0 */
    memcpy(bits, number, sizeof *bits);
    return *number == *number;
  }
}

static void look_at_column(ml_column_sketch *s, const ml_column *column, int64_t rows, uint64_t *hashes) {
  bool is_text = column->type == ML_COLUMN_TEXT;
  ml_text_rows text = is_text ? (ml_text_rows){.bytes = ml_data(column->bytes), .ends = ml_data(column->ends), .rows = rows}
                              : (ml_text_rows){0};
  for (int64_t i = 0; i < rows; i++) {
    double number;
    int64_t bits;
    ml_span span;
    if (!value_at(column, &text, i, &number, &bits, &span)) {
      s->missing++;
      hashes[i] = SEED_MISSING;
      continue;
    }
    hashes[i] = is_text ? ml_hash_span(0, span) : ml_hash_key(0, bits);
    ml_distinct_sketch_push(&s->distinct, hashes[i]);
    ml_frequent_sketch_push(&s->frequent, hashes[i], span);
    if (isinf(number)) {
      s->moments.count++;
      s->moments.infinite++;
    } else {
      add_value(&s->moments, number);
      ml_quantile_sketch_push(&s->quantiles, number);
    }
  }
  s->rows += rows;
}

static void look_body(void *arg, int64_t begin, int64_t end) {
  const piece *p = arg;
  for (int64_t j = begin; j < end; j++)
    look_at_column(p->sketch->column[j], &p->table->column[j], p->table->rows, p->hash + j * p->table->rows);
}

/* One hash a row, into those of the first column. */
static void combine_body(void *arg, int64_t begin, int64_t end) {
  const piece *p = arg;
  for (int64_t i = begin; i < end; i++) {
    uint64_t h = 0;
    for (int j = 0; j < p->sketch->columns; j++) {
      if (!p->leave_out || !p->leave_out[j]) h = ml_hash_mix(h ^ p->hash[j * p->table->rows + i], 0xA0761D6478BD642Fu) + (uint64_t)j;
    }
    p->hash[i] = h;
  }
}

enum { GRAIN = 8192 };

static ml_status look(ml_context *c, piece *p) {
  ML_TRY(ml_parallel_for(c, p->sketch->columns, 1, look_body, p));
  ML_TRY(ml_parallel_for(c, p->table->rows, GRAIN, combine_body, p));
  p->sketch->rows += p->table->rows;
  return ml_row_set_add(c, &p->sketch->seen, p->hash, p->table->rows);
}

ml_status ml_table_sketch_update(ml_context *c, ml_table_sketch *s, const ml_table *t, const bool *leave_out) {
  if (t->columns != s->columns) return ml_fail_as(c, ML_BAD_DATA, "profile: %d columns, the rows before have %d", t->columns, s->columns);
  for (int j = 0; j < s->columns; j++) {
    if (t->column[j].type != s->column[j]->type)
      return ml_fail_as(c, ML_BAD_DATA, "profile: column '%s' is %s, in the rows before it is %s", t->column[j].name,
                        ml_column_type_name(t->column[j].type), ml_column_type_name(s->column[j]->type));
    ML_TRY(ml_quantile_sketch_expect(c, &s->column[j]->quantiles, t->rows));
  }
  if (t->rows == 0 || t->columns == 0) return ML_OK;
  void *room;
  size_t bytes = (size_t)t->rows * (size_t)t->columns * sizeof(uint64_t); /* no larger than the table */
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  piece p = {.sketch = s, .table = t, .leave_out = leave_out, .hash = room};
  ml_status status = look(c, &p);
  ml_free(room, bytes);
  return status;
}

/* Tables ----------------------------------------------------------------------------------------------------------- */

static ml_status add_column(ml_context *c, ml_column_type type, int64_t quantiles, ml_column_sketch **out) {
  void *room;
  ML_TRY(ml_alloc_checked(c, sizeof **out, &room));
  *out = memset(room, 0, sizeof **out);
  (*out)->type = type;
  return ml_quantile_sketch_init(c, quantiles, &(*out)->quantiles);
}

ml_status ml_table_sketch_init(ml_context *c, int columns, const ml_column_type *types, int64_t quantiles, int64_t limit,
                               ml_table_sketch *s) {
  void *room;
  size_t bytes = (size_t)columns * sizeof *s->column + 1;
  *s = (ml_table_sketch){.seen.limit = limit > 0 ? limit : 1};
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  s->column = memset(room, 0, bytes);
  s->columns = columns;
  for (int j = 0; j < columns; j++) ML_TRY(add_column(c, types[j], quantiles, &s->column[j]));
  return ML_OK;
}

void ml_table_sketch_free(ml_table_sketch *s) {
  for (int j = 0; j < s->columns; j++) {
    if (!s->column[j]) continue;
    ml_quantile_sketch_free(&s->column[j]->quantiles);
    ml_free(s->column[j], sizeof *s->column[j]);
  }
  if (s->column) ml_free(s->column, (size_t)s->columns * sizeof *s->column + 1);
  ml_row_set_free(&s->seen);
  *s = (ml_table_sketch){0};
}

static ml_status merge_column(ml_context *c, ml_column_sketch *s, const ml_column_sketch *other) {
  ML_TRY(ml_quantile_sketch_merge(c, &s->quantiles, &other->quantiles));
  ml_distinct_sketch_merge(&s->distinct, &other->distinct);
  ml_frequent_sketch_merge(&s->frequent, &other->frequent);
  add_moments(&s->moments, &other->moments);
  s->rows += other->rows;
  s->missing += other->missing;
  return ML_OK;
}

ml_status ml_table_sketch_merge(ml_context *c, ml_table_sketch *s, const ml_table_sketch *other) {
  bool alike = s->columns == other->columns;
  for (int j = 0; alike && j < s->columns; j++)
    alike = s->column[j]->type == other->column[j]->type && s->column[j]->quantiles.k == other->column[j]->quantiles.k;
  if (!alike) return ml_fail_as(c, ML_BAD_DATA, "profile: sketches of other columns can't be merged");
  for (int j = 0; j < s->columns; j++) ML_TRY(merge_column(c, s->column[j], other->column[j]));
  for (int64_t i = 0; i < other->seen.room; i++) {
    if (other->seen.hash[i]) ML_TRY(ml_row_set_add(c, &s->seen, &other->seen.hash[i], 1));
  }
  s->rows += other->rows;
  s->seen.repeated += other->seen.repeated;
  s->seen.full |= other->seen.full;
  return ML_OK;
}
