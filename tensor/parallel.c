/* The thread pool.
 *
 * The pieces of a region are shared out in ranges, one a thread: what stands in the same part of one tensor after the other is worked
 * on by the same thread, in whose cache it still is. Who is done with its own range takes pieces from the others'.
 *
 * A range is a 64-bit ticket: the region's generation above, the next piece below. A thread takes a piece by
 * compare-and-swap on the ticket, which can only succeed while that very region is open; so a worker that wakes late
 * touches nothing. While the fields of a region are written, the tickets are closed (piece = CLOSED). A late worker may read those
 * fields while they are written, and throws away what it read: they are atomic, which costs nothing, in no order but that of the fences.
 *
 * Waking a sleeping thread costs 50 us, a spinning one 1 us: a worker spins for about a millisecond after its last
 * region and then sleeps, so that an idle program uses no CPU. With more threads than processors nobody spins. */

#include "tensor/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 64, SPIN_NANOSECONDS = 1000000 };
#define CLOSED 0xffffffffu

/* In a line of the cache of its own. */
typedef struct range {
  _Alignas(64) _Atomic uint64_t ticket;
} range;

static struct {
  range range[MAX_THREADS];
  _Atomic uint32_t announced; /* the generation of the last region */
  _Atomic int64_t done;
  _Atomic bool stopping;
  _Atomic int sleepers;
  /* the open region */
  _Atomic(ml_parallel_body) body;
  void *_Atomic arg;
  _Atomic int64_t n, grain, pieces;
  _Atomic int ranges;
  _Atomic bool whole; /* goes on when interrupted */

  pthread_mutex_t mutex;
  pthread_cond_t wake;
  pthread_t thread[MAX_THREADS];
  int started; /* workers running, without the caller */
  int wanted;  /* threads in all; 0: not decided */
  bool spins;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static _Atomic bool interrupt_flag;
static _Thread_local int thread_index;

void ml_interrupt_set(bool on) { atomic_store_explicit(&interrupt_flag, on, memory_order_relaxed); }
bool ml_interrupted(void) { return atomic_load_explicit(&interrupt_flag, memory_order_relaxed); }
int ml_thread_index(void) { return thread_index; }

/* A field of the region, read and written in no order. */
#define FIELD(name) atomic_load_explicit(&pool.name, memory_order_relaxed)
#define SET_FIELD(name, value) atomic_store_explicit(&pool.name, value, memory_order_relaxed)

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  sched_yield();
#endif
}

static int64_t nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

int ml_threads(void) {
  if (pool.wanted == 0) {
    const char *text = getenv("MOONLAB_THREADS");
    int n = text ? atoi(text) : 0;
    ml_threads_set(n > 0 ? n : processors());
  }
  return pool.wanted;
}

void ml_threads_set(int n) {
  n = n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
  if (n == pool.wanted) return;
  ml_threads_stop();
  pool.wanted = n;
  pool.spins = n <= processors();
}

/* Takes pieces of a range until there are none. */
static void work_on(int which, uint32_t generation) {
  for (;;) {
    uint64_t t = atomic_load(&pool.range[which].ticket);
    uint32_t piece = (uint32_t)t;
    if ((uint32_t)(t >> 32) != generation || piece == CLOSED) return;
    ml_parallel_body body = FIELD(body);
    void *arg = FIELD(arg);
    int64_t n = FIELD(n), grain = FIELD(grain), beyond = FIELD(pieces) * (which + 1) / FIELD(ranges);
    bool whole = FIELD(whole);
    atomic_thread_fence(memory_order_acquire);
    if ((int64_t)piece >= beyond) return;
    if (!atomic_compare_exchange_weak(&pool.range[which].ticket, &t, t + 1)) continue;
    if (whole || !ml_interrupted()) {
      int64_t begin = piece * grain, end = begin + grain;
      body(arg, begin, end < n ? end : n);
    }
    atomic_fetch_add(&pool.done, 1);
  }
}

/* Its own range first, then the others'. */
static void work(uint32_t generation) {
  int ranges = FIELD(ranges), own = thread_index;
  for (int i = 0; i < ranges; i++) work_on((own + i) % ranges, generation);
}

static void *worker(void *arg) {
  thread_index = (int)(intptr_t)arg;
  uint32_t seen = 0;
  int64_t idle_since = nanoseconds();
  int turns = 0;
  for (;;) {
    uint32_t generation = atomic_load(&pool.announced);
    if (atomic_load(&pool.stopping)) return NULL;
    if (generation != seen) {
      work(generation);
      seen = generation;
      idle_since = nanoseconds();
      continue;
    }
    if (pool.spins && (++turns % 64 != 0 || nanoseconds() - idle_since < SPIN_NANOSECONDS)) {
      pause_briefly();
      continue;
    }
    pthread_mutex_lock(&pool.mutex);
    atomic_fetch_add(&pool.sleepers, 1);
    while (!atomic_load(&pool.stopping) && atomic_load(&pool.announced) == seen) pthread_cond_wait(&pool.wake, &pool.mutex);
    atomic_fetch_sub(&pool.sleepers, 1);
    pthread_mutex_unlock(&pool.mutex);
    idle_since = nanoseconds();
  }
}

static void start_workers(int wanted) {
  while (pool.started < wanted - 1) {
    intptr_t index = pool.started + 1;
    if (pthread_create(&pool.thread[index], NULL, worker, (void *)index) != 0) return; /* fewer threads do it too */
    pool.started++;
  }
}

void ml_threads_stop(void) {
  if (pool.started == 0) return;
  atomic_store(&pool.stopping, true);
  pthread_mutex_lock(&pool.mutex);
  pthread_cond_broadcast(&pool.wake);
  pthread_mutex_unlock(&pool.mutex);
  for (int i = 1; i <= pool.started; i++) pthread_join(pool.thread[i], NULL);
  pool.started = 0;
  atomic_store(&pool.stopping, false);
}

static void run_alone(int64_t n, int64_t grain, ml_parallel_body body, void *arg, bool whole) {
  for (int64_t begin = 0; begin < n && (whole || !ml_interrupted()); begin += grain)
    body(arg, begin, begin + grain < n ? begin + grain : n);
}

static void open_region(int64_t n, int64_t grain, ml_parallel_body body, void *arg, bool whole) {
  uint64_t generation = atomic_load(&pool.announced) + 1u, above = (generation & 0xffffffffu) << 32;
  int64_t pieces = ml_pieces(n, grain);
  int ranges = pool.started + 1, before = FIELD(ranges);
  for (int i = 0; i < before; i++) atomic_store_explicit(&pool.range[i].ticket, above | CLOSED, memory_order_relaxed);
  atomic_thread_fence(memory_order_seq_cst);
  SET_FIELD(body, body), SET_FIELD(arg, arg), SET_FIELD(n, n), SET_FIELD(grain, grain), SET_FIELD(pieces, pieces);
  SET_FIELD(whole, whole), SET_FIELD(ranges, ranges);
  atomic_store(&pool.done, 0);
  for (int i = 0; i < ranges; i++)
    atomic_store_explicit(&pool.range[i].ticket, above | (uint64_t)(pieces * i / ranges), memory_order_release);
  atomic_store(&pool.announced, (uint32_t)generation);
}

static void run_region(int64_t n, int64_t grain, ml_parallel_body body, void *arg, bool whole) {
  int64_t pieces = ml_pieces(n, grain);
  int threads = ml_threads();
  if (pieces <= 1 || threads == 1) {
    run_alone(n, grain, body, arg, whole);
    return;
  }
  start_workers(threads);
  open_region(n, grain, body, arg, whole);
  if (atomic_load(&pool.sleepers) > 0) {
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
  }
  work(atomic_load(&pool.announced));
  while (atomic_load(&pool.done) < pieces) {
    if (pool.spins) pause_briefly();
    else sched_yield();
  }
}

ml_status ml_parallel_for(ml_context *c, int64_t n, int64_t grain, ml_parallel_body body, void *arg) {
  if (n <= 0) return ML_OK;
  run_region(n, grain, body, arg, false);
  if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
  return ML_OK;
}

void ml_parallel_for_whole(int64_t n, int64_t grain, ml_parallel_body body, void *arg) {
  run_region(n, grain, body, arg, true);
}
