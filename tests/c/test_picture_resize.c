/* Pictures of another size have Pillow's bits, for any strides and any number of threads. */

#include "media/resize.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tests/c/picture_fixtures.h"

static ml_resize_filter filter_named(const char *name) {
  return strcmp(name, "bilinear") == 0 ? ML_BILINEAR : strcmp(name, "nearest") == 0 ? ML_NEAREST : ML_AREA;
}

/* [H, W, C] seen as [C, H, W]. */
static ml_tensor *channels_first(const ml_tensor *x) {
  ml_tensor *y;
  CHECK_OK(&context, ml_alias(&context, x, &y));
  y->shape = ml_make_shape(3, ml_size(x, 2), ml_size(x, 0), ml_size(x, 1));
  y->stride[0] = x->stride[2], y->stride[1] = x->stride[0], y->stride[2] = x->stride[1];
  return y;
}

static void check_size(const char *name, const ml_tensor *expected) {
  char source[60], size[20], filter[20];
  if (sscanf(name, "resize:%20[^:]:%19[^:]:%19s", source, size, filter) != 3) return;
  char whole[80];
  snprintf(whole, sizeof whole, "resize:%s", source);
  ml_tensor *seen = channels_first(fixture(whole)), *planar, *y;
  CHECK_OK(&context, ml_contiguous_unrecorded(&context, seen, &planar));
  const ml_tensor *layouts[] = {seen, planar};
  for (int i = 0; i < 2; i++) {
    CHECK_OK(&context, ml_picture_resize(&context, layouts[i], ml_size(expected, 0), ml_size(expected, 1), filter_named(filter), &y));
    if (y) check_pixels(name, y, expected, 0);
    ml_release(y);
  }
  ml_release(planar);
  ml_release(seen);
}

static void test_every_size_has_pillows_bits(void) {
  int count = 0;
  for (int64_t i = 0; i < fixtures.count; i++) {
    const char *name = fixtures.tensors[i].name.text;
    if (strncmp(name, "resize:", 7) != 0) continue;
    check_size(name, fixtures.tensors[i].tensor);
    count++;
  }
  CHECK(count >= 30);
}

static ml_tensor *resized(const ml_tensor *x, int64_t h, int64_t w, ml_resize_filter filter) {
  ml_tensor *y;
  CHECK_OK(&context, ml_picture_resize(&context, x, h, w, filter, &y));
  if (!y) abort();
  return y;
}

static ml_tensor *pattern(int ndim, int64_t a, int64_t b, int64_t h, int64_t w) {
  ml_shape shape = ndim == 4 ? ml_make_shape(4, a, b, h, w) : ndim == 3 ? ml_make_shape(3, b, h, w) : ml_make_shape(2, h, w);
  ml_tensor *x;
  CHECK_OK(&context, ml_empty(&context, &shape, ML_UINT8, &x));
  if (!x) abort();
  for (int64_t i = 0; i < ml_count(x); i++) ((uint8_t *)ml_data(x))[i] = (uint8_t)(i * i * 7 + 13 * i);
  return x;
}

static bool same(const ml_tensor *x, const ml_tensor *y) {
  ml_tensor *a, *b;
  CHECK_OK(&context, ml_contiguous_unrecorded(&context, x, &a));
  CHECK_OK(&context, ml_contiguous_unrecorded(&context, y, &b));
  bool equal = ml_shape_equal(&a->shape, &b->shape) && memcmp(ml_data(a), ml_data(b), (size_t)ml_count(a)) == 0;
  ml_release(a);
  ml_release(b);
  return equal;
}

static void test_threads_change_nothing(void) {
  ml_tensor *x = pattern(3, 1, 3, 300, 400), *one, *many;
  for (int filter = 0; filter < 3; filter++) {
    ml_threads_set(1);
    one = resized(x, 111, 97, (ml_resize_filter)filter);
    ml_threads_set(5);
    many = resized(x, 111, 97, (ml_resize_filter)filter);
    CHECK(same(one, many));
    ml_release(one);
    ml_release(many);
  }
  ml_release(x);
}

/* A batch is its pictures, and a picture without channels one with a single one. */
static void test_dimensions_are_kept(void) {
  ml_tensor *batch = pattern(4, 3, 5, 10, 12), *plane = pattern(2, 1, 1, 10, 12), *x, *y;
  x = resized(batch, 4, 6, ML_AREA);
  CHECK_TEXT(ML_SHAPE(&x->shape), "[3, 5, 4, 6]");
  y = resized(plane, 4, 6, ML_AREA);
  CHECK_TEXT(ML_SHAPE(&y->shape), "[4, 6]");
  CHECK(((uint8_t *)ml_data(x))[0] == ((uint8_t *)ml_data(y))[0]);
  ml_release(x);
  ml_release(y);
  ml_release(batch);
  ml_release(plane);
}

static void test_the_same_size_is_the_same_picture(void) {
  ml_tensor *x = pattern(3, 1, 3, 10, 12), *y = resized(x, 10, 12, ML_BILINEAR);
  CHECK(same(x, y));
  ml_release(x);
  ml_release(y);
}

static void test_a_plain_colour_stays(void) {
  ml_tensor *x, *y;
  ml_shape shape = ml_make_shape(3, (int64_t)3, (int64_t)31, (int64_t)47);
  CHECK_OK(&context, ml_full(&context, &shape, ML_UINT8, 255, &x));
  for (int filter = 0; filter < 3; filter++)
    for (int64_t size = 1; size < 70; size += 3) {
      y = resized(x, size, 70 - size, (ml_resize_filter)filter);
      for (int64_t i = 0; i < ml_count(y); i++) CHECK(((uint8_t *)ml_data(y))[i] == 255);
      ml_release(y);
    }
  ml_release(x);
}

static void test_wrong_arguments_are_named(void) {
  ml_tensor *x = pattern(2, 1, 1, 3, 4), *f, *y;
  CHECK_FAILS(&context, ML_ERROR, "resize: the new size must be at least 1 x 1, got 0 x 5", ml_picture_resize(&context, x, 0, 5, ML_AREA, &y));
  CHECK_FAILS(&context, ML_ERROR, "resize: from [3, 4] to 99999999999 x 5: a picture has at most 2^31 values",
              ml_picture_resize(&context, x, 99999999999, 5, ML_AREA, &y));
  CHECK_OK(&context, ml_convert(&context, x, ML_FLOAT32, &f));
  CHECK_FAILS(&context, ML_ERROR, "resize: pictures are uint8 [H, W], [C, H, W] or [N, C, H, W] with pixels, got float32 [3, 4]",
              ml_picture_resize(&context, f, 1, 5, ML_AREA, &y));
  ml_release(x);
  ml_release(f);
}

static void test_failing_allocations_leave_nothing(void) {
  ml_tensor *x = pattern(3, 1, 3, 40, 50), *y;
  size_t live = ml_alloc_statistics().live;
  for (uint64_t n = 1;; n++) {
    ml_alloc_fail_at(n, false);
    ml_status status = ml_picture_resize(&context, x, 20, 30, ML_BILINEAR, &y);
    ml_alloc_fail_at(0, false);
    ml_release(y);
    CHECK_INT(ml_alloc_statistics().live, live);
    if (status == ML_OK) break;
    CHECK_INT(status, ML_OUT_OF_MEMORY);
  }
  ml_release(x);
}

int main(void) {
  size_t live = ml_alloc_statistics().live;
  if (!load_fixtures()) return check_report();
  test_every_size_has_pillows_bits();
  test_threads_change_nothing();
  test_dimensions_are_kept();
  test_the_same_size_is_the_same_picture();
  test_a_plain_colour_stays();
  test_wrong_arguments_are_named();
  test_failing_allocations_leave_nothing();
  ml_safetensors_free(&fixtures);
  CHECK_INT(ml_alloc_statistics().live, live);
  return check_report();
}
