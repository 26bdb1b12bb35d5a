/* Kernels of columns of text: what they make, whatever the threads, and what is left when memory runs out. */

#include "table/distinct.h"
#include "table/text.h"
#include "table/time_fields.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"

static ml_context c;

/* A column of these rows; NULL: missing. */
typedef struct rows {
  char bytes[1 << 12];
  int64_t ends[64];
  bool missing[64];
  ml_text_rows x;
} rows;

static rows *make_rows(rows *r, int n, const char *const *text) {
  int64_t at = 0;
  for (int i = 0; i < n; i++) {
    r->missing[i] = text[i] == NULL;
    for (const char *p = text[i]; p && *p; p++) r->bytes[at++] = *p;
    r->ends[i] = at;
  }
  r->x = (ml_text_rows){r->bytes, r->ends, r->missing, n};
  return r;
}

static bool row_is(const ml_column *column, int64_t i, const char *text) {
  const int64_t *ends = ml_i64(column->ends);
  int64_t begin = i > 0 ? ends[i - 1] : 0;
  if (!text) return column->missing && ((const bool *)ml_data(column->missing))[i] && ends[i] == begin;
  return ends[i] - begin == (int64_t)strlen(text) && memcmp((char *)ml_data(column->bytes) + begin, text, strlen(text)) == 0;
}

static void drop(ml_column *column) {
  ml_release(column->bytes);
  ml_release(column->ends);
  ml_release(column->missing);
  *column = (ml_column){0};
}

static ml_span span(const char *text) { return (ml_span){text, (int64_t)strlen(text)}; }

#define N(list) (int)(sizeof(list) / sizeof *(list))

static void test_rows_change_one_by_one(void) {
  static const char *const text[] = {" a,b ", "", NULL, "a,,b", "\xC3\xBC,\xE2\x82\xAC"};
  rows r;
  ml_text_rows *x = &make_rows(&r, N(text), text)->x;
  ml_column y = {0};
  CHECK(ml_text_trim(&c, x, &y) == ML_OK);
  CHECK(row_is(&y, 0, "a,b") && row_is(&y, 1, "") && row_is(&y, 2, NULL) && row_is(&y, 3, "a,,b"));
  drop(&y);
  CHECK(ml_text_replace(&c, x, span(","), span("--"), &y) == ML_OK);
  CHECK(row_is(&y, 0, " a--b ") && row_is(&y, 2, NULL) && row_is(&y, 3, "a----b"));
  drop(&y);
  CHECK(ml_text_split(&c, x, span(","), 2, &y) == ML_OK);
  CHECK(row_is(&y, 0, "b ") && row_is(&y, 1, NULL) && row_is(&y, 3, "") && row_is(&y, 4, "\xE2\x82\xAC"));
  drop(&y);
  CHECK(ml_text_split(&c, x, span(","), -3, &y) == ML_OK);
  CHECK(row_is(&y, 0, NULL) && row_is(&y, 3, "a"));
  drop(&y);
  CHECK(ml_text_sub(&c, x, -1, -1, &y) == ML_OK);
  CHECK(row_is(&y, 0, " ") && row_is(&y, 1, "") && row_is(&y, 4, "\xE2\x82\xAC"));
  drop(&y);
  CHECK(ml_text_sub(&c, x, 2, INT64_MAX, &y) == ML_OK);
  CHECK(row_is(&y, 3, ",,b") && row_is(&y, 4, ",\xE2\x82\xAC"));
  drop(&y);
}

static void test_text_is_read_and_the_first_that_is_none_is_named(void) {
  static const char *const text[] = {"1.5", " -2e3 ", "", NULL, "4"};
  static const char *const bad[] = {"1", NULL, "one", "two"};
  rows r;
  ml_tensor *y = NULL;
  int64_t at;
  CHECK(ml_text_read(&c, &make_rows(&r, N(text), text)->x, false, &y, &at) == ML_OK && at == -1);
  CHECK(ml_f64(y)[0] == 1.5 && ml_f64(y)[1] == -2000 && ml_f64(y)[2] != ml_f64(y)[2] && ml_f64(y)[3] != ml_f64(y)[3]);
  ml_release(y);
  CHECK(ml_text_read(&c, &make_rows(&r, N(bad), bad)->x, false, &y, &at) == ML_OK && at == 2);
  ml_release(y);
}

static void test_equal_rows_stay_in_order_and_values_are_numbered_by_appearance(void) {
  static const char *const text[] = {"b", NULL, "abcdefgh2", "abcdefgh1", "b", "", "abcdefgh"};
  static const int64_t up[] = {6, 7, 4, 3, 1, 5, 2}, down[] = {1, 5, 3, 4, 7, 6, 2}, codes[] = {1, 0, 2, 3, 1, 4, 5};
  rows r;
  ml_text_rows *x = &make_rows(&r, N(text), text)->x;
  ml_tensor *order = NULL;
  ml_distinct found = {0};
  CHECK(ml_text_order(&c, x, false, &order) == ML_OK && memcmp(ml_data(order), up, sizeof up) == 0);
  ml_release(order);
  CHECK(ml_text_order(&c, x, true, &order) == ML_OK && memcmp(ml_data(order), down, sizeof down) == 0);
  ml_release(order);
  CHECK(ml_distinct_text(&c, x, -1, &found) == ML_OK && memcmp(ml_data(found.codes), codes, sizeof codes) == 0);
  CHECK(ml_count(found.firsts) == 5 && ml_i64(found.firsts)[3] == 6);
  ml_release(found.codes);
  ml_release(found.firsts);
  found = (ml_distinct){0};
  CHECK(ml_distinct_text(&c, x, 4, &found) == ML_OK && !found.firsts);
  ml_release(found.codes);
}

/* n rows of up to seven letters from a fixed sequence. */
static void many_rows(int64_t n, ml_column *out) {
  ml_shape shape = ml_make_shape(1, n), bytes = ml_make_shape(1, 7 * n);
  uint32_t state = 12345;
  int64_t at = 0;
  CHECK(ml_empty(&c, &shape, ML_INT64, &out->ends) == ML_OK && ml_empty(&c, &bytes, ML_UINT8, &out->bytes) == ML_OK);
  for (int64_t i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    for (uint32_t k = 0; k < (state >> 16) % 8; k++) ((char *)ml_data(out->bytes))[at++] = (char)('a' + (state >> (k + 3)) % 4);
    ml_i64(out->ends)[i] = at;
  }
}

static void test_the_order_does_not_depend_on_the_threads(void) {
  enum { ROWS = 100000 };
  ml_column column = {0};
  ml_tensor *one = NULL, *two = NULL;
  many_rows(ROWS, &column);
  ml_text_rows x = {ml_data(column.bytes), ml_i64(column.ends), NULL, ROWS};
  ml_threads_set(1);
  CHECK(ml_text_order(&c, &x, false, &one) == ML_OK);
  ml_threads_set(3);
  CHECK(ml_text_order(&c, &x, false, &two) == ML_OK);
  CHECK(memcmp(ml_data(one), ml_data(two), ROWS * sizeof(int64_t)) == 0);
  int64_t wrong = 0, *p = ml_i64(one);
  for (int64_t i = 1; i < ROWS; i++) {
    int order = ml_span_compare(ml_text_row(&x, p[i - 1] - 1), ml_text_row(&x, p[i] - 1));
    wrong += order > 0 || (order == 0 && p[i - 1] > p[i]);
  }
  CHECK(wrong == 0);
  ml_release(one);
  ml_release(two);
  drop(&column);
}

static void test_positions_are_checked(void) {
  static const char *const text[] = {"a", "b"};
  rows r;
  ml_text_rows *x = &make_rows(&r, N(text), text)->x;
  ml_shape shape = ml_make_shape(1, 2);
  ml_tensor *at = NULL;
  ml_column y = {0};
  CHECK(ml_empty(&c, &shape, ML_INT64, &at) == ML_OK);
  ml_i64(at)[0] = 0, ml_i64(at)[1] = 2;
  CHECK(ml_text_gather(&c, x, at, &y) == ML_OK && row_is(&y, 0, NULL) && row_is(&y, 1, "b"));
  drop(&y);
  ml_i64(at)[1] = 3;
  CHECK(ml_text_gather(&c, x, at, &y) == ML_ERROR && strcmp(c.message, "rows: position 3 at [2] is not in 1..2") == 0);
  drop(&y);
  ml_release(at);
}

/* Each allocation fails in its turn: a failure is reported, and nothing is kept. */
static void test_failing_allocations_leave_nothing(void) {
  static const char *const text[] = {"a", "b", NULL, "a", "c"};
  rows r;
  ml_text_rows *x = &make_rows(&r, N(text), text)->x;
  size_t before = ml_alloc_statistics().live;
  bool all_done = false;
  for (uint64_t n = 1; n < 50 && !all_done; n++) {
    ml_column y = {0};
    ml_tensor *order = NULL, *numbers = NULL;
    ml_distinct found = {0};
    int64_t bad;
    ml_alloc_fail_at(n, false);
    ml_status status = ml_text_trim(&c, x, &y);
    if (status == ML_OK) status = ml_text_order(&c, x, false, &order);
    if (status == ML_OK) status = ml_distinct_text(&c, x, -1, &found);
    if (status == ML_OK) status = ml_text_read(&c, x, false, &numbers, &bad);
    ml_alloc_fail_at(0, false);
    all_done = status == ML_OK;
    CHECK(status == ML_OK || status == ML_OUT_OF_MEMORY);
    drop(&y);
    ml_release(order);
    ml_release(numbers);
    ml_release(found.codes);
    ml_release(found.firsts);
    CHECK(ml_alloc_statistics().live == before);
  }
  CHECK(all_done);
}

int main(void) {
  ml_context_init(&c);
  test_rows_change_one_by_one();
  test_text_is_read_and_the_first_that_is_none_is_named();
  test_equal_rows_stay_in_order_and_values_are_numbered_by_appearance();
  test_the_order_does_not_depend_on_the_threads();
  test_positions_are_checked();
  test_failing_allocations_leave_nothing();
  return check_report();
}
