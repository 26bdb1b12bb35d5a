/* Neighbours and clusters, without Lua: on a line, where the answers are plain, and with each allocation failing. */

#include <math.h>

#include "classical/kmeans.h"
#include "classical/neighbours.h"
#include "tensor/alloc.h"
#include "tests/c/check.h"

static ml_context context, *const c = &context;

enum { N = 1500, M = 3, K = 4 };
static double x[N], distance[M * K], centre[3];
static int64_t row[M * K], label[N];
static const double mean = 700;
static const double q[M] = {7.25, 700.5, -4};

static void fill(void) {
  for (int i = 0; i < N; i++) x[i] = i;
}

static ml_neighbours search(bool city) {
  return (ml_neighbours){.n = N, .m = M, .p = 1, .k = K, .x = x, .q = q, .city = city, .row = row, .distance = distance};
}

static void test_the_nearest_come_in_order_and_of_two_that_are_equally_far_the_first(void) {
  static const int64_t expected[] = {8, 9, 7, 10, 701, 702, 700, 703, 1, 2, 3, 4};
  static const double away[] = {0.25, 0.75, 1.25, 1.75, 0.5, 0.5, 1.5, 1.5, 4, 5, 6, 7};
  for (int city = 0; city < 2; city++) {
    ml_neighbours s = search(city);
    CHECK_OK(c, ml_neighbours_find(c, &s));
    for (int i = 0; i < M * K; i++) {
      CHECK_INT(row[i], expected[i]);
      CHECK_CLOSE(distance[i], away[i], 0);
    }
  }
}

static ml_kmeans clusters(void) {
  for (int i = 0; i < N; i++) x[i] = 1000 * (i % 3) + i % 2;
  return (ml_kmeans){.x = {.n = N, .p = 1, .f64 = x}, .mean = &mean, .k = 3, .centre = centre, .label = label, .tolerance = 0, .most = 50};
}

static void test_clusters_that_are_apart_are_found(void) {
  ml_kmeans s = clusters();
  CHECK_OK(c, ml_kmeans_start(c, &s, 5));
  CHECK_OK(c, ml_kmeans_run(c, &s));
  CHECK(s.converged);
  CHECK_CLOSE(s.inertia, N * 0.25, 1e-9);
  for (int i = 0; i < N; i++) CHECK_CLOSE(mean + centre[label[i] - 1], 1000 * (i % 3) + 0.5, 1e-9);
  fill();
}

static ml_status all(void) {
  ml_neighbours s = search(false);
  ml_status status = ml_neighbours_find(c, &s);
  ml_kmeans k = clusters();
  if (status == ML_OK) status = ml_kmeans_start(c, &k, 5);
  if (status == ML_OK) status = ml_kmeans_run(c, &k);
  fill();
  return status;
}

static void test_a_failing_allocation_leaks_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  ml_status status = ML_OUT_OF_MEMORY;
  for (uint64_t n = 1; status != ML_OK && n < 20; n++) {
    ml_alloc_fail_at(n, true);
    status = all();
    ml_alloc_fail_at(0, false);
    CHECK(ml_alloc_statistics().live == live);
  }
  CHECK_OK(c, status);
}

int main(void) {
  ml_context_init(c);
  fill();
  test_the_nearest_come_in_order_and_of_two_that_are_equally_far_the_first();
  test_clusters_that_are_apart_are_found();
  test_a_failing_allocation_leaks_nothing();
  return check_report();
}
