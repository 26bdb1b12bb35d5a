/* Memory for C libraries that bring no sizes when they free (zlib, Zstandard, SQLite): from our allocator, so that limits
 * and fault injection see it. */
#ifndef ML_LIBRARY_MEMORY_H
#define ML_LIBRARY_MEMORY_H

#include <stddef.h>

void *ml_library_alloc(size_t bytes); /* 64-byte aligned; NULL when there is none */
void *ml_library_realloc(void *address, size_t bytes);
void ml_library_free(void *address); /* NULL is fine */
size_t ml_library_size(const void *address); /* as it was asked for */

/* In zlib's form, for z_stream.zalloc and .zfree. */
void *ml_zlib_alloc(void *opaque, unsigned items, unsigned size);
void ml_zlib_free(void *opaque, void *address);

#endif
