/* Batches of pictures: exact values, and changes that depend on nothing but key, epoch and row. */

#include <stdlib.h>

#include "tensor/alloc.h"
#include "media/picture_batch.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"

enum { N = 40, C = 3, H = 5, W = 6, PLANE = H * W };

static ml_context context;
static const double no_mean[] = {0}, no_deviation[] = {1};
static const ml_picture_options plain = {.mean = no_mean, .deviation = no_deviation, .means = 1, .deviations = 1};

static ml_tensor *make(ml_dtype dtype, ml_shape shape) {
  ml_tensor *x;
  CHECK_OK(&context, ml_empty(&context, &shape, dtype, &x));
  return x;
}

static uint8_t pixel(int64_t n, int64_t k, int64_t i, int64_t j) {
  return (uint8_t)(1 + (n * 31 + k * 17 + i * W + j) % 251);
}

/* [N, C, H, W], no pixel black. */
static ml_tensor *make_pictures(void) {
  ml_tensor *x = make(ML_UINT8, ml_make_shape(4, N, C, H, W));
  uint8_t *p = ml_data(x);
  for (int n = 0; n < N; n++)
    for (int k = 0; k < C; k++)
      for (int i = 0; i < H; i++)
        for (int j = 0; j < W; j++) *p++ = pixel(n, k, i, j);
  return x;
}

static ml_tensor *make_rows(int count, const int64_t *row) {
  ml_tensor *x = make(ML_INT64, ml_make_shape(1, count));
  memcpy(ml_data(x), row, (size_t)count * sizeof *row);
  return x;
}

static ml_tensor *all_rows(void) {
  ml_tensor *x = make(ML_INT64, ml_make_shape(1, N));
  for (int i = 0; i < N; i++) ml_i64(x)[i] = i + 1;
  return x;
}

static ml_tensor *get(const ml_tensor *pictures, const ml_tensor *rows, const ml_picture_options *o) {
  ml_tensor *y;
  CHECK_OK(&context, ml_picture_batch(&context, pictures, rows, o, &y));
  if (!y) abort();
  return y;
}

static bool same(const ml_tensor *x, const ml_tensor *y) {
  return ml_shape_equal(&x->shape, &y->shape) && memcmp(ml_data(x), ml_data(y), (size_t)ml_count(x) * 4) == 0;
}

static void test_rows_are_gathered_and_scaled(void) {
  ml_tensor *x = make_pictures(), *rows = make_rows(4, (int64_t[]){40, 1, 7, 7});
  ml_tensor *y = get(x, rows, &plain);
  CHECK_TEXT(ML_SHAPE(&y->shape), "[4, 3, 5, 6]");
  CHECK_INT(y->dtype, ML_FLOAT32);
  const float *v = ml_f32(y);
  for (int b = 0; b < 4; b++)
    for (int k = 0; k < C; k++)
      for (int i = 0; i < H; i++)
        for (int j = 0; j < W; j++) CHECK(*v++ == (float)(pixel(ml_i64(rows)[b] - 1, k, i, j) / 255.0));
  ml_release(y);

  static const double mean[] = {0.1, 0.2, 0.3}, deviation[] = {0.5, 0.25, 2};
  ml_picture_options o = {.mean = mean, .deviation = deviation, .means = 3, .deviations = 3};
  y = get(x, rows, &o);
  v = ml_f32(y);
  for (int b = 0; b < 4; b++)
    for (int k = 0; k < C; k++)
      for (int i = 0; i < H; i++)
        for (int j = 0; j < W; j++)
          CHECK(*v++ == (float)((pixel(ml_i64(rows)[b] - 1, k, i, j) / 255.0 - mean[k]) / deviation[k]));
  ml_release(y);
  ml_release(rows);
  ml_release(x);
}

/* [N, H, W] is one channel; and pictures with any strides give what their copy gives. */
static void test_other_layouts_give_the_same(void) {
  ml_tensor *x = make_pictures(), *rows = all_rows(), *flat, *turned;
  ml_picture_options o = plain;
  o.flip = true, o.shift = 2, o.key = 5, o.epoch = 1;
  CHECK_OK(&context, ml_alias(&context, x, &flat)); /* channel 2 as [N, H, W] */
  flat->shape = ml_make_shape(3, N, H, W);
  flat->offset = PLANE;
  flat->stride[0] = C * PLANE, flat->stride[1] = W, flat->stride[2] = 1;
  ml_tensor *y = get(flat, rows, &o), *whole = get(x, rows, &o);
  CHECK_TEXT(ML_SHAPE(&y->shape), "[40, 1, 5, 6]");
  for (int n = 0; n < N; n++)
    CHECK(memcmp(ml_f32(y) + n * PLANE, ml_f32(whole) + (n * C + 1) * PLANE, PLANE * sizeof(float)) == 0);
  ml_release(y);

  ml_tensor *lines_last = make(ML_UINT8, ml_make_shape(4, N, C, W, H));
  uint8_t *p = ml_data(lines_last);
  for (int n = 0; n < N; n++)
    for (int k = 0; k < C; k++)
      for (int j = 0; j < W; j++)
        for (int i = 0; i < H; i++) *p++ = pixel(n, k, i, j);
  CHECK_OK(&context, ml_alias(&context, lines_last, &turned));
  turned->shape = x->shape;
  turned->stride[2] = 1, turned->stride[3] = H;
  y = get(turned, rows, &o);
  CHECK(same(y, whole));
  ml_tensor *all[] = {x, rows, flat, turned, lines_last, y, whole};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
}

/* What pixel (i, j) of a picture must be after a change; black where nothing stood. */
static float changed(int64_t n, int64_t k, int64_t i, int64_t j, bool flip, int64_t down, int64_t right, double black) {
  int64_t from_i = i - down, from_j = j - right;
  if (from_i < 0 || from_i >= H || from_j < 0 || from_j >= W) return (float)((0 - black) / 0.5);
  if (flip) from_j = W - 1 - from_j;
  return (float)((pixel(n, k, from_i, from_j) / 255.0 - black) / 0.5);
}

static bool picture_is(const float *v, int64_t n, bool flip, int64_t down, int64_t right) {
  for (int k = 0; k < C; k++)
    for (int i = 0; i < H; i++)
      for (int j = 0; j < W; j++)
        if (*v++ != changed(n, k, i, j, flip, down, right, 0.25)) return false;
  return true;
}

/* Every picture of 50 epochs is one of the 2 * 5 * 5 that can be, all channels alike, and each of these turns up. */
static void test_flips_and_shifts_are_whole_and_all_occur(void) {
  static const double mean[] = {0.25}, deviation[] = {0.5};
  ml_picture_options o = {
      .mean = mean, .deviation = deviation, .means = 1, .deviations = 1, .flip = true, .shift = 2, .key = 9};
  ml_tensor *x = make_pictures(), *rows = all_rows();
  int seen[2][5][5] = {{{0}}}, flips = 0, explained = 0;
  for (o.epoch = 1; o.epoch <= 50; o.epoch++) {
    ml_tensor *y = get(x, rows, &o);
    for (int n = 0; n < N; n++) {
      for (int f = 0; f < 2; f++)
        for (int down = -2; down <= 2; down++)
          for (int right = -2; right <= 2; right++) {
            if (!picture_is(ml_f32(y) + n * C * PLANE, n, f, down, right)) continue;
            seen[f][down + 2][right + 2]++;
            flips += f;
            explained++;
          }
    }
    ml_release(y);
  }
  CHECK_INT(explained, 50 * N);
  CHECK(flips > 900 && flips < 1100); /* of 2000: 4.5 standard deviations */
  for (int f = 0; f < 2; f++)
    for (int down = 0; down < 5; down++)
      for (int right = 0; right < 5; right++) CHECK(seen[f][down][right] >= 10); /* 40 expected */
  ml_release(rows);
  ml_release(x);
}

static void test_a_change_depends_on_key_epoch_and_row_alone(void) {
  ml_picture_options o = plain;
  o.flip = true, o.shift = 2, o.key = 77, o.epoch = 3;
  ml_tensor *x = make_pictures(), *rows = all_rows(), *mixed = make_rows(3, (int64_t[]){31, 4, 31});
  ml_tensor *y = get(x, rows, &o), *again = get(x, rows, &o), *few = get(x, mixed, &o);
  CHECK(same(y, again));
  for (int b = 0; b < 3; b++)
    CHECK(memcmp(ml_f32(few) + b * C * PLANE, ml_f32(y) + (ml_i64(mixed)[b] - 1) * C * PLANE, C * PLANE * 4) == 0);
  o.epoch = 4;
  ml_tensor *later = get(x, rows, &o);
  CHECK(!same(y, later));
  o.epoch = 3, o.key = 78;
  ml_tensor *other = get(x, rows, &o);
  CHECK(!same(y, other));
  ml_tensor *all[] = {x, rows, mixed, y, again, few, later, other};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
}

static void test_threads_do_not_change_a_bit(void) {
  enum { MANY = 600, SIDE = 28 };
  ml_picture_options o = plain;
  o.flip = true, o.shift = 3, o.key = 1;
  ml_tensor *x = make(ML_UINT8, ml_make_shape(3, MANY, SIDE, SIDE)), *rows = make(ML_INT64, ml_make_shape(1, MANY));
  for (int64_t i = 0; i < ml_count(x); i++) ((uint8_t *)ml_data(x))[i] = (uint8_t)(i * 2654435761u >> 11);
  for (int i = 0; i < MANY; i++) ml_i64(rows)[i] = MANY - i;
  int threads = ml_threads();
  ml_threads_set(1);
  ml_tensor *one = get(x, rows, &o);
  ml_threads_set(2);
  ml_tensor *two = get(x, rows, &o);
  ml_threads_set(7);
  ml_tensor *seven = get(x, rows, &o);
  ml_threads_set(threads);
  CHECK(same(one, two));
  CHECK(same(one, seven));
  ml_tensor *all[] = {x, rows, one, two, seven};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
}

static void test_wrong_arguments_are_named(void) {
  static const double three[] = {0.1, 0.2, 0.3}, zero[] = {0};
  ml_tensor *x = make_pictures(), *rows = all_rows(), *floats = make(ML_FLOAT32, ml_make_shape(4, 1, 1, 1, 1)), *y;
  ml_tensor *bytes = make(ML_UINT8, ml_make_shape(2, 3, 3)), *outside = make_rows(3, (int64_t[]){1, 41, 2});
  ml_picture_options o = plain;
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: pictures must be uint8, got float32",
              ml_picture_batch(&context, floats, rows, &o, &y));
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: pictures must be [N, H, W] or [N, C, H, W], got [3, 3]",
              ml_picture_batch(&context, bytes, rows, &o, &y));
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: rows must be int64, got uint8",
              ml_picture_batch(&context, x, bytes, &o, &y));
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: row 41 (number 2 of the batch) is outside 1..40",
              ml_picture_batch(&context, x, outside, &o, &y));
  ml_i64(outside)[1] = 0;
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: row 0 (number 2 of the batch) is outside 1..40",
              ml_picture_batch(&context, x, outside, &o, &y));
  o.means = 2, o.mean = three;
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: mean has 2 values, the pictures have 3 channels",
              ml_picture_batch(&context, x, rows, &o, &y));
  o = plain;
  o.deviation = zero;
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: std must be above 0, got 0",
              ml_picture_batch(&context, x, rows, &o, &y));
  o = plain;
  o.shift = 5;
  CHECK_FAILS(&context, ML_ERROR, "picture_batch: shift must be 0..4 for pictures of 5 x 6, got 5",
              ml_picture_batch(&context, x, rows, &o, &y));
  CHECK(y == NULL);
  o.shift = 4;
  y = get(x, rows, &o);
  ml_release(y);
  ml_tensor *all[] = {x, rows, floats, bytes, outside};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
}

static void test_an_empty_batch_is_empty(void) {
  ml_tensor *x = make_pictures(), *rows = make_rows(0, (int64_t[]){1}), *y = get(x, rows, &plain);
  CHECK_TEXT(ML_SHAPE(&y->shape), "[0, 3, 5, 6]");
  ml_release(x), ml_release(rows), ml_release(y);
}

static void test_failing_allocations_leave_nothing(void) {
  ml_tensor *x = make_pictures(), *rows = all_rows(), *right = get(x, rows, &plain);
  for (int for_ever = 0; for_ever < 2; for_ever++) {
    for (uint64_t n = 1;; n++) {
      size_t live = ml_alloc_statistics().live;
      ml_tensor *y;
      ml_alloc_fail_at(n, for_ever);
      ml_status status = ml_picture_batch(&context, x, rows, &plain, &y);
      ml_alloc_fail_at(0, false);
      if (status == ML_OK) {
        CHECK(n > 3 && same(y, right));
        ml_release(y);
        break;
      }
      CHECK_INT(status, ML_OUT_OF_MEMORY);
      CHECK(y == NULL);
      CHECK_INT(ml_alloc_statistics().live, live);
    }
  }
  ml_release(x), ml_release(rows), ml_release(right);
}

int main(void) {
  ml_context_init(&context);
  size_t live = ml_alloc_statistics().live;
  test_rows_are_gathered_and_scaled();
  test_other_layouts_give_the_same();
  test_flips_and_shifts_are_whole_and_all_occur();
  test_a_change_depends_on_key_epoch_and_row_alone();
  test_threads_do_not_change_a_bit();
  test_wrong_arguments_are_named();
  test_an_empty_batch_is_empty();
  test_failing_allocations_leave_nothing();
  CHECK_INT(ml_alloc_statistics().live, live);
  ml_threads_stop();
  return check_report();
}
