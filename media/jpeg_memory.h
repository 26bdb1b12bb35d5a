/* libjpeg's memory from an arena: capped, seen by our allocator's limit and faults, and given back at once.
 *
 * libjpeg makes a manager of its own when a decompressor is created; what that took by then stays with it, all later blocks come from
 * the arena. Its whole-picture arrays lie in memory: the cap stands where libjpeg would want a temporary file. */
#ifndef ML_JPEG_MEMORY_H
#define ML_JPEG_MEMORY_H

#include <stdio.h>

#include <jpeglib.h>

#include "media/arena.h"

typedef struct ml_jpeg_memory {
  struct jpeg_memory_mgr manager; /* first: libjpeg's pointer is one to this */
  struct jpeg_memory_mgr *own;    /* libjpeg's */
  ml_arena *arena;
  jvirt_sarray_ptr samples; /* whole-picture arrays that were asked for */
  jvirt_barray_ptr blocks;
} ml_jpeg_memory;

void ml_jpeg_memory_install(ml_jpeg_memory *m, j_common_ptr cinfo, ml_arena *arena);
/* Before jpeg_destroy. */
void ml_jpeg_memory_remove(ml_jpeg_memory *m, j_common_ptr cinfo);

#endif
