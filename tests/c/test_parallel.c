/* The pool: every piece runs exactly once whatever the number of threads, regions of all sizes one after the other, the
 * pool stopped and started again, interrupts, and threads that sleep when there is nothing to do. */

#include "tests/c/tensors.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 100000 };
static _Atomic int runs[MOST]; /* how often each element was visited */
static _Atomic int wrong;      /* pieces that were cut wrongly */
static int64_t now_n, now_grain;

static void visit(void *arg, int64_t begin, int64_t end) {
  (void)arg;
  if (begin % now_grain != 0 || end - begin > now_grain || end > now_n || begin >= end) atomic_fetch_add(&wrong, 1);
  if (end != now_n && end - begin != now_grain) atomic_fetch_add(&wrong, 1);
  if (ml_thread_index() < 0 || ml_thread_index() >= ml_threads()) atomic_fetch_add(&wrong, 1);
  for (int64_t i = begin; i < end; i++) atomic_fetch_add(&runs[i], 1);
}

static bool region(int64_t n, int64_t grain) {
  now_n = n, now_grain = grain;
  for (int64_t i = 0; i < n; i++) runs[i] = 0;
  if (ml_parallel_for(c, n, grain, visit, NULL) != ML_OK) return false;
  for (int64_t i = 0; i < n; i++) {
    if (runs[i] != 1) return false;
  }
  return wrong == 0;
}

static void test_every_piece_runs_once(void) {
  static const int threads[] = {1, 2, 7};
  for (int t = 0; t < 3; t++) {
    ml_threads_set(threads[t]);
    CHECK_INT(ml_threads(), threads[t]);
    bool right = true;
    for (uint64_t k = 0; k < 3000; k++) {
      int64_t n = ml_random_below(5, k, k % 100 == 0 ? MOST : 300), grain = 1 + ml_random_below(6, k, 40);
      right = right && region(n, grain);
    }
    check_record(right, __FILE__, __LINE__, "%d threads: a piece ran never, twice or cut wrongly", threads[t]);
  }
  CHECK(region(0, 10) && region(1, 1) && region(MOST, 1) && region(MOST, MOST) && region(10, 1000));
}

static void test_the_pool_starts_again_after_it_was_stopped(void) {
  for (int k = 0; k < 60; k++) {
    ml_threads_set(1 + k % 5);
    CHECK(region(1000, 7));
    if (k % 3 == 0) ml_threads_stop();
    CHECK(region(500, 3));
  }
  ml_threads_stop();
  ml_threads_stop(); /* twice is fine */
}

static void test_the_number_of_threads_stays_within_bounds(void) {
  ml_threads_set(0);
  CHECK_INT(ml_threads(), 1);
  ml_threads_set(1000);
  CHECK_INT(ml_threads(), 64);
  ml_threads_set(2);
}

/* Interrupts ------------------------------------------------------------------------------------------------------- */

static _Atomic int visited;
static void interrupt_at_ten(void *arg, int64_t begin, int64_t end) {
  (void)arg, (void)begin, (void)end;
  if (atomic_fetch_add(&visited, 1) == 10) ml_interrupt_set(true);
}

static void test_an_interrupt_ends_a_region_between_pieces(void) {
  static const int threads[] = {1, 2, 7};
  for (int t = 0; t < 3; t++) {
    ml_threads_set(threads[t]);
    visited = 0;
    CHECK_FAILS(c, ML_INTERRUPTED, "interrupted", ml_parallel_for(c, 100000, 1, interrupt_at_ten, NULL));
    CHECK(visited >= 11 && visited <= 11 + threads[t]); /* each may have been inside a piece */
    visited = 100;
    CHECK_FAILS(c, ML_INTERRUPTED, "interrupted", ml_parallel_for(c, 1000, 1, interrupt_at_ten, NULL));
    CHECK_INT(visited, 100); /* nothing begins while the flag is up */
    ml_interrupt_set(false);
    CHECK(region(1000, 7)); /* and all is well afterwards */
  }
}

/* Idle threads ----------------------------------------------------------------------------------------------------- */

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Half a second of sleep may cost the spinning after the last region (1 ms a thread), not half a second of CPU: a bound
 * that no load of the machine can move, since time that others use is not counted. */
static void test_an_idle_pool_uses_no_cpu(void) {
  ml_threads_set(2);
  CHECK(region(1000, 7));
  double before = cpu_seconds();
  nanosleep(&(struct timespec){0, 500000000}, NULL);
  double used = cpu_seconds() - before;
  check_record(used < 0.1, __FILE__, __LINE__, "%.3f s of CPU while idle", used);
  CHECK(region(1000, 7)); /* a thread that sleeps is woken */
}

/* The promise that all of this is for: bits that do not depend on the number of threads. */
static void test_sums_do_not_depend_on_the_number_of_threads(void) {
  ml_tensor *x = noise(ML_FLOAT32, SHAPE(333, 1111), 1), *first = NULL;
  static const int threads[] = {1, 2, 3, 7};
  for (int t = 0; t < 4; t++) {
    ml_threads_set(threads[t]);
    ml_tensor *s = R(ml_sum(c, R(ml_exp(c, x, OUT)), &all_dims, &(sum_options){0}, OUT));
    if (!first) first = s;
    CHECK(memcmp(ml_data(first), ml_data(s), 4) == 0);
  }
  tensors_free();
}

int main(void) {
  ml_context_init(c);
  test_every_piece_runs_once();
  test_the_pool_starts_again_after_it_was_stopped();
  test_the_number_of_threads_stays_within_bounds();
  test_an_interrupt_ends_a_region_between_pieces();
  test_an_idle_pool_uses_no_cpu();
  test_sums_do_not_depend_on_the_number_of_threads();
  ml_threads_stop();
  return check_report();
}
