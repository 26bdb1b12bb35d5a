/* Any bytes as separated values; the first byte chooses the options. What is read at once and what is read three rows at a time must
 * be the same table. */

#include <string.h>

#include "table/csv.h"
#include "tests/fuzz/target.h"

static ml_csv_options options_of(int byte) {
  ml_csv_options o = {.collect = byte & 1, .no_quotes = byte & 2, .latin_1 = byte & 4, .keep_blanks = byte & 8};
  if (byte & 16) o.comment = '#';
  if (byte & 32) o.header = byte & 64 ? 1 : -1;
  return o;
}

static const void *bytes_of(const ml_tensor *x, int64_t from, int64_t n, size_t *count) {
  size_t width = ml_dtype_size((ml_dtype)x->dtype);
  *count = (size_t)n * width;
  return (const char *)ml_data(x) + (size_t)from * width;
}

static void expect_same(const ml_tensor *whole, int64_t from, const ml_tensor *part, int64_t n) {
  size_t count;
  if (n == 0) return;
  const void *a = bytes_of(whole, from, n, &count), *b = bytes_of(part, 0, n, &count);
  if (memcmp(a, b, count) != 0) abort();
}

/* Rows `from` on of a column are those of another. */
static void compare_columns(const ml_column *whole, int64_t from, const ml_column *part, int64_t rows) {
  if (whole->type != part->type) abort();
  if (whole->type != ML_COLUMN_TEXT) {
    expect_same(whole->values, from, part->values, rows);
  } else {
    int64_t begin = from == 0 ? 0 : ml_i64(whole->ends)[from - 1];
    for (int64_t i = 0; i < rows; i++) {
      if (ml_i64(whole->ends)[from + i] - begin != ml_i64(part->ends)[i]) abort();
    }
    expect_same(whole->bytes, begin, part->bytes, rows ? ml_i64(part->ends)[rows - 1] : 0);
  }
  for (int64_t i = 0; i < rows; i++) {
    bool a = whole->missing && ((bool *)ml_data(whole->missing))[from + i];
    bool b = part->missing && ((bool *)ml_data(part->missing))[i];
    if (a != b) abort();
  }
}

static ml_status read_parts(ml_context *c, ml_csv *r, const ml_table *whole) {
  int64_t rows = 0;
  for (bool any = true; any;) {
    ml_table part = {0};
    ml_status status = ml_csv_read(c, r, 3, &part, &any);
    if (status == ML_OK && any) {
      if (rows + part.rows > whole->rows || part.columns != whole->columns) abort();
      for (int k = 0; k < part.columns; k++) compare_columns(&whole->column[k], rows, &part.column[k], part.rows);
      rows += part.rows;
    }
    ml_table_free(&part);
    ML_TRY(status);
  }
  if (rows != whole->rows) abort();
  return ML_OK;
}

static ml_status read_both(ml_context *c, const char *path, const ml_csv_options *o, ml_table *whole) {
  ml_csv *r;
  bool any;
  ML_TRY(ml_csv_open(c, path, o, &r));
  ml_status status = ml_csv_read(c, r, -1, whole, &any);
  ml_csv_close(r);
  ML_TRY(status);
  ML_TRY(ml_csv_open(c, path, o, &r));
  status = read_parts(c, r, whole);
  ml_csv_close(r);
  if (status != ML_OK) abort(); /* the whole was right */
  return ML_OK;
}

static ml_status read_csv(ml_context *c, const char *path) {
  FILE *f = fopen(path, "rb");
  int first = f ? fgetc(f) : 0;
  ml_csv_options o = options_of(first < 0 ? 0 : first);
  ml_table whole = {0};
  if (f) fclose(f);
  ml_status status = read_both(c, path, &o, &whole);
  ml_table_free(&whole);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, read_csv); }
