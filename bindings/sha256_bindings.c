/* core.sha256(path) -> 64 hexadecimal digits of the file's bytes; core.sha256_text(text) -> those of a text. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "tensor/io/sha256.h"

static int sha256(lua_State *L) {
  char text[ML_SHA256_TEXT];
  ml_lua_try(L, ml_sha256_file(ml_lua_context(L), luaL_checkstring(L, 1), text));
  lua_pushstring(L, text);
  return 1;
}

static int sha256_text(lua_State *L) {
  size_t length;
  const char *given = luaL_checklstring(L, 1, &length);
  char text[ML_SHA256_TEXT];
  ml_sha256 s;
  ml_sha256_start(&s);
  ml_sha256_add(&s, given, length);
  ml_sha256_end(&s, text);
  lua_pushstring(L, text);
  return 1;
}

void ml_bind_sha256(lua_State *L) {
  lua_pushcfunction(L, sha256);
  lua_setfield(L, -2, "sha256");
  lua_pushcfunction(L, sha256_text);
  lua_setfield(L, -2, "sha256_text");
}
