/* Central differences against backward. */

#include "tensor/autograd.h"

#include <math.h>

/* f at the inputs as they are, without a graph. */
static ml_status value_of(ml_context *c, ml_scalar_function f, void *arg, ml_tensor *const *in, int count, double *out) {
  ml_tensor *y = NULL;
  bool before = c->grad_enabled;
  c->grad_enabled = false;
  ml_status status = f(c, in, count, arg, &y);
  c->grad_enabled = before;
  if (status == ML_OK) status = ml_item(c, y, out);
  ml_release(y);
  return status;
}

static ml_status compare(ml_context *c, int input, int64_t position, double analytic, double numeric,
                         const ml_gradcheck_options *o) {
  if (fabs(analytic - numeric) <= o->atol + o->rtol * fabs(numeric)) return ML_OK; /* false for NaN */
  return ml_fail(c, "gradcheck: input %d, element %lld: backward gives %.9g, differences give %.9g", input + 1,
                 (long long)position + 1, analytic, numeric);
}

static ml_status check_input(ml_context *c, ml_scalar_function f, void *arg, ml_tensor *const *in, int count, int which,
                             const ml_gradcheck_options *o) {
  ml_tensor *x = in[which];
  double *v = ml_f64(x);
  for (int64_t i = 0, n = ml_count(x); i < n; i++) {
    double kept = v[i], above, below;
    v[i] = kept + o->step;
    ml_status status = value_of(c, f, arg, in, count, &above);
    v[i] = kept - o->step;
    if (status == ML_OK) status = value_of(c, f, arg, in, count, &below);
    v[i] = kept;
    ML_TRY(status);
    double analytic = x->grad ? ml_f64(x->grad)[i] : 0;
    ML_TRY(compare(c, which, i, analytic, (above - below) / (2 * o->step), o));
  }
  return ML_OK;
}

ml_status ml_gradcheck(ml_context *c, ml_scalar_function f, void *arg, ml_tensor *const *in, int count,
                       const ml_gradcheck_options *options) {
  ml_gradcheck_options o = {1e-6, 1e-5, 1e-3};
  if (options && options->step > 0) o.step = options->step;
  if (options && options->atol > 0) o.atol = options->atol;
  if (options && options->rtol > 0) o.rtol = options->rtol;
  for (int i = 0; i < count; i++) {
    if (!in[i]->requires_grad) continue;
    if (!in[i]->storage || in[i]->dtype != ML_FLOAT64 || !ml_is_contiguous(in[i])) return ml_fail(c, "gradcheck: input %d must be contiguous float64", i + 1);
    ml_release(in[i]->grad);
    in[i]->grad = NULL;
  }
  ml_tensor *y = NULL;
  ml_status status = f(c, in, count, arg, &y);
  if (status == ML_OK) status = ml_backward(c, y, &(ml_backward_options){0});
  ml_release(y);
  for (int i = 0; i < count && status == ML_OK; i++) {
    if (in[i]->requires_grad) status = check_input(c, f, arg, in, count, i, &o);
  }
  return status;
}
