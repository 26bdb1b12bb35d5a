/* core.sha256(path) -> 64 hexadecimal digits of the file's bytes. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "tensor/io/sha256.h"

static int sha256(lua_State *L) {
  char text[ML_SHA256_TEXT];
  ml_lua_try(L, ml_sha256_file(ml_lua_context(L), luaL_checkstring(L, 1), text));
  lua_pushstring(L, text);
  return 1;
}

void ml_bind_sha256(lua_State *L) {
  lua_pushcfunction(L, sha256);
  lua_setfield(L, -2, "sha256");
}
