/* Reductions against plain loops in double: every type, every set of dimensions, other strides, long rows and tall
 * columns, nothing at all; gradients; the same bits for any number of threads and any instruction set. */

#include "tests/c/tensors.h"

#include "tensor/cpu.h"
#include "tensor/reduce.h"

#include <float.h>

/* Reference -------------------------------------------------------------------------------------------------------- */

typedef enum which { SUM, MEAN, VAR, STD, MIN, MAX, ANY, ALL, NORM1, NORM2, NORM3, NORM_INF, LOGSUMEXP, WHICHES } which;

static double reference(which w, const double *v, int64_t n) {
  double sum = 0, abs1 = 0, squares = 0, cubes = 0, most = -INFINITY, least = INFINITY, largest = 0, exps = 0;
  bool any = false, all = true, nan = false;
  for (int64_t i = 0; i < n; i++) {
    sum += v[i], abs1 += fabs(v[i]), squares += v[i] * v[i], cubes += pow(fabs(v[i]), 3), exps += exp(v[i]);
    most = fmax(most, v[i]), least = fmin(least, v[i]), largest = fmax(largest, fabs(v[i]));
    any |= v[i] != 0, all &= v[i] != 0, nan |= isnan(v[i]);
  }
  double mean = sum / (double)n, spread = 0;
  for (int64_t i = 0; i < n; i++) spread += (v[i] - mean) * (v[i] - mean);
  switch (w) {
  case SUM: return sum;
  case MEAN: return mean;
  case VAR: return spread / (double)(n - 1);
  case STD: return sqrt(spread / (double)(n - 1));
  case MIN: return nan ? NAN : least;
  case MAX: return nan ? NAN : most;
  case ANY: return any;
  case ALL: return all;
  case NORM1: return abs1;
  case NORM2: return sqrt(squares);
  case NORM3: return cbrt(cubes);
  case NORM_INF: return nan ? NAN : largest;
  default: return log(exps);
  }
}

static ml_status run(which w, const ml_tensor *x, const ml_dims *dims, bool keepdim, ml_tensor **out) {
  switch (w) {
  case SUM: return ml_sum(c, x, dims, &(sum_options){keepdim}, out);
  case MEAN: return ml_mean(c, x, dims, &(mean_options){keepdim}, out);
  case VAR: return ml_var(c, x, dims, &(var_options){keepdim, 1}, out);
  case STD: return ml_std(c, x, dims, &(std_options){keepdim, 1}, out);
  case MIN: return ml_min(c, x, dims, &(min_options){keepdim}, out);
  case MAX: return ml_max(c, x, dims, &(max_options){keepdim}, out);
  case ANY: return ml_any(c, x, dims, &(any_options){keepdim}, out);
  case ALL: return ml_all(c, x, dims, &(all_options){keepdim}, out);
  case NORM1: return ml_norm(c, x, dims, &(norm_options){keepdim, 1}, out);
  case NORM2: return ml_norm(c, x, dims, &(norm_options){keepdim, 2}, out);
  case NORM3: return ml_norm(c, x, dims, &(norm_options){keepdim, 3}, out);
  case NORM_INF: return ml_norm(c, x, dims, &(norm_options){keepdim, INFINITY}, out);
  default: return ml_logsumexp(c, x, dims, &(logsumexp_options){keepdim}, out);
  }
}

/* The elements of x that meet in result r when `reduced` (bit mask) goes; returns how many. */
static int64_t elements_of(const ml_tensor *x, unsigned reduced, int64_t r, double *v) {
  int64_t n = 0, total = ml_count(x);
  for (int64_t i = 0; i < total; i++) {
    int64_t rest = i, place = 0, scale = 1;
    for (int d = x->shape.ndim - 1; d >= 0; d--) {
      int64_t p = rest % x->shape.size[d];
      rest /= x->shape.size[d];
      if (reduced >> d & 1) continue;
      place += p * scale;
      scale *= x->shape.size[d];
    }
    if (place == r) v[n++] = at(x, i);
  }
  return n;
}

static void check_against_loops(ml_tensor *x, unsigned reduced, which w) {
  static double v[4096];
  ml_dims dims = {0};
  for (int d = 0; d < x->shape.ndim; d++) {
    if (reduced >> d & 1) dims.dim[dims.count++] = d;
  }
  ml_dtype dtype = (ml_dtype)x->dtype, expected = ml_dtype_is_float(dtype) ? dtype : ML_FLOAT32;
  if (w == ANY || w == ALL) expected = ML_BOOL;
  if (w == MIN || w == MAX) expected = dtype;
  if (w == SUM && !ml_dtype_is_float(dtype)) expected = ML_INT64;
  for (int layout = 0; layout < LAYOUTS; layout++) {
    ml_tensor *y = R(run(w, laid_out(x, layout), &dims, layout == 1, OUT));
    CHECK_INT(y->dtype, expected);
    CHECK_INT(y->shape.ndim, layout == 1 ? x->shape.ndim : x->shape.ndim - dims.count);
    for (int64_t r = 0; r < ml_count(y); r++) {
      int64_t n = elements_of(x, reduced, r, v);
      double want = reference(w, v, n), got = at(y, r);
      double tolerance = dtype == ML_FLOAT64 ? 1e-13 : ml_dtype_is_float(expected) ? 2e-6 : 0;
      bool right = (isnan(want) && isnan(got)) || fabs(want - got) <= tolerance * fmax(1, fabs(want));
      check_record(right, "loops", __LINE__, "reduction %d of type %d, dims %x, layout %d, result %lld: %.9g, not %.9g",
                   w, dtype, reduced, layout, (long long)r, got, want);
    }
  }
}

static void test_every_type_and_dims(void) {
  for (int t = 0; t < ML_DTYPES; t++) {
    for (unsigned reduced = 0; reduced < 8; reduced++) {
      for (which w = 0; w < WHICHES; w++) check_against_loops(noise((ml_dtype)t, SHAPE(3, 4, 5), 9), reduced, w);
      tensors_free();
    }
  }
  for (which w = 0; w < WHICHES; w++) {
    check_against_loops(noise(ML_FLOAT32, SHAPE(1), 5), 1, w);
    check_against_loops(noise(ML_FLOAT64, &(ml_shape){0}, 5), 0, w); /* a scalar */
    check_against_loops(noise(ML_FLOAT32, SHAPE(2, 1, 3, 2), 5), 5, w);
    check_against_loops(noise(ML_FLOAT32, SHAPE(37, 41), 5), 1, w); /* past the vectors' ends */
    check_against_loops(noise(ML_FLOAT32, SHAPE(37, 41), 5), 2, w);
    check_against_loops(noise(ML_FLOAT64, SHAPE(3, 300), 5), 2, w);
    check_against_loops(noise(ML_FLOAT32, SHAPE(300, 3), 5), 1, w); /* taller than a block */
    tensors_free();
  }
}

static void test_nothing(void) {
  ml_tensor *x = empty(ML_FLOAT32, SHAPE(2, 0)), *none = NULL;
  CHECK_VALUES(R(run(SUM, x, DIMS(1), false, OUT)), 0, 0);
  CHECK_VALUES(R(run(MEAN, x, DIMS(1), false, OUT)), NAN, NAN);
  CHECK_VALUES(R(run(VAR, x, &all_dims, false, OUT)), NAN);
  CHECK_VALUES(R(run(STD, x, &all_dims, false, OUT)), NAN);
  CHECK_VALUES(R(run(ANY, x, DIMS(1), false, OUT)), 0, 0);
  CHECK_VALUES(R(run(ALL, x, DIMS(1), false, OUT)), 1, 1);
  CHECK_VALUES(R(run(NORM2, x, DIMS(1), false, OUT)), 0, 0);
  CHECK_VALUES(R(run(LOGSUMEXP, x, DIMS(1), false, OUT)), -INFINITY, -INFINITY);
  for (which w = 0; w < WHICHES; w++) CHECK_INT(ml_count(R(run(w, x, DIMS(0), false, OUT))), 0);
  CHECK_FAILS(c, ML_ERROR, "max: dimension 2 of [2, 0] has no elements to choose from",
              run(MAX, x, DIMS(1), false, &none));
  CHECK_FAILS(c, ML_ERROR, "min: dimension 2 of [2, 0] has no elements to choose from",
              run(MIN, x, &all_dims, false, &none));
  CHECK_FAILS(c, ML_ERROR, "argmax: dimension 2 of [2, 0] has no elements to choose from",
              ml_argmax(c, x, 1, &(argmax_options){0}, &none));
  CHECK_FAILS(c, ML_ERROR, "argmin: dimension 2 of [2, 0] has no elements to choose from",
              ml_argmin(c, x, ML_NO_DIM, &(argmin_options){0}, &none));
  CHECK_FAILS(c, ML_ERROR, "norm: p must be positive, not 0",
              ml_norm(c, x, &all_dims, &(norm_options){false, 0}, &none));
  CHECK_VALUES(R(run(VAR, VALUES(ML_FLOAT32, 3), &all_dims, false, OUT)), NAN); /* n - correction is 0 */
  CHECK_VALUES(R(ml_var(c, VALUES(ML_FLOAT32, 3), &all_dims, &(var_options){false, 0}, OUT)), 0);
}

static void test_special_numbers(void) {
  for (int t = ML_FLOAT32; t <= ML_FLOAT64; t++) {
    ml_dtype dtype = (ml_dtype)t;
    for (int64_t n = 3; n < 200; n = 2 * n + 1) {
      for (int64_t place = 0; place < n; place += n / 3) {
        ml_tensor *row = noise(dtype, SHAPE(n), 4);
        put(row, place, NAN);
        for (int turned = 0; turned < 2; turned++) { /* as a row, and down a column beside an ordinary one */
          ml_tensor *both[2] = {row, noise(dtype, SHAPE(n), 5)};
          ml_tensor *x = turned ? R(ml_stack(c, both, 2, 1, OUT)) : row;
          CHECK(isnan(at(R(run(MAX, x, DIMS(0), false, OUT)), 0)));
          CHECK(isnan(at(R(run(MIN, x, DIMS(0), false, OUT)), 0)));
          CHECK(isnan(at(R(run(NORM_INF, x, DIMS(0), false, OUT)), 0)));
          CHECK_INT(at(R(ml_argmax(c, x, 0, &(argmax_options){0}, OUT)), 0), place + 1);
          CHECK_INT(at(R(ml_argmin(c, x, 0, &(argmin_options){0}, OUT)), 0), place + 1);
          CHECK_INT(at(R(run(ANY, x, DIMS(0), false, OUT)), 0), 1);
        }
      }
    }
    CHECK_VALUES(R(run(LOGSUMEXP, VALUES(dtype, 1000, 1000), &all_dims, false, OUT)),
                 dtype == ML_FLOAT32 ? (double)(float)(1000 + log(2)) : 1000 + log(2));
    CHECK_VALUES(R(run(LOGSUMEXP, VALUES(dtype, -INFINITY, -INFINITY), &all_dims, false, OUT)), -INFINITY);
    CHECK_VALUES(R(run(LOGSUMEXP, VALUES(dtype, INFINITY, 0), &all_dims, false, OUT)), INFINITY);
    CHECK_VALUES(R(run(LOGSUMEXP, VALUES(dtype, -INFINITY, 2), &all_dims, false, OUT)), 2);
    CHECK_VALUES(R(run(SUM, VALUES(dtype, INFINITY, -INFINITY), &all_dims, false, OUT)), NAN);
    tensors_free();
  }
  ml_tensor *big = VALUES(ML_INT32, 2147483647, 2147483647);
  CHECK_INT(at(R(run(SUM, big, &all_dims, false, OUT)), 0), 4294967294);
  CHECK_INT(at(R(run(MAX, VALUES(ML_UINT8, 3, 255, 7), &all_dims, false, OUT)), 0), 255);
}

static void test_positions(void) {
  ml_tensor *x = VALUES(ML_INT32, 1, 5, 3, 5, 2, 0, 4, 0, 9);
  ml_tensor *m = R(ml_reshape(c, x, SHAPE(3, 3), OUT)); /* 1 5 3 / 5 2 0 / 4 0 9 */
  argmax_options most = {0};
  argmin_options least = {0};
  for (int layout = 0; layout < LAYOUTS; layout++) {
    ml_tensor *y = laid_out(m, layout);
    CHECK_VALUES(R(ml_argmax(c, y, 1, &most, OUT)), 2, 1, 3);
    CHECK_VALUES(R(ml_argmax(c, y, 0, &most, OUT)), 2, 1, 3);
    CHECK_VALUES(R(ml_argmin(c, y, 0, &least, OUT)), 1, 3, 2); /* the first of equals */
    CHECK_VALUES(R(ml_argmin(c, y, -1, &least, OUT)), 1, 3, 2);
    CHECK_VALUES(R(ml_argmax(c, y, ML_NO_DIM, &most, OUT)), 9);
    CHECK_VALUES(R(ml_argmin(c, y, ML_NO_DIM, &least, OUT)), 6);
    CHECK_SHAPE(R(ml_argmax(c, y, ML_NO_DIM, &(argmax_options){true}, OUT)), "[1, 1]");
    CHECK_SHAPE(R(ml_argmax(c, y, 0, &(argmax_options){true}, OUT)), "[1, 3]");
  }
  CHECK_VALUES(R(ml_argmax(c, VALUES(ML_BOOL, 0, 1, 1), 0, &most, OUT)), 2);
  CHECK_VALUES(R(ml_argmin(c, VALUES(ML_FLOAT64, -0.0, 0.0, -1), 0, &least, OUT)), 3);
  ml_tensor *longest = R(ml_zeros(c, SHAPE(200000), ML_FLOAT32, OUT)); /* over several segments */
  put(longest, 150000, 1);
  put(longest, 150001, 1);
  CHECK_VALUES(R(ml_argmax(c, longest, 0, &most, OUT)), 150001);
  CHECK_VALUES(R(ml_argmin(c, longest, 0, &least, OUT)), 1);
}

/* Float sums are as good as pairwise ones: far below the n * epsilon of a running sum. */
static void test_accuracy(void) {
  int64_t n = 3000000;
  ml_tensor *x = empty(ML_FLOAT32, SHAPE(n));
  CHECK_OK(c, ml_random_uniform(c, 12, 0, 1, x));
  double exact = 0;
  for (int64_t i = 0; i < n; i++) exact += (double)ml_f32(x)[i];
  double tolerance = 4 * (double)FLT_EPSILON * exact;
  CHECK_CLOSE(at(R(run(SUM, x, &all_dims, false, OUT)), 0), exact, tolerance);
  ml_tensor *tall = R(ml_reshape(c, x, SHAPE(n / 3, 3), OUT));
  ml_tensor *columns = R(run(SUM, tall, DIMS(0), false, OUT));
  CHECK_CLOSE(at(columns, 0) + at(columns, 1) + at(columns, 2), exact, tolerance);
  double far = at(R(run(VAR, R(ml_add(c, x, R(ml_number(c, 1000, OUT)), OUT)), &all_dims, false, OUT)), 0);
  CHECK_CLOSE(far, 1.0 / 12, 1e-3); /* two passes: 1000 does not drown it */
}

/* Bits ------------------------------------------------------------------------------------------------------------- */

static void test_threads(void) {
  ml_tensor *x = empty(ML_FLOAT32, SHAPE(300, 20, 70)), *wide = empty(ML_FLOAT32, SHAPE(250001));
  CHECK_OK(c, ml_random_normal(c, 3, 0, 1, x));
  CHECK_OK(c, ml_random_normal(c, 4, 0, 1, wide));
  const ml_dims *sets[] = {&all_dims, DIMS(0), DIMS(1), DIMS(2), DIMS(0, 2)};
  for (which w = 0; w < WHICHES; w++) {
    for (int s = 0; s < 6; s++) {
      const ml_tensor *in = s < 5 ? x : wide;
      const ml_dims *dims = s < 5 ? sets[s] : &all_dims;
      ml_threads_set(1);
      ml_tensor *one = R(run(w, in, dims, false, OUT));
      ml_threads_set(2);
      CHECK(same(one, R(run(w, in, dims, false, OUT))));
      ml_threads_set(7);
      CHECK(same(one, R(run(w, in, dims, false, OUT))));
      ml_threads_set(2);
    }
  }
}

/* Every set of kernels that this processor runs adds in the same order. (exp needs fused multiply-add for that, which
 * the baseline has not.) */
#if defined(__x86_64__)
static int kernel_sets(const ml_reduce_kernels *f32[3], const ml_reduce_kernels *f64[3]) {
  f32[0] = ml_reduce_f32_baseline, f32[1] = ml_reduce_f32_avx2, f32[2] = ml_reduce_f32_avx512;
  f64[0] = ml_reduce_f64_baseline, f64[1] = ml_reduce_f64_avx2, f64[2] = ml_reduce_f64_avx512;
  return (int)ml_cpu_isa() + 1;
}
#else
static int kernel_sets(const ml_reduce_kernels *f32[3], const ml_reduce_kernels *f64[3]) {
  f32[0] = ml_reduce_f32_baseline;
  f64[0] = ml_reduce_f64_baseline;
  return 1;
}
#endif

static void check_kernels(const ml_reduce_kernels *a, const ml_reduce_kernels *b, bool exps, const ml_tensor *x,
                          const ml_tensor *center) {
  double ya[64], yb[64];
  for (int kind = 0; kind < ML_REDUCE_KINDS; kind++) {
    if (kind == ML_REDUCE_SUM_EXP && !exps) continue;
    memset(ya, 0, sizeof ya), memset(yb, 0, sizeof yb);
    a->rows[kind](3, 5003, ml_data(x), 5003, ml_data(center), ya);
    b->rows[kind](3, 5003, ml_data(x), 5003, ml_data(center), yb);
    CHECK(memcmp(ya, yb, sizeof ya) == 0);
    memset(ya, 0, sizeof ya), memset(yb, 0, sizeof yb);
    a->columns[kind](201, 61, ml_data(x), 61, ml_data(center), ya);
    b->columns[kind](201, 61, ml_data(x), 61, ml_data(center), yb);
    CHECK(memcmp(ya, yb, sizeof ya) == 0);
  }
}

static void test_instruction_sets(void) {
  const ml_reduce_kernels *f32[3], *f64[3];
  int count = kernel_sets(f32, f64);
  ml_tensor *x = empty(ML_FLOAT64, SHAPE(3 * 5003)), *center = empty(ML_FLOAT64, SHAPE(61));
  CHECK_OK(c, ml_random_normal(c, 5, 0, 1, x));
  CHECK_OK(c, ml_random_uniform(c, 6, 0.5, 2, center));
  ml_tensor *x32 = R(ml_to(c, x, ML_FLOAT32, OUT)), *center32 = R(ml_to(c, center, ML_FLOAT32, OUT));
  for (int i = 1; i < count; i++) {
    check_kernels(f32[i - 1], f32[i], i > 1, x32, center32);
    check_kernels(f64[i - 1], f64[i], true, x, center);
  }
}

/* Rows and columns that are cut need room for partial results, and other strides a copy: each of these allocations
 * fails in turn, and nothing is left behind. */
static void test_failing_allocations(void) {
  ml_tensor *row = empty(ML_FLOAT32, SHAPE(70000)), *tall = empty(ML_FLOAT32, SHAPE(500, 4)), *none = NULL;
  CHECK_OK(c, ml_random_normal(c, 3, 0, 1, row));
  CHECK_OK(c, ml_random_normal(c, 4, 0, 1, tall));
  ml_tensor *odd = R(ml_slice(c, row, 0, 0, -1, 2, OUT));
  const ml_tensor *in[] = {row, tall, odd};
  for (int i = 0; i < 3; i++) {
    for (which w = 0; w <= WHICHES; w++) { /* after the last: argmax */
      size_t live = ml_alloc_statistics().live;
      ml_status status = ML_OUT_OF_MEMORY;
      int n = 1;
      for (; status == ML_OUT_OF_MEMORY && n < 20; n++) {
        ml_alloc_fail_at((uint64_t)n, false);
        none = NULL;
        status =
            w < WHICHES ? run(w, in[i], DIMS(0), false, &none) : ml_argmax(c, in[i], 0, &(argmax_options){0}, &none);
        ml_alloc_fail_at(0, false);
        CHECK((status == ML_OK) == (none != NULL));
        ml_release(none);
        CHECK_INT(ml_alloc_statistics().live, live);
      }
      CHECK(status == ML_OK && n > 2); /* at least the result's own allocation failed before */
    }
  }
}

/* Gradients -------------------------------------------------------------------------------------------------------- */

#define CALL(name, w, dims, keep)                                                                                      \
  static ml_status name(ml_tensor *const *in, ml_tensor **out) { return run(w, in[0], dims, keep, out); }
#define CALLS(name, w)                                                                                                 \
  CALL(name##_all, w, &all_dims, false) CALL(name##_first, w, DIMS(0), false) CALL(name##_outer, w, DIMS(0, 2), true)
CALLS(sum, SUM)
CALLS(mean, MEAN)
CALLS(var, VAR)
CALLS(std, STD)
CALLS(min, MIN)
CALLS(max, MAX)
CALLS(norm1, NORM1)
CALLS(norm2, NORM2)
CALLS(norm3, NORM3)
CALLS(norm_inf, NORM_INF)
CALLS(logsumexp, LOGSUMEXP)

static void test_gradients(void) {
  ml_tensor *x = noise(ML_FLOAT64, SHAPE(2, 3, 4), 8);
  op_call calls[] = {sum_all,       sum_first,       sum_outer,      mean_all,     mean_first,     mean_outer,
                     var_all,       var_first,       var_outer,      std_all,      std_first,      std_outer,
                     min_all,       min_first,       min_outer,      max_all,      max_first,      max_outer,
                     norm1_all,     norm1_first,     norm1_outer,    norm2_all,    norm2_first,    norm2_outer,
                     norm3_all,     norm3_first,     norm3_outer,    norm_inf_all, norm_inf_first, norm_inf_outer,
                     logsumexp_all, logsumexp_first, logsumexp_outer};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) CHECK_GRADIENT(calls[i], true, x);

  ml_tensor *tied = VALUES(ML_FLOAT32, 2, 7, 7, 1); /* those that tie share the gradient */
  tied->requires_grad = true;
  CHECK_OK(c, ml_backward(c, R(run(MAX, tied, &all_dims, false, OUT)), &(ml_backward_options){0}));
  CHECK_VALUES(tied->grad, 0, 0.5, 0.5, 0);
  ml_tensor *zeros = R(ml_zeros(c, SHAPE(3), ML_FLOAT32, OUT)); /* no NaN where the norm or deviation is 0 */
  zeros->requires_grad = true;
  CHECK_OK(c, ml_backward(c, R(run(NORM2, zeros, &all_dims, false, OUT)), &(ml_backward_options){0}));
  CHECK_OK(c, ml_backward(c, R(run(STD, zeros, &all_dims, false, OUT)), &(ml_backward_options){0}));
  CHECK_VALUES(zeros->grad, 0, 0, 0);
}

int main(void) {
  ml_context_init(c);
  test_every_type_and_dims();
  test_nothing();
  test_special_numbers();
  test_positions();
  test_accuracy();
  test_threads();
  test_instruction_sets();
  test_failing_allocations();
  test_gradients();
  CHECK_NO_LEAK();
  return check_report();
}
