/* Views: reshape flatten permute transpose expand squeeze unsqueeze slice select, and contiguous, to. */

#include "tests/c/tensors.h"

static void test_reshape(void) {
  ml_tensor *x = counting(ML_FLOAT32, SHAPE(2, 6));
  ml_tensor *y = R(ml_reshape(c, x, SHAPE(3, -1), OUT));
  CHECK_SHAPE(y, "[3, 4]");
  CHECK(y->storage == x->storage);
  CHECK_VALUES(y, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

  ml_tensor *t = R(ml_transpose(c, x, 0, 1, OUT)), *flat = R(ml_reshape(c, t, SHAPE(12), OUT));
  CHECK(flat->storage != x->storage); /* strides can't say it: a copy */
  CHECK_VALUES(flat, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12);
  ml_tensor *cut = R(ml_reshape(c, t, SHAPE(2, 3, 1, 2), OUT)); /* a run of t cut anew: a view */
  CHECK(cut->storage == x->storage);
  CHECK_VALUES(cut, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12);

  ml_tensor *one = counting(ML_FLOAT32, SHAPE(1)), *scalar = R(ml_reshape(c, one, &(ml_shape){0}, OUT));
  CHECK_SHAPE(scalar, "[]");
  CHECK_SHAPE(R(ml_reshape(c, scalar, SHAPE(1, 1), OUT)), "[1, 1]");
  ml_tensor *nothing = counting(ML_INT32, SHAPE(0, 3));
  CHECK_SHAPE(R(ml_reshape(c, nothing, SHAPE(5, -1, 1), OUT)), "[5, 0, 1]");

  ml_tensor *shapes;
  CHECK_OK(c, ml_shape_only(c, SHAPE(4, 6), ML_FLOAT32, &shapes));
  keep(shapes);
  ml_tensor *moved = R(ml_reshape(c, R(ml_transpose(c, shapes, 0, 1, OUT)), SHAPE(-1), OUT));
  CHECK_SHAPE(moved, "[24]");
  CHECK(moved->storage == NULL);

  ml_tensor *none = NULL;
  CHECK_FAILS(c, ML_ERROR, "reshape: [2, 6] has 12 elements, [5, 3] would have 15",
              ml_reshape(c, x, SHAPE(5, 3), &none));
  CHECK_FAILS(c, ML_ERROR, "reshape: the 12 elements of [2, 6] don't fill [5, -1], since 12 is no multiple of 5",
              ml_reshape(c, x, SHAPE(5, -1), &none));
  CHECK_FAILS(c, ML_ERROR, "reshape: only one size of [-1, -1] may be -1", ml_reshape(c, x, SHAPE(-1, -1), &none));
  CHECK_FAILS(c, ML_ERROR, "reshape: a size of [-2, 6] is negative", ml_reshape(c, x, SHAPE(-2, 6), &none));
  CHECK_FAILS(c, ML_ERROR, "reshape: -1 in [0, -1] can't be computed beside a size of 0",
              ml_reshape(c, nothing, SHAPE(0, -1), &none));
}

static void test_flatten(void) {
  ml_tensor *x = counting(ML_INT64, SHAPE(2, 3, 4));
  CHECK_SHAPE(R(ml_flatten(c, x, 0, -1, OUT)), "[24]");
  CHECK_SHAPE(R(ml_flatten(c, x, 1, 2, OUT)), "[2, 12]");
  CHECK_SHAPE(R(ml_flatten(c, x, 0, 1, OUT)), "[6, 4]");
  CHECK_SHAPE(R(ml_flatten(c, counting(ML_INT64, SHAPE(2, 0, 4)), 0, 1, OUT)), "[0, 4]");
  ml_tensor *none = NULL;
  CHECK_FAILS(c, ML_ERROR, "flatten: dimensions 3..2 of [2, 3, 4] run backwards", ml_flatten(c, x, 2, 1, &none));
}

static void test_permute_and_transpose(void) {
  ml_tensor *x = counting(ML_UINT8, SHAPE(2, 3, 2));
  ml_tensor *y = R(ml_permute(c, x, DIMS(2, 0, 1), OUT));
  CHECK_SHAPE(y, "[2, 2, 3]");
  CHECK_VALUES(y, 1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12);
  CHECK_VALUES(R(ml_transpose(c, x, 0, -1, OUT)), 1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6, 12);
  ml_tensor *none = NULL;
  CHECK_FAILS(c, ML_ERROR, "permute: 2 dimensions are named, [2, 3, 2] has 3", ml_permute(c, x, DIMS(0, 1), &none));
}

static void test_expand(void) {
  ml_tensor *x = counting(ML_FLOAT64, SHAPE(2, 1));
  ml_tensor *y = R(ml_expand(c, x, SHAPE(2, -1, 3), OUT));
  CHECK_SHAPE(y, "[2, 2, 3]");
  CHECK(y->storage == x->storage);
  CHECK_VALUES(y, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2);
  CHECK_SHAPE(R(ml_expand(c, x, SHAPE(2, 0), OUT)), "[2, 0]");
  ml_tensor *none = NULL;
  CHECK_FAILS(c, ML_ERROR, "expand: size 2 of dimension 1 of [2, 1] can't be stretched to 4; only sizes of 1 stretch",
              ml_expand(c, x, SHAPE(4, 1), &none));
  CHECK_FAILS(c, ML_ERROR, "expand: -1 keeps a size, but dimension 1 of [-1, 2, 1] is new",
              ml_expand(c, x, SHAPE(-1, 2, 1), &none));
  CHECK_FAILS(c, ML_ERROR, "expand: [2, 1] has more dimensions than [2]", ml_expand(c, x, SHAPE(2), &none));
}

static void test_squeeze_and_unsqueeze(void) {
  ml_tensor *x = counting(ML_FLOAT32, SHAPE(2, 1, 3, 1));
  CHECK_SHAPE(R(ml_squeeze(c, x, &all_dims, OUT)), "[2, 3]");
  CHECK_SHAPE(R(ml_squeeze(c, x, DIMS(0, 1), OUT)), "[2, 3, 1]");
  CHECK_SHAPE(R(ml_squeeze(c, counting(ML_BOOL, SHAPE(1, 1)), &all_dims, OUT)), "[]");
  CHECK_SHAPE(R(ml_unsqueeze(c, x, 0, OUT)), "[1, 2, 1, 3, 1]");
  CHECK_SHAPE(R(ml_unsqueeze(c, x, -1, OUT)), "[2, 1, 3, 1, 1]");
  CHECK(ml_is_contiguous(R(ml_unsqueeze(c, x, 2, OUT))));
  ml_tensor *none = NULL, *deep = counting(ML_FLOAT32, SHAPE(1, 1, 1, 1, 1, 1, 1, 1));
  CHECK_FAILS(c, ML_ERROR, "unsqueeze: [1, 1, 1, 1, 1, 1, 1, 1] has 8 dimensions already, the most there can be",
              ml_unsqueeze(c, deep, 0, &none));
}

static void test_slice(void) {
  ml_tensor *x = counting(ML_INT32, SHAPE(7));
  CHECK_VALUES(R(ml_slice(c, x, 0, 1, 3, 1, OUT)), 2, 3, 4);
  CHECK_VALUES(R(ml_slice(c, x, 0, 0, -1, 3, OUT)), 1, 4, 7);
  CHECK_VALUES(R(ml_slice(c, x, 0, -3, -2, 1, OUT)), 5, 6);
  CHECK_VALUES(R(ml_slice(c, x, 0, -100, 100, 4, OUT)), 1, 5); /* clipped, as string.sub does */
  CHECK_VALUES(R(ml_slice(c, x, 0, 2, 2, 1000000, OUT)), 3);
  CHECK_INT(ml_count(R(ml_slice(c, x, 0, 4, 3, 1, OUT))), 0);
  CHECK_INT(ml_count(R(ml_slice(c, x, 0, 7, 9, 1, OUT))), 0);
  CHECK_INT(ml_count(R(ml_slice(c, x, 0, 0, -100, 1, OUT))), 0);
  ml_tensor *m = counting(ML_INT32, SHAPE(3, 4)), *part = R(ml_slice(c, m, 1, 1, -1, 2, OUT));
  CHECK_VALUES(part, 2, 4, 6, 8, 10, 12);
  CHECK(part->storage == m->storage);
  ml_tensor *none = NULL;
  CHECK_FAILS(c, ML_ERROR, "slice: step must be at least 1, not 0", ml_slice(c, x, 0, 0, -1, 0, &none));
}

static void test_select(void) {
  ml_tensor *x = counting(ML_FLOAT32, SHAPE(3, 4));
  CHECK_VALUES(R(ml_select(c, x, 0, 1, OUT)), 5, 6, 7, 8);
  CHECK_VALUES(R(ml_select(c, x, 1, -1, OUT)), 4, 8, 12);
  CHECK_VALUES(R(ml_select(c, R(ml_select(c, x, 0, 2, OUT)), 0, 0, OUT)), 9);
  ml_tensor *none = NULL;
  CHECK_FAILS(c, ML_ERROR, "select: position 5 of dimension 2, which has 4", ml_select(c, x, 1, 4, &none));
  CHECK_FAILS(c, ML_ERROR, "select: position -4 of dimension 1, which has 3", ml_select(c, x, 0, -4, &none));
}

static void test_contiguous_and_to(void) {
  for (int from = 0; from < ML_DTYPES; from++) {
    ml_tensor *x = noise((ml_dtype)from, SHAPE(3, 5), 3);
    for (int layout = 0; layout < LAYOUTS; layout++) {
      ml_tensor *y = R(ml_contiguous(c, laid_out(x, layout), OUT));
      CHECK(same(x, y) && ml_is_contiguous(y) && y->storage != x->storage);
      for (int to = 0; to < ML_DTYPES; to++) {
        ml_tensor *z = R(ml_to(c, laid_out(x, layout), (ml_dtype)to, OUT));
        CHECK_INT(z->dtype, to);
        for (int64_t i = 0; i < ml_count(x); i++) {
          double v = at(x, i), expected = ml_dtype_is_float((ml_dtype)to) ? v : trunc(v);
          if (to == ML_BOOL) expected = v != 0;
          if (to == ML_UINT8 && expected < 0) expected = 0;
          if (to == ML_FLOAT32) expected = (double)(float)v;
          CHECK_CLOSE(at(z, i), expected, 0);
        }
      }
    }
  }
}

static ml_status reshape_call(ml_tensor *const *in, ml_tensor **out) { return ml_reshape(c, in[0], SHAPE(4, 6), out); }
static ml_status flatten_call(ml_tensor *const *in, ml_tensor **out) { return ml_flatten(c, in[0], 1, 2, out); }
static ml_status permute_call(ml_tensor *const *in, ml_tensor **out) {
  return ml_permute(c, in[0], DIMS(2, 0, 1), out);
}
static ml_status transpose_call(ml_tensor *const *in, ml_tensor **out) { return ml_transpose(c, in[0], 0, 2, out); }
static ml_status expand_call(ml_tensor *const *in, ml_tensor **out) { return ml_expand(c, in[0], SHAPE(2, 3, 4), out); }
static ml_status squeeze_call(ml_tensor *const *in, ml_tensor **out) { return ml_squeeze(c, in[0], &all_dims, out); }
static ml_status unsqueeze_call(ml_tensor *const *in, ml_tensor **out) { return ml_unsqueeze(c, in[0], 1, out); }
static ml_status slice_call(ml_tensor *const *in, ml_tensor **out) { return ml_slice(c, in[0], 1, 1, 2, 1, out); }
static ml_status step_call(ml_tensor *const *in, ml_tensor **out) { return ml_slice(c, in[0], 2, 1, -1, 2, out); }
static ml_status uneven_call(ml_tensor *const *in, ml_tensor **out) { return ml_slice(c, in[0], 1, 0, 2, 2, out); }
static ml_status none_call(ml_tensor *const *in, ml_tensor **out) {
  ml_tensor *part, *parts[2];
  ML_TRY(ml_slice(c, in[0], 1, 2, 1, 2, &part)); /* empty: its gradient is zeros */
  parts[0] = part;
  parts[1] = in[0];
  ml_status status = ml_cat(c, parts, 2, 1, out);
  ml_release(part);
  return status;
}
static ml_status select_call(ml_tensor *const *in, ml_tensor **out) { return ml_select(c, in[0], 1, -2, out); }
static ml_status contiguous_call(ml_tensor *const *in, ml_tensor **out) {
  ml_tensor *t;
  ML_TRY(ml_transpose(c, in[0], 0, 1, &t));
  ml_status status = ml_contiguous(c, t, out);
  ml_release(t);
  return status;
}
static ml_status square_call(ml_tensor *const *in, ml_tensor **out) {
  ml_tensor *x;
  ML_TRY(ml_to(c, in[0], ML_FLOAT64, &x));
  ml_status status = ml_mul(c, x, x, out);
  ml_release(x);
  return status;
}

static void test_gradients(void) {
  ml_tensor *x = noise(ML_FLOAT64, SHAPE(2, 3, 4), 1);
  CHECK_GRADIENT(reshape_call, true, x);
  CHECK_GRADIENT(flatten_call, true, x);
  CHECK_GRADIENT(permute_call, true, x);
  CHECK_GRADIENT(transpose_call, true, x);
  CHECK_GRADIENT(expand_call, true, noise(ML_FLOAT64, SHAPE(3, 1), 2));
  CHECK_GRADIENT(squeeze_call, true, noise(ML_FLOAT64, SHAPE(2, 1, 3), 2));
  CHECK_GRADIENT(unsqueeze_call, true, x);
  CHECK_GRADIENT(slice_call, true, x);
  CHECK_GRADIENT(step_call, true, x);
  CHECK_GRADIENT(uneven_call, true, x);
  CHECK_GRADIENT(none_call, true, x);
  CHECK_GRADIENT(select_call, true, x);
  CHECK_GRADIENT(contiguous_call, true, x);
  CHECK_GRADIENT(square_call, true, x);
}

int main(void) {
  ml_context_init(c);
  test_reshape();
  test_flatten();
  test_permute_and_transpose();
  test_expand();
  test_squeeze_and_unsqueeze();
  test_slice();
  test_select();
  test_contiguous_and_to();
  test_gradients();
  CHECK_NO_LEAK();
  return check_report();
}
