/* Tensors that rows of separated values are read into, as column_room.h has it. */

#include <math.h>
#include <string.h>

#include "table/column_room.h"
#include "table/csv_parts.h"
#include "tensor/alloc.h"

/* Room -------------------------------------------------------------------------------------------------------------------- */

/* Rows that this pass will give, `needed` at least. */
static int64_t estimate_rows(const ml_csv *r, int64_t needed) {
  double bytes = (double)(r->buffer.consumed - r->pass_begin) + (double)(r->work.piece[r->work.pieces - 1].stop - r->buffer.begin);
  double rest = ml_stream_estimate(r->stream) - (double)r->pass_begin;
  double rows = bytes > 0 ? (double)needed * rest / bytes * 1.02 + 64 : 0;
  if (r->counted >= 0) rows = (double)(r->counted - r->rows);
  if (r->pass_limit >= 0 && rows > (double)r->pass_limit) rows = (double)r->pass_limit;
  bool right = rows > (double)needed && rows < 1e15 &&
               column_room_allows(csv_wanted_columns(r), (int64_t)rows, (int64_t)ml_stream_estimate(r->stream));
  return right ? (int64_t)rows : needed;
}

ml_status csv_reserve(ml_context *c, ml_csv *r, csv_column *column, int64_t rows) {
  if (column->mode != CSV_STORE) return ML_OK;
  ml_tensor **main = column->type == ML_COLUMN_TEXT ? &column->ends : &column->values;
  int64_t wanted = *main && ml_size(*main, 0) >= rows ? rows : estimate_rows(r, rows);
  ML_TRY(column_ensure(c, main, column_dtype[column->type], rows, wanted, r->pass_rows));
  if (!column_has_mask(column->type)) return ML_OK;
  return column_ensure(c, &column->mask, ML_BOOL, rows, ml_size(*main, 0), column->masked ? r->pass_rows : 0);
}

/* The bytes of the rows so far for as many rows as the column has room for, but no more than the file still has. */
ml_status csv_reserve_text(ml_context *c, ml_csv *r, csv_column *column, int64_t more, int64_t rows) {
  int64_t needed = column->text_bytes + more;
  double all = rows > 0 ? (double)needed * (double)ml_size(column->ends, 0) / (double)rows * 1.03 + 64 : 0;
  double rest = ml_stream_estimate(r->stream) * (r->latin_1 ? 2 : 1) - (double)r->buffer.consumed + 64;
  if (all > (double)needed + rest) all = (double)needed + rest;
  return column_ensure(c, &column->bytes, ML_UINT8, needed, all > (double)needed ? (int64_t)all : needed, column->text_bytes);
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
  column_to_numbers(column->values, column->masked ? ml_data(column->mask) : NULL, rows);
  ml_release(column->mask);
  column->mask = NULL;
  column->masked = false;
}

/* The first rows of new tensors: all missing. */
static void fill_missing(csv_column *column, int64_t rows) {
  if (rows == 0) return;
  ml_tensor *main = column->type == ML_COLUMN_TEXT ? column->ends : column->values;
  if (column_has_mask(column->type)) {
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

static ml_status settle_column(ml_context *c, ml_csv *r, csv_column *column) {
  int64_t rows = r->pass_rows;
  bool text = column->type == ML_COLUMN_TEXT;
  if (!column->values && !column->ends) { /* no cell has told a type, or there are no rows */
    ML_TRY(column_settle(c, text ? &column->ends : &column->values, column_dtype[column->type], rows));
    if (column_has_mask(column->type)) ML_TRY(column_settle(c, &column->mask, ML_BOOL, rows));
    fill_missing(column, rows);
  }
  if (text) ML_TRY(column_settle(c, &column->bytes, ML_UINT8, column->text_bytes));
  ML_TRY(column_settle(c, text ? &column->ends : &column->values, column_dtype[column->type], rows));
  if (column->masked) return column_settle(c, &column->mask, ML_BOOL, rows);
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
