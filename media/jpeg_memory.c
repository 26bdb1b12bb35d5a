#include "media/jpeg_memory.h"

#include <string.h>

#include <jerror.h>

enum { ROW_ALIGNMENT = 64 }; /* libjpeg's vector code reads and writes whole vectors */

struct jvirt_sarray_control {
  jvirt_sarray_ptr next;
  JSAMPARRAY rows; /* NULL until it is made real */
  JDIMENSION width, height;
  boolean zero;
};

struct jvirt_barray_control {
  jvirt_barray_ptr next;
  JBLOCKARRAY rows;
  JDIMENSION width, height;
  boolean zero;
};

static ml_jpeg_memory *memory_of(j_common_ptr cinfo) { return (ml_jpeg_memory *)cinfo->mem; }

static void *take(j_common_ptr cinfo, int pool, size_t bytes) {
  (void)pool;
  void *block = ml_arena_take(memory_of(cinfo)->arena, bytes);
  if (!block) ERREXIT1(cinfo, JERR_OUT_OF_MEMORY, 0);
  return block;
}

/* The pointers to the rows of a [height, bytes] block. */
static void *take_rows(j_common_ptr cinfo, size_t bytes, JDIMENSION height, boolean zero) {
  bytes = (bytes + ROW_ALIGNMENT - 1) & ~(size_t)(ROW_ALIGNMENT - 1);
  char **rows = take(cinfo, 0, height * sizeof *rows), *block = take(cinfo, 0, bytes * height);
  if (zero) memset(block, 0, bytes * height);
  for (JDIMENSION i = 0; i < height; i++) rows[i] = block + bytes * i;
  return rows;
}

static JSAMPARRAY take_samples(j_common_ptr cinfo, int pool, JDIMENSION width, JDIMENSION height) {
  (void)pool;
  return take_rows(cinfo, width * sizeof(JSAMPLE), height, FALSE);
}

static JBLOCKARRAY take_blocks(j_common_ptr cinfo, int pool, JDIMENSION width, JDIMENSION height) {
  (void)pool;
  return take_rows(cinfo, width * sizeof(JBLOCK), height, FALSE);
}

static jvirt_sarray_ptr request_samples(j_common_ptr cinfo, int pool, boolean zero, JDIMENSION width, JDIMENSION height,
                                        JDIMENSION access) {
  (void)access;
  jvirt_sarray_ptr a = take(cinfo, pool, sizeof *a);
  *a = (struct jvirt_sarray_control){memory_of(cinfo)->samples, NULL, width, height, zero};
  return memory_of(cinfo)->samples = a;
}

static jvirt_barray_ptr request_blocks(j_common_ptr cinfo, int pool, boolean zero, JDIMENSION width, JDIMENSION height,
                                       JDIMENSION access) {
  (void)access;
  jvirt_barray_ptr a = take(cinfo, pool, sizeof *a);
  *a = (struct jvirt_barray_control){memory_of(cinfo)->blocks, NULL, width, height, zero};
  return memory_of(cinfo)->blocks = a;
}

static void make_real(j_common_ptr cinfo) {
  for (jvirt_sarray_ptr a = memory_of(cinfo)->samples; a; a = a->next)
    if (!a->rows) a->rows = take_rows(cinfo, a->width * sizeof(JSAMPLE), a->height, a->zero);
  for (jvirt_barray_ptr a = memory_of(cinfo)->blocks; a; a = a->next)
    if (!a->rows) a->rows = take_rows(cinfo, a->width * sizeof(JBLOCK), a->height, a->zero);
}

static void check_access(j_common_ptr cinfo, bool real, JDIMENSION height, JDIMENSION start, JDIMENSION count) {
  if (!real || start > height || count > height - start) ERREXIT(cinfo, JERR_BAD_VIRTUAL_ACCESS);
}

static JSAMPARRAY access_samples(j_common_ptr cinfo, jvirt_sarray_ptr a, JDIMENSION start, JDIMENSION count, boolean write) {
  (void)write;
  check_access(cinfo, a->rows != NULL, a->height, start, count);
  return a->rows + start;
}

static JBLOCKARRAY access_blocks(j_common_ptr cinfo, jvirt_barray_ptr a, JDIMENSION start, JDIMENSION count, boolean write) {
  (void)write;
  check_access(cinfo, a->rows != NULL, a->height, start, count);
  return a->rows + start;
}

/* The arena goes as a whole, after the picture. */
static void free_pool(j_common_ptr cinfo, int pool) {
  (void)cinfo;
  (void)pool;
}

void ml_jpeg_memory_install(ml_jpeg_memory *m, j_common_ptr cinfo, ml_arena *arena) {
  *m = (ml_jpeg_memory){
      .manager = {.alloc_small = take,
                  .alloc_large = take,
                  .alloc_sarray = take_samples,
                  .alloc_barray = take_blocks,
                  .request_virt_sarray = request_samples,
                  .request_virt_barray = request_blocks,
                  .realize_virt_arrays = make_real,
                  .access_virt_sarray = access_samples,
                  .access_virt_barray = access_blocks,
                  .free_pool = free_pool,
                  .self_destruct = cinfo->mem->self_destruct,
                  .max_memory_to_use = cinfo->mem->max_memory_to_use,
                  .max_alloc_chunk = cinfo->mem->max_alloc_chunk},
      .own = cinfo->mem,
      .arena = arena,
  };
  cinfo->mem = &m->manager;
}

void ml_jpeg_memory_remove(ml_jpeg_memory *m, j_common_ptr cinfo) {
  if (m->own) cinfo->mem = m->own;
}
