/* Neighbours and clusters (classical/neighbours.h, classical/kmeans.h). The tensors that are written are made by the caller
 * (lua/moonlab/classical/), which has checked the numbers. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "classical/kmeans.h"
#include "classical/neighbours.h"

/* A contiguous tensor of a type and of rows x columns elements. */
static const ml_tensor *block_at(lua_State *L, int index, const char *name, ml_dtype dtype, int64_t rows, int64_t columns) {
  const ml_tensor *x = ml_box_check(L, index, name, "each block");
  if (x->dtype != dtype || !x->storage || !ml_is_contiguous(x) || ml_count(x) != rows * columns)
    ml_lua_fail(L, "%s: argument %d must be a contiguous %s tensor of %I x %I", name, index, ml_dtype_name(dtype), (LUAI_UACINT)rows,
                (LUAI_UACINT)columns);
  return x;
}

static const ml_tensor *matrix_at(lua_State *L, int index, const char *name) {
  const ml_tensor *x = ml_box_check(L, index, name, "x");
  if (x->shape.ndim != 2) ml_lua_fail(L, "%s: argument %d must be a matrix", name, index);
  return block_at(L, index, name, ML_FLOAT64, x->shape.size[0], x->shape.size[1]);
}

/* core.nearest(x [n, p], q [m, p], city, rows [m, k], distances [m, k]): writes the last two */
static int nearest(lua_State *L) {
  const ml_tensor *x = matrix_at(L, 1, "nearest"), *q = matrix_at(L, 2, "nearest"), *rows = ml_box_check(L, 4, "nearest", "rows");
  ml_neighbours s = {.n = x->shape.size[0], .p = x->shape.size[1], .m = q->shape.size[0], .x = ml_f64(x), .q = ml_f64(q), .city = lua_toboolean(L, 3)};
  if (rows->shape.ndim == 2) s.k = rows->shape.size[1];
  if (q->shape.size[1] != s.p || s.k < 1 || s.k > s.n) ml_lua_fail(L, "nearest: sizes do not fit");
  s.row = ml_i64(block_at(L, 4, "nearest", ML_INT64, s.m, s.k));
  s.distance = ml_f64(block_at(L, 5, "nearest", ML_FLOAT64, s.m, s.k));
  ml_lua_try(L, ml_neighbours_find(ml_lua_context(L), &s));
  return 0;
}

/* core.kmeans(x [n, p] of floating point, weight or nil, means [p], centres [k, p] less the means, labels [n], { key = to draw the centres, or nil,
 * tolerance = against the mean square, most = }) -> inertia, iterations, whether it converged; writes centres and labels */
static int kmeans(lua_State *L) {
  const ml_tensor *x = ml_box_check(L, 1, "kmeans", "x"), *centre = matrix_at(L, 4, "kmeans");
  if (x->shape.ndim != 2 || (x->dtype != ML_FLOAT64 && x->dtype != ML_FLOAT32) || !x->storage || !ml_is_contiguous(x))
    ml_lua_fail(L, "kmeans: x must be a contiguous matrix of floating point");
  int64_t n = x->shape.size[0], p = x->shape.size[1];
  ml_kmeans s = {.x = ml_rows_of(x, lua_isnil(L, 2) ? NULL : block_at(L, 2, "kmeans", ML_FLOAT64, n, 1)), .k = centre->shape.size[0], .centre = ml_f64(centre)};
  if (centre->shape.size[1] != p || s.k < 1 || s.k > n) ml_lua_fail(L, "kmeans: sizes do not fit");
  s.mean = ml_f64(block_at(L, 3, "kmeans", ML_FLOAT64, 1, p));
  s.label = ml_i64(block_at(L, 5, "kmeans", ML_INT64, n, 1));
  luaL_checktype(L, 6, LUA_TTABLE);
  lua_getfield(L, 6, "tolerance");
  lua_getfield(L, 6, "most");
  s.tolerance = luaL_checknumber(L, -2);
  s.most = (int)luaL_checkinteger(L, -1);
  if (lua_getfield(L, 6, "key") != LUA_TNIL) ml_lua_try(L, ml_kmeans_start(ml_lua_context(L), &s, (uint64_t)luaL_checkinteger(L, -1)));
  ml_lua_try(L, ml_kmeans_run(ml_lua_context(L), &s));
  lua_pushnumber(L, s.inertia);
  lua_pushinteger(L, s.iterations);
  lua_pushboolean(L, s.converged);
  return 3;
}

void ml_bind_neighbours(lua_State *L) {
  static const luaL_Reg functions[] = {{"nearest", nearest}, {"kmeans", kmeans}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
