/* Memory for C libraries. See library_memory.h. Each block has its size in front. */

#include "tensor/io/library_memory.h"

#include <stdint.h>
#include <string.h>

#include "tensor/alloc.h"

enum { PREFIX = 64 }; /* keeps the block aligned as ml_alloc gives it */

void *ml_library_alloc(size_t bytes) {
  if (bytes > SIZE_MAX - PREFIX) return NULL;
  char *block = ml_alloc(bytes + PREFIX);
  if (!block) return NULL;
  memcpy(block, &bytes, sizeof bytes);
  return block + PREFIX;
}

size_t ml_library_size(const void *address) {
  size_t bytes;
  memcpy(&bytes, (const char *)address - PREFIX, sizeof bytes);
  return bytes;
}

void ml_library_free(void *address) {
  if (address) ml_free((char *)address - PREFIX, ml_library_size(address) + PREFIX);
}

void *ml_library_realloc(void *address, size_t bytes) {
  void *fresh = ml_library_alloc(bytes);
  if (!fresh || !address) return fresh;
  size_t old = ml_library_size(address);
  memcpy(fresh, address, old < bytes ? old : bytes);
  ml_library_free(address);
  return fresh;
}

void *ml_zlib_alloc(void *opaque, unsigned items, unsigned size) {
  (void)opaque;
  return ml_library_alloc((size_t)items * size);
}

void ml_zlib_free(void *opaque, void *address) {
  (void)opaque;
  ml_library_free(address);
}
