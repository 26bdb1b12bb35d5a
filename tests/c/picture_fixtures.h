/* The files and pixels of tests/fixtures/make_pictures.py. */
#ifndef TEST_PICTURE_FIXTURES_H
#define TEST_PICTURE_FIXTURES_H

#include <stdlib.h>

#include "media/picture.h"
#include "tensor/io/safetensors.h"
#include "tests/c/check.h"

static ml_context context;
static ml_safetensors fixtures;

/* False (and a failure) if they can't be read. */
static bool load_fixtures(void) {
  ml_context_init(&context);
  CHECK_OK(&context, ml_safetensors_load(&context, "tests/fixtures/pictures.safetensors", &fixtures));
  return fixtures.count > 0;
}

static const ml_tensor *fixture(const char *name) {
  for (int64_t i = 0; i < fixtures.count; i++)
    if (strcmp(fixtures.tensors[i].name.text, name) == 0) return fixtures.tensors[i].tensor;
  fprintf(stderr, "there is no fixture %s\n", name);
  abort();
}

/* Whether a name is that of a file, not of pixels. */
__attribute__((unused)) static bool is_file(const char *name) { return strpbrk(name, "=:") == NULL; }

/* x [C, H, W] of any strides against expected [H, W, C]; the first pixel that is further off is told. */
__attribute__((unused)) static void check_pixels(const char *name, const ml_tensor *x, const ml_tensor *expected, int tolerance) {
  const uint8_t *p = ml_data(x), *e = ml_data(expected);
  int64_t h = ml_size(expected, 0), w = ml_size(expected, 1), channels = ml_size(expected, 2);
  bool right_shape = ml_size(x, 0) == channels && ml_size(x, 1) == h && ml_size(x, 2) == w;
  check_record(right_shape, __FILE__, __LINE__, "%s: %s, expected [H, W, C] %s", name, ML_SHAPE(&x->shape), ML_SHAPE(&expected->shape));
  if (!right_shape) return;
  for (int64_t i = 0; i < h; i++)
    for (int64_t j = 0; j < w; j++)
      for (int64_t k = 0; k < channels; k++, e++) {
        uint8_t got = p[k * x->stride[0] + i * x->stride[1] + j * x->stride[2]];
        if (abs(got - *e) <= tolerance) continue;
        check_record(false, __FILE__, __LINE__, "%s: channel %d of pixel (%d, %d) is %d, expected %d", name, (int)k, (int)i, (int)j, got, *e);
        return;
      }
  check_record(true, __FILE__, __LINE__, "%s", name);
}

#endif
