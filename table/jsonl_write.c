/* Writing JSON Lines. See jsonl.h. */

#include "table/jsonl.h"

#include <math.h>
#include <string.h>

#include "table/iso_time.h"
#include "table/number.h"
#include "tensor/io/file.h"

static ml_status put(ml_context *c, ml_sink *sink, const char *text) { return ml_sink_write(c, sink, text, strlen(text)); }

static ml_status put_string(ml_context *c, ml_sink *sink, const char *text, size_t length) {
  size_t from = 0;
  ML_TRY(put(c, sink, "\""));
  for (size_t i = 0; i < length; i++) {
    unsigned char ch = (unsigned char)text[i];
    if (ch >= 0x20 && ch != '"' && ch != '\\') continue;
    static const char hex[] = "0123456789abcdef";
    char code[] = {'\\', 'u', '0', '0', hex[ch >> 4], hex[ch & 15], '\0'};
    if (i > from) ML_TRY(ml_sink_write(c, sink, text + from, i - from));
    ML_TRY(put(c, sink, ch == '"' ? "\\\"" : ch == '\\' ? "\\\\" : ch == '\n' ? "\\n" : ch == '\t' ? "\\t" : ch == '\r' ? "\\r" : code));
    from = i + 1;
  }
  if (length > from) ML_TRY(ml_sink_write(c, sink, text + from, length - from));
  return put(c, sink, "\"");
}

static ml_status put_number(ml_context *c, ml_sink *sink, double x) {
  char text[ML_NUMBER_ROOM];
  if (isinf(x)) return put(c, sink, x > 0 ? "1e999" : "-1e999"); /* JSON has no other word for it; it reads back */
  return ml_sink_write(c, sink, text, (size_t)ml_number_write(x, text));
}

static ml_status put_time(ml_context *c, ml_sink *sink, double x) {
  char text[ML_ISO_TIME_ROOM];
  int length = ml_iso_time_write(x, text);
  return length > 0 ? put_string(c, sink, text, (size_t)length) : put_number(c, sink, x);
}

static ml_status put_value(ml_context *c, ml_sink *sink, const ml_column *column, int64_t row) {
  char text[ML_INTEGER_ROOM];
  bool is_double = column->type == ML_COLUMN_NUMBER || column->type == ML_COLUMN_TIME;
  if (is_double ? isnan(ml_f64(column->values)[row]) : column->missing && ((uint8_t *)ml_data(column->missing))[row]) return put(c, sink, "null");
  switch (column->type) {
  case ML_COLUMN_NUMBER: return put_number(c, sink, ml_f64(column->values)[row]);
  case ML_COLUMN_TIME: return put_time(c, sink, ml_f64(column->values)[row]);
  case ML_COLUMN_INTEGER: return ml_sink_write(c, sink, text, (size_t)ml_integer_write(ml_i64(column->values)[row], text));
  case ML_COLUMN_BOOLEAN: return put(c, sink, ((uint8_t *)ml_data(column->values))[row] ? "true" : "false");
  default: {
    int64_t from = row > 0 ? ml_i64(column->ends)[row - 1] : 0, to = ml_i64(column->ends)[row];
    return put_string(c, sink, to > from ? (char *)ml_data(column->bytes) + from : "", (size_t)(to - from));
  }
  }
}

static ml_status write_rows(ml_context *c, ml_sink *sink, void *arg) {
  const ml_table *t = arg;
  for (int64_t row = 0; row < t->rows; row++) {
    for (int k = 0; k < t->columns; k++) {
      ML_TRY(put(c, sink, k == 0 ? "{" : ", "));
      ML_TRY(put_string(c, sink, t->column[k].name, t->column[k].name_length));
      ML_TRY(put(c, sink, ": "));
      ML_TRY(put_value(c, sink, &t->column[k], row));
    }
    ML_TRY(put(c, sink, t->columns == 0 ? "{}\n" : "}\n"));
  }
  return ML_OK;
}

ml_status ml_jsonl_write(ml_context *c, const char *path, const ml_table *t) {
  return ml_file_write_atomic(c, path, write_rows, (void *)(uintptr_t)t);
}
