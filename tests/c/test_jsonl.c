/* JSON Lines load as columns whose types hold for all rows, whatever was read comes back as it was written, and a wrong line is an
 * error that names line and column. */

#include <math.h>

#include "table/jsonl.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/jsonl.c"
#include "tests/c/hostile.h" /* last: its names are short */

enum { MOST = 4 << 20 };

static const record_options plainly;

static ml_status read_with(const record_options *o, ml_table *t) {
  ml_jsonl *r;
  bool any;
  ML_TRY(ml_jsonl_open(c, scratch, o, &r));
  ml_status status = ml_jsonl_read(c, r, -1, t, &any);
  ml_jsonl_close(r);
  return status;
}

static ml_status read_one(void) {
  ml_table t = {0};
  ml_status status = read_with(&plainly, &t);
  ml_table_free(&t);
  return status;
}

/* The rows two at a time. */
static ml_status read_by_two(void) {
  ml_jsonl *r;
  bool any = true;
  ML_TRY(ml_jsonl_open(c, scratch, &plainly, &r));
  ml_status status = ML_OK;
  while (status == ML_OK && any) {
    ml_table t = {0};
    status = ml_jsonl_read(c, r, 2, &t, &any);
    ml_table_free(&t);
  }
  ml_jsonl_close(r);
  return status;
}

static ml_table table_of(const char *text) {
  ml_table t = {0};
  put_file(text, strlen(text));
  CHECK_OK(c, read_with(&plainly, &t));
  return t;
}

static void check_column(const ml_table *t, int k, const char *name, ml_column_type type) {
  CHECK(k < t->columns);
  if (k >= t->columns) return;
  CHECK_TEXT(t->column[k].name, name);
  CHECK_TEXT(ml_column_type_name(t->column[k].type), ml_column_type_name(type));
}

static void check_text(const ml_table *t, int k, int64_t row, const char *expected) {
  const ml_column *column = &t->column[k];
  int64_t from = row > 0 ? ml_i64(column->ends)[row - 1] : 0, to = ml_i64(column->ends)[row];
  CHECK_INT(to - from, strlen(expected));
  if (to - from == (int64_t)strlen(expected) && to > from) CHECK(memcmp((char *)ml_data(column->bytes) + from, expected, (size_t)(to - from)) == 0);
}

static bool is_missing(const ml_table *t, int k, int64_t row) {
  return t->column[k].missing && ((uint8_t *)ml_data(t->column[k].missing))[row];
}

static void test_types_hold_for_all_rows(void) {
  ml_table t = table_of("{\"i\": 1, \"n\": 2, \"b\": true, \"t\": \"x\", \"m\": 1, \"none\": null}\n"
                        "{\"i\": -9223372036854775808, \"n\": 0.5, \"b\": null, \"t\": \"\", \"m\": \"y\", \"none\": null}\n"
                        "{\"t\": null, \"m\": [1, {\"a\": \"\\n\"}], \"late\": false}");
  CHECK_INT(t.rows, 3);
  CHECK_INT(t.columns, 7);
  check_column(&t, 0, "i", ML_COLUMN_INTEGER);
  check_column(&t, 1, "n", ML_COLUMN_NUMBER);
  check_column(&t, 2, "b", ML_COLUMN_BOOLEAN);
  check_column(&t, 3, "t", ML_COLUMN_TEXT);
  check_column(&t, 4, "m", ML_COLUMN_TEXT);
  check_column(&t, 5, "none", ML_COLUMN_NUMBER);
  check_column(&t, 6, "late", ML_COLUMN_BOOLEAN);
  CHECK(ml_i64(t.column[0].values)[1] == INT64_MIN);
  CHECK(is_missing(&t, 0, 2) && !is_missing(&t, 0, 1));
  CHECK_CLOSE(ml_f64(t.column[1].values)[0], 2, 0);
  CHECK(isnan(ml_f64(t.column[1].values)[2]) && isnan(ml_f64(t.column[5].values)[0]));
  CHECK(is_missing(&t, 3, 2) && !is_missing(&t, 3, 1));
  check_text(&t, 4, 0, "1");
  check_text(&t, 4, 1, "y");
  check_text(&t, 4, 2, "[1, {\"a\": \"\\n\"}]");
  CHECK(t.column[4].missing == NULL && is_missing(&t, 6, 0));
  ml_table_free(&t);
}

static void test_objects_become_names_with_dots(void) {
  ml_table t = table_of("{\"a\": {\"b\": {\"c\": 1}}, \"x\": null}\n{\"a.b\": {\"c\": 2}, \"x\": {\"y\": 5}}\n{\"a\": {\"b.c\": 3, \"d\": {}}}\n{\"a\": 7}");
  CHECK_INT(t.columns, 3); /* x is an object that is missing once, d has nothing in it */
  check_column(&t, 0, "a", ML_COLUMN_INTEGER);
  check_column(&t, 1, "a.b.c", ML_COLUMN_INTEGER);
  check_column(&t, 2, "x.y", ML_COLUMN_INTEGER);
  for (int i = 0; i < 3; i++) CHECK_INT(ml_i64(t.column[1].values)[i], i + 1);
  ml_table_free(&t);
}

static void test_values_stand_in_the_deepest_object(void) {
  ml_table t = table_of("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"x\":1,\"y\":\"z\"}}}}}}}}}}}}}}}}");
  CHECK_INT(t.columns, 2);
  check_text(&t, 1, 0, "z");
  ml_table_free(&t);
}

static void test_numbers_are_the_nearest_doubles(void) {
  char text[700] = "{\"x\": ";
  for (int i = 0; i < 400; i++) strcat(text, "9");
  strcat(text, "}\n{\"x\": 1e999}\n{\"x\": -1e999}\n{\"x\": 1e-999}\n{\"x\": -0}\n{\"x\": 0.1}\n{\"x\": 9223372036854775808}\n{\"x\": 2.2250738585072011e-308}\n");
  static const record_wish number = {"x", 1, true, ML_COLUMN_NUMBER}; /* else the long integers make it text */
  ml_table t = {0};
  put_file(text, strlen(text));
  CHECK_OK(c, read_with(&(record_options){.wishes = &number, .wish_count = 1}, &t));
  static const double expected[] = {INFINITY, INFINITY, -INFINITY, 0, 0, 0.1, 9223372036854775808.0, 2.2250738585072011e-308};
  check_column(&t, 0, "x", ML_COLUMN_NUMBER);
  for (int i = 0; i < 8; i++) CHECK(ml_f64(t.column[0].values)[i] == expected[i]);
  CHECK(signbit(ml_f64(t.column[0].values)[4]));
  ml_table_free(&t);
}

static void test_integers_and_times_keep_what_they_say(void) {
  ml_table t = table_of("{\"a\": 9223372036854775808, \"b\": 9007199254740993, \"c\": 9007199254740993, \"d\": \"2024-02-29T00:00Z\", \"e\": \"2024-02-29\"}\n"
                        "{\"a\": 1, \"b\": 0.5, \"c\": -1, \"d\": \"1970-01-01 00:00:01\", \"e\": \"2024-02-30\"}\n");
  check_column(&t, 0, "a", ML_COLUMN_TEXT);
  check_text(&t, 0, 0, "9223372036854775808");
  check_column(&t, 1, "b", ML_COLUMN_TEXT);
  check_text(&t, 1, 0, "9007199254740993");
  check_text(&t, 1, 1, "0.5");
  check_column(&t, 2, "c", ML_COLUMN_INTEGER);
  CHECK(ml_i64(t.column[2].values)[0] == 9007199254740993);
  check_column(&t, 3, "d", ML_COLUMN_TIME);
  CHECK(ml_f64(t.column[3].values)[0] == 1709164800 && ml_f64(t.column[3].values)[1] == 1);
  check_column(&t, 4, "e", ML_COLUMN_TEXT);
  ml_table_free(&t);
}

static void test_texts_arrive_as_they_were(void) {
  ml_table t = table_of("\xef\xbb\xbf{\"t\": \"\\u0041\\n\\u00e9\\ud83d\\ude00\\\"\\\\\\/ plain text that is longer than eight\"}\r\n  \r\n{\"t\": \"\\u0000\"}");
  check_text(&t, 0, 0, "A\n\xc3\xa9\xf0\x9f\x98\x80\"\\/ plain text that is longer than eight");
  CHECK_INT(t.rows, 2);
  CHECK_INT(ml_i64(t.column[0].ends)[1] - ml_i64(t.column[0].ends)[0], 1);
  ml_table_free(&t);
}

static void text_fails_with(const char *text, const char *message) {
  put_file(text, strlen(text));
  fails_with(read_one, message);
}

static void test_wrong_lines_are_named(void) {
  text_fails_with("{\"a\": 1}\n[1]\n", "2:1: expected '{'");
  text_fails_with("[{\"a\": 1}]", "1:1: expected '{'; this is a list, JSON Lines has one object a line");
  text_fails_with("{\"a\": 1}\n\n{\"a\":\n1}", "3:6: the line ends within an object; JSON Lines has one object a line");
  text_fails_with("{\"a\": 1, \"a\": 2}", "1:10: a name that this object has already");
  text_fails_with("{\"a\": {\"b\": 1}, \"a.b\": 2}", "1:17: a name that this object has already");
  text_fails_with("{\"a\": {}, \"a\": {}}", "1:11: a name that this object has already");
  text_fails_with("{\"a\": NaN}", "1:7: expected a value");
  text_fails_with("{\"a\": 01}", "1:9: a number that begins with 0");
  text_fails_with("{\"a\": 1} x", "1:10: text behind the end");
  text_fails_with("{\"a\" 1}", "1:6: expected ':'");
  text_fails_with("{\"a\": \"\\ud800\"}", "1:14: half of a surrogate pair");
  text_fails_with("{\"a\": \"x\ty\"}", "1:9: a control character inside a string");
  text_fails_with("{\"a\": \"\xed\xa0\x80\"}", "1:8: this is no valid UTF-8");
  text_fails_with("{\"a\": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", "1:22: nested too deeply");
  text_fails_with("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}",
                  "1:81: nested too deeply");
}

static void test_declared_types_and_wanted_columns(void) {
  record_wish wish[] = {{"a", 1, true, ML_COLUMN_INTEGER}, {"t", 1, true, ML_COLUMN_TIME}, {"t", 1, false, 0}, {"a", 1, false, 0}};
  record_options o = {.wishes = wish, .wish_count = 4, .choose = true};
  static const char text[] = "{\"t\": \"1970-01-02\", \"x\": 1, \"a\": \"12\"}\n{\"t\": 5, \"a\": 1.5}\nno\n";
  ml_table t = {0};
  put_file(text, sizeof text - 1);
  char expected[200];
  snprintf(expected, sizeof expected, "%s:2:15: 'a': found '1.5', expected an integer", scratch); /* the first of two */
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_with(&o, &t));
  ml_table_free(&t);
  o.collect = true;
  ml_jsonl *r;
  bool any;
  CHECK_OK(c, ml_jsonl_open(c, scratch, &o, &r));
  CHECK_OK(c, ml_jsonl_read(c, r, -1, &t, &any));
  CHECK_INT(t.rows, 3);
  check_column(&t, 0, "t", ML_COLUMN_TIME);
  check_column(&t, 1, "a", ML_COLUMN_INTEGER);
  CHECK_CLOSE(ml_f64(t.column[0].values)[0], 86400, 0);
  CHECK_INT(ml_i64(t.column[1].values)[0], 12);
  CHECK(is_missing(&t, 1, 1) && is_missing(&t, 1, 2));
  const records *all = ml_jsonl_records(r);
  CHECK_INT(all->kept, 2);
  CHECK(all->problem[0].row == 2 && all->problem[0].line == 2 && all->problem[0].field >= 0);
  CHECK(all->problem[1].line == 3 && all->problem[1].field < 0 && memcmp(all->problem[1].found.text, "no", 2) == 0);
  ml_table_free(&t);
  ml_jsonl_close(r);
  wish[0].name = "b";
  snprintf(expected, sizeof expected, "%s: has no column 'b'; its columns are t, x, a", scratch);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_with(&o, &t));
}

/* Read in pieces of any size, after an interrupt too, the rows are those of one reading. */
static void test_pieces_give_the_rows_of_the_whole(void) {
  bytes b = {0};
  for (int i = 0; i < 5000; i++) {
    char line[100];
    snprintf(line, sizeof line, "{\"i\": %d, \"t\": \"row %d\"%s}\n", i, i, i % 3 ? "" : ", \"n\": 0.5");
    add_text(&b, line);
  }
  put_file(b.data, b.count);
  for (int64_t piece = 1; piece <= 5001; piece = piece * 7 + 1) {
    ml_jsonl *r;
    int64_t rows = 0;
    bool any = true;
    CHECK_OK(c, ml_jsonl_open(c, scratch, &plainly, &r));
    while (any) {
      ml_table t = {0};
      if (piece > 50 && rows < 5000) {
        ml_interrupt_set(true);
        CHECK_INT(ml_jsonl_read(c, r, piece, &t, &any), ML_INTERRUPTED);
        ml_interrupt_set(false);
      }
      CHECK_OK(c, ml_jsonl_read(c, r, piece, &t, &any));
      for (int64_t i = 0; i < t.rows; i++) {
        char text[30];
        snprintf(text, sizeof text, "row %lld", (long long)(rows + i));
        check_text(&t, 1, i, text);
        CHECK(ml_i64(t.column[0].values)[i] == rows + i);
        if (piece > 500) i += 97;
      }
      rows += t.rows;
      ml_table_free(&t);
    }
    CHECK_INT(rows, 5000);
    ml_jsonl_close(r);
  }
  free_bytes(&b);
}

/* Rows over several blocks; those from `late` on are another kind of value in columns w (fractions) and l (texts), and have a new name. */
static bytes long_file(int rows, int late) {
  bytes b = {0};
  for (int i = 0; i < rows; i++) {
    char line[200];
    snprintf(line, sizeof line, "{\"i\": %d, \"w\": %d%s, \"l\": %s%d%s, \"t\": \"row \\\"%d\\\"\"%s}\n", i, i, i < late ? "" : ".5", i < late ? "" : "\"", i,
             i < late ? "" : "!\"", i, i < late ? "" : ", \"o\": {\"n\": true}");
    add_text(&b, line);
  }
  return b;
}

static void check_long_file(const ml_table *t, int rows, int late) {
  CHECK_INT(t->rows, rows);
  CHECK_INT(t->columns, 5);
  if (t->rows != rows || t->columns != 5) return;
  check_column(t, 1, "w", ML_COLUMN_NUMBER);
  check_column(t, 2, "l", ML_COLUMN_TEXT);
  check_column(t, 4, "o.n", ML_COLUMN_BOOLEAN);
  for (int i = 0; i < rows; i++) {
    char text[40];
    if (ml_i64(t->column[0].values)[i] != i || ml_f64(t->column[1].values)[i] != i + (i < late ? 0 : 0.5) || is_missing(t, 4, i) != (i < late)) {
      CHECK_INT(i, -1);
      return;
    }
    if (i % 97 != 0 && i != late) continue;
    snprintf(text, sizeof text, i < late ? "%d" : "%d!", i);
    check_text(t, 2, i, text);
    snprintf(text, sizeof text, "row \"%d\"", i);
    check_text(t, 3, i, text);
  }
}

static void test_types_widen_and_names_come_late_on_any_number_of_threads(void) {
  static const int late[] = {1, 5000, 29999};
  for (int k = 0; k < 3; k++) {
    bytes b = long_file(30000, late[k]);
    put_file(b.data, b.count);
    for (int threads = 1; threads <= 3; threads++) {
      ml_table t = {0};
      ml_threads_set(threads);
      CHECK_OK(c, read_with(&plainly, &t));
      check_long_file(&t, 30000, late[k]);
      ml_table_free(&t);
    }
    free_bytes(&b);
  }
}

static void test_a_wrong_line_far_down_is_named(void) {
  bytes b = long_file(30000, 100);
  b.count -= 3; /* the last row has no end */
  put_file(b.data, b.count);
  fails_with(read_one, "30000:80: the line ends within an object; JSON Lines has one object a line");
  free_bytes(&b);
}

/* What is wrong is found in the order of the file, on whatever thread. */
static void test_problems_are_collected_in_order(void) {
  bytes b = {0};
  record_wish wish = {"a", 1, true, ML_COLUMN_INTEGER};
  record_options o = {.wishes = &wish, .wish_count = 1, .collect = true};
  for (int i = 0; i < 20000; i++) add_text(&b, i % 1000 == 7 ? "\n{\"a\": 1, \"b\": no}\n" : i % 1000 == 8 ? "{\"b\": 1, \"a\": \"x\"}\n" : "{\"a\": 1}\n");
  put_file(b.data, b.count);
  ml_jsonl *r;
  ml_table t = {0};
  bool any;
  CHECK_OK(c, ml_jsonl_open(c, scratch, &o, &r));
  CHECK_OK(c, ml_jsonl_read(c, r, -1, &t, &any));
  const records *all = ml_jsonl_records(r);
  CHECK_INT(all->kept, 40);
  for (int i = 0; i < 40 && i < all->kept; i++) {
    const record_problem *p = &all->problem[i];
    CHECK_INT(p->row, i / 2 * 1000 + 8 + i % 2);
    CHECK_INT(p->line, p->row + i / 2 + 1);
    CHECK_INT(p->field < 0, i % 2 == 0);
  }
  CHECK(t.rows == 20000 && ml_i64(t.column[0].values)[7] == 1 && is_missing(&t, 0, 8)); /* what stood before the error is kept */
  ml_table_free(&t);
  ml_jsonl_close(r);
  free_bytes(&b);
}

/* More than the buffer in one line. */
static void test_a_long_line(void) {
  bytes b = {0};
  add_text(&b, "{\"a\": 1, \"t\": \"");
  for (int i = 0; i < 300000; i++) add_text(&b, "0123456789");
  add_text(&b, "\"}\n{\"a\": 2}");
  put_file(b.data, b.count);
  ml_table t = {0};
  CHECK_OK(c, read_with(&plainly, &t));
  CHECK_INT(t.rows, 2);
  if (t.rows == 2) CHECK_INT(ml_i64(t.column[1].ends)[0], 3000000);
  ml_table_free(&t);
  free_bytes(&b);
}

/* A file of a few hundred kilobytes that would be a table of 10^9 cells. */
static void test_names_without_end_are_refused(void) {
  bytes b = {0};
  for (int i = 0; i < 30000; i++) {
    char line[40];
    snprintf(line, sizeof line, "{\"n%d\":1}\n", i);
    add_text(&b, line);
  }
  put_file(b.data, b.count);
  fails_with(read_one, "has 8192 columns in 8192 rows, nearly all of them missing in each; name those that you want, as in "
                       "columns = {'a', 'b'}, or read fewer rows at once");
  free_bytes(&b);
}

static void test_what_is_written_reads_back(void) {
  static const char text[] = "{\"n\": 0.1, \"i\": -5, \"b\": true, \"t\": \"a\\\"\\\\\\u0001\\n\xc3\xa9\", \"o.p\": 1e300}\n"
                             "{\"n\": null, \"i\": null, \"b\": null, \"t\": null, \"o.p\": 3.0}\n"
                             "{\"n\": -0.0, \"i\": 9223372036854775807, \"b\": false, \"t\": \"\", \"o.p\": 1e999}\n";
  ml_table t = table_of(text);
  CHECK_OK(c, ml_jsonl_write(c, scratch, &t));
  ml_table again = {0};
  CHECK_OK(c, read_with(&plainly, &again));
  CHECK_INT(again.columns, t.columns);
  for (int k = 0; k < t.columns && k < again.columns; k++) {
    const ml_column *x = &t.column[k], *y = &again.column[k];
    check_column(&again, k, x->name, x->type);
    CHECK((x->missing == NULL) == (y->missing == NULL));
    if (x->missing) CHECK(memcmp(ml_data(x->missing), ml_data(y->missing), 3) == 0);
    if (x->values) CHECK(memcmp(ml_data(x->values), ml_data(y->values), 3 * ml_dtype_size((ml_dtype)x->values->dtype)) == 0);
    if (x->ends) CHECK(memcmp(ml_data(x->ends), ml_data(y->ends), 24) == 0);
    if (x->bytes) CHECK(memcmp(ml_data(x->bytes), ml_data(y->bytes), (size_t)ml_count(x->bytes)) == 0);
  }
  ml_table_free(&t);
  ml_table_free(&again);
}

static void test_damaged_files(void) {
  static const char text[] = "{\"a\": {\"b\": 1, \"c\": [2]}, \"t\": \"\\u00e9\"}\n{\"a\": {\"b\": 1.5}, \"u\": true}\n{\"t\": \"xyz\", \"u\": null}";
  bytes b = {0};
  add_text(&b, text);
  hostile_cuts(&b, read_by_two, MOST);
  hostile_flips(&b, read_by_two, MOST, 1);
  put_file(b.data, b.count);
  CHECK(hostile_allocations(read_by_two) >= 20);
  CHECK(hostile_reads(read_by_two) >= 4);
  hostile_open_and_interrupt(read_by_two);
  put_file("", 0);
  CHECK_OK(c, read_one());
  free_bytes(&b);
}

int main(void) {
  if (!scratch_make()) return 1;
  static const char hard[] = "{\"a\": 1e-400, \"b\": 7.3177701707893310e+15}";
  put_file(hard, sizeof hard - 1);
  CHECK_OK(c, read_one()); /* what is made once is made */
  size_t live = ml_alloc_statistics().live;
  test_types_hold_for_all_rows();
  test_objects_become_names_with_dots();
  test_values_stand_in_the_deepest_object();
  test_numbers_are_the_nearest_doubles();
  test_integers_and_times_keep_what_they_say();
  test_texts_arrive_as_they_were();
  test_wrong_lines_are_named();
  test_declared_types_and_wanted_columns();
  test_pieces_give_the_rows_of_the_whole();
  test_types_widen_and_names_come_late_on_any_number_of_threads();
  test_a_wrong_line_far_down_is_named();
  test_problems_are_collected_in_order();
  test_a_long_line();
  test_names_without_end_are_refused();
  test_what_is_written_reads_back();
  test_damaged_files();
  fuzz_corpus("tests/fuzz/corpus/jsonl", 4000);
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(scratch);
  return check_report();
}
