/* Reading arguments by signature. */

#include "bindings/arguments.h"

#include "bindings/suggest.h"

#include <string.h>

/* Values ---------------------------------------------------------------------------------------------------------- */

static int wrong(lua_State *L, const ml_signature *s, const ml_argument *a, int index, const char *wanted) {
  const char *op = s->op->name;
  if (lua_type(L, index) == LUA_TSTRING) return ml_lua_fail(L, "%s: %s must be %s, got \"%s\"", op, a->name, wanted, lua_tostring(L, index));
  if (lua_isinteger(L, index)) return ml_lua_fail(L, "%s: %s must be %s, got %I", op, a->name, wanted, (LUAI_UACINT)lua_tointeger(L, index));
  if (lua_type(L, index) == LUA_TNUMBER) return ml_lua_fail(L, "%s: %s must be %s, got %f", op, a->name, wanted, lua_tonumber(L, index));
  return ml_lua_fail(L, "%s: %s must be %s, got %s", op, a->name, wanted, ml_box_test(L, index) ? "a tensor" : luaL_typename(L, index));
}

static int64_t whole(lua_State *L, const ml_signature *s, const ml_argument *a, int index) {
  int exact = 0;
  lua_Integer v = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : 0;
  if (!exact) wrong(L, s, a, index, "a whole number");
  return v;
}

/* 1-based at the surface, 0-based in C; negative from the end in both. */
static int64_t position(lua_State *L, const ml_signature *s, const ml_argument *a, int index) {
  int64_t v = whole(L, s, a, index);
  if (v == 0 && a->type == ML_ARG_POSITION && a->has_default) return ML_BEFORE_FIRST; /* the bounds of a range */
  if (v == 0) ml_lua_fail(L, "%s: %s is 0, but positions count from 1 (or from the end: -1 is the last)", s->op->name, a->name);
  return v > 0 ? v - 1 : v;
}

static ml_pair pair(lua_State *L, const ml_signature *s, const ml_argument *a, int index) {
  if (!lua_istable(L, index)) {
    int64_t v = whole(L, s, a, index);
    return (ml_pair){v, v};
  }
  if (lua_rawlen(L, index) != 2) wrong(L, s, a, index, "a whole number or {rows, columns}");
  lua_rawgeti(L, index, 1);
  lua_rawgeti(L, index, 2);
  ml_pair p = {whole(L, s, a, -2), whole(L, s, a, -1)};
  lua_pop(L, 2);
  return p;
}

static int word(lua_State *L, const ml_signature *s, const ml_argument *a, int index) {
  int value = lua_absindex(L, index);
  const char *text = lua_type(L, value) == LUA_TSTRING ? lua_tostring(L, value) : NULL;
  for (int i = 0; text && a->words[i]; i++) {
    if (strcmp(text, a->words[i]) == 0) return i;
  }
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int i = 0; a->words[i]; i++) {
    luaL_addstring(&b, i ? ", \"" : "\"");
    luaL_addstring(&b, a->words[i]);
    luaL_addstring(&b, "\"");
  }
  luaL_pushresult(&b);
  return wrong(L, s, a, value, lua_pushfstring(L, "one of %s", lua_tostring(L, -1)));
}

static ml_dtype dtype(lua_State *L, const ml_signature *s, const ml_argument *a, int index) {
  ml_dtype d = ML_FLOAT32;
  if (lua_type(L, index) != LUA_TSTRING || !ml_dtype_parse(lua_tostring(L, index), &d)) {
    wrong(L, s, a, index, "one of \"bool\", \"uint8\", \"int32\", \"int64\", \"float32\", \"float64\"");
  }
  return d;
}

/* A list in a table, or the rest of the arguments: x:permute(3, 1, 2). Gives how many arguments were used. */
static int list(lua_State *L, const ml_signature *s, const ml_argument *a, int index, int last, int most, int64_t *out, int *count) {
  bool is_table = lua_istable(L, index);
  int n = is_table ? (int)lua_rawlen(L, index) : last - index + 1;
  if (n > most) ml_lua_fail(L, "%s: %s has %d entries, at most %d are possible", s->op->name, a->name, n, most);
  for (int i = 0; i < n; i++) {
    if (is_table) lua_rawgeti(L, index, i + 1);
    else lua_pushvalue(L, index + i);
    out[i] = a->type == ML_ARG_DIMS ? position(L, s, a, -1) : whole(L, s, a, -1);
    lua_pop(L, 1);
  }
  *count = n;
  return is_table ? 1 : n;
}

/* Inputs ---------------------------------------------------------------------------------------------------------- */

static void tensor(lua_State *L, const ml_signature *s, const ml_argument *a, int index, ml_arguments *out) {
  ml_tensor *x = ml_box_test(L, index);
  if (!x) {
    int kind = s->op->input_kind[a->at];
    if (lua_type(L, index) != LUA_TNUMBER || kind != ML_INPUT_TENSOR) wrong(L, s, a, index, "a tensor");
    int k = out->numbers++;
    out->number[k].input = (int)a->at;
    out->number[k].is_integer = lua_isinteger(L, index);
    out->number[k].integer = lua_tointeger(L, index);
    out->number[k].number = lua_tonumber(L, index);
  }
  out->in[a->at] = x;
}

static void tensors(lua_State *L, const ml_signature *s, const ml_argument *a, int index, ml_arguments *out) {
  if (!lua_istable(L, index)) wrong(L, s, a, index, "a list of tensors: {a, b}");
  int n = (int)lua_rawlen(L, index);
  out->in = lua_newuserdatauv(L, sizeof(ml_tensor *) * (size_t)(n + 1), 0); /* borrowed from the table */
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, index, i + 1);
    out->in[i] = ml_box_test(L, -1);
    if (!out->in[i]) ml_lua_fail(L, "%s: entry %d of %s must be a tensor, got %s", s->op->name, i + 1, a->name, luaL_typename(L, -1));
    lua_pop(L, 1);
  }
  out->count = n;
}

/* One argument; gives how many values of the stack it took. */
static int read_one(lua_State *L, const ml_signature *s, const ml_argument *a, int index, int last, ml_arguments *out) {
  char *place = out->args + a->at;
  switch (a->type) {
  case ML_ARG_TENSOR: tensor(L, s, a, index, out); break;
  case ML_ARG_TENSORS: tensors(L, s, a, index, out); break;
  case ML_ARG_NUMBER:
    if (lua_type(L, index) != LUA_TNUMBER) wrong(L, s, a, index, "a number");
    *(double *)place = lua_tonumber(L, index);
    if (a->has_range && !(*(double *)place >= a->low && *(double *)place <= a->high)) {
      ml_lua_fail(L, "%s: %s must be within %f..%f, got %f", s->op->name, a->name, a->low, a->high, *(double *)place);
    }
    break;
  case ML_ARG_INTEGER: *(int64_t *)place = whole(L, s, a, index); break;
  case ML_ARG_BOOLEAN:
    if (!lua_isboolean(L, index)) wrong(L, s, a, index, "true or false");
    *(bool *)place = lua_toboolean(L, index);
    break;
  case ML_ARG_DIM: out->reduces_one_dim = true; /* fall through */
  case ML_ARG_NEW_DIM:
  case ML_ARG_POSITION: *(int64_t *)place = position(L, s, a, index); break;
  case ML_ARG_DIMS: {
    ml_dims *d = (ml_dims *)place;
    out->reduces_one_dim = lua_type(L, index) == LUA_TNUMBER && index == last;
    return list(L, s, a, index, last, ML_MAX_DIMS, d->dim, &d->count);
  }
  case ML_ARG_SHAPE: {
    ml_shape *shape = (ml_shape *)place;
    return list(L, s, a, index, last, ML_MAX_DIMS, shape->size, &shape->ndim);
  }
  case ML_ARG_INTEGERS: {
    ml_integers *v = (ml_integers *)place;
    return list(L, s, a, index, last, 2 * ML_MAX_DIMS, v->value, &v->count);
  }
  case ML_ARG_PADDING:
    if (lua_type(L, index) == LUA_TSTRING) {
      if (strcmp(lua_tostring(L, index), "same") != 0) wrong(L, s, a, index, "a whole number, {rows, columns} or \"same\"");
      *(ml_pair *)place = (ml_pair){-1, -1};
      break;
    }
    *(ml_pair *)place = pair(L, s, a, index);
    if (((ml_pair *)place)->h < 0 || ((ml_pair *)place)->w < 0) wrong(L, s, a, index, "0 or more");
    break;
  case ML_ARG_PAIR: *(ml_pair *)place = pair(L, s, a, index); break;
  case ML_ARG_DTYPE: *(ml_dtype *)place = dtype(L, s, a, index); break;
  case ML_ARG_WORD: *(int *)place = word(L, s, a, index); break;
  }
  return 1;
}

static void set_default(const ml_argument *a, ml_arguments *out) {
  char *place = out->args + a->at;
  switch (a->type) {
  case ML_ARG_NUMBER: *(double *)place = a->number; break;
  case ML_ARG_INTEGER: *(int64_t *)place = a->has_default ? a->integer : 0; break;
  case ML_ARG_NEW_DIM:
  case ML_ARG_POSITION: *(int64_t *)place = a->integer; break;
  case ML_ARG_DIM: *(int64_t *)place = a->has_default ? a->integer : ML_NO_DIM; break;
  case ML_ARG_BOOLEAN: *(bool *)place = a->integer != 0; break;
  case ML_ARG_DIMS: ((ml_dims *)place)->count = -1; break;
  case ML_ARG_PAIR:
  case ML_ARG_PADDING: *(ml_pair *)place = (ml_pair){a->integer, a->integer}; break;
  case ML_ARG_WORD: *(int *)place = (int)a->integer; break;
  default: break;
  }
}

/* The whole call ---------------------------------------------------------------------------------------------------- */

/* A table is the options unless it is a list: {1, 3} are dimensions, {keepdim = true} is not. */
static bool is_options(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  if (lua_rawlen(L, index) > 0) return false;
  return true;
}

static bool same_name(const ml_argument *a, const char *key) {
  if (strcmp(a->name, key) == 0) return true;
  return a->type == ML_ARG_DIMS && strcmp(key, "dim") == 0; /* what PyTorch calls it */
}

static void read_options(lua_State *L, const ml_signature *s, int index, int given, ml_arguments *out) {
  int n = s->positional + s->options;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    const ml_argument *found = NULL;
    for (int i = given; key && i < n && !found; i++) {
      if (same_name(&s->arguments[i], key)) found = &s->arguments[i];
    }
    if (!found) {
      const char *names[24] = {0};
      int count = 0;
      for (int i = given; i < n && count < 23; i++) {
        if (s->arguments[i].optional) names[count++] = s->arguments[i].name;
      }
      ml_unknown_option(L, s->op->name, key, names);
    }
    int value = lua_gettop(L);
    read_one(L, s, found, value, value, out);
    if (found->type == ML_ARG_TENSOR) { /* stays on the stack below the key: borrowed while the call runs */
      lua_insert(L, -2);
    } else {
      lua_settop(L, value - 1);
    }
  }
}

static void usage(lua_State *L, const ml_signature *s, int given) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int i = 0; i < s->positional; i++) {
    if (i) luaL_addstring(&b, ", ");
    luaL_addstring(&b, s->arguments[i].name);
  }
  luaL_pushresult(&b);
  ml_lua_fail(L, "%s: takes (%s)%s, got %d arguments", s->op->name, lua_tostring(L, -1), s->options ? " and options" : "", given);
}

/* Whether a required argument that was not given by position stands among the options. An empty table is also an empty list. */
static bool is_named(lua_State *L, const ml_argument *a, int options_at) {
  if (!options_at || a->type == ML_ARG_SHAPE || a->type == ML_ARG_DIMS || a->type == ML_ARG_INTEGERS) return options_at != 0;
  bool named = lua_getfield(L, options_at, a->name) != LUA_TNIL;
  lua_pop(L, 1);
  return named;
}

void ml_arguments_read(lua_State *L, const ml_signature *s, ml_arguments *out) {
  int last = lua_gettop(L), n = s->positional + s->options;
  int options_at = last > 0 && is_options(L, last) ? last : 0;
  if (options_at) last--;
  while (last > 0 && lua_isnil(L, last)) last--; /* nil at the end is nothing given */
  out->in = out->fixed;
  out->count = s->op->inputs < 0 ? 0 : s->op->inputs;
  out->numbers = 0;
  out->reduces_one_dim = false;
  memset(out->fixed, 0, sizeof out->fixed);
  if (s->op->args_size) memset(out->args, 0, s->op->args_size);

  for (int i = 0; i < n; i++) {
    if (s->arguments[i].optional) set_default(&s->arguments[i], out);
  }
  int index = 1, i = 0;
  for (; i < s->positional && index <= last; i++) {
    const ml_argument *a = &s->arguments[i];
    if (lua_isnil(L, index) && a->optional) index++;
    else index += read_one(L, s, a, index, last, out);
  }
  if (index <= last) usage(L, s, last);
  if (options_at) read_options(L, s, options_at, i, out);
  for (; i < s->positional; i++) {
    const ml_argument *a = &s->arguments[i];
    if (!a->optional && !is_named(L, a, options_at)) usage(L, s, last);
  }
}

ml_status ml_arguments_apply(ml_context *c, const ml_signature *s, ml_arguments *a, ml_tensor **out) {
  ml_status status = ML_OK;
  int made = 0;
  for (; made < a->numbers && status == ML_OK; made++) {
    ml_tensor **place = &a->in[a->number[made].input];
    status = a->number[made].is_integer ? ml_integer(c, a->number[made].integer, place) : ml_number(c, a->number[made].number, place);
  }
  if (status == ML_OK) {
    ml_call call = {.op = s->op, .in = a->in, .count = a->count, .args = s->op->args_size ? a->args : NULL};
    status = ml_apply(c, &call, out);
  }
  for (int i = 0; i < made; i++) ml_release(a->in[a->number[i].input]);
  return status;
}
