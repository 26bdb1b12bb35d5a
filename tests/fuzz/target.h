/* What the fuzz targets share. A target reads one input as a file would be read, and aborts where that breaks a promise: a status
 * other than right or bad data, memory that is not given back.
 *
 *     make fuzz && build/fuzz/npy tests/fuzz/corpus/npy -max_total_time=60 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tensor/alloc.h"
#include "tensor/context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef ml_status (*fuzz_read)(ml_context *c, const char *path);

/* Reads the bytes as a file in memory. */
static int fuzz_run(const uint8_t *data, size_t size, fuzz_read read) {
  static ml_context c;
  static int fd = -1;
  static char path[32];
  if (fd < 0) {
    ml_context_init(&c);
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  }
  if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size) abort();
  size_t live = ml_alloc_statistics().live;
  ml_status status = read(&c, path);
  if ((status != ML_OK && status != ML_BAD_DATA) || ml_alloc_statistics().live != live) {
    fprintf(stderr, "status %d (%s), %zd bytes kept\n", (int)status, c.message, (ssize_t)(ml_alloc_statistics().live - live));
    abort();
  }
  return 0;
}

#endif
