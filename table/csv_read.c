/* Reading tables from files of separated values, block by block. See csv.h.
 *
 * A pass goes over the rows once. The whole of a file whose types are open is read in one, types and all; a scan is a pass that
 * stores nothing; a second pass fetches the columns that turned out to be text only when rows of theirs were stored as something
 * else. Blocks and pieces are cut by size, so that nothing depends on the number of threads. */

#include <string.h>

#include "table/csv_parts.h"
#include "table/number.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

/* Opening ------------------------------------------------------------------------------------------------------------------ */

static ml_status make_marks(ml_context *c, ml_csv *r, const ml_csv_options *o) {
  void *room;
  size_t bytes = (size_t)(1 + o->wish_count) * sizeof *r->marks;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  memset(room, 0, bytes);
  r->marks = room;
  r->mark_lists = 1 + o->wish_count;
  ML_TRY(csv_marks_init(c, o->missing, &r->marks[0]));
  for (int i = 0; i < o->wish_count; i++) {
    if (o->wishes[i].missing) ML_TRY(csv_marks_init(c, o->wishes[i].missing, &r->marks[1 + i]));
  }
  return ML_OK;
}

static ml_status open_file(ml_context *c, ml_csv *r, const char *path, const ml_csv_options *o) {
  ML_TRY(csv_copy_text(c, (ml_csv_text){path, strlen(path)}, &r->path));
  ML_TRY(ml_stream_open(c, r->path, &r->stream));
  r->dialect = (csv_dialect){.separator = (char)o->separator, .quote = o->no_quotes ? 0 : o->quote ? (char)o->quote : '"',
                             .comment = (char)o->comment, .trim = !o->keep_blanks};
  r->latin_1 = o->latin_1;
  r->collect = o->collect;
  r->counted = -1;
  ML_TRY(make_marks(c, r, o));
  r->buffer.line = 1;
  r->buffer.begin = r->buffer.end = CSV_FRONT;
  ML_TRY(csv_fill(c, r));
  ML_TRY(csv_sniff(c, r, o));
  return csv_make_columns(c, r, o);
}

ml_status ml_csv_open(ml_context *c, const char *path, const ml_csv_options *o, ml_csv **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_csv), &room));
  memset(room, 0, sizeof(ml_csv));
  ml_csv *r = room;
  ml_status status = open_file(c, r, path, o);
  if (status == ML_OK) *out = r;
  else ml_csv_close(r);
  return status;
}

void ml_csv_close(ml_csv *r) {
  if (!r) return;
  csv_work_free(r);
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    csv_drop(column);
    csv_free_text(column->name, column->name_length);
    csv_free_text(column->was, column->was_length);
  }
  ml_free(r->column, (size_t)r->columns * sizeof *r->column);
  ml_free(r->row_ends, (size_t)r->columns * sizeof *r->row_ends);
  for (int i = 0; i < r->mark_lists; i++) csv_marks_free(&r->marks[i]);
  ml_free(r->marks, (size_t)r->mark_lists * sizeof *r->marks);
  csv_problems_free(&r->problems);
  csv_buffer_free(&r->buffer);
  ml_stream_close(r->stream);
  csv_free_text(r->path, r->path ? strlen(r->path) : 0);
  ml_free(r, sizeof *r);
}

/* Passes ------------------------------------------------------------------------------------------------------------------- */

/* The next block of whole rows; w->rows is 0 at the end. */
static ml_status next_block(ml_context *c, ml_csv *r, int64_t max_rows) {
  csv_buffer *b = &r->buffer;
  csv_work *w = &r->work;
  for (;;) {
    w->rows = 0;
    if (b->begin == b->end && b->ended) return ML_OK;
    if (b->end - b->begin < CSV_BLOCK / 2) ML_TRY(csv_fill(c, r));
    if (b->begin == b->end) continue;
    int64_t lines;
    ML_TRY(csv_split(c, r, max_rows));
    if (w->rows > 0) return ML_OK;
    uint32_t stop = csv_split_stop(r, &lines);
    if (stop == b->begin && b->ended) return csv_check_rest(c, r);
    if (stop == b->begin) ML_TRY(csv_fill(c, r));
    else csv_consume(r, stop, lines);
  }
}

static ml_status store_block(ml_context *c, ml_csv *r) {
  csv_work *w = &r->work;
  int64_t lines;
  uint32_t stop = csv_split_stop(r, &lines);
  if (r->pass_stores && r->pass_problems) ML_TRY(csv_check_sparse(c, r));
  for (int k = 0; k < r->columns; k++) ML_TRY(csv_reserve(c, r, &r->column[k], r->pass_rows + w->rows));
  ML_TRY(csv_parse_block(c, r, false));
  ML_TRY(csv_merge(c, r));
  ML_TRY(csv_gather_problems(c, r));
  ML_TRY(csv_place_texts(c, r));
  csv_consume(r, stop, lines);
  r->pass_rows += w->rows;
  return ML_OK;
}

/* Rows are taken until the pass has as many as it may, or there are no more. */
static ml_status run_pass(ml_context *c, ml_csv *r, int64_t limit) {
  r->pass_rows = 0;
  r->pass_limit = limit;
  r->pass_begin = r->buffer.consumed;
  while (limit < 0 || r->pass_rows < limit) {
    ML_TRY(next_block(c, r, limit < 0 ? -1 : limit - r->pass_rows));
    if (r->work.rows == 0) break;
    ML_TRY(store_block(c, r));
  }
  return ML_OK;
}

static void drop_columns(ml_csv *r) {
  for (int k = 0; k < r->columns; k++) csv_drop(&r->column[k]);
}

static void forget_tallies(ml_csv *r) {
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    memset(column->count, 0, sizeof column->count);
    column->missing = column->quoted = column->bad = 0;
    column->pairs = 0;
    if (!column->declared) column->fixed = column->known = false;
  }
}

/* After a pass over all rows the types stand. */
static void fix_types(ml_csv *r) {
  for (int k = 0; k < r->columns; k++) r->column[k].fixed = r->column[k].known = true;
  r->counted = r->pass_rows;
}

static ml_status scan_all(ml_context *c, ml_csv *r) {
  forget_tallies(r);
  for (int k = 0; k < r->columns; k++) r->column[k].mode = r->column[k].wanted ? CSV_LOOK : CSV_SKIP;
  r->tallies = true;
  r->pass_stores = r->pass_problems = false;
  ML_TRY(csv_seek(c, r, r->data_offset, r->data_line));
  ML_TRY(run_pass(c, r, -1));
  fix_types(r);
  return ML_OK;
}

ml_status ml_csv_scan(ml_context *c, ml_csv *r) {
  if (r->counted >= 0) return ML_OK;
  int64_t offset = r->buffer.consumed, line = r->buffer.line;
  ml_status status = scan_all(c, r);
  drop_columns(r);
  ML_TRY(status);
  return csv_seek(c, r, offset, line);
}

/* Reading ------------------------------------------------------------------------------------------------------------------ */

static bool types_are_open(const ml_csv *r) {
  for (int k = 0; k < r->columns; k++) {
    if (r->column[k].wanted && !r->column[k].fixed) return true;
  }
  return false;
}

/* The columns that turned to text late, from the beginning again. */
static ml_status read_lost(ml_context *c, ml_csv *r) {
  int lost = 0;
  int64_t rows = r->pass_rows;
  for (int k = 0; k < r->columns; k++) lost += r->column[k].lost;
  if (lost == 0) return ML_OK;
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    column->mode = column->lost ? CSV_STORE : CSV_SKIP;
    column->lost = false;
  }
  r->tallies = r->pass_problems = false;
  ML_TRY(csv_seek(c, r, r->data_offset, r->data_line));
  ML_TRY(run_pass(c, r, -1));
  if (r->pass_rows != rows) return ml_file_fail(c, r->path, "changed while it was read");
  return ML_OK;
}

static ml_status read_rows(ml_context *c, ml_csv *r, int64_t max_rows) {
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    column->lost = false;
    column->mode = !column->wanted ? CSV_SKIP : column->known ? CSV_STORE : CSV_LOOK;
  }
  r->tallies = r->counted < 0;
  r->pass_stores = r->pass_problems = true;
  ML_TRY(run_pass(c, r, max_rows));
  if (max_rows >= 0 || r->rows > 0) return ML_OK;
  fix_types(r);
  return read_lost(c, r);
}

static ml_status fill_table(ml_context *c, ml_csv *r, ml_table *out) {
  int at = 0;
  ML_TRY(ml_table_init(c, csv_wanted_columns(r), out));
  out->rows = r->pass_rows;
  for (int k = 0; k < r->columns; k++) {
    if (r->column[k].wanted) ML_TRY(csv_finish(c, r, &r->column[k], &out->column[at++]));
  }
  return ML_OK;
}

/* Where a reading that failed can be begun again. */
static ml_status begin_reading(ml_context *c, ml_csv *r) {
  if (r->failed) {
    ML_TRY(csv_seek(c, r, r->from_offset, r->from_line));
    csv_forget_problems(&r->problems, r->from_problems);
  }
  r->from_offset = r->buffer.consumed;
  r->from_line = r->buffer.line;
  r->from_problems = r->problems.all;
  r->failed = true;
  if (r->rows == 0 && r->counted < 0) forget_tallies(r);
  return ML_OK;
}

static ml_status read_table(ml_context *c, ml_csv *r, int64_t max_rows, ml_table *out, bool *any) {
  if (max_rows >= 0 && types_are_open(r)) ML_TRY(ml_csv_scan(c, r));
  ML_TRY(begin_reading(c, r));
  ML_TRY(read_rows(c, r, max_rows));
  *any = r->pass_rows > 0 || r->rows == 0; /* a file without rows is one empty table */
  return *any ? fill_table(c, r, out) : ML_OK;
}

ml_status ml_csv_read(ml_context *c, ml_csv *r, int64_t max_rows, ml_table *out, bool *any) {
  *any = false;
  if (r->finished) return ML_OK;
  ml_status status = read_table(c, r, max_rows, out, any);
  drop_columns(r);
  ML_TRY(status);
  r->failed = false;
  r->finished = max_rows < 0 || r->pass_rows < max_rows;
  r->rows += r->pass_rows;
  return ML_OK;
}

/* What is known ------------------------------------------------------------------------------------------------------------ */

ml_csv_facts ml_csv_facts_of(const ml_csv *r) {
  return (ml_csv_facts){r->header, r->dialect.separator, r->dialect.decimal, r->counted, ml_stream_file_size(r->stream), r->columns, r->hint};
}

/* Cells of these classes, a bit each, and the first cell of any other. */
static int64_t count_classes(const csv_column *column, int classes, const csv_example **first) {
  int64_t same = 0;
  *first = NULL;
  for (int class = 0; class < CSV_CLASSES; class++) {
    if (classes >> class & 1) same += column->count[class];
    else if (column->count[class] > 0 && (!*first || column->first[class].line < (*first)->line)) *first = &column->first[class];
  }
  return same;
}

static void set_others(ml_csv_column_facts *out, ml_column_type most, int64_t others, const csv_example *first, const char *why) {
  out->most = most;
  out->others = others;
  out->other_line = first->line;
  out->other_text = (ml_csv_text){first->text, (size_t)first->length};
  out->why = why;
}

/* A text most of whose cells are something else: what, and which cell is the first that is not. Of numbers alone, those that they would
 * not hold are the others, however many. */
static void find_others(const csv_column *column, ml_csv_column_facts *out) {
  static const ml_column_type type[] = {ML_COLUMN_NUMBER, ML_COLUMN_BOOLEAN, ML_COLUMN_TIME};
  static const int whole = 1 << CSV_INTEGER | 1 << CSV_LONG, number = whole | 1 << CSV_NUMBER;
  static const int classes[] = {number, 1 << CSV_BOOLEAN, 1 << CSV_TIME};
  const csv_example *first;
  int64_t all = count_classes(column, (1 << CSV_CLASSES) - 1, &first);
  if (all > 0 && count_classes(column, number | 1 << CSV_HUGE, &first) == all) {
    bool huge = column->count[CSV_HUGE] > 0;
    int64_t held = count_classes(column, huge ? number : number & ~(1 << CSV_LONG), &first);
    set_others(out, ML_COLUMN_NUMBER, all - held, first, huge ? ML_BEYOND_INTEGERS : ML_BEYOND_NUMBERS);
    return;
  }
  for (int i = 0; i < 3; i++) {
    int64_t same = count_classes(column, classes[i], &first);
    if (first && 2 * same > all) set_others(out, type[i], all - same, first, NULL);
  }
}

ml_csv_column_facts ml_csv_column_facts_of(const ml_csv *r, int k) {
  const csv_column *column = &r->column[k];
  ml_csv_column_facts facts = {.name = {column->name, column->name_length}, .was = {column->was, column->was_length},
                               .wanted = column->wanted, .type = column->type, .rows = r->counted};
  facts.missing = column->missing + (column->type == ML_COLUMN_TEXT ? 0 : column->quoted);
  if (column->type == ML_COLUMN_TEXT && !column->declared) find_others(column, &facts);
  return facts;
}
