/* Shape checks that several layers share. */

#include "nn/check.h"

#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 8 }; /* names of inputs stand in a column of this width */

void nn_show_shape(ml_context *c, const char *name, const ml_shape *shape, int mark) {
  ml_message_add(c, "\n  %-*s%s", NAME_WIDTH, name, ML_SHAPE(shape));
  if (mark < 0 || mark >= shape->ndim) return;
  ml_shape before = *shape, number = ml_make_shape(1, shape->size[mark]);
  before.ndim = mark;
  /* "[64, 1" and the ", " that follows stand before the dimension; "[28]" is two wider than its number. */
  int column = (int)strlen(ML_SHAPE(&before)) - 1 + (mark > 0 ? 2 : 0);
  int width = (int)strlen(ML_SHAPE(&number)) - 2;
  char carets[32];
  memset(carets, '^', sizeof carets);
  ml_message_add(c, "\n  %*s%.*s", NAME_WIDTH + column, "", width, carets);
}

ml_status nn_check_pictures(ml_context *c, const char *op, const ml_shape *x) {
  if (x->ndim == 4) return ML_OK;
  ml_status status =
      ml_fail(c, "%s: x must have 4 dimensions (batch, channels, rows, columns), got %s", op, ML_SHAPE(x));
  if (x->ndim == 3)
    ml_message_add(c, "\n  hint: x:unsqueeze(2) for a batch of one channel, x:unsqueeze(1) for one picture");
  if (x->ndim == 2) ml_message_add(c, "\n  hint: x:reshape(batch, channels, rows, columns) for flattened pictures");
  return status;
}

ml_status nn_check_rank(ml_context *c, const char *op, int rank, const ml_shape *x) {
  if (rank == 2) return nn_check_pictures(c, op, x);
  if (x->ndim == 3) return ML_OK;
  return ml_fail(c, "%s: x must have 3 dimensions (batch, channels, steps), got %s", op, ML_SHAPE(x));
}

ml_shape nn_as_pictures(const ml_shape *x) {
  return x->ndim == 4 ? *x : ml_make_shape(4, x->size[0], x->size[1], 1, x->size[2]);
}

nn_text nn_pair_text(int rank, ml_pair p) {
  nn_text t;
  if (rank == 1) snprintf(t.text, sizeof t.text, "%lld", (long long)p.w);
  else snprintf(t.text, sizeof t.text, "{%lld, %lld}", (long long)p.h, (long long)p.w);
  return t;
}

nn_text nn_sizes_text(int rank, int64_t h, int64_t w) {
  nn_text t;
  if (rank == 1) snprintf(t.text, sizeof t.text, "%lld", (long long)w);
  else snprintf(t.text, sizeof t.text, "%lld x %lld", (long long)h, (long long)w);
  return t;
}

ml_status nn_check_vector(ml_context *c, const char *op, const char *name, const ml_tensor *v, int64_t count,
                          const char *what, const ml_shape *x) {
  if (v == NULL || (v->shape.ndim == 1 && v->shape.size[0] == count)) return ML_OK;
  ml_status status = ml_fail(c, "%s: %s must be [%lld], one number a %s, got %s", op, name, (long long)count, what,
                             ML_SHAPE(&v->shape));
  nn_show_shape(c, "x", x, -1);
  return status;
}
