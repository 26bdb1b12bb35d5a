/* The elementwise kernels called directly, at each instruction set that this machine has: how far the functions of
 * kernels/math_f32.h and trigonometry_f32.h, and what is made of them, are from the C library in double, that AVX2 and AVX-512 give the same bits, and that a kernel gives
 * an element the same bits wherever in a vector it stands. */

#include "tensor/kernels/math_f32.h" /* first: its names are shorter than those of the tests */

#include "tests/c/tensors.h"

#include "tensor/cpu.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/isa.h"

ML_ISA_DECLARE(ml_kernel, ml_kernels_f32, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_f64, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_i64, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_i32, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_u8, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_bool, [ML_KERNELS]);

/* The tables by type and instruction set; NULL where this architecture has none. */
#if defined(__x86_64__)
#define TABLES(name) {name##_baseline, name##_avx2, name##_avx512}
#else
#define TABLES(name) {name##_baseline, NULL, NULL}
#endif
static const ml_kernel *tables[ML_DTYPES][ML_ISAS] = {
    [ML_BOOL] = TABLES(ml_kernels_bool), [ML_UINT8] = TABLES(ml_kernels_u8),    [ML_INT32] = TABLES(ml_kernels_i32),
    [ML_INT64] = TABLES(ml_kernels_i64), [ML_FLOAT32] = TABLES(ml_kernels_f32), [ML_FLOAT64] = TABLES(ml_kernels_f64),
};

static bool have(ml_isa isa) { return isa <= ml_cpu_isa(); } /* run without MOONLAB_ISA, this is all the machine has */

static ml_kernel kernel_of(int op, ml_dtype dtype, ml_isa isa) { return tables[dtype][isa][ml_ops[op].elementwise->forward.kernel]; }

/* Accuracy --------------------------------------------------------------------------------------------------------- */

enum { POINTS = 1 << 20 };
static float xs[POINTS + 64], ys[POINTS + 64];
static int points;

/* Every float of a dense grid of bit patterns: all magnitudes, both signs, subnormals, and the edges. */
static void fill_points(void) {
  const float edges[] = {0.0f,    -0.0f,   1e-45f,   -1e-45f,  1.17549421e-38f, 1.17549435e-38f, 3.40282347e38f, -3.40282347e38f,
                         0.625f,  -0.625f, 0.62499994f, 1.0f,  -1.0f,           0.99999994f,     88.7f,          88.72284f,
                         88.73f,  -87.3f,  -87.34f,  -103.9f,  -103.98f,        -104.0f,         0.70710677f,    0.70710683f};
  points = 0;
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) xs[points++] = edges[i];
  for (uint64_t bits = 0; bits < 0x7f800000; bits += 4243) {
    uint32_t b = (uint32_t)bits;
    memcpy(&xs[points++], &b, 4);
    b |= 0x80000000u;
    memcpy(&xs[points++], &b, 4);
  }
  for (int i = 0; points < POINTS; i++) xs[points++] = (float)((double)(i % 200000 - 100000) * 1.1e-3 + i * 1e-9);
}

/* Distance in units of the last place of a float of the size of `right`. */
static double ulps(float got, double right) {
  if (isnan(right)) return isnan(got) ? 0 : INFINITY;
  if (isinf(right) || fabs(right) >= 0x1.ffffffp127) { /* rounds to infinity */
    return isinf(got) && (got > 0) == (right > 0) ? 0 : INFINITY;
  }
  if (isnan(got)) return INFINITY;
  if (isinf(got)) return right > 0x1.fffffdp127 || right < -0x1.fffffdp127 ? 1 : INFINITY;
  int exponent = ilogb(right);
  double unit = right == 0 || exponent < -126 ? 0x1p-149 : ldexp(1, exponent - 23);
  return fabs((double)got - right) / unit;
}

static double rsqrt_of(double x) { return 1 / sqrt(x); }
static double sigmoid_of(double x) { return 1 / (1 + exp(-x)); }
static double silu_of(double x) { return x / (1 + exp(-x)); }
static double gelu_of(double x) { return 0.5 * x * erfc(-x * 0.70710678118654752440); }
static double ndtr_of(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }
static double softplus_of(double x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }

/* The largest error over the points within low..high; and that error as a share of |x| (for functions that lose digits far
 * to the left, where they are next to nothing). */
typedef struct errors {
  double ulps, share;
  float at;
} errors;

static errors measure(int op, ml_isa isa, double (*right)(double), double low, double high) {
  void *in[] = {xs};
  errors worst = {0};
  kernel_of(op, ML_FLOAT32, isa)(points, in, ys, NULL);
  for (int i = 0; i < points; i++) {
    double x = (double)xs[i];
    if (x < low || x > high) continue;
    double r = right(x), u = ulps(ys[i], r), s = fabs((double)ys[i] - r) / fmax(fabs(x), 1e-30);
    if (!(u <= worst.ulps)) worst.ulps = u, worst.at = xs[i];
    if (!(s <= worst.share)) worst.share = s;
  }
  return worst;
}

static void test_functions_are_as_exact_as_they_say(void) {
  static const struct {
    int op;
    double (*right)(double);
    double low, high, ulps;
  } promises[] = {
      {ML_OP_EXP, exp, -INFINITY, INFINITY, 1},
      {ML_OP_EXPM1, expm1, -INFINITY, INFINITY, 2},
      {ML_OP_EXP2, exp2, -INFINITY, INFINITY, 2},
      {ML_OP_LOG, log, -INFINITY, INFINITY, 0.8},
      {ML_OP_LOG1P, log1p, -INFINITY, INFINITY, 2.5},
      {ML_OP_LOG2, log2, -INFINITY, INFINITY, 2},
      {ML_OP_LOG10, log10, -INFINITY, INFINITY, 2},
      {ML_OP_SIN, sin, -INFINITY, INFINITY, 2},
      {ML_OP_COS, cos, -INFINITY, INFINITY, 2},
      {ML_OP_TAN, tan, -INFINITY, INFINITY, 3.5},
      {ML_OP_ASIN, asin, -INFINITY, INFINITY, 2},
      {ML_OP_ACOS, acos, -INFINITY, INFINITY, 2},
      {ML_OP_ATAN, atan, -INFINITY, INFINITY, 2.2},
      {ML_OP_SINH, sinh, -INFINITY, INFINITY, 2},
      {ML_OP_COSH, cosh, -INFINITY, INFINITY, 2},
      {ML_OP_TANH, tanh, -INFINITY, INFINITY, 2.7},
      {ML_OP_ASINH, asinh, -INFINITY, INFINITY, 3},
      {ML_OP_ACOSH, acosh, -INFINITY, INFINITY, 3},
      {ML_OP_ATANH, atanh, -INFINITY, INFINITY, 3},
      {ML_OP_ERF, erf, -INFINITY, INFINITY, 1.5},
      {ML_OP_ERFC, erfc, -INFINITY, INFINITY, 6},
      {ML_OP_NDTR, ndtr_of, -0.5, INFINITY, 2.5},
      {ML_OP_SQRT, sqrt, -INFINITY, INFINITY, 0.5},
      {ML_OP_RSQRT, rsqrt_of, -INFINITY, INFINITY, 1.5},
      {ML_OP_SIGMOID, sigmoid_of, -87, INFINITY, 2.5},
      {ML_OP_SILU, silu_of, -87, INFINITY, 2.5},
      {ML_OP_SOFTPLUS, softplus_of, -87, INFINITY, 2.5},
      {ML_OP_GELU, gelu_of, -0.5, INFINITY, 3},
  };
  for (ml_isa isa = ML_ISA_BASELINE; isa < ML_ISAS; isa++) {
    if (!have(isa)) continue;
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
      errors e = measure(promises[i].op, isa, promises[i].right, promises[i].low, promises[i].high);
      check_record(e.ulps <= promises[i].ulps, __FILE__, __LINE__, "%s, %s: %.3f units of the last place at %.9g, at most %g are promised",
                   ml_ops[promises[i].op].name, ml_isa_name(isa), e.ulps, (double)e.at, promises[i].ulps);
    }
    errors left = measure(ML_OP_GELU, isa, gelu_of, -INFINITY, 0);
    check_record(left.share <= 1.2e-7, __FILE__, __LINE__, "gelu, %s: off by %g of x", ml_isa_name(isa), left.share);
  }
}

static void test_special_values(void) {
  float in[] = {INFINITY, -INFINITY, NAN, 0.0f, -0.0f, -1.0f}, out[6];
  static const struct {
    int op;
    float right[6];
  } rows[] = {
      {ML_OP_EXP, {INFINITY, 0, NAN, 1, 1, 0.36787944f}}, {ML_OP_LOG, {INFINITY, NAN, NAN, -INFINITY, -INFINITY, NAN}},
      {ML_OP_TANH, {1, -1, NAN, 0, -0.0f, -0.76159416f}}, {ML_OP_ERF, {1, -1, NAN, 0, -0.0f, -0.84270079f}},
      {ML_OP_SIGMOID, {1, 0, NAN, 0.5f, 0.5f, 0.26894142f}}, {ML_OP_SQRT, {INFINITY, NAN, NAN, 0, -0.0f, NAN}},
      {ML_OP_RELU, {INFINITY, 0, NAN, 0, -0.0f, 0}},      {ML_OP_SIGN, {1, -1, NAN, 0, -0.0f, -1}},
      {ML_OP_SOFTPLUS, {INFINITY, 0, NAN, 0.69314718f, 0.69314718f, 0.31326169f}},
      {ML_OP_LOG1P, {INFINITY, NAN, NAN, 0, -0.0f, -INFINITY}},
      {ML_OP_LOG2, {INFINITY, NAN, NAN, -INFINITY, -INFINITY, NAN}}, {ML_OP_LOG10, {INFINITY, NAN, NAN, -INFINITY, -INFINITY, NAN}},
      {ML_OP_EXPM1, {INFINITY, -1, NAN, 0, -0.0f, -0.63212056f}}, {ML_OP_EXP2, {INFINITY, 0, NAN, 1, 1, 0.5f}},
      {ML_OP_SIN, {NAN, NAN, NAN, 0, -0.0f, -0.84147098f}}, {ML_OP_COS, {NAN, NAN, NAN, 1, 1, 0.54030231f}},
      {ML_OP_TAN, {NAN, NAN, NAN, 0, -0.0f, -1.5574077f}}, {ML_OP_ASIN, {NAN, NAN, NAN, 0, -0.0f, -1.5707963f}},
      {ML_OP_ACOS, {NAN, NAN, NAN, 1.5707963f, 1.5707963f, 3.1415927f}}, {ML_OP_ATAN, {1.5707963f, -1.5707963f, NAN, 0, -0.0f, -0.78539816f}},
      {ML_OP_SINH, {INFINITY, -INFINITY, NAN, 0, -0.0f, -1.1752012f}}, {ML_OP_COSH, {INFINITY, INFINITY, NAN, 1, 1, 1.5430806f}},
      {ML_OP_ASINH, {INFINITY, -INFINITY, NAN, 0, -0.0f, -0.88137359f}}, {ML_OP_ACOSH, {INFINITY, NAN, NAN, NAN, NAN, NAN}},
      {ML_OP_ATANH, {NAN, NAN, NAN, 0, -0.0f, -INFINITY}}, {ML_OP_ERFC, {0, 2, NAN, 1, 1, 1.8427008f}},
      {ML_OP_FLOOR, {INFINITY, -INFINITY, NAN, 0, -0.0f, -1}}, {ML_OP_CEIL, {INFINITY, -INFINITY, NAN, 0, -0.0f, -1}},
      {ML_OP_ROUND, {INFINITY, -INFINITY, NAN, 0, -0.0f, -1}}, {ML_OP_TRUNC, {INFINITY, -INFINITY, NAN, 0, -0.0f, -1}},
      {ML_OP_RSQRT, {0, NAN, NAN, INFINITY, -INFINITY, NAN}},
  };
  for (ml_isa isa = ML_ISA_BASELINE; isa < ML_ISAS; isa++) {
    if (!have(isa)) continue;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
      void *from[] = {in};
      kernel_of(rows[r].op, ML_FLOAT32, isa)(6, from, out, NULL);
      for (int i = 0; i < 6; i++) {
        float right = rows[r].right[i];
        bool ok = isnan(right) ? isnan(out[i]) : fabsf(out[i] - right) <= 4e-7f * fabsf(right) || out[i] == right;
        if (right == 0) ok = out[i] == 0 && (signbit(out[i]) != 0) == (signbit(right) != 0);
        check_record(ok, __FILE__, __LINE__, "%s of %g, %s: %.9g instead of %.9g", ml_ops[rows[r].op].name, (double)in[i],
                     ml_isa_name(isa), (double)out[i], (double)right);
      }
    }
  }
}

/* atan2 and hypot in all directions, with the signs of zero and the infinities. */
static void test_functions_of_a_point(void) {
  static const float values[] = {0.0f, -0.0f, 1, -1, 0.3f, -0.7f, 1e-40f, 3e38f, -3e38f, 1e20f, INFINITY, -INFINITY, NAN};
  enum { VALUES = sizeof values / sizeof *values };
  for (ml_isa isa = ML_ISA_BASELINE; isa < ML_ISAS; isa++) {
    if (!have(isa)) continue;
    for (int i = 0; i < VALUES * VALUES; i++) {
      float x = values[i / VALUES], y = values[i % VALUES], angle, length;
      void *in[] = {&x, &y};
      kernel_of(ML_OP_ATAN2, ML_FLOAT32, isa)(1, in, &angle, NULL);
      kernel_of(ML_OP_HYPOT, ML_FLOAT32, isa)(1, in, &length, NULL);
      double right = atan2((double)x, (double)y);
      bool sign = isnan(right) || signbit(angle) == signbit((float)right);
      check_record(ulps(angle, right) <= 2.5 && sign, __FILE__, __LINE__, "atan2(%g, %g), %s: %.9g", (double)x, (double)y, ml_isa_name(isa), (double)angle);
      check_record(ulps(length, hypot((double)x, (double)y)) <= 0.51, __FILE__, __LINE__, "hypot(%g, %g), %s: %.9g", (double)x, (double)y, ml_isa_name(isa), (double)length);
    }
  }
}

/* pow: the special cases of all pairs of values, and how far it is from the C library's in double. */
static void test_powers(void) {
  static const float values[] = {0.0f, -0.0f,  1,     -1,    0.5f,       -0.5f,     2,        -2,       3,        -3,  2.5f, -2.5f,
                                 1e-40f, -1e-40f, 3e38f, -3e38f, 16777215.0f, -16777215.0f, 16777216.0f, 0.99999994f, 1.0000001f, INFINITY, -INFINITY, NAN};
  enum { VALUES = sizeof values / sizeof *values, DRAWN = 1 << 18 };
  for (ml_isa isa = ML_ISA_BASELINE; isa < ML_ISAS; isa++) {
    if (!have(isa)) continue;
    ml_kernel pow_f32 = kernel_of(ML_OP_POW, ML_FLOAT32, isa);
    for (int i = 0; i < VALUES * VALUES; i++) {
      float x = values[i / VALUES], y = values[i % VALUES], z;
      pow_f32(1, (void *[]){&x, &y}, &z, NULL);
      double right = pow((double)x, (double)y);
      bool sign = isnan(right) || !signbit(z) == !signbit(right);
      check_record(ulps(z, right) <= 0.51 && sign, __FILE__, __LINE__, "pow(%g, %g), %s: %.9g", (double)x, (double)y, ml_isa_name(isa), (double)z);
    }
    double worst = 0;
    for (int i = 0; i < DRAWN; i++) {
      uint32_t bits = (uint32_t)i * 8191u % 0x7f800000u; /* every magnitude */
      memcpy(&xs[i], &bits, 4);
      double reach = 150 / fmax(1e-3, fabs(log2((double)xs[i]))); /* to both ends of the floats */
      ys[i] = (float)(reach * ((double)((uint32_t)i * 2654435761u) / 0x1p31 - 1));
    }
    static float zs[DRAWN];
    pow_f32(DRAWN, (void *[]){xs, ys}, zs, NULL);
    for (int i = 0; i < DRAWN; i++) worst = fmax(worst, ulps(zs[i], pow((double)xs[i], (double)ys[i])));
    check_record(worst <= 0.51, __FILE__, __LINE__, "pow, %s: %g units", ml_isa_name(isa), worst);
  }
}

/* Bits ------------------------------------------------------------------------------------------------------------- */

enum { N = 4099 };
static _Alignas(64) char in_bytes[ML_KERNEL_INPUTS][N * 8 + 64], out_bytes[2][N * 8 + 64];

/* Inputs of a type: usual numbers, and specials among those of floats. Nothing is zero where a kernel divides integers. */
static void fill_inputs(ml_dtype dtype) {
  for (int k = 0; k < ML_KERNEL_INPUTS; k++) {
    for (int i = 0; i < N; i++) {
      uint32_t word = ml_random_word((uint64_t)k + 1, (uint64_t)i);
      double u = ml_random_double((uint64_t)k + 99, (uint64_t)i);
      char *p = in_bytes[k] + (size_t)i * ml_dtype_size(dtype);
      const double special[] = {0, -0.0, 1, INFINITY, -INFINITY, NAN, 1e-40, -3e38};
      double v = word % 16 == 0 ? special[word / 16 % 8] : (u - 0.5) * (word % 3 == 0 ? 200 : 4);
      switch (dtype) {
      case ML_FLOAT32: { float f = (float)v; memcpy(p, &f, 4); break; }
      case ML_FLOAT64: memcpy(p, &v, 8); break;
      case ML_INT64: { int64_t n = (int64_t)(word % 1000) - 500; n += n == 0; memcpy(p, &n, 8); break; }
      case ML_INT32: { int32_t n = (int32_t)(word % 1000) - 500; n += n == 0; memcpy(p, &n, 4); break; }
      case ML_UINT8: *(uint8_t *)p = (uint8_t)(1 + word % 255); break;
      default: *(uint8_t *)p = word & 1;
      }
    }
  }
}

/* The op that a kernel belongs to, and whether the kernel is its forward. */
static const ml_op *op_of(int kernel, bool *forward) {
  for (int op = 0; op < ML_OPS; op++) {
    const ml_elementwise *e = ml_ops[op].elementwise;
    if (!e) continue;
    *forward = e->forward.kernel == kernel;
    if (*forward) return &ml_ops[op];
    for (int i = 0; i < ml_ops[op].inputs; i++) {
      if (e->grad[i].inputs > 0 && e->grad[i].kernel == kernel) return &ml_ops[op];
    }
  }
  return NULL;
}

/* Bytes of an element of the result: comparisons give bool. */
static size_t width_of(ml_dtype dtype, int kernel) {
  bool forward;
  const ml_op *op = op_of(kernel, &forward);
  return forward && op->elementwise->result == ML_BOOL ? 1 : ml_dtype_size(dtype);
}

/* Masks must be 0 or 1, which the inputs here are not. */
static bool takes_mask(int kernel) {
  bool forward;
  const ml_op *op = op_of(kernel, &forward);
  for (int i = 0; i < op->inputs; i++) {
    if (op->input_kind[i] == ML_INPUT_MASK) return true;
  }
  return false;
}

/* The same bits; but which of the NaNs it is does not matter. */
static bool alike(ml_dtype dtype, const char *a, const char *b, size_t width) {
  if (memcmp(a, b, width) == 0) return true;
  if (width == 1 || !ml_dtype_is_float(dtype)) return false;
  float f[2];
  double d[2];
  memcpy(&f[0], a, 4), memcpy(&f[1], b, 4);
  if (dtype == ML_FLOAT32) return isnan(f[0]) && isnan(f[1]);
  memcpy(&d[0], a, 8), memcpy(&d[1], b, 8);
  return isnan(d[0]) && isnan(d[1]);
}

static void run(ml_dtype dtype, ml_isa isa, int kernel, int64_t from, int64_t n, char *out) {
  static const double params[4] = {0.25, 1.5, 0.5, 2};
  void *in[ML_KERNEL_INPUTS];
  for (int i = 0; i < ML_KERNEL_INPUTS; i++) in[i] = in_bytes[i] + (size_t)from * ml_dtype_size(dtype);
  tables[dtype][isa][kernel](n, in, out, params);
}

static void for_all_kernels(void (*f)(ml_dtype dtype, int kernel)) {
  for (ml_dtype dtype = 0; dtype < ML_DTYPES; dtype++) {
    fill_inputs(dtype);
    for (int kernel = 0; kernel < ML_KERNELS; kernel++) {
      if (tables[dtype][ML_ISA_BASELINE][kernel] && !takes_mask(kernel)) f(dtype, kernel);
    }
  }
}

static void same_bits(ml_dtype dtype, int kernel) {
  if (!have(ML_ISA_AVX512)) return;
  size_t width = width_of(dtype, kernel);
  bool right = true;
  run(dtype, ML_ISA_AVX2, kernel, 0, N, out_bytes[0]);
  run(dtype, ML_ISA_AVX512, kernel, 0, N, out_bytes[1]);
  for (size_t i = 0; i < N; i++) right = right && alike(dtype, out_bytes[0] + i * width, out_bytes[1] + i * width, width);
  check_record(right, __FILE__, __LINE__, "kernel %d of %s: other bits with AVX-512 than with AVX2",
               kernel, ml_dtype_name(dtype));
}

static void test_avx2_and_avx512_give_the_same_bits(void) { for_all_kernels(same_bits); }

/* Element i computed alone, and at the end of odd lengths, is element i of the whole. */
static void alone(ml_dtype dtype, int kernel) {
  size_t width = width_of(dtype, kernel);
  for (ml_isa isa = ML_ISA_BASELINE; isa < ML_ISAS; isa++) {
    if (!have(isa)) continue;
    bool right = true;
    run(dtype, isa, kernel, 0, 259, out_bytes[0]);
    for (size_t i = 0; i < 259; i++) {
      run(dtype, isa, kernel, (int64_t)i, 1, out_bytes[1]);
      right = right && alike(dtype, out_bytes[0] + i * width, out_bytes[1], width);
    }
    check_record(right, __FILE__, __LINE__, "kernel %d of %s, %s: an element alone has other bits", kernel, ml_dtype_name(dtype), ml_isa_name(isa));
  }
}

static void test_an_element_has_the_same_bits_wherever_it_stands(void) { for_all_kernels(alone); }

/* What the optimizers take roots with; at the baseline's arithmetic, the least exact. */
static void test_square_roots(void) {
  double worst = 0;
  for (int i = 0; i < points; i++) {
    float x = xs[i];
    if (!(x >= 0x1p-126f) || x == INFINITY) continue;
    double error = fabs(f32_sqrt(x) - sqrt((double)x)) / sqrt((double)x);
    worst = error > worst ? error : worst;
  }
  CHECK(worst > 0 && worst < 1.2e-7);
  CHECK(f32_sqrt(0) == 0 && f32_sqrt(INFINITY) == INFINITY && isnan(f32_sqrt(-1)) && isnan(f32_sqrt(NAN)));
}

int main(void) {
  ml_context_init(c);
  fill_points();
  test_functions_are_as_exact_as_they_say();
  test_special_values();
  test_square_roots();
  test_functions_of_a_point();
  test_powers();
  test_avx2_and_avx512_give_the_same_bits();
  test_an_element_has_the_same_bits_wherever_it_stands();
  return check_report();
}
