/* Ops that run along a dimension and give a result at each step: cumsum cumprod logcumsumexp cummax cummin.
 *
 * A dimension is gone through in order, for a strip of its neighbours at once, so that the order of additions depends on
 * nothing. Sums and products of float32 are kept in double. */

#include "tensor/formula.h"
#include "tensor/parallel.h"
#include "tensor/recurrence.h"

#include <math.h>

ML_FORMULA_2(above, ml_gt)

enum { STRIP = 64, PIECE = 1 << 15 }; /* columns of a piece of work; elements it should have at least */

typedef struct scan {
  const void *x, *z, *g; /* as the kernel needs them */
  void *y;
  int64_t *place;
  int64_t n, inner, strips;
  bool reverse;
} scan;

/* Runs body over all (outer, strip) of x's shape. */
static ml_status run(ml_context *c, const ml_shape *shape, int64_t dim, ml_parallel_body body, scan *s) {
  int64_t outer = 1;
  s->n = shape->size[dim];
  s->inner = 1;
  for (int d = 0; d < dim; d++) outer *= shape->size[d];
  for (int d = (int)dim + 1; d < shape->ndim; d++) s->inner *= shape->size[d];
  if (outer * s->n * s->inner == 0) return ML_OK;
  s->strips = ml_pieces(s->inner, STRIP);
  int64_t elements = s->n * (s->inner < STRIP ? s->inner : STRIP);
  return ml_parallel_for(c, outer * s->strips, elements >= PIECE ? 1 : PIECE / elements, body, s);
}

/* Where piece `p` begins, and how many columns it has. */
static int64_t strip_of(const scan *s, int64_t p, int64_t *width) {
  int64_t first = p % s->strips * STRIP;
  *width = s->inner - first < STRIP ? s->inner - first : STRIP;
  return p / s->strips * s->n * s->inner + first;
}

/* cumsum, cumprod: A is the type that is added up in. */
#define TOTALS(name, T, A, start, step)                                                                                \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const scan *s = arg;                                                                                               \
    for (int64_t p = begin; p < end; p++) {                                                                            \
      int64_t width, at = strip_of(s, p, &width);                                                                      \
      A total[STRIP];                                                                                                  \
      for (int64_t j = 0; j < width; j++) total[j] = start;                                                            \
      for (int64_t i = 0; i < s->n; i++) {                                                                             \
        int64_t row = at + (s->reverse ? s->n - 1 - i : i) * s->inner;                                                 \
        const T *x = (const T *)s->x + row;                                                                            \
        T *y = (T *)s->y + row;                                                                                        \
        for (int64_t j = 0; j < width; j++) y[j] = (T)(total[j] = total[j] step (A)x[j]);                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
TOTALS(sums_f32, float, double, 0, +)
TOTALS(sums_f64, double, double, 0, +)
TOTALS(sums_i64, int64_t, int64_t, 0, +)
TOTALS(products_f32, float, double, 1, *)
TOTALS(products_f64, double, double, 1, *)
TOTALS(products_i64, int64_t, int64_t, 1, *)

/* Integers are added up as int64. */
static ml_status totals(ml_context *c, const ml_tensor *x, int64_t dim, bool reverse, const ml_parallel_body body[3],
                        ml_tensor *out) {
  ml_tensor *wide;
  ML_TRY(ml_convert(c, x, (ml_dtype)out->dtype, &wide));
  ml_status status = ML_OK;
  if (ml_count(x) > 0) {
    scan s = {.x = ml_data(wide), .y = ml_data(out), .reverse = reverse};
    status = run(c, &x->shape, dim, body[out->dtype == ML_FLOAT32 ? 0 : out->dtype == ML_FLOAT64 ? 1 : 2], &s);
  }
  ml_release(wide);
  return status;
}

/* cumsum ----------------------------------------------------------------------------------------------------------- */

ml_status cumsum_infer(ml_context *c, const ml_tensor *x, int64_t dim, const cumsum_options *options, ml_meta *meta) {
  (void)c, (void)dim, (void)options;
  if (!ml_dtype_is_float((ml_dtype)x->dtype)) meta->dtype = ML_INT64;
  meta->flops = ml_count(x);
  return ML_OK;
}

ml_status cumsum_forward(ml_context *c, const ml_tensor *x, int64_t dim, const cumsum_options *options, ml_tensor *out) {
  static const ml_parallel_body body[] = {sums_f32, sums_f64, sums_i64};
  return totals(c, x, dim, options->reverse, body, out);
}

ml_status cumsum_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t dim,
                          const cumsum_options *options, ml_tensor **dx) {
  (void)input_shape;
  return ml_cumsum(c, g, dim, &(cumsum_options){.reverse = !options->reverse}, dx);
}

/* cumprod ---------------------------------------------------------------------------------------------------------- */

ml_status cumprod_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  return cumsum_infer(c, x, dim, NULL, meta);
}

ml_status cumprod_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *out) {
  static const ml_parallel_body body[] = {products_f32, products_f64, products_i64};
  return totals(c, x, dim, false, body, out);
}

/* dx_k = sum over i >= k of g_i * (product of x_0..x_i without x_k). Before the first zero that is the sum of g_i z_i, divided
 * by x_k; at the first zero the products go on to the next one; behind it all of them have the zero in them. */
#define CUMPROD_GRAD(name, T)                                                                                          \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const scan *s = arg;                                                                                               \
    for (int64_t p = begin; p < end; p++) {                                                                            \
      int64_t width, at = strip_of(s, p, &width);                                                                      \
      for (int64_t j = at; j < at + width; j++) {                                                                      \
        const T *x = (const T *)s->x + j, *z = (const T *)s->z + j, *g = (const T *)s->g + j;                          \
        T *dx = (T *)s->y + j;                                                                                         \
        int64_t zero = 0, k = s->inner;                                                                                \
        double sum = 0, product = 1;                                                                                   \
        while (zero < s->n && x[zero * k] != 0) product *= (double)x[zero++ * k];                                      \
        for (int64_t i = zero - 1; i >= 0; i--) {                                                                      \
          sum += (double)g[i * k] * (double)z[i * k];                                                                  \
          dx[i * k] = (T)(sum / (double)x[i * k]);                                                                     \
        }                                                                                                              \
        if (zero == s->n) continue;                                                                                    \
        sum = (double)g[zero * k] * product;                                                                           \
        for (int64_t i = zero + 1; i < s->n && x[i * k] != 0; i++)                                                     \
          sum += (double)g[i * k] * (product *= (double)x[i * k]);                                                     \
        dx[zero * k] = (T)sum;                                                                                         \
        for (int64_t i = zero + 1; i < s->n; i++) dx[i * k] = 0;                                                       \
      }                                                                                                                \
    }                                                                                                                  \
  }
CUMPROD_GRAD(cumprod_grad_f32, float)
CUMPROD_GRAD(cumprod_grad_f64, double)

/* The same in ops: dx[k] = (product before k) * R[k] with R[k] = g[k] + x[k + 1] R[k + 1]. */
static ml_status cumprod_backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x, int64_t dim,
                                           ml_tensor **dx) {
  ml_tensor *next = NULL, *behind = NULL, *before = NULL;
  ml_status status = ml_shifted(c, x, dim, 1, &next);
  if (status == ML_OK) status = ml_recurrence(c, next, g, dim, &behind);
  if (status == ML_OK) status = ml_product_before(c, x, dim, &before);
  if (status == ML_OK) status = ml_mul(c, before, behind, dx);
  ml_release(next);
  ml_release(behind);
  ml_release(before);
  return status;
}

ml_status cumprod_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                           const ml_shape *input_shape, int64_t dim, ml_tensor **dx) {
  if (c->grad_enabled && ml_count(x) > 0) return cumprod_backward_recorded(c, g, x, dim, dx);
  ml_tensor *row_major;
  ML_TRY(ml_contiguous_unrecorded(c, g, &row_major));
  ml_status status = ml_empty(c, input_shape, (ml_dtype)g->dtype, dx);
  if (status == ML_OK && ml_count(g) > 0) {
    scan s = {.x = ml_data(x), .z = ml_data(result), .g = ml_data(row_major), .y = ml_data(*dx)};
    status = run(c, input_shape, dim, g->dtype == ML_FLOAT64 ? cumprod_grad_f64 : cumprod_grad_f32, &s);
  }
  ml_release(row_major);
  return status;
}

/* logcumsumexp ------------------------------------------------------------------------------------------------------ */

/* The sum is kept as total * exp(top). */
#define LOG_SUMS(name, T)                                                                                              \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const scan *s = arg;                                                                                               \
    for (int64_t p = begin; p < end; p++) {                                                                            \
      int64_t width, at = strip_of(s, p, &width);                                                                      \
      double top[STRIP], total[STRIP];                                                                                 \
      for (int64_t j = 0; j < width; j++) top[j] = -INFINITY, total[j] = 0;                                            \
      for (int64_t i = 0; i < s->n; i++) {                                                                             \
        const T *x = (const T *)s->x + at + i * s->inner;                                                              \
        T *y = (T *)s->y + at + i * s->inner;                                                                          \
        for (int64_t j = 0; j < width; j++) {                                                                          \
          double v = (double)x[j];                                                                                     \
          if (v <= top[j]) total[j] += v == top[j] ? 1 : exp(v - top[j]); /* equal infinities have no difference */    \
          else total[j] = total[j] * exp(top[j] - v) + 1, top[j] = v;                                                  \
          y[j] = (T)(top[j] + log(total[j]));                                                                          \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
LOG_SUMS(log_sums_f32, float)
LOG_SUMS(log_sums_f64, double)

ml_status logcumsumexp_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  (void)c, (void)dim;
  meta->flops = 3 * ml_count(x);
  return ML_OK;
}

ml_status logcumsumexp_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *out) {
  if (ml_count(x) == 0) return ML_OK;
  scan s = {.x = ml_data(x), .y = ml_data(out)};
  return run(c, &x->shape, dim, out->dtype == ML_FLOAT32 ? log_sums_f32 : log_sums_f64, &s);
}

/* With z the result: dx[k] = exp(x[k] - z[k]) R[k], R[k] = g[k] + exp(z[k] - z[k + 1]) R[k + 1]. z never falls, so nothing
 * overflows. Where all so far is -inf, nothing has a share. */
#define LOG_SUMS_GRAD(name, T)                                                                                         \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const scan *s = arg;                                                                                               \
    for (int64_t p = begin; p < end; p++) {                                                                            \
      int64_t width, at = strip_of(s, p, &width);                                                                      \
      double behind[STRIP], next[STRIP];                                                                               \
      for (int64_t j = 0; j < width; j++) behind[j] = 0, next[j] = INFINITY;                                           \
      for (int64_t i = s->n - 1; i >= 0; i--) {                                                                        \
        int64_t row = at + i * s->inner;                                                                               \
        const T *x = (const T *)s->x + row, *z = (const T *)s->z + row, *g = (const T *)s->g + row;                    \
        for (int64_t j = 0; j < width; j++) {                                                                          \
          double here = (double)z[j];                                                                                  \
          behind[j] = (double)g[j] + (behind[j] == 0 ? 0 : behind[j] * exp(here == next[j] ? 0 : here - next[j]));     \
          next[j] = here;                                                                                              \
          ((T *)s->y + row)[j] = here == -INFINITY ? 0 : (T)(exp((double)x[j] - here) * behind[j]);                    \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
LOG_SUMS_GRAD(log_sums_grad_f32, float)
LOG_SUMS_GRAD(log_sums_grad_f64, double)

/* The same in ops. */
static ml_status logcumsumexp_backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                                                int64_t dim, ml_tensor **dx) {
  formula w = {.c = c};
  ml_tensor *zero = number(&w, 0), *nothing = equal(&w, result, number(&w, -INFINITY));
  ml_tensor *z = choose(&w, nothing, zero, result), **next = place(&w), **behind = place(&w);
  if (w.status == ML_OK) w.status = ml_shifted(c, z, dim, 1, next); /* 0 behind the end, where it multiplies nothing */
  ml_tensor *down = minus(&w, z, *next), *carried = exponential(&w, choose(&w, above(&w, down, zero), zero, down));
  ml_tensor *given = choose(&w, nothing, zero, g);
  if (w.status == ML_OK) w.status = ml_recurrence(c, carried, given, dim, behind);
  ml_tensor *share = choose(&w, nothing, zero, exponential(&w, minus(&w, x, z)));
  return finish(&w, times(&w, share, *behind), dx);
}

ml_status logcumsumexp_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                                const ml_shape *input_shape, int64_t dim, ml_tensor **dx) {
  if (c->grad_enabled && ml_count(x) > 0) return logcumsumexp_backward_recorded(c, g, x, result, dim, dx);
  ml_tensor *row_major;
  ML_TRY(ml_contiguous_unrecorded(c, g, &row_major));
  ml_status status = ml_empty(c, input_shape, (ml_dtype)g->dtype, dx);
  if (status == ML_OK && ml_count(g) > 0) {
    scan s = {.x = ml_data(x), .z = ml_data(result), .g = ml_data(row_major), .y = ml_data(*dx)};
    status = run(c, input_shape, dim, g->dtype == ML_FLOAT64 ? log_sums_grad_f64 : log_sums_grad_f32, &s);
  }
  ml_release(row_major);
  return status;
}

/* cummax, cummin --------------------------------------------------------------------------------------------------- */

/* NaN wins, and of equals the last: as PyTorch has it. */
#define BESTS(name, T, wins)                                                                                           \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const scan *s = arg;                                                                                               \
    for (int64_t p = begin; p < end; p++) {                                                                            \
      int64_t width, at = strip_of(s, p, &width), where[STRIP];                                                        \
      T best[STRIP];                                                                                                   \
      for (int64_t j = 0; j < width; j++) best[j] = ((const T *)s->x)[at + j], where[j] = 1;                           \
      for (int64_t i = 0; i < s->n; i++) {                                                                             \
        const T *x = (const T *)s->x + at + i * s->inner;                                                              \
        T *y = (T *)s->y + at + i * s->inner;                                                                          \
        int64_t *place = s->place + at + i * s->inner;                                                                 \
        for (int64_t j = 0; j < width; j++) {                                                                          \
          bool better = x[j] wins best[j] || x[j] != x[j];                                                             \
          y[j] = best[j] = better ? x[j] : best[j];                                                                    \
          place[j] = where[j] = better ? i + 1 : where[j];                                                             \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
#define BOTH_BESTS(suffix, T)                                                                                          \
  BESTS(largest_##suffix, T, >=)                                                                                       \
  BESTS(smallest_##suffix, T, <=)
BOTH_BESTS(u8, uint8_t)
BOTH_BESTS(i32, int32_t)
BOTH_BESTS(i64, int64_t)
BOTH_BESTS(f32, float)
BOTH_BESTS(f64, double)

static ml_status bests(ml_context *c, const ml_tensor *x, int64_t dim, const ml_parallel_body body[ML_DTYPES],
                       ml_tensor *values, ml_tensor *positions) {
  if (ml_count(x) == 0) return ML_OK;
  scan s = {.x = ml_data(x), .y = ml_data(values), .place = ml_i64(positions)};
  return run(c, &x->shape, dim, body[x->dtype], &s);
}

/* g goes to where each result was found. */
static ml_status give_back(ml_context *c, const ml_tensor *g, const ml_tensor *positions, const ml_shape *input_shape,
                                int64_t dim, ml_tensor **dx) {
  return gather_backward(c, g, positions, input_shape, dim, dx);
}

ml_status cummax_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  (void)c, (void)x, (void)dim, (void)meta;
  return ML_OK;
}
ml_status cummax_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *values, ml_tensor *positions) {
  static const ml_parallel_body body[] = {largest_u8, largest_u8, largest_i32, largest_i64, largest_f32, largest_f64};
  return bests(c, x, dim, body, values, positions);
}
ml_status cummax_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions,
                          const ml_tensor *positions, const ml_shape *input_shape, int64_t dim, ml_tensor **dx) {
  (void)g_positions;
  return give_back(c, g_values, positions, input_shape, dim, dx);
}

ml_status cummin_infer(ml_context *c, const ml_tensor *x, int64_t dim, ml_meta *meta) {
  return cummax_infer(c, x, dim, meta);
}
ml_status cummin_forward(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor *values, ml_tensor *positions) {
  static const ml_parallel_body body[] = {smallest_u8, smallest_u8, smallest_i32, smallest_i64, smallest_f32, smallest_f64};
  return bests(c, x, dim, body, values, positions);
}
ml_status cummin_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions,
                          const ml_tensor *positions, const ml_shape *input_shape, int64_t dim, ml_tensor **dx) {
  (void)g_positions;
  return give_back(c, g_values, positions, input_shape, dim, dx);
}
