/* What the tests of the layers share: tensors filled with the pattern of make_nn_fixtures.py, and their comparison. */
#ifndef NN_CASE_H
#define NN_CASE_H

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "tensor/tensor.h"

/* Element i of input `number`; kind: 's'igned, 'p'ositive or 'u'nit interval. */
static inline double pattern(int64_t i, int number, char kind) {
  double v = sin(0.7 * (double)i + 1.3 * number) + 0.1 * cos(2.9 * (double)i);
  return kind == 'p' ? 1.2 + 0.5 * v : kind == 'u' ? 0.5 + 0.4 * v : v;
}

static inline double element(const ml_tensor *x, int64_t i) {
  return x->dtype == ML_FLOAT32 ? (double)ml_f32(x)[i] : ml_f64(x)[i];
}
static inline void set_element(ml_tensor *x, int64_t i, double value) {
  if (x->dtype == ML_FLOAT32)
    ml_f32(x)[i] = (float)value;
  else
    ml_f64(x)[i] = value;
}

ML_CHECKED static inline ml_status try_pattern(ml_context *c, ml_shape shape, ml_dtype dtype, int number, char kind,
                                               ml_tensor **out) {
  ML_TRY(ml_empty(c, &shape, dtype, out));
  for (int64_t i = 0; i < ml_count(*out); i++) set_element(*out, i, pattern(i, number, kind));
  return ML_OK;
}

__attribute__((unused)) static ml_tensor *make_pattern(ml_context *c, ml_shape shape, ml_dtype dtype, int number,
                                                       char kind) {
  ml_tensor *x = NULL;
  CHECK_OK(c, try_pattern(c, shape, dtype, number, kind, &x));
  return x;
}

/* Classes 1..below; with `holes` every third is 0. */
__attribute__((unused)) static ml_tensor *make_classes(ml_context *c, ml_shape shape, int64_t below, bool holes) {
  ml_tensor *x = NULL;
  CHECK_OK(c, ml_empty(c, &shape, ML_INT64, &x));
  for (int64_t i = 0; i < ml_count(x); i++) ml_i64(x)[i] = holes && i % 3 == 0 ? 0 : 1 + (i * 7 + 3) % below;
  return x;
}

/* The first element that differs by more than the tolerance is reported, with the name. */
__attribute__((unused)) static void check_elements(const char *name, const char *what, const ml_tensor *x,
                                                   const double *expected, int64_t count, double tolerance) {
  check_record(x != NULL && ml_count(x) == count, __FILE__, __LINE__, "%s: %s is missing or of another size", name,
               what);
  for (int64_t i = 0; x && i < ml_count(x) && i < count; i++) {
    double off = fabs(element(x, i) - expected[i]);
    if (off <= tolerance * (1 + fabs(expected[i]))) continue;
    check_record(false, __FILE__, __LINE__, "%s: %s[%lld] of %s: got %.12g, expected %.12g", name, what, (long long)i,
                 ml_dtype_name((ml_dtype)x->dtype), element(x, i), expected[i]);
    return;
  }
  check_record(true, __FILE__, __LINE__, "same");
}

#endif
