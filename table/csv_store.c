/* Tensors that rows are read into. Each gets room for as many rows as the file seems to hold: pages that are not touched cost
 * nothing, and at the end the tensor is told its size. */

#include <math.h>
#include <string.h>

#include "table/csv_parts.h"
#include "tensor/alloc.h"

static const ml_dtype dtype_of[ML_COLUMN_TYPES] = {ML_FLOAT64, ML_FLOAT64, ML_INT64, ML_BOOL, ML_INT64};

static bool has_mask(ml_column_type type) { return type != ML_COLUMN_NUMBER && type != ML_COLUMN_TIME; }

/* Room -------------------------------------------------------------------------------------------------------------------- */

/* Bytes of content in the whole file, as far as can be told. */
static double content_bytes(const ml_csv *r) {
  double size = (double)ml_stream_file_size(r->stream), taken = (double)ml_stream_file_taken(r->stream);
  double given = (double)ml_stream_given(r->stream);
  if (ml_stream_compression(r->stream) == ML_PLAIN || taken <= 0) return size;
  return taken >= size ? given : given * size / taken * 1.05;
}

/* Rows that this pass will give, `needed` at least. */
static int64_t estimate_rows(const ml_csv *r, int64_t needed) {
  double bytes = (double)(r->buffer.consumed - r->pass_begin) + (double)(r->work.piece[r->work.pieces - 1].stop - r->buffer.begin);
  double rest = content_bytes(r) - (double)r->pass_begin;
  double rows = bytes > 0 ? (double)needed * rest / bytes * 1.02 + 64 : 0;
  if (r->counted >= 0) rows = (double)(r->counted - r->rows);
  if (r->pass_limit >= 0 && rows > (double)r->pass_limit) rows = (double)r->pass_limit;
  return rows > (double)needed && rows < 1e15 ? (int64_t)rows : needed;
}

/* x with room for n elements, of which `used` are kept. */
static ml_status resize(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t n, int64_t used) {
  ml_tensor *larger;
  ml_shape shape = ml_make_shape(1, n);
  ML_TRY(ml_empty(c, &shape, dtype, &larger));
  if (*x && used > 0) memcpy(ml_data(larger), ml_data(*x), (size_t)used * ml_dtype_size(dtype));
  ml_release(*x);
  *x = larger;
  return ML_OK;
}

static ml_status ensure(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t needed, int64_t wanted, int64_t used) {
  int64_t room = *x ? ml_size(*x, 0) : 0;
  if (*x && room >= needed) return ML_OK;
  if (wanted < room + room / 4) wanted = room + room / 4;
  return resize(c, x, dtype, wanted, used);
}

ml_status csv_reserve(ml_context *c, ml_csv *r, csv_column *column, int64_t rows) {
  if (column->mode != CSV_STORE) return ML_OK;
  ml_tensor **main = column->type == ML_COLUMN_TEXT ? &column->ends : &column->values;
  int64_t wanted = *main && ml_size(*main, 0) >= rows ? rows : estimate_rows(r, rows);
  ML_TRY(ensure(c, main, dtype_of[column->type], rows, wanted, r->pass_rows));
  if (!has_mask(column->type)) return ML_OK;
  return ensure(c, &column->mask, ML_BOOL, rows, ml_size(*main, 0), column->masked ? r->pass_rows : 0);
}

/* The bytes of the rows so far for as many rows as the column has room for, but no more than the file still has. */
ml_status csv_reserve_text(ml_context *c, ml_csv *r, csv_column *column, int64_t more, int64_t rows) {
  int64_t needed = column->text_bytes + more;
  double all = rows > 0 ? (double)needed * (double)ml_size(column->ends, 0) / (double)rows * 1.03 + 64 : 0;
  double rest = content_bytes(r) * (r->latin_1 ? 2 : 1) - (double)r->buffer.consumed + 64;
  if (all > (double)needed + rest) all = (double)needed + rest;
  return ensure(c, &column->bytes, ML_UINT8, needed, all > (double)needed ? (int64_t)all : needed, column->text_bytes);
}

/* Types ------------------------------------------------------------------------------------------------------------------- */

void csv_drop(csv_column *column) {
  ml_release(column->values);
  ml_release(column->bytes);
  ml_release(column->ends);
  ml_release(column->mask);
  column->values = column->bytes = column->ends = column->mask = NULL;
  column->text_bytes = 0;
  column->masked = false;
}

/* Integers to numbers, in their place. */
static void to_numbers(csv_column *column, int64_t rows) {
  const bool *missing = column->masked ? ml_data(column->mask) : NULL;
  char *at = ml_data(column->values);
  for (int64_t i = 0; i < rows; i++, at += sizeof(double)) {
    int64_t integer;
    memcpy(&integer, at, sizeof integer);
    double number = missing && missing[i] ? NAN : (double)integer;
    memcpy(at, &number, sizeof number);
  }
  column->values->dtype = ML_FLOAT64;
  ml_release(column->mask);
  column->mask = NULL;
  column->masked = false;
}

/* The first rows of new tensors: all missing. */
static void fill_missing(csv_column *column, int64_t rows) {
  if (rows == 0) return;
  ml_tensor *main = column->type == ML_COLUMN_TEXT ? column->ends : column->values;
  if (has_mask(column->type)) {
    memset(ml_data(main), 0, (size_t)rows * ml_dtype_size(main->dtype));
    memset(ml_data(column->mask), 1, (size_t)rows);
    column->masked = true;
  } else {
    for (int64_t i = 0; i < rows; i++) ml_f64(main)[i] = NAN;
  }
}

ml_status csv_widen(ml_context *c, ml_csv *r, csv_column *column, ml_column_type type, bool stored) {
  int64_t rows = r->pass_rows + r->work.rows;
  column->again = column->mode != CSV_SKIP && !column->lost;
  if (column->mode == CSV_STORE && stored && column->type == ML_COLUMN_INTEGER && type == ML_COLUMN_NUMBER) {
    column->type = type;
    to_numbers(column, r->pass_rows);
    return csv_reserve(c, r, column, rows);
  }
  bool wanted = column->mode == CSV_STORE || (!column->known && r->pass_stores);
  column->type = type;
  if (!wanted) {
    column->again = false;
    return ML_OK;
  }
  csv_drop(column);
  if (stored && r->pass_rows > 0) {
    column->lost = true;
    column->again = false;
    column->mode = CSV_LOOK;
    return ML_OK;
  }
  column->mode = CSV_STORE;
  ML_TRY(csv_reserve(c, r, column, rows));
  fill_missing(column, r->pass_rows);
  return ML_OK;
}

void csv_mask_block(ml_csv *r, int k) {
  csv_column *column = &r->column[k];
  bool any = column->masked;
  if (column->mode != CSV_STORE || !column->mask) return;
  for (int i = 0; i < r->work.pieces && !any; i++) any = r->work.tally[(int64_t)i * r->columns + k].marked > 0;
  if (!any) return;
  bool *mask = ml_data(column->mask);
  if (!column->masked) memset(mask, 0, (size_t)r->pass_rows);
  column->masked = true;
  for (int i = 0; i < r->work.pieces; i++) {
    const csv_piece *piece = &r->work.piece[i];
    if (r->work.tally[(int64_t)i * r->columns + k].marked == 0)
      memset(mask + r->pass_rows + piece->first_row, 0, (size_t)piece->rows);
  }
}

/* The end ------------------------------------------------------------------------------------------------------------------ */

/* Tells a tensor its size; one that is mostly air is copied. */
static ml_status settle(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t n) {
  if (!*x || ml_size(*x, 0) - n > ml_size(*x, 0) / 4) return resize(c, x, dtype, n, *x ? n : 0);
  (*x)->shape.size[0] = n;
  return ML_OK;
}

static ml_status settle_column(ml_context *c, ml_csv *r, csv_column *column) {
  int64_t rows = r->pass_rows;
  bool text = column->type == ML_COLUMN_TEXT;
  if (!column->values && !column->ends) { /* no cell has told a type, or there are no rows */
    ML_TRY(resize(c, text ? &column->ends : &column->values, dtype_of[column->type], rows, 0));
    if (has_mask(column->type)) ML_TRY(resize(c, &column->mask, ML_BOOL, rows, 0));
    fill_missing(column, rows);
  }
  if (text) ML_TRY(settle(c, &column->bytes, ML_UINT8, column->text_bytes));
  ML_TRY(settle(c, text ? &column->ends : &column->values, dtype_of[column->type], rows));
  if (column->masked) return settle(c, &column->mask, ML_BOOL, rows);
  ml_release(column->mask);
  column->mask = NULL;
  return ML_OK;
}

ml_status csv_finish(ml_context *c, ml_csv *r, csv_column *column, ml_column *out) {
  ML_TRY(settle_column(c, r, column));
  ML_TRY(ml_column_set_name(c, out, column->name, column->name_length));
  out->type = column->type;
  out->values = column->values;
  out->bytes = column->bytes;
  out->ends = column->ends;
  out->missing = column->mask;
  column->values = column->bytes = column->ends = column->mask = NULL;
  csv_drop(column);
  return ML_OK;
}
