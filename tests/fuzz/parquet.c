/* Reads whatever bytes there are as a Parquet file: nothing may crash, hang or take memory without end. The corpus are the files of
 * tests/fixtures/parquet; tests/c/test_parquet.c runs it with changes of a fixed seed. With libFuzzer:
 *
 *     clang -fsanitize=fuzzer,address -std=gnu11 -D_GNU_SOURCE -I. -Ibuild-sanitize/gen tests/fuzz/parquet.c \
 *       build-sanitize/libmoonlab.a ...; ./a.out tests/fixtures/parquet */

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "table/parquet.h"
#include "tensor/alloc.h"

enum { FUZZ_LIMIT = 256 << 20, FUZZ_ROWS = 33, FUZZ_READS = 1000 };

/* The file, some rows at a time. */
static ml_status fuzz_read(ml_context *c, const char *path) {
  ml_parquet *p;
  ml_table t;
  int64_t rows = 1;
  ML_TRY(ml_parquet_open(c, path, &p));
  ml_status status = ML_OK;
  for (int i = 0; i < FUZZ_READS && status == ML_OK && rows > 0; i++) {
    status = ml_parquet_read(c, p, FUZZ_ROWS, &t);
    rows = t.rows;
    ml_table_free(&t);
  }
  ml_parquet_close(p);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ml_context c;
  char path[40];
  ml_context_init(&c);
  int fd = memfd_create("parquet", 0);
  if (fd < 0) return 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  ml_alloc_set_limit(FUZZ_LIMIT);
  if (write(fd, data, size) == (ssize_t)size && fuzz_read(&c, path) == ML_OK) c.message[0] = '\0';
  ml_alloc_set_limit(0);
  close(fd);
  return 0;
}
