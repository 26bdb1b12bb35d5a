/* Random numbers: Philox against the published vectors, distributions, and the same bits whatever runs them. */

#include "tests/c/tensors.h"

#include "tensor/cpu.h"
#include "tensor/kernels/random.h"

/* Known answers of Random123 (kat_vectors, philox4x32 with 10 rounds). */
static void test_known_answers(void) {
  static const uint32_t in[3][6] = {{0, 0, 0, 0, 0, 0},
                                    {~0u, ~0u, ~0u, ~0u, ~0u, ~0u},
                                    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0}};
  static const uint32_t out[3][4] = {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int i = 0; i < 3; i++) {
    uint32_t w[4] = {in[i][0], in[i][1], in[i][2], in[i][3]};
    ml_philox_rounds(in[i][4], in[i][5], &w[0], &w[1], &w[2], &w[3]);
    for (int j = 0; j < 4; j++) CHECK_INT(w[j], out[i][j]);
  }
  uint32_t w[4];
  ml_philox(0, 0, w);
  for (int j = 0; j < 4; j++) {
    CHECK_INT(w[j], out[0][j]);
    CHECK_INT(ml_random_word(0, (uint64_t)j), out[0][j]);
  }
}

static void test_keys(void) {
  CHECK(ml_random_key(1, 2) != ml_random_key(2, 1));
  CHECK(ml_random_key_text(1, "layers.1.weight") != ml_random_key_text(1, "layers.2.weight"));
  CHECK(ml_random_key_text(1, "a") == ml_random_key_text(1, "a"));
  ml_random_seed(c, 5);
  uint64_t a = ml_random_next_key(c), b = ml_random_next_key(c);
  CHECK(a != b);
  ml_random_seed(c, 5);
  CHECK(ml_random_next_key(c) == a && ml_random_next_key(c) == b);
}

/* Element i depends on key and i only: a longer tensor begins with the shorter one. */
static void test_prefix(void) {
  for (int t = ML_FLOAT32; t <= ML_FLOAT64; t++) {
    ml_tensor *longer = empty((ml_dtype)t, SHAPE(100003)), *shorter = empty((ml_dtype)t, SHAPE(50001));
    for (int normal = 0; normal < 2; normal++) {
      ml_status (*fill)(ml_context *, uint64_t, double, double, ml_tensor *) =
          normal ? ml_random_normal : ml_random_uniform;
      CHECK_OK(c, fill(c, 9, 0, 1, longer));
      CHECK_OK(c, fill(c, 9, 0, 1, shorter));
      CHECK(same(R(ml_slice(c, longer, 0, 0, 50000, 1, OUT)), shorter));
      for (int threads = 1; threads <= 7; threads += 3) {
        ml_threads_set(threads);
        ml_tensor *again = empty((ml_dtype)t, SHAPE(100003));
        CHECK_OK(c, fill(c, 9, 0, 1, again));
        CHECK(same(again, longer));
      }
      ml_tensor *wide = R(ml_zeros(c, SHAPE(50001, 2), (ml_dtype)t, OUT)); /* into other strides */
      ml_tensor *column = R(ml_select(c, wide, 1, 1, OUT));
      CHECK_OK(c, fill(c, 9, 0, 1, column));
      CHECK(same(column, shorter));
      CHECK_CLOSE(at(wide, 0), 0, 0);
    }
    tensors_free();
  }
}

/* Moments of n numbers, each within five of its standard errors. */
static void check_moments(const ml_tensor *x, double mean, double variance, double fourth) {
  int64_t n = ml_count(x);
  double sum = 0, squares = 0, neighbours = 0, before = 0;
  for (int64_t i = 0; i < n; i++) {
    double v = at(x, i) - mean;
    sum += v, squares += v * v, neighbours += v * before;
    before = v;
  }
  CHECK_CLOSE(sum / (double)n, 0, 5 * sqrt(variance / (double)n));
  CHECK_CLOSE(squares / (double)n, variance, 5 * sqrt((fourth - variance * variance) / (double)n));
  CHECK_CLOSE(neighbours / (double)n, 0, 5 * variance / sqrt((double)n));
}

static void test_distributions(void) {
  for (int t = ML_FLOAT32; t <= ML_FLOAT64; t++) {
    ml_tensor *x = empty((ml_dtype)t, SHAPE(400000));
    CHECK_OK(c, ml_random_uniform(c, 1, 0, 1, x));
    check_moments(x, 0.5, 1.0 / 12, 1.0 / 80);
    bool inside = true;
    for (int64_t i = 0; i < ml_count(x); i++) inside &= at(x, i) >= 0 && at(x, i) < 1;
    CHECK(inside);
    CHECK_OK(c, ml_random_uniform(c, 1, -1e-30, 1e30, x)); /* rounding must not reach high */
    for (int64_t i = 0; i < ml_count(x); i++) inside &= at(x, i) < (t == ML_FLOAT32 ? (double)1e30f : 1e30);
    CHECK(inside);
    CHECK_OK(c, ml_random_normal(c, 2, 0, 1, x));
    check_moments(x, 0, 1, 3);
    int64_t beyond2 = 0, beyond4 = 0;
    for (int64_t i = 0; i < ml_count(x); i++) beyond2 += fabs(at(x, i)) > 2, beyond4 += fabs(at(x, i)) > 4;
    CHECK_CLOSE((double)beyond2 / 400000, 0.0455, 0.0017);
    CHECK(beyond4 > 5 && beyond4 < 60); /* 25 on average */
    CHECK_OK(c, ml_random_normal(c, 3, 10, 0.5, x));
    check_moments(x, 10, 0.25, 3 * 0.0625);
    tensors_free();
  }
}

/* Box and Muller by the C library, from the same words: what the kernels' own logarithm, sine and cosine are worth. */
static void test_normals_are_exact(void) {
  ml_tensor *x = empty(ML_FLOAT64, SHAPE(20000));
  CHECK_OK(c, ml_random_normal(c, 6, 0, 1, x));
  double most = 0;
  for (int64_t i = 0; i < 10000; i++) {
    double u = ml_random_double(6, (uint64_t)(2 * i)), v = ml_random_double(6, (uint64_t)(2 * i + 1));
    double radius = sqrt(-2 * log(1 - u)), angle = 2 * 3.14159265358979323846 * v;
    most = fmax(most, fmax(fabs(at(x, 2 * i) - radius * cos(angle)), fabs(at(x, 2 * i + 1) - radius * sin(angle))));
  }
  CHECK(most < 1e-14);
}

static void test_integers(void) {
  int64_t seen[7] = {0};
  ml_tensor *x = empty(ML_INT32, SHAPE(70000));
  CHECK_OK(c, ml_random_integers(c, 4, -3, 3, x));
  for (int64_t i = 0; i < 70000; i++) {
    int64_t v = (int64_t)at(x, i);
    if (v >= -3 && v <= 3) seen[v + 3]++;
  }
  for (int i = 0; i < 7; i++) CHECK_CLOSE((double)seen[i], 10000, 500);
  ml_tensor *all = empty(ML_INT64, SHAPE(1000));
  CHECK_OK(c, ml_random_integers(c, 4, INT64_MIN, INT64_MAX, all));
  int64_t negative = 0;
  for (int64_t i = 0; i < 1000; i++) negative += ml_i64(all)[i] < 0;
  CHECK(negative > 400 && negative < 600);
  CHECK_OK(c, ml_random_integers(c, 4, 5, 5, all));
  CHECK_INT(ml_i64(all)[999], 5);
  CHECK_FAILS(c, ML_ERROR, "integers: 3..2 has nothing to draw from", ml_random_integers(c, 1, 3, 2, all));
  CHECK_FAILS(c, ML_ERROR, "integers: 0..256 does not fit into uint8",
              ml_random_integers(c, 1, 0, 256, empty(ML_UINT8, SHAPE(3))));
  CHECK_FAILS(c, ML_ERROR, "integers: fills int64, int32 and uint8, not float32",
              ml_random_integers(c, 1, 0, 2, empty(ML_FLOAT32, SHAPE(3))));
  CHECK_FAILS(c, ML_ERROR, "uniform: fills float32 and float64, not int64", ml_random_uniform(c, 1, 0, 1, all));
  CHECK_FAILS(c, ML_ERROR, "normal: the deviation must not be negative, but is -1",
              ml_random_normal(c, 1, 0, -1, empty(ML_FLOAT32, SHAPE(3))));
}

static void test_permutation(void) {
  int64_t n = 1000;
  ml_tensor *x = empty(ML_INT64, SHAPE(n)), *y = empty(ML_INT64, SHAPE(n));
  CHECK_OK(c, ml_random_permutation(c, 1, x));
  CHECK_OK(c, ml_random_permutation(c, 2, y));
  bool seen[1001] = {false};
  int64_t repeated = 0, fixed = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t v = ml_i64(x)[i];
    repeated += v < 1 || v > n || seen[v];
    if (v >= 1 && v <= n) seen[v] = true;
    fixed += v == i + 1;
  }
  CHECK_INT(repeated, 0);
  CHECK(fixed < 10); /* 1 on average */
  CHECK(!same(x, y));
  int64_t counts[6] = {0}; /* each of the six orders of three comes as often */
  for (uint64_t key = 0; key < 6000; key++) {
    ml_tensor *p = empty(ML_INT64, SHAPE(3));
    CHECK_OK(c, ml_random_permutation(c, key, p));
    const int64_t *v = ml_i64(p);
    counts[(v[0] - 1) * 2 + (v[1] > v[2])]++;
  }
  for (int i = 0; i < 6; i++) CHECK_CLOSE((double)counts[i], 1000, 150);
  CHECK_OK(c, ml_random_permutation(c, 1, empty(ML_INT64, SHAPE(0))));
  CHECK_FAILS(c, ML_ERROR, "permutation: fills a vector of int64, not [3] of int32",
              ml_random_permutation(c, 1, empty(ML_INT32, SHAPE(3))));
}

/* Every kernel that this processor runs gives the same bits: no fused multiply-add, no C library. */
#if defined(__x86_64__)
static int kernel_sets(const ml_random_kernels *sets[3]) {
  sets[0] = ml_random_kernels_baseline;
  sets[1] = ml_random_kernels_avx2;
  sets[2] = ml_random_kernels_avx512;
  return (int)ml_cpu_isa() + 1;
}
#else
static int kernel_sets(const ml_random_kernels *sets[3]) {
  sets[0] = ml_random_kernels_baseline;
  return 1;
}
#endif

static void test_instruction_sets(void) {
  enum { N = 5001 };
  static float f[2][2][N];
  static double d[2][2][N];
  const ml_random_kernels *sets[3];
  int count = kernel_sets(sets);
  for (int i = 0; i < count; i++) {
    int to = i > 0;
    sets[i]->uniform_f32(3, 8, N, -1, 2, f[to][0]);
    sets[i]->normal_f32(3, 8, N, 0, 1, f[to][1]);
    sets[i]->uniform_f64(3, 8, N, -1, 2, d[to][0]);
    sets[i]->normal_f64(3, 8, N, 0, 1, d[to][1]);
    if (i > 0) CHECK(memcmp(f[0], f[1], sizeof f[0]) == 0 && memcmp(d[0], d[1], sizeof d[0]) == 0);
  }
  /* written down once: a change of the stream is a change of every seeded result */
  static const float expected[4] = {-0x1.59e12ep+0f, 0x1.14ad34p-2f, -0x1.af9ff4p-3f, 0x1.500804p-2f};
  float first[4];
  sets[0]->normal_f32(42, 0, 4, 0, 1, first);
  CHECK(memcmp(first, expected, sizeof first) == 0);
}

int main(void) {
  ml_context_init(c);
  test_known_answers();
  test_keys();
  test_prefix();
  test_distributions();
  test_normals_are_exact();
  test_integers();
  test_permutation();
  test_instruction_sets();
  CHECK_NO_LEAK();
  return check_report();
}
