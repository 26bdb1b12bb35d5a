/* Ops that sort: sort argsort topk kthvalue median nanmedian quantile.
 *
 * NaN counts as the largest number, as in PyTorch. Backward gives g to the positions that the results were found at. */

#include "tensor/sort.h"

#include "ops.gen.h"

#include <math.h>
#include <string.h>

/* Rows ------------------------------------------------------------------------------------------------------------- */

/* x with one dimension moved to the end; ML_NO_DIM: as a vector. Borrows x's storage; x is contiguous. */
static ml_tensor moved(const ml_tensor *x, int64_t dim) {
  ml_tensor t = *x;
  if (dim == ML_NO_DIM) {
    t.shape = ml_make_shape(1, ml_count(x));
    t.stride[0] = 1;
    return t;
  }
  int last = x->shape.ndim - 1;
  for (int d = (int)dim; d < last; d++) t.shape.size[d] = x->shape.size[d + 1], t.stride[d] = x->stride[d + 1];
  t.shape.size[last] = x->shape.size[dim];
  t.stride[last] = x->stride[dim];
  return t;
}

static int64_t row_length(const ml_shape *s, int64_t dim) { return dim == ML_NO_DIM ? ml_shape_count(s) : s->size[dim]; }

/* The first `take` of each row along dim, as contiguous (rows, take) tensors; values may be NULL. */
static ml_status sorted_rows(ml_context *c, const ml_tensor *x, int64_t dim, bool descending, int64_t take,
                             ml_tensor **values, ml_tensor **positions) {
  ml_tensor rows = moved(x, dim), *copy = NULL;
  int64_t n = row_length(&x->shape, dim), count = n > 0 ? ml_count(x) / n : 0;
  ml_shape shape = ml_make_shape(2, count, take);
  ml_dtype dtype = (ml_dtype)x->dtype;
  ml_status status = ML_OK;
  const void *from = ml_data(x);
  if (!ml_is_contiguous(&rows)) {
    ML_TRY(ml_empty(c, &rows.shape, dtype, &copy));
    status = ml_copy(c, &rows, copy);
    from = ml_data(copy);
  }
  if (status == ML_OK && values) status = ml_empty(c, &shape, dtype, values);
  if (status == ML_OK) status = ml_empty(c, &shape, ML_INT64, positions);
  if (status == ML_OK)
    status = ml_sort_rows(c, from, dtype, count, n, descending, take, values ? ml_data(*values) : NULL, ml_i64(*positions));
  ml_release(copy);
  return status;
}

/* Rows (rows, take) into out, whose dim they are. */
static ml_status put_rows(ml_context *c, const ml_tensor *rows, int64_t dim, ml_tensor *out) {
  ml_tensor place = moved(out, dim), source = *rows;
  source.shape = place.shape;
  ml_strides_contiguous(&source.shape, source.stride);
  return ml_copy(c, &source, &place);
}

/* Straight into the results where dim is the last one, through rows where it is not. Either of the results may be NULL, if
 * the other is not. */
static ml_status sort_into(ml_context *c, const ml_tensor *x, int64_t dim, bool descending, ml_tensor *values,
                           ml_tensor *positions) {
  int64_t n = x->shape.size[dim], take = positions->shape.size[dim];
  if (ml_count(positions) == 0) return ML_OK;
  if (dim == x->shape.ndim - 1)
    return ml_sort_rows(c, ml_data(x), (ml_dtype)x->dtype, ml_count(x) / n, n, descending, take,
                        values ? ml_data(values) : NULL, ml_i64(positions));
  ml_tensor *v = NULL, *p = NULL;
  ml_status status = sorted_rows(c, x, dim, descending, take, values ? &v : NULL, &p);
  if (status == ML_OK && values) status = put_rows(c, v, dim, values);
  if (status == ML_OK) status = put_rows(c, p, dim, positions);
  ml_release(v);
  ml_release(p);
  return status;
}

/* sort, argsort, topk ---------------------------------------------------------------------------------------------- */

ml_status sort_infer(ml_context *c, const ml_tensor *x, int64_t dim, const sort_options *options, ml_meta *meta) {
  (void)c, (void)x, (void)dim, (void)options, (void)meta;
  return ML_OK;
}

ml_status sort_forward(ml_context *c, const ml_tensor *x, int64_t dim, const sort_options *options, ml_tensor *values,
                       ml_tensor *positions) {
  return sort_into(c, x, dim, options->descending, values, positions);
}

ml_status sort_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions, const ml_tensor *positions,
                        const ml_shape *input_shape, int64_t dim, const sort_options *options, ml_tensor **dx) {
  (void)g_positions, (void)options;
  return gather_backward(c, g_values, positions, input_shape, dim, dx);
}

ml_status argsort_infer(ml_context *c, const ml_tensor *x, int64_t dim, const argsort_options *options, ml_meta *meta) {
  (void)c, (void)x, (void)dim, (void)options;
  meta->dtype = ML_INT64;
  return ML_OK;
}

ml_status argsort_forward(ml_context *c, const ml_tensor *x, int64_t dim, const argsort_options *options, ml_tensor *out) {
  return sort_into(c, x, dim, options->descending, NULL, out);
}

ml_status topk_infer(ml_context *c, const ml_tensor *x, int64_t k, int64_t dim, const topk_options *options, ml_meta *meta) {
  (void)options;
  if (k < 0 || k > x->shape.size[dim])
    return ml_fail(c, "topk: k is %lld, but dimension %lld of %s has %lld elements", (long long)k, (long long)dim + 1,
                   ML_SHAPE(&x->shape), (long long)x->shape.size[dim]);
  meta->shape.size[dim] = k;
  return ML_OK;
}

ml_status topk_forward(ml_context *c, const ml_tensor *x, int64_t k, int64_t dim, const topk_options *options,
                       ml_tensor *values, ml_tensor *positions) {
  (void)k;
  return sort_into(c, x, dim, options->largest, values, positions);
}

ml_status topk_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions, const ml_tensor *positions,
                        const ml_shape *input_shape, int64_t k, int64_t dim, const topk_options *options, ml_tensor **dx) {
  (void)g_positions, (void)k, (void)options;
  return gather_backward(c, g_values, positions, input_shape, dim, dx);
}

/* One of each row: kthvalue, median, nanmedian --------------------------------------------------------------------- */

static ml_status reduced_to_one(ml_context *c, const char *op, const ml_tensor *x, int64_t dim, bool keepdim, ml_meta *meta) {
  ml_shape *s = &meta->shape;
  s->ndim = 0;
  int64_t others = 1;
  for (int d = 0; d < x->shape.ndim; d++) {
    bool goes = dim == ML_NO_DIM || d == dim;
    if (!goes || keepdim) s->size[s->ndim++] = goes ? 1 : x->shape.size[d];
    if (!goes) others *= x->shape.size[d];
  }
  if (others == 0 || row_length(&x->shape, dim) > 0) return ML_OK;
  if (dim == ML_NO_DIM) return ml_fail(c, "%s: %s has no elements to choose from", op, ML_SHAPE(&x->shape));
  return ml_fail(c, "%s: dimension %lld of %s has no elements to choose from", op, (long long)dim + 1, ML_SHAPE(&x->shape));
}

static bool is_nan_at(const ml_tensor *x, int64_t i) {
  if (x->dtype == ML_FLOAT32) return isnan(ml_f32(x)[i]);
  return x->dtype == ML_FLOAT64 && isnan(ml_f64(x)[i]);
}

/* How many elements of sorted row r are no NaN. */
static int64_t numbers_in(const ml_tensor *sorted, int64_t r) {
  int64_t n = sorted->shape.size[1], low = 0, high = n;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (is_nan_at(sorted, r * n + middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* What is wanted of a sorted row: number k of it (from 0), or the lower of the two in the middle. */
typedef enum wanted { NUMBER, MIDDLE, MIDDLE_OF_NUMBERS } wanted;

static int64_t place_in(const ml_tensor *sorted, int64_t r, wanted which, int64_t k) {
  if (which == NUMBER) return k;
  int64_t n = sorted->shape.size[1], numbers = numbers_in(sorted, r);
  if (which == MIDDLE && numbers < n) return numbers; /* the first NaN */
  return numbers > 0 ? (numbers - 1) / 2 : 0;
}

static ml_status choose(ml_context *c, const ml_tensor *x, int64_t dim, wanted which, int64_t k, ml_tensor *values,
                        ml_tensor *positions) {
  if (ml_count(values) == 0) return ML_OK;
  int64_t take = which == NUMBER ? k + 1 : row_length(&x->shape, dim), rows = ml_count(values);
  size_t size = ml_dtype_size((ml_dtype)x->dtype);
  ml_tensor *v = NULL, *p = NULL;
  ml_status status = sorted_rows(c, x, dim, false, take, &v, &p);
  for (int64_t r = 0; status == ML_OK && r < rows; r++) {
    int64_t at = r * take + place_in(v, r, which, k);
    memcpy((char *)ml_data(values) + (size_t)r * size, (char *)ml_data(v) + (size_t)at * size, size);
    ml_i64(positions)[r] = ml_i64(p)[at];
  }
  ml_release(v);
  ml_release(p);
  return status;
}

/* g to the positions, of which each row has `width`; rows of a flattened tensor if dim is ML_NO_DIM. */
static ml_status give_back(ml_context *c, const ml_tensor *g, const ml_tensor *positions, const ml_shape *input_shape,
                           int64_t dim, int64_t width, ml_tensor **dx) {
  ml_shape all = dim == ML_NO_DIM ? ml_make_shape(1, ml_shape_count(input_shape)) : *input_shape, index = all;
  int64_t along = dim == ML_NO_DIM ? 0 : dim;
  index.size[along] = width;
  ml_tensor *from = NULL, *to = NULL, *given = NULL;
  ml_status status = ml_reshape(c, g, &index, &from);
  if (status == ML_OK) status = ml_reshape(c, positions, &index, &to);
  if (status == ML_OK) status = gather_backward(c, from, to, &all, along, &given);
  if (status == ML_OK) status = ml_reshape(c, given, input_shape, dx);
  ml_release(from);
  ml_release(to);
  ml_release(given);
  return status;
}

ml_status kthvalue_infer(ml_context *c, const ml_tensor *x, int64_t k, int64_t dim, const kthvalue_options *options,
                         ml_meta *meta) {
  if (k < 1 || k > x->shape.size[dim])
    return ml_fail(c, "kthvalue: k is %lld, but dimension %lld of %s has %lld elements", (long long)k, (long long)dim + 1,
                   ML_SHAPE(&x->shape), (long long)x->shape.size[dim]);
  return reduced_to_one(c, "kthvalue", x, dim, options->keepdim, meta);
}
ml_status kthvalue_forward(ml_context *c, const ml_tensor *x, int64_t k, int64_t dim, const kthvalue_options *options,
                           ml_tensor *values, ml_tensor *positions) {
  (void)options;
  return choose(c, x, dim, NUMBER, k - 1, values, positions);
}
ml_status kthvalue_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions, const ml_tensor *positions,
                            const ml_shape *input_shape, int64_t k, int64_t dim, const kthvalue_options *options,
                            ml_tensor **dx) {
  (void)g_positions, (void)k, (void)options;
  return give_back(c, g_values, positions, input_shape, dim, 1, dx);
}

ml_status median_infer(ml_context *c, const ml_tensor *x, int64_t dim, const median_options *options, ml_meta *meta) {
  return reduced_to_one(c, "median", x, dim, options->keepdim, meta);
}
ml_status median_forward(ml_context *c, const ml_tensor *x, int64_t dim, const median_options *options, ml_tensor *values,
                         ml_tensor *positions) {
  (void)options;
  return choose(c, x, dim, MIDDLE, 0, values, positions);
}
ml_status median_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions, const ml_tensor *positions,
                          const ml_shape *input_shape, int64_t dim, const median_options *options, ml_tensor **dx) {
  (void)g_positions, (void)options;
  return give_back(c, g_values, positions, input_shape, dim, 1, dx);
}

ml_status nanmedian_infer(ml_context *c, const ml_tensor *x, int64_t dim, const nanmedian_options *options, ml_meta *meta) {
  return reduced_to_one(c, "nanmedian", x, dim, options->keepdim, meta);
}
ml_status nanmedian_forward(ml_context *c, const ml_tensor *x, int64_t dim, const nanmedian_options *options,
                            ml_tensor *values, ml_tensor *positions) {
  (void)options;
  return choose(c, x, dim, MIDDLE_OF_NUMBERS, 0, values, positions);
}
ml_status nanmedian_backward(ml_context *c, const ml_tensor *g_values, const ml_tensor *g_positions,
                             const ml_tensor *positions, const ml_shape *input_shape, int64_t dim,
                             const nanmedian_options *options, ml_tensor **dx) {
  (void)g_positions, (void)options;
  return give_back(c, g_values, positions, input_shape, dim, 1, dx);
}

/* quantile --------------------------------------------------------------------------------------------------------- */

/* The two places in a sorted row of n between which q lies, and the weight of the upper one. */
static double between(int64_t n, double q, ml_interpolation how, int64_t place[2]) {
  double at = q * (double)(n - 1), lower = floor(at), weight = at - lower;
  if (how == ML_INTERPOLATION_LOWER) weight = 0;
  if (how == ML_INTERPOLATION_HIGHER) weight = weight > 0 ? 1 : 0;
  if (how == ML_INTERPOLATION_NEAREST) weight = rint(at) - lower;
  if (how == ML_INTERPOLATION_MIDPOINT) weight = weight > 0 ? 0.5 : 0;
  place[0] = (int64_t)lower;
  place[1] = weight > 0 ? place[0] + 1 : place[0];
  return weight;
}

/* positions: (rows, 2), for backward. */
ml_status quantile_infer(ml_context *c, const ml_tensor *x, double q, int64_t dim, const quantile_options *options,
                         ml_meta *meta) {
  (void)q;
  ML_TRY(reduced_to_one(c, "quantile", x, dim, options->keepdim, meta));
  meta->keep[0] = ml_make_shape(2, ml_shape_count(&meta->shape), 2);
  return ML_OK;
}

ml_status quantile_forward(ml_context *c, const ml_tensor *x, double q, int64_t dim, const quantile_options *options,
                           ml_tensor *positions, ml_tensor *out) {
  if (ml_count(out) == 0) return ML_OK;
  int64_t n = row_length(&x->shape, dim), place[2], rows = ml_count(out);
  double weight = between(n, q, options->interpolation, place);
  ml_tensor *v = NULL, *p = NULL;
  ml_status status = sorted_rows(c, x, dim, false, n, &v, &p);
  for (int64_t r = 0; status == ML_OK && r < rows; r++) {
    int64_t numbers = numbers_in(v, r), at[2] = {r * n + place[0], r * n + place[1]};
    if (numbers < n) at[0] = at[1] = r * n + numbers; /* the first NaN */
    if (out->dtype == ML_FLOAT64) {
      const double *s = ml_f64(v);
      ml_f64(out)[r] = at[0] == at[1] ? s[at[0]] : s[at[0]] + weight * (s[at[1]] - s[at[0]]);
    } else {
      const float *s = ml_f32(v);
      ml_f32(out)[r] = at[0] == at[1] ? s[at[0]] : (float)((double)s[at[0]] + weight * ((double)s[at[1]] - (double)s[at[0]]));
    }
    for (int i = 0; positions && i < 2; i++) ml_i64(positions)[2 * r + i] = ml_i64(p)[at[i]];
  }
  ml_release(v);
  ml_release(p);
  return status;
}

/* g (1 - weight) to the lower, g weight to the upper position. */
ml_status quantile_backward(ml_context *c, const ml_tensor *g, const ml_tensor *positions, const ml_shape *input_shape,
                            double q, int64_t dim, const quantile_options *options, ml_tensor **dx) {
  int64_t n = row_length(input_shape, dim), place[2], rows = ml_count(g);
  double weight = n > 0 ? between(n, q, options->interpolation, place) : 0;
  ml_tensor *lower = NULL, *upper = NULL, *part[2] = {0}, *total = NULL, *upper_part = NULL;
  ml_shape one = ml_make_shape(2, rows, 1);
  ml_tensor *flat = NULL, *share[2] = {0};
  ml_status status = ml_reshape(c, g, &one, &flat);
  if (status == ML_OK) status = ml_number(c, 1 - weight, &lower);
  if (status == ML_OK) status = ml_number(c, weight, &upper);
  if (status == ML_OK) status = ml_mul(c, flat, lower, &share[0]);
  if (status == ML_OK) status = ml_mul(c, flat, upper, &share[1]);
  for (int i = 0; status == ML_OK && i < 2; i++) {
    ml_tensor *column = NULL;
    status = ml_slice(c, positions, 1, i, i, 1, &part[i]);
    if (status == ML_OK) status = ml_contiguous_unrecorded(c, part[i], &column);
    if (status == ML_OK) status = give_back(c, share[i], column, input_shape, dim, 1, i == 0 ? &total : &upper_part);
    ml_release(column);
  }
  if (status == ML_OK) status = ml_add(c, total, upper_part, dx);
  ml_tensor *all[] = {lower, upper, flat, share[0], share[1], part[0], part[1], total, upper_part};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
  return status;
}
