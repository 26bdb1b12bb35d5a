/* cat, stack, pad. */

#include "tests/c/tensors.h"

static void test_cat(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_dtype d = (ml_dtype)t;
    ml_tensor *a = noise(d, SHAPE(2, 3), 1), *b = noise(d, SHAPE(2, 2), 2), *e = empty(d, SHAPE(2, 0));
    for (int layout = 0; layout < LAYOUTS; layout++) {
      ml_tensor *list[] = {laid_out(a, layout), e, laid_out(b, layout)};
      ml_tensor *y = R(ml_cat(c, list, 3, 1, OUT));
      CHECK_SHAPE(y, "[2, 5]");
      CHECK_INT(y->dtype, t);
      CHECK(same(R(ml_slice(c, y, 1, 0, 2, 1, OUT)), a) && same(R(ml_slice(c, y, 1, 3, 4, 1, OUT)), b));
      ml_tensor *turned[] = {R(ml_transpose(c, list[0], 0, 1, OUT)), R(ml_transpose(c, list[2], 0, 1, OUT))};
      CHECK(same(R(ml_cat(c, turned, 2, 0, OUT)), R(ml_transpose(c, y, 0, 1, OUT))));
    }
  }
  ml_tensor *mixed[] = {VALUES(ML_INT32, 1, 2), VALUES(ML_FLOAT32, 2.5)};
  ml_tensor *y = R(ml_cat(c, mixed, 2, 0, OUT));
  CHECK_INT(y->dtype, ML_FLOAT32);
  CHECK_VALUES(y, 1, 2, 2.5);
  ml_tensor *many[100]; /* more than fit into the engine's own lists */
  for (int i = 0; i < 100; i++) many[i] = VALUES(ML_FLOAT32, i);
  CHECK_CLOSE(at(R(ml_cat(c, many, 100, 0, OUT)), 57), 57, 0);

  ml_tensor *none = NULL;
  ml_tensor *odd[] = {counting(ML_FLOAT32, SHAPE(2, 3)), counting(ML_FLOAT32, SHAPE(2, 4))};
  CHECK_FAILS(c, ML_ERROR, "cat: tensor 1 is [2, 3] and tensor 2 is [2, 4]: only sizes of dimension 1 may differ",
              ml_cat(c, odd, 2, 0, &none));
  odd[1] = VALUES(ML_FLOAT32, 1);
  CHECK_FAILS(c, ML_ERROR, "cat: tensor 1 is [2, 3] and tensor 2 is [1]: the numbers of dimensions differ",
              ml_cat(c, odd, 2, 0, &none));
  CHECK_FAILS(c, ML_ERROR, "cat: the list of tensors is empty", ml_cat(c, odd, 0, 0, &none));
}

static void test_stack(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_tensor *a = noise((ml_dtype)t, SHAPE(2, 3), 1), *b = noise((ml_dtype)t, SHAPE(2, 3), 2);
    for (int layout = 0; layout < LAYOUTS; layout++) {
      for (int dim = 0; dim < 3; dim++) {
        ml_tensor *list[] = {laid_out(a, layout), b};
        ml_tensor *y = R(ml_stack(c, list, 2, dim, OUT));
        CHECK_INT(y->shape.size[dim], 2);
        CHECK(same(R(ml_select(c, y, dim, 0, OUT)), a) && same(R(ml_select(c, y, dim, 1, OUT)), b));
      }
    }
  }
  ml_tensor *scalars[] = {R(ml_full(c, &(ml_shape){0}, ML_INT64, 3, OUT)),
                          R(ml_full(c, &(ml_shape){0}, ML_INT64, 4, OUT))};
  CHECK_VALUES(R(ml_stack(c, scalars, 2, 0, OUT)), 3, 4);
  ml_tensor *nothing[] = {empty(ML_FLOAT32, SHAPE(0, 2)), empty(ML_FLOAT32, SHAPE(0, 2))};
  CHECK_SHAPE(R(ml_stack(c, nothing, 2, 2, OUT)), "[0, 2, 2]");
  ml_tensor *none = NULL, *odd[] = {counting(ML_FLOAT32, SHAPE(2, 3)), counting(ML_FLOAT32, SHAPE(3))};
  CHECK_FAILS(c, ML_ERROR, "stack: tensor 1 is [2, 3] and tensor 2 is [3]; all must have one shape",
              ml_stack(c, odd, 2, 0, &none));
}

static void test_pad(void) {
  ml_integers one = {2, {1, 2}}, both = {4, {1, 0, 0, 1}}, cut = {2, {-1, -1}}, shift = {2, {-2, 3}};
  ml_integers off = {2, {-3, 3}}, odd = {3, {1, 1, 1}}, deep = {6, {1, 1, 1, 1, 1, 1}}, much = {2, {-3, -1}};
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_tensor *m = noise((ml_dtype)t, SHAPE(2, 3), 6);
    for (int layout = 0; layout < LAYOUTS; layout++) {
      ml_tensor *y = R(ml_pad(c, laid_out(m, layout), &both, 1, OUT));
      CHECK_SHAPE(y, "[3, 4]");
      CHECK(same(R(ml_pad(c, y, &(ml_integers){4, {-1, 0, 0, -1}}, 0, OUT)), m));
      CHECK_CLOSE(at(y, 0) * at(y, 4) * at(y, 8) * at(y, 11), 1, 0);
    }
  }
  ml_tensor *x = VALUES(ML_INT32, 1, 2, 3), *none = NULL;
  CHECK_VALUES(R(ml_pad(c, x, &one, 7, OUT)), 7, 1, 2, 3, 7, 7);
  CHECK_VALUES(R(ml_pad(c, x, &cut, 7, OUT)), 2);
  CHECK_VALUES(R(ml_pad(c, x, &shift, 7, OUT)), 3, 7, 7, 7);
  CHECK_VALUES(R(ml_pad(c, x, &off, 7, OUT)), 7, 7, 7);
  CHECK_VALUES(R(ml_pad(c, empty(ML_FLOAT32, SHAPE(0)), &one, -2, OUT)), -2, -2, -2);
  CHECK_FAILS(c, ML_ERROR, "pad: 3 sizes; there must be a left and a right one for each dimension",
              ml_pad(c, x, &odd, 0, &none));
  CHECK_FAILS(c, ML_ERROR, "pad: 6 sizes are for 3 dimensions, [3] has 1", ml_pad(c, x, &deep, 0, &none));
  CHECK_FAILS(c, ML_ERROR, "pad: {-3, -1} cuts more than the 3 of dimension 1 of [3]", ml_pad(c, x, &much, 0, &none));
}

static ml_status cat_call(ml_tensor *const *in, ml_tensor **out) { return ml_cat(c, in, 3, 1, out); }
static ml_status twice_call(ml_tensor *const *in, ml_tensor **out) {
  return ml_cat(c, (ml_tensor *[]){in[0], in[0]}, 2, 0, out);
}
static ml_status stack_call(ml_tensor *const *in, ml_tensor **out) { return ml_stack(c, in, 2, 1, out); }
static ml_status pad_call(ml_tensor *const *in, ml_tensor **out) {
  return ml_pad(c, in[0], &(ml_integers){4, {1, 2, -1, 1}}, 3, out);
}

static void test_gradients(void) {
  ml_tensor *x = noise(ML_FLOAT64, SHAPE(2, 3), 1), *y = noise(ML_FLOAT64, SHAPE(2, 2), 2);
  CHECK_GRADIENT(cat_call, true, x, empty(ML_FLOAT64, SHAPE(2, 0)), y);
  CHECK_GRADIENT(twice_call, true, x);
  CHECK_GRADIENT(stack_call, true, x, noise(ML_FLOAT64, SHAPE(2, 3), 3));
  CHECK_GRADIENT(pad_call, true, x);
}

int main(void) {
  ml_context_init(c);
  test_cat();
  test_stack();
  test_pad();
  test_gradients();
  CHECK_NO_LEAK();
  return check_report();
}
