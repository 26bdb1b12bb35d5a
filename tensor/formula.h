/* The small language that gradients in ops are written in: each function runs one op and gives a borrowed tensor, NULL
 * after a failure. Nothing runs after the first failure, and finish() lets go of all intermediate tensors at once. */
#ifndef ML_FORMULA_H
#define ML_FORMULA_H

#include "ops.gen.h"

enum { ML_FORMULA_TENSORS = 48 };
typedef struct formula {
  ml_context *c;
  ml_status status; /* the first failure */
  int count;
  ml_tensor *t[ML_FORMULA_TENSORS];
} formula;

static inline ml_tensor **place(formula *w) { return &w->t[w->count++]; }

static inline ml_tensor *done(formula *w, ml_tensor **t, ml_status status) {
  w->status = status;
  return status == ML_OK ? *t : NULL;
}

/* ML_FORMULA(name, (parameters), call): call writes its result to t. */
#define ML_FORMULA(name, parameters, call)                                                                             \
  static inline ml_tensor *name parameters {                                                                           \
    if (w->status != ML_OK) return NULL;                                                                               \
    ml_tensor **t = place(w);                                                                                          \
    return done(w, t, call);                                                                                           \
  }
#define ML_FORMULA_2(name, op)                                                                                         \
  ML_FORMULA(name, (formula * w, const ml_tensor *x, const ml_tensor *y), op(w->c, x, y, t))
#define ML_FORMULA_1(name, op) ML_FORMULA(name, (formula * w, const ml_tensor *x), op(w->c, x, t))

ML_FORMULA_2(plus, ml_add)
ML_FORMULA_2(times, ml_mul)
ML_FORMULA_2(over, ml_div)
ML_FORMULA_2(minus, ml_sub)
ML_FORMULA_2(equal, ml_eq)
ML_FORMULA_2(either, ml_logical_or)
ML_FORMULA_2(both, ml_logical_and)
ML_FORMULA_2(power, ml_pow)
ML_FORMULA_1(absolute, ml_abs)
ML_FORMULA_1(sign, ml_sign)
ML_FORMULA_1(exponential, ml_exp)
ML_FORMULA_1(not_a_number, ml_isnan)
ML_FORMULA(number, (formula * w, double value), ml_number(w->c, value, t))
ML_FORMULA(choose, (formula * w, const ml_tensor *condition, const ml_tensor *x, const ml_tensor *y),
           ml_where(w->c, condition, x, y, t))
ML_FORMULA(reshaped, (formula * w, const ml_tensor *x, const ml_shape *shape), ml_reshape(w->c, x, shape, t))
ML_FORMULA(stretched, (formula * w, const ml_tensor *x, const ml_shape *shape), ml_expand(w->c, x, shape, t))
ML_FORMULA(mean_over, (formula * w, const ml_tensor *x, const ml_dims *dims),
           ml_mean(w->c, x, dims, &(mean_options){.keepdim = true}, t))
ML_FORMULA(sum_over, (formula * w, const ml_tensor *x, const ml_dims *dims),
           ml_sum(w->c, x, dims, &(sum_options){.keepdim = true}, t))
/* x as numbers of g's type. */
ML_FORMULA(as_type_of, (formula * w, const ml_tensor *x, const ml_tensor *g), ml_to(w->c, x, (ml_dtype)g->dtype, t))
ML_FORMULA(zeros_of, (formula * w, const ml_shape *shape, const ml_tensor *g), ml_zeros(w->c, shape, (ml_dtype)g->dtype, t))
ML_FORMULA(gathered, (formula * w, const ml_tensor *x, int64_t dim, const ml_tensor *index),
           ml_gather(w->c, x, index, dim, t))
ML_FORMULA(selected, (formula * w, const ml_tensor *x, int64_t dim, const ml_tensor *index),
           ml_index_select(w->c, x, index, dim, t))
ML_FORMULA(scattered, (formula * w, const ml_tensor *x, int64_t dim, const ml_tensor *index, const ml_tensor *source),
           ml_scatter(w->c, x, index, source, dim, t))
ML_FORMULA(scatter_added, (formula * w, const ml_tensor *x, int64_t dim, const ml_tensor *index, const ml_tensor *source),
           ml_scatter_add(w->c, x, index, source, dim, t))
ML_FORMULA(index_added, (formula * w, const ml_tensor *x, int64_t dim, const ml_tensor *index, const ml_tensor *source),
           ml_index_add(w->c, x, index, source, dim, t))
ML_FORMULA(index_copied, (formula * w, const ml_tensor *x, int64_t dim, const ml_tensor *index, const ml_tensor *source),
           ml_index_copy(w->c, x, index, source, dim, t))
ML_FORMULA(mask_scattered, (formula * w, const ml_tensor *x, const ml_tensor *mask, const ml_tensor *source),
           ml_masked_scatter(w->c, x, mask, source, t))

/* Hands the result to *out and lets go of the rest. */
static inline ml_status finish(formula *w, ml_tensor *result, ml_tensor **out) {
  if (w->status == ML_OK && out) *out = ml_retain(result);
  for (int i = 0; i < w->count; i++) ml_release(w->t[i]);
  w->count = 0;
  return w->status;
}

#endif
