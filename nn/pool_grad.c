/* Gradients of the pools in ops, for gradients of gradients.
 *
 * Max pooling gives g to the positions of the winners. An average is a product with a matrix of shares from each side,
 * y = rows x columns^T, and so is its gradient: dx = rows^T g columns. */

#include "nn/check.h"
#include "nn/pool.h"
#include "tensor/formula.h"

ML_FORMULA(permuted, (formula * w, const ml_tensor *x, const ml_dims *order), ml_permute(w->c, x, order, t))
ML_FORMULA_2(product, ml_matmul)
ML_FORMULA(turned, (formula * w, const ml_tensor *x), ml_transpose(w->c, x, 0, 1, t))

/* *out (windows, size): the share of each element of a side in each window. */
static ml_status shares(ml_context *c, const pool_job *k, bool rows, ml_dtype dtype, ml_tensor **out) {
  ml_shape s = ml_make_shape(2, rows ? k->out_height : k->out_width, rows ? k->height : k->width);
  ML_TRY(ml_zeros(c, &s, dtype, out));
  for (int64_t i = 0; i < s.size[0]; i++) {
    int64_t lo, hi;
    if (rows) pool_rows(k, i, &lo, &hi);
    else pool_columns(k, i, &lo, &hi);
    double share = 1.0 / (double)(k->adaptive ? hi - lo : rows ? k->size_h : k->size_w);
    for (int64_t at = i * s.size[1] + lo; at < i * s.size[1] + hi; at++) {
      if (dtype == ML_FLOAT32) ml_f32(*out)[at] = (float)share;
      else ml_f64(*out)[at] = share;
    }
  }
  return ML_OK;
}

static ml_tensor *shares_of(formula *w, const pool_job *k, bool rows, const ml_tensor *g) {
  if (w->status != ML_OK) return NULL;
  ml_tensor **t = place(w);
  return done(w, t, shares(w->c, k, rows, (ml_dtype)g->dtype, t));
}

/* Positions from 1 in the order in which they lie: (images, windows, channels). */
static ml_tensor *winners(formula *w, const ml_tensor *position, const ml_shape *s) {
  if (w->status != ML_OK) return NULL;
  ml_tensor **t = place(w);
  if (!done(w, t, ml_empty(w->c, s, ML_INT64, t))) return NULL;
  for (int64_t i = 0, n = ml_count(*t); i < n; i++) ml_i64(*t)[i] = ((const int32_t *)ml_data(position))[i] + 1;
  return *t;
}

ml_status pool_backward_recorded(ml_context *c, const pool_job *k, const ml_tensor *g, const ml_tensor *position,
                                 const ml_shape *x, ml_tensor **dx) {
  formula w = {.c = c};
  ml_shape to = nn_as_pictures(&g->shape), from = nn_as_pictures(x);
  ml_tensor *pictures = reshaped(&w, g, &to);
  if (!position) {
    ml_tensor *wide = product(&w, pictures, shares_of(&w, k, false, g));
    return finish(&w, reshaped(&w, product(&w, turned(&w, shares_of(&w, k, true, g)), wide), x), dx);
  }
  ml_dims last = {.count = 4, .dim = {0, 2, 3, 1}}, second = {.count = 4, .dim = {0, 3, 1, 2}};
  ml_shape windows = ml_make_shape(3, to.size[0], k->out_height * k->out_width, k->channels);
  ml_shape pixels = ml_make_shape(3, to.size[0], k->height * k->width, k->channels);
  ml_shape rows = ml_make_shape(4, from.size[0], k->height, k->width, k->channels);
  ml_tensor *given = reshaped(&w, permuted(&w, pictures, &last), &windows);
  ml_tensor *sums = scatter_added(&w, zeros_of(&w, &pixels, g), 1, winners(&w, position, &windows), given);
  return finish(&w, reshaped(&w, permuted(&w, reshaped(&w, sums, &rows), &second), x), dx);
}
