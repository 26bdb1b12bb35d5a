/* The columns of a file: how many, whether the first row names them, and what the options say of each.
 *
 * The first row is a header if none of its cells is a number or a time and, in the first rows, some column below has a type other
 * than text; where all is text, if no cell comes again below. */

#include <stdio.h>
#include <string.h>

#include "table/csv_cell.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

enum { LOOKED_AT = 200 };

typedef struct first_rows {
  const char *text, *end; /* the first row, and the buffer's end */
  const char *second;
  uint32_t *header;       /* the ends of its fields */
  int64_t fields;
} first_rows;

static csv_cell cell_of(const ml_csv *r, const char *row, const uint32_t *ends, int64_t i, bool last) {
  const uint32_t entry[2] = {i == 0 ? CSV_FRONT - 1 : ends[i - 1] + CSV_FRONT, ends[i] + CSV_FRONT};
  return csv_cell_at(&r->dialect, row - CSV_FRONT, entry, last);
}

/* Brings the whole first row into the buffer; blank lines before it go. fields 0: there is none. */
static ml_status find_first_row(ml_context *c, ml_csv *r, first_rows *f) {
  csv_buffer *b = &r->buffer;
  for (;;) {
    csv_ends ends = {.to = NULL};
    f->text = b->room + b->begin;
    f->end = b->room + b->end;
    f->second = csv_exact_row(&r->dialect, f->text, f->end, &ends);
    f->fields = ends.count;
    if (!f->second && b->ended) {
      f->fields = 0;
      return ML_OK;
    }
    if (!f->second) {
      ML_TRY(csv_fill(c, r));
      continue;
    }
    uint32_t behind = (uint32_t)(f->second - b->room);
    if (!csv_all_blank(b->room, b->begin, behind - 1)) {
      while (r->dialect.comment && *f->text == r->dialect.comment)
        f->text = (const char *)memchr(f->text, r->dialect.newline, (size_t)(f->end - f->text)) + 1;
      return csv_check_text(c, r, b->begin, behind);
    }
    csv_consume(r, behind, 1);
  }
}

/* Header or not -------------------------------------------------------------------------------------------------------------- */

enum { HAS_VALUE = 1, HAS_OTHER = 2 };

/* What the rows below say. seen: flags by column; ends: room for a row. */
static bool below_says_header(const ml_csv *r, const first_rows *f, uint8_t *seen, uint32_t *ends) {
  const char *p = f->second;
  int rows = 0;
  for (; rows < LOOKED_AT && p && p < f->end; rows++) {
    csv_ends out = {.text = p, .to = ends, .room = f->fields};
    const char *row = p;
    p = csv_exact_row(&r->dialect, p, f->end, &out);
    for (int64_t i = 0; p && i < f->fields && i < out.count; i++) {
      uint32_t pair = 0;
      csv_cell cell = cell_of(r, row, ends, i, i == out.count - 1), name = cell_of(r, f->text, f->header, i, i == f->fields - 1);
      if (csv_is_mark(&r->marks[0], cell)) continue;
      seen[i] |= csv_classify(&r->dialect, cell, &pair) == CSV_OTHER ? HAS_VALUE | HAS_OTHER : HAS_VALUE;
      if (cell.length == name.length && memcmp(cell.text, name.text, (size_t)cell.length) == 0) return false;
    }
  }
  for (int64_t i = 0; i < f->fields; i++) {
    if (seen[i] == HAS_VALUE) return true;
  }
  return rows == 0 || f->fields > 1;
}

static bool looks_like_header(const ml_csv *r, const first_rows *f, uint8_t *seen, uint32_t *ends) {
  for (int64_t i = 0; i < f->fields; i++) {
    uint32_t pair = 0;
    csv_cell cell = cell_of(r, f->text, f->header, i, i == f->fields - 1);
    csv_class class = csv_classify(&r->dialect, cell, &pair);
    bool number = class == CSV_INTEGER || class == CSV_LONG || class == CSV_HUGE || class == CSV_NUMBER;
    if (number || class == CSV_TIME || csv_has_leading_zero(cell.text, cell.text + cell.length))
      return false;
  }
  return below_says_header(r, f, seen, ends);
}

static ml_status decide_header(ml_context *c, ml_csv *r, const first_rows *f, int wish) {
  r->header = wish > 0;
  if (wish != 0) return ML_OK;
  size_t fields = (size_t)f->fields, bytes = fields * (sizeof(uint32_t) + 1);
  void *room;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  uint8_t *seen = (uint8_t *)room + fields * sizeof(uint32_t);
  memset(seen, 0, fields);
  r->header = looks_like_header(r, f, seen, room);
  ml_free(room, bytes);
  return ML_OK;
}

/* Columns ------------------------------------------------------------------------------------------------------------------ */

static ml_status allocate_columns(ml_context *c, ml_csv *r, int64_t columns) {
  void *room;
  if (columns > 1 << 24) return ml_file_fail(c, r->path, "has %lld columns; 16777216 are the most", (long long)columns);
  size_t bytes = (size_t)columns * sizeof *r->column, ends = (size_t)columns * sizeof *r->row_ends;
  ML_TRY(ml_alloc_checked(c, ends, &room));
  r->row_ends = room;
  ml_status status = ml_alloc_checked(c, bytes, &room);
  if (status != ML_OK) {
    ml_free(r->row_ends, ends);
    r->row_ends = NULL;
    return status;
  }
  memset(room, 0, bytes);
  r->column = room;
  r->columns = (int)columns;
  snprintf(r->wanted_fields, sizeof r->wanted_fields, "%d field%s", r->columns, r->columns == 1 ? "" : "s");
  for (int k = 0; k < r->columns; k++) {
    r->column[k].wanted = true;
    r->column[k].marks = &r->marks[0];
    r->column[k].type = ML_COLUMN_NUMBER; /* of a column without any value */
  }
  return ML_OK;
}

static ml_status name_by_header(ml_context *c, ml_csv *r, const first_rows *f, int k) {
  void *room;
  csv_cell cell = cell_of(r, f->text, f->header, k, k == f->fields - 1);
  if (cell.length < 0) cell.length = 0;
  size_t bytes = (size_t)cell.length + 16;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  char *end = csv_put_text(&r->dialect, cell, room);
  ml_status status = csv_name_column(c, &r->column[k], (ml_csv_text){room, (size_t)(end - (char *)room)});
  ml_free(room, bytes);
  return status;
}

static ml_status name_columns(ml_context *c, ml_csv *r, const first_rows *f, const ml_csv_options *o) {
  char text[32];
  if (o->names && o->names->count != r->columns)
    return ml_file_fail(c, r->path, "has %d columns, but names gives %d", r->columns, o->names->count);
  for (int k = 0; k < r->columns; k++) {
    int n = snprintf(text, sizeof text, "column_%d", k + 1);
    if (o->names) ML_TRY(csv_name_column(c, &r->column[k], o->names->item[k]));
    else if (r->header && k < f->fields) ML_TRY(name_by_header(c, r, f, k));
    else ML_TRY(csv_name_column(c, &r->column[k], (ml_csv_text){text, (size_t)n}));
  }
  return csv_make_names_unique(c, r);
}

static ml_status choose_columns(ml_context *c, ml_csv *r, const ml_csv_list *wanted) {
  if (!wanted) return ML_OK;
  for (int k = 0; k < r->columns; k++) r->column[k].wanted = false;
  for (int i = 0; i < wanted->count; i++) {
    int k = csv_find_column(r, wanted->item[i]);
    if (k < 0) return csv_no_such_column(c, r, wanted->item[i]);
    r->column[k].wanted = true;
  }
  return ML_OK;
}

static ml_status apply_wishes(ml_context *c, ml_csv *r, const ml_csv_options *o) {
  for (int i = 0; i < o->wish_count; i++) {
    const ml_csv_wish *wish = &o->wishes[i];
    int k = csv_find_column(r, wish->column);
    if (k < 0) return csv_no_such_column(c, r, wish->column);
    csv_column *column = &r->column[k];
    if (wish->has_type) {
      column->type = wish->type;
      column->fixed = column->known = column->declared = true;
    }
    if (wish->missing) column->marks = &r->marks[1 + i];
  }
  return ML_OK;
}

static ml_status make_columns(ml_context *c, ml_csv *r, first_rows *f, const ml_csv_options *o) {
  csv_ends ends = {.text = f->text, .to = f->header, .room = f->fields};
  csv_exact_row(&r->dialect, f->text, f->end, &ends);
  ML_TRY(decide_header(c, r, f, o->header));
  int64_t columns = f->fields, usual = r->header ? 0 : csv_usual_fields(r);
  if (usual > 0) columns = usual;
  ML_TRY(allocate_columns(c, r, columns));
  ML_TRY(name_columns(c, r, f, o));
  if (r->header) {
    uint32_t behind = (uint32_t)(f->second - r->buffer.room);
    csv_consume(r, behind, csv_count_lines(r, r->buffer.begin, behind));
  }
  r->data_offset = r->buffer.consumed;
  r->data_line = r->buffer.line;
  ML_TRY(choose_columns(c, r, o->columns));
  return apply_wishes(c, r, o);
}

ml_status csv_make_columns(ml_context *c, ml_csv *r, const ml_csv_options *o) {
  first_rows f;
  void *room;
  ML_TRY(find_first_row(c, r, &f));
  if (f.fields == 0) ML_TRY(csv_check_rest(c, r));
  if (f.fields == 0) return ml_file_fail(c, r->path, "is empty: no header and no rows");
  csv_find_hint(r);
  size_t bytes = (size_t)f.fields * sizeof *f.header;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  f.header = room;
  ml_status status = make_columns(c, r, &f, o);
  ml_free(room, bytes);
  return status;
}
