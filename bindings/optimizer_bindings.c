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

/* The `which`-th state tensor of each parameter, from the list of lists at `index`. */
static ml_tensor **states_of(lua_State *L, int index, const char *name, int count, int which) {
  luaL_checktype(L, index, LUA_TTABLE);
  ml_tensor **list = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *list, 0);
  for (int i = 0; i < count; i++) {
    if (lua_rawgeti(L, index, i + 1) != LUA_TTABLE) ml_lua_fail(L, "%s: parameter %d has no state", name, i + 1);
    lua_rawgeti(L, -1, which);
    list[i] = ml_box_check(L, -1, name, "each state");
    lua_pop(L, 2);
  }
  return list;
}

static double number_at(lua_State *L, int index, const char *name, const char *option) {
  int is_number;
  lua_getfield(L, index, option);
  double value = lua_tonumberx(L, -1, &is_number);
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

/* sgd_step({p, ...}, {{momentum}, ...}, {lr =, momentum =, nesterov =, weight_decay =}) */
static int sgd_step(lua_State *L) {
  static const char *const known[] = {"lr", "momentum", "nesterov", "weight_decay", NULL};
  luaL_checktype(L, 3, LUA_TTABLE);
  ml_lua_check_options(L, 3, "sgd_step", known);
  int count;
  ml_tensor **params = tensors_of(L, 1, "sgd_step", &count), **buffers = NULL;
  ml_sgd_options o = {.lr = number_at(L, 3, "sgd_step", "lr"),
                      .momentum = number_at(L, 3, "sgd_step", "momentum"),
                      .weight_decay = number_at(L, 3, "sgd_step", "weight_decay"),
                      .nesterov = flag_at(L, 3, "nesterov")};
  if (o.momentum != 0) buffers = states_of(L, 2, "sgd_step", count, 1);
  ml_lua_try(L, ml_sgd_step(ml_lua_context(L), count, params, buffers, &o));
  return 0;
}

/* adam_step({p, ...}, {{mean, square}, ...}, {lr =, beta1 =, beta2 =, eps =, weight_decay =, decoupled =, step =}) */
static int adam_step(lua_State *L) {
  static const char *const known[] = {"lr", "beta1", "beta2", "eps", "weight_decay", "decoupled", "step", NULL};
  luaL_checktype(L, 3, LUA_TTABLE);
  ml_lua_check_options(L, 3, "adam_step", known);
  int count;
  ml_tensor **params = tensors_of(L, 1, "adam_step", &count);
  ml_tensor **m = states_of(L, 2, "adam_step", count, 1), **v = states_of(L, 2, "adam_step", count, 2);
  ml_adam_options o = {.lr = number_at(L, 3, "adam_step", "lr"),
                       .beta1 = number_at(L, 3, "adam_step", "beta1"),
                       .beta2 = number_at(L, 3, "adam_step", "beta2"),
                       .eps = number_at(L, 3, "adam_step", "eps"),
                       .weight_decay = number_at(L, 3, "adam_step", "weight_decay"),
                       .decoupled = flag_at(L, 3, "decoupled")};
  lua_getfield(L, 3, "step");
  int64_t step = ml_lua_integer(L, -1, "adam_step", "step");
  ml_lua_try(L, ml_adam_step(ml_lua_context(L), count, params, m, v, step, &o));
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
  static const luaL_Reg functions[] = {{"sgd_step", sgd_step},
                                       {"adam_step", adam_step},
                                       {"grad_norm", grad_norm},
                                       {"grads_finite", grads_finite},
                                       {"clip_grad_norm", clip_grad_norm},
                                       {"clip_grad_value", clip_grad_value},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
