/* The caching allocator.
 *
 * Sizes are rounded up to classes: eight steps between powers of two, so at most an eighth is wasted. A freed block goes
 * to the list of its class and is handed out again first. Nothing is given back to the system except on request or when
 * the system refuses: the largest step of a training decides the footprint, and after it nothing is asked for.
 * Small blocks are cut from slabs, which stay. Under the address sanitizer every block is the system's, so that it sees each
 * use after free. */

#include "tensor/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
  STEPS_LOG2 = 3, STEPS = 1 << STEPS_LOG2,
  MIN_LOG2 = 6,
  MAX_LOG2 = 46,
  CLASSES = (MAX_LOG2 - MIN_LOG2) * STEPS + 1,
  SMALL = 1024, /* the largest block that is cut from a slab */
  SLAB = 64 * 1024,
};

#if defined(__SANITIZE_ADDRESS__)
enum { CACHE = 0 };
#else
enum { CACHE = 1 };
#endif

typedef struct block {
  struct block *next;
} block;

static struct {
  block *list[CLASSES];
  ml_alloc_stats stats;
  size_t limit;
  uint64_t fail_at; /* the value of stats.calls that fails; 0: none */
  bool fail_for_ever;
} heap;

/* The class of a size, and the bytes of its blocks. */
static int size_class(size_t bytes, size_t *rounded) {
  if (bytes <= (size_t)1 << MIN_LOG2) {
    *rounded = (size_t)1 << MIN_LOG2;
    return 0;
  }
  int log2 = 63 - __builtin_clzll((unsigned long long)(bytes - 1)); /* 2^log2 < bytes <= 2^(log2+1) */
  size_t base = (size_t)1 << log2, step = base / STEPS;
  size_t k = (bytes - base + step - 1) >> (log2 - STEPS_LOG2); /* 1..STEPS, without a division */
  *rounded = (base + k * step + 63) & ~(size_t)63;
  return (log2 - MIN_LOG2) * STEPS + (int)k;
}

static size_t class_size(int k) {
  if (k == 0) return (size_t)1 << MIN_LOG2;
  size_t base = (size_t)1 << (MIN_LOG2 + (k - 1) / STEPS);
  return (base + (size_t)((k - 1) % STEPS + 1) * (base / STEPS) + 63) & ~(size_t)63;
}

static bool is_small(size_t rounded) { return CACHE && rounded <= SMALL; }

static bool injected_failure(void) {
  if (heap.fail_at == 0 || heap.stats.calls < heap.fail_at) return false;
  return heap.fail_for_ever || heap.stats.calls == heap.fail_at;
}

static void *system_block(size_t bytes) {
  void *p = NULL;
  heap.stats.system_calls++;
  if (posix_memalign(&p, 64, bytes) == 0) return p;
  ml_alloc_release_cache();
  return posix_memalign(&p, 64, bytes) == 0 ? p : NULL;
}

/* Cuts a slab into blocks of one class; the first is the result, the others are kept for later. */
static void *cut_slab(int k, size_t rounded) {
  char *slab = system_block(SLAB);
  if (!slab) return NULL;
  for (size_t at = (SLAB / rounded - 1) * rounded; at > 0; at -= rounded) {
    block *b = (block *)(slab + at);
    b->next = heap.list[k];
    heap.list[k] = b;
    heap.stats.cached += rounded;
  }
  return slab;
}

void *ml_alloc(size_t bytes) {
  heap.stats.calls++;
  if (bytes > (size_t)1 << MAX_LOG2 || injected_failure()) return NULL;
  size_t rounded;
  int k = size_class(bytes, &rounded);
  if (heap.limit && heap.stats.live + rounded > heap.limit) return NULL;
  void *p;
  if (heap.list[k]) {
    p = heap.list[k];
    heap.list[k] = heap.list[k]->next;
    heap.stats.cached -= rounded;
  } else {
    p = is_small(rounded) ? cut_slab(k, rounded) : system_block(rounded);
    if (!p) return NULL;
  }
  heap.stats.live += rounded;
  if (heap.stats.live > heap.stats.peak) heap.stats.peak = heap.stats.live;
  return p;
}

void ml_free(void *p, size_t bytes) {
  if (!p) return;
  size_t rounded;
  int k = size_class(bytes, &rounded);
  heap.stats.live -= rounded;
  if (!CACHE) {
    free(p);
    return;
  }
  block *b = p;
  b->next = heap.list[k];
  heap.list[k] = b;
  heap.stats.cached += rounded;
}

ml_status ml_alloc_checked(ml_context *c, size_t bytes, void **out) {
  *out = ml_alloc(bytes);
  if (*out) return ML_OK;
  return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory: %.1f MB more were asked for, %.1f MB are in use",
                    (double)bytes / 1e6, (double)heap.stats.live / 1e6);
}

ml_status ml_alloc_grow(ml_context *c, void **grown, size_t *room, size_t used, size_t more) {
  void *moved;
  size_t larger = 2 * *room + more + 256;
  ML_TRY(ml_alloc_checked(c, larger, &moved));
  if (used > 0) memcpy(moved, *grown, used);
  ml_free(*grown, *room);
  *grown = moved;
  *room = larger;
  return ML_OK;
}

ml_alloc_stats ml_alloc_statistics(void) { return heap.stats; }
void ml_alloc_reset_peak(void) { heap.stats.peak = heap.stats.live; }
void ml_alloc_set_limit(size_t bytes) { heap.limit = bytes; }
size_t ml_alloc_room(void) {
  if (heap.limit == 0) return SIZE_MAX;
  return heap.stats.live < heap.limit ? heap.limit - heap.stats.live : 0;
}

void ml_alloc_release_cache(void) {
  for (int k = 0; k < CLASSES; k++) {
    size_t bytes = class_size(k);
    if (is_small(bytes)) continue; /* parts of slabs stay */
    while (heap.list[k]) {
      block *b = heap.list[k];
      heap.list[k] = b->next;
      heap.stats.cached -= bytes;
      free(b);
    }
  }
}

void ml_alloc_fail_at(uint64_t n, bool for_ever) {
  heap.fail_at = n ? heap.stats.calls + n : 0;
  heap.fail_for_ever = for_ever;
}
