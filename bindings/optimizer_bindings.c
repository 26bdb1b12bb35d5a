/* Optimizer steps and clipping. lua/moonlab/optim/ keeps the state and checks the users' options; here lists of tensors
 * become arrays. The tensors are borrowed: the Lua tables hold them. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "nn/optimizer.h"

/* The tensors of the list at `index`; the array belongs to the collector. */
static ml_tensor **tensors_of(lua_State *L, int index, const char *name, int *count) {
  luaL_checktype(L, index, LUA_TTABLE);
  *count = (int)lua_rawlen(L, index);
  ml_tensor **list = lua_newuserdatauv(L, ((size_t)*count + 1) * sizeof *list, 0);
  for (int i = 0; i < *count; i++) {
    lua_rawgeti(L, index, i + 1);
    list[i] = ml_box_check(L, -1, name, "each parameter");
    lua_pop(L, 1);
  }
  return list;
}

/* The `which`-th state tensor of each parameter, from the list of lists at `index`; NULL where the first has none. */
static ml_tensor **states_of(lua_State *L, int index, const char *name, int count, int which) {
  luaL_checktype(L, index, LUA_TTABLE);
  ml_tensor **list = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *list, 0);
  for (int i = 0; i < count; i++) {
    if (lua_rawgeti(L, index, i + 1) != LUA_TTABLE) ml_lua_fail(L, "%s: parameter %d has no state", name, i + 1);
    if (lua_rawgeti(L, -1, which) == LUA_TNIL && i == 0) return NULL;
    list[i] = ml_box_check(L, -1, name, "each state");
    lua_pop(L, 2);
  }
  return list;
}

/* An option that is a number; 0 where the optimizer has no such option. */
static double number_at(lua_State *L, int index, const char *name, const char *option) {
  int is_number = 1;
  double value = lua_getfield(L, index, option) == LUA_TNIL ? 0 : lua_tonumberx(L, -1, &is_number);
  if (!is_number) ml_lua_fail(L, "%s: %s must be a number, got %s", name, option, luaL_typename(L, -1));
  lua_pop(L, 1);
  return value;
}

static bool flag_at(lua_State *L, int index, const char *option) {
  lua_getfield(L, index, option);
  bool on = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return on;
}

/* optimizer_step(rule, {p, ...}, {{state, ...}, ...}, step, {lr =, ...}): the options of lua/moonlab/optim/, as far as
 * the rule looks at them. */
static int optimizer_step(lua_State *L) {
  static const char *const rules[] = {"sgd", "adam", "adamw", "rmsprop", "adagrad", "lion", NULL};
  const char *name = luaL_checkstring(L, 1);
  ml_update_options o = {.rule = (ml_update_rule)luaL_checkoption(L, 1, NULL, rules)};
  luaL_checktype(L, 5, LUA_TTABLE);
  lua_settop(L, 5);
  const struct {
    const char *name;
    double *to;
  } numbers[] = {{"lr", &o.lr},
                 {"weight_decay", &o.weight_decay},
                 {"momentum", &o.momentum},
                 {"beta1", &o.beta1},
                 {"beta2", &o.beta2},
                 {"eps", &o.eps},
                 {"alpha", &o.alpha},
                 {"lr_decay", &o.lr_decay}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) *numbers[i].to = number_at(L, 5, name, numbers[i].name);
  o.nesterov = flag_at(L, 5, "nesterov");
  int count;
  ml_tensor **params = tensors_of(L, 2, name, &count);
  ml_update_states states = {{NULL}};
  for (int j = 0; j < ML_UPDATE_STATES && count > 0; j++) states.of[j] = states_of(L, 3, name, count, j + 1);
  int64_t step = ml_lua_integer(L, 4, name, "step");
  ml_lua_try(L, ml_optimizer_step(ml_lua_context(L), count, params, &states, step, &o));
  return 0;
}

/* average_step({average, ...}, {p, ...}, decay) */
static int average_step(lua_State *L) {
  int count, others;
  double decay = luaL_checknumber(L, 3);
  ml_tensor **averages = tensors_of(L, 1, "ema", &count), **params = tensors_of(L, 2, "ema", &others);
  if (count != others) ml_lua_fail(L, "ema: %d averages for %d parameters", count, others);
  ml_lua_try(L, ml_average_step(ml_lua_context(L), count, averages, params, decay));
  return 0;
}

/* scale_grads({p, ...}, factor) */
static int scale_grads(lua_State *L) {
  int count;
  double factor = luaL_checknumber(L, 2);
  ml_tensor **params = tensors_of(L, 1, "scale_grads", &count);
  ml_lua_try(L, ml_scale_grads(ml_lua_context(L), count, params, factor));
  return 0;
}

/* grad_norm({p, ...}) -> the 2-norm of all gradients */
static int grad_norm(lua_State *L) {
  int count;
  double norm;
  ml_tensor **params = tensors_of(L, 1, "grad_norm", &count);
  ml_lua_try(L, ml_grad_norm(ml_lua_context(L), count, params, &norm));
  lua_pushnumber(L, norm);
  return 1;
}

/* grads_finite({p, ...}) -> true, or false and the position of the first that has NaN or infinity */
static int grads_finite(lua_State *L) {
  int count, bad;
  ml_tensor **params = tensors_of(L, 1, "grads_finite", &count);
  ml_lua_try(L, ml_grads_finite(ml_lua_context(L), count, params, &bad));
  lua_pushboolean(L, bad < 0);
  if (bad < 0) return 1;
  lua_pushinteger(L, bad + 1);
  return 2;
}

/* clip_grad_norm({p, ...}, max) -> the norm before */
static int clip_grad_norm(lua_State *L) {
  int count;
  double norm, max = luaL_checknumber(L, 2);
  ml_tensor **params = tensors_of(L, 1, "clip_grad_norm", &count);
  ml_lua_try(L, ml_clip_grad_norm(ml_lua_context(L), count, params, max, &norm));
  lua_pushnumber(L, norm);
  return 1;
}

/* clip_grad_value({p, ...}, limit) */
static int clip_grad_value(lua_State *L) {
  int count;
  double limit = luaL_checknumber(L, 2);
  ml_tensor **params = tensors_of(L, 1, "clip_grad_value", &count);
  ml_lua_try(L, ml_clip_grad_value(ml_lua_context(L), count, params, limit));
  return 0;
}

void ml_bind_optimizer(lua_State *L) {
  static const luaL_Reg functions[] = {{"optimizer_step", optimizer_step},   {"average_step", average_step},
                                       {"scale_grads", scale_grads},         {"grad_norm", grad_norm},
                                       {"grads_finite", grads_finite},       {"clip_grad_norm", clip_grad_norm},
                                       {"clip_grad_value", clip_grad_value}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
