/* Matrix products against plain loops: every combination of ranks, strides, types. */

#include "tests/c/tensors.h"

#include "tensor/cpu.h"
#include "tensor/gemm.h"

#include <math.h>

/* x (.. m k) times y (.. k n) by loops in double; vectors as a row and a column. */
static ml_tensor *by_loops(const ml_tensor *x, const ml_tensor *y) {
  ml_shape a = x->shape, b = y->shape, batch, s;
  if (a.ndim == 1) a = *SHAPE(1, x->shape.size[0]);
  if (b.ndim == 1) b = *SHAPE(y->shape.size[0], 1);
  int64_t m = a.size[a.ndim - 2], k = a.size[a.ndim - 1], n = b.size[b.ndim - 1];
  a.ndim -= 2;
  b.ndim -= 2;
  CHECK_OK(c, ml_shape_broadcast(c, "test", &a, &b, &batch));
  s = batch;
  if (x->shape.ndim > 1) s.size[s.ndim++] = m;
  if (y->shape.ndim > 1) s.size[s.ndim++] = n;
  ml_tensor *z = empty(ML_FLOAT64, &s);
  for (int64_t p = 0; p < ml_shape_count(&batch); p++) {
    int64_t i_a = 0, i_b = 0, scale_a = 1, scale_b = 1, rest = p;
    for (int d = batch.ndim - 1; d >= 0; d--) {
      int64_t at_d = rest % batch.size[d];
      int da = d - (batch.ndim - a.ndim), db = d - (batch.ndim - b.ndim);
      rest /= batch.size[d];
      if (da >= 0) i_a += (a.size[da] > 1 ? at_d : 0) * scale_a, scale_a *= a.size[da];
      if (db >= 0) i_b += (b.size[db] > 1 ? at_d : 0) * scale_b, scale_b *= b.size[db];
    }
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t l = 0; l < k; l++) sum += at(x, (i_a * m + i) * k + l) * at(y, (i_b * k + l) * n + j);
        put(z, (p * m + i) * n + j, sum);
      }
    }
  }
  return z;
}

static void check_product(ml_dtype dtype, const ml_shape *sx, const ml_shape *sy) {
  ml_shape a = *sx, b = *sy;
  ml_tensor *x = noise(dtype, &a, 1), *y = noise(dtype, &b, 2), *expected = by_loops(x, y);
  for (int i = 0; i < LAYOUTS * LAYOUTS; i++) {
    ml_tensor *z = R(ml_matmul(c, laid_out(x, i / LAYOUTS), laid_out(y, i % LAYOUTS), OUT));
    CHECK_INT(z->dtype, ml_dtype_is_float(dtype) ? dtype : ML_FLOAT32);
    CHECK(distance(z, expected) <= (dtype == ML_FLOAT64 ? 1e-13 : 1e-5));
  }
}

static void test_ranks(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    ml_dtype d = (ml_dtype)t;
    check_product(d, SHAPE(3), SHAPE(3));
    check_product(d, SHAPE(2, 3), SHAPE(3));
    check_product(d, SHAPE(3), SHAPE(3, 2));
    check_product(d, SHAPE(2, 3), SHAPE(3, 4));
    check_product(d, SHAPE(5, 2, 3), SHAPE(3, 4));
    check_product(d, SHAPE(2, 3), SHAPE(5, 3, 4));
    check_product(d, SHAPE(5, 2, 3), SHAPE(5, 3, 4));
    check_product(d, SHAPE(2, 1, 2, 3), SHAPE(4, 3, 2));
    check_product(d, SHAPE(2, 4, 2, 3), SHAPE(1, 1, 3, 2));
    check_product(d, SHAPE(5, 2, 3), SHAPE(3));
    check_product(d, SHAPE(3), SHAPE(5, 3, 2));
    check_product(d, SHAPE(1, 3), SHAPE(3, 1));
    check_product(d, SHAPE(3, 1), SHAPE(1, 3));
    check_product(d, SHAPE(2, 0), SHAPE(0, 3)); /* sums of nothing: zeros */
    check_product(d, SHAPE(0, 2), SHAPE(2, 3));
    check_product(d, SHAPE(0, 2, 3), SHAPE(3, 3));
    tensors_free();
  }
}

/* Sizes on both sides of the tiles' borders. */
static void test_sizes(void) {
  int64_t sizes[][3] = {{64, 256, 784}, {784, 256, 64}, {257, 130, 33}, {1, 300, 500}, {300, 1, 500},
                        {17, 19, 1000}, {530, 40, 60},  {40, 1030, 60}, {31, 33, 300},  {530, 270, 300}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    int64_t m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
    for (int t = ML_FLOAT32; t <= ML_FLOAT64; t++) {
      ml_tensor *x = noise((ml_dtype)t, SHAPE(m, k), 1), *y = noise((ml_dtype)t, SHAPE(k, n), 2);
      ml_tensor *expected = by_loops(x, y);
      double tolerance = t == ML_FLOAT64 ? 1e-12 : 1e-4;
      CHECK(distance(R(ml_mm(c, x, y, OUT)), expected) <= tolerance);
      CHECK(distance(R(ml_mm(c, laid_out(x, 1), laid_out(y, 1), OUT)), expected) <= tolerance);
      tensors_free();
    }
  }
}

/* Every way of laying out A and B, and every start; what stands behind the rows of C stays. */
static void test_gemm_starts(void) {
  for (int t = ML_FLOAT32; t <= ML_FLOAT64; t++) {
    for (int layout = 0; layout < 4 * 3; layout++) {
      ml_dtype d = (ml_dtype)t;
      int64_t m = 20, n = 37, k = 40;
      bool ta = layout & 1, tb = layout >> 1 & 1, add = layout / 4 == 1, with_bias = layout / 4 == 2;
      ml_tensor *a = noise(d, ta ? SHAPE(k, m) : SHAPE(m, k), 1), *b = noise(d, tb ? SHAPE(n, k) : SHAPE(k, n), 2);
      ml_tensor *z = noise(d, SHAPE(m, n + 3), 3), *before = R(ml_contiguous(c, z, OUT)), *bias = noise(d, SHAPE(n), 4);
      CHECK_OK(c, ml_copy(c, noise(d, SHAPE(m, n + 3), 3), before));
      ml_gemm_args g = {.m = m, .n = n, .k = k, .a = ml_data(a), .a_row = ta ? 1 : k, .a_column = ta ? m : 1,
                        .b = ml_data(b), .b_row = tb ? 1 : n, .b_column = tb ? k : 1, .c = ml_data(z), .c_row = n + 3,
                        .add = add, .bias = with_bias ? ml_data(bias) : NULL};
      CHECK_OK(c, ml_gemm(c, d, &g));
      for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n + 3; j++) {
          double old = at(noise(d, SHAPE(m, n + 3), 3), i * (n + 3) + j), sum = add ? old : with_bias && j < n ? at(bias, j) : 0;
          for (int64_t l = 0; l < k; l++)
            sum += at(a, ta ? l * m + i : i * k + l) * at(b, tb ? j * k + l : l * n + j) * (j < n);
          CHECK_CLOSE(at(z, i * (n + 3) + j), j < n ? sum : old, 1e-5);
        }
      }
      tensors_free();
    }
  }
  float nan = NAN, one = 1; /* a product that does not add writes, whatever stood there */
  CHECK_OK(c, ml_gemm(c, ML_FLOAT32, &(ml_gemm_args){.m = 1, .n = 1, .k = 1, .a = &one, .b = &one, .c = &nan}));
  CHECK_CLOSE(nan, 1, 0);
}

/* An element is one chain of fused multiply-adds, whatever the sizes around it, the sides, and the pieces of k. */
static void test_an_element_is_one_chain(void) {
#if defined(__x86_64__)
  if (ml_cpu_isa() == ML_ISA_BASELINE) return; /* which has no fused ones */
#endif
  int64_t sizes[][3] = {{1, 1, 700}, {3, 500, 300}, {500, 3, 300}, {64, 256, 784}, {300, 290, 600}, {15, 33, 1}, {700, 600, 70}};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    int64_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
    ml_tensor *x = noise(ML_FLOAT32, SHAPE(m, k), 1), *y = noise(ML_FLOAT32, SHAPE(n, k), 2);
    ml_tensor *z = R(ml_mm(c, x, R(ml_transpose(c, y, 0, 1, OUT)), OUT));
    for (int64_t i = 0; i < m; i += m > 40 ? 13 : 1) {
      for (int64_t j = 0; j < n; j += n > 40 ? 17 : 1) {
        float sum = 0;
        for (int64_t l = 0; l < k; l++) sum = fmaf(ml_f32(x)[i * k + l], ml_f32(y)[j * k + l], sum);
        CHECK(ml_f32(z)[i * n + j] == sum);
      }
    }
    tensors_free();
  }
}

static void test_threads(void) {
  int64_t sizes[][4] = {{1, 300, 500, 700}, {1, 784, 256, 64}, {40, 30, 50, 60}, {3, 256, 256, 256}, {1, 2000, 1, 300}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    int64_t b = sizes[i][0], m = sizes[i][1], n = sizes[i][2], k = sizes[i][3];
    ml_tensor *x = noise(ML_FLOAT32, SHAPE(b, m, k), 1), *y = noise(ML_FLOAT32, SHAPE(b, k, n), 2);
    ml_threads_set(1);
    ml_tensor *one = R(ml_bmm(c, x, y, OUT));
    ml_threads_set(2);
    CHECK(same(one, R(ml_bmm(c, x, y, OUT))));
    ml_threads_set(7);
    CHECK(same(one, R(ml_bmm(c, x, y, OUT))));
    ml_threads_set(2);
    tensors_free();
  }
}

static void test_refusals(void) {
  ml_tensor *none = NULL, *x = counting(ML_FLOAT32, SHAPE(2, 3)), *scalar = R(ml_number(c, 2, OUT));
  CHECK_FAILS(c, ML_ERROR, "matmul: [2, 3] and [4, 5] don't fit: the first has 3 columns, the second 4 rows",
              ml_matmul(c, x, counting(ML_FLOAT32, SHAPE(4, 5)), &none));
  CHECK_FAILS(c, ML_ERROR,
              "matmul: [2, 3] and [4, 3] don't fit: the first has 3 columns, the second 4 rows\n"
              "  hint: they fit with the second transposed: x:matmul(y:transpose())",
              ml_matmul(c, x, counting(ML_FLOAT32, SHAPE(4, 3)), &none));
  CHECK_FAILS(c, ML_ERROR, "matmul: [2, 3] and []: a number is multiplied with *", ml_matmul(c, x, scalar, &none));
  CHECK_FAILS(c, ML_ERROR, "matmul: [2, 2, 3] and [5, 3, 1] don't fit: the batch sizes [2] and [5] don't broadcast",
              ml_matmul(c, counting(ML_FLOAT32, SHAPE(2, 2, 3)), counting(ML_FLOAT32, SHAPE(5, 3, 1)), &none));
  CHECK_FAILS(c, ML_ERROR, "mm: [2, 3] and [3]: both must be matrices; matmul takes other ranks",
              ml_mm(c, x, counting(ML_FLOAT32, SHAPE(3)), &none));
  CHECK_FAILS(c, ML_ERROR, "bmm: [2, 3] and [2, 3]: both must be batches of as many matrices; matmul broadcasts",
              ml_bmm(c, x, x, &none));
  CHECK_FAILS(c, ML_ERROR, "matrix product: int32 is not a floating type",
              ml_gemm(c, ML_INT32, &(ml_gemm_args){.m = 1, .n = 1}));
}

/* ^C between two tiles: the product is dropped, and the next one is right. */
static void test_interrupt(void) {
  ml_tensor *x = noise(ML_FLOAT32, SHAPE(300, 300), 1), *expected = R(ml_mm(c, x, x, OUT)), *none = NULL;
  ml_interrupt_set(true);
  CHECK(ml_mm(c, x, x, &none) == ML_INTERRUPTED);
  CHECK(none == NULL);
  ml_interrupt_set(false);
  CHECK(same(R(ml_mm(c, x, x, OUT)), expected));
}

static void test_flops(void) {
  int64_t before = c->flops;
  R(ml_matmul(c, counting(ML_FLOAT32, SHAPE(5, 2, 3)), counting(ML_FLOAT32, SHAPE(3, 4)), OUT));
  CHECK_INT(c->flops - before, 2 * 5 * 2 * 3 * 4);
}

static ml_status matmul_call(ml_tensor *const *in, ml_tensor **out) { return ml_matmul(c, in[0], in[1], out); }
static ml_status mm_call(ml_tensor *const *in, ml_tensor **out) { return ml_mm(c, in[0], in[1], out); }
static ml_status bmm_call(ml_tensor *const *in, ml_tensor **out) { return ml_bmm(c, in[0], in[1], out); }

static void check_gradient_of(op_call f, const ml_shape *sx, const ml_shape *sy) {
  ml_shape a = *sx, b = *sy;
  CHECK_GRADIENT(f, true, noise(ML_FLOAT64, &a, 1), noise(ML_FLOAT64, &b, 2));
}

static void test_gradients(void) {
  check_gradient_of(matmul_call, SHAPE(3), SHAPE(3));
  check_gradient_of(matmul_call, SHAPE(2, 3), SHAPE(3));
  check_gradient_of(matmul_call, SHAPE(3), SHAPE(3, 2));
  check_gradient_of(matmul_call, SHAPE(2, 3), SHAPE(3, 4));
  check_gradient_of(matmul_call, SHAPE(4, 2, 3), SHAPE(3, 2));
  check_gradient_of(matmul_call, SHAPE(2, 3), SHAPE(4, 3, 2));
  check_gradient_of(matmul_call, SHAPE(2, 1, 2, 3), SHAPE(2, 3, 2));
  check_gradient_of(matmul_call, SHAPE(3, 2, 3), SHAPE(3));
  check_gradient_of(matmul_call, SHAPE(3), SHAPE(2, 3, 2));
  check_gradient_of(mm_call, SHAPE(2, 3), SHAPE(3, 4));
  check_gradient_of(bmm_call, SHAPE(3, 2, 3), SHAPE(3, 3, 2));
}

int main(void) {
  ml_context_init(c);
  test_ranks();
  test_sizes();
  test_gemm_starts();
  test_an_element_is_one_chain();
  test_threads();
  test_refusals();
  test_interrupt();
  test_flops();
  test_gradients();
  ml_threads_stop();
  CHECK_NO_LEAK();
  return check_report();
}
