/* Every kind of PNG and JPEG has the pixels that Pillow, or the rules of media/picture.h, give it. */

#include "media/picture.h"
#include "tensor/alloc.h"
#include "tests/c/picture_fixtures.h"

/* "NAME=C" or "NAME=C/HxW": the file NAME read with C channels, at a scale not below H x W. */
static void check_case(const char *name, const ml_tensor *expected) {
  char file[100];
  ml_picture_read_options o = {0};
  size_t length = strcspn(name, "=");
  int height = 0, width = 0;
  if (name[length] == '\0') return;
  snprintf(file, sizeof file, "%.*s", (int)length, name);
  sscanf(name + length, "=%d/%dx%d", &o.channels, &height, &width);
  o.height = height, o.width = width;
  const ml_tensor *bytes = fixture(file);
  ml_tensor *x;
  CHECK_OK(&context, ml_picture_decode(&context, ml_data(bytes), (size_t)ml_count(bytes), file, &o, &x));
  if (x) check_pixels(name, x, expected, 0);
  ml_release(x);
}

static void test_every_kind_has_its_pixels(void) {
  CHECK(fixtures.count > 250);
  for (int64_t i = 0; i < fixtures.count; i++) check_case(fixtures.tensors[i].name.text, fixtures.tensors[i].tensor);
}

static void put_file(const char *path, const ml_tensor *bytes) {
  FILE *f = fopen(path, "wb");
  if (!f) abort();
  fwrite(ml_data(bytes), 1, (size_t)ml_count(bytes), f);
  fclose(f);
}

/* What is told from the header alone is what reading gives. */
static void test_peeking_tells_what_reading_gives(void) {
  char path[] = "/tmp/moonlab-test-picture-XXXXXX";
  int fd = mkstemp(path);
  if (fd < 0) abort();
  for (int64_t i = 0; i < fixtures.count; i++) {
    const char *name = fixtures.tensors[i].name.text;
    size_t length = strcspn(name, "=");
    if (strcmp(name + length, "=0") != 0) continue;
    char file[100];
    ml_picture_size size = {0};
    snprintf(file, sizeof file, "%.*s", (int)length, name);
    put_file(path, fixture(file));
    CHECK_OK(&context, ml_picture_peek(&context, path, &size));
    const ml_tensor *expected = fixtures.tensors[i].tensor;
    bool right = size.height == ml_size(expected, 0) && size.width == ml_size(expected, 1) && size.channels == ml_size(expected, 2);
    check_record(right, __FILE__, __LINE__, "%s: %d x %d x %d, expected %s", file, (int)size.height, (int)size.width, size.channels,
                 ML_SHAPE(&expected->shape));
  }
  remove(path);
}

static void test_wrong_channels_are_refused(void) {
  const ml_tensor *bytes = fixture("jpeg_444");
  ml_tensor *x;
  CHECK_FAILS(&context, ML_ERROR,
              "a picture is read with 1 (gray), 3 (colour) or 4 channels (colour and alpha), or 0 for those it has; got 2",
              ml_picture_decode(&context, ml_data(bytes), (size_t)ml_count(bytes), "x", &(ml_picture_read_options){.channels = 2}, &x));
}

int main(void) {
  size_t live = ml_alloc_statistics().live;
  if (!load_fixtures()) return check_report();
  test_every_kind_has_its_pixels();
  test_peeking_tells_what_reading_gives();
  test_wrong_channels_are_refused();
  ml_safetensors_free(&fixtures);
  CHECK_INT(ml_alloc_statistics().live, live);
  return check_report();
}
