/* Reading and writing strided tensors in runs. */

#include "tensor/strided.h"

#include <string.h>

ml_strided ml_strided_of(const ml_tensor *x, const ml_shape *shape) {
  ml_strided s = {.data = ml_data(x), .size = (int)ml_dtype_size((ml_dtype)x->dtype)};
  int lead = shape->ndim - x->shape.ndim;
  bool constant = true;
  for (int i = 0; i < shape->ndim; i++) {
    int64_t extent = shape->size[i];
    if (extent == 1) continue;
    int64_t stride = i < lead || x->shape.size[i - lead] == 1 ? 0 : x->stride[i - lead];
    if (stride != 0) constant = false;
    if (s.ndim > 0 && s.stride[s.ndim - 1] == stride * extent) {
      s.extent[s.ndim - 1] *= extent;
      s.stride[s.ndim - 1] = stride;
    } else {
      s.extent[s.ndim] = extent;
      s.stride[s.ndim++] = stride;
    }
  }
  if (s.ndim == 0) {
    s.ndim = 1;
    s.extent[0] = 1;
    s.stride[0] = 1;
  }
  s.constant = constant;
  s.contiguous = s.ndim == 1 && s.stride[0] == 1;
  return s;
}

/* n elements of one run, `stride` elements apart in memory. */
static void read_run(char *restrict to, const char *restrict from, int64_t n, int64_t stride, int size) {
  if (stride == 1) {
    memcpy(to, from, (size_t)(n * size));
    return;
  }
  if (size == 4) {
    uint32_t *t = (uint32_t *)to;
    const uint32_t *f = (const uint32_t *)from;
    for (int64_t i = 0; i < n; i++) t[i] = f[i * stride];
  } else if (size == 8) {
    uint64_t *t = (uint64_t *)to;
    const uint64_t *f = (const uint64_t *)from;
    for (int64_t i = 0; i < n; i++) t[i] = f[i * stride];
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = from[i * stride];
  }
}

static void write_run(char *restrict to, const char *restrict from, int64_t n, int64_t stride, int size) {
  if (stride == 1) {
    memcpy(to, from, (size_t)(n * size));
    return;
  }
  for (int64_t i = 0; i < n; i++) memcpy(to + i * stride * size, from + i * size, (size_t)size);
}

/* Walks the runs of the innermost dimension from element `begin` on. */
static void walk(const ml_strided *s, int64_t begin, int64_t n, char *buffer, bool reading) {
  int64_t index[ML_MAX_DIMS], rest = begin, at = 0;
  for (int d = s->ndim - 1; d >= 0; d--) {
    index[d] = rest % s->extent[d];
    rest /= s->extent[d];
    at += index[d] * s->stride[d];
  }
  int inner = s->ndim - 1;
  while (n > 0) {
    int64_t run = s->extent[inner] - index[inner];
    if (run > n) run = n;
    char *place = s->data + at * s->size;
    if (reading) read_run(buffer, place, run, s->stride[inner], s->size);
    else write_run(place, buffer, run, s->stride[inner], s->size);
    buffer += run * s->size;
    n -= run;
    at += run * s->stride[inner];
    index[inner] += run;
    for (int d = inner; d > 0 && index[d] == s->extent[d]; d--) { /* carry */
      at += s->stride[d - 1] - s->extent[d] * s->stride[d];
      index[d] = 0;
      index[d - 1]++;
    }
  }
}

void ml_strided_read(const ml_strided *s, int64_t begin, int64_t n, void *buffer) {
  if (s->contiguous) memcpy(buffer, s->data + begin * s->size, (size_t)(n * s->size));
  else walk(s, begin, n, buffer, true);
}

void ml_strided_write(const ml_strided *s, int64_t begin, int64_t n, const void *buffer) {
  if (s->contiguous) memcpy(s->data + begin * s->size, buffer, (size_t)(n * s->size));
  else walk(s, begin, n, (char *)(uintptr_t)buffer, false);
}
