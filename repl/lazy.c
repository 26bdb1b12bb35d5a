/* ml, nn and data appear at the first touch: a prompt must not wait for a library that nobody has asked for. */

#include "repl/lazy.h"

#include <string.h>

#include "lauxlib.h"

const char *const lazy_names[] = {"ml", "nn", "data", NULL};

bool lazy_push(lua_State *L, const char *name) {
  const char *const *known = lazy_names;
  while (*known && strcmp(*known, name) != 0) known++;
  if (!*known) return false;
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonlab");
  lua_call(L, 1, 1);
  if (strcmp(name, "ml") != 0) {
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
  }
  lua_pushglobaltable(L);
  lua_pushvalue(L, -2);
  lua_pushstring(L, name);
  lua_insert(L, -2);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  return true;
}

static int global_index(lua_State *L) {
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
  return name && lazy_push(L, name) ? 1 : 0;
}

void lazy_install(lua_State *L) {
  lua_pushglobaltable(L);
  if (!lua_getmetatable(L, -1)) { /* a script's own (strict.lua) is left alone */
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, global_index);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pushnil(L);
  }
  lua_pop(L, 2);
}
