/* Tensors as Lua userdata, and how a C failure becomes a Lua error.
 *
 * A box holds one reference. Own first, fill second: push an empty box, let the op write into it, then raise. */
#ifndef ML_BOX_H
#define ML_BOX_H

#include <lua.h>
#include <lauxlib.h>

#include "tensor/tensor.h"

#define ML_TENSOR_META "moonlab.Tensor"

/* The context of this Lua state. */
ml_context *ml_lua_context(lua_State *L);

/* Pushes an empty box and gives its place for a reference. */
ml_tensor **ml_box_push(lua_State *L);
/* After the box was filled: tells the collector about its bytes, so that garbage with large storage is found in time. */
void ml_box_filled(lua_State *L, const ml_tensor *x);

/* The tensor at a stack index, NULL if it is something else. Borrowed: it lives as long as its box. */
ml_tensor *ml_box_test(lua_State *L, int index);
/* The same, raising "name: <what> must be a tensor, got <type>" otherwise. */
ml_tensor *ml_box_check(lua_State *L, int index, const char *name, const char *what);

/* Raises the context's message unless status is ML_OK. Out of memory, bad data and interrupts are raised as tables
 * { message =, status = } with __tostring, so that the program ends with their documented exit status (6, 4, 130). */
void ml_lua_try(lua_State *L, ml_status status);

/* Pushes "recipe.lua:31: ", the place in the innermost frame that is not the library's own; "" if there is none. */
void ml_lua_where(lua_State *L);
/* Raises a message with that place in front. The formats are those of lua_pushfstring. */
int ml_lua_fail(lua_State *L, const char *format, ...);

void ml_box_make_metatables(lua_State *L); /* leaves the tensors' metatable on the stack */

/* A scratch tensor list that the collector owns: released when it goes, whatever was raised. */
typedef struct ml_box_list {
  int count;
  ml_tensor *tensor[];
} ml_box_list;
ml_box_list *ml_box_list_push(lua_State *L, int capacity);

/* An exact integer at a stack index ("3" and 1.5 are errors that name the argument). */
int64_t ml_lua_integer(lua_State *L, int index, const char *name, const char *what);
/* {2, 3} or 2, 3 from a stack index on -> a shape; sizes are not negative unless minus_one allows -1. */
ml_shape ml_lua_shape(lua_State *L, int index, const char *name, bool minus_one);
/* Raises "name: unknown option 'lrr'; did you mean 'lr'?" for the first key of the table that is not in the list. */
void ml_lua_check_options(lua_State *L, int index, const char *name, const char *const *known);

#endif
