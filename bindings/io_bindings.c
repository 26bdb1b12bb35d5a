/* Files of tensors. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "tensor/io/idx.h"
#include "tensor/io/safetensors.h"

#include <string.h>

static const char loaded_meta[] = "moonlab.safetensors";

/* Text ------------------------------------------------------------------------------------------------------------- */

/* core.byte_counts(text) -> how often each byte occurs: a table by byte, 0 to 255, of those that do */
static int byte_counts(lua_State *L) {
  size_t length, counts[256] = {0};
  const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &length);
  for (size_t i = 0; i < length; i++) counts[text[i]]++;
  lua_newtable(L);
  for (int byte = 0; byte < 256; byte++) {
    if (counts[byte] == 0) continue;
    lua_pushinteger(L, (lua_Integer)counts[byte]);
    lua_rawseti(L, -2, byte);
  }
  return 1;
}

/* core.bytes(text) -> uint8 tensor [#text] */
static int bytes(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  ml_shape shape = ml_make_shape(1, (int64_t)length);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(ml_lua_context(L), &shape, ML_UINT8, box));
  memcpy(ml_data(*box), text, length);
  ml_box_filled(L, *box);
  return 1;
}

/* Tensors as strings, for pipes between processes ------------------------------------------------------------------ */

/* core.raw(x) -> the bytes of a contiguous tensor as they lie in memory */
static int raw(lua_State *L) {
  const ml_tensor *x = ml_box_check(L, 1, "raw", "the argument");
  if (!x->storage || !ml_is_contiguous(x)) return ml_lua_fail(L, "raw: a contiguous tensor expected");
  lua_pushlstring(L, ml_data(x), (size_t)ml_count(x) * ml_dtype_size((ml_dtype)x->dtype));
  return 1;
}

/* core.fill_raw(x, text, from) -> x with the bytes that stand in the text from there on, and where they end: the place of the next */
static int fill_raw(lua_State *L) {
  const ml_tensor *x = ml_box_check(L, 1, "fill_raw", "the first argument");
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  int64_t from = ml_lua_integer(L, 3, "fill_raw", "from");
  if (!x->storage || !ml_is_contiguous(x)) return ml_lua_fail(L, "fill_raw: a contiguous tensor expected");
  size_t bytes = (size_t)ml_count(x) * ml_dtype_size((ml_dtype)x->dtype);
  if (from < 1 || (size_t)from - 1 > length || bytes > length - ((size_t)from - 1))
    return ml_lua_fail(L, "fill_raw: the text ends before the tensor");
  memcpy(ml_data(x), text + from - 1, bytes);
  lua_settop(L, 1);
  lua_pushinteger(L, from + (int64_t)bytes);
  return 2;
}

/* IDX -------------------------------------------------------------------------------------------------------------- */

/* core.read_idx(path) -> tensor */
static int read_idx(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "read_idx");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_idx_read(ml_lua_context(L), path, box));
  ml_box_filled(L, *box);
  return 1;
}

/* core.peek_idx(path) -> { shape = {...}, dtype = "uint8" } */
static int peek_idx(lua_State *L) {
  ml_shape shape;
  ml_dtype dtype;
  ml_lua_try(L, ml_idx_peek(ml_lua_context(L), ml_lua_path(L, 1, "peek_idx"), &shape, &dtype));
  ml_lua_push_peek(L, &shape, dtype);
  return 1;
}

/* Safetensors: saving ---------------------------------------------------------------------------------------------- */

/* The keys of the table at index 3 in the order of strings into a new table, so that the file's bytes do not depend on
 * chance; returns how many. */
static lua_Integer sorted_keys(lua_State *L) {
  lua_Integer count = 0;
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, 3)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      ml_lua_fail(L, "save_safetensors: the keys of metadata must be strings, got %s", luaL_typename(L, -2));
    if (lua_type(L, -1) != LUA_TSTRING)
      ml_lua_fail(L, "save_safetensors: metadata '%s' must be a string, got %s", lua_tostring(L, -2),
                  luaL_typename(L, -1));
    lua_pop(L, 1);
    lua_Integer at = ++count; /* by insertion: there are a handful */
    for (; at > 1; at--) {
      lua_rawgeti(L, -2, at - 1);
      if (!lua_compare(L, -2, -1, LUA_OPLT)) {
        lua_pop(L, 1);
        break;
      }
      lua_rawseti(L, -3, at);
    }
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, at);
  }
  return count;
}

/* metadata at index 3 into a userdata that is pushed. */
static ml_text_pair *read_metadata(lua_State *L, lua_Integer *count) {
  *count = 0;
  if (lua_isnoneornil(L, 3)) return NULL;
  if (!lua_istable(L, 3)) ml_lua_fail(L, "save_safetensors: metadata must be a table, got %s", luaL_typename(L, 3));
  *count = sorted_keys(L);
  int keys = lua_gettop(L);
  ml_text_pair *pairs = lua_newuserdatauv(L, (size_t)*count * sizeof *pairs + 1, 0);
  for (lua_Integer i = 1; i <= *count; i++) {
    lua_rawgeti(L, keys, i);
    pairs[i - 1].key = ml_lua_text(L, -1);
    lua_rawget(L, 3);
    pairs[i - 1].value = ml_lua_text(L, -1);
    lua_pop(L, 1);
  }
  return pairs;
}

/* core.save_safetensors(path, {{name, tensor}, ...}, metadata) */
static int save_safetensors(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "save_safetensors");
  lua_settop(L, 3);
  lua_Integer count, pairs_count;
  ml_named_tensor *list = ml_lua_named_tensors(L, 2, "save_safetensors", &count);
  ml_text_pair *pairs = read_metadata(L, &pairs_count);
  ml_lua_try(L, ml_safetensors_save(ml_lua_context(L), path, list, count, pairs, pairs_count));
  return 0;
}

/* Safetensors: loading --------------------------------------------------------------------------------------------- */

static int release_loaded(lua_State *L) {
  ml_safetensors_free(lua_touserdata(L, 1));
  return 0;
}

/* core.load_safetensors(path) -> { name = tensor }, { names in the file's order }, { key = value } */
static int load_safetensors(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "load_safetensors");
  ml_safetensors *s = lua_newuserdatauv(L, sizeof *s, 0);
  *s = (ml_safetensors){0};
  luaL_setmetatable(L, loaded_meta);
  int owner = lua_gettop(L);
  ml_lua_try(L, ml_safetensors_load(ml_lua_context(L), path, s));
  ml_lua_push_named(L, s->tensors, s->count);
  lua_newtable(L);
  for (int64_t i = 0; i < s->metadata_count; i++) {
    lua_pushlstring(L, s->metadata[i].key.text, s->metadata[i].key.length);
    lua_pushlstring(L, s->metadata[i].value.text, s->metadata[i].value.length);
    lua_rawset(L, -3);
  }
  for (int64_t i = 0; i < s->count; i++) ml_box_filled(L, s->tensors[i].tensor);
  lua_pushcfunction(L, release_loaded); /* now, not when the collector comes by: the boxes own the tensors */
  lua_pushvalue(L, owner);
  lua_call(L, 1, 0);
  return 3;
}

void ml_bind_io(lua_State *L) {
  static const luaL_Reg functions[] = {{"byte_counts", byte_counts},
                                       {"bytes", bytes},
                                       {"raw", raw},
                                       {"fill_raw", fill_raw},
                                       {"read_idx", read_idx},
                                       {"peek_idx", peek_idx},
                                       {"save_safetensors", save_safetensors},
                                       {"load_safetensors", load_safetensors},
                                       {NULL, NULL}};
  luaL_newmetatable(L, loaded_meta);
  lua_pushcfunction(L, release_loaded);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
