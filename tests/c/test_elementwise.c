/* Elementwise ops through the engine: integer arithmetic at its edges, the promotion of types against a written matrix,
 * and inputs of any strides against a reference that computes each element by itself. */

#include "tests/c/tensors.h"

#include "tensor/elementwise.h"

/* Integers --------------------------------------------------------------------------------------------------------- */

typedef __int128 wide;

static wide floor_divide_right(wide x, wide y) {
  wide q = x / y;
  return q - (x % y != 0 && (x < 0) != (y < 0));
}
static wide remainder_right(wide x, wide y) { return x - floor_divide_right(x, y) * y; }

static wide power_right(wide x, wide y) { /* modulo 2^64: enough for any of the types */
  uint64_t result = 1, base = (uint64_t)x;
  for (; y > 0; y /= 2, base *= base) {
    if (y % 2) result *= base;
  }
  return (wide)(int64_t)result;
}

/* Kept to the bits of a type, as the machine does. */
static int64_t wrapped(wide v, ml_dtype dtype) {
  if (dtype == ML_UINT8) return (uint8_t)v;
  if (dtype == ML_INT32) return (int32_t)(uint32_t)v;
  return (int64_t)(uint64_t)v;
}

static void put_integer(ml_tensor *x, int64_t i, int64_t v) {
  if (x->dtype == ML_UINT8) ((uint8_t *)ml_data(x))[i] = (uint8_t)v;
  else if (x->dtype == ML_INT32) ((int32_t *)ml_data(x))[i] = (int32_t)v;
  else ml_i64(x)[i] = v;
}
static int64_t get_integer(const ml_tensor *x, int64_t i) {
  if (x->dtype == ML_UINT8) return ((const uint8_t *)ml_data(x))[i];
  if (x->dtype == ML_INT32) return ((const int32_t *)ml_data(x))[i];
  return ml_i64(x)[i];
}

typedef ml_status (*binary)(ml_context *, const ml_tensor *, const ml_tensor *, ml_tensor **);

static void check_pairs(ml_dtype dtype, const int64_t *values, int n) {
  static const struct {
    const char *name;
    binary op;
    wide (*right)(wide, wide);
    bool nonzero, nonnegative;
  } ops[] = {{"floor_divide", ml_floor_divide, floor_divide_right, true, false},
             {"remainder", ml_remainder, remainder_right, true, false},
             {"pow", ml_pow, power_right, false, true}};
  for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
    for (int j = 0; j < n; j++) {
      if ((ops[k].nonzero && values[j] == 0) || (ops[k].nonnegative && values[j] < 0)) continue;
      ml_tensor *x = empty(dtype, SHAPE(n)), *y = empty(dtype, SHAPE(1));
      for (int i = 0; i < n; i++) put_integer(x, i, values[i]);
      put_integer(y, 0, values[j]);
      ml_tensor *z = R(ops[k].op(c, x, y, OUT));
      for (int i = 0; i < n; i++) {
        int64_t right = wrapped(ops[k].right(values[i], values[j]), dtype);
        check_record(get_integer(z, i) == right, __FILE__, __LINE__, "%s of %s %lld, %lld: got %lld, expected %lld", ops[k].name,
                     ml_dtype_name(dtype), (long long)values[i], (long long)values[j], (long long)get_integer(z, i), (long long)right);
      }
    }
  }
}

static void check_wrapping(ml_dtype dtype, const int64_t *values, int n) {
  static const binary ops[] = {ml_add, ml_sub, ml_mul};
  ml_tensor *x = empty(dtype, SHAPE(n, 1)), *y = empty(dtype, SHAPE(n));
  for (int i = 0; i < n; i++) put_integer(x, i, values[i]), put_integer(y, i, values[i]);
  for (int k = 0; k < 3; k++) {
    ml_tensor *z = R(ops[k](c, x, y, OUT));
    bool right = true;
    for (int i = 0; i < n * n; i++) {
      wide a = values[i / n], b = values[i % n], v = k == 0 ? a + b : k == 1 ? a - b : a * b;
      right = right && get_integer(z, i) == wrapped(v, dtype);
    }
    check_record(right, __FILE__, __LINE__, "operation %d of %s does not wrap", k, ml_dtype_name(dtype));
  }
}

static void test_integers_divide_and_wrap_as_lua_does(void) {
  static const int64_t of64[] = {INT64_MIN, INT64_MIN + 1, -1000000007, -7, -2, -1, 0, 1, 2, 7, 63, 1000000007, INT64_MAX - 1, INT64_MAX};
  static const int64_t of32[] = {INT32_MIN, INT32_MIN + 1, -65537, -7, -2, -1, 0, 1, 2, 7, 31, 65537, INT32_MAX - 1, INT32_MAX};
  int64_t of8[256];
  for (int i = 0; i < 256; i++) of8[i] = i;
  check_pairs(ML_INT64, of64, (int)(sizeof of64 / sizeof *of64));
  check_pairs(ML_INT32, of32, (int)(sizeof of32 / sizeof *of32));
  check_pairs(ML_UINT8, of8, 256);
  check_wrapping(ML_INT64, of64, (int)(sizeof of64 / sizeof *of64));
  check_wrapping(ML_INT32, of32, (int)(sizeof of32 / sizeof *of32));
  check_wrapping(ML_UINT8, of8, 256);
  tensors_free();
}

static void test_what_integers_cannot_do_is_refused(void) {
  ml_tensor *x = VALUES(ML_INT32, 4, 5, 6), *y = VALUES(ML_INT32, 1, 0, 2), *below = VALUES(ML_INT32, 1, 2, -1), *z;
  CHECK_FAILS(c, ML_ERROR, "floor_divide: an integer divided by zero, at element 2\n  hint: x:float() gives inf or nan there", ml_floor_divide(c, x, y, &z));
  CHECK_FAILS(c, ML_ERROR, "remainder: an integer divided by zero, at element 2\n  hint: x:float() gives inf or nan there", ml_remainder(c, x, y, &z));
  CHECK_FAILS(c, ML_ERROR, "pow: an integer to a negative power, at element 3\n  hint: x:float() first", ml_pow(c, x, below, &z));
  CHECK(z == NULL);
  CHECK_VALUES(R(ml_floor_divide(c, VALUES(ML_FLOAT32, 1, -1, 0), R(ml_zeros(c, SHAPE(1), ML_FLOAT32, OUT)), OUT)), INFINITY, -INFINITY, NAN);
  tensors_free();
}

static void test_floats_divide_as_lua_does(void) {
  for (ml_dtype dtype = ML_FLOAT32; dtype <= ML_FLOAT64; dtype++) {
    ml_tensor *x = VALUES(dtype, 7, -7, 7, -7, 0.5, -1, 1, 6), *y = VALUES(dtype, 4, 4, -4, -4, 2, INFINITY, -INFINITY, 3);
    CHECK_VALUES(R(ml_floor_divide(c, x, y, OUT)), 1, -2, -2, 1, 0, 0, 0, 2);
    CHECK_VALUES(R(ml_remainder(c, x, y, OUT)), 3, 1, -1, -3, 0.5, INFINITY, -INFINITY, 0);
  }
  tensors_free();
}

static void test_numbers_of_an_op_go_to_the_nearest_of_the_type(void) {
  CHECK_VALUES(R(ml_clamp(c, VALUES(ML_INT32, -3, 0, 2), -1, INFINITY, OUT)), -1, 0, 2);
  CHECK_VALUES(R(ml_clamp(c, VALUES(ML_INT64, -3, 0, 2), -INFINITY, 1, OUT)), -3, 0, 1);
  CHECK_VALUES(R(ml_clamp(c, VALUES(ML_UINT8, 1, 2, 250), -1, 300, OUT)), 1, 2, 250);
  CHECK_VALUES(R(ml_masked_fill(c, VALUES(ML_UINT8, 1, 2), VALUES(ML_BOOL, 1, 0), 300, OUT)), 255, 2);
  CHECK_VALUES(R(ml_masked_fill(c, VALUES(ML_INT32, 1, 2), VALUES(ML_BOOL, 1, 0), -INFINITY, OUT)), INT32_MIN, 2);
  CHECK_VALUES(R(ml_masked_fill(c, VALUES(ML_INT32, 1, 2), VALUES(ML_BOOL, 0, 1), NAN, OUT)), 1, 0);
  CHECK_INT(get_integer(R(ml_masked_fill(c, VALUES(ML_INT64, 1), VALUES(ML_BOOL, 1), INFINITY, OUT)), 0), INT64_MAX);
  tensors_free();
}

/* Types ------------------------------------------------------------------------------------------------------------ */

static void test_types_promote_by_the_written_table(void) {
  enum { B = ML_BOOL, U = ML_UINT8, I = ML_INT32, L = ML_INT64, F = ML_FLOAT32, D = ML_FLOAT64 };
  static const int table[6][6] = {
      {B, U, I, L, F, D}, {U, U, I, L, F, D}, {I, I, I, L, F, D}, {L, L, L, L, F, D}, {F, F, F, F, F, D}, {D, D, D, D, D, D}};
  ml_tensor *mask = VALUES(ML_BOOL, 1, 0);
  for (int a = 0; a < ML_DTYPES; a++) {
    for (int b = 0; b < ML_DTYPES; b++) {
      CHECK_INT(ml_dtype_promote((ml_dtype)a, (ml_dtype)b), table[a][b]);
      ml_tensor *x = VALUES((ml_dtype)a, 1, 1), *y = VALUES((ml_dtype)b, 0, 0);
      ml_tensor *z = R(ml_where(c, mask, x, y, OUT));
      CHECK_INT(z->dtype, table[a][b]);
      CHECK_VALUES(z, 1, 0);
      if (table[a][b] != B) CHECK_INT(R(ml_add(c, x, y, OUT))->dtype, table[a][b]);
      CHECK_INT(R(ml_div(c, x, R(ml_add(c, y, R(ml_integer(c, 1, OUT)), OUT)), OUT))->dtype, table[a][b] == D ? D : F);
      CHECK_INT(R(ml_lt(c, x, y, OUT))->dtype, B);
    }
  }
  /* the type of a plain number, in columns: whole, with a fraction */
  static const int with_number[6][2] = {{L, F}, {U, F}, {I, F}, {L, F}, {F, F}, {D, D}};
  for (int a = 0; a < ML_DTYPES; a++) {
    ml_tensor *x = VALUES((ml_dtype)a, 1, 1), *whole = R(ml_integer(c, 2, OUT)), *fraction = R(ml_number(c, 2.5, OUT));
    CHECK_INT(R(ml_mul(c, x, whole, OUT))->dtype, with_number[a][0]);
    CHECK_INT(R(ml_mul(c, whole, x, OUT))->dtype, with_number[a][0]);
    CHECK_INT(R(ml_mul(c, x, fraction, OUT))->dtype, with_number[a][1]);
    CHECK_INT(R(ml_mul(c, fraction, x, OUT))->dtype, with_number[a][1]);
  }
  ml_tensor *z;
  CHECK_FAILS(c, ML_ERROR, "add: masks (bool) can't be calculated with\n  hint: combine them with & | ~, or convert with x:to \"int64\"", ml_add(c, mask, mask, &z));
  CHECK_FAILS(c, ML_ERROR, "logical_and: masks or integers are needed, got float32\n  hint: x:ne(0) makes a mask", ml_logical_and(c, mask, VALUES(ML_FLOAT32, 1, 2), &z));
  tensors_free();
}

/* Strides ---------------------------------------------------------------------------------------------------------- */

/* Element `i` (row-major in `shape`) of x broadcast to it. */
static double broadcast_at(const ml_tensor *x, const ml_shape *shape, int64_t i) {
  int64_t offset = 0;
  for (int d = shape->ndim - 1; d >= 0; d--) {
    int64_t k = i % shape->size[d];
    int own = d - (shape->ndim - x->shape.ndim);
    i /= shape->size[d];
    if (own >= 0 && x->shape.size[own] != 1) offset += k * x->stride[own];
  }
  return (double)ml_f32(x)[offset];
}

/* One of many ways to hold a tensor that broadcasts to `shape`: leading dimensions left out, sizes of 1 in the place of
 * others, dimensions permuted in memory, sliced with a step out of a larger one. */
static ml_tensor *some_input(const ml_shape *shape, uint64_t key) {
  int left_out = (int)ml_random_below(key, 0, 3);
  ml_shape s = {.ndim = shape->ndim - (left_out < shape->ndim ? left_out : 0)};
  for (int d = 0; d < s.ndim; d++) {
    s.size[d] = shape->size[d + shape->ndim - s.ndim];
    if (ml_random_below(key, (uint64_t)d + 1, 4) == 0) s.size[d] = 1;
  }
  ml_tensor *x = noise(ML_FLOAT32, &s, key);
  x = laid_out(x, (int)ml_random_below(key, 20, LAYOUTS));
  if (s.ndim > 0 && ml_random_below(key, 21, 3) == 0) { /* a slice in front */
    ml_shape larger = s;
    larger.size[0] = 3 * s.size[0] + 2;
    ml_tensor *base = noise(ML_FLOAT32, &larger, key + 5);
    x = R(ml_slice(c, base, 0, 1, 3 * s.size[0] - 1, 3, OUT));
  }
  return x;
}

static void test_strides_and_broadcasts_against_a_naive_reference(void) {
  static const ml_shape shapes[] = {{0}, {1, {7}}, {1, {20000}}, {2, {3, 5}}, {2, {130, 257}}, {3, {6, 1, 11}}, {3, {40, 50, 21}}, {4, {5, 9, 17, 31}}, {5, {3, 4, 5, 6, 7}}};
  int seen = 0;
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    for (uint64_t turn = 0; turn < 40; turn++) {
      ml_tensor *x = some_input(&shapes[k], 1000 * k + 2 * turn), *y = some_input(&shapes[k], 1000 * k + 2 * turn + 1);
      static const int threads[] = {1, 2, 7};
      ml_threads_set(threads[turn % 3]);
      ml_tensor *z = R(ml_sub(c, x, y, OUT));
      ml_shape both;
      CHECK_OK(c, ml_shape_broadcast(c, "test", &x->shape, &y->shape, &both));
      CHECK(ml_shape_equal(&both, &z->shape));
      bool right = true;
      for (int64_t i = 0; i < ml_count(z); i++) {
        right = right && (float)broadcast_at(z, &both, i) == (float)broadcast_at(x, &both, i) - (float)broadcast_at(y, &both, i);
      }
      check_record(right, __FILE__, __LINE__, "%s - %s is wrong", ML_SHAPE(&x->shape), ML_SHAPE(&y->shape));
      seen += !ml_is_contiguous(x) || !ml_is_contiguous(y);
      if (made_count > 60000) tensors_free();
    }
    tensors_free();
  }
  CHECK(seen > 150); /* that many had strides of their own */
  ml_threads_set(2);
}

static void test_results_are_written_through_strides(void) {
  ml_tensor *base = R(ml_zeros(c, SHAPE(300, 70), ML_FLOAT32, OUT)), *out = R(ml_slice(c, R(ml_transpose(c, base, 0, 1, OUT)), 0, 1, 68, 2, OUT));
  ml_tensor *x = noise(ML_FLOAT32, &out->shape, 3), *y = noise(ML_FLOAT32, &out->shape, 4);
  const ml_tensor *in[] = {x, y};
  CHECK_OK(c, ml_elementwise_run_add(c, ML_FLOAT32, in, out));
  CHECK(same(out, R(ml_add(c, x, y, OUT))));
  double elsewhere = 0;
  for (int64_t i = 0; i < 300; i++) {
    for (int64_t j = 0; j < 70; j += 2) elsewhere += fabs((double)ml_f32(base)[i * 70 + j]);
  }
  CHECK(elsewhere == 0); /* the columns between are untouched */
  tensors_free();
}

static void test_shapes_that_do_not_fit_are_refused(void) {
  ml_tensor *z;
  CHECK_FAILS(c, ML_ERROR,
              "add: shapes [2, 3] and [2] don't fit: dimension 1 from the end is 3 and 2\n  hint: sizes must be equal, or one of them 1",
              ml_add(c, counting(ML_FLOAT32, SHAPE(2, 3)), counting(ML_FLOAT32, SHAPE(2)), &z));
  CHECK_SHAPE(R(ml_add(c, counting(ML_FLOAT32, SHAPE(0, 3)), counting(ML_FLOAT32, SHAPE(3)), OUT)), "[0, 3]");
  CHECK_SHAPE(R(ml_add(c, counting(ML_FLOAT32, SHAPE(0, 1)), counting(ML_FLOAT32, SHAPE(1, 4)), OUT)), "[0, 4]");
  tensors_free();
}

int main(void) {
  ml_context_init(c);
  test_integers_divide_and_wrap_as_lua_does();
  test_what_integers_cannot_do_is_refused();
  test_floats_divide_as_lua_does();
  test_numbers_of_an_op_go_to_the_nearest_of_the_type();
  test_types_promote_by_the_written_table();
  test_strides_and_broadcasts_against_a_naive_reference();
  test_results_are_written_through_strides();
  test_shapes_that_do_not_fit_are_refused();
  ml_threads_stop();
  return check_report();
}
