/* Columns as they are filled, page by page. See parquet_parts.h. */

#include <string.h>

#include "table/parquet_parts.h"

enum { LEAST_TEXT = 4096 };

ml_status parquet_store_begin(ml_context *c, const parquet_column *column, int64_t rows, parquet_store *out) {
  ml_shape shape = ml_make_shape(1, rows);
  bool marks = column->type != ML_COLUMN_NUMBER && column->type != ML_COLUMN_TIME;
  ml_dtype dtype = column->type == ML_COLUMN_BOOLEAN ? ML_BOOL : column->type == ML_COLUMN_INTEGER ? ML_INT64 : ML_FLOAT64;
  *out = (parquet_store){.type = column->type, .room = rows};
  if (column->type == ML_COLUMN_TEXT)
    ML_TRY(ml_empty(c, &shape, ML_INT64, &out->ends));
  else
    ML_TRY(ml_empty(c, &shape, dtype, &out->values));
  if (marks && column->max_level > 0) ML_TRY(ml_zeros(c, &shape, ML_BOOL, &out->missing));
  return ML_OK;
}

void parquet_store_free(parquet_store *s) {
  ml_release(s->values);
  ml_release(s->bytes);
  ml_release(s->ends);
  ml_release(s->missing);
  *s = (parquet_store){0};
}

void parquet_store_offer(parquet_store *s, parquet_page *p) {
  p->at = s->rows;
  p->missing = s->missing ? ml_data(s->missing) : NULL;
  p->flags = s->type == ML_COLUMN_BOOLEAN ? ml_data(s->values) : NULL;
  p->ends = s->ends ? ml_data(s->ends) : NULL;
  p->words = s->values && !p->flags ? ml_data(s->values) : NULL;
  s->rows += p->header.values;
}

/* The room goes up to what all rows will need if they go on as those so far, and at least by half. */
ml_status parquet_store_text(ml_context *c, parquet_store *s, int64_t bytes) {
  int64_t needed = s->text + bytes;
  if (needed <= s->text_room) return ML_OK;
  double expected = s->rows > 0 ? (double)needed / (double)s->rows * (double)s->room * 1.03 : 0;
  int64_t room = s->text_room + s->text_room / 2;
  if (expected < 4e18 && room < (int64_t)expected) room = (int64_t)expected;
  if (room < needed) room = needed;
  if (room < LEAST_TEXT) room = LEAST_TEXT;
  ml_tensor *wider;
  ml_shape shape = ml_make_shape(1, room);
  ML_TRY(ml_empty(c, &shape, ML_UINT8, &wider));
  if (s->text > 0) memcpy(ml_data(wider), ml_data(s->bytes), (size_t)s->text);
  ml_release(s->bytes);
  s->bytes = wider;
  s->text_room = room;
  return ML_OK;
}

static void copy_rows(const ml_tensor *from, int64_t row, int64_t n, ml_tensor *to, int64_t at) {
  size_t size = ml_dtype_size((ml_dtype)to->dtype);
  memcpy((char *)ml_data(to) + (size_t)at * size, (char *)ml_data(from) + (size_t)row * size, (size_t)n * size);
}

static ml_status append_text(ml_context *c, parquet_store *to, const parquet_store *from, int64_t row, int64_t n) {
  const int64_t *ends = ml_i64(from->ends);
  int64_t begin = row > 0 ? ends[row - 1] : 0, bytes = ends[row + n - 1] - begin;
  ML_TRY(parquet_store_text(c, to, bytes));
  if (bytes > 0) memcpy((char *)ml_data(to->bytes) + to->text, (char *)ml_data(from->bytes) + begin, (size_t)bytes);
  for (int64_t i = 0; i < n; i++) ml_i64(to->ends)[to->rows + i] = ends[row + i] - begin + to->text;
  to->text += bytes;
  return ML_OK;
}

ml_status parquet_store_append(ml_context *c, parquet_store *to, const parquet_store *from, int64_t row, int64_t n) {
  if (n == 0) return ML_OK;
  if (to->ends)
    ML_TRY(append_text(c, to, from, row, n));
  else
    copy_rows(from->values, row, n, to->values, to->rows);
  if (from->missing) copy_rows(from->missing, row, n, to->missing, to->rows);
  to->any_missing |= from->missing && memchr((char *)ml_data(from->missing) + row, 1, (size_t)n);
  to->rows += n;
  return ML_OK;
}

/* Moves a tensor. */
static void hand_over(ml_tensor **from, ml_tensor **to) {
  *to = *from;
  *from = NULL;
}

/* The room behind the last byte of text stays with the tensor; where it was never touched it costs nothing. */
ml_status parquet_store_finish(ml_context *c, parquet_store *s, ml_column *out) {
  if (s->type == ML_COLUMN_TEXT && !s->bytes) ML_TRY(ml_empty(c, &(ml_shape){.ndim = 1}, ML_UINT8, &s->bytes));
  if (s->bytes) s->bytes->shape.size[0] = s->text;
  out->type = s->type;
  hand_over(&s->values, &out->values);
  hand_over(&s->bytes, &out->bytes);
  hand_over(&s->ends, &out->ends);
  if (s->any_missing) hand_over(&s->missing, &out->missing);
  parquet_store_free(s);
  return ML_OK;
}
