/* Sketches say what exact answers say, within the error that their heads state, in whatever order the values come. */

#include <math.h>
#include <stdlib.h>

#include "table/column_sketch.h"
#include "table/value_hash.h"
#include "tensor/alloc.h"
#include "tests/c/check.h"

static ml_context context, *const c = &context;

/* Quantiles -------------------------------------------------------------------------------------------------------- */

enum { N = 200000, K = 1024 };

typedef double order(int64_t i); /* each gives 0..N - 1 once */

static double rising(int64_t i) { return (double)i; }
static double falling(int64_t i) { return (double)(N - 1 - i); }
static double shuffled(int64_t i) { return (double)(i * 77773 % N); } /* 77773 is prime to N */
static double from_both_ends(int64_t i) { return (double)(i % 2 ? N - 1 - i / 2 : i / 2); }
static double in_saws(int64_t i) { return (double)(i % 500 * (N / 500) + i / 500); }

static void fill(ml_quantile_sketch *s, order *f, int64_t from, int64_t to) {
  CHECK_OK(c, ml_quantile_sketch_expect(c, s, to - from));
  for (int64_t i = from; i < to; i++) ml_quantile_sketch_push(s, f(i));
}

/* The largest error of a rank, in parts of n. */
static double worst_rank(const ml_quantile_sketch *s) {
  ml_ranked r;
  double worst = 0;
  CHECK_OK(c, ml_quantile_sketch_rank(c, s, &r));
  for (int k = 0; k <= 1000; k++) {
    double x = floor((N - 1) * k / 1000.0);
    worst = fmax(worst, fabs((double)ml_ranked_below(&r, x) - (x + 1)) / N);
    worst = fmax(worst, fabs(ml_ranked_quantile(&r, k / 1000.0) - (N - 1) * k / 1000.0) / N);
  }
  ml_ranked_free(&r);
  return worst;
}

static void test_ranks_are_off_by_less_than_4_n_by_k_in_any_order(void) {
  order *const orders[] = {rising, falling, shuffled, from_both_ends, in_saws};
  for (int k = 0; k < 5; k++) {
    ml_quantile_sketch s;
    CHECK_OK(c, ml_quantile_sketch_init(c, K, &s));
    fill(&s, orders[k], 0, N);
    double worst = worst_rank(&s);
    check_record(worst < 4.0 / K, __FILE__, __LINE__, "order %d: off by %g of n", k, worst);
    ml_quantile_sketch_free(&s);
  }
}

/* Seven values, each in a stretch of its own or all mixed: a quantile is a value that some rank within the error has. */
static void test_quantiles_of_few_different_values_are_among_them(void) {
  for (int mixed = 0; mixed < 2; mixed++) {
    ml_quantile_sketch s;
    ml_ranked r;
    CHECK_OK(c, ml_quantile_sketch_init(c, K, &s));
    CHECK_OK(c, ml_quantile_sketch_expect(c, &s, N));
    for (int64_t i = 0; i < N; i++) ml_quantile_sketch_push(&s, (double)(mixed ? (int64_t)shuffled(i) % 7 : i * 7 / N));
    CHECK_OK(c, ml_quantile_sketch_rank(c, &s, &r));
    for (int p = 0; p <= 1000; p++) {
      double x = ml_ranked_quantile(&r, p / 1000.0), low = floor((p / 1000.0 - 4.0 / K) * 7), high = floor((p / 1000.0 + 4.0 / K) * 7);
      check_record(x >= low && x <= high, __FILE__, __LINE__, "mixed %d: %g of the rows are below %g", mixed, p / 1000.0, x);
    }
    ml_ranked_free(&r);
    ml_quantile_sketch_free(&s);
  }
}

/* From 1 to 1e30, evenly in the exponent: what counts is the rank. */
static void test_quantiles_of_a_heavy_tail_have_the_ranks_they_should(void) {
  order *const orders[] = {rising, falling, shuffled};
  for (int k = 0; k < 3; k++) {
    ml_quantile_sketch s;
    ml_ranked r;
    CHECK_OK(c, ml_quantile_sketch_init(c, K, &s));
    CHECK_OK(c, ml_quantile_sketch_expect(c, &s, N));
    for (int64_t i = 0; i < N; i++) ml_quantile_sketch_push(&s, pow(10, 30 * orders[k](i) / N));
    CHECK_OK(c, ml_quantile_sketch_rank(c, &s, &r));
    for (int p = 0; p <= 1000; p++) {
      double rank = log10(ml_ranked_quantile(&r, p / 1000.0)) / 30;
      check_record(fabs(rank - p / 1000.0) < 4.0 / K, __FILE__, __LINE__, "order %d: %g of the rows are below that of %g", k, rank, p / 1000.0);
    }
    ml_ranked_free(&r);
    ml_quantile_sketch_free(&s);
  }
}

static void test_merged_sketches_are_as_good_as_one(void) {
  ml_quantile_sketch all;
  CHECK_OK(c, ml_quantile_sketch_init(c, K, &all));
  for (int part = 0; part < 10; part++) {
    ml_quantile_sketch s;
    CHECK_OK(c, ml_quantile_sketch_init(c, K, &s));
    fill(&s, rising, part * (N / 10), (part + 1) * (N / 10));
    CHECK_OK(c, ml_quantile_sketch_merge(c, &all, &s));
    ml_quantile_sketch_free(&s);
  }
  CHECK_INT(all.n, N);
  CHECK(worst_rank(&all) < 4.0 / K);
  ml_quantile_sketch_free(&all);
}

static void test_quantiles_of_few_numbers_are_exact(void) {
  ml_quantile_sketch s;
  ml_ranked r;
  CHECK_OK(c, ml_quantile_sketch_init(c, 16, &s));
  for (int i = 0; i < 5; i++) ml_quantile_sketch_push(&s, (double[]){3, 1, 2, 10, 4}[i]);
  CHECK_OK(c, ml_quantile_sketch_rank(c, &s, &r));
  CHECK_CLOSE(ml_ranked_quantile(&r, 0.5), 3, 0);
  CHECK_CLOSE(ml_ranked_quantile(&r, 0.9), 7.6, 1e-12); /* numpy.quantile([3, 1, 2, 10, 4], 0.9) */
  CHECK_INT(ml_ranked_below(&r, 3), 3);
  CHECK_INT(ml_ranked_below(&r, 2.5), 2);
  CHECK_INT(ml_ranked_below(&r, 0), 0);
  CHECK_INT(ml_ranked_below(&r, 99), 5);
  ml_ranked_free(&r);
  ml_quantile_sketch_free(&s);
}

/* Distinct values -------------------------------------------------------------------------------------------------- */

static ml_distinct_sketch distinct[3]; /* too large for a stack frame */

static void test_distinct_values_are_exact_while_few_and_within_2_percent_then(void) {
  int64_t next = 10;
  distinct[0] = (ml_distinct_sketch){0};
  for (int64_t i = 0; i < 1000000; i++) {
    for (int twice = 0; twice < 2; twice++) ml_distinct_sketch_push(&distinct[0], ml_hash_key(0, i));
    if (i + 1 < next) continue;
    double error = fabs((double)ml_distinct_sketch_count(&distinct[0]) / (double)next - 1);
    check_record(error <= (next <= ML_DISTINCT_EXACT ? 0 : 0.02), __FILE__, __LINE__, "%lld values: off by %g", (long long)next, error);
    next = next * 3 / 2;
  }
}

static void test_distinct_values_of_merged_sketches_do_not_depend_on_the_cut(void) {
  memset(distinct, 0, sizeof distinct);
  for (int64_t i = 0; i < 50000; i++) {
    ml_distinct_sketch_push(&distinct[0], ml_hash_key(0, i));
    ml_distinct_sketch_push(&distinct[i < 3000 ? 1 : 2], ml_hash_key(0, i));
  }
  ml_distinct_sketch_merge(&distinct[1], &distinct[2]);
  CHECK_INT(ml_distinct_sketch_count(&distinct[1]), ml_distinct_sketch_count(&distinct[0]));
}

/* Frequent values -------------------------------------------------------------------------------------------------- */

static ml_frequent_sketch frequent[2];

static void count_value(ml_frequent_sketch *s, int64_t value) {
  ml_frequent_sketch_push(s, ml_hash_key(0, value), (ml_span){(const char *)&value, sizeof value});
}

/* The count of a value, 0 if it is not among the first. */
static int64_t told(const ml_frequent_sketch *s, int64_t value) {
  const ml_frequent_entry *top[64];
  int n = ml_frequent_sketch_top(s, 64, top);
  for (int i = 0; i < n; i++) {
    if (memcmp(top[i]->label, &value, sizeof value) == 0) return top[i]->count;
  }
  return 0;
}

static void test_frequent_values_are_found_among_many_single_ones(void) {
  memset(frequent, 0, sizeof frequent);
  for (int64_t i = 0; i < 100000; i++) { /* value 1 in 5 of 100, value 2 in 2 of 100, at the end alone */
    bool late = i >= 90000;
    count_value(&frequent[0], i % 20 == 0 ? 1 : late && i % 5 == 1 ? 2 : 1000 + i);
  }
  const ml_frequent_sketch *s = &frequent[0];
  CHECK(s->lost > 0 && s->lost <= 2 * 100000 / ML_FREQUENT_COUNTERS);
  CHECK(told(s, 1) <= 5000 && told(s, 1) >= 5000 - s->lost);
  CHECK(told(s, 2) <= 2000 && told(s, 2) >= 2000 - s->lost);
}

static void test_frequent_values_are_exact_while_few_and_after_a_merge(void) {
  memset(frequent, 0, sizeof frequent);
  for (int64_t i = 0; i < 30000; i++) count_value(&frequent[i % 7 == 0], i * i % 300);
  int64_t expected = 0;
  for (int64_t i = 0; i < 30000; i++) expected += i * i % 300 == 0;
  ml_frequent_sketch_merge(&frequent[0], &frequent[1]);
  CHECK_INT(frequent[0].lost, 0);
  CHECK_INT(told(&frequent[0], 0), expected);
}

/* Tables ----------------------------------------------------------------------------------------------------------- */

/* One column of numbers: NaN every 10th row, then i % 1000 and, far out, 1e9 + i. */
static ml_status make_table(int64_t from, int64_t rows, ml_table *t) {
  ml_shape shape = ml_make_shape(1, rows);
  ML_TRY(ml_table_init(c, 1, t));
  t->rows = rows;
  ML_TRY(ml_column_set_name(c, &t->column[0], "x", 1));
  ML_TRY(ml_empty(c, &shape, ML_FLOAT64, &t->column[0].values));
  for (int64_t i = 0; i < rows; i++)
    ml_f64(t->column[0].values)[i] = (from + i) % 10 == 0 ? NAN : (double)(1000000000 + (from + i) % 1000);
  return ML_OK;
}

static ml_status sketch_of(int64_t from, int64_t rows, ml_table_sketch *s) {
  static const ml_column_type types[] = {ML_COLUMN_NUMBER};
  ml_table t = {0};
  ml_status status = ml_table_sketch_init(c, 1, types, 64, 1 << 20, s);
  for (int64_t at = 0; status == ML_OK && at < rows; at += 500) {
    status = make_table(from + at, rows - at < 500 ? rows - at : 500, &t);
    if (status == ML_OK) status = ml_table_sketch_update(c, s, &t, NULL);
    ml_table_free(&t);
    t = (ml_table){0};
  }
  return status;
}

static void test_moments_are_those_of_two_passes(void) {
  ml_table_sketch s;
  CHECK_OK(c, sketch_of(0, 20000, &s));
  const ml_moments *m = &s.column[0]->moments;
  CHECK_INT(m->count, 18000);
  CHECK_INT(s.column[0]->missing, 2000);
  CHECK_CLOSE(m->min, 1000000001, 0);
  CHECK_CLOSE(m->max, 1000000999, 0);
  CHECK_INT(m->at_max, 20);
  CHECK_CLOSE(m->mean, 1000000500, 1e-5);
  double squares = 0; /* exact in integers */
  for (int i = 0; i < 1000; i++) squares += i % 10 ? (i - 500.0) * (i - 500.0) * 20 : 0;
  CHECK_CLOSE(m->squares, squares, squares * 1e-9);
  ml_table_sketch_free(&s);
}

static void test_merged_tables_tell_the_same_as_one(void) {
  ml_table_sketch one, a, b;
  CHECK_OK(c, sketch_of(0, 7000, &one));
  CHECK_OK(c, sketch_of(0, 2345, &a));
  CHECK_OK(c, sketch_of(2345, 4655, &b));
  CHECK_OK(c, ml_table_sketch_merge(c, &a, &b));
  const ml_moments *m = &one.column[0]->moments, *n = &a.column[0]->moments;
  CHECK_INT(a.rows, one.rows);
  CHECK_INT(a.seen.count + a.seen.repeated, one.seen.count + one.seen.repeated);
  CHECK_INT(a.seen.repeated, one.seen.repeated);
  CHECK_INT(n->count, m->count);
  CHECK_INT(n->at_min, m->at_min);
  CHECK_INT(n->at_max, m->at_max);
  CHECK_CLOSE(n->mean, m->mean, 1e-5);
  CHECK_CLOSE(n->squares, m->squares, m->squares * 1e-9);
  ml_table_sketch_free(&one);
  ml_table_sketch_free(&a);
  ml_table_sketch_free(&b);
}

static void test_rows_that_come_again_are_counted(void) {
  ml_row_set s = {.limit = 3};
  const uint64_t rows[] = {5, 0, 7, 5, 0, 9, 9, 5};
  CHECK_OK(c, ml_row_set_add(c, &s, rows, 5));
  CHECK_INT(s.repeated, 2);
  CHECK(!s.full);
  CHECK_OK(c, ml_row_set_add(c, &s, rows + 5, 3)); /* 9 finds no room, so that its second time is not known */
  CHECK_INT(s.repeated, 3);
  CHECK(s.full);
  ml_row_set_free(&s);
}

static void test_other_columns_are_refused(void) {
  static const ml_column_type types[] = {ML_COLUMN_TEXT};
  ml_table_sketch s, other;
  ml_table t = {0};
  CHECK_OK(c, ml_table_sketch_init(c, 1, types, 64, 10, &s));
  CHECK_OK(c, make_table(0, 5, &t));
  CHECK_FAILS(c, ML_BAD_DATA, "profile: column 'x' is number, in the rows before it is text", ml_table_sketch_update(c, &s, &t, NULL));
  CHECK_OK(c, sketch_of(0, 5, &other));
  CHECK_FAILS(c, ML_BAD_DATA, "profile: sketches of other columns can't be merged", ml_table_sketch_merge(c, &s, &other));
  ml_table_free(&t);
  ml_table_sketch_free(&s);
  ml_table_sketch_free(&other);
}

static void test_failing_allocations_leave_nothing_behind(void) {
  size_t live = ml_alloc_statistics().live;
  for (uint64_t n = 1; n < 200; n++) {
    ml_table_sketch s = {0};
    ml_alloc_fail_at(n, true);
    ml_status status = sketch_of(0, 2000, &s);
    ml_alloc_fail_at(0, false);
    ml_table_sketch_free(&s);
    CHECK_INT(ml_alloc_statistics().live, live);
    if (status == ML_OK) return;
    CHECK_INT(status, ML_OUT_OF_MEMORY);
  }
  CHECK(!"an end of the sweep");
}

int main(void) {
  ml_context_init(c);
  test_ranks_are_off_by_less_than_4_n_by_k_in_any_order();
  test_quantiles_of_few_different_values_are_among_them();
  test_quantiles_of_a_heavy_tail_have_the_ranks_they_should();
  test_merged_sketches_are_as_good_as_one();
  test_quantiles_of_few_numbers_are_exact();
  test_distinct_values_are_exact_while_few_and_within_2_percent_then();
  test_distinct_values_of_merged_sketches_do_not_depend_on_the_cut();
  test_frequent_values_are_found_among_many_single_ones();
  test_frequent_values_are_exact_while_few_and_after_a_merge();
  test_moments_are_those_of_two_passes();
  test_merged_tables_tell_the_same_as_one();
  test_rows_that_come_again_are_counted();
  test_other_columns_are_refused();
  test_failing_allocations_leave_nothing_behind();
  return check_report();
}
