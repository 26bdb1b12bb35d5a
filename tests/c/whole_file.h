/* A file read whole, for tests that look at what was written. */
#ifndef TEST_WHOLE_FILE_H
#define TEST_WHOLE_FILE_H

#include "tensor/alloc.h"
#include "tensor/io/file.h"

/* The whole file into a new block from ml_alloc, with a zero byte behind it that does not count. The block is to be
 * given back with ml_free(*out, *bytes + 1). A file beyond `limit` bytes is refused before anything is allocated. */
static ml_status read_whole(ml_context *c, const char *path, size_t limit, void **out, size_t *bytes) {
  *out = NULL;
  *bytes = 0;
  ml_file f;
  void *block = NULL;
  ML_TRY(ml_file_open(c, path, &f));
  size_t size = (size_t)f.size;
  ml_status status = ML_OK;
  if (size > limit) status = ml_file_fail(c, path, "has %zu bytes; at most %zu are read", size, limit);
  if (status == ML_OK) status = ml_alloc_checked(c, size + 1, &block);
  if (status == ML_OK) status = ml_file_read(c, &f, 0, block, size);
  ml_file_close(&f);
  if (status != ML_OK) {
    ml_free(block, size + 1);
    return status;
  }
  ((char *)block)[size] = '\0';
  *out = block;
  *bytes = size;
  return ML_OK;
}

#endif
