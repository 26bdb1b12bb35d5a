/* Sketches of tables (table/column_sketch.h) as Lua userdata, and the hashes and keys of rows that profiles need besides. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/table_box.h"
#include "table/column_sketch.h"
#include "table/value_hash.h"
#include "tensor/parallel.h"

static const char sketch_meta[] = "moonlab.TableSketch";

static ml_table_sketch *sketch_at(lua_State *L, int index) { return luaL_checkudata(L, index, sketch_meta); }

static int free_sketch(lua_State *L) {
  ml_table_sketch_free(sketch_at(L, 1));
  return 0;
}

/* The types at `index`; the memory belongs to the collector. */
static ml_column_type *types_at(lua_State *L, int index, int count) {
  static const char *const names[] = {"number", "time", "integer", "boolean", "text", NULL}; /* as ml_column_type */
  ml_column_type *types = lua_newuserdatauv(L, (size_t)count * sizeof *types + 1, 0);
  for (int j = 0; j < count; j++) {
    lua_rawgeti(L, index, j + 1);
    types[j] = (ml_column_type)luaL_checkoption(L, -1, NULL, names);
    lua_pop(L, 1);
  }
  return types;
}

/* core.table_sketch({types}, quantiles, limit): numbers of a quantile's buffer, different rows that are remembered */
static int table_sketch(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int64_t quantiles = ml_lua_integer(L, 2, "sketch", "quantiles"), limit = ml_lua_integer(L, 3, "sketch", "limit");
  luaL_argcheck(L, quantiles >= 8 && quantiles <= 1 << 20, 2, "out of range");
  int count = (int)lua_rawlen(L, 1);
  ml_column_type *types = types_at(L, 1, count);
  ml_table_sketch *s = lua_newuserdatauv(L, sizeof *s, 0);
  *s = (ml_table_sketch){0};
  luaL_setmetatable(L, sketch_meta);
  ml_lua_try(L, ml_table_sketch_init(ml_lua_context(L), count, types, quantiles, limit, s));
  return 1;
}

/* sketch:update(table, {[column] = true: does not count when rows are compared}) */
static int update(lua_State *L) {
  ml_table_sketch *s = sketch_at(L, 1);
  lua_settop(L, 3);
  bool *leave_out = lua_newuserdatauv(L, (size_t)s->columns + 1, 0);
  for (int j = 0; j < s->columns; j++) {
    leave_out[j] = lua_istable(L, 3) && lua_rawgeti(L, 3, j + 1) != LUA_TNIL && lua_toboolean(L, -1);
    lua_settop(L, 4);
  }
  const ml_table *t = ml_table_check(L, 2, "profile");
  ml_lua_try(L, ml_table_sketch_update(ml_lua_context(L), s, t, leave_out));
  return 0;
}

static int merge(lua_State *L) {
  ml_table_sketch *s = sketch_at(L, 1), *other = sketch_at(L, 2);
  luaL_argcheck(L, s != other, 2, "a sketch can't be merged with itself");
  ml_lua_try(L, ml_table_sketch_merge(ml_lua_context(L), s, other));
  return 0;
}

/* sketch:rows() -> rows, rows that are there before, whether some of those may have gone unseen */
static int rows(lua_State *L) {
  const ml_table_sketch *s = sketch_at(L, 1);
  lua_pushinteger(L, s->rows);
  lua_pushinteger(L, s->seen.repeated);
  lua_pushboolean(L, s->seen.full);
  return 3;
}

static const ml_column_sketch *column_at(lua_State *L) {
  const ml_table_sketch *s = sketch_at(L, 1);
  lua_Integer j = luaL_checkinteger(L, 2);
  luaL_argcheck(L, j >= 1 && j <= s->columns, 2, "no such column");
  return s->column[j - 1];
}

static void set_integer(lua_State *L, const char *name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static void push_value(lua_State *L, ml_column_type type, const ml_frequent_entry *e) {
  int64_t bits;
  double number;
  memcpy(&bits, e->label, sizeof bits);
  memcpy(&number, e->label, sizeof number);
  if (type == ML_COLUMN_INTEGER) lua_pushinteger(L, bits);
  else if (type == ML_COLUMN_BOOLEAN) lua_pushboolean(L, bits != 0);
  else if (type != ML_COLUMN_TEXT) lua_pushnumber(L, number);
  else lua_pushlstring(L, e->label, (size_t)(e->length < ML_FREQUENT_LABEL ? e->length : ML_FREQUENT_LABEL));
}

enum { MOST = 64 };

/* The list of { value =, count =, bytes = of the whole value } on top. */
static void push_frequent(lua_State *L, const ml_column_sketch *s) {
  const ml_frequent_entry *top[MOST];
  int n = ml_frequent_sketch_top(&s->frequent, MOST, top);
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    lua_createtable(L, 0, 3);
    push_value(L, s->type, top[i]);
    lua_setfield(L, -2, "value");
    set_integer(L, "count", top[i]->count);
    set_integer(L, "bytes", top[i]->length);
    lua_rawseti(L, -2, i + 1);
  }
}

/* sketch:column(j) -> { count =, missing =, infinite =, distinct =, exact =, lost =, top = {...}, min =, max =, mean =, std = } */
static int column(lua_State *L) {
  const ml_column_sketch *s = column_at(L);
  const ml_moments *m = &s->moments;
  int64_t finite = m->count - m->infinite;
  lua_createtable(L, 0, 13);
  set_integer(L, "count", m->count);
  set_integer(L, "missing", s->missing);
  set_integer(L, "infinite", m->infinite);
  set_integer(L, "distinct", ml_distinct_sketch_count(&s->distinct));
  lua_pushboolean(L, ml_distinct_sketch_exact(&s->distinct));
  lua_setfield(L, -2, "exact");
  set_integer(L, "lost", s->frequent.lost);
  push_frequent(L, s);
  lua_setfield(L, -2, "top");
  if (finite == 0) return 1;
  set_number(L, "min", m->min);
  set_number(L, "max", m->max);
  set_number(L, "mean", m->mean);
  set_integer(L, "at_min", m->at_min);
  set_integer(L, "at_max", m->at_max);
  if (finite > 1) set_number(L, "std", __builtin_sqrt(m->squares / (double)(finite - 1)));
  return 1;
}

static int free_ranked(lua_State *L) {
  ml_ranked_free(lua_touserdata(L, 1));
  return 0;
}

/* sketch:ranked(j, {shares}, {bounds}) -> the quantiles, and how many values are at most each bound */
static int ranked(lua_State *L) {
  static const char meta[] = "moonlab.Ranked";
  const ml_column_sketch *s = column_at(L);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TTABLE);
  ml_ranked *r = lua_newuserdatauv(L, sizeof *r, 0);
  *r = (ml_ranked){0};
  if (luaL_newmetatable(L, meta)) {
    lua_pushcfunction(L, free_ranked);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  ml_lua_try(L, ml_quantile_sketch_rank(ml_lua_context(L), &s->quantiles, r));
  for (int list = 3; list <= 4; list++) {
    int n = (int)lua_rawlen(L, list);
    lua_createtable(L, n, 0);
    for (int i = 1; i <= n; i++) {
      lua_rawgeti(L, list, i);
      double x = luaL_checknumber(L, -1);
      lua_pop(L, 1);
      if (list == 3) lua_pushnumber(L, ml_ranked_quantile(r, x));
      else lua_pushinteger(L, ml_ranked_below(r, x));
      lua_rawseti(L, -2, i);
    }
  }
  return 2;
}

/* Rows ------------------------------------------------------------------------------------------------------------- */

/* core.row_keys(key, first, n) -> int64 [n]: a random number from 0 of each of the rows first..first + n - 1 */
static int row_keys(lua_State *L) {
  uint64_t key = (uint64_t)ml_lua_integer(L, 1, "row_keys", "key");
  int64_t first = ml_lua_integer(L, 2, "row_keys", "first"), n = ml_lua_integer(L, 3, "row_keys", "n");
  ml_shape shape = ml_make_shape(1, n);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(ml_lua_context(L), &shape, ML_INT64, box));
  for (int64_t i = 0; i < n; i++) ml_i64(*box)[i] = (int64_t)(ml_hash_key(key, first + i) >> 1);
  ml_box_filled(L, *box);
  return 1;
}

typedef struct hashing {
  const char *bytes;
  int64_t row_bytes, *out;
} hashing;

static void hash_body(void *arg, int64_t begin, int64_t end) {
  const hashing *h = arg;
  for (int64_t i = begin; i < end; i++)
    h->out[i] = (int64_t)ml_hash_span(0, (ml_span){h->bytes + i * h->row_bytes, h->row_bytes});
}

/* core.hash_rows(x) -> int64 [n]: equal rows along the first dimension have equal hashes */
static int hash_rows(lua_State *L) {
  const ml_tensor *x = ml_box_check(L, 1, "hash_rows", "x");
  if (x->shape.ndim < 1 || !ml_is_contiguous(x)) return ml_lua_fail(L, "hash_rows: a contiguous tensor with rows is needed");
  int64_t n = x->shape.size[0];
  ml_shape shape = ml_make_shape(1, n);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(ml_lua_context(L), &shape, ML_INT64, box));
  if (n > 0) {
    hashing h = {.bytes = ml_data(x), .row_bytes = ml_count(x) / n * (int64_t)ml_dtype_size((ml_dtype)x->dtype), .out = ml_i64(*box)};
    ml_lua_try(L, ml_parallel_for(ml_lua_context(L), n, 256, hash_body, &h));
  }
  ml_box_filled(L, *box);
  return 1;
}

void ml_bind_sketches(lua_State *L) {
  static const luaL_Reg functions[] = {{"table_sketch", table_sketch}, {"row_keys", row_keys}, {"hash_rows", hash_rows}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"update", update}, {"merge", merge}, {"rows", rows}, {"column", column}, {"ranked", ranked}, {NULL, NULL}};
  luaL_newmetatable(L, sketch_meta);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, free_sketch);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
