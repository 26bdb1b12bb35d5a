/* The caching allocator: freed blocks are kept by size class and handed out again, so that a training step in steady
 * state asks the system for nothing. Used by the thread that owns the context only; kernels never allocate. */
#ifndef ML_ALLOC_H
#define ML_ALLOC_H

#include "tensor/context.h"

/* 64-byte aligned, not cleared. NULL when the system or the limit refuses. */
void *ml_alloc(size_t bytes);
void ml_free(void *block, size_t bytes); /* bytes as given to ml_alloc; NULL is fine */

/* The same with the message written. */
ML_CHECKED ml_status ml_alloc_checked(ml_context *c, size_t bytes, void **out);

/* Makes a block larger that has *room bytes, of which `used` are kept: room for at least `more` behind those. *block NULL: a new
 * one. */
ML_CHECKED ml_status ml_alloc_grow(ml_context *c, void **block, size_t *room, size_t used, size_t more);

typedef struct ml_alloc_stats {
  size_t live;            /* bytes handed out now */
  size_t peak;            /* most of it since the start or the last reset */
  size_t cached;          /* bytes kept for later */
  uint64_t calls;         /* ml_alloc calls */
  uint64_t system_calls;  /* those that had to ask the system */
} ml_alloc_stats;

ml_alloc_stats ml_alloc_statistics(void);
void ml_alloc_reset_peak(void);
void ml_alloc_release_cache(void); /* gives cached blocks back to the system */
void ml_alloc_set_limit(size_t bytes); /* live bytes; 0: none */
size_t ml_alloc_room(void);            /* bytes left below the limit; SIZE_MAX if there is none */

/* Fault injection: the n-th allocation from now fails (1: the next), and all after it if `for_ever`. 0: off. */
void ml_alloc_fail_at(uint64_t n, bool for_ever);

#endif
