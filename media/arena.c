#include "media/arena.h"

#include <stdlib.h>

#include "tensor/alloc.h"

enum { ALIGNMENT = 64, FIRST_CHUNK = 256 * 1024 };

struct ml_arena_chunk {
  _Alignas(ALIGNMENT) ml_arena_chunk *older;
  size_t bytes;
};

static void give_back(const ml_arena *a, ml_arena_chunk *chunk) {
  if (a->threads)
    free(chunk);
  else
    ml_free(chunk, chunk->bytes);
}

static void *system_chunk(const ml_arena *a, size_t bytes) {
  void *block = NULL;
  if (!a->threads) return ml_alloc(bytes);
  return posix_memalign(&block, ALIGNMENT, bytes) == 0 ? block : NULL;
}

/* A new chunk with room for `bytes`. */
static bool add_chunk(ml_arena *a, size_t bytes) {
  size_t wanted = sizeof(ml_arena_chunk) + (bytes < FIRST_CHUNK ? FIRST_CHUNK : bytes);
  if (a->limit && (wanted > a->limit || a->taken > a->limit - wanted)) return false;
  ml_arena_chunk *chunk = system_chunk(a, wanted);
  if (!chunk) return false;
  *chunk = (ml_arena_chunk){a->chunks, wanted};
  a->chunks = chunk;
  a->taken += wanted;
  a->at = (char *)(chunk + 1);
  a->left = wanted - sizeof *chunk;
  return true;
}

void *ml_arena_take(ml_arena *a, size_t bytes) {
  if (bytes > SIZE_MAX / 2) return NULL;
  bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (bytes > a->left && !add_chunk(a, bytes)) return NULL;
  void *block = a->at;
  a->at += bytes;
  a->left -= bytes;
  return block;
}

/* Gives back the chunks from this one on. */
static void drop_from(ml_arena *a, ml_arena_chunk *chunk) {
  while (chunk) {
    ml_arena_chunk *older = chunk->older;
    a->taken -= chunk->bytes;
    give_back(a, chunk);
    chunk = older;
  }
}

void ml_arena_drop(ml_arena *a) {
  drop_from(a, a->chunks);
  a->chunks = NULL;
  a->at = NULL;
  a->left = 0;
}

void ml_arena_reset(ml_arena *a) {
  ml_arena_chunk *newest = a->chunks;
  if (!newest) return;
  drop_from(a, newest->older);
  newest->older = NULL;
  a->at = (char *)(newest + 1);
  a->left = newest->bytes - sizeof *newest;
}
