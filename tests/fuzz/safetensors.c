/* Any bytes as a file of weights. */

#include "tensor/io/safetensors.h"
#include "tests/fuzz/target.h"

static ml_status read_weights(ml_context *c, const char *path) {
  ml_safetensors s;
  ML_TRY(ml_safetensors_load(c, path, &s));
  ml_safetensors_free(&s);
  return ML_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, read_weights); }
