/* Reductions of a floating type. Before: T, its integer twin I, and exp_of, abs_of, pow_of. After: TABLE.
 * Vectors are as wide as the instruction set's, the tree of additions is not: see reduce.h. */

#include "tensor/kernels/reduce.h"

#include <stddef.h>
#include <string.h>

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX2__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

typedef T V __attribute__((vector_size(VECTOR_BYTES)));
typedef I VI __attribute__((vector_size(VECTOR_BYTES)));
enum {
  LANES = VECTOR_BYTES / (int)sizeof(T),
  PARTIALS = 128 / (int)sizeof(T),
  VECTORS = PARTIALS / LANES,
  BLOCKS = ML_REDUCE_SEGMENT / ML_REDUCE_BLOCK
};

/* Each function is compiled once a kind: `kind` is a constant wherever it is called. */
#define TEMPLATE static inline __attribute__((always_inline))

TEMPLATE V load(const T *x) {
  V v;
  memcpy(&v, x, sizeof v);
  return v;
}

TEMPLATE V choose(VI mask, V yes, V no) { return (V)((mask & (VI)yes) | (~mask & (VI)no)); }

TEMPLATE V absolute(V v) {
  const I sign = (I)1 << (8 * sizeof(I) - 1);
  return (V)((VI)v & ~sign);
}

/* What is summed of an element. */
TEMPLATE T term(ml_reduce_kind kind, T x, T center) {
  switch (kind) {
  case ML_REDUCE_SUM_ABS:
  case ML_REDUCE_MAX_ABS: return abs_of(x);
  case ML_REDUCE_SUM_SQUARE: return x * x;
  case ML_REDUCE_SUM_DEVIATION: return (x - center) * (x - center);
  case ML_REDUCE_SUM_EXP: return exp_of(x - center);
  case ML_REDUCE_SUM_POWER: return pow_of(abs_of(x), center);
  default: return x;
  }
}

TEMPLATE V terms(ml_reduce_kind kind, V x, T center) {
  switch (kind) {
  case ML_REDUCE_SUM_ABS:
  case ML_REDUCE_MAX_ABS: return absolute(x);
  case ML_REDUCE_SUM_SQUARE: return x * x;
  case ML_REDUCE_SUM_DEVIATION: return (x - center) * (x - center);
  default: return x;
  }
}

/* How two parts of a sum, or of a product, become one. */
#define MERGED(a, b) (kind == ML_REDUCE_PRODUCT ? (a) * (b) : (a) + (b))

TEMPLATE T nothing(ml_reduce_kind kind) { return kind == ML_REDUCE_PRODUCT ? 1 : 0; }

/* Rows ------------------------------------------------------------------------------------------------------------- */

/* n <= ML_REDUCE_BLOCK */
TEMPLATE T sum_block(ml_reduce_kind kind, const T *x, int64_t n, T center) {
  if (n < PARTIALS) {
    T sum = nothing(kind);
    for (int64_t i = 0; i < n; i++) sum = MERGED(sum, term(kind, x[i], center));
    return sum;
  }
  V part[VECTORS];
  int64_t i = 0;
  for (int j = 0; j < VECTORS; j++) part[j] = (V){0} + nothing(kind);
  for (; i + PARTIALS <= n; i += PARTIALS) {
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) part[j] = MERGED(part[j], terms(kind, load(x + i + j * LANES), center));
  }
  T sum[PARTIALS];
  memcpy(sum, part, sizeof sum);
  for (int64_t j = 0; i + j < n; j++) sum[j] = MERGED(sum[j], term(kind, x[i + j], center));
  for (int half = PARTIALS / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; j++) sum[j] = MERGED(sum[j], sum[j + half]);
  }
  return sum[0];
}

/* The same for terms that are a function call: written to a buffer first. */
TEMPLATE T sum_buffered(ml_reduce_kind kind, const T *x, int64_t n, T center) {
  T buffer[ML_REDUCE_BLOCK];
  for (int64_t i = 0; i < n; i++) buffer[i] = term(kind, x[i], center);
  return sum_block(ML_REDUCE_SUM, buffer, n, 0);
}

TEMPLATE T sum_any_block(ml_reduce_kind kind, const T *x, int64_t n, T center) {
  bool call = kind == ML_REDUCE_SUM_EXP || kind == ML_REDUCE_SUM_POWER;
  return call ? sum_buffered(kind, x, n, center) : sum_block(kind, x, n, center);
}

TEMPLATE T sum_row(ml_reduce_kind kind, const T *x, int64_t n, T center) {
  if (n <= ML_REDUCE_BLOCK) return sum_any_block(kind, x, n, center);
  T part[BLOCKS];
  int parts = 0;
  for (int64_t at = 0; at < n; at += ML_REDUCE_BLOCK) {
    int64_t length = n - at < ML_REDUCE_BLOCK ? n - at : ML_REDUCE_BLOCK;
    part[parts++] = sum_any_block(kind, x + at, length, center);
  }
  while (parts > 1) {
    for (int i = 0; i < parts / 2; i++) part[i] = MERGED(part[2 * i], part[2 * i + 1]);
    if (parts % 2 != 0) part[parts / 2] = part[parts - 1];
    parts = (parts + 1) / 2;
  }
  return part[0];
}

TEMPLATE void rows_sum(ml_reduce_kind kind, int64_t rows, int64_t n, const T *x, int64_t stride, const T *center,
                       T *y) {
  bool own = kind == ML_REDUCE_SUM_DEVIATION || kind == ML_REDUCE_SUM_EXP; /* a center for each row */
  for (int64_t r = 0; r < rows; r++) {
    T middle = own ? center[r] : kind == ML_REDUCE_SUM_POWER ? center[0] : 0;
    y[r] = sum_row(kind, x + r * stride, n, middle);
  }
}

/* The one of a and x that counts: NaN, or the larger (smaller); of equals the first. */
TEMPLATE T better(ml_reduce_kind kind, T a, T x) {
  bool wins = kind == ML_REDUCE_MIN ? x < a : x > a;
  return wins || x != x ? x : a;
}

TEMPLATE V betters(ml_reduce_kind kind, V a, V x) {
  VI wins = kind == ML_REDUCE_MIN ? x < a : x > a;
  return choose(wins | (x != x), x, a);
}

TEMPLATE T best_of_row(ml_reduce_kind kind, const T *x, int64_t n) {
  T best = term(kind, x[0], 0);
  int64_t i = 0;
  if (n >= PARTIALS) {
    V part[VECTORS];
    for (int j = 0; j < VECTORS; j++) part[j] = terms(kind, load(x + j * LANES), 0);
    for (i = PARTIALS; i + PARTIALS <= n; i += PARTIALS) {
#pragma GCC unroll 8
      for (int j = 0; j < VECTORS; j++) part[j] = betters(kind, part[j], terms(kind, load(x + i + j * LANES), 0));
    }
    T all[PARTIALS];
    memcpy(all, part, sizeof all);
    for (int j = 0; j < PARTIALS; j++) best = better(kind, best, all[j]);
  }
  for (; i < n; i++) best = better(kind, best, term(kind, x[i], 0));
  return best;
}

TEMPLATE void rows_best(ml_reduce_kind kind, int64_t rows, int64_t n, const T *x, int64_t stride, T *y) {
  for (int64_t r = 0; r < rows; r++) y[r] = best_of_row(kind, x + r * stride, n);
}

TEMPLATE void rows_truth(bool all, int64_t rows, int64_t n, const T *x, int64_t stride, uint8_t *y) {
  for (int64_t r = 0; r < rows; r++) {
    I found = 0; /* any: a true one; all: a false one */
    for (int64_t i = 0; i < n; i++) found |= all ? x[r * stride + i] == 0 : x[r * stride + i] != 0;
    y[r] = all ? !found : found != 0;
  }
}

/* Columns ---------------------------------------------------------------------------------------------------------- */

TEMPLATE void columns_sum(ml_reduce_kind kind, int64_t rows, int64_t columns, const T *restrict x, int64_t stride,
                          const T *restrict center, T *restrict y) {
  bool own = kind == ML_REDUCE_SUM_DEVIATION || kind == ML_REDUCE_SUM_EXP;
  T power = kind == ML_REDUCE_SUM_POWER ? center[0] : 0;
#define TERM(i) term(kind, x[(i)*stride + j], own ? center[j] : power)
  for (int64_t j = 0; j < columns; j++) y[j] = nothing(kind);
  int64_t r = 0;
  for (; r + 8 <= rows; r += 8, x += 8 * stride) {
    for (int64_t j = 0; j < columns; j++)
      y[j] = MERGED(y[j], MERGED(MERGED(MERGED(TERM(0), TERM(1)), MERGED(TERM(2), TERM(3))),
                                 MERGED(MERGED(TERM(4), TERM(5)), MERGED(TERM(6), TERM(7)))));
  }
  for (; r < rows; r++, x += stride) {
    for (int64_t j = 0; j < columns; j++) y[j] = MERGED(y[j], TERM(0));
  }
#undef TERM
}

TEMPLATE void columns_best(ml_reduce_kind kind, int64_t rows, int64_t columns, const T *restrict x, int64_t stride,
                           T *restrict y) {
  for (int64_t j = 0; j < columns; j++) y[j] = term(kind, x[j], 0);
  for (int64_t r = 1; r < rows; r++) {
    for (int64_t j = 0; j < columns; j++) y[j] = better(kind, y[j], term(kind, x[r * stride + j], 0));
  }
}

TEMPLATE void columns_truth(bool all, int64_t rows, int64_t columns, const T *restrict x, int64_t stride,
                            uint8_t *restrict y) {
  for (int64_t j = 0; j < columns; j++) y[j] = all;
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t j = 0; j < columns; j++) {
      uint8_t holds = x[r * stride + j] != 0;
      y[j] = all ? y[j] & holds : y[j] | holds;
    }
  }
}

/* Places ----------------------------------------------------------------------------------------------------------- */

TEMPLATE bool same(T x, T value) { return x == value || (x != x && value != value); }

static int64_t find(int64_t n, const void *from, const void *value) {
  enum { CHUNK = 256 };
  const T *x = from;
  T v = *(const T *)value;
  for (int64_t at = 0; at < n; at += CHUNK) {
    int64_t end = n - at < CHUNK ? n : at + CHUNK;
    I hits = 0;
    for (int64_t i = at; i < end; i++) hits |= (I)((x[i] == v) | ((x[i] != x[i]) & (v != v)));
    if (!hits) continue;
    for (int64_t i = at; i < end; i++) {
      if (same(x[i], v)) return i;
    }
  }
  return -1;
}

/* From the last row up, so that the first hit is what stays. */
static void find_columns(int64_t rows, int64_t columns, const void *from, int64_t stride, const void *value,
                         int64_t *restrict place) {
  const T *restrict x = from, *restrict v = value;
  for (int64_t j = 0; j < columns; j++) place[j] = 0;
  for (int64_t r = rows - 1; r >= 0; r--) {
    for (int64_t j = 0; j < columns; j++) {
      bool hit = (x[r * stride + j] == v[j]) | ((x[r * stride + j] != x[r * stride + j]) & (v[j] != v[j]));
      place[j] = hit ? r + 1 : place[j];
    }
  }
}

/* The table -------------------------------------------------------------------------------------------------------- */

#define SUMS(name, kind)                                                                                               \
  static void rows_##name(int64_t rows, int64_t n, const void *x, int64_t stride, const void *center, void *y) {       \
    rows_sum(kind, rows, n, x, stride, center, y);                                                                     \
  }                                                                                                                    \
  static void columns_##name(int64_t rows, int64_t columns, const void *x, int64_t stride, const void *center,         \
                             void *y) {                                                                                \
    columns_sum(kind, rows, columns, x, stride, center, y);                                                            \
  }
#define BESTS(name, kind)                                                                                              \
  static void rows_##name(int64_t rows, int64_t n, const void *x, int64_t stride, const void *center, void *y) {       \
    (void)center;                                                                                                      \
    rows_best(kind, rows, n, x, stride, y);                                                                            \
  }                                                                                                                    \
  static void columns_##name(int64_t rows, int64_t columns, const void *x, int64_t stride, const void *center,         \
                             void *y) {                                                                                \
    (void)center;                                                                                                      \
    columns_best(kind, rows, columns, x, stride, y);                                                                   \
  }
#define TRUTHS(name, is_all)                                                                                           \
  static void rows_##name(int64_t rows, int64_t n, const void *x, int64_t stride, const void *center, void *y) {       \
    (void)center;                                                                                                      \
    rows_truth(is_all, rows, n, x, stride, y);                                                                         \
  }                                                                                                                    \
  static void columns_##name(int64_t rows, int64_t columns, const void *x, int64_t stride, const void *center,         \
                             void *y) {                                                                                \
    (void)center;                                                                                                      \
    columns_truth(is_all, rows, columns, x, stride, y);                                                                \
  }

SUMS(value, ML_REDUCE_SUM)
SUMS(abs, ML_REDUCE_SUM_ABS)
SUMS(square, ML_REDUCE_SUM_SQUARE)
SUMS(deviation, ML_REDUCE_SUM_DEVIATION)
SUMS(exp, ML_REDUCE_SUM_EXP)
SUMS(power, ML_REDUCE_SUM_POWER)
SUMS(product, ML_REDUCE_PRODUCT)
BESTS(min, ML_REDUCE_MIN)
BESTS(max, ML_REDUCE_MAX)
BESTS(max_abs, ML_REDUCE_MAX_ABS)
TRUTHS(any, false)
TRUTHS(all, true)

const ml_reduce_kernels ML_ISA_SYMBOL(TABLE)[1] = {{
    .rows = {rows_value, rows_abs, rows_square, rows_deviation, rows_exp, rows_power, rows_product, rows_min, rows_max, rows_max_abs,
             rows_any, rows_all},
    .columns = {columns_value, columns_abs, columns_square, columns_deviation, columns_exp, columns_power, columns_product, columns_min,
                columns_max, columns_max_abs, columns_any, columns_all},
    .find = find,
    .find_columns = find_columns,
}};
