/* What is wrong with rows and cells: the first is an error, or all are kept beside the table. */

#include <stdio.h>
#include <string.h>

#include "table/column_room.h"
#include "table/csv_cell.h"
#include "tensor/alloc.h"

enum { MOST_KEPT = 100000, TEXT_KEPT = 200 };

static const char *const wanted_of[ML_COLUMN_TYPES] = {"a number", "a time as 2024-02-29 13:45", "an integer", "true or false",
                                                       "text"};

void csv_forget_problems(csv_problems *p, int64_t all) {
  p->all = all;
  while (p->count > all) {
    csv_problem *last = &p->item[--p->count];
    ml_free(last->text, last->length + 1);
  }
}

void csv_problems_free(csv_problems *p) {
  csv_forget_problems(p, 0);
  ml_free(p->item, (size_t)p->room * sizeof *p->item);
  *p = (csv_problems){0};
}

static ml_status make_room(ml_context *c, csv_problems *p) {
  void *room;
  if (p->count < p->room) return ML_OK;
  int64_t more = p->room ? 2 * p->room : 16;
  ML_TRY(ml_alloc_checked(c, (size_t)more * sizeof *p->item, &room));
  if (p->count > 0) memcpy(room, p->item, (size_t)p->count * sizeof *p->item);
  ml_free(p->item, (size_t)p->room * sizeof *p->item);
  p->item = room;
  p->room = more;
  return ML_OK;
}

static ml_status keep(ml_context *c, csv_problems *p, const csv_problem *problem, ml_csv_text text) {
  p->all++;
  if (p->count == MOST_KEPT) return ML_OK;
  ML_TRY(make_room(c, p));
  csv_problem *item = &p->item[p->count];
  *item = *problem;
  if (text.length > TEXT_KEPT) text.length = TEXT_KEPT;
  ML_TRY(csv_copy_text(c, text, &item->text));
  item->length = (uint32_t)text.length;
  p->count++;
  return ML_OK;
}

static ml_status report(ml_context *c, ml_csv *r, const csv_problem *problem, ml_csv_text text) {
  if (r->collect) return keep(c, &r->problems, problem, text);
  int shown = text.length > TEXT_KEPT ? TEXT_KEPT : (int)text.length;
  if (problem->column < 0)
    return ml_fail_as(c, ML_BAD_DATA, "%.1000s:%lld: found %.*s, expected %s%s", r->path, (long long)problem->line, shown,
                      text.text, problem->wanted, r->hint);
  return ml_fail_as(c, ML_BAD_DATA, "%.1000s:%lld:%d '%.100s': found '%.*s', expected %s", r->path, (long long)problem->line,
                    problem->column + 1, r->column[problem->column].name, shown, text.text, problem->wanted);
}

/* Too few fields, too many, or something behind a closing quote. row: its first byte. */
static ml_status check_row(ml_context *c, ml_csv *r, const char *row, csv_problem *problem) {
  char found[64];
  csv_ends ends = {.to = NULL};
  const char *end = csv_exact_row(&r->dialect, row, r->buffer.room + r->buffer.end, &ends);
  problem->column = -1;
  problem->wanted = r->wanted_fields;
  if (!end) return ML_OK;
  if (ends.junk) {
    problem->wanted = "a separator behind the quote that closes a field; if quotes are plain characters here, say quote = false";
    ML_TRY(report(c, r, problem, (ml_csv_text){"more text", 9}));
  }
  if (ends.count < r->columns) {
    snprintf(found, sizeof found, "%lld field%s", (long long)ends.count, ends.count == 1 ? "" : "s");
    problem->wanted = r->wanted_fields;
    return report(c, r, problem, (ml_csv_text){found, strlen(found)});
  }
  if (ends.count == r->columns) return ML_OK;
  uint32_t last; /* where the last field that has a column ends */
  csv_ends some = {.text = row, .to = r->row_ends, .room = r->columns};
  csv_exact_row(&r->dialect, row, r->buffer.room + r->buffer.end, &some);
  last = r->row_ends[r->columns - 1];
  ml_csv_text surplus = {row + last + 1, (size_t)(end - row) - last - 2};
  while (surplus.length > 0 && csv_is_blank(surplus.text[surplus.length - 1])) surplus.length--;
  if (surplus.length == 0 && ends.count == r->columns + 1) return ML_OK;
  if (r->collect) return report(c, r, problem, surplus);
  snprintf(found, sizeof found, "%lld fields", (long long)ends.count);
  return report(c, r, problem, (ml_csv_text){found, strlen(found)});
}

static bool fits(const ml_csv *r, const csv_column *column, csv_cell cell) {
  double number;
  int64_t integer;
  const char *end = cell.text + cell.length;
  if (csv_is_mark(column->marks, cell) || column->type == ML_COLUMN_TEXT) return true;
  if (cell.length <= 0) return false;
  switch (column->type) {
  case ML_COLUMN_NUMBER: return ml_number_parse(cell.text, end, r->dialect.decimal, &number);
  case ML_COLUMN_INTEGER: return ml_integer_parse(cell.text, end, &integer);
  case ML_COLUMN_TIME: return ml_iso_time_parse(cell.text, end, &number);
  default: return csv_boolean_meant(cell.text, cell.length) >= 0;
  }
}

static ml_status check_cells(ml_context *c, ml_csv *r, const uint32_t *entry, const csv_tally *tally, csv_problem *problem) {
  for (int k = 0; k < r->columns; k++) {
    const csv_column *column = &r->column[k];
    if (column->mode != CSV_STORE || tally[k].bad == 0) continue;
    csv_cell cell = csv_cell_at(&r->dialect, r->buffer.room, entry + k, k == r->columns - 1);
    if (fits(r, column, cell)) continue;
    problem->column = k;
    problem->wanted = wanted_of[column->type];
    ML_TRY(report(c, r, problem, (ml_csv_text){cell.text, (size_t)cell.length}));
  }
  return ML_OK;
}

static const uint32_t *row_at(const ml_csv *r, const csv_piece *piece, int64_t row) {
  return piece->index + (size_t)row * ((size_t)r->columns + 1);
}

/* cells: not the rows alone, whose cells may not have been parsed yet. */
static ml_status gather_piece(ml_context *c, ml_csv *r, int i, bool cells) {
  const csv_piece *piece = &r->work.piece[i];
  const csv_tally *tally = &r->work.tally[(int64_t)i * r->columns];
  uint32_t at = r->buffer.begin;
  int64_t line = r->buffer.line;
  bool bad = false;
  for (int k = 0; k < r->columns && cells; k++) bad = bad || (r->column[k].mode == CSV_STORE && tally[k].bad > 0);
  if (!bad && !piece->ragged) return ML_OK;
  for (int64_t row = 0; row < piece->rows; row++) {
    const uint32_t *entry = row_at(r, piece, row);
    line += csv_count_lines(r, at, entry[0] + 1);
    at = entry[0] + 1;
    csv_problem problem = {.line = line, .row = r->rows + r->pass_rows + piece->first_row + row + 1};
    if (piece->ragged) ML_TRY(check_row(c, r, r->buffer.room + at, &problem));
    if (bad) ML_TRY(check_cells(c, r, entry, tally, &problem));
  }
  return ML_OK;
}

ml_status csv_gather_problems(ml_context *c, ml_csv *r) {
  if (!r->pass_problems) return ML_OK;
  for (int i = 0; i < r->work.pieces; i++) ML_TRY(gather_piece(c, r, i, true));
  return ML_OK;
}

/* Fields that the index has of a row: those behind them end before they begin. */
static int fields_of(const ml_csv *r, const uint32_t *entry) {
  int count = r->columns;
  while (count > 1 && entry[count] < entry[count - 1] + 1) count--;
  return count;
}

int csv_wanted_columns(const ml_csv *r) {
  int wanted = 0;
  for (int k = 0; k < r->columns; k++) wanted += r->column[k].wanted;
  return wanted;
}

ml_status csv_check_sparse(ml_context *c, ml_csv *r) {
  const csv_work *w = &r->work;
  int64_t content = r->buffer.consumed + (r->buffer.end - r->buffer.begin), rows = 0;
  int wanted = csv_wanted_columns(r), fewest = r->columns;
  if (column_room_allows(wanted, r->pass_rows + w->rows, content)) return ML_OK;
  for (int i = 0; i < w->pieces && !r->collect; i++) ML_TRY(gather_piece(c, r, i, false)); /* the first of them is the error */
  for (int i = 0; i < w->pieces; i++) {
    for (int64_t row = 0; row < w->piece[i].rows; row++) {
      int fields = fields_of(r, row_at(r, &w->piece[i], row));
      rows += fields < r->columns;
      if (fields < fewest) fewest = fields;
    }
  }
  return ml_fail_as(c, ML_BAD_DATA, "%.1000s:%lld: %lld of the %lld rows from here on have fewer than %d fields, down to %d, so that nearly all of "
                    "the table would be missing; if the names do not belong to these rows, say header = false or names = {...}; or name "
                    "the columns that you want, as in columns = {'a', 'b'}", r->path, (long long)r->buffer.line, (long long)rows,
                    (long long)w->rows, r->columns, fewest);
}

int64_t ml_csv_problem_count(const ml_csv *r, int64_t *all) {
  *all = r->problems.all;
  return r->problems.count;
}

ml_csv_problem ml_csv_problem_at(const ml_csv *r, int64_t i) {
  const csv_problem *p = &r->problems.item[i];
  return (ml_csv_problem){p->line, p->row, p->column, {p->text, p->length}, p->wanted};
}
