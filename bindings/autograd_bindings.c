/* backward, the switches of the graph, gradcheck. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/state.h"
#include "tensor/autograd.h"

#include <string.h>

static bool option(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  bool on = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return on;
}

/* x:backward([gradient], {retain_graph =, create_graph =}) */
static int backward(lua_State *L) {
  static const char *const known[] = {"retain_graph", "create_graph", NULL};
  ml_tensor *x = ml_box_check(L, 1, "backward", "x");
  ml_backward_options o = {0};
  int last = lua_gettop(L);
  if (last > 1 && lua_istable(L, last)) {
    ml_lua_check_options(L, last, "backward", known);
    o.retain_graph = option(L, last, "retain_graph");
    o.create_graph = option(L, last, "create_graph");
    last--;
  }
  if (last > 1 && !lua_isnil(L, 2)) o.gradient = ml_box_check(L, 2, "backward", "the gradient");
  ml_lua_try(L, ml_backward(ml_lua_context(L), x, &o));
  return 0;
}

/* Switches give the value before. */
static int set_switch(lua_State *L, bool *place) {
  bool before = *place;
  *place = lua_toboolean(L, 1);
  lua_pushboolean(L, before);
  return 1;
}

static int set_grad_enabled(lua_State *L) { return set_switch(L, &ml_lua_context(L)->grad_enabled); }

static int set_anomaly(lua_State *L) {
  ml_lua_context(L)->origin[0] = 0;
  return set_switch(L, &ml_lua_context(L)->anomaly);
}

static int is_anomaly(lua_State *L) {
  lua_pushboolean(L, ml_lua_context(L)->anomaly);
  return 1;
}

/* set_place("net.lua:3, layer 2 (Linear)"): what the ops that a layer of the library calls remember; nil: no layer runs. */
static int set_place(lua_State *L) {
  ml_lua_state *s = ml_lua_state_of(L);
  const char *text = lua_isnil(L, 1) ? "" : luaL_checkstring(L, 1);
  size_t n = strlen(text);
  if (n >= sizeof s->place) n = sizeof s->place - 1;
  memcpy(s->place, text, n);
  s->place[n] = 0;
  return 0;
}

static int is_grad_enabled(lua_State *L) {
  lua_pushboolean(L, ml_lua_context(L)->grad_enabled);
  return 1;
}

/* The Lua function of a gradcheck at stack index 1: called protected, since C frames of the engine lie between. */
static ml_status call_lua(ml_context *c, ml_tensor *const *in, int count, void *arg, ml_tensor **out) {
  lua_State *L = arg;
  int top = lua_gettop(L);
  if (!lua_checkstack(L, count + 8)) return ml_fail_as(c, ML_OUT_OF_MEMORY, "gradcheck: too many inputs");
  lua_pushvalue(L, 1);
  for (int i = 0; i < count; i++) lua_rawgeti(L, 2, i + 1);
  (void)in; /* the very tensors of the table at 2 */
  if (lua_pcall(L, count, 1, 0) != LUA_OK) {
    const char *text = luaL_tolstring(L, -1, NULL);
    ml_status status = ml_fail(c, "%s", text);
    lua_settop(L, top);
    return status;
  }
  ml_tensor *y = ml_box_test(L, -1);
  ml_status status = y ? ML_OK : ml_fail(c, "gradcheck: f must give a tensor of one element, got %s", luaL_typename(L, -1));
  if (y) *out = ml_retain(y);
  lua_settop(L, top);
  return status;
}

/* gradcheck(f, {x, y}, {step =, atol =, rtol =}) -> true, or an error that says where */
static int gradcheck(lua_State *L) {
  static const char *const known[] = {"step", "atol", "rtol", NULL};
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TTABLE);
  ml_gradcheck_options o = {0};
  double *places[] = {&o.step, &o.atol, &o.rtol};
  if (lua_istable(L, 3)) {
    ml_lua_check_options(L, 3, "gradcheck", known);
    for (int i = 0; i < 3; i++) {
      if (lua_getfield(L, 3, known[i]) == LUA_TNUMBER) *places[i] = lua_tonumber(L, -1);
      lua_pop(L, 1);
    }
  }
  int n = (int)lua_rawlen(L, 2);
  ml_box_list *inputs = ml_box_list_push(L, n);
  for (int i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, i);
    inputs->tensor[inputs->count++] = ml_retain(ml_box_check(L, -1, "gradcheck", "each input"));
    lua_pop(L, 1);
  }
  ml_lua_try(L, ml_gradcheck(ml_lua_context(L), call_lua, L, inputs->tensor, n, &o));
  lua_pushboolean(L, true);
  return 1;
}

void ml_bind_autograd(lua_State *L) {
  static const luaL_Reg functions[] = {{"set_grad_enabled", set_grad_enabled}, {"is_grad_enabled", is_grad_enabled}, {"set_anomaly", set_anomaly}, {"is_anomaly", is_anomaly}, {"set_place", set_place}, {"gradcheck", gradcheck}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  lua_getfield(L, -1, "methods");
  lua_pushcfunction(L, backward);
  lua_setfield(L, -2, "backward");
  lua_pop(L, 1);
}
