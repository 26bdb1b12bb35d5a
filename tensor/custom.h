/* An op of the user's own: its gradient is computed by a callback, which gets an integer handle and nothing of the caller's
 * language hangs on the node. */
#ifndef ML_CUSTOM_H
#define ML_CUSTOM_H

#include "tensor/op.h"

typedef struct ml_custom {
  int64_t handle;
  void *owner;
  /* Puts the gradient of each wanted input into dx. */
  ml_status (*backward)(ml_context *c, void *owner, int64_t handle, const ml_tensor *g, int count, const bool *want, ml_tensor **dx);
  /* The node is gone: the handle will not be used again. */
  void (*release)(void *owner, int64_t handle);
} ml_custom;

/* y, computed by the caller without a graph, becomes the result of inputs. If nothing needs a gradient the handle is released
 * at once. On failure too. */
ML_CHECKED ml_status ml_custom_record(ml_context *c, ml_tensor *const *in, int count, const ml_custom *custom, ml_tensor *y);

#endif
