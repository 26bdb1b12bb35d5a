/* Changes of pictures: whole movements, independence of threads, and what happens when memory runs out. What each step gives is in
 * tests/lua/test_augment.lua. */

#include <stdlib.h>
#include <string.h>

#include "media/augment.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"

enum { N = 30, C = 3, H = 9, W = 7 };

static ml_context context;
static const double no_mean[] = {0}, no_deviation[] = {1};

static const ml_augment_step steps[] = {
    {ML_AUGMENT_FLIP, {0}},
    {ML_AUGMENT_CROP, {11, 8, 2}},
    {ML_AUGMENT_COLOUR, {0.2, 0.2, 0.2, 0.1}},
    {ML_AUGMENT_ROTATE, {30}},
    {ML_AUGMENT_SCALE, {0.5, 2}},
    {ML_AUGMENT_ERASE, {1, 0.1, 0.5}},
    {ML_AUGMENT_RESIZED_CROP, {0.2, 1, 0.5, 2}},
};

static ml_augment_options options(int count) {
  return (ml_augment_options){
      .steps = steps, .count = count, .key = 3, .epoch = 2, .mean = no_mean, .deviation = no_deviation, .means = 1, .deviations = 1};
}

static ml_tensor *make(ml_dtype dtype, ml_shape shape) {
  ml_tensor *x;
  CHECK_OK(&context, ml_empty(&context, &shape, dtype, &x));
  return x;
}

static ml_tensor *bytes(ml_shape shape) {
  ml_tensor *x = make(ML_UINT8, shape);
  for (int64_t i = 0; i < ml_count(x); i++) ((uint8_t *)ml_data(x))[i] = (uint8_t)(i * 2654435761u >> 13);
  return x;
}

static ml_tensor *all_rows(void) {
  ml_tensor *x = make(ML_INT64, ml_make_shape(1, N));
  for (int i = 0; i < N; i++) ml_i64(x)[i] = i + 1;
  return x;
}

static bool same(const ml_tensor *x, const ml_tensor *y, size_t element) {
  return ml_shape_equal(&x->shape, &y->shape) && memcmp(ml_data(x), ml_data(y), (size_t)ml_count(x) * element) == 0;
}

static void test_threads_do_not_change_a_bit(void) {
  ml_tensor *x = bytes(ml_make_shape(4, N, C, H, W)), *m = bytes(ml_make_shape(3, N, H, W)), *rows = all_rows(), *y[3], *z[3];
  ml_augment_options o = options(sizeof steps / sizeof *steps);
  int threads = ml_threads(), tried[] = {1, 2, 5};
  for (int i = 0; i < 3; i++) {
    ml_threads_set(tried[i]);
    CHECK_OK(&context, ml_picture_augment(&context, x, rows, &o, &y[i]));
    CHECK_OK(&context, ml_mask_augment(&context, m, rows, &o, &z[i]));
  }
  ml_threads_set(threads);
  CHECK_TEXT(ML_SHAPE(&y[0]->shape), "[30, 3, 11, 8]");
  CHECK_TEXT(ML_SHAPE(&z[0]->shape), "[30, 11, 8]");
  CHECK(same(y[0], y[1], 4) && same(y[0], y[2], 4) && same(z[0], z[1], 8) && same(z[0], z[2], 8));
  for (int i = 0; i < 3; i++) ml_release(y[i]), ml_release(z[i]);
  ml_release(x), ml_release(m), ml_release(rows);
}

static void test_wrong_arguments_are_named(void) {
  ml_tensor *x = bytes(ml_make_shape(4, N, C, H, W)), *rows = all_rows(), *y;
  ml_augment_options o = options(1);
  CHECK_FAILS(&context, ML_ERROR, "picture_augment: masks must be uint8 [N, H, W], got uint8 [30, 3, 9, 7]",
              ml_mask_augment(&context, x, rows, &o, &y));
  CHECK_FAILS(&context, ML_ERROR, "picture_augment: pictures must be uint8 [N, C, H, W], got int64 [30]",
              ml_picture_augment(&context, rows, rows, &o, &y));
  ml_i64(rows)[4] = N + 1;
  CHECK_FAILS(&context, ML_ERROR, "picture_augment: row 31 (number 5 of the batch) is outside 1..30",
              ml_picture_augment(&context, x, rows, &o, &y));
  ml_augment_step wide = {ML_AUGMENT_CROP, {9, 8, 0}}, far = {ML_AUGMENT_SHIFT, {7}};
  o.steps = &wide;
  CHECK_FAILS(&context, ML_ERROR, "data.crop: a window of 9 x 8 with a border of 0 does not fit pictures of 9 x 7",
              ml_picture_augment(&context, x, rows, &o, &y));
  o.steps = &far;
  CHECK_FAILS(&context, ML_ERROR, "data.shift: a shift of 7 moves pictures of 9 x 7 out of sight",
              ml_picture_augment(&context, x, rows, &o, &y));
  CHECK(y == NULL);
  ml_release(x), ml_release(rows);
}

static void test_failing_allocations_leave_nothing(void) {
  ml_tensor *x = bytes(ml_make_shape(4, N, C, H, W)), *rows = all_rows();
  ml_augment_options o = options(sizeof steps / sizeof *steps);
  for (uint64_t n = 1;; n++) {
    size_t live = ml_alloc_statistics().live;
    ml_tensor *y;
    ml_alloc_fail_at(n, false);
    ml_status status = ml_picture_augment(&context, x, rows, &o, &y);
    ml_alloc_fail_at(0, false);
    if (status == ML_OK) {
      CHECK(n > 3);
      ml_release(y);
      break;
    }
    CHECK_INT(status, ML_OUT_OF_MEMORY);
    CHECK(y == NULL);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  ml_release(x), ml_release(rows);
}

int main(void) {
  ml_context_init(&context);
  size_t live = ml_alloc_statistics().live;
  test_threads_do_not_change_a_bit();
  test_wrong_arguments_are_named();
  test_failing_allocations_leave_nothing();
  CHECK_INT(ml_alloc_statistics().live, live);
  ml_threads_stop();
  return check_report();
}
