/* The caching allocator: alignment, classes, blocks handed out again, the limit, failures on request, and that work which
 * repeats itself asks the system for nothing. */

#include "tests/c/tensors.h"

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
enum { CACHES = 0 }; /* under the sanitizer every block is the system's */
#else
enum { CACHES = 1 };
#endif

static void test_blocks_are_aligned_and_large_enough(void) {
  ml_alloc_stats before = ml_alloc_statistics();
  for (size_t bytes = 0; bytes < 70000; bytes += bytes < 300 ? 1 : bytes / 7) {
    char *p = ml_alloc(bytes);
    CHECK(p != NULL && (uintptr_t)p % 64 == 0);
    memset(p, 1, bytes); /* the sanitizer sees a block that is too small */
    size_t used = ml_alloc_statistics().live - before.live;
    check_record(used >= bytes && used <= bytes + bytes / 8 + 64, __FILE__, __LINE__, "%zu bytes take %zu", bytes, used);
    ml_free(p, bytes);
    CHECK_INT(ml_alloc_statistics().live, before.live);
  }
  ml_free(NULL, 12); /* is fine */
}

static void test_a_freed_block_is_handed_out_again(void) {
  if (!CACHES) return;
  for (size_t bytes = 1; bytes < (size_t)1 << 22; bytes = bytes * 3 + 1) {
    void *p = ml_alloc(bytes);
    ml_free(p, bytes);
    ml_alloc_stats before = ml_alloc_statistics();
    void *q = ml_alloc(bytes);
    CHECK(q == p);
    ml_alloc_stats after = ml_alloc_statistics();
    CHECK_INT(after.system_calls, before.system_calls);
    CHECK(after.cached < before.cached && after.cached + after.live == before.cached + before.live);
    ml_free(q, bytes);
  }
}

static void test_statistics_add_up(void) {
  ml_alloc_reset_peak();
  ml_alloc_stats before = ml_alloc_statistics();
  CHECK_INT(before.peak, before.live);
  void *p = ml_alloc(1000), *q = ml_alloc(2000);
  ml_free(p, 1000);
  ml_alloc_stats after = ml_alloc_statistics();
  CHECK_INT(after.calls - before.calls, 2);
  CHECK_INT(after.live - before.live, 2048);
  CHECK_INT(after.peak - before.peak, 1024 + 2048);
  ml_free(q, 2000);
}

static void test_the_cache_can_be_given_back(void) {
  if (!CACHES) return;
  ml_free(ml_alloc(100000), 100000);
  size_t cached = ml_alloc_statistics().cached;
  ml_alloc_release_cache();
  CHECK(ml_alloc_statistics().cached <= cached - 100000);
  uint64_t calls = ml_alloc_statistics().system_calls;
  ml_free(ml_alloc(100000), 100000);
  CHECK_INT(ml_alloc_statistics().system_calls, calls + 1);
}

static void test_the_limit_counts_live_bytes(void) {
  size_t live = ml_alloc_statistics().live;
  ml_alloc_set_limit(live + (1 << 20));
  void *p = ml_alloc(1 << 19), *q = ml_alloc(1 << 19);
  CHECK(p && q);
  CHECK(ml_alloc(1) == NULL);
  void *none;
  char expected[128];
  snprintf(expected, sizeof expected, "out of memory: 2.1 MB more were asked for, %.1f MB are in use", (double)(live + (1 << 20)) / 1e6);
  CHECK_FAILS(c, ML_OUT_OF_MEMORY, expected, ml_alloc_checked(c, 1 << 21, &none));
  ml_free(q, 1 << 19);
  q = ml_alloc(1 << 18);
  CHECK(q != NULL);
  ml_free(p, 1 << 19);
  ml_free(q, 1 << 18);
  ml_alloc_set_limit(0);
  CHECK_INT(ml_alloc_statistics().live, live);
}

static void test_what_no_machine_has_is_refused(void) {
  CHECK(ml_alloc(SIZE_MAX) == NULL);
  CHECK(ml_alloc((size_t)1 << 47) == NULL);
  ml_tensor *x;
  ml_shape huge = {3, {1 << 30, 1 << 30, 1 << 30}}, negative = {2, {3, -1}}, empty_anyway = {3, {1 << 30, 1 << 30, 0}};
  CHECK_FAILS(c, ML_OUT_OF_MEMORY, "a tensor of shape [1073741824, 1073741824, 1073741824] is too large for any memory", ml_empty(c, &huge, ML_FLOAT32, &x));
  CHECK(x == NULL);
  CHECK_FAILS(c, ML_ERROR, "a size can't be negative: [3, -1]", ml_empty(c, &negative, ML_FLOAT32, &x));
  CHECK_OK(c, ml_empty(c, &empty_anyway, ML_FLOAT32, &x));
  ml_release(x);
}

static void test_failures_come_when_they_are_asked_for(void) {
  ml_alloc_fail_at(3, false);
  void *block[5];
  for (int i = 0; i < 5; i++) {
    block[i] = ml_alloc(100);
    CHECK((block[i] == NULL) == (i == 2));
  }
  for (int i = 0; i < 5; i++) ml_free(block[i], 100);
  ml_alloc_fail_at(2, true);
  void *p = ml_alloc(100);
  CHECK(p != NULL);
  CHECK(ml_alloc(100) == NULL && ml_alloc(1) == NULL && ml_alloc(100) == NULL);
  ml_alloc_fail_at(0, false);
  void *q = ml_alloc(100);
  CHECK(q != NULL);
  ml_free(p, 100);
  ml_free(q, 100);
}

/* One step of something like a training: shapes that come back each time, a few of another size in between. */
static void step(int64_t rows) {
  ml_tensor *x = noise(ML_FLOAT32, SHAPE(rows, 100), 1), *w = noise(ML_FLOAT32, SHAPE(100, 30), 2);
  w->requires_grad = true;
  ml_tensor *y = R(ml_tanh(c, R(ml_matmul(c, x, w, OUT)), OUT));
  CHECK_OK(c, ml_backward(c, R(ml_sum(c, R(ml_mul(c, y, y, OUT)), &all_dims, &(sum_options){0}, OUT)), &(ml_backward_options){0}));
  tensors_free();
}

static void test_work_that_repeats_itself_asks_the_system_for_nothing(void) {
  if (!CACHES) return;
  for (int i = 0; i < 2; i++) step(64), step(17);
  ml_alloc_stats before = ml_alloc_statistics();
  for (int i = 0; i < 20; i++) step(64), step(17);
  ml_alloc_stats after = ml_alloc_statistics();
  CHECK_INT(after.system_calls, before.system_calls);
  CHECK(after.calls > before.calls + 100);
  CHECK_INT(after.live, before.live);
  CHECK_INT(after.cached, before.cached);
}

static void test_a_small_tensor_costs_two_allocations(void) {
  uint64_t before = ml_alloc_statistics().calls;
  ml_tensor *x;
  CHECK_OK(c, ml_empty(c, SHAPE(8, 8), ML_FLOAT32, &x));
  CHECK_INT(ml_alloc_statistics().calls - before, 2);
  ml_release(x);
}

int main(void) {
  ml_context_init(c);
  test_blocks_are_aligned_and_large_enough();
  test_a_freed_block_is_handed_out_again();
  test_statistics_add_up();
  test_the_cache_can_be_given_back();
  test_the_limit_counts_live_bytes();
  test_what_no_machine_has_is_refused();
  test_failures_come_when_they_are_asked_for();
  test_work_that_repeats_itself_asks_the_system_for_nothing();
  test_a_small_tensor_costs_two_allocations();
  ml_threads_stop();
  return check_report();
}
