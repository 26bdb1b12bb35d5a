/* The counting and ranking kernels of assess/, for ml.metrics and ml.assess. */

#include "assess/confusion.h"
#include "assess/isotonic.h"
#include "assess/ranking.h"
#include "bindings/box.h"
#include "bindings/core.h"

/* A contiguous vector of a type; rows: how many elements, unless negative. */
static const ml_tensor *vector_at(lua_State *L, int index, const char *name, const char *what, ml_dtype dtype, int64_t rows) {
  const ml_tensor *x = ml_box_check(L, index, name, what);
  if (x->dtype != dtype || x->shape.ndim != 1 || (rows >= 0 && x->shape.size[0] != rows) || !x->storage || !ml_is_contiguous(x))
    ml_lua_fail(L, "%s: %s must be a contiguous vector of %s, got %s %s", name, what, ml_dtype_name(dtype),
                ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
  return x;
}

static const double *weight_at(lua_State *L, int index, const char *name, int64_t rows) {
  return lua_isnoneornil(L, index) ? NULL : ml_f64(vector_at(L, index, name, "weight", ML_FLOAT64, rows));
}

/* core.confusion(predicted, actual, weight or nil, classes, skip_zero) -> matrix; or nil and the first row with a class that is none */
static int confusion(lua_State *L) {
  const ml_tensor *predicted = vector_at(L, 1, "confusion", "predicted", ML_INT64, -1);
  ml_classified x = {.predicted = ml_i64(predicted), .n = ml_count(predicted)};
  x.actual = ml_i64(vector_at(L, 2, "confusion", "actual", ML_INT64, x.n));
  x.weight = weight_at(L, 3, "confusion", x.n);
  x.classes = ml_lua_integer(L, 4, "confusion", "classes");
  x.skip_zero = lua_toboolean(L, 5);
  luaL_argcheck(L, x.classes >= 1, 4, "at least one class is needed");
  int64_t bad = 0;
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_confusion(ml_lua_context(L), &x, box, &bad));
  ml_box_filled(L, *box);
  if (!bad) return 1;
  lua_pushnil(L);
  lua_pushinteger(L, bad);
  return 2;
}

/* Scores and positions as x:sort() gives them, classes, weights or nil, the positive class: from `index` 1 on. */
static ml_ranked_rows ranked_at(lua_State *L, const char *name) {
  const ml_tensor *score = vector_at(L, 1, name, "scores", ML_FLOAT64, -1);
  ml_ranked_rows x = {.score = ml_f64(score), .n = ml_count(score)};
  x.row = ml_i64(vector_at(L, 2, name, "positions", ML_INT64, x.n));
  const int64_t *actual = ml_i64(vector_at(L, 3, name, "actual", ML_INT64, x.n));
  x.weight = weight_at(L, 4, name, x.n);
  int64_t positive = ml_lua_integer(L, 5, name, "positive"), wrong = 0;
  for (int64_t i = 0; i < x.n; i++) wrong |= (uint64_t)(x.row[i] - 1) >= (uint64_t)x.n;
  if (wrong) ml_lua_fail(L, "%s: positions must be rows from 1 to %I", name, (LUAI_UACINT)x.n);
  uint8_t *found = lua_newuserdatauv(L, (size_t)x.n + 1, 0); /* stays on the stack until the call is over */
  ml_lua_try(L, ml_ranking_find(ml_lua_context(L), actual, x.n, positive, found));
  x.found = found;
  return x;
}

/* core.ranking(scores, positions, actual, weight or nil, positive) -> area, average precision, positives, negatives, steps */
static int ranking(lua_State *L) {
  ml_ranked_rows x = ranked_at(L, "ranking");
  ml_ranking r;
  ml_lua_try(L, ml_ranking_of(ml_lua_context(L), &x, &r));
  lua_pushnumber(L, r.area);
  lua_pushnumber(L, r.average_precision);
  lua_pushnumber(L, r.positives);
  lua_pushnumber(L, r.negatives);
  lua_pushinteger(L, r.steps);
  return 5;
}

/* core.ranking_steps(the same) -> scores from the highest, the positives and the negatives at or above each */
static int ranking_steps(lua_State *L) {
  ml_ranked_rows x = ranked_at(L, "ranking_steps");
  ml_ranking r;
  ml_lua_try(L, ml_ranking_of(ml_lua_context(L), &x, &r));
  ml_shape shape = ml_make_shape(1, r.steps);
  ml_tensor **box[3];
  for (int k = 0; k < 3; k++) {
    box[k] = ml_box_push(L);
    ml_lua_try(L, ml_empty(ml_lua_context(L), &shape, ML_FLOAT64, box[k]));
  }
  ml_lua_try(L, ml_ranking_steps(ml_lua_context(L), &x, ml_f64(*box[0]), ml_f64(*box[1]), ml_f64(*box[2])));
  for (int k = 0; k < 3; k++) ml_box_filled(L, *box[k]);
  return 3;
}

/* core.isotonic(values, weights) -> float64 [n] */
static int isotonic(lua_State *L) {
  const ml_tensor *value = vector_at(L, 1, "isotonic", "values", ML_FLOAT64, -1);
  const double *weight = ml_f64(vector_at(L, 2, "isotonic", "weights", ML_FLOAT64, ml_count(value)));
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty_like(ml_lua_context(L), value, box));
  ml_lua_try(L, ml_copy(ml_lua_context(L), value, *box));
  ml_lua_try(L, ml_isotonic(ml_lua_context(L), ml_f64(*box), weight, ml_count(value)));
  ml_box_filled(L, *box);
  return 1;
}

void ml_bind_assess(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"confusion", confusion}, {"ranking", ranking}, {"ranking_steps", ranking_steps}, {"isotonic", isotonic}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
