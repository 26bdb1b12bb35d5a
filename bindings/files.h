/* What the bindings of readers and writers share. */
#ifndef ML_BINDINGS_FILES_H
#define ML_BINDINGS_FILES_H

#include <lua.h>

#include "tensor/io/safetensors.h"

/* A path: a string without zero bytes. */
const char *ml_lua_path(lua_State *L, int index, const char *name);
ml_text ml_lua_text(lua_State *L, int index); /* of a string */

/* The list {{name, tensor}, ...} at an index into a userdata that is pushed. The list anchors what it points to. */
ml_named_tensor *ml_lua_named_tensors(lua_State *L, int index, const char *name, lua_Integer *count);

/* Pushes { shape = {...}, dtype = "uint8" }. */
void ml_lua_push_peek(lua_State *L, const ml_shape *shape, ml_dtype dtype);

/* Pushes two tables: name -> tensor, and the list of names. Each tensor gets a box with a reference of its own. */
void ml_lua_push_named(lua_State *L, const ml_named_tensor *list, int64_t count);

#endif
