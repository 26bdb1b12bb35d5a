/* Ops that look for numbers among sorted ones, or count them: searchsorted bucketize bincount histc nonzero. */

#include "ops.gen.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

/* searchsorted, bucketize ------------------------------------------------------------------------------------------ */

typedef struct search {
  const void *sorted, *values;
  int64_t *place;
  int64_t n, width; /* sorted elements of a row; values of a row, 0: one row for all */
  bool right;
} search;

/* Values begin..end. A NaN stands behind all. */
#define SEARCH(name, T)                                                                                                \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const search *s = arg;                                                                                             \
    for (int64_t i = begin; i < end; i++) {                                                                            \
      const T *sorted = (const T *)s->sorted + (s->width > 0 ? i / s->width * s->n : 0);                               \
      T v = ((const T *)s->values)[i];                                                                                 \
      int64_t low = 0, high = s->n;                                                                                    \
      while (low < high) {                                                                                             \
        int64_t middle = low + (high - low) / 2;                                                                       \
        bool before = s->right ? !(sorted[middle] > v) : !(sorted[middle] >= v);                                       \
        if (before) low = middle + 1;                                                                                  \
        else high = middle;                                                                                            \
      }                                                                                                                \
      s->place[i] = low + 1;                                                                                           \
    }                                                                                                                  \
  }
SEARCH(search_u8, uint8_t)
SEARCH(search_i32, int32_t)
SEARCH(search_i64, int64_t)
SEARCH(search_f32, float)
SEARCH(search_f64, double)

static ml_status run_search(ml_context *c, const ml_tensor *sorted, const ml_tensor *values, bool right, ml_tensor *out) {
  static const ml_parallel_body body[] = {search_u8, search_u8, search_i32, search_i64, search_f32, search_f64};
  search s = {ml_data(sorted), ml_data(values), ml_i64(out), sorted->shape.size[sorted->shape.ndim - 1], 0, right};
  if (sorted->shape.ndim > 1) s.width = values->shape.size[values->shape.ndim - 1];
  return ml_parallel_for(c, ml_count(values), 4096, body[values->dtype], &s);
}

/* sorted is a vector, or has the shape of values but for the last dimension. */
ml_status searchsorted_infer(ml_context *c, const ml_tensor *sorted, const ml_tensor *values,
                             const searchsorted_options *options, ml_meta *meta) {
  (void)options;
  const ml_shape *s = &sorted->shape, *v = &values->shape;
  bool fits = s->ndim == 1 || (s->ndim > 1 && s->ndim == v->ndim);
  for (int d = 0; fits && d < s->ndim - 1; d++) fits = s->size[d] == v->size[d];
  if (!fits)
    return ml_fail(c, "searchsorted: sorted %s must be a vector, or have the sizes of values %s but for the last", ML_SHAPE(s), ML_SHAPE(v));
  meta->shape = *v;
  meta->dtype = ML_INT64;
  return ML_OK;
}

ml_status searchsorted_forward(ml_context *c, const ml_tensor *sorted, const ml_tensor *values,
                               const searchsorted_options *options, ml_tensor *out) {
  return run_search(c, sorted, values, options->right, out);
}

ml_status bucketize_infer(ml_context *c, const ml_tensor *x, const ml_tensor *boundaries, const bucketize_options *options,
                          ml_meta *meta) {
  (void)options;
  if (boundaries->shape.ndim != 1)
    return ml_fail(c, "bucketize: boundaries must be a vector, not %s", ML_SHAPE(&boundaries->shape));
  meta->shape = x->shape;
  meta->dtype = ML_INT64;
  return ML_OK;
}

ml_status bucketize_forward(ml_context *c, const ml_tensor *x, const ml_tensor *boundaries, const bucketize_options *options,
                            ml_tensor *out) {
  return run_search(c, boundaries, x, options->right, out);
}

/* bincount --------------------------------------------------------------------------------------------------------- */

ml_status bincount_infer(ml_context *c, const ml_tensor *index, const ml_tensor *weights, const bincount_options *options,
                         ml_meta *meta) {
  if (index->shape.ndim != 1) return ml_fail(c, "bincount: a vector is needed, not %s", ML_SHAPE(&index->shape));
  if (options->minlength < 0) return ml_fail(c, "bincount: minlength must not be negative, but is %lld", (long long)options->minlength);
  if (weights && !ml_shape_equal(&index->shape, &weights->shape))
    return ml_fail(c, "bincount: weights are %s, but must have the shape of the positions, %s", ML_SHAPE(&weights->shape), ML_SHAPE(&index->shape));
  if (!index->storage) return ml_fail(c, "bincount: how many counts there will be depends on the data, which is not here");
  int64_t n = ml_count(index), most = options->minlength;
  for (int64_t i = 0; i < n; i++) {
    int64_t at = ml_i64(index)[i];
    if (at < 0) return ml_fail(c, "bincount: position %lld at element %lld is negative", (long long)at, (long long)i + 1);
    most = at > most ? at : most;
  }
  meta->shape = ml_make_shape(1, most);
  meta->dtype = weights ? (ml_dtype)weights->dtype : ML_INT64;
  return ML_OK;
}

ml_status bincount_forward(ml_context *c, const ml_tensor *index, const ml_tensor *weights, const bincount_options *options,
                           ml_tensor *out) {
  (void)c, (void)options;
  const int64_t *at = ml_i64(index);
  memset(ml_data(out), 0, (size_t)ml_count(out) * ml_dtype_size((ml_dtype)out->dtype));
  for (int64_t i = 0, n = ml_count(index); i < n; i++) {
    if (at[i] == 0) continue; /* none */
    if (!weights) ml_i64(out)[at[i] - 1]++;
    else if (out->dtype == ML_FLOAT64) ml_f64(out)[at[i] - 1] += ml_f64(weights)[i];
    else ml_f32(out)[at[i] - 1] += ml_f32(weights)[i];
  }
  return ML_OK;
}

/* histc ------------------------------------------------------------------------------------------------------------ */

ml_status histc_infer(ml_context *c, const ml_tensor *x, int64_t bins, double min, double max, ml_meta *meta) {
  (void)x;
  if (bins < 1) return ml_fail(c, "histc: bins must be at least 1, not %lld", (long long)bins);
  if (!(min <= max) || !isfinite(max - min)) return ml_fail(c, "histc: %g..%g is no range", min, max);
  meta->shape = ml_make_shape(1, bins);
  return ML_OK;
}

static double element(const ml_tensor *x, int64_t i) { return x->dtype == ML_FLOAT64 ? ml_f64(x)[i] : (double)ml_f32(x)[i]; }

/* What is not within the range is not counted; the upper bound belongs to the last bin. */
ml_status histc_forward(ml_context *c, const ml_tensor *x, int64_t bins, double min, double max, ml_tensor *out) {
  int64_t n = ml_count(x);
  if (min == max && n > 0) { /* no range: that of the data */
    min = max = element(x, 0);
    for (int64_t i = 1; i < n; i++) min = fmin(min, element(x, i)), max = fmax(max, element(x, i));
    if (!isfinite(max - min)) return ml_fail(c, "histc: the elements are not all finite\n  hint: give the range: x:histc(%lld, min, max)", (long long)bins);
  }
  if (min == max) min -= 1, max += 1;
  ml_tensor *counts; /* a float32 would stop at 2^24 */
  ML_TRY(ml_zeros(c, &out->shape, ML_INT64, &counts));
  for (int64_t i = 0; i < n; i++) {
    double v = element(x, i);
    if (!(v >= min && v <= max)) continue;
    int64_t bin = (int64_t)((v - min) / (max - min) * (double)bins);
    ml_i64(counts)[bin < bins ? bin : bins - 1]++;
  }
  ml_status status = ml_copy(c, counts, out);
  ml_release(counts);
  return status;
}

/* nonzero ---------------------------------------------------------------------------------------------------------- */

static inline bool is_true(const ml_tensor *x, ml_dtype dtype, int64_t i) {
  switch (dtype) {
  case ML_FLOAT32: return ml_f32(x)[i] != 0;
  case ML_FLOAT64: return ml_f64(x)[i] != 0;
  case ML_INT64: return ml_i64(x)[i] != 0;
  case ML_INT32: return ((int32_t *)ml_data(x))[i] != 0;
  default: return ((uint8_t *)ml_data(x))[i] != 0;
  }
}

/* Counts those that are not 0 and, where y is not NULL, writes their positions. Made for each type, which is then not asked for at each element. */
static inline __attribute__((always_inline)) int64_t find(const ml_tensor *x, ml_dtype dtype, int64_t *y) {
  int ndim = x->shape.ndim;
  int64_t n = ml_count(x), count = 0;
  for (int64_t i = 0; !y && i < n; i++) count += is_true(x, dtype, i);
  for (int64_t i = 0; y && i < n; i++) {
    if (!is_true(x, dtype, i)) continue;
    int64_t rest = i;
    for (int d = ndim - 1; d > 0; d--) {
      y[d] = rest % x->shape.size[d] + 1;
      rest /= x->shape.size[d];
    }
    if (ndim > 0) y[0] = rest + 1;
    y += ndim;
  }
  return count;
}

static int64_t find_any(const ml_tensor *x, int64_t *y) {
  switch (x->dtype) {
  case ML_FLOAT32: return find(x, ML_FLOAT32, y);
  case ML_FLOAT64: return find(x, ML_FLOAT64, y);
  case ML_INT64: return find(x, ML_INT64, y);
  case ML_INT32: return find(x, ML_INT32, y);
  default: return find(x, ML_UINT8, y);
  }
}

ml_status nonzero_infer(ml_context *c, const ml_tensor *x, ml_meta *meta) {
  if (!x->storage) return ml_fail(c, "nonzero: how many elements there will be depends on the data, which is not here");
  meta->shape = ml_make_shape(2, find_any(x, NULL), x->shape.ndim);
  meta->dtype = ML_INT64;
  return ML_OK;
}

ml_status nonzero_forward(ml_context *c, const ml_tensor *x, ml_tensor *out) {
  (void)c;
  find_any(x, ml_i64(out));
  return ML_OK;
}
