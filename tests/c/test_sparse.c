/* Sparse matrices against the same ones with their zeros, and with each allocation failing. */

#include "tensor/sparse.h"
#include "tensor/alloc.h"
#include "tests/c/check.h"

static ml_context context, *const c = &context;

enum { N = 900, P = 40, M = 5000 };
static double expected[N * P], product[N * 2], w[2 * P];
static ml_tensor *row, *column, *value;

static ml_tensor *vector(int64_t n, ml_dtype dtype) {
  ml_shape shape = ml_make_shape(1, n);
  ml_tensor *x;
  CHECK_OK(c, ml_zeros(c, &shape, dtype, &x));
  return x;
}

/* Entries all over the place, several in one place; every third row is empty. */
static void fill(void) {
  row = vector(M, ML_INT64), column = vector(M, ML_INT64), value = vector(M, ML_FLOAT64);
  uint64_t state = 1;
  for (int k = 0; k < M; k++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    int i = (int)((state >> 33) % (N / 3) * 3 + (state >> 60) % 2), j = (int)((state >> 20) % P);
    ml_i64(row)[k] = i + 1, ml_i64(column)[k] = j + 1;
    ml_f64(value)[k] = (double)((int)(state >> 40) % 9 - 4);
    expected[i * P + j] += ml_f64(value)[k];
  }
  for (int j = 0; j < 2 * P; j++) w[j] = j % 7 - 3;
}

static ml_sparse_entry_list list(void) { return (ml_sparse_entry_list){.n = N, .p = P, .row = row, .column = column, .value = value}; }

static ml_tensor *dense_of(const ml_sparse *x) {
  ml_shape shape = ml_make_shape(2, x->n, x->p);
  ml_tensor *y;
  CHECK_OK(c, ml_empty(c, &shape, ML_FLOAT64, &y));
  CHECK_OK(c, ml_sparse_densify(c, x, y));
  return y;
}

static int64_t differing(const double *a, const double *b, int64_t n) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) count += a[i] != b[i];
  return count;
}

static void test_entries_of_one_place_are_added_up_and_zeros_left_out(void) {
  ml_sparse x;
  ml_sparse_entry_list entries = list();
  CHECK_OK(c, ml_sparse_of_entries(c, &entries, &x));
  ml_tensor *y = dense_of(&x);
  CHECK_INT(differing(ml_f64(y), expected, N * P), 0);
  int64_t there = 0;
  for (int i = 0; i < N * P; i++) there += expected[i] != 0;
  CHECK_INT(ml_sparse_entries(&x), there);
  for (int64_t i = 0; i < N; i++)
    for (int64_t k = ml_i64(x.start)[i] + 1; k < ml_i64(x.start)[i + 1]; k++)
      CHECK(((int32_t *)ml_data(x.index))[k - 1] < ((int32_t *)ml_data(x.index))[k]);
  ml_release(y);
  ml_sparse_free(&x);
}

static void test_an_entry_outside_is_refused(void) {
  ml_sparse x;
  for (int k = 0; k < 2; k++) {
    ml_sparse_entry_list entries = list();
    if (k == 0) entries.n = 5;
    else entries.p = 7;
    CHECK(ml_sparse_of_entries(c, &entries, &x) == ML_ERROR);
    CHECK(x.start == NULL);
  }
}

static void test_rows_are_chosen_in_any_order(void) {
  ml_sparse x, y;
  ml_sparse_entry_list entries = list();
  CHECK_OK(c, ml_sparse_of_entries(c, &entries, &x));
  ml_tensor *rows = vector(4, ML_INT64);
  const int64_t wish[] = {N, 1, N, 5};
  for (int i = 0; i < 4; i++) ml_i64(rows)[i] = wish[i];
  CHECK_OK(c, ml_sparse_select(c, &x, rows, &y));
  ml_tensor *dense = dense_of(&y);
  for (int i = 0; i < 4; i++) CHECK_INT(differing(ml_f64(dense) + i * P, expected + (wish[i] - 1) * P, P), 0);
  ml_release(dense);
  ml_sparse_free(&y);
  for (int k = 0; k < 2; k++) {
    ml_i64(rows)[2] = k ? 0 : N + 1;
    CHECK(ml_sparse_select(c, &x, rows, &y) == ML_ERROR);
  }
  ml_release(rows);
  ml_sparse_free(&x);
}

static void test_one_number_a_row_is_one_entry(void) {
  ml_sparse x;
  ml_tensor *number = vector(4, ML_INT64);
  const int64_t place[] = {2, 0, 3, 2};
  memcpy(ml_data(number), place, sizeof place);
  CHECK_OK(c, ml_sparse_one_hot(c, number, 3, &x));
  CHECK_INT(ml_sparse_entries(&x), 3);
  ml_tensor *y = dense_of(&x);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 3; j++) CHECK_INT((int64_t)ml_f64(y)[3 * i + j], place[i] == j + 1);
  ml_release(y);
  ml_sparse_free(&x);
  CHECK(ml_sparse_one_hot(c, number, 2, &x) == ML_ERROR);
  ml_i64(number)[1] = -1;
  CHECK(ml_sparse_one_hot(c, number, 3, &x) == ML_ERROR);
  ml_release(number);
}

static void test_parts_stand_side_by_side(void) {
  ml_sparse x, both;
  ml_sparse_entry_list entries = list();
  CHECK_OK(c, ml_sparse_of_entries(c, &entries, &x));
  ml_tensor *dense = dense_of(&x);
  CHECK_OK(c, ml_sparse_join(c, 3, (ml_sparse_part[]){{.dense = dense}, {.sparse = &x}, {.dense = dense}}, &both));
  CHECK_INT(ml_sparse_entries(&both), 3 * ml_sparse_entries(&x));
  ml_tensor *y = dense_of(&both);
  for (int64_t i = 0; i < N; i++)
    for (int part = 0; part < 3; part++) CHECK_INT(differing(ml_f64(y) + (3 * i + part) * P, expected + i * P, P), 0);
  ml_release(y);
  ml_release(dense);
  ml_sparse_free(&both);
  ml_sparse_free(&x);
}

static void test_products_and_sums_are_those_of_the_whole_matrix(void) {
  ml_sparse x;
  ml_sparse_entry_list entries = list();
  CHECK_OK(c, ml_sparse_of_entries(c, &entries, &x));
  CHECK_OK(c, ml_sparse_product(c, &x, 2, w, product));
  for (int i = 0; i < N; i++)
    for (int l = 0; l < 2; l++) {
      double sum = 0;
      for (int j = 0; j < P; j++) sum += expected[i * P + j] * w[l * P + j];
      CHECK(product[2 * i + l] == sum); /* whole numbers */
    }
  int64_t group[N];
  double weight[N], sums[2 * P], by_hand[2 * P] = {0};
  for (int i = 0; i < N; i++) {
    group[i] = i % 2 + 1, weight[i] = i % 5;
    for (int j = 0; j < P; j++) by_hand[i % 2 * P + j] += weight[i] * expected[i * P + j];
  }
  ml_sparse_sum_groups(&x, group, weight, 2, sums);
  CHECK_INT(differing(sums, by_hand, 2 * P), 0);
  ml_sparse_free(&x);
}

static ml_status all_of_it(void) {
  ml_sparse x = {0}, y = {0}, z = {0};
  ml_sparse_entry_list entries = list();
  ml_status status = ml_sparse_of_entries(c, &entries, &x);
  if (status == ML_OK) status = ml_sparse_scale(c, &x, NULL, w, &y);
  if (status == ML_OK) status = ml_sparse_join(c, 2, (ml_sparse_part[]){{.sparse = &x}, {.sparse = &y}}, &z);
  ml_sparse_free(&x);
  ml_sparse_free(&y);
  ml_sparse_free(&z);
  return status;
}

static void test_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  for (uint64_t n = 1; status != ML_OK && n < 60; n++) {
    ml_alloc_fail_at(n, true);
    status = all_of_it();
    ml_alloc_fail_at(0, false);
    CHECK(status == ML_OK || status == ML_OUT_OF_MEMORY);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  CHECK(status == ML_OK);
}

int main(void) {
  ml_context_init(c);
  fill();
  test_entries_of_one_place_are_added_up_and_zeros_left_out();
  test_an_entry_outside_is_refused();
  test_rows_are_chosen_in_any_order();
  test_one_number_a_row_is_one_entry();
  test_parts_stand_side_by_side();
  test_products_and_sums_are_those_of_the_whole_matrix();
  test_a_failing_allocation_leaks_nothing();
  ml_release(row), ml_release(column), ml_release(value);
  return check_report();
}
