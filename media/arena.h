/* Memory for one picture: taken piece by piece, given back all at once. What the decoders' libraries allocate comes from here, so
 * that a hostile file meets a cap and a jump out of a library leaks nothing. */
#ifndef ML_ARENA_H
#define ML_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ml_arena_chunk ml_arena_chunk;

typedef struct ml_arena {
  ml_arena_chunk *chunks; /* the newest first */
  char *at;               /* what is free of the newest */
  size_t left;
  size_t taken; /* bytes of all chunks */
  size_t limit; /* most of that; 0: none but the allocator's */
  bool threads; /* used inside a parallel region, where ml_alloc must not be called: the C library's malloc then */
} ml_arena;

/* 64-byte aligned, not cleared. NULL when the cap or the system refuses. */
void *ml_arena_take(ml_arena *a, size_t bytes);
void ml_arena_drop(ml_arena *a);

/* Keeps the newest chunk for the next picture and gives back the others. */
void ml_arena_reset(ml_arena *a);

#endif
