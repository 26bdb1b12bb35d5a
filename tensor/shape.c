/* Shapes and dimensions. */

#include "tensor/shape.h"

#include <stdio.h>

ml_status ml_shape_broadcast(ml_context *c, const char *op, const ml_shape *a, const ml_shape *b, ml_shape *out) {
  int ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
  ml_shape result = {.ndim = ndim};
  for (int i = 1; i <= ndim; i++) { /* from the last dimension */
    int64_t m = i <= a->ndim ? a->size[a->ndim - i] : 1, n = i <= b->ndim ? b->size[b->ndim - i] : 1;
    if (m != n && m != 1 && n != 1) {
      return ml_fail(c,
                     "%s: shapes %s and %s don't fit: dimension %d from the end is %lld and %lld\n"
                     "  hint: sizes must be equal, or one of them 1",
                     op, ML_SHAPE(a), ML_SHAPE(b), i, (long long)m, (long long)n);
    }
    result.size[ndim - i] = m == 1 ? n : m;
  }
  *out = result;
  return ML_OK;
}

ml_shape_text ml_shape_format(const ml_shape *s) {
  ml_shape_text t;
  int at = snprintf(t.text, sizeof t.text, "[");
  for (int i = 0; i < s->ndim; i++) {
    at += snprintf(t.text + at, sizeof t.text - (size_t)at, "%s%lld", i ? ", " : "", (long long)s->size[i]);
  }
  snprintf(t.text + at, sizeof t.text - (size_t)at, "]");
  return t;
}

ml_status ml_dim_normalize(ml_context *c, const char *op, int ndim, int64_t *dim) {
  if (*dim >= 0 && *dim < ndim) return ML_OK;
  if (*dim < 0 && *dim >= -ndim) {
    *dim += ndim;
    return ML_OK;
  }
  long long shown = (long long)(*dim >= 0 ? *dim + 1 : *dim);
  if (ndim == 0) return ml_fail(c, "%s: dimension %lld of a tensor with none (a scalar)", op, shown);
  return ml_fail(c, "%s: dimension %lld of a tensor with %d (1..%d)", op, shown, ndim, ndim);
}

ml_status ml_dims_normalize(ml_context *c, const char *op, int ndim, ml_dims *dims) {
  if (dims->count < 0) {
    dims->count = ndim;
    for (int i = 0; i < ndim; i++) dims->dim[i] = i;
    return ML_OK;
  }
  for (int i = 0; i < dims->count; i++) {
    ML_TRY(ml_dim_normalize(c, op, ndim, &dims->dim[i]));
    for (int j = 0; j < i; j++) {
      if (dims->dim[j] == dims->dim[i]) return ml_fail(c, "%s: dimension %lld is named twice", op, (long long)dims->dim[i] + 1);
    }
  }
  return ML_OK;
}

bool ml_dims_has(const ml_dims *dims, int dim) {
  for (int i = 0; i < dims->count; i++) {
    if (dims->dim[i] == dim) return true;
  }
  return false;
}
