/* What the tests of tensor ops share: making tensors, reading them, gradients against differences. Every made tensor is
 * kept in a list and released by tensors_free. */
#ifndef TENSORS_H
#define TENSORS_H

#include "tests/c/check.h"

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/autograd.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static ml_context context, *const c = &context;
static ml_tensor *made[65536];
static int made_count;

static ml_tensor *keep(ml_tensor *x) { return made[made_count++] = x; }

/* The result of an op, which must succeed: R(ml_sum(c, x, &dims, &o, OUT)). */
static ml_tensor *last_result;
#define OUT (&last_result)
static ml_tensor *result_of(ml_status status, const char *call, int line) {
  check_record(status == ML_OK, "test", line, "%s: %s", call, c->message);
  if (status != ML_OK) exit(check_report());
  return keep(last_result);
}
#define R(call) result_of(call, #call, __LINE__)

__attribute__((unused)) static void tensors_free(void) {
  while (made_count > 0) ml_release(made[--made_count]);
}

#define SHAPE(...) shape_of((int64_t[]){__VA_ARGS__}, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
__attribute__((unused)) static const ml_shape *shape_of(const int64_t *size, int n) {
  static ml_shape ring[8];
  static int next;
  ml_shape *s = &ring[next++ % 8];
  *s = (ml_shape){.ndim = n};
  for (int d = 0; d < n; d++) s->size[d] = size[d];
  return s;
}
#define DIMS(...) dims_of((int64_t[]){__VA_ARGS__}, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
__attribute__((unused)) static const ml_dims *dims_of(const int64_t *dim, int n) {
  static ml_dims ring[8];
  static int next;
  ml_dims *d = &ring[next++ % 8];
  *d = (ml_dims){.count = n};
  for (int i = 0; i < n; i++) d->dim[i] = dim[i];
  return d;
}
static const ml_dims all_dims = {.count = -1};

__attribute__((unused)) static void put(ml_tensor *x, int64_t i, double v) { /* x contiguous */
  void *p = ml_data(x);
  switch ((ml_dtype)x->dtype) {
  case ML_BOOL: ((uint8_t *)p)[i] = v != 0; break;
  case ML_UINT8: ((uint8_t *)p)[i] = (uint8_t)v; break;
  case ML_INT32: ((int32_t *)p)[i] = (int32_t)v; break;
  case ML_INT64: ((int64_t *)p)[i] = (int64_t)v; break;
  case ML_FLOAT32: ((float *)p)[i] = (float)v; break;
  default: ((double *)p)[i] = v;
  }
}

/* Element i in row-major order, whatever the strides. */
__attribute__((unused)) static double at(const ml_tensor *x, int64_t i) {
  int64_t offset = x->offset;
  for (int d = x->shape.ndim - 1; d >= 0; d--) {
    offset += i % x->shape.size[d] * x->stride[d];
    i /= x->shape.size[d];
  }
  const void *p = x->storage->data;
  switch ((ml_dtype)x->dtype) {
  case ML_BOOL:
  case ML_UINT8: return ((const uint8_t *)p)[offset];
  case ML_INT32: return ((const int32_t *)p)[offset];
  case ML_INT64: return (double)((const int64_t *)p)[offset];
  case ML_FLOAT32: return (double)((const float *)p)[offset];
  default: return ((const double *)p)[offset];
  }
}

__attribute__((unused)) static ml_tensor *empty(ml_dtype dtype, const ml_shape *s) {
  return R(ml_empty(c, s, dtype, OUT));
}

/* Row-major values 1, 2, 3 ... */
__attribute__((unused)) static ml_tensor *counting(ml_dtype dtype, const ml_shape *s) {
  ml_tensor *x = empty(dtype, s);
  for (int64_t i = 0; i < ml_count(x); i++) put(x, i, (double)(i + 1));
  return x;
}

/* Values in [-1, 1) of a stream; for integers in -9..9 (0..9 without sign); for bool true or false. */
__attribute__((unused)) static ml_tensor *noise(ml_dtype dtype, const ml_shape *s, uint64_t key) {
  ml_tensor *x = empty(dtype, s);
  for (int64_t i = 0; i < ml_count(x); i++) {
    double u = ml_random_double(key, (uint64_t)i);
    double v = ml_dtype_is_float(dtype) ? 2 * u - 1 : dtype == ML_BOOL ? u < 0.5 : floor(u * 10);
    if ((dtype == ML_INT32 || dtype == ML_INT64) && ml_random_word(key + 1, (uint64_t)i) % 2 == 0) v = -v;
    put(x, i, v);
  }
  return x;
}

#define VALUES(dtype, ...)                                                                                             \
  values_of(dtype, (double[]){__VA_ARGS__}, (int64_t)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)))
__attribute__((unused)) static ml_tensor *values_of(ml_dtype dtype, const double *v, int64_t n) {
  ml_tensor *x = empty(dtype, SHAPE(n));
  for (int64_t i = 0; i < n; i++) put(x, i, v[i]);
  return x;
}

/* The same elements with other strides: 0 as they are, 1 dimensions laid out backwards, 2 every second element of a
 * bigger tensor. */
enum { LAYOUTS = 3 };
__attribute__((unused)) static ml_tensor *laid_out(ml_tensor *x, int layout) {
  int n = x->shape.ndim;
  if (layout == 0 || n == 0) return x;
  if (layout == 1) {
    ml_dims back = {.count = n};
    for (int d = 0; d < n; d++) back.dim[d] = n - 1 - d;
    return R(ml_permute(c, R(ml_contiguous(c, R(ml_permute(c, x, &back, OUT)), OUT)), &back, OUT));
  }
  ml_shape s = x->shape;
  s.size[n - 1] *= 2;
  ml_tensor *wide = R(ml_zeros(c, &s, (ml_dtype)x->dtype, OUT));
  ml_tensor *y = R(ml_slice(c, wide, -1, 1, -1, 2, OUT));
  CHECK_OK(c, ml_copy(c, x, y));
  return y;
}

/* Same shape, type and elements (bits, but any NaN equals any). */
__attribute__((unused)) static bool same(const ml_tensor *x, const ml_tensor *y) {
  if (!ml_shape_equal(&x->shape, &y->shape) || x->dtype != y->dtype) return false;
  for (int64_t i = 0; i < ml_count(x); i++) {
    double a = at(x, i), b = at(y, i);
    if (!(a == b || (a != a && b != b))) return false;
  }
  return true;
}

__attribute__((unused)) static double distance(const ml_tensor *x, const ml_tensor *y) {
  if (!ml_shape_equal(&x->shape, &y->shape)) return INFINITY;
  double most = 0;
  for (int64_t i = 0; i < ml_count(x); i++) most = fmax(most, fabs(at(x, i) - at(y, i)));
  return most;
}

#define CHECK_VALUES(x, ...)                                                                                           \
  check_values(x, (double[]){__VA_ARGS__}, (int64_t)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), __LINE__)
__attribute__((unused)) static void check_values(const ml_tensor *x, const double *v, int64_t n, int line) {
  check_record(ml_count(x) == n, "values", line, "%lld elements, expected %lld", (long long)ml_count(x), (long long)n);
  for (int64_t i = 0; i < n && i < ml_count(x); i++)
    check_record(at(x, i) == v[i] || (v[i] != v[i] && at(x, i) != at(x, i)), "values", line,
                 "element %lld: got %.17g, expected %.17g", (long long)i + 1, at(x, i), v[i]);
}
#define CHECK_SHAPE(x, expected) check_shape(x, expected, __LINE__)
__attribute__((unused)) static void check_shape(const ml_tensor *x, const char *expected, int line) {
  ml_shape_text got = ml_shape_format(&x->shape);
  check_record(strcmp(got.text, expected) == 0, "shape", line, "got %s, expected %s", got.text, expected);
}

/* Gradients -------------------------------------------------------------------------------------------------------- */

typedef ml_status (*op_call)(ml_tensor *const *in, ml_tensor **out);

/* sum(w * y^2) with fixed weights w: each element of the result counts differently, and second gradients are not 0. */
static ml_status weighted(ml_context *k, const ml_tensor *y, ml_tensor **out) {
  ml_tensor *w = NULL, *p = NULL, *q = NULL;
  ml_status status = ml_empty(k, &y->shape, (ml_dtype)y->dtype, &w);
  if (status == ML_OK) status = ml_random_uniform(k, 77, 0.5, 1.5, w);
  if (status == ML_OK) status = ml_mul(k, y, w, &p);
  if (status == ML_OK) status = ml_mul(k, y, p, &q);
  if (status == ML_OK) status = ml_sum(k, q, &all_dims, &(sum_options){0}, out);
  ml_release(w);
  ml_release(p);
  ml_release(q);
  return status;
}

static ml_status first_order(ml_context *k, ml_tensor *const *in, int count, void *arg, ml_tensor **out) {
  (void)count;
  ml_tensor *y = NULL;
  ml_status status = (*(op_call *)arg)(in, &y);
  if (status == ML_OK) status = weighted(k, y, out);
  ml_release(y);
  return status;
}

/* sum over inputs of weighted(sum of squares of the gradient): its gradient is the second of f. */
static ml_status second_order(ml_context *k, ml_tensor *const *in, int count, void *arg, ml_tensor **out) {
  bool before = k->grad_enabled;
  k->grad_enabled = true;
  ml_tensor *loss = NULL, *total = NULL, *before_grad[8];
  for (int i = 0; i < count; i++) {
    before_grad[i] = in[i]->grad;
    in[i]->grad = NULL;
  }
  ml_status status = first_order(k, in, count, arg, &loss);
  if (status == ML_OK) status = ml_backward(k, loss, &(ml_backward_options){.create_graph = true});
  for (int i = 0; i < count; i++) {
    ml_tensor *g = in[i]->grad, *square = NULL, *part = NULL, *sum = NULL;
    in[i]->grad = before_grad[i];
    if (g == NULL) continue;
    if (status == ML_OK) status = ml_mul(k, g, g, &square);
    if (status == ML_OK) status = weighted(k, square, &part);
    if (status == ML_OK && total != NULL) {
      status = ml_add(k, total, part, &sum);
      ml_release(total);
      ml_release(part);
      total = sum;
    } else if (status == ML_OK) {
      total = part;
    }
    ml_release(g);
    ml_release(square);
  }
  ml_release(loss);
  k->grad_enabled = before;
  *out = total;
  return status;
}

/* Inputs are float64 leaves that require grad (indices do not). */
#define CHECK_GRADIENT(f, twice, ...)                                                                                  \
  check_gradient(f, #f, twice, (ml_tensor *[]){__VA_ARGS__},                                                           \
                 (int)(sizeof((ml_tensor *[]){__VA_ARGS__}) / sizeof(ml_tensor *)), __LINE__)
__attribute__((unused)) static void check_gradient(op_call f, const char *name, bool twice, ml_tensor *const *in,
                                                   int count, int line) {
  for (int i = 0; i < count; i++) in[i]->requires_grad = in[i]->dtype == ML_FLOAT64;
  ml_status status = ml_gradcheck(c, first_order, &f, in, count, NULL);
  check_record(status == ML_OK, "gradient", line, "%s: %s", name, c->message);
  if (twice) {
    status = ml_gradcheck(c, second_order, &f, in, count, &(ml_gradcheck_options){.step = 1e-5, .atol = 1e-4});
    check_record(status == ML_OK, "second gradient", line, "%s: %s", name, c->message);
  }
  for (int i = 0; i < count; i++) {
    in[i]->requires_grad = false;
    ml_release(in[i]->grad);
    in[i]->grad = NULL;
  }
}

/* Memory that was live before `main` began its work must be all that is live at its end. */
#define CHECK_NO_LEAK()                                                                                                \
  do {                                                                                                                 \
    tensors_free();                                                                                                    \
    CHECK_INT(ml_alloc_statistics().live, 0);                                                                          \
  } while (0)

#endif
