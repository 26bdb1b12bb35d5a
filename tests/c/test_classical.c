/* The solvers of the classical models, without Lua: against closed forms, and with each allocation failing. */

#include <math.h>

#include "classical/coordinate.h"
#include "classical/covariance.h"
#include "classical/least_squares.h"
#include "classical/logistic_lasso.h"
#include "classical/multinomial.h"
#include "classical/newton.h"
#include "classical/softmax.h"
#include "tensor/alloc.h"
#include "tests/c/check.h"

static ml_context context, *const c = &context;

enum { N = 700, P = 3 };
static double x[N * P], y[N], weight[N];

/* y = 2 x1 - x2 + 0.5 x3 + 7 */
static void fill(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < P; j++) x[i * P + j] = sin(0.7 * i * (j + 1) + j);
    y[i] = 2 * x[i * P] - x[i * P + 1] + 0.5 * x[i * P + 2] + 7;
    weight[i] = 1 + i % 3;
  }
}

static double b[P + 1], r[(P + 2) * (P + 2)];
static int64_t column[P + 1];

static ml_least_squares problem(bool weighted) {
  return (ml_least_squares){.x = {.n = N, .p = P, .f64 = x, .weight = weighted ? weight : NULL}, .y = y, .intercept = true, .b = b, .r = r, .column = column};
}

static void test_least_squares_find_what_the_rows_were_made_of(void) {
  for (int weighted = 0; weighted < 2; weighted++) {
    ml_least_squares s = problem(weighted);
    CHECK_OK(c, ml_least_squares_solve(c, &s));
    CHECK_INT(s.rank, 4);
    const double expected[] = {2, -1, 0.5, 7};
    for (int j = 0; j < 4; j++) CHECK_CLOSE(b[j], expected[j], 1e-13);
  }
}

static void test_a_column_that_depends_on_others_lowers_the_rank(void) {
  for (int i = 0; i < N; i++) x[i * P + 2] = x[i * P] + 1;
  ml_least_squares s = problem(false);
  CHECK_OK(c, ml_least_squares_solve(c, &s));
  CHECK_INT(s.rank, 3);
  CHECK_CLOSE(b[0] - b[2], 0, 1e-12); /* of all solutions the one with the smallest weights */
  fill();
}

static void test_ridge_of_one_column_is_a_quotient(void) {
  const double triangle[] = {3, 6, 0, 1}; /* x'x = 9, x'y = 18 */
  CHECK_OK(c, ml_ridge_solve(c, 1, triangle, 3, b));
  CHECK_CLOSE(b[0], 1.5, 1e-14);
}

/* By products and by the triangle; where columns are nearly the same, not by products. */
static void test_ridge_by_products_is_that_of_the_triangle(void) {
  for (int k = 0; k < 4; k++) {
    ml_least_squares s = problem(k % 2);
    double mean[P + 1], other_mean[P + 1], by_triangle[P];
    bool done;
    s.intercept = k < 2;
    CHECK_OK(c, ml_ridge_by_products(c, &s, 3, mean, b, &done));
    CHECK(done);
    CHECK_OK(c, ml_least_squares_centered(c, &s, other_mean));
    CHECK_OK(c, ml_ridge_solve(c, P, r, 3, by_triangle));
    for (int j = 0; j < P; j++) CHECK_CLOSE(b[j], by_triangle[j], 1e-12);
    for (int j = 0; j <= P; j++) CHECK_CLOSE(mean[j], other_mean[j], 0);
    for (int i = 0; i < N; i++) x[i * P + 2] = x[i * P] + 1e-4 * x[i * P + 1];
    CHECK_OK(c, ml_ridge_by_products(c, &s, 1e-9, mean, b, &done));
    CHECK(!done);
    fill();
  }
}

static void test_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  for (uint64_t n = 1; status != ML_OK && n < 20; n++) {
    ml_least_squares s = problem(true);
    ml_alloc_fail_at(n, true);
    status = ml_least_squares_solve(c, &s);
    ml_alloc_fail_at(0, false);
    CHECK(status == ML_OK || status == ML_OUT_OF_MEMORY);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK_INT(status, ML_OK);
}

static void test_centred_triangles_have_the_means_that_were_taken_off(void) {
  double mean[P + 1], sum = 0, total = 0;
  for (int i = 0; i < N; i++) sum += weight[i] * x[i * P], total += weight[i];
  ml_least_squares s = problem(true);
  CHECK_OK(c, ml_least_squares_centered(c, &s, mean));
  CHECK_CLOSE(mean[0], sum / total, 1e-13);
  double found[P];
  CHECK_OK(c, ml_ridge_solve(c, P, r, 1e-12, found));
  const double expected[] = {2, -1, 0.5};
  for (int j = 0; j < P; j++) CHECK_CLOSE(found[j], expected[j], 1e-9);
}

enum { COLUMNS = 70 }; /* more than one tile */
static double many[N * COLUMNS], covariance[COLUMNS * COLUMNS];
static float many_f32[N * COLUMNS];

static void test_covariances_are_those_of_the_definition(void) {
  double mean[COLUMNS];
  for (int i = 0; i < N * COLUMNS; i++) many[i] = 3 + sin(0.37 * i * (1 + i % COLUMNS)), many_f32[i] = (float)many[i];
  for (int single = 0; single < 2; single++) {
    ml_rows rows = {.n = N, .p = COLUMNS, .f64 = single ? NULL : many, .f32 = single ? many_f32 : NULL};
    CHECK_OK(c, ml_covariance(c, &rows, mean, covariance));
    for (int j = 0; j < COLUMNS; j += 23)
      for (int k = 0; k < COLUMNS; k += 17) {
        double sum = 0;
        for (int i = 0; i < N; i++) sum += (many[i * COLUMNS + j] - mean[j]) * (many[i * COLUMNS + k] - mean[k]);
        CHECK_CLOSE(covariance[j * COLUMNS + k], sum / (N - 1), single ? 1e-6 : 1e-14);
      }
  }
}

static void test_a_covariance_with_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  double mean[COLUMNS];
  ml_rows rows = {.n = N, .p = COLUMNS, .f32 = many_f32};
  ml_alloc_fail_at(1, true);
  CHECK_INT(ml_covariance(c, &rows, mean, covariance), ML_OUT_OF_MEMORY);
  ml_alloc_fail_at(0, false);
  CHECK_INT(ml_alloc_statistics().live, live);
}

/* Classes by the sum of a row, one-hot fields beside the numbers. */
enum { FIELDS = 20 };
static double wide[N * (P + FIELDS)], target[N];
static int64_t class_of[N];

static ml_rows wide_rows(bool weighted) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < P; j++) wide[i * (P + FIELDS) + j] = x[i * P + j];
    for (int j = 0; j < FIELDS; j++) wide[i * (P + FIELDS) + P + j] = i % FIELDS == j ? (weighted ? 2 : 1) : 0;
    class_of[i] = x[i * P] + x[i * P + 1] + sin(13.0 * i) > (i % FIELDS) * 0.1 - 1;
    target[i] = (double)class_of[i];
  }
  return (ml_rows){.n = N, .p = P + FIELDS, .f64 = wide, .weight = weighted ? weight : NULL};
}

static double nb[64], ng[64], nh[64 * 64];

static ml_status newton(const ml_rows *rows, ml_link link, ml_newton *out) {
  ml_design d = {0};
  ML_TRY(ml_design_make(c, rows, true, &d));
  memset(nb, 0, sizeof nb);
  *out = (ml_newton){.d = &d, .link = link, .y = target, .weight = rows->weight, .penalty = 1, .tolerance = 1e-12, .most = 50, .b = nb, .gradient = ng, .hessian = nh};
  ml_status status = ml_newton_solve(c, out);
  static double by_column[P + FIELDS + 1];
  for (int64_t j = 0; status == ML_OK && j <= rows->p; j++) by_column[j] = nb[d.place[j]];
  memcpy(nb, by_column, sizeof by_column);
  ml_design_free(&d);
  return status;
}

static void test_newton_and_lbfgs_find_the_same_minimum(void) {
  for (int weighted = 0; weighted < 2; weighted++) {
    ml_rows rows = wide_rows(weighted);
    ml_newton s;
    CHECK_OK(c, newton(&rows, ML_LOGISTIC, &s));
    CHECK(s.converged);
    static double other[P + FIELDS + 1];
    memset(other, 0, sizeof other);
    ml_softmax l = {.x = rows, .y = class_of, .outputs = 1, .intercept = true, .penalty = 1, .tolerance = 1e-10, .most = 1000, .b = other};
    CHECK_OK(c, ml_softmax_solve(c, &l));
    CHECK(l.converged);
    CHECK_CLOSE(l.loss, s.loss, 1e-7 * s.loss);
    for (int j = 0; j <= P + FIELDS; j++) CHECK_CLOSE(other[j], nb[j], 1e-5);
  }
}

/* Where a coefficient is 0 its slope is at most the penalty, elsewhere it is the penalty. */
static void test_a_penalty_of_sizes_leaves_an_optimum_with_zeros(void) {
  ml_rows rows = wide_rows(true);
  ml_design d = {0};
  CHECK_OK(c, ml_design_make(c, &rows, true, &d));
  memset(nb, 0, sizeof nb);
  ml_newton s = {.d = &d, .link = ML_LOGISTIC, .y = target, .weight = weight, .ones = 10, .tolerance = 1e-15, .most = 50, .b = nb, .gradient = ng, .hessian = nh};
  CHECK_OK(c, ml_newton_solve(c, &s));
  CHECK(s.converged);
  s.most = 0; /* the gradient where it stands */
  CHECK_OK(c, ml_newton_solve(c, &s));
  int zeros = 0;
  for (int64_t j = 0; j < ml_design_places(&d); j++) {
    double by = d.column[j] < 0 || d.column[j] == d.p ? 0 : 10;
    if (nb[j] == 0) CHECK(fabs(ng[j]) <= by + 1e-6), zeros += d.column[j] >= 0;
    else CHECK_CLOSE(ng[j], -copysign(by, nb[j]), 1e-5);
  }
  CHECK(zeros > 3);
  ml_design_free(&d);
}

static double multi_b[3 * (P + FIELDS + 1)];
static int64_t three_of[N];

static ml_status several(const ml_rows *rows, bool intercept, ml_multinomial *s) {
  memset(multi_b, 0, sizeof multi_b);
  for (int i = 0; i < N; i++) three_of[i] = (class_of[i] + i % 2) % 3;
  *s = (ml_multinomial){.x = *rows, .y = three_of, .classes = 3, .intercept = intercept, .penalty = 1, .tolerance = 1e-15, .most = 50, .b = multi_b};
  return ml_multinomial_solve(c, s);
}

static void test_several_classes_end_where_gradients_lead(void) {
  for (int k = 0; k < 4; k++) {
    ml_rows rows = wide_rows(k % 2);
    ml_multinomial s;
    CHECK_OK(c, several(&rows, k < 2, &s));
    CHECK(s.converged);
    static double other[3 * (P + FIELDS + 1)];
    memset(other, 0, sizeof other);
    ml_softmax l = {.x = rows, .y = three_of, .outputs = 3, .intercept = k < 2, .penalty = 1, .tolerance = 1e-11, .most = 2000, .b = other};
    CHECK_OK(c, ml_softmax_solve(c, &l));
    CHECK_CLOSE(l.loss, s.loss, 1e-9 * s.loss);
    double sum = 0;
    for (int j = 0; j < 3 * (P + FIELDS + 1); j++) CHECK_CLOSE(other[j], multi_b[j], 1e-6);
    for (int m = 0; m < 3; m++) sum += multi_b[m * (P + FIELDS + 1)];
    CHECK_CLOSE(sum, 0, 1e-12);
  }
}

static void test_several_classes_with_a_failing_allocation_leak_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  ml_rows rows = wide_rows(true);
  for (uint64_t n = 1; status != ML_OK && n < 500; n++) {
    ml_multinomial s;
    ml_alloc_fail_at(n, true);
    status = several(&rows, true, &s);
    ml_alloc_fail_at(0, false);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK_INT(status, ML_OK);
}

static double lasso_b[P + FIELDS + 1];

static ml_status columns_one_by_one(const ml_rows *rows, ml_logistic_lasso *s) {
  ml_column_entries e;
  ml_status status = ml_column_entries_make(c, rows, &e);
  if (status != ML_OK) return status;
  memset(lasso_b, 0, sizeof lasso_b);
  *s = (ml_logistic_lasso){.x = &e, .y = target, .weight = rows->weight, .penalty = 2, .ones = 10, .intercept = true, .tolerance = 1e-10, .most = 50, .b = lasso_b};
  status = ml_logistic_lasso_solve(c, s);
  ml_column_entries_free(&e);
  return status;
}

static void test_one_coefficient_after_the_other_ends_where_the_hessian_leads(void) {
  for (int weighted = 0; weighted < 2; weighted++) {
    ml_rows rows = wide_rows(weighted);
    ml_design d = {0};
    CHECK_OK(c, ml_design_make(c, &rows, true, &d));
    memset(nb, 0, sizeof nb);
    ml_newton s = {.d = &d, .link = ML_LOGISTIC, .y = target, .weight = rows.weight, .penalty = 2, .ones = 10, .tolerance = 1e-15, .most = 50, .b = nb, .gradient = ng, .hessian = nh};
    CHECK_OK(c, ml_newton_solve(c, &s));
    ml_logistic_lasso l;
    CHECK_OK(c, columns_one_by_one(&rows, &l));
    CHECK(l.converged && l.largest <= 1e-10);
    CHECK_CLOSE(l.loss, s.loss, 1e-10 * s.loss);
    for (int64_t j = 0; j <= P + FIELDS; j++) CHECK_CLOSE(lasso_b[j], nb[d.place[j]], 1e-6);
    ml_design_free(&d);
  }
}

/* Where all probabilities are nearly 1 a whole step leads a thousand times too far. */
static void test_a_far_start_ends_at_the_same_minimum(void) {
  ml_rows rows = wide_rows(false);
  ml_column_entries e;
  static double near[P + FIELDS + 1], far[P + FIELDS + 1];
  memset(near, 0, sizeof near), memset(far, 0, sizeof far);
  far[P + FIELDS] = 9;
  CHECK_OK(c, ml_column_entries_make(c, &rows, &e));
  for (int k = 0; k < 2; k++) {
    ml_logistic_lasso s = {.x = &e, .y = target, .penalty = 2, .ones = 10, .intercept = true, .tolerance = 1e-10, .most = 200, .b = k ? far : near};
    CHECK_OK(c, ml_logistic_lasso_solve(c, &s));
    CHECK(s.converged);
  }
  ml_column_entries_free(&e);
  for (int j = 0; j <= P + FIELDS; j++) CHECK_CLOSE(near[j], far[j], 1e-6);
  ml_design d = {0};
  CHECK_OK(c, ml_design_make(c, &rows, true, &d));
  memset(nb, 0, sizeof nb);
  nb[d.place[P + FIELDS]] = 9;
  ml_newton s = {.d = &d, .link = ML_LOGISTIC, .y = target, .penalty = 2, .ones = 10, .tolerance = 1e-15, .most = 200, .b = nb, .gradient = ng, .hessian = nh};
  CHECK_OK(c, ml_newton_solve(c, &s));
  CHECK(s.converged);
  for (int64_t j = 0; j <= P + FIELDS; j++) CHECK_CLOSE(near[j], nb[d.place[j]], 1e-6);
  ml_design_free(&d);
}

static void test_one_coefficient_after_the_other_with_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  ml_rows rows = wide_rows(true);
  for (uint64_t n = 1; status != ML_OK && n < 10; n++) {
    ml_logistic_lasso l;
    ml_alloc_fail_at(n, true);
    status = columns_one_by_one(&rows, &l);
    ml_alloc_fail_at(0, false);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK_INT(status, ML_OK);
}

static void test_counts_without_columns_that_tell_anything_have_their_mean(void) {
  ml_rows rows = wide_rows(false);
  memset(wide, 0, sizeof wide);
  double sum = 0;
  for (int i = 0; i < N; i++) sum += target[i] = i % 4;
  ml_newton s;
  CHECK_OK(c, newton(&rows, ML_POISSON, &s));
  CHECK_CLOSE(nb[P + FIELDS], log(sum / N), 1e-10);
}

static void test_newton_with_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  ml_rows rows = wide_rows(true);
  for (uint64_t n = 1; status != ML_OK && n < 40; n++) {
    ml_newton s;
    ml_alloc_fail_at(n, true);
    status = newton(&rows, ML_LOGISTIC, &s);
    ml_alloc_fail_at(0, false);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK_INT(status, ML_OK);
  static double b3[3 * (P + FIELDS + 1)];
  status = ML_OUT_OF_MEMORY;
  for (uint64_t n = 1; status != ML_OK && n < 40; n++) {
    ml_softmax l = {.x = rows, .y = class_of, .outputs = 3, .intercept = true, .penalty = 1, .most = 3, .b = b3};
    ml_alloc_fail_at(n, true);
    status = ml_softmax_solve(c, &l);
    ml_alloc_fail_at(0, false);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK_INT(status, ML_OK);
}

static double path_w[8 * P], path_b[8], path_gap[8], path_alphas[8];

static ml_status run_path(ml_coordinate *s) {
  *s = (ml_coordinate){.x = {.n = N, .p = P, .f64 = x, .weight = weight}, .y = y, .intercept = true, .count = 8, .alphas = path_alphas, .shortest = 1e-8,
                       .l1_ratio = 1, .tolerance = 1e-14, .most = 1000, .w = path_w, .intercepts = path_b, .gaps = path_gap};
  memset(path_alphas, 0, sizeof path_alphas);
  return ml_coordinate_path(c, s);
}

static void test_a_path_begins_with_nothing_and_ends_at_least_squares(void) {
  ml_coordinate s;
  CHECK_OK(c, run_path(&s));
  CHECK(s.converged);
  const double expected[] = {2, -1, 0.5};
  for (int j = 0; j < P; j++) {
    CHECK_CLOSE(path_w[j], 0, 1e-15);
    CHECK_CLOSE(path_w[7 * P + j], expected[j], 1e-6);
  }
  CHECK_CLOSE(path_b[7], 7, 1e-6);
}

static void test_a_path_with_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  for (uint64_t n = 1; status != ML_OK && n < 40; n++) {
    ml_coordinate s;
    ml_alloc_fail_at(n, true);
    status = run_path(&s);
    ml_alloc_fail_at(0, false);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK_INT(status, ML_OK);
}

static void test_the_first_number_that_is_none_or_too_large_is_found(void) {
  ml_rows rows = {.n = N, .p = P, .f64 = x};
  int64_t row, at;
  CHECK_OK(c, ml_rows_bounded(c, &rows, &row, &at));
  CHECK_INT(row, N);
  x[500 * P + 1] = NAN, x[600 * P] = INFINITY;
  CHECK_OK(c, ml_rows_bounded(c, &rows, &row, &at));
  CHECK_INT(row, 500);
  CHECK_INT(at, 1);
  fill();
  x[7 * P] = -0x1p499, x[9 * P + 2] = -0x1p500;
  CHECK_OK(c, ml_rows_bounded(c, &rows, &row, &at));
  CHECK_INT(row, 9);
  CHECK_INT(at, 2);
  fill();
}

int main(void) {
  ml_context_init(c);
  fill();
  test_least_squares_find_what_the_rows_were_made_of();
  test_a_column_that_depends_on_others_lowers_the_rank();
  test_ridge_of_one_column_is_a_quotient();
  test_ridge_by_products_is_that_of_the_triangle();
  test_centred_triangles_have_the_means_that_were_taken_off();
  test_covariances_are_those_of_the_definition();
  test_a_covariance_with_a_failing_allocation_leaks_nothing();
  test_a_failing_allocation_leaks_nothing();
  test_the_first_number_that_is_none_or_too_large_is_found();
  test_newton_and_lbfgs_find_the_same_minimum();
  test_a_penalty_of_sizes_leaves_an_optimum_with_zeros();
  test_several_classes_end_where_gradients_lead();
  test_several_classes_with_a_failing_allocation_leak_nothing();
  test_one_coefficient_after_the_other_ends_where_the_hessian_leads();
  test_a_far_start_ends_at_the_same_minimum();
  test_one_coefficient_after_the_other_with_a_failing_allocation_leaks_nothing();
  test_counts_without_columns_that_tell_anything_have_their_mean();
  test_newton_with_a_failing_allocation_leaks_nothing();
  test_a_path_begins_with_nothing_and_ends_at_least_squares();
  test_a_path_with_a_failing_allocation_leaks_nothing();
  return check_report();
}
