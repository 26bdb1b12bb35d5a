/* Lua arguments -> the C arguments of an op, as its signature says. */
#ifndef ML_ARGUMENTS_H
#define ML_ARGUMENTS_H

#include "bindings/box.h"
#include "bindings/signature.h"

/* The arguments of one call. Numbers given where a tensor is wanted become tensors only when all else is checked, so that
 * nothing is owned while an error can still be raised. */
typedef struct ml_arguments {
  ml_tensor *fixed[ML_MAX_INPUTS];
  ml_tensor **in;
  int count;
  _Alignas(16) char args[ML_MAX_ARGS_SIZE];
  int numbers; /* how many of the inputs are plain numbers */
  struct {
    int input;
    bool is_integer;
    int64_t integer;
    double number;
  } number[ML_MAX_INPUTS];
  bool reduces_one_dim; /* one dimension was named: max then gives positions too */
} ml_arguments;

/* Raises for whatever does not fit. May push values, which stay until the call is over. */
void ml_arguments_read(lua_State *L, const ml_signature *s, ml_arguments *a);

/* Runs the op and releases the numbers; `out` as in ml_apply. Nothing is raised. */
ML_CHECKED ml_status ml_arguments_apply(ml_context *c, const ml_signature *s, ml_arguments *a, ml_tensor **out);

#endif
