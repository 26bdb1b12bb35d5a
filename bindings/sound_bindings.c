/* Sounds: core.read_wav, core.peek_wav, core.write_wav. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "media/wav.h"

/* core.read_wav(path) -> float32 [channels, frames], rate */
static int read_wav(lua_State *L) {
  ml_wav info;
  const char *path = ml_lua_path(L, 1, "read_wav");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_wav_read(ml_lua_context(L), path, &info, box));
  ml_box_filled(L, *box);
  lua_pushinteger(L, info.rate);
  return 2;
}

/* core.peek_wav(path) -> { frames =, channels =, rate =, bits =, float = } */
static int peek_wav(lua_State *L) {
  ml_wav info;
  ml_lua_try(L, ml_wav_peek(ml_lua_context(L), ml_lua_path(L, 1, "peek_wav"), &info));
  lua_createtable(L, 0, 5);
  if (info.frames >= 0) {
    lua_pushinteger(L, info.frames);
    lua_setfield(L, -2, "frames");
  }
  lua_pushinteger(L, info.channels);
  lua_setfield(L, -2, "channels");
  lua_pushinteger(L, info.rate);
  lua_setfield(L, -2, "rate");
  lua_pushinteger(L, info.bits);
  lua_setfield(L, -2, "bits");
  lua_pushboolean(L, info.is_float);
  lua_setfield(L, -2, "float");
  return 1;
}

/* core.write_wav(path, sound, rate, bits, float); bits is 8, 16, 24 or 32 */
static int write_wav(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "write_sound");
  const ml_tensor *x = ml_box_check(L, 2, "write_sound", "the sound");
  int64_t rate = ml_lua_integer(L, 3, "write_sound", "rate"), bits = ml_lua_integer(L, 4, "write_sound", "bits");
  bool is_float = lua_toboolean(L, 5);
  if (is_float ? bits != 32 : bits != 8 && bits != 16 && bits != 24 && bits != 32)
    ml_lua_fail(L, "write_sound: bits must be 8, 16, 24 or 32 (of floats 32), got %I", (LUAI_UACINT)bits);
  ml_lua_try(L, ml_wav_write(ml_lua_context(L), path, x, rate, (int)bits, is_float));
  return 0;
}

void ml_bind_sound(lua_State *L) {
  static const luaL_Reg functions[] = {{"read_wav", read_wav}, {"peek_wav", peek_wav}, {"write_wav", write_wav}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
