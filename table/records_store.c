/* Storing records in columns whose types are known. See records.h. */

#include "table/records.h"

#include <math.h>
#include <string.h>

#include "table/iso_time.h"
#include "table/number.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

enum {
  SPARSE = 64,           /* bytes of columns for one of content, */
  SPARSE_FLOOR = 1 << 30 /* from here on: more is a file of many names and few values */
};

static bool is_double(const record_field *f) { return f->type == ML_COLUMN_NUMBER || f->type == ML_COLUMN_TIME; }

/* Room -------------------------------------------------------------------------------------------------------------- */

/* A million names in a million rows of one each are 10^12 cells: refused before they are made. */
static ml_status check_size(ml_context *c, const records *r) {
  int64_t columns = 0, bytes;
  for (int k = 0; k < r->count; k++) columns += r->field[k].wanted;
  int64_t most = r->bytes > SPARSE_FLOOR / SPARSE ? SPARSE * r->bytes : SPARSE_FLOOR;
  if (!__builtin_mul_overflow(columns * 8, r->chunk, &bytes) && bytes <= most) return ML_OK;
  return ml_file_fail(c, r->path, "has %lld columns in %lld rows, nearly all of them missing in each; name those that you want, as in "
                      "columns = {'a', 'b'}, or read fewer rows at once", (long long)columns, (long long)r->chunk);
}

static ml_status make_column(ml_context *c, record_field *f, int64_t rows) {
  static const ml_dtype dtype[] = {[ML_COLUMN_INTEGER] = ML_INT64, [ML_COLUMN_BOOLEAN] = ML_BOOL};
  ml_shape shape = ml_make_shape(1, rows);
  f->given = 0;
  f->used = 0;
  if (is_double(f)) return ml_full(c, &shape, ML_FLOAT64, (double)NAN, &f->values);
  if (f->type == ML_COLUMN_TEXT)
    ML_TRY(ml_empty(c, &shape, ML_INT64, &f->ends));
  else
    ML_TRY(ml_zeros(c, &shape, dtype[f->type], &f->values));
  return ml_full(c, &shape, ML_BOOL, 1, &f->missing);
}

/* Room for the next rows; r->chunk is 0 when there are none. */
static ml_status begin(ml_context *c, records *r, int64_t max_rows) {
  int64_t left = r->rows - r->stored;
  r->chunk = max_rows < 0 || max_rows > left ? left : max_rows;
  if (r->chunk == 0) return ML_OK;
  ML_TRY(check_size(c, r));
  for (int k = 0; k < r->count; k++)
    if (r->field[k].wanted) ML_TRY(make_column(c, &r->field[k], r->chunk));
  return ML_OK;
}

void records_drop_rows(records *r) {
  for (int k = 0; k < r->count; k++) {
    record_field *f = &r->field[k];
    ml_release(f->values);
    ml_release(f->ends);
    ml_release(f->missing);
    f->values = f->ends = f->missing = NULL;
    ml_free(f->bytes, f->room);
    f->bytes = NULL;
    f->room = f->used = 0;
  }
}

/* Values ------------------------------------------------------------------------------------------------------------ */

static ml_status put_text(ml_context *c, record_field *f, const char *text, size_t length) {
  void *bytes = f->bytes;
  if (f->room - f->used < length) ML_TRY(ml_alloc_grow(c, &bytes, &f->room, f->used, length));
  f->bytes = bytes;
  if (length > 0) memcpy(f->bytes + f->used, text, length);
  f->used += length;
  return ML_OK;
}

/* The value as it is written. */
static size_t written(const record_value *v, char made[ML_NUMBER_ROOM], const char **text) {
  *text = made;
  if (v->text) return *text = v->text, v->length;
  return (size_t)(v->kind == RECORD_INTEGER ? ml_integer_write(v->integer, made) : ml_number_write(v->number, made));
}

static bool to_number(const record_value *v, double *out) {
  *out = v->number;
  if (v->kind == RECORD_INTEGER || v->kind == RECORD_NUMBER) return true;
  return v->kind == RECORD_TEXT && ml_number_parse(v->text, v->text + v->length, '.', out);
}

static bool to_integer(const record_value *v, int64_t *out) {
  *out = v->integer;
  if (v->kind == RECORD_INTEGER) return true;
  return v->kind == RECORD_TEXT && ml_integer_parse(v->text, v->text + v->length, out);
}

static bool to_boolean(const record_value *v, bool *out) {
  *out = v->kind == RECORD_BOOLEAN ? v->boolean : v->integer == 1;
  if (v->kind == RECORD_BOOLEAN || (v->kind == RECORD_INTEGER && (v->integer == 0 || v->integer == 1))) return true;
  *out = v->kind == RECORD_TEXT && v->length == 4 && memcmp(v->text, "true", 4) == 0;
  return *out || (v->kind == RECORD_TEXT && v->length == 5 && memcmp(v->text, "false", 5) == 0);
}

static bool to_time(const record_value *v, double *out) {
  *out = v->number;
  if (v->kind == RECORD_INTEGER || v->kind == RECORD_NUMBER) return true;
  return v->kind == RECORD_TEXT && ml_iso_time_parse(v->text, v->text + v->length, out);
}

static ml_status wrong_type(ml_context *c, records *r, int field, const record_value *v, const record_place *place) {
  static const char *const wanted[ML_COLUMN_TYPES] = {"a number", "a time as 2024-02-29 13:45:06", "an integer", "true or false", "text"};
  char made[ML_NUMBER_ROOM];
  const char *text;
  size_t length = written(v, made, &text);
  return records_problem(c, r, field, place, text, length, wanted[r->field[field].type]);
}

ml_status records_store(ml_context *c, records *r, int field, int64_t at, const record_value *v, const record_place *place) {
  record_field *f = &r->field[field];
  char made[ML_NUMBER_ROOM];
  const char *text;
  bool fits = true, truth;
  if (!f->wanted || v->kind == RECORD_MISSING) return ML_OK;
  switch (f->type) {
  case ML_COLUMN_INTEGER: fits = to_integer(v, &ml_i64(f->values)[at]); break;
  case ML_COLUMN_BOOLEAN:
    fits = to_boolean(v, &truth);
    if (fits) ((uint8_t *)ml_data(f->values))[at] = truth;
    break;
  case ML_COLUMN_TIME: fits = to_time(v, &ml_f64(f->values)[at]); break;
  case ML_COLUMN_TEXT: {
    size_t length = written(v, made, &text);
    ML_TRY(put_text(c, f, text, length));
    break;
  }
  default: fits = to_number(v, &ml_f64(f->values)[at]);
  }
  if (fits) {
    if (f->missing) ((uint8_t *)ml_data(f->missing))[at] = 0;
    f->given++;
    return ML_OK;
  }
  if (is_double(f)) ml_f64(f->values)[at] = (double)NAN;
  if (f->type == ML_COLUMN_INTEGER) ml_i64(f->values)[at] = 0;
  return wrong_type(c, r, field, v, place);
}

void records_end_row(records *r, int64_t at) {
  for (int i = 0; i < r->text_count; i++) {
    const record_field *f = &r->field[r->texts[i]];
    ml_i64(f->ends)[at] = (int64_t)f->used;
  }
}

/* The table --------------------------------------------------------------------------------------------------------- */

static ml_status take_column(ml_context *c, record_field *f, int64_t rows, ml_column *out) {
  ML_TRY(ml_column_set_name(c, out, f->name, f->name_length));
  out->type = f->type;
  if (f->type == ML_COLUMN_TEXT) {
    ml_shape shape = ml_make_shape(1, (int64_t)f->used);
    ML_TRY(ml_empty(c, &shape, ML_UINT8, &out->bytes));
    if (f->used > 0) memcpy(ml_data(out->bytes), f->bytes, f->used);
    ml_free(f->bytes, f->room);
    f->bytes = NULL;
    f->room = f->used = 0;
  }
  out->values = f->values;
  out->ends = f->ends;
  f->values = f->ends = NULL;
  if (f->given == rows) ml_release(f->missing);
  else out->missing = f->missing;
  f->missing = NULL;
  return ML_OK;
}

static ml_status take(ml_context *c, records *r, ml_table *out) {
  int columns = 0;
  for (int k = 0; k < r->count; k++) columns += r->field[k].wanted;
  ML_TRY(ml_table_init(c, columns, out));
  out->rows = r->chunk;
  for (int k = 0, to = 0; k < r->count; k++)
    if (r->field[k].wanted) ML_TRY(take_column(c, &r->field[k], r->chunk, &out->column[to++]));
  r->stored += r->chunk;
  return ML_OK;
}

ml_status records_read(ml_context *c, records *r, int64_t max_rows, records_writer write, void *reader, ml_table *out, bool *any) {
  int64_t problems = r->problems, kept = r->kept;
  *any = false;
  ml_status status = begin(c, r, max_rows);
  if (status == ML_OK && r->chunk == 0) return ML_OK;
  if (status == ML_OK) status = write(c, reader);
  if (status == ML_OK) status = take(c, r, out);
  *any = status == ML_OK;
  if (*any) return ML_OK;
  records_drop_rows(r);
  r->problems = problems;
  r->kept = kept;
  return status;
}
