/* Any bytes as an IDX file, plain or gzip. */

#include "tensor/io/idx.h"
#include "tests/fuzz/target.h"

static ml_status read_idx(ml_context *c, const char *path) {
  ml_tensor *x;
  ML_TRY(ml_idx_read(c, path, &x));
  ml_release(x);
  return ML_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, read_idx); }
