/* Every op of the tables as a Lua function, a method, an operator and a method in place. */

#include "bindings/arguments.h"
#include "bindings/core.h"
#include "bindings/state.h"
#include "ops.gen.h"
#include "tensor/elementwise.h"

#include <string.h>

/* In anomaly mode an op remembers the user's line that called it, or, called by a layer of the library, that layer. */
static void note_origin(lua_State *L, ml_context *c) {
  if (!c->anomaly) return;
  lua_Debug caller;
  const char *place = ml_lua_state_of(L)->place;
  bool by_library = lua_getstack(L, 1, &caller) && lua_getinfo(L, "S", &caller) && strncmp(caller.source, "@lua/moonlab", 12) == 0;
  if (by_library && place[0]) lua_pushfstring(L, "%s: ", place);
  else ml_lua_where(L);
  size_t n;
  const char *text = lua_tolstring(L, -1, &n);
  if (n >= 2) n -= 2; /* ": " */
  if (n >= sizeof c->origin) n = sizeof c->origin - 1;
  memcpy(c->origin, text, n);
  c->origin[n] = 0;
  lua_pop(L, 1);
}

/* Runs an op on arguments 1..top and leaves its results on the stack, 1 + op->more of them. */
static void call(lua_State *L, const ml_signature *s, ml_arguments *a) {
  ml_context *c = ml_lua_context(L);
  note_origin(L, c);
  int results = 1 + s->op->more;
  ml_tensor *out[ML_MAX_RESULTS], **box[ML_MAX_RESULTS];
  luaL_checkstack(L, results, s->op->name);
  for (int i = 0; i < results; i++) box[i] = ml_box_push(L);
  ml_status status = ml_arguments_apply(c, s, a, out);
  if (status == ML_OUT_OF_MEMORY) { /* garbage may hold enough */
    lua_gc(L, LUA_GCCOLLECT);
    status = ml_arguments_apply(c, s, a, out);
  }
  ml_lua_try(L, status);
  for (int i = 0; i < results; i++) *box[i] = out[i];
  bool shares = s->op->family == ML_FAMILY_VIEW && out[0]->storage && out[0]->storage->refs > 1;
  for (int i = 0; i < results && !shares; i++) ml_box_filled(L, out[i]);
}

static const ml_signature *signature_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

static int op_function(lua_State *L) {
  const ml_signature *s = signature_of(L);
  ml_arguments a;
  ml_arguments_read(L, s, &a);
  call(L, s, &a);
  return 1 + s->op->more;
}

/* max and min of one dimension also give where it was found. */
static int op_with_positions(lua_State *L) {
  const ml_signature *s = signature_of(L);
  ml_arguments a;
  ml_arguments_read(L, s, &a);
  call(L, s, &a);
  if (!a.reduces_one_dim) return 1;
  const max_args *given = (const max_args *)a.args;
  argmax_args also = {.dim = given->dims.dim[0], .options = {.keepdim = given->options.keepdim}};
  ml_arguments b = {.in = a.in, .count = a.count};
  memcpy(b.args, &also, sizeof also);
  call(L, &ml_signatures[s->also], &b);
  return 2;
}

/* Columns of tables and recorded ones, which are Lua tables, choose by the __where of their metatable. */
static int where_function(lua_State *L) {
  int count = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    if (!lua_istable(L, i) || !luaL_getmetafield(L, i, "__where")) continue;
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
  }
  return op_function(L);
}

/* Lua gives a unary operator its operand twice. */
static int unary_operator(lua_State *L) {
  lua_settop(L, 1);
  return op_function(L);
}

static int operator_function(lua_State *L) {
  lua_settop(L, 2);
  for (int i = 1; i <= 2; i++) {
    int type = lua_type(L, i);
    if (type != LUA_TUSERDATA && type != LUA_TNUMBER) {
      const ml_signature *s = signature_of(L);
      return ml_lua_fail(L, "%s: a tensor and %s can't be combined with %s", s->op->name, luaL_typename(L, i), s->metamethod);
    }
  }
  return op_function(L);
}

/* x ^ 2 is by far the most frequent power. */
static int power_operator(lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER && lua_tonumber(L, 2) == 2 && ml_box_test(L, 1)) {
    lua_settop(L, 1);
    ml_arguments a;
    const ml_signature *s = &ml_signatures[ML_OP_SQUARE];
    ml_arguments_read(L, s, &a);
    call(L, s, &a);
    return 1;
  }
  return operator_function(L);
}

/* x:add_(y): the result written over x. */
static int op_in_place(lua_State *L) {
  const ml_signature *s = signature_of(L);
  const char *name = s->op->name;
  ml_tensor *x = ml_box_check(L, 1, name, "the tensor written to");
  ml_context *c = ml_lua_context(L);
  ml_arguments a;
  ml_arguments_read(L, s, &a);
  if (ml_needs_grad(c, a.in, a.count)) {
    return ml_lua_fail(L, "%s_: can't write in place what is part of a graph\n  hint: write x = x:%s(...), or do it inside ml.no_grad(function() ... end)", name, name);
  }
  call(L, s, &a);
  ml_tensor *y = ml_box_test(L, -1);
  if (!ml_shape_equal(&y->shape, &x->shape)) return ml_lua_fail(L, "%s_: the result has shape %s, the tensor written to %s", name, ML_SHAPE(&y->shape), ML_SHAPE(&x->shape));
  if (y->dtype > x->dtype) {
    return ml_lua_fail(L, "%s_: a %s result can't be written into a %s tensor", name, ml_dtype_name((ml_dtype)y->dtype), ml_dtype_name((ml_dtype)x->dtype));
  }
  ml_lua_try(L, ml_will_write(c, name, x));
  ml_lua_try(L, ml_copy(c, y, x));
  lua_settop(L, 1);
  return 1;
}

static void push_op(lua_State *L, lua_CFunction f, const ml_signature *s) {
  lua_pushlightuserdata(L, (void *)(uintptr_t)s);
  lua_pushcclosure(L, f, 1);
}

static const char *metamethod_name(const char *op) {
  static const char *const names[][2] = {{"+", "__add"}, {"-", "__sub"}, {"*", "__mul"}, {"/", "__div"}, {"//", "__idiv"},
                                         {"%", "__mod"}, {"^", "__pow"}, {"unm", "__unm"}, {"bnot", "__bnot"}, {"&", "__band"},
                                         {"|", "__bor"}, {"~", "__bxor"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(op, names[i][0]) == 0) return names[i][1];
  }
  return NULL;
}

/* On the stack: core table, metatable with its table of methods in __methods. */
static void bind(lua_State *L, const ml_signature *s, int ops, int meta, int methods) {
  bool is_where = s->op == ml_signatures[ML_OP_WHERE].op;
  push_op(L, s->also >= 0 ? op_with_positions : is_where ? where_function : op_function, s);
  if (s->is_method) {
    lua_pushvalue(L, -1);
    lua_setfield(L, methods, s->op->name);
  }
  lua_setfield(L, ops, s->op->name);
  if (s->in_place) {
    lua_pushfstring(L, "%s_", s->op->name);
    push_op(L, op_in_place, s);
    lua_rawset(L, methods);
  }
  if (s->metamethod) {
    bool unary = s->positional == 1;
    push_op(L, unary ? unary_operator : strcmp(s->metamethod, "^") == 0 ? power_operator : operator_function, s);
    lua_setfield(L, meta, metamethod_name(s->metamethod));
  }
}

/* What help, completion and the reference are made from. */
static int signature(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  for (int i = 0; i < ML_OPS; i++) {
    const ml_signature *s = &ml_signatures[i];
    if (strcmp(s->op->name, name) != 0) continue;
    lua_newtable(L);
    const char *fields[][2] = {{"name", s->op->name}, {"doc", s->doc}, {"formula", s->formula}, {"example", s->example}};
    for (int k = 0; k < 4; k++) {
      lua_pushstring(L, fields[k][1]);
      lua_setfield(L, -2, fields[k][0]);
    }
    lua_pushboolean(L, s->op->differentiable);
    lua_setfield(L, -2, "differentiable");
    lua_pushboolean(L, s->is_method);
    lua_setfield(L, -2, "is_method");
    for (int list = 0; list < 2; list++) {
      lua_newtable(L);
      int from = list ? s->positional : 0, to = list ? s->positional + s->options : s->positional;
      for (int j = from; j < to; j++) {
        lua_newtable(L);
        lua_pushstring(L, s->arguments[j].name);
        lua_setfield(L, -2, "name");
        lua_pushboolean(L, s->arguments[j].optional);
        lua_setfield(L, -2, "optional");
        lua_rawseti(L, -2, j - from + 1);
      }
      lua_setfield(L, -2, list ? "options" : "arguments");
    }
    return 1;
  }
  return 0;
}

void ml_bind_ops(lua_State *L) {
  int core = lua_gettop(L);
  luaL_getmetatable(L, ML_TENSOR_META);
  int meta = lua_gettop(L);
  lua_getfield(L, meta, "__methods");
  int methods = lua_gettop(L);
  lua_newtable(L);
  int ops = lua_gettop(L);
  lua_newtable(L);
  int spaces = lua_gettop(L); /* name of an op -> the module of ml in which it stands, if not in ml itself */
  for (int i = 0; i < ML_OPS; i++) {
    bind(L, &ml_signatures[i], ops, meta, methods);
    if (ml_signatures[i].space) {
      lua_pushstring(L, ml_signatures[i].space);
      lua_setfield(L, spaces, ml_signatures[i].op->name);
    }
  }
  lua_setfield(L, core, "spaces");
  lua_setfield(L, core, "ops");
  lua_pushcfunction(L, signature);
  lua_setfield(L, core, "signature");
  lua_settop(L, core);
}
