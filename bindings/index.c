/* x[...] and x[...] = value: fields and methods, positions, {ranges} and "1:3, :", masks and vectors of positions.
 *
 * Both ways of writing an index are read into the same list of items; each becomes a select or a slice. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/suggest.h"
#include "ops.gen.h"
#include "tensor/autograd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct index_item {
  bool is_range;
  int64_t from, to, step; /* 0-based, negative from the end; a position stands in from */
} index_item;

typedef struct index_list {
  int count;
  index_item item[ML_MAX_DIMS];
} index_list;

static int64_t zero_based(lua_State *L, int64_t v) {
  if (v == 0) ml_lua_fail(L, "index: position 0, but positions count from 1 (or from the end: -1 is the last)");
  return v > 0 ? v - 1 : v;
}

static index_item *add(lua_State *L, index_list *list) {
  if (list->count == ML_MAX_DIMS) ml_lua_fail(L, "index: more than %d dimensions", ML_MAX_DIMS);
  index_item *item = &list->item[list->count++];
  *item = (index_item){.is_range = true, .from = 0, .to = -1, .step = 1};
  return item;
}

/* A bound of a range may be 0, the place before the first, as in string.sub. */
static int64_t bound(int64_t v) { return v == 0 ? ML_BEFORE_FIRST : v > 0 ? v - 1 : v; }

/* {2, {1, 3}, {}}: at the stack index. */
static void read_table(lua_State *L, int index, index_list *list) {
  lua_Integer n = (lua_Integer)lua_rawlen(L, index);
  for (lua_Integer i = 1; i <= n; i++) {
    index_item *item = add(L, list);
    if (lua_rawgeti(L, index, i) == LUA_TTABLE) {
      int64_t v[3] = {1, -1, 1};
      int given = (int)lua_rawlen(L, -1);
      if (given > 3) ml_lua_fail(L, "index: a range is {from, to} or {from, to, step}");
      for (int k = 0; k < given; k++) {
        lua_rawgeti(L, -1, k + 1);
        v[k] = ml_lua_integer(L, -1, "index", "a bound");
        lua_pop(L, 1);
      }
      if (given == 1) v[1] = v[0];
      item->from = bound(v[0]), item->to = bound(v[1]), item->step = v[2];
    } else {
      item->is_range = false;
      item->from = zero_based(L, ml_lua_integer(L, -1, "index", "a position"));
    }
    lua_pop(L, 1);
  }
}

static const char *skip_space(const char *p) {
  while (isspace((unsigned char)*p)) p++;
  return p;
}

/* An optional whole number. */
static bool number(const char **p, int64_t *out) {
  char *end;
  *p = skip_space(*p);
  long long v = strtoll(*p, &end, 10);
  if (end == *p) return false;
  *p = skip_space(end);
  *out = v;
  return true;
}

/* "1:3, :, -1" */
static void read_text(lua_State *L, const char *text, index_list *list) {
  const char *p = text;
  for (;;) {
    index_item *item = add(L, list);
    int64_t v;
    bool given = number(&p, &v);
    if (given) item->from = *p == ':' ? bound(v) : zero_based(L, v);
    if (*p == ':') {
      p++;
      if (number(&p, &v)) item->to = bound(v);
      if (*p == ':') {
        p++;
        if (number(&p, &v)) item->step = v;
      }
    } else if (given) {
      item->is_range = false;
    } else {
      ml_lua_fail(L, "index: \"%s\" is not an index: write \"1:3, :, -1\"", text);
    }
    p = skip_space(p);
    if (*p == 0) return;
    if (*p++ != ',') ml_lua_fail(L, "index: \"%s\" is not an index: write \"1:3, :, -1\"", text);
  }
}

/* The view that the items name; its box is left on the stack. */
static ml_tensor *view(lua_State *L, ml_tensor *x, const index_list *list) {
  ml_context *c = ml_lua_context(L);
  if (list->count > x->shape.ndim) ml_lua_fail(L, "index: %d positions for a tensor of shape %s", list->count, ML_SHAPE(&x->shape));
  ml_tensor *now = x;
  int dim = 0, top = lua_gettop(L);
  for (int i = 0; i < list->count; i++) {
    const index_item *item = &list->item[i];
    ml_tensor **box = ml_box_push(L);
    if (item->is_range) ml_lua_try(L, ml_slice(c, now, dim++, item->from, item->to, item->step, box));
    else ml_lua_try(L, ml_select(c, now, dim, item->from, box));
    now = *box;
    if (lua_gettop(L) > top + 1) lua_remove(L, top + 1);
  }
  if (list->count == 0) {
    ml_tensor **box = ml_box_push(L);
    ml_lua_try(L, ml_slice(c, x, 0, 0, -1, 1, box));
    now = *box;
  }
  return now;
}

static bool looks_like_index(const char *text) {
  for (; *text; text++) {
    if (!strchr("0123456789:,- \t", *text)) return false;
  }
  return true;
}

/* Fields ---------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static int unknown_field(lua_State *L, const char *key) {
  static const char *const fields[] = {"shape", "dtype", "grad", "requires_grad", "is_leaf", "grad_op"};
  enum { FIELDS = sizeof fields / sizeof *fields };
  int n = FIELDS;
  for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)); lua_pop(L, 1)) n++;
  const char **names = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *names, 0);
  memcpy(names, fields, sizeof fields);
  n = FIELDS;
  for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)); lua_pop(L, 1)) names[n++] = lua_tostring(L, -2);
  names[n] = NULL;
  qsort(names, (size_t)n, sizeof *names, by_text); /* of two that are equally near it is always the same one */
  const char *nearest = ml_nearest(key, names);
  if (nearest) return ml_lua_fail(L, "a tensor has no '%s'; did you mean '%s'?", key, nearest);
  return ml_lua_fail(L, "a tensor has no '%s'", key);
}

static int field(lua_State *L, ml_tensor *x, const char *key) {
  if (strcmp(key, "shape") == 0) {
    lua_createtable(L, x->shape.ndim, 0);
    for (int i = 0; i < x->shape.ndim; i++) {
      lua_pushinteger(L, x->shape.size[i]);
      lua_rawseti(L, -2, i + 1);
    }
  } else if (strcmp(key, "dtype") == 0) {
    lua_pushstring(L, ml_dtype_name((ml_dtype)x->dtype));
  } else if (strcmp(key, "requires_grad") == 0) {
    lua_pushboolean(L, x->requires_grad || x->node);
  } else if (strcmp(key, "is_leaf") == 0) {
    lua_pushboolean(L, x->node == NULL);
  } else if (strcmp(key, "grad_op") == 0) { /* the name of the op that made it */
    if (x->node) lua_pushstring(L, x->node->op->name);
    else lua_pushnil(L);
  } else if (strcmp(key, "grad") == 0) {
    if (x->grad) {
      ml_tensor **box = ml_box_push(L);
      *box = ml_retain(x->grad);
      ml_box_filled(L, *box); /* the box outlives the gradient when that is set to nil */
    } else {
      lua_pushnil(L);
    }
  } else {
    return 0;
  }
  return 1;
}

/* Reading --------------------------------------------------------------------------------------------------------- */

static int pick_by_tensor(lua_State *L, ml_tensor *x, ml_tensor *index) {
  ml_context *c = ml_lua_context(L);
  ml_tensor **box = ml_box_push(L);
  if (index->dtype == ML_BOOL) {
    if (!ml_shape_equal(&index->shape, &x->shape)) return ml_lua_fail(L, "index: the mask has shape %s, the tensor %s", ML_SHAPE(&index->shape), ML_SHAPE(&x->shape));
    ml_lua_try(L, ml_masked_select(c, x, index, box));
  } else {
    if (index->shape.ndim != 1) return ml_lua_fail(L, "index: positions must be a vector, got shape %s", ML_SHAPE(&index->shape));
    ml_lua_try(L, ml_index_select(c, x, index, 0, box));
  }
  ml_box_filled(L, *box);
  return 1;
}

static int tensor_index(lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1; /* a method */
    lua_pop(L, 1);
  }
  ml_tensor *x = ml_box_check(L, 1, "index", "x");
  index_list list = {0};
  switch (lua_type(L, 2)) {
  case LUA_TNUMBER: {
    int64_t i = zero_based(L, ml_lua_integer(L, 2, "index", "a position"));
    if (x->shape.ndim == 0) return ml_lua_fail(L, "index: a scalar has no positions\n  hint: x:item() is its number");
    ml_lua_try(L, ml_select(ml_lua_context(L), x, 0, i, ml_box_push(L)));
    return 1;
  }
  case LUA_TSTRING: {
    const char *key = lua_tostring(L, 2);
    if (field(L, x, key)) return 1;
    if (!looks_like_index(key)) return unknown_field(L, key);
    read_text(L, key, &list);
    view(L, x, &list);
    return 1;
  }
  case LUA_TTABLE:
    read_table(L, 2, &list);
    view(L, x, &list);
    return 1;
  default: {
    ml_tensor *index = ml_box_test(L, 2);
    if (!index) return ml_lua_fail(L, "index: a position, {ranges}, \"1:3, :\", a mask or a vector of positions is needed, got %s", luaL_typename(L, 2));
    return pick_by_tensor(L, x, index);
  }
  }
}

/* Writing --------------------------------------------------------------------------------------------------------- */

/* The value at stack index 3 as a tensor; a number gets a box of its own. */
static ml_tensor *value_of(lua_State *L) {
  ml_tensor *v = ml_box_test(L, 3);
  if (v) return v;
  ml_context *c = ml_lua_context(L);
  ml_tensor **box = ml_box_push(L);
  if (lua_isinteger(L, 3)) ml_lua_try(L, ml_integer(c, lua_tointeger(L, 3), box));
  else if (lua_type(L, 3) == LUA_TNUMBER) ml_lua_try(L, ml_number(c, lua_tonumber(L, 3), box));
  else if (lua_isboolean(L, 3)) ml_lua_try(L, ml_integer(c, lua_toboolean(L, 3), box));
  else ml_lua_fail(L, "index: a number or a tensor can be assigned, got %s", luaL_typename(L, 3));
  return *box;
}

static void write(lua_State *L, ml_tensor *target, ml_tensor *value) {
  ml_context *c = ml_lua_context(L);
  ml_shape both;
  if (c->grad_enabled && (value->requires_grad || value->node)) {
    ml_lua_fail(L, "index: can't assign a tensor that is part of a graph\n  hint: build the result with ml.cat or ml.where, or assign value:detach()");
  }
  ml_lua_try(L, ml_shape_broadcast(c, "index", &value->shape, &target->shape, &both));
  if (!ml_shape_equal(&both, &target->shape)) {
    ml_lua_fail(L, "index: shape %s does not fit into %s", ML_SHAPE(&value->shape), ML_SHAPE(&target->shape));
  }
  if (value->storage && value->storage == target->storage) { /* x["2:"] = x[":-2"] reads what it writes */
    ml_tensor **box = ml_box_push(L);
    ml_lua_try(L, ml_empty_like(c, value, box));
    ml_lua_try(L, ml_copy(c, value, *box));
    value = *box;
  }
  ml_lua_try(L, ml_copy(c, value, target));
}

static void write_masked(lua_State *L, ml_tensor *x, ml_tensor *mask, ml_tensor *value) {
  ml_context *c = ml_lua_context(L);
  if (!ml_shape_equal(&mask->shape, &x->shape)) ml_lua_fail(L, "index: the mask has shape %s, the tensor %s", ML_SHAPE(&mask->shape), ML_SHAPE(&x->shape));
  ml_tensor **converted = ml_box_push(L), **result = ml_box_push(L);
  ml_lua_try(L, ml_convert(c, value, (ml_dtype)x->dtype, converted));
  ml_lua_try(L, ml_where(c, mask, *converted, x, result));
  write(L, x, *result);
}

static int set_field(lua_State *L, ml_tensor *x, const char *key) {
  if (strcmp(key, "requires_grad") == 0) {
    if (x->node && !lua_toboolean(L, 3)) return ml_lua_fail(L, "requires_grad: the tensor was computed; x:detach() cuts it off the graph");
    if (lua_toboolean(L, 3) && !ml_dtype_is_float((ml_dtype)x->dtype)) return ml_lua_fail(L, "requires_grad: only floating tensors have gradients, this one is %s", ml_dtype_name((ml_dtype)x->dtype));
    x->requires_grad = lua_toboolean(L, 3);
  } else if (strcmp(key, "grad") == 0) {
    ml_tensor *g = lua_isnil(L, 3) ? NULL : ml_box_check(L, 3, "grad", "the gradient");
    if (g && (!ml_shape_equal(&g->shape, &x->shape) || g->dtype != x->dtype)) {
      return ml_lua_fail(L, "grad: shape %s %s for a tensor of shape %s %s", ML_SHAPE(&g->shape), ml_dtype_name((ml_dtype)g->dtype), ML_SHAPE(&x->shape), ml_dtype_name((ml_dtype)x->dtype));
    }
    if (g) ml_retain(g);
    ml_release(x->grad);
    x->grad = g;
  } else {
    return ml_lua_fail(L, "a tensor's '%s' can't be assigned", key);
  }
  return 0;
}

static int tensor_newindex(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "index", "x");
  index_list list = {0};
  if (lua_type(L, 2) == LUA_TSTRING && !looks_like_index(lua_tostring(L, 2))) return set_field(L, x, lua_tostring(L, 2));
  ml_lua_try(L, ml_will_write(ml_lua_context(L), "index", x));
  ml_tensor *value = value_of(L), *mask = ml_box_test(L, 2);
  if (mask) {
    if (mask->dtype != ML_BOOL) return ml_lua_fail(L, "index: a mask (bool) can be assigned through, got %s", ml_dtype_name((ml_dtype)mask->dtype));
    write_masked(L, x, mask, value);
    return 0;
  }
  if (lua_type(L, 2) == LUA_TNUMBER) {
    list.count = 1;
    list.item[0].from = zero_based(L, ml_lua_integer(L, 2, "index", "a position"));
  } else if (lua_type(L, 2) == LUA_TSTRING) {
    read_text(L, lua_tostring(L, 2), &list);
  } else if (lua_istable(L, 2)) {
    read_table(L, 2, &list);
  } else {
    return ml_lua_fail(L, "index: a position, {ranges}, \"1:3, :\" or a mask is needed, got %s", luaL_typename(L, 2));
  }
  write(L, view(L, x, &list), value);
  return 0;
}

void ml_bind_index(lua_State *L) {
  luaL_getmetatable(L, ML_TENSOR_META);
  lua_getfield(L, -1, "__methods");
  lua_pushcclosure(L, tensor_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, tensor_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pop(L, 1);
}
