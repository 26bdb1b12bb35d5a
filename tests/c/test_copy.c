/* Copies between all types and strides, against a reference that converts element by element by the written rules:
 * fractions are cut toward zero, NaN becomes 0, what is outside of a type's range its nearest. */

#include "tests/c/tensors.h"

/* What v becomes; integers beyond 2^53 are tested apart. */
static double converted(double v, ml_dtype to) {
  switch (to) {
  case ML_BOOL: return v != 0;
  case ML_FLOAT64: return v;
  case ML_FLOAT32: return (double)(float)v;
  default: break;
  }
  double low = to == ML_UINT8 ? 0 : to == ML_INT32 ? INT32_MIN : -0x1p63, high = to == ML_UINT8 ? 255 : to == ML_INT32 ? INT32_MAX : 0x1p63;
  if (v != v) return 0;
  return trunc(v < low ? low : v > high ? high : v);
}

static const double values[] = {0, -0.0, 0.4, -0.4, 0.99, -0.99, 1, -1, 1.5, -1.5, 2.5, 254.9, 255, 255.5, 256, -256.7, 65537,
                                2147483646.5, 2147483647, 2147483648.0, -2147483648.0, -2147483649.5, 1e10, -1e10, 1e300, -1e300,
                                INFINITY, -INFINITY, NAN, 16777217, 0x1p53};
enum { VALUES_COUNT = sizeof values / sizeof *values };

static void test_all_types_convert_by_the_rules(void) {
  for (ml_dtype from = 0; from < ML_DTYPES; from++) {
    ml_tensor *x = empty(from, SHAPE(VALUES_COUNT));
    for (int i = 0; i < VALUES_COUNT; i++) {
      double v = converted(values[i], from);
      if (from == ML_INT64 && fabs(v) >= 0x1p63) v = v > 0 ? 0x1p62 : -0x1p63;
      put(x, i, v);
    }
    for (ml_dtype to = 0; to < ML_DTYPES; to++) {
      ml_tensor *y = R(ml_convert(c, x, to, OUT));
      CHECK_INT(y->dtype, to);
      for (int i = 0; i < VALUES_COUNT; i++) {
        double right = converted(at(x, i), to), got = at(y, i);
        check_record(got == right || (isnan(got) && isnan(right)), __FILE__, __LINE__, "%s %.17g to %s: got %.17g, expected %.17g",
                     ml_dtype_name(from), at(x, i), ml_dtype_name(to), got, right);
      }
    }
  }
  tensors_free();
}

static void test_large_integers_stay_exact(void) {
  ml_tensor *x = empty(ML_INT64, SHAPE(4));
  const int64_t v[] = {INT64_MAX, INT64_MIN, ((int64_t)1 << 53) + 1, -((int64_t)1 << 40) - 1};
  memcpy(ml_data(x), v, sizeof v);
  ml_tensor *y = R(ml_contiguous(c, laid_out(x, 2), OUT));
  CHECK(memcmp(ml_data(y), v, sizeof v) == 0);
  ml_tensor *small = R(ml_convert(c, x, ML_INT32, OUT));
  CHECK_VALUES(small, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN);
  ml_tensor *back = R(ml_convert(c, R(ml_convert(c, x, ML_FLOAT64, OUT)), ML_INT64, OUT));
  CHECK(ml_i64(back)[0] == INT64_MAX && ml_i64(back)[1] == INT64_MIN); /* 2^63 is the nearest double */
  tensors_free();
}

/* Every permutation of dimensions in, every layout out, sizes beyond one block and one piece. */
static void test_copies_between_strides(void) {
  static const ml_shape shapes[] = {{1, {5}}, {2, {3, 4}}, {2, {333, 129}}, {2, {1, 70}}, {3, {7, 40, 130}}, {4, {3, 5, 2, 67}}};
  static const ml_dtype types[] = {ML_UINT8, ML_FLOAT32, ML_FLOAT64};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    for (int t = 0; t < 9; t++) {
      ml_dtype from = types[t / 3], to = types[t % 3];
      ml_tensor *plain = noise(from, &shapes[k], k + 1), *right = R(ml_convert(c, plain, to, OUT));
      for (int in = 0; in < LAYOUTS; in++) {
        for (int out = 0; out < LAYOUTS; out++) {
          ml_tensor *y = laid_out(R(ml_zeros(c, &shapes[k], to, OUT)), out);
          CHECK_OK(c, ml_copy(c, laid_out(plain, in), y));
          check_record(same(y, right), __FILE__, __LINE__, "%s, %s to %s, layout %d to %d", ML_SHAPE(&shapes[k]), ml_dtype_name(from), ml_dtype_name(to), in, out);
        }
      }
    }
    tensors_free();
  }
}

static void test_a_copy_broadcasts(void) {
  ml_tensor *y = R(ml_zeros(c, SHAPE(3, 2, 4), ML_INT64, OUT)), *x = VALUES(ML_FLOAT32, 1.5, 2.5, 3.5, 4.5);
  CHECK_OK(c, ml_copy(c, x, y));
  for (int i = 0; i < 24; i++) CHECK_INT(ml_i64(y)[i], 1 + i % 4);
  CHECK_OK(c, ml_fill(c, y, -2.9));
  for (int i = 0; i < 24; i++) CHECK_INT(ml_i64(y)[i], -2);
  CHECK_OK(c, ml_copy(c, R(ml_zeros(c, SHAPE(0), ML_FLOAT32, OUT)), R(ml_zeros(c, SHAPE(0), ML_FLOAT32, OUT))));
  tensors_free();
}

static void test_contiguous_copies_only_what_is_not(void) {
  ml_tensor *x = counting(ML_FLOAT32, SHAPE(3, 4)), *turned = R(ml_transpose(c, x, 0, 1, OUT));
  CHECK(R(ml_contiguous_unrecorded(c, x, OUT)) == x);
  CHECK(R(ml_convert(c, turned, ML_FLOAT32, OUT)) == turned);
  ml_tensor *y = R(ml_contiguous_unrecorded(c, turned, OUT));
  CHECK(y != turned && ml_is_contiguous(y) && y->storage != x->storage);
  CHECK_VALUES(y, 1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12);
  tensors_free();
}

static void test_a_tensor_without_data_is_refused(void) {
  ml_tensor *only = R(ml_shape_only(c, SHAPE(2), ML_FLOAT32, OUT)), *x = VALUES(ML_FLOAT32, 1, 2);
  const char *expected = "a tensor of shape [2] has no data to copy: the model is only being checked, or not built";
  CHECK_FAILS(c, ML_ERROR, expected, ml_copy(c, only, x));
  CHECK_FAILS(c, ML_ERROR, expected, ml_copy(c, x, only));
  CHECK(R(ml_convert(c, only, ML_INT64, OUT))->storage == NULL);
  tensors_free();
}

/* Whoever writes into a tensor of the user's is not stopped half way by ^C. */
static void test_an_interrupt_leaves_no_copy_half_done(void) {
  enum { MANY = 100000 };
  ml_tensor *x = R(ml_full(c, SHAPE(MANY), ML_FLOAT32, 3, OUT)), *y = R(ml_zeros(c, SHAPE(MANY), ML_FLOAT64, OUT));
  ml_interrupt_set(true);
  CHECK_OK(c, ml_copy(c, x, y));
  ml_interrupt_set(false);
  int64_t written = 0;
  for (int64_t i = 0; i < MANY; i++) written += ml_f64(y)[i] == 3;
  CHECK_INT(written, MANY);
  tensors_free();
}

int main(void) {
  ml_context_init(c);
  test_all_types_convert_by_the_rules();
  test_large_integers_stay_exact();
  test_copies_between_strides();
  test_a_copy_broadcasts();
  test_contiguous_copies_only_what_is_not();
  test_a_tensor_without_data_is_refused();
  test_an_interrupt_leaves_no_copy_half_done();
  ml_threads_stop();
  return check_report();
}
