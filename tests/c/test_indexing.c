/* index_select, gather, masked_select, one_hot: positions are 1-based. */

#include "tests/c/tensors.h"

static void test_index_select(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_tensor *x = noise((ml_dtype)t, SHAPE(2, 4, 3), 5), *index = VALUES(ML_INT64, 4, 1, 1);
    for (int layout = 0; layout < LAYOUTS; layout++) {
      ml_tensor *y = R(ml_index_select(c, laid_out(x, layout), laid_out(index, layout), 1, OUT));
      CHECK_SHAPE(y, "[2, 3, 3]");
      CHECK_INT(y->dtype, t);
      for (int64_t i = 0; i < 18; i++) {
        int64_t row = i / 3 % 3 == 0 ? 3 : 0;
        CHECK_CLOSE(at(y, i), at(x, i / 9 * 12 + row * 3 + i % 3), 0);
      }
    }
  }
  ml_tensor *x = VALUES(ML_FLOAT32, 10, 20, 30), *none = NULL;
  CHECK_VALUES(R(ml_index_select(c, x, VALUES(ML_INT32, 3, 1), 0, OUT)), 30, 10);
  CHECK_INT(ml_count(R(ml_index_select(c, x, empty(ML_INT64, SHAPE(0)), 0, OUT))), 0);
  CHECK_FAILS(c, ML_ERROR, "index_select: position 0 at [2] of index is not in 1..3 (dimension 1 of [3])",
              ml_index_select(c, x, VALUES(ML_INT64, 1, 0), 0, &none));
  CHECK_FAILS(c, ML_ERROR, "index_select: position -1 at [1] of index is not in 1..3 (dimension 1 of [3])",
              ml_index_select(c, x, VALUES(ML_INT64, -1), 0, &none));
  CHECK_FAILS(c, ML_ERROR, "index_select: position 4 at [1] of index is not in 1..3 (dimension 1 of [3])",
              ml_index_select(c, x, VALUES(ML_INT64, 4), 0, &none));
  CHECK_FAILS(c, ML_ERROR, "index_select: index must be a vector of positions, not [1, 1]",
              ml_index_select(c, x, counting(ML_INT64, SHAPE(1, 1)), 0, &none));
}

static void test_gather(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_tensor *x = noise((ml_dtype)t, SHAPE(3, 4, 2), 5);
    for (int dim = 0; dim < 3; dim++) {
      ml_shape s = *SHAPE(2, 3, 2);
      s.size[dim] = 5; /* longer than x there, shorter elsewhere */
      ml_tensor *index = empty(ML_INT64, &s);
      CHECK_OK(c, ml_random_integers(c, 3, 1, x->shape.size[dim], index));
      for (int layout = 0; layout < LAYOUTS; layout++) {
        ml_tensor *y = R(ml_gather(c, laid_out(x, layout), laid_out(index, layout), dim, OUT));
        CHECK(ml_shape_equal(&y->shape, &s));
        for (int64_t i = 0; i < ml_count(y); i++) {
          int64_t p[3] = {i / (s.size[1] * s.size[2]), i / s.size[2] % s.size[1], i % s.size[2]};
          p[dim] = (int64_t)at(index, i) - 1;
          CHECK_CLOSE(at(y, i), at(x, (p[0] * 4 + p[1]) * 2 + p[2]), 0);
        }
      }
    }
  }
  ml_tensor *m = counting(ML_FLOAT32, SHAPE(2, 2)), *none = NULL;
  ml_tensor *wrong = R(ml_reshape(c, VALUES(ML_INT64, 1, 2, 1, 3), SHAPE(2, 2), OUT));
  CHECK_VALUES(R(ml_gather(c, m, R(ml_reshape(c, VALUES(ML_INT64, 2, 1), SHAPE(2, 1), OUT)), 1, OUT)), 2, 3);
  CHECK_FAILS(c, ML_ERROR, "gather: position 3 at [2, 2] of index is not in 1..2 (dimension 2 of [2, 2])",
              ml_gather(c, m, wrong, 1, &none));
  CHECK_FAILS(c, ML_ERROR,
              "gather: index [3, 1] does not fit x [2, 2]: sizes of all dimensions but 2 must be at most those of x",
              ml_gather(c, m, counting(ML_INT64, SHAPE(3, 1)), 1, &none));
}

static void test_masked_select(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_tensor *x = noise((ml_dtype)t, SHAPE(3, 4), 5), *mask = noise(ML_BOOL, SHAPE(3, 4), 6);
    for (int layout = 0; layout < LAYOUTS; layout++) {
      ml_tensor *y = R(ml_masked_select(c, laid_out(x, layout), laid_out(mask, layout), OUT));
      int64_t n = 0;
      for (int64_t i = 0; i < 12; i++) {
        if (at(mask, i) != 0) CHECK_CLOSE(at(y, n++), at(x, i), 0);
      }
      CHECK_INT(ml_count(y), n);
    }
  }
  ml_tensor *x = VALUES(ML_FLOAT32, 1, 2), *none = NULL, *shapes = R(ml_shape_only(c, SHAPE(2), ML_FLOAT32, OUT));
  CHECK_INT(ml_count(R(ml_masked_select(c, x, VALUES(ML_BOOL, 0, 0), OUT))), 0);
  CHECK_FAILS(c, ML_ERROR, "masked_select: the mask is [1], but must have the shape of x, [2]",
              ml_masked_select(c, x, VALUES(ML_BOOL, 1), &none));
  CHECK(ml_masked_select(c, shapes, VALUES(ML_BOOL, 1, 0), &none) == ML_ERROR);
}

static void test_one_hot(void) {
  ml_tensor *y = R(ml_one_hot(c, VALUES(ML_UINT8, 2, 0, 3), 3, OUT)), *none = NULL;
  CHECK_SHAPE(y, "[3, 3]");
  CHECK_INT(y->dtype, ML_FLOAT32);
  CHECK_VALUES(y, 0, 1, 0, 0, 0, 0, 0, 0, 1);
  CHECK_SHAPE(R(ml_one_hot(c, empty(ML_INT64, SHAPE(2, 0)), 4, OUT)), "[2, 0, 4]");
  CHECK_FAILS(c, ML_ERROR, "one_hot: position 4 at [1] of index is not in 0..3 (0 is none, the others classes)",
              ml_one_hot(c, VALUES(ML_INT64, 4), 3, &none));
  CHECK_FAILS(c, ML_ERROR, "one_hot: position -1 at [2] of index is not in 0..3 (0 is none, the others classes)",
              ml_one_hot(c, VALUES(ML_INT64, 1, -1), 3, &none));
  CHECK_FAILS(c, ML_ERROR, "one_hot: classes must be at least 1, not 0", ml_one_hot(c, VALUES(ML_INT64, 1), 0, &none));
}

static ml_status rows_call(ml_tensor *const *in, ml_tensor **out) { return ml_index_select(c, in[0], in[1], 0, out); }
static ml_status middle_call(ml_tensor *const *in, ml_tensor **out) { return ml_index_select(c, in[0], in[1], 1, out); }
static ml_status gather0_call(ml_tensor *const *in, ml_tensor **out) { return ml_gather(c, in[0], in[1], 0, out); }
static ml_status gather1_call(ml_tensor *const *in, ml_tensor **out) { return ml_gather(c, in[0], in[1], 1, out); }
static ml_status gather2_call(ml_tensor *const *in, ml_tensor **out) { return ml_gather(c, in[0], in[1], 2, out); }
static ml_status mask_call(ml_tensor *const *in, ml_tensor **out) { return ml_masked_select(c, in[0], in[1], out); }

static void test_gradients(void) {
  ml_tensor *x = noise(ML_FLOAT64, SHAPE(3, 3, 2), 1), *index = VALUES(ML_INT64, 2, 1, 2, 2); /* repeated */
  CHECK_GRADIENT(rows_call, false, x, index);
  CHECK_GRADIENT(middle_call, false, x, index);
  ml_tensor *places = empty(ML_INT64, SHAPE(2, 3, 2));
  CHECK_OK(c, ml_random_integers(c, 3, 1, 2, places));
  CHECK_GRADIENT(gather0_call, false, x, places);
  CHECK_GRADIENT(gather1_call, false, x, places);
  CHECK_GRADIENT(gather2_call, false, x, places);
  CHECK_GRADIENT(mask_call, false, x, noise(ML_BOOL, SHAPE(3, 3, 2), 4));
}

/* Repeated positions are added up in the order of the index, whoever does it. */
static void test_threads(void) {
  ml_tensor *x = R(ml_zeros(c, SHAPE(50, 100), ML_FLOAT32, OUT)), *index = empty(ML_INT64, SHAPE(4000));
  ml_tensor *weights = empty(ML_FLOAT32, SHAPE(4000, 100)), *places = empty(ML_INT64, SHAPE(50, 3000)), *first[2];
  ml_tensor *heavy = empty(ML_FLOAT32, SHAPE(50, 3000));
  CHECK_OK(c, ml_random_integers(c, 1, 1, 50, index));
  CHECK_OK(c, ml_random_integers(c, 2, 1, 100, places));
  CHECK_OK(c, ml_random_normal(c, 3, 0, 1, weights));
  CHECK_OK(c, ml_random_normal(c, 4, 0, 1, heavy));
  x->requires_grad = true;
  for (int threads = 1; threads <= 7; threads += 3) {
    ml_threads_set(threads);
    for (int which = 0; which < 2; which++) {
      ml_tensor *y = which ? R(ml_gather(c, x, places, 1, OUT)) : R(ml_index_select(c, x, index, 0, OUT));
      CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){.gradient = which ? heavy : weights}));
      ml_tensor *g = keep(x->grad);
      x->grad = NULL;
      if (threads == 1)
        first[which] = g;
      else
        CHECK(same(g, first[which]));
    }
  }
  double sum = 0; /* in float, in order */
  float in_order = 0;
  for (int64_t i = 0; i < 4000; i++) {
    if (ml_i64(index)[i] != 7) continue;
    in_order += ml_f32(weights)[i * 100 + 5];
    sum += 1;
  }
  CHECK(sum > 10);
  CHECK_CLOSE(at(first[0], 6 * 100 + 5), in_order, 0);
  x->requires_grad = false;
}

int main(void) {
  ml_context_init(c);
  test_index_select();
  test_gather();
  test_masked_select();
  test_one_hot();
  test_gradients();
  test_threads();
  CHECK_NO_LEAK();
  return check_report();
}
