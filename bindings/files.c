/* What the bindings of readers and writers share. See files.h. */

#include "bindings/files.h"

#include <string.h>

#include "bindings/box.h"

const char *ml_lua_path(lua_State *L, int index, const char *name) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING)
    ml_lua_fail(L, "%s: path must be a string, got %s", name, luaL_typename(L, index));
  const char *path = lua_tolstring(L, index, &length);
  if (strlen(path) != length) ml_lua_fail(L, "%s: path must not hold a zero byte", name);
  return path;
}

ml_text ml_lua_text(lua_State *L, int index) {
  ml_text t;
  t.text = lua_tolstring(L, index, &t.length);
  return t;
}

ml_named_tensor *ml_lua_named_tensors(lua_State *L, int index, const char *name, lua_Integer *count) {
  if (!lua_istable(L, index))
    ml_lua_fail(L, "%s: tensors must be a list of {name, tensor}, got %s", name, luaL_typename(L, index));
  *count = (lua_Integer)lua_rawlen(L, index);
  ml_named_tensor *list = lua_newuserdatauv(L, (size_t)*count * sizeof *list + 1, 0);
  for (lua_Integer i = 1; i <= *count; i++) {
    if (lua_rawgeti(L, index, i) != LUA_TTABLE)
      ml_lua_fail(L, "%s: entry %I must be {name, tensor}, got %s", name, (LUAI_UACINT)i, luaL_typename(L, -1));
    if (lua_rawgeti(L, -1, 1) != LUA_TSTRING)
      ml_lua_fail(L, "%s: the name in entry %I must be a string, got %s", name, (LUAI_UACINT)i, luaL_typename(L, -1));
    lua_rawgeti(L, -2, 2);
    list[i - 1].name = ml_lua_text(L, -2);
    list[i - 1].tensor = ml_box_test(L, -1);
    if (!list[i - 1].tensor)
      ml_lua_fail(L, "%s: '%s' must be a tensor, got %s", name, lua_tostring(L, -2), luaL_typename(L, -1));
    lua_pop(L, 3);
  }
  return list;
}

void ml_lua_push_peek(lua_State *L, const ml_shape *shape, ml_dtype dtype) {
  lua_createtable(L, 0, 2);
  lua_createtable(L, shape->ndim, 0);
  for (int i = 0; i < shape->ndim; i++) {
    lua_pushinteger(L, shape->size[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "shape");
  lua_pushstring(L, ml_dtype_name(dtype));
  lua_setfield(L, -2, "dtype");
}

void ml_lua_push_named(lua_State *L, const ml_named_tensor *list, int64_t count) {
  lua_newtable(L);
  lua_newtable(L);
  for (int64_t i = 0; i < count; i++) {
    lua_pushlstring(L, list[i].name.text, list[i].name.length);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, i + 1);
    ml_tensor **box = ml_box_push(L);
    *box = ml_retain(list[i].tensor);
    lua_rawset(L, -4);
  }
}
