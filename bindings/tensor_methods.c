/* The metatable of tensors: fields, values, what writes in place and is no op, and what views are made of several. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "ops.gen.h"

#include <math.h>
#include <string.h>

/* Values ---------------------------------------------------------------------------------------------------------- */

static void push_value(lua_State *L, ml_dtype dtype, const void *p) {
  switch (dtype) {
  case ML_FLOAT32: lua_pushnumber(L, (double)*(const float *)p); break;
  case ML_FLOAT64: lua_pushnumber(L, *(const double *)p); break;
  case ML_INT64: lua_pushinteger(L, *(const int64_t *)p); break;
  case ML_INT32: lua_pushinteger(L, *(const int32_t *)p); break;
  case ML_UINT8: lua_pushinteger(L, *(const uint8_t *)p); break;
  default: lua_pushboolean(L, *(const uint8_t *)p); break;
  }
}

static int item(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "item", "x");
  double ignored;
  ml_lua_try(L, ml_item(ml_lua_context(L), x, &ignored));
  push_value(L, (ml_dtype)x->dtype, ml_data(x));
  return 1;
}

static ml_tensor *check_stored(lua_State *L, const char *name) {
  ml_tensor *x = ml_box_check(L, 1, name, "x");
  if (!x->storage) ml_lua_fail(L, "%s: the tensor has a shape but no data (the model is only being checked)", name);
  return x;
}

/* Element at indices given as 1-based numbers, negatives from the end. */
static int at(lua_State *L) {
  ml_tensor *x = check_stored(L, "at");
  int n = lua_gettop(L) - 1;
  if (n != x->shape.ndim) return ml_lua_fail(L, "at: %d positions for a tensor of shape %s", n, ML_SHAPE(&x->shape));
  int64_t place = 0;
  for (int d = 0; d < n; d++) {
    int64_t i = ml_lua_integer(L, d + 2, "at", "a position"), size = x->shape.size[d];
    if (i == 0 || i > size || i < -size) return ml_lua_fail(L, "at: position %I of dimension %d, which has %I", (LUAI_UACINT)i, d + 1, (LUAI_UACINT)size);
    place += (i > 0 ? i - 1 : i + size) * x->stride[d];
  }
  push_value(L, (ml_dtype)x->dtype, (char *)ml_data(x) + place * (int64_t)ml_dtype_size((ml_dtype)x->dtype));
  return 1;
}

static void push_nested(lua_State *L, const ml_tensor *x, int dim, const char *p) {
  if (dim == x->shape.ndim) {
    push_value(L, (ml_dtype)x->dtype, p);
    return;
  }
  int64_t n = x->shape.size[dim], step = x->stride[dim] * (int64_t)ml_dtype_size((ml_dtype)x->dtype);
  lua_createtable(L, (int)(n < 1 << 26 ? n : 0), 0);
  for (int64_t i = 0; i < n; i++) {
    push_nested(L, x, dim + 1, p + i * step);
    lua_rawseti(L, -2, i + 1);
  }
}

static int tolist(lua_State *L) {
  ml_tensor *x = check_stored(L, "tolist");
  luaL_checkstack(L, ML_MAX_DIMS + 4, "tolist");
  push_nested(L, x, 0, ml_data(x));
  return 1;
}

/* Shape ----------------------------------------------------------------------------------------------------------- */

static void push_shape(lua_State *L, const ml_tensor *x) {
  lua_createtable(L, x->shape.ndim, 0);
  for (int i = 0; i < x->shape.ndim; i++) {
    lua_pushinteger(L, x->shape.size[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

static int size(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "size", "x");
  if (lua_isnoneornil(L, 2)) {
    push_shape(L, x);
    return 1;
  }
  int64_t d = ml_lua_integer(L, 2, "size", "dim");
  if (d > 0) d--;
  ml_lua_try(L, ml_dim_normalize(ml_lua_context(L), "size", x->shape.ndim, &d));
  lua_pushinteger(L, x->shape.size[d]);
  return 1;
}

static int dim(lua_State *L) {
  lua_pushinteger(L, ml_box_check(L, 1, "dim", "x")->shape.ndim);
  return 1;
}

static int numel(lua_State *L) {
  lua_pushinteger(L, ml_count(ml_box_check(L, 1, "numel", "x")));
  return 1;
}

static int length(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "#", "x");
  if (x->shape.ndim == 0) return ml_lua_fail(L, "#: a scalar has no first dimension");
  lua_pushinteger(L, x->shape.size[0]);
  return 1;
}

static int is_contiguous(lua_State *L) {
  lua_pushboolean(L, ml_is_contiguous(ml_box_check(L, 1, "is_contiguous", "x")));
  return 1;
}

static int has_storage(lua_State *L) {
  lua_pushboolean(L, ml_box_check(L, 1, "has_storage", "x")->storage != NULL);
  return 1;
}

/* Without a box, which would keep the gradient alive until the next collection. */
static int has_grad(lua_State *L) {
  lua_pushboolean(L, ml_box_check(L, 1, "has_grad", "x")->grad != NULL);
  return 1;
}

static int is_slot(lua_State *L) {
  lua_pushboolean(L, ml_box_check(L, 1, "is_slot", "x")->is_slot);
  return 1;
}

/* Pieces of `size` along a dimension; the last may be smaller. */
static int split(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "split", "x");
  ml_context *c = ml_lua_context(L);
  int64_t step = ml_lua_integer(L, 2, "split", "size"), d = lua_isnoneornil(L, 3) ? 0 : ml_lua_integer(L, 3, "split", "dim");
  if (d > 0) d--;
  ml_lua_try(L, ml_dim_normalize(c, "split", x->shape.ndim, &d));
  if (step < 1) return ml_lua_fail(L, "split: size must be at least 1, got %I", (LUAI_UACINT)step);
  lua_newtable(L);
  for (int64_t from = 0, k = 1; from < x->shape.size[d]; from += step, k++) {
    int64_t to = from + step < x->shape.size[d] ? from + step - 1 : x->shape.size[d] - 1;
    ml_tensor **box = ml_box_push(L);
    ml_lua_try(L, ml_slice(c, x, d, from, to, 1, box));
    lua_rawseti(L, -2, k);
  }
  return 1;
}

static int chunk(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "chunk", "x");
  int64_t n = ml_lua_integer(L, 2, "chunk", "n"), d = lua_isnoneornil(L, 3) ? 0 : ml_lua_integer(L, 3, "chunk", "dim");
  if (d > 0) d--;
  ml_lua_try(L, ml_dim_normalize(ml_lua_context(L), "chunk", x->shape.ndim, &d));
  if (n < 1) return ml_lua_fail(L, "chunk: n must be at least 1, got %I", (LUAI_UACINT)n);
  int64_t step = (x->shape.size[d] + n - 1) / n;
  lua_settop(L, 1);
  lua_pushinteger(L, step < 1 ? 1 : step);
  lua_pushinteger(L, d + 1);
  return split(L);
}

/* Copies and writing in place --------------------------------------------------------------------------------------- */

static int detach(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "detach", "x");
  ml_lua_try(L, ml_alias(ml_lua_context(L), x, ml_box_push(L)));
  return 1;
}

static int clone(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "clone", "x");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_contiguous(ml_lua_context(L), x, box));
  ml_box_filled(L, *box);
  return 1;
}

static ml_tensor *writable(lua_State *L, const char *name) {
  ml_tensor *x = ml_box_check(L, 1, name, "x");
  ml_lua_try(L, ml_will_write(ml_lua_context(L), name, x));
  return x;
}

static int zero_(lua_State *L) {
  ml_lua_try(L, ml_fill(ml_lua_context(L), writable(L, "zero_"), 0));
  lua_settop(L, 1);
  return 1;
}

static int fill_(lua_State *L) {
  if (lua_type(L, 2) != LUA_TNUMBER) return ml_lua_fail(L, "fill_: value must be a number, got %s", luaL_typename(L, 2));
  ml_lua_try(L, ml_fill(ml_lua_context(L), writable(L, "fill_"), lua_tonumber(L, 2)));
  lua_settop(L, 1);
  return 1;
}

static int copy_(lua_State *L) {
  ml_tensor *y = ml_box_check(L, 2, "copy_", "the source");
  ml_tensor *x = ml_box_check(L, 1, "copy_", "x");
  ml_context *c = ml_lua_context(L);
  ml_shape both;
  if (!y->storage) return ml_lua_fail(L, "copy_: the source has a shape but no data");
  ml_lua_try(L, ml_shape_broadcast(c, "copy_", &y->shape, &x->shape, &both));
  if (!ml_shape_equal(&both, &x->shape)) return ml_lua_fail(L, "copy_: shape %s does not fit into %s", ML_SHAPE(&y->shape), ML_SHAPE(&x->shape));
  writable(L, "copy_");
  if (y->storage == x->storage) { /* x["2:"]:copy_(x[":-2"]) reads what it writes */
    ml_tensor **box = ml_box_push(L);
    ml_lua_try(L, ml_empty_like(c, y, box));
    ml_lua_try(L, ml_copy(c, y, *box));
    y = *box;
  }
  ml_lua_try(L, ml_copy(c, y, x));
  lua_settop(L, 1);
  return 1;
}

static int equal(lua_State *L) {
  ml_tensor *x = check_stored(L, "equal"), *y = ml_box_check(L, 2, "equal", "y");
  if (!ml_shape_equal(&x->shape, &y->shape) || !y->storage) {
    lua_pushboolean(L, false);
    return 1;
  }
  ml_context *c = ml_lua_context(L);
  ml_tensor **same = ml_box_push(L), **all = ml_box_push(L);
  double value;
  ml_lua_try(L, ml_eq(c, x, y, same));
  ml_lua_try(L, ml_all(c, *same, &(ml_dims){.count = -1}, &(all_options){0}, all));
  ml_lua_try(L, ml_item(c, *all, &value));
  lua_pushboolean(L, value != 0);
  return 1;
}

/* |x - y| <= atol + rtol |y| everywhere; NaN is close to nothing, infinities to themselves. */
static int allclose(lua_State *L) {
  static const char *const known[] = {"rtol", "atol", NULL};
  ml_tensor *x = check_stored(L, "allclose"), *y = ml_box_check(L, 2, "allclose", "y");
  if (!y->storage) return ml_lua_fail(L, "allclose: y has a shape but no data");
  double tolerance[2] = {1e-5, 1e-8};
  if (lua_istable(L, 3)) {
    ml_lua_check_options(L, 3, "allclose", known);
    for (int i = 0; i < 2; i++) {
      if (lua_getfield(L, 3, known[i]) == LUA_TNUMBER) tolerance[i] = lua_tonumber(L, -1);
      lua_pop(L, 1);
    }
  }
  if (!ml_shape_equal(&x->shape, &y->shape)) return ml_lua_fail(L, "allclose: shapes %s and %s differ", ML_SHAPE(&x->shape), ML_SHAPE(&y->shape));
  ml_context *c = ml_lua_context(L);
  ml_tensor **boxes[4];
  for (int i = 0; i < 4; i++) boxes[i] = ml_box_push(L);
  ml_lua_try(L, ml_convert(c, x, ML_FLOAT64, boxes[0]));
  ml_lua_try(L, ml_convert(c, y, ML_FLOAT64, boxes[1]));
  ml_lua_try(L, ml_contiguous_unrecorded(c, *boxes[0], boxes[2]));
  ml_lua_try(L, ml_contiguous_unrecorded(c, *boxes[1], boxes[3]));
  const double *a = ml_f64(*boxes[2]), *b = ml_f64(*boxes[3]);
  bool close = true;
  for (int64_t i = 0, n = ml_count(x); i < n && close; i++) {
    close = a[i] == b[i] || fabs(a[i] - b[i]) <= tolerance[1] + tolerance[0] * fabs(b[i]);
    if (close && isinf(b[i])) close = a[i] == b[i];
  }
  lua_pushboolean(L, close);
  return 1;
}

/* Comparison of one-element tensors as numbers: if loss < best ------------------------------------------------------- */

static double number_of(lua_State *L, int index, const char *operator) {
  if (lua_type(L, index) == LUA_TNUMBER) return lua_tonumber(L, index);
  ml_tensor *x = ml_box_test(L, index);
  if (!x) ml_lua_fail(L, "%s: a tensor and %s can't be compared", operator, luaL_typename(L, index));
  if (ml_count(x) != 1) {
    ml_lua_fail(L, "%s: tensors with more than one element are compared by x:%s(y), which gives a mask; this one has shape %s",
                operator, strcmp(operator, "<") == 0 ? "lt" : "le", ML_SHAPE(&x->shape));
  }
  double v = 0;
  ml_lua_try(L, ml_item(ml_lua_context(L), x, &v));
  return v;
}

static int less(lua_State *L) {
  lua_pushboolean(L, number_of(L, 1, "<") < number_of(L, 2, "<"));
  return 1;
}

static int less_equal(lua_State *L) {
  lua_pushboolean(L, number_of(L, 1, "<=") <= number_of(L, 2, "<="));
  return 1;
}

static int text(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonlab.tensor_text");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "format");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/* x:rows() iterates over the first dimension. */
static int next_row(lua_State *L) {
  ml_tensor *x = ml_box_check(L, lua_upvalueindex(1), "rows", "x");
  lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
  if (i >= x->shape.size[0]) return 0;
  lua_pushinteger(L, i + 1);
  lua_copy(L, -1, lua_upvalueindex(2));
  lua_pop(L, 1);
  ml_lua_try(L, ml_select(ml_lua_context(L), x, 0, i, ml_box_push(L)));
  return 1;
}

static int rows(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "rows", "x");
  if (x->shape.ndim == 0) return ml_lua_fail(L, "rows: a scalar has no rows");
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_row, 2);
  return 1;
}

static int storage_bytes(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "storage_bytes", "x");
  lua_pushinteger(L, x->storage ? (lua_Integer)x->storage->bytes : 0);
  return 1;
}

/* x:float() and its kin */
static int to_named(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "to", "x");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_to(ml_lua_context(L), x, (ml_dtype)lua_tointeger(L, lua_upvalueindex(1)), box));
  ml_box_filled(L, *box);
  return 1;
}

static int is_tensor(lua_State *L) {
  lua_pushboolean(L, ml_box_test(L, 1) != NULL);
  return 1;
}

static const luaL_Reg methods[] = {
    {"item", item},         {"at", at},         {"tolist", tolist}, {"size", size},     {"dim", dim},           {"numel", numel},
    {"split", split},       {"chunk", chunk},   {"detach", detach}, {"clone", clone},   {"zero_", zero_},       {"fill_", fill_},
    {"copy_", copy_},       {"equal", equal},   {"rows", rows},     {"is_slot", is_slot}, {"allclose", allclose}, {"has_storage", has_storage}, {"has_grad", has_grad},
    {"is_contiguous", is_contiguous}, {"storage_bytes", storage_bytes}, {NULL, NULL}};

static const struct {
  const char *name;
  ml_dtype dtype;
} conversions[] = {{"float", ML_FLOAT32}, {"double", ML_FLOAT64}, {"long", ML_INT64}, {"int", ML_INT32}, {"byte", ML_UINT8}, {"bool", ML_BOOL}};

void ml_bind_tensor(lua_State *L) {
  int core = lua_gettop(L);
  ml_box_make_metatables(L);
  int meta = lua_gettop(L);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
    lua_pushinteger(L, conversions[i].dtype);
    lua_pushcclosure(L, to_named, 1);
    lua_setfield(L, -2, conversions[i].name);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, core, "methods");
  lua_setfield(L, meta, "__methods");
  lua_pushliteral(L, "moonlab.Tensor");
  lua_setfield(L, meta, "__metatable");
  static const luaL_Reg metamethods[] = {{"__len", length}, {"__lt", less}, {"__le", less_equal}, {"__tostring", text}, {NULL, NULL}};
  luaL_setfuncs(L, metamethods, 0);
  lua_settop(L, core);
  lua_pushcfunction(L, is_tensor);
  lua_setfield(L, core, "is_tensor");
}
