/* Boxes and errors. */

#include "bindings/box.h"

#include "bindings/state.h"
#include "bindings/suggest.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <string.h>

/* Boxes ----------------------------------------------------------------------------------------------------------- */

static const char meta_key;

/* The mark tells it from other userdata in fewer calls than its metatable would: every argument of every op is asked. */
typedef struct tensor_box {
  ml_tensor *tensor;
  const char *mark; /* &meta_key */
} tensor_box;

static int box_release(lua_State *L) {
  tensor_box *box = lua_touserdata(L, 1);
  ml_tensor *x = box->tensor;
  box->tensor = NULL; /* a second __gc finds nothing */
  ml_release(x);
  return 0;
}

ml_tensor **ml_box_push(lua_State *L) {
  tensor_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (tensor_box){NULL, &meta_key};
  lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
  lua_setmetatable(L, -2);
  return &box->tensor;
}

/* Lua sees some bytes of userdata where there is a tensor of megabytes. Each new tensor therefore owes work of the collector:
 * once the new bytes are a quarter of all that is alive (or 32 MiB), a whole cycle. A small Lua heap is collected at one go, which
 * makes a training loop periodic, so that it soon asks the system for nothing; a large one in steps, without a long pause. */
enum { SMALL_HEAP_KB = 32 * 1024 };

void ml_box_filled(lua_State *L, const ml_tensor *x) {
  if (!x->storage) return;
  ml_lua_state *s = ml_lua_state_of(L);
  double allowed = (double)ml_alloc_statistics().live / 4;
  if (allowed < 32.0 * 1024 * 1024) allowed = 32.0 * 1024 * 1024;
  s->collector_debt += (double)x->storage->bytes / allowed;
  if (s->collector_debt < 1.0 / 64) return; /* not worth a step yet */
  int heap = lua_gc(L, LUA_GCCOUNT);
  if (heap < SMALL_HEAP_KB && s->collector_debt < 1) return;
  if (lua_gc(L, LUA_GCISRUNNING)) {
    if (heap < SMALL_HEAP_KB) lua_gc(L, LUA_GCCOLLECT);
    else lua_gc(L, LUA_GCSTEP, (int)(heap * s->collector_debt) + 1);
  }
  s->collector_debt = 0;
}

ml_tensor *ml_box_test(lua_State *L, int index) {
  const tensor_box *box = lua_touserdata(L, index);
  return box && lua_rawlen(L, index) == sizeof *box && box->mark == &meta_key ? box->tensor : NULL;
}

ml_tensor *ml_box_check(lua_State *L, int index, const char *name, const char *what) {
  ml_tensor *x = ml_box_test(L, index);
  if (!x) ml_lua_fail(L, "%s: %s must be a tensor, got %s", name, what, luaL_typename(L, index));
  return x;
}

static const char list_meta[] = "moonlab.box_list";

static int list_release(lua_State *L) {
  ml_box_list *list = lua_touserdata(L, 1);
  while (list->count > 0) ml_release(list->tensor[--list->count]);
  return 0;
}

ml_box_list *ml_box_list_push(lua_State *L, int capacity) {
  ml_box_list *list = lua_newuserdatauv(L, sizeof *list + (size_t)capacity * sizeof(ml_tensor *), 0);
  list->count = 0;
  luaL_setmetatable(L, list_meta);
  return list;
}

void ml_box_make_metatables(lua_State *L) {
  luaL_newmetatable(L, list_meta);
  lua_pushcfunction(L, list_release);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newmetatable(L, ML_TENSOR_META);
  lua_pushcfunction(L, box_release);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__gc");
  lua_setfield(L, -2, "__close");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &meta_key);
}

/* Errors ---------------------------------------------------------------------------------------------------------- */

/* "recipe.lua:31: " of the innermost frame that is the user's own, not the library's. */
void ml_lua_where(lua_State *L) {
  lua_Debug frame;
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline > 0 && strncmp(frame.source, "@lua/moonlab", 12) != 0) {
      lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

int ml_lua_fail(lua_State *L, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ml_lua_where(L);
  lua_pushvfstring(L, format, args);
  va_end(args);
  lua_concat(L, 2);
  return lua_error(L);
}

static int failure_text(lua_State *L) {
  lua_getfield(L, 1, "message");
  return 1;
}

/* { message =, status = } for what ends a program with an exit status of its own. */
static int raise_table(lua_State *L, const char *message, int exit_status) {
  lua_newtable(L);
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  lua_pushinteger(L, exit_status);
  lua_setfield(L, -2, "status");
  lua_newtable(L);
  lua_pushcfunction(L, failure_text);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return lua_error(L);
}

void ml_lua_try(lua_State *L, ml_status status) {
  if (status == ML_OK) return;
  const char *message = ml_lua_context(L)->message;
  switch (status) {
  case ML_OUT_OF_MEMORY: raise_table(L, message, 6); break;
  case ML_BAD_DATA: raise_table(L, message, 4); break;
  case ML_INTERRUPTED:
    ml_interrupt_set(false);
    raise_table(L, message, 130);
    break;
  default: ml_lua_fail(L, "%s", message);
  }
}

/* Arguments ------------------------------------------------------------------------------------------------------- */

int64_t ml_lua_integer(lua_State *L, int index, const char *name, const char *what) {
  int exact = 0;
  lua_Integer v = 0;
  if (lua_type(L, index) == LUA_TNUMBER) v = lua_tointegerx(L, index, &exact);
  if (!exact) {
    if (lua_type(L, index) == LUA_TNUMBER) ml_lua_fail(L, "%s: %s must be a whole number, got %f", name, what, lua_tonumber(L, index));
    ml_lua_fail(L, "%s: %s must be a whole number, got %s", name, what, luaL_typename(L, index));
  }
  return v;
}

ml_shape ml_lua_shape(lua_State *L, int index, const char *name, bool minus_one) {
  ml_shape s = {0};
  bool is_table = lua_istable(L, index);
  lua_Integer n = is_table ? (lua_Integer)lua_rawlen(L, index) : lua_gettop(L) - index + 1;
  for (lua_Integer i = 1; i <= n; i++) {
    if (is_table) lua_rawgeti(L, index, i);
    else lua_pushvalue(L, index + (int)i - 1);
    if (!is_table && lua_istable(L, -1)) { /* the options */
      lua_pop(L, 1);
      break;
    }
    if (s.ndim == ML_MAX_DIMS) ml_lua_fail(L, "%s: at most %d dimensions", name, ML_MAX_DIMS);
    int64_t size = ml_lua_integer(L, -1, name, "a size");
    if (size < 0 && !(minus_one && size == -1)) ml_lua_fail(L, "%s: size %d is negative: %I", name, s.ndim + 1, (LUAI_UACINT)size);
    s.size[s.ndim++] = size;
    lua_pop(L, 1);
  }
  return s;
}

void ml_lua_check_options(lua_State *L, int index, const char *name, const char *const *known) {
  index = lua_absindex(L, index);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    bool found = false;
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    for (int i = 0; key && known[i]; i++) found = found || strcmp(key, known[i]) == 0;
    if (!found) ml_unknown_option(L, name, key, known);
  }
}
