/* Any bytes as a WAV file. */

#include "media/wav.h"
#include "tests/fuzz/target.h"

static ml_status read_wav(ml_context *c, const char *path) {
  ml_tensor *x;
  ml_wav info;
  ML_TRY(ml_wav_read(c, path, &info, &x));
  ml_release(x);
  return ML_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, read_wav); }
