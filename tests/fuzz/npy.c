/* Any bytes as a .npy file, or as a .npz file if they begin as one. */

#include "tensor/io/npy.h"
#include "tests/fuzz/target.h"

static ml_status read_npy(ml_context *c, const char *path) {
  ml_tensor *x;
  ML_TRY(ml_npy_read(c, path, &x));
  ml_release(x);
  return ML_OK;
}

static ml_status read_npz(ml_context *c, const char *path) {
  ml_npz z;
  ML_TRY(ml_npz_read(c, path, &z));
  ml_npz_free(&z);
  return ML_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_run(data, size, size > 0 && data[0] == 'P' ? read_npz : read_npy);
}
