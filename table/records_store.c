/* Storing records in columns whose types are known. See records.h. */

#include "table/records.h"

#include <math.h>
#include <string.h>

#include "table/column_room.h"
#include "table/csv_cell.h"
#include "table/number.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"

static bool is_double(const record_field *f) { return !column_has_mask(f->type); }

/* Room -------------------------------------------------------------------------------------------------------------- */

static bool has_room(const record_field *f) { return f->values || f->ends; }

static void drop(record_field *f) {
  ml_release(f->values);
  ml_release(f->ends);
  ml_release(f->missing);
  ml_release(f->bytes);
  f->values = f->ends = f->missing = f->bytes = NULL;
  f->filled = f->used = f->given = 0;
}

void records_begin(records *r, bool again) {
  for (int k = 0; k < r->count; k++) {
    record_field *f = &r->field[k];
    f->stores = again ? f->lost : f->wanted;
    f->lost = false;
    if (!again) drop(f);
  }
  r->chunk = 0;
}

static bool has_values(const record_field *f) {
  for (int k = RECORD_INTEGER; k < RECORD_KINDS; k++)
    if (f->seen[k] > 0) return true;
  return false;
}

/* A million names in a million rows of one each are 10^12 cells: refused before they are made. */
static ml_status check_size(ml_context *c, const records *r, int64_t columns, int64_t rows) {
  if (column_room_allows(columns, rows, r->bytes)) return ML_OK;
  return ml_file_fail(c, r->path, "has %lld columns in %lld rows, nearly all of them missing in each; name those that you want, as in "
                      "columns = {'a', 'b'}, or read fewer rows at once", (long long)columns, (long long)rows);
}

static ml_status make_room(ml_context *c, record_field *f, int64_t rows, int64_t expected) {
  ML_TRY(column_ensure(c, f->type == ML_COLUMN_TEXT ? &f->ends : &f->values, column_dtype[f->type], rows, expected, f->filled));
  return column_has_mask(f->type) ? column_ensure(c, &f->missing, ML_BOOL, rows, expected, f->filled) : ML_OK;
}

/* The rows up to r->chunk are missing where nothing was stored yet. */
static void fill(void *arg, int64_t begin, int64_t end) {
  const records *r = arg;
  for (int64_t k = begin; k < end; k++) {
    record_field *f = &r->field[k];
    int64_t from = f->filled, more = r->chunk - from;
    if (!has_room(f) || more <= 0) continue;
    f->filled = r->chunk;
    ml_tensor *main = f->values ? f->values : f->ends;
    size_t size = ml_dtype_size(main->dtype);
    if (is_double(f))
      for (int64_t i = 0; i < more; i++) ml_f64(main)[from + i] = (double)NAN;
    else
      memset((char *)ml_data(main) + (size_t)from * size, 0, (size_t)more * size);
    if (f->missing) memset((char *)ml_data(f->missing) + from, 1, (size_t)more);
  }
}

static ml_status list_texts(ml_context *c, records *r) {
  void *room = r->texts;
  size_t bytes = (size_t)r->texts_room * sizeof(int), needed = (size_t)r->count * sizeof(int);
  if (bytes < needed) ML_TRY(ml_alloc_grow(c, &room, &bytes, 0, needed));
  r->texts = room;
  r->texts_room = (int)(bytes / sizeof(int));
  r->text_count = 0;
  for (int k = 0; k < r->count; k++)
    if (r->field[k].stores && r->field[k].ends) r->texts[r->text_count++] = k;
  return ML_OK;
}

ml_status records_reserve(ml_context *c, records *r, int64_t rows, int64_t expected) {
  int64_t columns = 0;
  for (int k = 0; k < r->count; k++) columns += r->field[k].wanted && has_values(&r->field[k]);
  ML_TRY(check_size(c, r, columns, rows));
  for (int k = 0; k < r->count; k++) {
    record_field *f = &r->field[k];
    if (f->stores && has_values(f)) ML_TRY(make_room(c, f, rows, expected));
  }
  r->chunk = rows;
  ML_TRY(list_texts(c, r));
  return ml_parallel_for(c, r->count, 1, fill, r);
}

/* For the rows to come as much as the rows so far had. */
ml_status records_reserve_text(ml_context *c, records *r, record_field *f, int64_t more) {
  double needed = (double)(f->used + more), all = r->chunk > 0 ? needed * (double)ml_size(f->ends, 0) / (double)r->chunk * 1.03 : 0;
  return column_ensure(c, &f->bytes, ML_UINT8, f->used + more, all < 1e15 ? (int64_t)all + 64 : 0, f->used);
}

/* Types ------------------------------------------------------------------------------------------------------------- */

void records_retype(records *r) {
  for (int k = 0; k < r->count; k++) {
    record_field *f = &r->field[k];
    ml_column_type was = f->type, now = f->declared ? was : records_natural_type(f);
    f->type = now;
    if (now == was || !has_room(f)) continue;
    if (was == ML_COLUMN_INTEGER && now == ML_COLUMN_NUMBER) {
      column_to_numbers(f->values, ml_data(f->missing), f->filled);
      ml_release(f->missing);
      f->missing = NULL;
    } else {
      drop(f);
      f->stores = false;
      f->lost = true;
    }
  }
}

/* Values ------------------------------------------------------------------------------------------------------------ */

static bool is_integer(const record_value *v) { return v->kind == RECORD_INTEGER || v->kind == RECORD_LONG; }
static bool is_number(const record_value *v) { return is_integer(v) || v->kind == RECORD_HUGE || v->kind == RECORD_NUMBER; }

/* The value as it is written. */
static size_t written(const record_value *v, char made[ML_NUMBER_ROOM], const char **text) {
  *text = made;
  if (v->text) return *text = v->text, v->length;
  return (size_t)(is_integer(v) ? ml_integer_write(v->integer, made) : ml_number_write(v->number, made));
}

static bool to_number(const record_value *v, double *out) {
  *out = v->number;
  if (is_number(v)) return true;
  return v->kind == RECORD_TEXT && ml_number_parse(v->text, v->text + v->length, '.', out);
}

static bool to_integer(const record_value *v, int64_t *out) {
  *out = v->integer;
  if (is_integer(v)) return true;
  return v->kind == RECORD_TEXT && ml_integer_parse(v->text, v->text + v->length, out);
}

static bool to_boolean(const record_value *v, bool *out) {
  *out = v->kind == RECORD_BOOLEAN ? v->boolean : v->integer == 1;
  if (v->kind == RECORD_BOOLEAN || (v->kind == RECORD_INTEGER && (v->integer == 0 || v->integer == 1))) return true;
  int meant = v->kind == RECORD_TEXT ? csv_boolean_meant(v->text, (int64_t)v->length) : -1;
  *out = meant == 1;
  return meant >= 0;
}

static bool to_time(const record_value *v, double *out) {
  *out = v->number;
  return v->kind == RECORD_TIME || is_number(v);
}

bool records_put(record_field *f, int64_t at, const record_value *v) {
  bool fits, truth = false;
  switch (f->type) {
  case ML_COLUMN_INTEGER: fits = to_integer(v, &ml_i64(f->values)[at]); break;
  case ML_COLUMN_BOOLEAN:
    fits = to_boolean(v, &truth);
    ((uint8_t *)ml_data(f->values))[at] = fits && truth;
    break;
  case ML_COLUMN_TIME: fits = to_time(v, &ml_f64(f->values)[at]); break;
  default: fits = to_number(v, &ml_f64(f->values)[at]);
  }
  if (fits && f->missing) ((uint8_t *)ml_data(f->missing))[at] = 0;
  if (!fits && is_double(f)) ml_f64(f->values)[at] = (double)NAN;
  if (!fits && f->type == ML_COLUMN_INTEGER) ml_i64(f->values)[at] = 0;
  return fits;
}

ml_status records_wrong_type(ml_context *c, records *r, int field, const record_value *v, const record_place *place) {
  static const char *const wanted[ML_COLUMN_TYPES] = {"a number", "a time as 2024-02-29 13:45:06", "an integer", "true or false", "text"};
  char made[ML_NUMBER_ROOM];
  const char *text;
  size_t length = written(v, made, &text);
  return records_problem(c, r, field, place, text, length, wanted[r->field[field].type]);
}

static ml_status store_text(ml_context *c, records *r, record_field *f, int64_t at, const record_value *v) {
  char made[ML_NUMBER_ROOM];
  const char *text;
  size_t length = written(v, made, &text);
  ML_TRY(records_reserve_text(c, r, f, (int64_t)length));
  if (length > 0) memcpy((char *)ml_data(f->bytes) + f->used, text, length);
  f->used += (int64_t)length;
  ((uint8_t *)ml_data(f->missing))[at] = 0;
  return ML_OK;
}

ml_status records_store(ml_context *c, records *r, int field, int64_t at, const record_value *v, const record_place *place) {
  record_field *f = &r->field[field];
  if (!f->stores || v->kind == RECORD_MISSING) return ML_OK;
  f->given++;
  if (f->type == ML_COLUMN_TEXT) return store_text(c, r, f, at, v);
  if (records_put(f, at, v)) return ML_OK;
  f->given--;
  return records_wrong_type(c, r, field, v, place);
}

void records_end_row(records *r, int64_t at) {
  for (int i = 0; i < r->text_count; i++) {
    const record_field *f = &r->field[r->texts[i]];
    ml_i64(f->ends)[at] = f->used;
  }
}

/* The table --------------------------------------------------------------------------------------------------------- */

/* One that never had a value has no room yet. */
static ml_status settle(ml_context *c, record_field *f, int64_t rows) {
  if (f->type == ML_COLUMN_TEXT) ML_TRY(column_settle(c, &f->bytes, ML_UINT8, f->used));
  ML_TRY(column_settle(c, f->type == ML_COLUMN_TEXT ? &f->ends : &f->values, column_dtype[f->type], rows));
  if (column_has_mask(f->type) && f->given < rows) return column_settle(c, &f->missing, ML_BOOL, rows);
  ml_release(f->missing);
  f->missing = NULL;
  return ML_OK;
}

static ml_status take_column(ml_context *c, record_field *f, ml_column *out) {
  ML_TRY(ml_column_set_name(c, out, f->name, f->name_length));
  out->type = f->type;
  out->values = f->values;
  out->ends = f->ends;
  out->bytes = f->bytes;
  out->missing = f->missing;
  f->values = f->ends = f->missing = f->bytes = NULL;
  return ML_OK;
}

static ml_status take(ml_context *c, records *r, ml_table *out) {
  int columns = 0;
  for (int k = 0; k < r->count; k++) columns += r->field[k].wanted;
  ML_TRY(check_size(c, r, columns, r->chunk));
  for (int k = 0; k < r->count; k++)
    if (r->field[k].wanted) ML_TRY(settle(c, &r->field[k], r->chunk));
  fill(r, 0, r->count);
  ML_TRY(ml_table_init(c, columns, out));
  out->rows = r->chunk;
  for (int k = 0, to = 0; k < r->count; k++)
    if (r->field[k].wanted) ML_TRY(take_column(c, &r->field[k], &out->column[to++]));
  r->stored += r->chunk;
  return ML_OK;
}

ml_status records_read(ml_context *c, records *r, int64_t max_rows, records_writer write, void *reader, ml_table *out, bool *any) {
  int64_t problems = r->problems, kept = r->kept, left = r->rows < 0 ? -1 : r->rows - r->stored;
  *any = false;
  if (left == 0) return ML_OK;
  records_begin(r, false);
  ml_status status = write(c, reader, max_rows < 0 || (left >= 0 && max_rows > left) ? left : max_rows);
  *any = status == ML_OK && r->chunk > 0;
  if (*any) status = take(c, r, out);
  records_begin(r, false);
  if (status == ML_OK) return ML_OK;
  *any = false;
  r->problems = problems;
  r->kept = kept;
  return status;
}
