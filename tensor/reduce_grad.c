/* Gradients of the reductions, in ops, so that gradients of gradients work. In each, g and the result get the reduced
 * dimensions back as sizes of 1 and are stretched over x by broadcasting. */

#include "tensor/reduce.h"

#include "tensor/formula.h"
#include "tensor/recurrence.h"

#include <math.h>

/* x with the reduced dimensions as sizes of 1. */
static ml_tensor *stretchable(formula *w, const ml_tensor *x, const ml_shape *input, const ml_dims *dims) {
  if (w->status != ML_OK) return NULL;
  ml_shape s = ml_reduced_shape(input, dims, true);
  ml_tensor **t = place(w);
  return done(w, t, ml_reshape(w->c, x, &s, t));
}

static ml_tensor *product_over(formula *w, const ml_tensor *x, const ml_dims *dims) {
  if (w->status != ML_OK) return NULL;
  ml_tensor **t = place(w);
  return done(w, t, ml_prod(w->c, x, dims, &(prod_options){.keepdim = true}, t));
}

/* dx = g */
ml_status sum_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_dims *dims,
                       const sum_options *options, ml_tensor **dx) {
  (void)options;
  formula w = {.c = c};
  return finish(&w, stretched(&w, stretchable(&w, g, input_shape, dims), input_shape), dx);
}

/* The dimensions that stay and then those that are reduced; count: how many stay. */
static ml_dims reduced_last(const ml_shape *s, const ml_dims *dims, int *stay) {
  ml_dims order = {0};
  bool goes[ML_MAX_DIMS] = {false};
  for (int d = 0; d < s->ndim; d++) goes[d] = dims->count < 0;
  for (int i = 0; i < dims->count; i++) goes[dims->dim[i]] = true;
  for (int d = 0; d < s->ndim; d++)
    if (!goes[d]) order.dim[order.count++] = d;
  *stay = order.count;
  for (int d = 0; d < s->ndim; d++)
    if (goes[d]) order.dim[order.count++] = d;
  return order;
}

/* The product of all elements but each, as running products from both ends: without a division, so that it can be
 * differentiated where there are zeros too. rows: the reduced elements are the last dimension. */
static ml_tensor *product_of_others(formula *w, const ml_tensor *rows) {
  if (w->status != ML_OK) return NULL;
  int last = rows->shape.ndim - 1;
  ml_dims along = {.count = 1, .dim = {last}};
  ml_tensor **before = place(w), **turned = place(w), **behind = place(w), **back = place(w);
  w->status = ml_product_before(w->c, rows, last, before);
  if (w->status == ML_OK) w->status = ml_flip(w->c, rows, &along, turned);
  if (w->status == ML_OK) w->status = ml_product_before(w->c, *turned, last, behind);
  if (w->status == ML_OK) w->status = ml_flip(w->c, *behind, &along, back);
  return times(w, *before, *back);
}

ML_FORMULA(permuted, (formula * w, const ml_tensor *x, const ml_dims *order), ml_permute(w->c, x, order, t))

static ml_status prod_backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_dims *dims,
                                        ml_tensor **dx) {
  formula w = {.c = c};
  int stay;
  ml_dims order = reduced_last(&x->shape, dims, &stay), back = {.count = order.count};
  ml_shape moved = {.ndim = order.count}, rows = {.ndim = stay + 1};
  rows.size[stay] = 1;
  for (int d = 0; d < order.count; d++) {
    moved.size[d] = x->shape.size[order.dim[d]];
    back.dim[order.dim[d]] = d;
    if (d < stay) rows.size[d] = moved.size[d];
    else rows.size[stay] *= moved.size[d];
  }
  ml_tensor *others = product_of_others(&w, reshaped(&w, permuted(&w, x, &order), &rows));
  ml_tensor *in_place = permuted(&w, reshaped(&w, others, &moved), &back);
  return finish(&w, times(&w, stretchable(&w, g, &x->shape, dims), in_place), dx);
}

/* dx = g * (product of the others). Without a zero that is g * result / x; beside one zero nothing gets a gradient but the
 * zero itself, the product of the rest; beside two, nothing at all. */
ml_status prod_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                        const ml_shape *input_shape, const ml_dims *dims, const prod_options *options, ml_tensor **dx) {
  (void)options;
  if (c->grad_enabled && ml_count(x) > 0) return prod_backward_recorded(c, g, x, dims, dx);
  formula w = {.c = c};
  ml_tensor *gs = stretchable(&w, g, input_shape, dims), *y = stretchable(&w, result, input_shape, dims);
  ml_tensor *none = number(&w, 0), *one = number(&w, 1), *zero = equal(&w, x, none);
  ml_tensor *zeros = sum_over(&w, zero, dims), *others = choose(&w, zero, one, x);
  ml_tensor *rest = choose(&w, equal(&w, zeros, one), product_over(&w, others, dims), none);
  ml_tensor *left_out = choose(&w, zero, rest, over(&w, y, others));
  return finish(&w, times(&w, gs, left_out), dx);
}

/* dx = g / n */
ml_status mean_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, const ml_dims *dims,
                        const mean_options *options, ml_tensor **dx) {
  (void)options;
  formula w = {.c = c};
  ml_tensor *n = number(&w, (double)ml_reduced_count(input_shape, dims));
  ml_tensor *share = over(&w, stretchable(&w, g, input_shape, dims), n);
  return finish(&w, stretched(&w, share, input_shape), dx);
}

/* dx = g * 2 (x - mean) / (n - correction) */
ml_status var_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_shape *input_shape,
                       const ml_dims *dims, const var_options *options, ml_tensor **dx) {
  formula w = {.c = c};
  double n = (double)ml_reduced_count(input_shape, dims) - options->correction;
  ml_tensor *factor = times(&w, stretchable(&w, g, input_shape, dims), number(&w, n > 0 ? 2 / n : NAN));
  return finish(&w, times(&w, minus(&w, x, mean_over(&w, x, dims)), factor), dx);
}

/* dx = g * (x - mean) / ((n - correction) * std), 0 where std is 0 */
ml_status std_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                       const ml_shape *input_shape, const ml_dims *dims, const std_options *options, ml_tensor **dx) {
  formula w = {.c = c};
  double n = (double)ml_reduced_count(input_shape, dims) - options->correction;
  ml_tensor *y = stretchable(&w, result, input_shape, dims);
  ml_tensor *divisor = choose(&w, equal(&w, y, number(&w, 0)), number(&w, 1), y);
  ml_tensor *share = over(&w, stretchable(&w, g, input_shape, dims), divisor);
  ml_tensor *factor = times(&w, share, number(&w, n > 0 ? 1 / n : NAN));
  return finish(&w, times(&w, minus(&w, x, mean_over(&w, x, dims)), factor), dx);
}

/* g shared by the elements that are the result; of NaNs, by the NaNs. x, y: as compared; g, y: stretchable. */
static ml_tensor *shared(formula *w, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y, const ml_dims *dims) {
  if (w->status != ML_OK) return NULL;
  ml_tensor *chosen = as_type_of(w, either(w, equal(w, x, y), not_a_number(w, x)), g);
  return times(w, chosen, over(w, g, sum_over(w, chosen, dims)));
}

static ml_status extreme_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                                  const ml_shape *input_shape, const ml_dims *dims, ml_tensor **dx) {
  formula w = {.c = c};
  ml_tensor *gs = stretchable(&w, g, input_shape, dims), *y = stretchable(&w, result, input_shape, dims);
  return finish(&w, shared(&w, gs, x, y, dims), dx);
}

ml_status min_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                       const ml_shape *input_shape, const ml_dims *dims, const min_options *options, ml_tensor **dx) {
  (void)options;
  return extreme_backward(c, g, x, result, input_shape, dims, dx);
}

ml_status max_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                       const ml_shape *input_shape, const ml_dims *dims, const max_options *options, ml_tensor **dx) {
  (void)options;
  return extreme_backward(c, g, x, result, input_shape, dims, dx);
}

/* p = 1: dx = g sign(x). p = inf: that, shared by the largest. Else dx = g sign(x) (|x| / norm)^(p-1), which for p = 2
 * is g x / norm; 0 where the norm is 0. */
ml_status norm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                        const ml_shape *input_shape, const ml_dims *dims, const norm_options *options, ml_tensor **dx) {
  formula w = {.c = c};
  double p = options->p;
  ml_tensor *gs = stretchable(&w, g, input_shape, dims);
  if (p == 1) return finish(&w, times(&w, gs, sign(&w, x)), dx);
  ml_tensor *y = stretchable(&w, result, input_shape, dims);
  if (isinf(p)) return finish(&w, times(&w, shared(&w, gs, absolute(&w, x), y, dims), sign(&w, x)), dx);

  ml_tensor *one = number(&w, 1), *zero = number(&w, 0);
  ml_tensor *divisor = choose(&w, equal(&w, y, zero), one, y);
  if (p == 2) return finish(&w, times(&w, x, over(&w, gs, divisor)), dx);
  ml_tensor *size = choose(&w, equal(&w, x, zero), one, absolute(&w, x)); /* 0^(p-1) may be infinite: sign(0) is 0 */
  ml_tensor *weight = power(&w, over(&w, size, divisor), number(&w, p - 1));
  return finish(&w, times(&w, times(&w, gs, sign(&w, x)), weight), dx);
}

/* dx = g exp(x - result) */
ml_status logsumexp_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *result,
                             const ml_shape *input_shape, const ml_dims *dims, const logsumexp_options *options,
                             ml_tensor **dx) {
  (void)options;
  formula w = {.c = c};
  ml_tensor *y = stretchable(&w, result, input_shape, dims);
  ml_tensor *shift = choose(&w, equal(&w, y, number(&w, -INFINITY)), number(&w, 0), y); /* all of x is -inf */
  ml_tensor *part = exponential(&w, minus(&w, x, shift));
  return finish(&w, times(&w, part, stretchable(&w, g, input_shape, dims)), dx);
}
