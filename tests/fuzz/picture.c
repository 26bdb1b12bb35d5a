/* Any bytes as a picture file: read strictly, for what there is, in every number of channels, reduced, and peeked at. */

#include "media/picture.h"
#include "tests/fuzz/target.h"

enum { FUZZ_PIXELS = 1 << 16 };

/* Every byte of the result is there to be read. */
static void look_at(const ml_tensor *x) {
  const uint8_t *p = ml_data(x);
  volatile unsigned sum = 0;
  for (int64_t i = 0; i < ml_count(x); i++) sum += p[i];
}

static ml_status read_picture(ml_context *c, const char *path) {
  char damage[ML_PICTURE_DAMAGE];
  ml_picture_size size;
  ml_status last = ml_picture_peek(c, path, &size);
  const ml_picture_read_options kinds[] = {
      {.max_pixels = FUZZ_PIXELS},
      {.max_pixels = FUZZ_PIXELS, .channels = 1, .damage = damage},
      {.max_pixels = FUZZ_PIXELS, .channels = 4, .height = 3, .width = 5, .damage = damage},
  };
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    ml_tensor *x;
    last = ml_picture_read(c, path, &kinds[k], &x);
    if ((last == ML_OK) != (x != NULL)) abort();
    if (x) look_at(x);
    ml_release(x);
    if (last != ML_OK && last != ML_BAD_DATA) return last;
  }
  return last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, read_picture); }
