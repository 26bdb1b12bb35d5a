/* ml.tensor, zeros, ones, full, eye, arange, linspace, empty, and the tensors without data that models are built from. */

#include "bindings/box.h"
#include "bindings/core.h"

#include <math.h>
#include <string.h>

/* The options that every constructor takes last. */
typedef struct made {
  ml_dtype dtype;
  bool given, requires_grad;
} made;

static made read_options(lua_State *L, const char *name, ml_dtype dtype) {
  static const char *const known[] = {"dtype", "requires_grad", NULL};
  made m = {.dtype = dtype};
  int last = lua_gettop(L);
  if (last == 0 || !lua_istable(L, last) || lua_rawlen(L, last) > 0) return m;
  ml_lua_check_options(L, last, name, known);
  if (lua_getfield(L, last, "dtype") != LUA_TNIL) {
    const char *text = lua_tostring(L, -1);
    if (!text || !ml_dtype_parse(text, &m.dtype)) {
      ml_lua_fail(L, "%s: dtype must be one of \"bool\", \"uint8\", \"int32\", \"int64\", \"float32\", \"float64\", got %s", name,
                  text ? text : luaL_typename(L, -1));
    }
    m.given = true;
  }
  lua_getfield(L, last, "requires_grad");
  m.requires_grad = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return m;
}

static int finish(lua_State *L, const char *name, ml_tensor *x, const made *m) {
  if (m->requires_grad && !ml_dtype_is_float((ml_dtype)x->dtype)) {
    return ml_lua_fail(L, "%s: only floating tensors have gradients, this one is %s", name, ml_dtype_name((ml_dtype)x->dtype));
  }
  x->requires_grad = m->requires_grad;
  ml_box_filled(L, x);
  return 1;
}

/* zeros, ones and empty differ in what they write. */
static int filled(lua_State *L, const char *name, int first, double value, bool write) {
  made m = read_options(L, name, ML_FLOAT32);
  ml_shape s = ml_lua_shape(L, first, name, false);
  ml_context *c = ml_lua_context(L);
  ml_tensor **box = ml_box_push(L);
  if (!write) ml_lua_try(L, ml_empty(c, &s, m.dtype, box));
  else if (value == 0) ml_lua_try(L, ml_zeros(c, &s, m.dtype, box));
  else ml_lua_try(L, ml_full(c, &s, m.dtype, value, box));
  return finish(L, name, *box, &m);
}

static int zeros(lua_State *L) { return filled(L, "zeros", 1, 0, true); }
static int ones(lua_State *L) { return filled(L, "ones", 1, 1, true); }
static int empty(lua_State *L) { return filled(L, "empty", 1, 0, false); }

/* The shape and, unless the options say otherwise, the type of another tensor. */
static int like(lua_State *L, const char *name, double value, bool write) {
  ml_tensor *x = ml_box_check(L, 1, name, "the first argument");
  made m = read_options(L, name, (ml_dtype)x->dtype);
  ml_context *c = ml_lua_context(L);
  ml_tensor **box = ml_box_push(L);
  if (!x->storage) ml_lua_try(L, ml_shape_only(c, &x->shape, m.dtype, box));
  else if (write && value == 0) ml_lua_try(L, ml_zeros(c, &x->shape, m.dtype, box));
  else if (write) ml_lua_try(L, ml_full(c, &x->shape, m.dtype, value, box));
  else ml_lua_try(L, ml_empty(c, &x->shape, m.dtype, box));
  return finish(L, name, *box, &m);
}

static int zeros_like(lua_State *L) { return like(L, "zeros_like", 0, true); }
static int ones_like(lua_State *L) { return like(L, "ones_like", 1, true); }
static int empty_like(lua_State *L) { return like(L, "empty_like", 0, false); }

/* full({2, 3}, value) */
static int full(lua_State *L) {
  if (!lua_istable(L, 1)) return ml_lua_fail(L, "full: the sizes come first, in a table: ml.full({2, 3}, 0.5)");
  if (lua_type(L, 2) != LUA_TNUMBER) return ml_lua_fail(L, "full: value must be a number, got %s", luaL_typename(L, 2));
  made m = read_options(L, "full", lua_isinteger(L, 2) ? ML_INT64 : ML_FLOAT32);
  ml_shape s = ml_lua_shape(L, 1, "full", false);
  ml_tensor **box = ml_box_push(L);
  ml_context *c = ml_lua_context(L);
  if (lua_isinteger(L, 2)) { /* exact beyond 2^53 */
    ml_tensor **value = ml_box_push(L);
    ml_lua_try(L, ml_integer(c, lua_tointeger(L, 2), value));
    ml_lua_try(L, ml_empty(c, &s, m.dtype, box));
    ml_lua_try(L, ml_copy(c, *value, *box));
    lua_pop(L, 1);
  } else {
    ml_lua_try(L, ml_full(c, &s, m.dtype, lua_tonumber(L, 2), box));
  }
  return finish(L, "full", *box, &m);
}

static int eye(lua_State *L) {
  made m = read_options(L, "eye", ML_FLOAT32);
  int64_t n = ml_lua_integer(L, 1, "eye", "n");
  if (n < 0) return ml_lua_fail(L, "eye: n is negative");
  ml_context *c = ml_lua_context(L);
  ml_shape s = {.ndim = 2, .size = {n, n}}, diagonal = {.ndim = 1, .size = {n}};
  ml_tensor **box = ml_box_push(L), **line = ml_box_push(L);
  ml_lua_try(L, ml_zeros(c, &s, m.dtype, box));
  ml_lua_try(L, ml_alias(c, *box, line));
  (*line)->shape = diagonal;
  (*line)->stride[0] = n + 1;
  ml_lua_try(L, ml_fill(c, *line, 1));
  lua_pop(L, 1);
  return finish(L, "eye", *box, &m);
}

/* A vector of first + i * step, exact beyond 2^53. */
static int sequence_of_integers(lua_State *L, int64_t n, int64_t first, int64_t step, made *m) {
  ml_context *c = ml_lua_context(L);
  ml_shape s = {.ndim = 1, .size = {n}};
  ml_tensor **wide = ml_box_push(L), **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(c, &s, ML_INT64, wide));
  for (int64_t i = 0; i < n; i++) ml_i64(*wide)[i] = first + i * step;
  ml_lua_try(L, ml_convert(c, *wide, m->dtype, box));
  return finish(L, "arange", *box, m);
}

/* The same, calculated in doubles. */
static int sequence(lua_State *L, const char *name, int64_t n, double first, double step, made *m) {
  ml_context *c = ml_lua_context(L);
  ml_shape s = {.ndim = 1, .size = {n}};
  ml_tensor **wide = ml_box_push(L), **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(c, &s, ML_FLOAT64, wide));
  for (int64_t i = 0; i < n; i++) ml_f64(*wide)[i] = first + (double)i * step;
  ml_lua_try(L, ml_convert(c, *wide, m->dtype, box));
  return finish(L, name, *box, m);
}

/* arange(to), arange(from, to), arange(from, to, step): ends are inclusive. */
static int arange(lua_State *L) {
  int n = lua_gettop(L);
  if (n > 0 && lua_istable(L, n)) n--;
  double v[3] = {1, 0, 1};
  int64_t whole[3] = {1, 0, 1};
  bool integers = true;
  if (n < 1 || n > 3) return ml_lua_fail(L, "arange: takes (to), (from, to) or (from, to, step)");
  for (int i = 1; i <= n; i++) {
    if (lua_type(L, i) != LUA_TNUMBER) return ml_lua_fail(L, "arange: argument %d must be a number, got %s", i, luaL_typename(L, i));
    integers = integers && lua_isinteger(L, i);
    v[n == 1 ? 1 : i - 1] = lua_tonumber(L, i);
    whole[n == 1 ? 1 : i - 1] = lua_tointeger(L, i);
  }
  if (v[2] == 0 || !isfinite((v[1] - v[0]) / v[2])) return ml_lua_fail(L, "arange: from %f to %f in steps of %f never ends", v[0], v[1], v[2]);
  double count = floor((v[1] - v[0]) / v[2] * (1 + 1e-12) + 1e-12) + 1; /* 0.1 + 0.1 + ... still reaches its end */
  if (count > 1e12) return ml_lua_fail(L, "arange: %f elements", count);
  made m = read_options(L, "arange", integers ? ML_INT64 : ML_FLOAT32);
  if (!integers) return sequence(L, "arange", count > 0 ? (int64_t)count : 0, v[0], v[2], &m);
  int64_t gap = whole[1] - whole[0]; /* can't overflow: count is small */
  bool any = gap == 0 || (gap > 0) == (whole[2] > 0);
  return sequence_of_integers(L, any ? gap / whole[2] + 1 : 0, whole[0], whole[2], &m);
}

/* linspace(from, to, n), both ends included */
static int linspace(lua_State *L) {
  made m = read_options(L, "linspace", ML_FLOAT32);
  double from = luaL_checknumber(L, 1), to = luaL_checknumber(L, 2);
  int64_t n = ml_lua_integer(L, 3, "linspace", "n");
  if (n < 1) return ml_lua_fail(L, "linspace: n must be at least 1, got %I", (LUAI_UACINT)n);
  return sequence(L, "linspace", n, from, n > 1 ? (to - from) / (double)(n - 1) : 0, &m);
}

/* ml.tensor ------------------------------------------------------------------------------------------------------- */

/* The shape of nested tables, from their first entries. */
static ml_shape nested_shape(lua_State *L) {
  ml_shape s = {0};
  int top = lua_gettop(L);
  lua_pushvalue(L, 1);
  while (lua_istable(L, -1)) {
    if (s.ndim == ML_MAX_DIMS) ml_lua_fail(L, "tensor: at most %d dimensions", ML_MAX_DIMS);
    s.size[s.ndim++] = (int64_t)lua_rawlen(L, -1);
    lua_rawgeti(L, -1, 1);
  }
  lua_settop(L, top);
  return s;
}

typedef struct scan {
  bool all_bool, all_integer;
} scan;

/* Checks that the tables below are as regular as their first, and what kinds of values stand there. */
static void check_nested(lua_State *L, const ml_shape *s, int dim, scan *kinds) {
  if (dim == s->ndim) {
    int type = lua_type(L, -1);
    if (type != LUA_TNUMBER && type != LUA_TBOOLEAN) ml_lua_fail(L, "tensor: numbers or booleans are needed, got %s", luaL_typename(L, -1));
    if (type != LUA_TBOOLEAN) kinds->all_bool = false;
    if (!lua_isinteger(L, -1)) kinds->all_integer = false;
    return;
  }
  if (!lua_istable(L, -1)) ml_lua_fail(L, "tensor: rows are not alike: a table and %s at depth %d", luaL_typename(L, -1), dim + 1);
  if ((int64_t)lua_rawlen(L, -1) != s->size[dim]) {
    ml_lua_fail(L, "tensor: rows are not alike: at depth %d one has %I entries, another %I", dim + 1, (LUAI_UACINT)s->size[dim], (LUAI_UACINT)lua_rawlen(L, -1));
  }
  for (int64_t i = 1; i <= s->size[dim]; i++) {
    lua_rawgeti(L, -1, i);
    check_nested(L, s, dim + 1, kinds);
    lua_pop(L, 1);
  }
}

static void write_nested(lua_State *L, const ml_tensor *x, int dim, int64_t *at) {
  if (dim < x->shape.ndim) {
    for (int64_t i = 1; i <= x->shape.size[dim]; i++) {
      lua_rawgeti(L, -1, i);
      write_nested(L, x, dim + 1, at);
      lua_pop(L, 1);
    }
    return;
  }
  bool is_bool = lua_isboolean(L, -1);
  if (x->dtype == ML_INT64) ml_i64(x)[*at] = is_bool ? lua_toboolean(L, -1) : lua_tointeger(L, -1);
  else ml_f64(x)[*at] = is_bool ? lua_toboolean(L, -1) : lua_tonumber(L, -1);
  (*at)++;
}

static int tensor(lua_State *L) {
  ml_context *c = ml_lua_context(L);
  ml_tensor *given = ml_box_test(L, 1);
  if (given) {
    made m = read_options(L, "tensor", (ml_dtype)given->dtype);
    ml_tensor **wide = ml_box_push(L), **box = ml_box_push(L);
    ml_lua_try(L, ml_empty(c, &given->shape, m.dtype, wide));
    ml_lua_try(L, ml_copy(c, given, *wide));
    *box = ml_retain(*wide);
    return finish(L, "tensor", *box, &m);
  }
  int type = lua_type(L, 1);
  if (type != LUA_TTABLE && type != LUA_TNUMBER && type != LUA_TBOOLEAN) return ml_lua_fail(L, "tensor: a number, a table of numbers or a tensor is needed, got %s", luaL_typename(L, 1));
  luaL_checkstack(L, 2 * ML_MAX_DIMS + 8, "tensor");
  bool options = lua_gettop(L) > 1;
  if (lua_gettop(L) > 2 || (options && (!lua_istable(L, 2) || lua_rawlen(L, 2) > 0))) {
    return ml_lua_fail(L, "tensor: takes one value and options\n  hint: rows stand in one table: ml.tensor{{1, 2}, {3, 4}}");
  }
  ml_shape s = nested_shape(L);
  scan kinds = {true, true};
  lua_pushvalue(L, 1);
  check_nested(L, &s, 0, &kinds);
  lua_pop(L, 1);
  bool is_empty = ml_shape_count(&s) == 0;
  ml_dtype natural = is_empty ? ML_FLOAT32 : kinds.all_bool ? ML_BOOL : kinds.all_integer ? ML_INT64 : ML_FLOAT32;
  made m = options ? read_options(L, "tensor", natural) : (made){.dtype = natural};
  ml_tensor **wide = ml_box_push(L), **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(c, &s, kinds.all_integer && !is_empty ? ML_INT64 : ML_FLOAT64, wide));
  int64_t at = 0;
  lua_pushvalue(L, 1);
  write_nested(L, *wide, 0, &at);
  lua_pop(L, 1);
  ml_lua_try(L, ml_convert(c, *wide, m.dtype, box));
  return finish(L, "tensor", *box, &m);
}

/* Without data ------------------------------------------------------------------------------------------------------ */

/* slot(): a parameter whose shape is not known yet. */
static int slot(lua_State *L) {
  ml_tensor **box = ml_box_push(L);
  ml_shape none = {0};
  ml_lua_try(L, ml_shape_only(ml_lua_context(L), &none, ML_FLOAT32, box));
  (*box)->is_slot = true;
  (*box)->requires_grad = true;
  return 1;
}

/* fill_slot(slot, sizes, dtype, with_data): gives a slot its shape and, unless with_data is false, its storage. Called again on
 * a slot that has a shape but no storage, it adds the storage. */
static int fill_slot(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "fill_slot", "slot");
  ml_dtype dtype = ML_FLOAT32;
  if (!lua_isnoneornil(L, 3) && !ml_dtype_parse(luaL_checkstring(L, 3), &dtype)) return ml_lua_fail(L, "fill_slot: dtype %s", lua_tostring(L, 3));
  if (!lua_istable(L, 2)) return ml_lua_fail(L, "fill_slot: sizes must be a table");
  ml_shape s = ml_lua_shape(L, 2, "fill_slot", false);
  if (x->storage || (!x->is_slot && !ml_shape_equal(&s, &x->shape))) return ml_lua_fail(L, "fill_slot: the slot has shape %s already", ML_SHAPE(&x->shape));
  x->is_slot = false;
  x->shape = s;
  x->dtype = (uint8_t)dtype;
  ml_strides_contiguous(&s, x->stride);
  if (lua_isnoneornil(L, 4) || lua_toboolean(L, 4)) {
    ml_lua_try(L, ml_allocate(ml_lua_context(L), x));
    ml_box_filled(L, x);
  }
  lua_settop(L, 1);
  return 1;
}

/* clear_slot(slot): takes shape and storage away again, after a first call that failed. */
static int clear_slot(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "clear_slot", "slot");
  ml_shape none = {0};
  ml_tensor **old = ml_box_push(L); /* owns what x had */
  ml_lua_try(L, ml_shape_only(ml_lua_context(L), &none, ML_FLOAT32, old));
  (*old)->storage = x->storage;
  (*old)->grad = x->grad;
  x->storage = NULL;
  x->grad = NULL;
  x->shape = none;
  x->dtype = ML_FLOAT32;
  x->is_slot = true;
  return 0;
}

static int shape_only(lua_State *L) {
  ml_dtype dtype = ML_FLOAT32;
  if (!lua_istable(L, 1)) return ml_lua_fail(L, "shape_only: sizes must be a table");
  if (!lua_isnoneornil(L, 2) && !ml_dtype_parse(luaL_checkstring(L, 2), &dtype)) return ml_lua_fail(L, "shape_only: dtype %s", lua_tostring(L, 2));
  ml_shape s = ml_lua_shape(L, 1, "shape_only", false);
  ml_lua_try(L, ml_shape_only(ml_lua_context(L), &s, dtype, ml_box_push(L)));
  return 1;
}

void ml_bind_constructors(lua_State *L) {
  static const luaL_Reg functions[] = {{"tensor", tensor}, {"zeros", zeros},       {"ones", ones}, {"empty", empty},         {"full", full},
                                       {"eye", eye},       {"arange", arange},     {"linspace", linspace}, {"slot", slot}, {"fill_slot", fill_slot},
                                       {"clear_slot", clear_slot},
                                       {"shape_only", shape_only}, {"zeros_like", zeros_like}, {"ones_like", ones_like}, {"empty_like", empty_like}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
