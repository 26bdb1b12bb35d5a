/* Counts and ranks against slow ones, for any number of threads; classes that are none; failing allocations. */

#include <stdlib.h>

#include "assess/confusion.h"
#include "assess/isotonic.h"
#include "assess/ranking.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tensor/sort.h"
#include "tests/c/check.h"

static ml_context context, *const c = &context;

enum { N = 200000, K = 7 };

static int64_t predicted[N], actual[N], rows[N];
static double weight[N], score[N], sorted[N];
static uint8_t found[N];

static void fill(void) {
  for (int64_t i = 0; i < N; i++) {
    predicted[i] = 1 + i * 7919 % K;
    actual[i] = 1 + i * i % 1009 % K;
    weight[i] = (double)(i % 5) / 4 + 0.1;
    score[i] = (double)(i * 77773 % 5003) / 5003; /* with ties */
  }
}

/* Confusion -------------------------------------------------------------------------------------------------------- */

static ml_classified all_rows(void) { return (ml_classified){.predicted = predicted, .actual = actual, .n = N, .classes = K}; }

static void test_counts_are_those_of_a_plain_loop(void) {
  int64_t expected[K * K] = {0}, bad = -1;
  for (int i = 0; i < N; i++) expected[(actual[i] - 1) * K + predicted[i] - 1]++;
  for (int threads = 1; threads <= 3; threads++) {
    ml_tensor *matrix = NULL;
    ml_classified x = all_rows();
    ml_threads_set(threads);
    CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
    CHECK_INT(bad, 0);
    for (int j = 0; j < K * K; j++) CHECK_INT(ml_i64(matrix)[j], expected[j]);
    ml_release(matrix);
  }
}

static void test_weights_add_up_to_the_same_bits_on_any_number_of_threads(void) {
  double first[K * K];
  int64_t bad;
  for (int threads = 1; threads <= 3; threads++) {
    ml_tensor *matrix = NULL;
    ml_classified x = all_rows();
    x.weight = weight;
    ml_threads_set(threads);
    CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
    if (threads == 1) memcpy(first, ml_f64(matrix), sizeof first);
    CHECK_INT(memcmp(first, ml_f64(matrix), sizeof first), 0);
    ml_release(matrix);
  }
  double sum = 0, expected = 0;
  for (int j = 0; j < K * K; j++) sum += first[j];
  for (int i = 0; i < N; i++) expected += weight[i];
  CHECK_CLOSE(sum, expected, 1e-6);
}

static void test_the_first_class_that_is_none_is_told_and_class_0_may_not_count(void) {
  int64_t p[] = {1, 2, 1, 9}, y[] = {1, 0, 2, 1}, bad = 0;
  ml_classified x = {.predicted = p, .actual = y, .n = 4, .classes = 2};
  ml_tensor *matrix = NULL;
  CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
  CHECK_INT(bad, 2);
  ml_release(matrix);
  x.skip_zero = true;
  CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
  CHECK_INT(bad, 4);
  ml_release(matrix);
  x.n = 3;
  CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
  CHECK_INT(bad, 0);
  CHECK_INT(ml_i64(matrix)[0] + ml_i64(matrix)[2], 2);
  ml_release(matrix);
  x.n = 0;
  CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
  for (int j = 0; j < 4; j++) CHECK_INT(ml_i64(matrix)[j], 0);
  ml_release(matrix);
}

static void test_more_classes_than_rows_are_counted_in_one_piece(void) {
  int64_t p[] = {3000, 1}, y[] = {1, 3000}, bad = 0;
  ml_classified x = {.predicted = p, .actual = y, .n = 2, .classes = 3000};
  ml_tensor *matrix = NULL;
  CHECK_OK(c, ml_confusion(c, &x, &matrix, &bad));
  CHECK_INT(ml_i64(matrix)[2999] + ml_i64(matrix)[2999 * 3000], 2);
  ml_release(matrix);
}

/* Ranking ---------------------------------------------------------------------------------------------------------- */

static ml_ranking ranking_of(const ml_ranked_rows *x) {
  ml_ranking r = {0};
  CHECK_OK(c, ml_ranking_of(c, x, &r));
  return r;
}

static ml_ranked_rows ranked(int64_t n) {
  CHECK_OK(c, ml_sort_rows(c, score, ML_FLOAT64, 1, n, false, n, sorted, rows));
  CHECK_OK(c, ml_ranking_find(c, actual, n, 2, found));
  return (ml_ranked_rows){.score = sorted, .row = rows, .found = found, .n = n};
}

static void test_the_area_counts_all_pairs(void) {
  enum { FEW = 3000 };
  for (int weighted = 0; weighted < 2; weighted++) {
    double right = 0, pairs = 0;
    for (int i = 0; i < FEW; i++) {
      for (int j = 0; actual[i] == 2 && j < FEW; j++) {
        double w = weighted ? weight[i] * weight[j] : 1;
        if (actual[j] == 2) continue;
        pairs += w;
        right += score[i] > score[j] ? w : score[i] == score[j] ? w / 2 : 0;
      }
    }
    ml_ranked_rows x = ranked(FEW);
    x.weight = weighted ? weight : NULL;
    CHECK_CLOSE(ranking_of(&x).area, right / pairs, weighted ? 1e-11 : 0);
  }
}

static void test_steps_end_with_all_rows_and_fall(void) {
  static double s[N], p[N], q[N];
  ml_ranked_rows x = ranked(N);
  ml_ranking r = ranking_of(&x);
  CHECK_INT(r.steps, 5003);
  CHECK_OK(c, ml_ranking_steps(c, &x, s, p, q));
  CHECK_CLOSE(p[r.steps - 1], r.positives, 0);
  CHECK_CLOSE(q[r.steps - 1], r.negatives, 0);
  CHECK_INT(r.positives + r.negatives, N);
  int64_t rising = 0;
  for (int64_t k = 1; k < r.steps; k++) rising += s[k] >= s[k - 1] || p[k] < p[k - 1] || q[k] < q[k - 1];
  CHECK_INT(rising, 0);
}

static void test_a_score_of_very_many_rows_is_one_step(void) {
  double s = 0, p = 0, q = 0;
  ml_ranked_rows x = ranked(N);
  for (int i = 0; i < N; i++) sorted[i] = 0.5;
  ml_ranking r = ranking_of(&x);
  CHECK_INT(r.steps, 1);
  CHECK_CLOSE(r.area, 0.5, 0);
  CHECK_OK(c, ml_ranking_steps(c, &x, &s, &p, &q));
  CHECK_CLOSE(s, 0.5, 0);
  CHECK_CLOSE(p, r.positives, 0);
  CHECK_CLOSE(q, N - r.positives, 0);
}

static void test_no_rows_and_one_kind_have_no_ranks(void) {
  ml_ranked_rows x = {.n = 0};
  CHECK_INT(ranking_of(&x).steps, 0);
  int64_t row = 1;
  uint8_t yes = 1;
  double z = 0.5;
  x = (ml_ranked_rows){.score = &z, .row = &row, .found = &yes, .n = 1};
  CHECK_CLOSE(ranking_of(&x).average_precision, 1, 0);
  CHECK_CLOSE(ranking_of(&x).area, 0, 0);
}

static void test_an_interrupt_ends_the_walk_over_many_scores_and_over_one(void) {
  static double s[N], p[N], q[N];
  ml_ranking r = {.steps = -1};
  for (int one_score = 0; one_score < 2; one_score++) {
    ml_ranked_rows x = ranked(N);
    for (int i = 0; one_score && i < N; i++) sorted[i] = 0.5;
    ml_interrupt_set(true);
    ml_status summed = ml_ranking_of(c, &x, &r), walked = ml_ranking_steps(c, &x, s, p, q);
    ml_interrupt_set(false);
    CHECK_INT(summed, ML_INTERRUPTED);
    CHECK_INT(walked, ML_INTERRUPTED);
    CHECK_INT(r.steps, -1);
  }
}

/* Isotonic --------------------------------------------------------------------------------------------------------- */

static void test_isotonic_pools_what_falls(void) {
  double v[] = {1, 3, 2, 2, 5, 4}, w[] = {1, 1, 1, 2, 1, 3}, expected[] = {1, 2.25, 2.25, 2.25, 4.25, 4.25};
  CHECK_OK(c, ml_isotonic(c, v, w, 6));
  for (int i = 0; i < 6; i++) CHECK_CLOSE(v[i], expected[i], 1e-15);
  CHECK_OK(c, ml_isotonic(c, v, w, 0));
}

static void test_isotonic_never_falls_and_keeps_the_sum(void) {
  double before = 0, after = 0;
  static double v[N];
  int64_t falls = 0;
  for (int i = 0; i < N; i++) before += weight[i] * (v[i] = score[i] + i * 1e-6);
  CHECK_OK(c, ml_isotonic(c, v, weight, N));
  for (int i = 0; i < N; i++) after += weight[i] * v[i], falls += i > 0 && v[i] < v[i - 1];
  CHECK_INT(falls, 0);
  CHECK_CLOSE(after, before, 1e-6);
}

static void test_failing_allocations_leave_nothing_behind(void) {
  size_t live = ml_alloc_statistics().live;
  for (uint64_t n = 1; n <= 3; n++) {
    ml_tensor *matrix = NULL;
    int64_t bad;
    double v[2] = {2, 1};
    ml_classified x = all_rows();
    ml_alloc_fail_at(n, true);
    ml_status counted = ml_confusion(c, &x, &matrix, &bad), pooled = ml_isotonic(c, v, weight, 2);
    ml_alloc_fail_at(0, false);
    ml_release(matrix);
    CHECK_INT(pooled, ML_OUT_OF_MEMORY);
    CHECK(counted == ML_OUT_OF_MEMORY || n == 3);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
}

int main(void) {
  ml_context_init(c);
  fill();
  test_counts_are_those_of_a_plain_loop();
  test_weights_add_up_to_the_same_bits_on_any_number_of_threads();
  test_the_first_class_that_is_none_is_told_and_class_0_may_not_count();
  test_more_classes_than_rows_are_counted_in_one_piece();
  test_the_area_counts_all_pairs();
  test_steps_end_with_all_rows_and_fall();
  test_a_score_of_very_many_rows_is_one_step();
  test_no_rows_and_one_kind_have_no_ranks();
  test_an_interrupt_ends_the_walk_over_many_scores_and_over_one();
  test_isotonic_pools_what_falls();
  test_isotonic_never_falls_and_keeps_the_sum();
  test_failing_allocations_leave_nothing_behind();
  return check_report();
}
