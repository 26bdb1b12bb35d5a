/* Free lists for small blocks, malloc for the others. */

#include "vm/allocator.h"

#include <lauxlib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 16, SMALL = 256, CLASSES = SMALL / STEP, CHUNK = 32 * 1024 };

typedef struct cell {
  struct cell *next;
} cell;

typedef struct chunk {
  struct chunk *next;
  _Alignas(16) char bytes[];
} chunk;

typedef struct arena {
  cell *list[CLASSES];
  chunk *chunks;
  char *fresh; /* what is left of the newest chunk */
  size_t left;
} arena;

/* Under the address sanitizer each object is malloc's, so that it sees every use after free. */
#if defined(__SANITIZE_ADDRESS__)
static int is_small(size_t n) { return (void)n, 0; }
#else
static int is_small(size_t n) { return n > 0 && n <= SMALL; }
#endif

static void *small_new(arena *a, size_t n) {
  size_t k = (n - 1) / STEP, size = (k + 1) * STEP;
  cell *c = a->list[k];
  if (c) {
    a->list[k] = c->next;
    return c;
  }
  if (a->left < size) {
    chunk *fresh = malloc(sizeof *fresh + CHUNK);
    if (!fresh) return NULL;
    fresh->next = a->chunks;
    a->chunks = fresh;
    a->fresh = fresh->bytes;
    a->left = CHUNK;
  }
  a->left -= size;
  a->fresh += size;
  return a->fresh - size;
}

static void give_back(arena *a, void *p, size_t n) {
  if (!is_small(n)) {
    free(p);
    return;
  }
  cell *c = p;
  size_t k = (n - 1) / STEP;
  c->next = a->list[k];
  a->list[k] = c;
}

static void *allocate(void *ud, void *p, size_t old, size_t n) {
  arena *a = ud;
  if (!p) return n == 0 ? NULL : is_small(n) ? small_new(a, n) : malloc(n); /* old is a type tag then */
  if (n == 0) {
    give_back(a, p, old);
    return NULL;
  }
  if (!is_small(old) && !is_small(n)) return realloc(p, n);
  if (is_small(old) && is_small(n) && (old - 1) / STEP == (n - 1) / STEP) return p;
  void *q = is_small(n) ? small_new(a, n) : malloc(n);
  if (!q) return n < old ? p : NULL; /* Lua relies on it that a block can always shrink */
  memcpy(q, p, old < n ? old : n);
  give_back(a, p, old);
  return q;
}

static int panic(lua_State *L) {
  const char *text = lua_tostring(L, -1);
  fprintf(stderr, "moonlab: error outside of any protected call: %s\n", text ? text : "(not a string)");
  return 0;
}

static void arena_free(arena *a) {
  while (a->chunks) {
    chunk *next = a->chunks->next;
    free(a->chunks);
    a->chunks = next;
  }
  free(a);
}

lua_State *allocator_new_state(void) {
  arena *a = calloc(1, sizeof *a);
  if (!a) return NULL;
  lua_State *L = lua_newstate(allocate, a);
  if (!L) {
    arena_free(a);
    return NULL;
  }
  lua_atpanic(L, panic);
  return L;
}

void allocator_close_state(lua_State *L) {
  void *a;
  lua_getallocf(L, &a);
  lua_close(L);
  arena_free(a);
}
