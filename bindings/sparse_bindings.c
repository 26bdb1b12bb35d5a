/* Sparse matrices (tensor/sparse.h) as Lua userdata with the methods of a tensor that a matrix of rows needs. Documented in
 * lua/moonlab/sparse.lua. */

#include "bindings/sparse_box.h"

#include "bindings/box.h"
#include "bindings/core.h"

#include <string.h>

static const char meta[] = "moonlab.Sparse";

const ml_sparse *ml_sparse_test(lua_State *L, int index) { return luaL_testudata(L, index, meta); }
static const ml_sparse *sparse_at(lua_State *L, int index) { return luaL_checkudata(L, index, meta); }

static ml_sparse *push_sparse(lua_State *L) {
  ml_sparse *x = lua_newuserdatauv(L, sizeof *x, 0);
  *x = (ml_sparse){0};
  luaL_setmetatable(L, meta);
  return x;
}

/* After x, on top of the stack, was filled: fails, or tells the collector about its bytes. */
static int made(lua_State *L, const ml_sparse *x, ml_status status) {
  ml_lua_try(L, status);
  ml_box_filled(L, x->index);
  ml_box_filled(L, x->value);
  return 1;
}

static int free_sparse(lua_State *L) {
  ml_sparse_free(luaL_checkudata(L, 1, meta));
  return 0;
}

/* A contiguous tensor of a type; NULL where it may be left out. count: of its elements, -1 for any. */
static const ml_tensor *vector_at(lua_State *L, int index, ml_dtype dtype, int64_t count, bool optional) {
  if (optional && lua_isnoneornil(L, index)) return NULL;
  const ml_tensor *x = ml_box_check(L, index, "sparse", "each list");
  if (x->dtype != dtype || !x->storage || !ml_is_contiguous(x))
    ml_lua_fail(L, "sparse: argument %d must be a contiguous %s tensor", index, ml_dtype_name(dtype));
  if (count >= 0 && ml_count(x) != count)
    ml_lua_fail(L, "sparse: argument %d has %I elements, not %I", index, (LUAI_UACINT)ml_count(x), (LUAI_UACINT)count);
  return x;
}

static ml_tensor *push_tensor(lua_State *L, const ml_shape *shape, ml_dtype dtype) {
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(ml_lua_context(L), shape, dtype, box));
  ml_box_filled(L, *box);
  return *box;
}

/* Making ------------------------------------------------------------------------------------------------------------------ */

/* core.sparse(rows, columns: int64 from 1, values: float64 or nil, n, p) */
static int sparse(lua_State *L) {
  ml_sparse_entry_list list = {.n = ml_lua_integer(L, 4, "sparse", "the number of rows"), .p = ml_lua_integer(L, 5, "sparse", "the number of columns")};
  if (list.n < 0 || list.p < 0) return ml_lua_fail(L, "sparse: sizes are not negative");
  list.row = vector_at(L, 1, ML_INT64, -1, false);
  list.column = vector_at(L, 2, ML_INT64, ml_count(list.row), false);
  list.value = vector_at(L, 3, ML_FLOAT64, ml_count(list.row), true);
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_of_entries(ml_lua_context(L), &list, out));
}

/* core.sparse_one_hot(numbers: int64 from 1, 0 for none, p) */
static int one_hot(lua_State *L) {
  const ml_tensor *number = vector_at(L, 1, ML_INT64, -1, false);
  int64_t p = ml_lua_integer(L, 2, "sparse", "the number of columns");
  if (p < 0) return ml_lua_fail(L, "sparse: sizes are not negative");
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_one_hot(ml_lua_context(L), number, p, out));
}

static ml_sparse_part part_at(lua_State *L, int index) {
  ml_sparse_part part = {.sparse = ml_sparse_test(L, index)};
  if (part.sparse) return part;
  part.dense = vector_at(L, index, ML_FLOAT64, -1, false);
  if (part.dense->shape.ndim != 2) ml_lua_fail(L, "sparse: parts are matrices");
  return part;
}

/* core.sparse_join({parts: sparse or float64 matrices}): side by side */
static int join(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_rawlen(L, 1);
  luaL_argcheck(L, count > 0, 1, "no parts");
  ml_sparse_part *parts = lua_newuserdatauv(L, (size_t)count * sizeof *parts, 0);
  for (int a = 0; a < count; a++) {
    lua_rawgeti(L, 1, a + 1);
    parts[a] = part_at(L, -1); /* stays in the list */
    lua_pop(L, 1);
  }
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_join(ml_lua_context(L), count, parts, out));
}

/* Methods ------------------------------------------------------------------------------------------------------------------- */

static int index_select(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  if (luaL_checkinteger(L, 2) != 1) return ml_lua_fail(L, "index_select: rows of a sparse matrix are chosen, dimension 1");
  const ml_tensor *rows = vector_at(L, 3, ML_INT64, -1, false);
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_select(ml_lua_context(L), x, rows, out));
}

/* x:slice(1, first, last) */
static int slice(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  if (luaL_checkinteger(L, 2) != 1) return ml_lua_fail(L, "slice: rows of a sparse matrix are chosen, dimension 1");
  int64_t first = ml_lua_integer(L, 3, "slice", "first"), last = ml_lua_integer(L, 4, "slice", "last");
  if (first < 1 || last > x->n || last < first - 1)
    return ml_lua_fail(L, "slice: rows %I to %I of %I", (LUAI_UACINT)first, (LUAI_UACINT)last, (LUAI_UACINT)x->n);
  ml_shape shape = ml_make_shape(1, last - first + 1);
  ml_tensor *rows = push_tensor(L, &shape, ML_INT64);
  for (int64_t i = first; i <= last; i++) ml_i64(rows)[i - first] = i;
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_select(ml_lua_context(L), x, rows, out));
}

static int with_values(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  vector_at(L, 2, ML_FLOAT64, ml_sparse_entries(x), false);
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_with_values(ml_lua_context(L), x, ml_box_test(L, 2), out));
}

/* x:scaled(by_row or nil, by_column or nil) */
static int scaled(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  const ml_tensor *by_row = vector_at(L, 2, ML_FLOAT64, x->n, true), *by_column = vector_at(L, 3, ML_FLOAT64, x->p, true);
  ml_sparse *out = push_sparse(L);
  return made(L, out, ml_sparse_scale(ml_lua_context(L), x, by_row ? ml_f64(by_row) : NULL, by_column ? ml_f64(by_column) : NULL, out));
}

static int dense(lua_State *L) {
  static const char *const names[] = {"float64", "float32", NULL};
  const ml_sparse *x = sparse_at(L, 1);
  ml_dtype dtype = luaL_checkoption(L, 2, "float64", names) == 0 ? ML_FLOAT64 : ML_FLOAT32;
  ml_shape shape = ml_make_shape(2, x->n, x->p);
  ml_lua_try(L, ml_sparse_densify(ml_lua_context(L), x, push_tensor(L, &shape, dtype)));
  return 1;
}

/* x:product(w [outputs, p]) -> [n, outputs] */
static int product(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  const ml_tensor *w = vector_at(L, 2, ML_FLOAT64, -1, false);
  if (w->shape.ndim != 2 || ml_size(w, 1) != x->p) return ml_lua_fail(L, "sparse: w must have a row of %I for each output", (LUAI_UACINT)x->p);
  ml_shape shape = ml_make_shape(2, x->n, ml_size(w, 0));
  ml_lua_try(L, ml_sparse_product(ml_lua_context(L), x, ml_size(w, 0), ml_f64(w), ml_f64(push_tensor(L, &shape, ML_FLOAT64))));
  return 1;
}

/* x:sum_groups(groups: int64 [n] from 1 or nil, how many, weight: float64 [n] or nil) -> [how many, p] */
static int sum_groups(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  const ml_tensor *group = vector_at(L, 2, ML_INT64, x->n, true), *weight = vector_at(L, 4, ML_FLOAT64, x->n, true);
  int64_t groups = ml_lua_integer(L, 3, "sparse", "the number of groups");
  for (int64_t i = 0; group && i < x->n; i++)
    if (ml_i64(group)[i] < 1 || ml_i64(group)[i] > groups) return ml_lua_fail(L, "sparse: row %I is in no group", (LUAI_UACINT)i + 1);
  if (groups < 1) return ml_lua_fail(L, "sparse: there are no groups");
  ml_shape shape = ml_make_shape(2, groups, x->p);
  double *sums = ml_f64(push_tensor(L, &shape, ML_FLOAT64));
  ml_sparse_sum_groups(x, group ? ml_i64(group) : NULL, weight ? ml_f64(weight) : NULL, groups, sums);
  return 1;
}

/* What nobody writes into: copies. */
static int values(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  ml_lua_try(L, ml_copy(ml_lua_context(L), x->value, push_tensor(L, &x->value->shape, ML_FLOAT64)));
  return 1;
}

/* int64 [entries] from 1 */
static int columns(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  int64_t *to = ml_i64(push_tensor(L, &x->index->shape, ML_INT64));
  for (int64_t k = 0; k < ml_sparse_entries(x); k++) to[k] = ((const int32_t *)ml_data(x->index))[k] + 1;
  return 1;
}

static int entries(lua_State *L) {
  lua_pushinteger(L, ml_sparse_entries(sparse_at(L, 1)));
  return 1;
}

static int dim(lua_State *L) {
  sparse_at(L, 1);
  lua_pushinteger(L, 2);
  return 1;
}

static int size(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  lua_Integer d = luaL_checkinteger(L, 2);
  luaL_argcheck(L, d == 1 || d == 2, 2, "a matrix has the dimensions 1 and 2");
  lua_pushinteger(L, d == 1 ? x->n : x->p);
  return 1;
}

static int numel(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  lua_pushinteger(L, x->n * x->p);
  return 1;
}

static int rows(lua_State *L) {
  lua_pushinteger(L, sparse_at(L, 1)->n);
  return 1;
}

static int itself(lua_State *L) {
  sparse_at(L, 1);
  lua_settop(L, 1);
  return 1;
}

static int show(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  lua_pushfstring(L, "sparse [%I, %I] float64, %I entries", (LUAI_UACINT)x->n, (LUAI_UACINT)x->p, (LUAI_UACINT)ml_sparse_entries(x));
  return 1;
}

/* Methods stand in upvalue 1; shape and dtype are fields, as of a tensor. */
static int field(lua_State *L) {
  const ml_sparse *x = sparse_at(L, 1);
  const char *name = luaL_checkstring(L, 2);
  if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL) return 1;
  if (!strcmp(name, "dtype")) return lua_pushliteral(L, "float64"), 1;
  if (strcmp(name, "shape") != 0) return ml_lua_fail(L, "a sparse matrix has no '%s'; x:dense() is a tensor", name);
  lua_createtable(L, 2, 0);
  lua_pushinteger(L, x->n);
  lua_rawseti(L, -2, 1);
  lua_pushinteger(L, x->p);
  lua_rawseti(L, -2, 2);
  return 1;
}

static int is_sparse(lua_State *L) {
  lua_pushboolean(L, ml_sparse_test(L, 1) != NULL);
  return 1;
}

void ml_bind_sparse(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"index_select", index_select}, {"slice", slice}, {"with_values", with_values}, {"scaled", scaled}, {"dense", dense}, {"product", product}, {"sum_groups", sum_groups}, {"values", values}, {"columns", columns}, {"entries", entries}, {"dim", dim}, {"size", size}, {"numel", numel}, {"detach", itself}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"sparse", sparse}, {"sparse_one_hot", one_hot}, {"sparse_join", join}, {"is_sparse", is_sparse}, {NULL, NULL}};
  luaL_newmetatable(L, meta);
  luaL_newlib(L, methods);
  lua_pushcclosure(L, field, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, rows);
  lua_setfield(L, -2, "__len");
  lua_pushcfunction(L, show);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, free_sparse);
  lua_setfield(L, -2, "__gc");
  lua_pushliteral(L, "sparse matrix"); /* nobody gets at what frees it */
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
