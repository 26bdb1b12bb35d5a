/* Files of separated values: what is read is what a simple reader reads, wherever blocks and pieces begin, on any number of threads;
 * what is wrong with a file is an error that says where. */

#include <math.h>

#include "table/csv.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/csv.c"
#include "tests/c/hostile.h"

static uint64_t state = 1;

static uint64_t draw(uint64_t below) { return fuzz_random(&state) % below; }

/* A simple reader -------------------------------------------------------------------------------------------------------------- */

/* Texts one after the other. */
typedef struct cells {
  bytes text;
  size_t *end;
  size_t count, room;
} cells;

static void end_cell(cells *t) {
  if (t->count == t->room) {
    t->room = t->room ? 2 * t->room : 1024;
    t->end = realloc(t->end, t->room * sizeof *t->end);
  }
  t->end[t->count++] = t->text.count;
}

static void free_cells(cells *t) {
  free_bytes(&t->text);
  free(t->end);
  *t = (cells){0};
}

/* Character by character, by the rules alone: separators ',', quotes '"'. */
static cells read_simply(const bytes *b) {
  cells t = {0};
  size_t i = 0;
  while (i < b->count) {
    if (b->data[i] == '"') {
      for (i++;; i++) {
        if (b->data[i] == '"' && b->data[i + 1] == '"') i++;
        else if (b->data[i] == '"') break;
        add(&t.text, &b->data[i], 1);
      }
      i++;
    } else {
      while (b->data[i] != ',' && b->data[i] != '\n') add(&t.text, &b->data[i++], 1);
    }
    end_cell(&t);
    i++;
  }
  return t;
}

static ml_table read_all(const ml_csv_options *o) {
  ml_csv *r;
  ml_table t = {0};
  bool any = false;
  CHECK_OK(c, ml_csv_open(c, scratch, o, &r));
  if (r) CHECK_OK(c, ml_csv_read(c, r, -1, &t, &any));
  ml_csv_close(r);
  return t;
}

static bool same_text(const ml_column *column, int64_t row, const char *text, size_t length) {
  int64_t begin = row ? ml_i64(column->ends)[row - 1] : 0;
  return ml_i64(column->ends)[row] - begin == (int64_t)length && memcmp((char *)ml_data(column->bytes) + begin, text, length) == 0;
}

static void expect_cells(const cells *t, const ml_table *table) {
  size_t wrong = 0;
  CHECK_INT((int64_t)t->count, table->rows * table->columns);
  if ((int64_t)t->count != table->rows * table->columns) return;
  for (size_t i = 0; i < t->count; i++) {
    size_t begin = i ? t->end[i - 1] : 0;
    const ml_column *column = &table->column[i % (size_t)table->columns];
    if (!same_text(column, (int64_t)(i / (size_t)table->columns), (char *)t->text.data + begin, t->end[i] - begin)) wrong++;
  }
  CHECK_INT(wrong, 0);
}

/* Rows of three texts; quotes as they should be, and, where `strange`, also inside of fields that are not quoted. */
static bytes random_rows(size_t size, bool strange) {
  static const char *const quoted[] = {"\"\"", "\n", ",", "x", "long text with blanks", "\xc3\xa9", ",\n\"\",", "7"};
  static const char *const bare[] = {"a", "bcd", "1.5", "\xc3\xa9", "text with blanks", "z"};
  bytes b = {0};
  while (b.count < size) {
    for (int field = 0; field < 3; field++) {
      uint64_t kind = draw(4);
      if (kind == 0) {
        add_text(&b, "\"");
        for (uint64_t n = draw(6); n > 0; n--) add_text(&b, quoted[draw(8)]);
        if (draw(2000) == 0) for (int i = 0; i < 40000; i++) add_text(&b, i % 7 ? "l" : "\n"); /* longer than half a piece */
        add_text(&b, "x\"");
      } else {
        add_text(&b, "t");
        for (uint64_t n = draw(4); n > 0; n--) add_text(&b, bare[draw(6)]);
        if (strange && draw(500) == 0) add_text(&b, "5\" pipe");
      }
      add_text(&b, field < 2 ? "," : "\n");
    }
  }
  return b;
}

static const ml_csv_options plain = {.header = -1, .separator = ','};

static void test_random_quotes_are_read_as_a_simple_reader_reads_them(void) {
  for (int round = 0; round < 6; round++) {
    bytes b = random_rows(round < 4 ? 400000 : 5000000, round % 2);
    cells expected = read_simply(&b);
    put_file(b.data, b.count);
    for (int threads = 1; threads <= 3; threads += 2) {
      ml_threads_set(threads);
      ml_table t = read_all(&plain);
      expect_cells(&expected, &t);
      ml_table_free(&t);
    }
    free_cells(&expected);
    free_bytes(&b);
  }
  ml_threads_set(2);
}

/* Types ---------------------------------------------------------------------------------------------------------------------------- */

/* A column of integers over several blocks in which one later row is something else. */
static ml_table read_with(const char *odd, int64_t at, int64_t rows) {
  bytes b = {0};
  char line[64];
  add_text(&b, "a,b\n");
  for (int64_t i = 0; i < rows; i++) {
    snprintf(line, sizeof line, "%lld,", (long long)i);
    add_text(&b, line);
    if (i == at) add_text(&b, odd);
    else if (i % 10 == 0) add_text(&b, "NA");
    else add_text(&b, line), b.count--;
    add_text(&b, "\n");
  }
  put_file(b.data, b.count);
  free_bytes(&b);
  return read_all(&(ml_csv_options){0});
}

enum { MANY = 700000 }; /* rows: four blocks */

static void test_a_late_number_makes_numbers_of_integers(void) {
  ml_table t = read_with("2.5", MANY - 1, MANY);
  int wrong = 0;
  CHECK_INT(t.column[0].type, ML_COLUMN_INTEGER);
  CHECK_INT(t.column[1].type, ML_COLUMN_NUMBER);
  CHECK(!t.column[1].missing);
  const double *x = ml_f64(t.column[1].values);
  for (int i = 0; i < MANY - 1; i++) wrong += i % 10 == 0 ? !isnan(x[i]) : x[i] != i;
  CHECK_INT(wrong, 0);
  CHECK_CLOSE(x[MANY - 1], 2.5, 0);
  ml_table_free(&t);
}

static void test_a_late_text_makes_texts_of_all_rows(void) {
  ml_table t = read_with("x", MANY - 1, MANY);
  char text[32];
  int wrong = 0;
  CHECK_INT(t.column[0].type, ML_COLUMN_INTEGER);
  CHECK_INT(t.column[1].type, ML_COLUMN_TEXT);
  for (int i = 0; i < MANY - 1; i++) {
    int n = i % 10 == 0 ? 0 : snprintf(text, sizeof text, "%d", i);
    wrong += !same_text(&t.column[1], i, text, (size_t)n) || ((bool *)ml_data(t.column[1].missing))[i] != (i % 10 == 0);
  }
  CHECK_INT(wrong, 0);
  CHECK(same_text(&t.column[1], MANY - 1, "x", 1));
  ml_table_free(&t);
}

/* One column; the first rows are missing for more than a block. */
static void test_a_type_that_shows_itself_late_leaves_the_rows_before_missing(void) {
  static const struct {
    const char *cell;
    ml_column_type type;
  } cases[] = {{"7", ML_COLUMN_INTEGER}, {"7.5", ML_COLUMN_NUMBER}, {"yes", ML_COLUMN_BOOLEAN}, {"2024-01-01", ML_COLUMN_TIME},
               {"word", ML_COLUMN_TEXT}};
  for (size_t k = 0; k < 5; k++) {
    bytes b = {0};
    int rows = 600000, wrong = 0;
    add_text(&b, "i,late\n");
    for (int i = 0; i < rows; i++) add_text(&b, "12,NA\n");
    add_text(&b, "13,");
    add_text(&b, cases[k].cell);
    put_file(b.data, b.count);
    free_bytes(&b);
    ml_table t = read_all(&(ml_csv_options){0});
    CHECK_INT(t.rows, rows + 1);
    CHECK_INT(t.column[1].type, cases[k].type);
    const ml_column *late = &t.column[1];
    for (int i = 0; i <= rows; i++) {
      bool missing = late->missing ? ((bool *)ml_data(late->missing))[i] : isnan(ml_f64(late->values)[i]);
      wrong += missing != (i < rows);
    }
    CHECK_INT(wrong, 0);
    ml_table_free(&t);
  }
}

/* Rows in parts, from files plain and compressed ---------------------------------------------------------------------------------- */

static void test_reading_in_parts_needs_little_memory(void) {
  bytes b = random_rows(12000000, false);
  ml_csv *r;
  bool any = true;
  int64_t rows = 0;
  put_file(b.data, b.count);
  free_bytes(&b);
  ml_alloc_release_cache();
  CHECK_OK(c, ml_csv_open(c, scratch, &plain, &r));
  ml_alloc_reset_peak();
  while (any) {
    ml_table t = {0};
    CHECK_OK(c, ml_csv_read(c, r, 1000, &t, &any));
    rows += t.rows;
    ml_table_free(&t);
  }
  CHECK(ml_alloc_statistics().peak < 32 << 20); /* most of it room that is never touched */
  CHECK_INT(ml_csv_facts_of(r).rows, rows);
  ml_csv_close(r);
}

static void test_a_compressed_file_gives_the_same(void) {
  bytes b = random_rows(3000000, true), gz = deflated(b.data, b.count, 31);
  cells expected = read_simply(&b);
  put_file(gz.data, gz.count);
  ml_table t = read_all(&plain);
  expect_cells(&expected, &t);
  ml_table_free(&t);
  free_cells(&expected);
  free_bytes(&b);
  free_bytes(&gz);
}

static void test_an_interrupted_reading_can_be_begun_again(void) {
  bytes b = random_rows(300000, false);
  cells expected = read_simply(&b);
  ml_csv *r;
  ml_table t = {0};
  bool any;
  put_file(b.data, b.count);
  CHECK_OK(c, ml_csv_open(c, scratch, &plain, &r));
  ml_interrupt_set(true);
  CHECK_INT(ml_csv_read(c, r, -1, &t, &any), ML_INTERRUPTED);
  ml_interrupt_set(false);
  CHECK_OK(c, ml_csv_read(c, r, -1, &t, &any));
  expect_cells(&expected, &t);
  ml_table_free(&t);
  ml_csv_close(r);
  free_cells(&expected);
  free_bytes(&b);
}

/* Shapes of files -------------------------------------------------------------------------------------------------------------------- */

static void test_ten_thousand_columns_are_read(void) {
  bytes b = {0};
  char cell[32];
  for (int row = 0; row < 60; row++) {
    for (int k = 0; k < 10000; k++) {
      int n = snprintf(cell, sizeof cell, row == 0 ? "c%d%c" : "%d%c", k + row, k == 9999 ? '\n' : ',');
      add(&b, cell, (size_t)n);
    }
  }
  put_file(b.data, b.count);
  free_bytes(&b);
  ml_table t = read_all(&(ml_csv_options){0});
  CHECK_INT(t.columns, 10000);
  CHECK_INT(t.rows, 59);
  int wrong = 0;
  for (int k = 0; k < t.columns; k++) {
    for (int row = 0; row < 59; row++) wrong += ml_i64(t.column[k].values)[row] != k + row + 1;
  }
  CHECK_INT(wrong, 0);
  ml_table_free(&t);
}

static void test_a_field_longer_than_the_block_is_read(void) {
  bytes b = {0};
  enum { LONG = 5000000 };
  char *x = malloc(LONG);
  memset(x, 'x', LONG);
  add_text(&b, "a,b\nshort,1\n\"");
  add(&b, x, LONG);
  add_text(&b, "\n\",2\n");
  put_file(b.data, b.count);
  ml_table t = read_all(&(ml_csv_options){0});
  CHECK_INT(t.rows, 2);
  if (t.rows == 2) CHECK_INT(ml_i64(t.column[0].ends)[1], 5 + LONG + 1);
  ml_table_free(&t);
  free_bytes(&b);
  free(x);
}

/* What is wrong ------------------------------------------------------------------------------------------------------------------------ */

static bool collecting;

static ml_status read_scratch(void) {
  static const ml_csv_text mark[] = {{"", 0}, {"-999", 4}};
  static const ml_csv_list marks = {mark, 2};
  static const ml_csv_wish wish = {.column = {"x", 1}, .has_type = true, .type = ML_COLUMN_NUMBER, .missing = &marks};
  ml_csv_options o = {.wishes = &wish, .wish_count = 1, .collect = collecting};
  ml_csv *r;
  ml_table t = {0};
  bool any;
  ML_TRY(ml_csv_open(c, scratch, &o, &r));
  ml_status status = ml_csv_read(c, r, -1, &t, &any);
  ml_table_free(&t);
  if (status == ML_OK) status = ml_csv_scan(c, r);
  ml_csv_close(r);
  return status;
}

static bytes small_file(void) {
  bytes b = {0};
  add_text(&b, "id,x,name,when\n1,1.5,\"a, \"\"b\"\"\",2024-01-02\n2,-999,c,2024-01-03\n3,2,\"d\ne\",\n4,7e5,\xc3\xa9,NA\n5,,f,g\n");
  return b;
}

static void put_text_file(const char *text) { put_file(text, strlen(text)); }

static void test_what_is_wrong_is_said_with_its_line(void) {
  put_text_file("");
  fails_with(read_scratch, "is empty: no header and no rows");
  put_text_file("\n\n");
  fails_with(read_scratch, "is empty: no header and no rows");
  put_text_file("id,x\n1,2\n3,abc\n");
  fails_with(read_scratch, "3:2 'x': found 'abc', expected a number");
  put_text_file("id,x\n1,2\n3\n");
  fails_with(read_scratch, "3: found 1 field, expected 2 fields");
  put_text_file("id,x\n1,2\n3,4,5\n");
  fails_with(read_scratch, "3: found 3 fields, expected 2 fields");
  put_text_file("id,x,n\n1,2,\"a\nb\"\n3,4,\"c\n\n");
  fails_with(read_scratch, "4: a quote opens here and is never closed; if quotes are plain characters here, say quote = false");
  put_text_file("id,x,n\n1,2,\"a\nb\"\n3,4,\"c\" d\n");
  fails_with(read_scratch, "4: found more text, expected a separator behind the quote that closes a field; if quotes are plain "
                           "characters here, say quote = false");
  put_text_file("id,x\n1,2\n\xff,4\n");
  fails_with(read_scratch, "3: this is no UTF-8 text; if the file is in Latin-1, say encoding = \"latin-1\"");
  put_file("id,x\n1,2\n\0,4\n", 13);
  fails_with(read_scratch, "3: a zero byte: this is no text file");
  put_file("\xff\xfei\0d\0", 6);
  fails_with(read_scratch, "is written in UTF-16; convert it: iconv -f UTF-16 -t UTF-8");
  put_text_file("id,y\n1,2\n");
  fails_with(read_scratch, "has no column 'x'; its columns are id, y");
}

/* Two hundred kilobytes that would be a table of 60 million cells. */
static void test_rows_much_shorter_than_the_header_are_refused(void) {
  bytes b = {0};
  for (int i = 1; i <= 3000; i++) add_text(&b, i < 3000 ? "x," : "x\n");
  for (int i = 0; i < 20000; i++) add_text(&b, i % 2 ? "word\n" : "word,2\n");
  put_file(b.data, b.count);
  fails_with(read_scratch, "2: found 2 fields, expected 3000 fields");
  collecting = true;
  ml_alloc_reset_peak();
  size_t live = ml_alloc_statistics().live;
  fails_with(read_scratch, "11173: 19 of the 19 rows from here on have fewer than 3000 fields, down to 1, so that nearly all of the table would be "
                           "missing; if the names do not belong to these rows, say header = false or names = {...}; or name the columns "
                           "that you want, as in columns = {'a', 'b'}");
  CHECK(ml_alloc_statistics().peak - live < (size_t)64 << 20);
  collecting = false;
  free_bytes(&b);
}

static void test_damaged_files_are_read_or_refused(void) {
  bytes b = small_file();
  for (collecting = false;; collecting = true) {
    hostile_cuts(&b, read_scratch, 1 << 20);
    hostile_flips(&b, read_scratch, 1 << 20, 1);
    put_file(b.data, b.count);
    CHECK(hostile_allocations(read_scratch) > 20);
    CHECK(hostile_reads(read_scratch) >= 2);
    if (collecting) break;
  }
  collecting = false;
  put_file(b.data, b.count);
  hostile_open_and_interrupt(read_scratch);
  free_bytes(&b);
}

/* Writing -------------------------------------------------------------------------------------------------------------------------------- */

static ml_status write_back(void) {
  ml_csv *r;
  ml_table t = {0};
  bool any;
  char out[64];
  snprintf(out, sizeof out, "%s.out", scratch);
  ML_TRY(ml_csv_open(c, scratch, &(ml_csv_options){0}, &r));
  ml_status status = ml_csv_read(c, r, -1, &t, &any);
  ml_csv_close(r);
  if (status == ML_OK) status = ml_csv_write(c, out, &t, &(ml_csv_style){.missing = {"", 0}});
  ml_table_free(&t);
  unlink(out);
  return status;
}

static void test_failing_allocations_of_writing_leave_nothing(void) {
  bytes b = small_file();
  put_file(b.data, b.count);
  CHECK(hostile_allocations(write_back) > 20);
  free_bytes(&b);
}

int main(void) {
  if (!scratch_make()) return 1;
  ml_threads_set(2);
  test_random_quotes_are_read_as_a_simple_reader_reads_them();
  test_a_late_number_makes_numbers_of_integers();
  test_a_late_text_makes_texts_of_all_rows();
  test_a_type_that_shows_itself_late_leaves_the_rows_before_missing();
  test_reading_in_parts_needs_little_memory();
  test_a_compressed_file_gives_the_same();
  test_an_interrupted_reading_can_be_begun_again();
  test_ten_thousand_columns_are_read();
  test_a_field_longer_than_the_block_is_read();
  test_what_is_wrong_is_said_with_its_line();
  test_rows_much_shorter_than_the_header_are_refused();
  test_damaged_files_are_read_or_refused();
  test_failing_allocations_of_writing_leave_nothing();
  fuzz_corpus("tests/fuzz/corpus/csv", 2000);
  unlink(scratch);
  return check_report();
}
