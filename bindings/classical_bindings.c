/* The solvers of the classical models (classical/). Each takes rows x (a contiguous matrix of floating point), numbers or classes y and
 * weights (or nil) as float64 tensors, which lua/moonlab/classical/ has checked, and gives a table. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "classical/least_squares.h"

/* A float64 tensor of `count` elements that is contiguous; nil where it may be left out. */
static const ml_tensor *doubles_at(lua_State *L, int index, const char *what, int64_t count, bool optional) {
  if (optional && lua_isnoneornil(L, index)) return NULL;
  const ml_tensor *x = ml_box_check(L, index, "fit", what);
  if (x->dtype != ML_FLOAT64 || !ml_is_contiguous(x) || ml_count(x) != count)
    ml_lua_fail(L, "fit: %s must be a contiguous float64 tensor of %I elements", what, (LUAI_UACINT)count);
  return x;
}

static ml_rows rows_at(lua_State *L, int x_index, int weight_index) {
  const ml_tensor *x = ml_box_check(L, x_index, "fit", "x");
  if (x->shape.ndim != 2 || (x->dtype != ML_FLOAT64 && x->dtype != ML_FLOAT32) || !ml_is_contiguous(x))
    ml_lua_fail(L, "fit: x must be a contiguous matrix of floating point");
  return ml_rows_of(x, doubles_at(L, weight_index, "weight", x->shape.size[0], true));
}

/* Pushes a new float64 tensor. */
static double *push_doubles(lua_State *L, const ml_shape *shape) {
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_zeros(ml_lua_context(L), shape, ML_FLOAT64, box));
  ml_box_filled(L, *box);
  return ml_f64(*box);
}

static double *push_vector(lua_State *L, int64_t n) {
  ml_shape shape = ml_make_shape(1, n);
  return push_doubles(L, &shape);
}

static double *push_matrix(lua_State *L, int64_t m, int64_t n) {
  ml_shape shape = ml_make_shape(2, m, n);
  return push_doubles(L, &shape);
}

/* t[name] = the value on top of the stack; t is below it. */
static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

/* core.first_not_finite(x) -> row, column; nothing where all are finite */
static int first_not_finite(lua_State *L) {
  ml_rows x = rows_at(L, 1, 2);
  int64_t row, column;
  ml_lua_try(L, ml_rows_finite(ml_lua_context(L), &x, &row, &column));
  if (row == x.n) return 0;
  lua_pushinteger(L, row + 1);
  lua_pushinteger(L, column + 1);
  return 2;
}

/* Least squares ------------------------------------------------------------------------------------------------------ */

static void push_columns(lua_State *L, const int64_t *column, int64_t n) {
  lua_createtable(L, (int)n, 0);
  for (int64_t j = 0; j < n; j++) {
    lua_pushinteger(L, column[j] + 1);
    lua_rawseti(L, -2, j + 1);
  }
}

/* core.least_squares(x, y, weight, intercept) -> { b =, r =, columns = {...}, rank =, condition =, refinements = } */
static int least_squares(lua_State *L) {
  ml_least_squares s = {.x = rows_at(L, 1, 3), .intercept = lua_toboolean(L, 4)};
  s.y = ml_f64(doubles_at(L, 2, "y", s.x.n, false));
  int64_t q = s.x.p + s.intercept;
  s.column = lua_newuserdatauv(L, (size_t)q * sizeof *s.column + 1, 0);
  lua_createtable(L, 0, 6);
  s.b = push_vector(L, q);
  lua_setfield(L, -2, "b");
  s.r = push_matrix(L, q + 1, q + 1);
  lua_setfield(L, -2, "r");
  ml_lua_try(L, ml_least_squares_solve(ml_lua_context(L), &s));
  push_columns(L, s.column, q);
  lua_setfield(L, -2, "columns");
  set_integer(L, "rank", s.rank);
  set_number(L, "condition", s.condition);
  set_integer(L, "refinements", s.refinements);
  return 1;
}

/* core.centered_triangle(x, y, weight, mean [p + 1]: of x and y) -> R of [x - mean, y - mean] */
static int centered_triangle(lua_State *L) {
  ml_least_squares s = {.x = rows_at(L, 1, 3)};
  s.y = ml_f64(doubles_at(L, 2, "y", s.x.n, false));
  const double *mean = ml_f64(doubles_at(L, 4, "mean", s.x.p + 1, false));
  s.r = push_matrix(L, s.x.p + 1, s.x.p + 1);
  ml_lua_try(L, ml_least_squares_centered(ml_lua_context(L), &s, mean, mean[s.x.p]));
  return 1;
}

/* core.ridge(triangle, alpha) -> b [p], from what centered_triangle gave */
static int ridge(lua_State *L) {
  const ml_tensor *r = ml_box_check(L, 1, "fit", "triangle");
  int64_t width = r->shape.size[0];
  doubles_at(L, 1, "triangle", width * width, false);
  double alpha = luaL_checknumber(L, 2);
  double *b = push_vector(L, width - 1);
  ml_lua_try(L, ml_ridge_solve(ml_lua_context(L), width - 1, ml_f64(r), alpha, b));
  return 1;
}

void ml_bind_classical(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"first_not_finite", first_not_finite}, {"least_squares", least_squares}, {"centered_triangle", centered_triangle}, {"ridge", ridge}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
