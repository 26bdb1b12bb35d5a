/* Nodes of ops that are not in the table. */

#include "tensor/custom.h"

#include "tensor/alloc.h"
#include "tensor/autograd.h"

#include <string.h>

static ml_status custom_backward(ml_context *c, const ml_grad_call *k) {
  const ml_custom *f = k->args;
  return f->backward(c, f->owner, f->handle, k->g, k->count, k->want, k->dx);
}

static void custom_release(void *args) {
  const ml_custom *f = args;
  f->release(f->owner, f->handle);
}

static const ml_op custom_op = {
    .name = "Function",
    .family = ML_FAMILY_FUNCTION,
    .accepts = ML_ACCEPTS_ANY,
    .inputs = -1,
    .differentiable = true,
    .args_size = sizeof(ml_custom),
    .backward = custom_backward,
    .release = custom_release,
};

ml_status ml_custom_record(ml_context *c, ml_tensor *const *in, int count, const ml_custom *custom, ml_tensor *y) {
  ml_call call = {.op = &custom_op, .in = (ml_tensor **)(uintptr_t)in, .count = count, .args = (void *)(uintptr_t)custom};
  ml_status status = ML_OK;
  if (ml_needs_grad(c, in, count) && ml_dtype_is_float((ml_dtype)y->dtype)) status = ml_record(c, &call, call.in, y);
  if (!y->node) custom->release(custom->owner, custom->handle);
  return status;
}
