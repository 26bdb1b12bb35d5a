/* The solvers of the classical models (classical/). Each takes rows x (a contiguous matrix of floating point), numbers or classes y and
 * weights (or nil) as float64 tensors, which lua/moonlab/classical/ has checked, and gives a table. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/sparse_box.h"
#include "classical/coordinate.h"
#include "classical/covariance.h"
#include "classical/least_squares.h"
#include "classical/logistic_lasso.h"
#include "classical/multinomial.h"
#include "classical/newton.h"
#include "classical/softmax.h"
#include "classical/symmetric.h"

#include <math.h>
#include <string.h>

/* A float64 tensor of `count` elements that is contiguous; nil where it may be left out. */
static const ml_tensor *doubles_at(lua_State *L, int index, const char *what, int64_t count, bool optional) {
  if (optional && lua_isnoneornil(L, index)) return NULL;
  const ml_tensor *x = ml_box_check(L, index, "fit", what);
  if (x->dtype != ML_FLOAT64 || !ml_is_contiguous(x) || ml_count(x) != count)
    ml_lua_fail(L, "fit: %s must be a contiguous float64 tensor of %I elements", what, (LUAI_UACINT)count);
  return x;
}

static ml_rows dense_rows_at(lua_State *L, int x_index, int weight_index) {
  const ml_tensor *x = ml_box_check(L, x_index, "fit", "x");
  if (x->shape.ndim != 2 || (x->dtype != ML_FLOAT64 && x->dtype != ML_FLOAT32) || !ml_is_contiguous(x))
    ml_lua_fail(L, "fit: x must be a contiguous matrix of floating point");
  return ml_rows_of(x, doubles_at(L, weight_index, "weight", x->shape.size[0], true));
}

/* Those of a sparse matrix as well. */
static ml_rows rows_at(lua_State *L, int x_index, int weight_index) {
  const ml_sparse *x = ml_sparse_test(L, x_index);
  return x ? ml_rows_of_sparse(x, doubles_at(L, weight_index, "weight", x->n, true)) : dense_rows_at(L, x_index, weight_index);
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

/* How an iterative solver ended, into the table on top. */
static void set_ended(lua_State *L, double loss, int64_t iterations, bool converged) {
  set_number(L, "loss", loss);
  set_integer(L, "iterations", iterations);
  lua_pushboolean(L, converged);
  lua_setfield(L, -2, "converged");
}

/* Memory that the collector frees with `free_it`, whatever is raised before; zeros. meta: the name of its kind. */
static void *push_owned(lua_State *L, const char *meta, size_t bytes, lua_CFunction free_it) {
  void *memory = lua_newuserdatauv(L, bytes, 0);
  memset(memory, 0, bytes);
  if (luaL_newmetatable(L, meta)) {
    lua_pushcfunction(L, free_it);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return memory;
}

/* core.first_not_bounded(x) -> row, column of a number that is none or too large; nothing where there is none */
static int first_not_bounded(lua_State *L) {
  ml_rows x = rows_at(L, 1, 2);
  int64_t row, column;
  ml_lua_try(L, ml_rows_bounded(ml_lua_context(L), &x, &row, &column));
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
  ml_least_squares s = {.x = dense_rows_at(L, 1, 3), .intercept = lua_toboolean(L, 4)};
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

/* core.centered_triangle(x, y, weight, intercept) -> R of [x - mean, y - mean], the means [p + 1] of x and y */
static int centered_triangle(lua_State *L) {
  ml_least_squares s = {.x = dense_rows_at(L, 1, 3), .intercept = lua_toboolean(L, 4)};
  s.y = ml_f64(doubles_at(L, 2, "y", s.x.n, false));
  s.r = push_matrix(L, s.x.p + 1, s.x.p + 1);
  double *mean = push_vector(L, s.x.p + 1);
  ml_lua_try(L, ml_least_squares_centered(ml_lua_context(L), &s, mean));
  return 2;
}

/* core.covariance(x) -> the covariance [p, p] of the columns, over n - 1, and their means [p] */
static int covariance(lua_State *L) {
  ml_rows x = dense_rows_at(L, 1, 2);
  double *out = push_matrix(L, x.p, x.p), *mean = push_vector(L, x.p);
  ml_lua_try(L, ml_covariance(ml_lua_context(L), &x, mean, out));
  return 2;
}

/* core.means(x) -> the means [p] of its columns, float64 */
static int means(lua_State *L) {
  ml_rows x = dense_rows_at(L, 1, 2);
  double *mean = push_vector(L, x.p);
  ml_lua_try(L, ml_rows_mean(ml_lua_context(L), &x, mean));
  return 1;
}

/* core.ridge_by_products(x, y, weight, intercept, alpha) -> b [p] and the means [p + 1] of x and y; nothing where a triangle is better */
static int ridge_by_products(lua_State *L) {
  ml_least_squares s = {.x = dense_rows_at(L, 1, 3), .intercept = lua_toboolean(L, 4)};
  s.y = ml_f64(doubles_at(L, 2, "y", s.x.n, false));
  double alpha = luaL_checknumber(L, 5), *b = push_vector(L, s.x.p), *mean = push_vector(L, s.x.p + 1);
  bool done;
  ml_lua_try(L, ml_ridge_by_products(ml_lua_context(L), &s, alpha, mean, b, &done));
  return done ? 2 : 0;
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

/* Newton's method -------------------------------------------------------------------------------------------------------- */

static int free_design(lua_State *L) {
  ml_design_free(lua_touserdata(L, 1));
  return 0;
}

static double number_field(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  double value = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return value;
}

/* The inverse of the last Hessian, by columns of x and the intercept behind them (NaN where a column is not there), into a new tensor. */
static void push_inverse(lua_State *L, const ml_newton *s) {
  const ml_design *d = s->d;
  int64_t q = d->p + (d->place[d->p] >= 0), places = ml_design_places(d);
  double *inverse = push_matrix(L, q, q), *unit = lua_newuserdatauv(L, (size_t)places * sizeof *unit, 0);
  for (int64_t i = 0; i < q; i++) {
    int64_t at = d->place[i];
    for (int64_t j = 0; j < places; j++) unit[j] = j == at;
    ml_cholesky_back(places, s->hessian, places, unit);
    for (int64_t j = 0; j < q; j++) inverse[i * q + j] = s->hessian[at * places + at] == 0 ? NAN : unit[d->place[j]];
  }
  lua_pop(L, 1);
}

static void push_newton(lua_State *L, const ml_newton *s, bool inverse) {
  const ml_design *d = s->d;
  lua_createtable(L, 0, 9);
  double *b = push_vector(L, d->p + 1);
  for (int64_t j = 0; j <= d->p; j++) b[j] = d->place[j] < 0 ? 0 : s->b[d->place[j]];
  lua_setfield(L, -2, "b");
  set_ended(L, s->loss, s->iterations, s->converged);
  set_number(L, "decrement", s->decrement);
  set_integer(L, "absent", s->absent);
  if (!inverse) return;
  push_inverse(L, s);
  lua_setfield(L, -2, "inverse");
}

/* core.newton(x, y, weight, { link = "logistic" or "poisson", intercept =, penalty =, ones =, tolerance =, most =, inverse =, offset = [n] or
 * nil, start = [p + 1] or nil }) -> { b = [p + 1],
 * loss =, decrement =, iterations =, absent =, converged =, inverse = of the Hessian } */
static int newton(lua_State *L) {
  static const char *const links[] = {"logistic", "poisson", NULL};
  ml_rows x = rows_at(L, 1, 3);
  lua_settop(L, 4);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_getfield(L, 4, "link");
  ml_newton s = {.y = ml_f64(doubles_at(L, 2, "y", x.n, false)), .weight = x.weight, .link = (ml_link)luaL_checkoption(L, -1, NULL, links),
                 .penalty = number_field(L, 4, "penalty"), .ones = number_field(L, 4, "ones"), .tolerance = number_field(L, 4, "tolerance"),
                 .most = (int)number_field(L, 4, "most")};
  lua_getfield(L, 4, "intercept");
  lua_getfield(L, 4, "inverse");
  bool intercept = lua_toboolean(L, -2), inverse = lua_toboolean(L, -1);
  lua_getfield(L, 4, "offset");
  const ml_tensor *offset = doubles_at(L, -1, "offset", x.n, true);
  s.offset = offset ? ml_f64(offset) : NULL;
  lua_getfield(L, 4, "start");
  const ml_tensor *start = doubles_at(L, -1, "start", x.p + 1, true);
  ml_design *d = push_owned(L, "moonlab.Design", sizeof *d, free_design);
  ml_lua_try(L, ml_design_make(ml_lua_context(L), &x, intercept, d));
  int64_t places = ml_design_places(d);
  s.d = d;
  s.b = push_vector(L, places);
  s.gradient = push_vector(L, places);
  s.hessian = push_matrix(L, places, places);
  for (int64_t j = 0; start && j <= x.p; j++)
    if (d->place[j] >= 0) s.b[d->place[j]] = ml_f64(start)[j];
  ml_lua_try(L, ml_newton_solve(ml_lua_context(L), &s));
  push_newton(L, &s, inverse);
  ml_design_free(d);
  return 1;
}

static int free_entries(lua_State *L) {
  ml_column_entries_free(lua_touserdata(L, 1));
  return 0;
}

/* core.logistic_lasso(x, y, weight, { intercept =, penalty =, ones =, tolerance =, most =, offset = [n] or nil, start = [p + 1] or nil }) -> { b =
 * [p + 1], loss =, largest =, iterations =, converged = } */
static int logistic_lasso(lua_State *L) {
  ml_rows x = rows_at(L, 1, 3);
  lua_settop(L, 4);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_getfield(L, 4, "intercept");
  lua_getfield(L, 4, "offset");
  lua_getfield(L, 4, "start");
  const ml_tensor *offset = doubles_at(L, 6, "offset", x.n, true), *start = doubles_at(L, 7, "start", x.p + 1, true);
  ml_logistic_lasso s = {.y = ml_f64(doubles_at(L, 2, "y", x.n, false)), .weight = x.weight, .offset = offset ? ml_f64(offset) : NULL,
                         .penalty = number_field(L, 4, "penalty"), .ones = number_field(L, 4, "ones"), .intercept = lua_toboolean(L, 5),
                         .tolerance = number_field(L, 4, "tolerance"), .most = (int)number_field(L, 4, "most")};
  ml_column_entries *e = push_owned(L, "moonlab.ColumnEntries", sizeof *e, free_entries);
  ml_lua_try(L, ml_column_entries_make(ml_lua_context(L), &x, e));
  s.x = e;
  lua_createtable(L, 0, 5);
  s.b = push_vector(L, x.p + 1);
  if (start) memcpy(s.b, ml_f64(start), (size_t)(x.p + 1) * sizeof(double));
  lua_setfield(L, -2, "b");
  ml_lua_try(L, ml_logistic_lasso_solve(ml_lua_context(L), &s));
  ml_column_entries_free(e);
  set_ended(L, s.loss, s.iterations, s.converged);
  set_number(L, "largest", s.largest);
  return 1;
}

/* int64 from 0, one a row, each below `classes`. */
static const int64_t *classes_at(lua_State *L, int index, int64_t rows, int64_t classes) {
  const ml_tensor *y = ml_box_check(L, index, "fit", "y");
  if (y->dtype != ML_INT64 || !ml_is_contiguous(y) || ml_count(y) != rows) ml_lua_fail(L, "fit: y must be int64, one a row");
  for (int64_t i = 0; i < rows; i++)
    if (ml_i64(y)[i] < 0 || ml_i64(y)[i] >= classes) ml_lua_fail(L, "fit: y of row %I is no class", (LUAI_UACINT)i + 1);
  return ml_i64(y);
}

/* core.multinomial(x, y: int64 from 0, weight, { classes =, intercept =, penalty =, tolerance =, most = }) -> { b = [classes, p + 1], loss =,
 * decrement =, iterations =, converged = } */
static int multinomial(lua_State *L) {
  ml_rows x = rows_at(L, 1, 3);
  lua_settop(L, 4);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_getfield(L, 4, "intercept");
  ml_multinomial s = {.x = x, .classes = (int64_t)number_field(L, 4, "classes"), .penalty = number_field(L, 4, "penalty"),
                      .tolerance = number_field(L, 4, "tolerance"), .most = (int)number_field(L, 4, "most"), .intercept = lua_toboolean(L, 5)};
  s.y = classes_at(L, 2, x.n, s.classes);
  lua_createtable(L, 0, 5);
  s.b = push_matrix(L, s.classes, x.p + 1);
  lua_setfield(L, -2, "b");
  ml_lua_try(L, ml_multinomial_solve(ml_lua_context(L), &s));
  set_ended(L, s.loss, s.iterations, s.converged);
  set_number(L, "decrement", s.decrement);
  return 1;
}

/* core.softmax_fit(x, y: int64 from 0, weight, { outputs =, intercept =, penalty =, tolerance =, most = }) -> { b = [outputs, p + 1], loss =,
 * largest =, iterations =, evaluations =, converged = } */
static int softmax(lua_State *L) {
  ml_rows x = rows_at(L, 1, 3);
  lua_settop(L, 4);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_getfield(L, 4, "intercept");
  ml_softmax s = {.x = x, .outputs = (int64_t)number_field(L, 4, "outputs"), .penalty = number_field(L, 4, "penalty"),
                  .tolerance = number_field(L, 4, "tolerance"), .most = (int)number_field(L, 4, "most"), .intercept = lua_toboolean(L, -1)};
  s.y = classes_at(L, 2, x.n, s.outputs == 1 ? 2 : s.outputs);
  lua_createtable(L, 0, 6);
  s.b = push_matrix(L, s.outputs, x.p + 1);
  lua_setfield(L, -2, "b");
  ml_lua_try(L, ml_softmax_solve(ml_lua_context(L), &s));
  set_ended(L, s.loss, s.iterations, s.converged);
  set_number(L, "largest", s.largest);
  set_integer(L, "evaluations", s.evaluations);
  return 1;
}

/* Coordinate descent -------------------------------------------------------------------------------------------------- */

/* core.elastic_net(x, y, weight, { alphas = list, or count =, shortest =; l1_ratio =, intercept =, tolerance =, most = }) -> { alphas =,
 * weight = [penalties, p], bias =, gaps =, sweeps =, converged = } */
static int elastic_net(lua_State *L) {
  ml_rows x = dense_rows_at(L, 1, 3);
  lua_settop(L, 4);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_getfield(L, 4, "intercept");
  bool given = lua_getfield(L, 4, "alphas") == LUA_TTABLE;
  ml_coordinate s = {.x = x, .y = ml_f64(doubles_at(L, 2, "y", x.n, false)), .intercept = lua_toboolean(L, 5), .l1_ratio = number_field(L, 4, "l1_ratio"),
                     .tolerance = number_field(L, 4, "tolerance"), .most = (int)number_field(L, 4, "most")};
  s.count = given ? (int64_t)lua_rawlen(L, 6) : (int64_t)number_field(L, 4, "count");
  s.shortest = given ? 0 : number_field(L, 4, "shortest");
  lua_createtable(L, 0, 6);
  s.alphas = push_vector(L, s.count);
  lua_setfield(L, -2, "alphas");
  for (int64_t k = 0; given && k < s.count; k++) {
    lua_rawgeti(L, 6, k + 1);
    s.alphas[k] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  s.w = push_matrix(L, s.count, x.p);
  lua_setfield(L, -2, "weight");
  s.intercepts = push_vector(L, s.count);
  lua_setfield(L, -2, "bias");
  s.gaps = push_vector(L, s.count);
  lua_setfield(L, -2, "gaps");
  ml_lua_try(L, ml_coordinate_path(ml_lua_context(L), &s));
  set_integer(L, "sweeps", s.sweeps);
  lua_pushboolean(L, s.converged);
  lua_setfield(L, -2, "converged");
  return 1;
}

void ml_bind_classical(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"first_not_bounded", first_not_bounded}, {"least_squares", least_squares}, {"centered_triangle", centered_triangle}, {"covariance", covariance}, {"means", means}, {"ridge", ridge}, {"ridge_by_products", ridge_by_products}, {"newton", newton}, {"logistic_lasso", logistic_lasso}, {"multinomial", multinomial}, {"softmax_fit", softmax}, {"elastic_net", elastic_net}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
