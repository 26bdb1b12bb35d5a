/* ml.Function{forward =, backward =}: an op written in Lua.
 *
 *   forward(ctx, ...) -> y          runs without a graph; may keep what backward needs in ctx
 *   backward(ctx, g) -> dx, dy ...  one gradient (or nil) for each tensor among the arguments
 *
 * The ctx table stands in the registry under an integer; the node knows the integer alone. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "tensor/custom.h"

#include <string.h>

/* Lua functions run below frames of the engine: protected, and the failure travels as a status. */
static ml_status call_backward(ml_context *c, void *owner, int64_t handle, const ml_tensor *g, int count, const bool *want, ml_tensor **dx) {
  lua_State *L = owner;
  int top = lua_gettop(L);
  if (!lua_checkstack(L, count + 8)) return ml_fail_as(c, ML_OUT_OF_MEMORY, "Function: too many inputs");
  lua_rawgeti(L, LUA_REGISTRYINDEX, handle); /* { backward, ctx } */
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  *ml_box_push(L) = ml_retain((ml_tensor *)(uintptr_t)g);
  ml_status status = ML_OK;
  if (lua_pcall(L, 2, count, 0) != LUA_OK) {
    status = ml_fail(c, "%s", luaL_tolstring(L, -1, NULL));
  } else {
    for (int i = 0; i < count && status == ML_OK; i++) {
      ml_tensor *d = ml_box_test(L, -count + i);
      if (d && want[i]) dx[i] = ml_retain(d);
      else if (want[i] && !lua_isnil(L, -count + i)) status = ml_fail(c, "Function: gradient %d must be a tensor, got %s", i + 1, luaL_typename(L, -count + i));
    }
  }
  lua_settop(L, top);
  return status;
}

static void release(void *owner, int64_t handle) { luaL_unref(owner, LUA_REGISTRYINDEX, (int)handle); }

static lua_State *main_thread(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_State *main = lua_tothread(L, -1);
  lua_pop(L, 1);
  return main;
}

/* record_function(y, {inputs}, backward, ctx): y becomes the result of the inputs. */
static int record_function(lua_State *L) {
  ml_tensor *y = ml_box_check(L, 1, "Function", "the result of forward");
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  if (y->node || y->requires_grad) return ml_lua_fail(L, "Function: forward gave a tensor of another graph\n  hint: give a new tensor, or x:detach()");
  int n = (int)lua_rawlen(L, 2);
  ml_box_list *inputs = ml_box_list_push(L, n);
  for (int i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, i);
    inputs->tensor[inputs->count++] = ml_retain(ml_box_check(L, -1, "Function", "each input"));
    lua_pop(L, 1);
  }
  lua_createtable(L, 2, 0);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, 4);
  lua_rawseti(L, -2, 2);
  ml_custom f = {.handle = luaL_ref(L, LUA_REGISTRYINDEX), .owner = main_thread(L), .backward = call_backward, .release = release};
  ml_lua_try(L, ml_custom_record(ml_lua_context(L), inputs->tensor, n, &f, y));
  return 0;
}

void ml_bind_function(lua_State *L) {
  lua_pushcfunction(L, record_function);
  lua_setfield(L, -2, "record_function");
}
