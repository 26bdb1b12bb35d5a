/* Reductions of an integer type T: sums as int64, which wrap around, so that their order does not matter. */

#include "tensor/kernels/reduce.h"

#include <stddef.h>

/* rows_<name> and columns_<name>: result type R, from `start`, each element x taken in by `step`, which sets s. */
#define REDUCTION(name, R, start, step)                                                                                \
  static void rows_##name(int64_t rows, int64_t n, const void *from, int64_t stride, const void *center, void *to) {   \
    (void)center;                                                                                                      \
    R *y = to;                                                                                                         \
    for (int64_t r = 0; r < rows; r++) {                                                                               \
      const T *row = (const T *)from + r * stride;                                                                     \
      R s = start(row[0]);                                                                                             \
      for (int64_t i = 0; i < n; i++) s = step(s, row[i]);                                                             \
      y[r] = s;                                                                                                        \
    }                                                                                                                  \
  }                                                                                                                    \
  static void columns_##name(int64_t rows, int64_t columns, const void *from, int64_t stride, const void *center,      \
                             void *to) {                                                                               \
    (void)center;                                                                                                      \
    const T *restrict x = from;                                                                                        \
    R *restrict y = to;                                                                                                \
    for (int64_t j = 0; j < columns; j++) y[j] = start(x[j]);                                                          \
    for (int64_t r = 0; r < rows; r++, x += stride) {                                                                  \
      for (int64_t j = 0; j < columns; j++) y[j] = step(y[j], x[j]);                                                   \
    }                                                                                                                  \
  }

#define START_ZERO(x)  0
#define START_ONE(x)   1
#define START_FIRST(x) (x)
#define ADD(s, x)      ((s) + (int64_t)(x))
#define MULTIPLY(s, x) ((s) * (int64_t)(x))
#define LESS(s, x)     ((x) < (s) ? (x) : (s))
#define GREATER(s, x)  ((x) > (s) ? (x) : (s))
#define EITHER(s, x)   ((s) | ((x) != 0))
#define BOTH(s, x)     ((s) & ((x) != 0))

REDUCTION(sum, int64_t, START_ZERO, ADD)
REDUCTION(product, int64_t, START_ONE, MULTIPLY)
REDUCTION(min, T, START_FIRST, LESS)
REDUCTION(max, T, START_FIRST, GREATER)
REDUCTION(any, uint8_t, START_ZERO, EITHER)
REDUCTION(all, uint8_t, START_ONE, BOTH)

static int64_t find(int64_t n, const void *from, const void *value) {
  const T *x = from;
  T v = *(const T *)value;
  for (int64_t i = 0; i < n; i++) {
    if (x[i] == v) return i;
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
      bool hit = x[r * stride + j] == v[j];
      place[j] = hit ? r + 1 : place[j];
    }
  }
}

const ml_reduce_kernels ML_ISA_SYMBOL(TABLE)[1] = {{
    .rows = {[ML_REDUCE_SUM] = rows_sum,
             [ML_REDUCE_PRODUCT] = rows_product,
             [ML_REDUCE_MIN] = rows_min,
             [ML_REDUCE_MAX] = rows_max,
             [ML_REDUCE_ANY] = rows_any,
             [ML_REDUCE_ALL] = rows_all},
    .columns = {[ML_REDUCE_SUM] = columns_sum,
                [ML_REDUCE_PRODUCT] = columns_product,
             [ML_REDUCE_MIN] = columns_min,
                [ML_REDUCE_MAX] = columns_max,
                [ML_REDUCE_ANY] = columns_any,
                [ML_REDUCE_ALL] = columns_all},
    .find = find,
    .find_columns = find_columns,
}};
