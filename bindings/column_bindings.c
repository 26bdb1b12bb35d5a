/* Columns of tables: core.text_* take a column of text as three arguments (bytes, ends, missing or nil) and give one as
 * ml_table_push writes it; core.distinct and core.time_field take tensors. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/table_box.h"
#include "table/distinct.h"
#include "table/text.h"
#include "table/time_fields.h"

/* Arguments -------------------------------------------------------------------------------------------------------- */

/* A vector of this type; rows: how many elements, unless negative. */
static const ml_tensor *vector_at(lua_State *L, int index, const char *name, ml_dtype dtype, int64_t rows) {
  const ml_tensor *x = ml_box_check(L, index, name, "a part of the column");
  if (x->dtype != dtype || x->shape.ndim != 1 || (rows >= 0 && x->shape.size[0] != rows) || !x->storage ||
      !ml_is_contiguous(x))
    ml_lua_fail(L, "%s: a contiguous vector of %s is needed, got %s %s", name, ml_dtype_name(dtype),
                ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
  return x;
}

static const bool *mask_at(lua_State *L, int index, const char *name, int64_t rows) {
  return lua_isnoneornil(L, index) ? NULL : ml_data(vector_at(L, index, name, ML_BOOL, rows));
}

/* Three arguments from `index` on: kernels trust the ends that are checked here. */
static ml_text_rows text_at(lua_State *L, int index, const char *name) {
  const ml_tensor *bytes = vector_at(L, index, name, ML_UINT8, -1), *ends = vector_at(L, index + 1, name, ML_INT64, -1);
  ml_text_rows x = {.bytes = ml_data(bytes), .ends = ml_data(ends), .rows = ml_count(ends)};
  x.missing = mask_at(L, index + 2, name, x.rows);
  int64_t last = 0, bad = 0;
  for (int64_t i = 0; i < x.rows; i++) {
    bad |= x.ends[i] < last;
    last = x.ends[i];
  }
  if (bad || last > ml_count(bytes)) ml_lua_fail(L, "%s: the rows of the text do not lie within its bytes", name);
  return x;
}

static ml_span span_at(lua_State *L, int index, const char *name) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING)
    ml_lua_fail(L, "%s: a string is needed, got %s", name, luaL_typename(L, index));
  const char *text = lua_tolstring(L, index, &length);
  return (ml_span){text, (int64_t)length};
}

static ml_span filled_span_at(lua_State *L, int index, const char *name) {
  ml_span span = span_at(L, index, name);
  if (span.length == 0) ml_lua_fail(L, "%s: an empty text is found everywhere; name one that is not empty", name);
  return span;
}

/* Results ---------------------------------------------------------------------------------------------------------- */

/* Pushes the column that a kernel fills. */
static ml_column *result_push(lua_State *L) {
  ml_table *t = ml_table_box_push(L);
  ml_lua_try(L, ml_table_init(ml_lua_context(L), 1, t));
  return t->column;
}

/* The column that result_push has pushed, which is on top, as a Lua table; raises unless it was made. */
static int give_column(lua_State *L, ml_status status) {
  ml_lua_try(L, status);
  ml_table_push(L, -1);
  lua_rawgeti(L, -1, 1);
  return 1;
}

static int give_tensor(lua_State *L, ml_tensor **box, ml_status status) {
  ml_lua_try(L, status);
  ml_box_filled(L, *box);
  return 1;
}

/* Text of text ----------------------------------------------------------------------------------------------------- */

/* core.text_gather(bytes, ends, missing, positions) -> column; position 0 gives a missing row */
static int text_gather(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "rows");
  const ml_tensor *positions = vector_at(L, 4, "rows", ML_INT64, -1);
  ml_column *out = result_push(L);
  return give_column(L, ml_text_gather(ml_lua_context(L), &x, positions, out));
}

/* core.text_concat(bytes, ends, missing, bytes, ends, missing) -> column; one row goes with all rows of the other */
static int text_concat(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "concat"), y = text_at(L, 4, "concat");
  ml_column *out = result_push(L);
  return give_column(L, ml_text_concat(ml_lua_context(L), &x, &y, out));
}

/* core.text_trim(bytes, ends, missing) -> column */
static int text_trim(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "trim");
  ml_column *out = result_push(L);
  return give_column(L, ml_text_trim(ml_lua_context(L), &x, out));
}

/* core.text_replace(bytes, ends, missing, find, with) -> column */
static int text_replace(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "replace");
  ml_span find = filled_span_at(L, 4, "replace"), with = span_at(L, 5, "replace");
  ml_column *out = result_push(L);
  return give_column(L, ml_text_replace(ml_lua_context(L), &x, find, with, out));
}

/* core.text_sub(bytes, ends, missing, from, to) -> column */
static int text_sub(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "sub");
  int64_t from = ml_lua_integer(L, 4, "sub", "from"), to = ml_lua_integer(L, 5, "sub", "to");
  ml_column *out = result_push(L);
  return give_column(L, ml_text_sub(ml_lua_context(L), &x, from, to, out));
}

/* core.text_split(bytes, ends, missing, separator, n) -> column */
static int text_split(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "split");
  ml_span separator = filled_span_at(L, 4, "split");
  int64_t n = ml_lua_integer(L, 5, "split", "n");
  if (n == 0) ml_lua_fail(L, "split: pieces count from 1, and from -1 at the end; there is no piece 0");
  ml_column *out = result_push(L);
  return give_column(L, ml_text_split(ml_lua_context(L), &x, separator, n, out));
}

/* core.text_words(bytes, ends, missing, rule, least) -> column of words, int64 ends of the rows among them */
static int text_words(lua_State *L) {
  static const char *const rules[] = {"words", "blanks", "characters", "pieces", NULL};
  ml_text_rows x = text_at(L, 1, "words");
  ml_word_rule rule = (ml_word_rule)luaL_checkoption(L, 4, NULL, rules);
  int64_t least = ml_lua_integer(L, 5, "words", "least");
  ml_tensor **ends = ml_box_push(L);
  ml_column *out = result_push(L);
  give_column(L, ml_text_words(ml_lua_context(L), &x, rule, least, out, ends));
  lua_pushvalue(L, -4);
  ml_box_filled(L, *ends);
  return 2;
}

/* core.text_case(bytes, upper) -> uint8 tensor of the same size */
static int text_case(lua_State *L) {
  const ml_tensor *bytes = vector_at(L, 1, "case", ML_UINT8, -1);
  ml_tensor **box = ml_box_push(L);
  return give_tensor(L, box, ml_text_case(ml_lua_context(L), bytes, lua_toboolean(L, 2), box));
}

/* Numbers and masks of text ---------------------------------------------------------------------------------------- */

/* core.text_compare(bytes, ends, missing, bytes, ends, missing, relation) -> bool tensor, false where a side is missing */
static int text_compare(lua_State *L) {
  static const char *const relations[] = {"eq", "lt", "le", "contains", "starts_with", "ends_with", NULL};
  ml_text_rows x = text_at(L, 1, "compare"), y = text_at(L, 4, "compare");
  ml_text_relation relation = (ml_text_relation)luaL_checkoption(L, 7, NULL, relations);
  ml_tensor **box = ml_box_push(L);
  return give_tensor(L, box, ml_text_compare(ml_lua_context(L), &x, &y, relation, box));
}

/* core.text_length(bytes, ends, missing) -> int64 tensor of characters */
static int text_length(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "length");
  ml_tensor **box = ml_box_push(L);
  return give_tensor(L, box, ml_text_length(ml_lua_context(L), &x, box));
}

/* core.text_order(bytes, ends, missing, descending) -> int64 positions */
static int text_order(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "sort");
  ml_tensor **box = ml_box_push(L);
  return give_tensor(L, box, ml_text_order(ml_lua_context(L), &x, lua_toboolean(L, 4), box));
}

/* core.text_read(bytes, ends, missing, times) -> float64 tensor, the first row that is neither blank nor a number (time), or nil */
static int text_read(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "read");
  bool times = lua_toboolean(L, 4);
  int64_t bad;
  ml_tensor **box = ml_box_push(L);
  give_tensor(L, box, ml_text_read(ml_lua_context(L), &x, times, box, &bad));
  if (bad < 0) return 1;
  lua_pushinteger(L, bad + 1);
  return 2;
}

/* core.text_of(table) -> column: its one column, which is no text, written as text */
static int text_of(lua_State *L) {
  const ml_table *t = ml_table_check(L, 1, "text");
  if (t->columns != 1 || t->column->type == ML_COLUMN_TEXT) ml_lua_fail(L, "text: one column that is no text is needed");
  ml_column *out = result_push(L);
  return give_column(L, ml_text_of_column(ml_lua_context(L), t->column, out));
}

/* Lists ------------------------------------------------------------------------------------------------------------ */

/* core.text_list(bytes, ends, missing, default) -> list of strings; `default` (false if absent) stands for a missing row */
static int text_list(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "to_list");
  lua_settop(L, 4);
  lua_createtable(L, x.rows < INT32_MAX ? (int)x.rows : 0, 0);
  for (int64_t i = 0; i < x.rows; i++) {
    ml_span span = ml_text_row(&x, i);
    if (!ml_text_missing(&x, i)) lua_pushlstring(L, span.text, (size_t)span.length);
    else if (lua_isnil(L, 4)) lua_pushboolean(L, 0);
    else lua_pushvalue(L, 4);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* What text_make reads its rows from: a table of strings on the stack, whose characters stay where they are. */
static int64_t row_of_list(const void *arg, int64_t row, char *out) {
  const ml_span *span = (const ml_span *)arg + row;
  if (!span->text) return -1;
  if (out) memcpy(out, span->text, (size_t)span->length);
  return span->length;
}

/* core.text_column(list, n) -> column; what is no string is missing */
static int text_column(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = luaL_checkinteger(L, 2);
  luaL_argcheck(L, n >= 0 && n <= INT32_MAX, 2, "too many rows");
  ml_span *spans = lua_newuserdatauv(L, (size_t)n * sizeof *spans + 1, 0);
  for (lua_Integer i = 0; i < n; i++) {
    size_t length = 0;
    spans[i].text = lua_rawgeti(L, 1, i + 1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    spans[i].length = (int64_t)length;
    lua_pop(L, 1);
  }
  ml_column *out = result_push(L);
  return give_column(L, ml_text_make(ml_lua_context(L), n, row_of_list, spans, out));
}

/* Distinct values -------------------------------------------------------------------------------------------------- */

static int64_t limit_at(lua_State *L, int index) { return lua_isnoneornil(L, index) ? -1 : ml_lua_integer(L, index, "distinct", "limit"); }

/* Pushes both boxes: codes, and nil instead of firsts where there are too many. */
static int give_distinct(lua_State *L, ml_tensor **codes, ml_tensor **firsts, ml_distinct found, ml_status status) {
  *codes = found.codes;
  *firsts = found.firsts;
  ml_lua_try(L, status);
  if (!found.firsts) return 0;
  ml_box_filled(L, *codes);
  return 2;
}

/* core.text_distinct(bytes, ends, missing, limit) -> codes, firsts; nothing if there are more than `limit` */
static int text_distinct(lua_State *L) {
  ml_text_rows x = text_at(L, 1, "distinct");
  int64_t limit = limit_at(L, 4);
  ml_tensor **codes = ml_box_push(L), **firsts = ml_box_push(L);
  ml_distinct found = {0};
  ml_status status = ml_distinct_text(ml_lua_context(L), &x, limit, &found);
  return give_distinct(L, codes, firsts, found, status);
}

/* core.distinct(values, missing, limit) -> codes, firsts, likewise */
static int distinct(lua_State *L) {
  const ml_tensor *values = ml_box_check(L, 1, "distinct", "values");
  if (values->dtype != ML_FLOAT64 && values->dtype != ML_BOOL) values = vector_at(L, 1, "distinct", ML_INT64, -1);
  else values = vector_at(L, 1, "distinct", (ml_dtype)values->dtype, -1);
  const ml_tensor *missing = lua_isnoneornil(L, 2) ? NULL : vector_at(L, 2, "distinct", ML_BOOL, ml_count(values));
  int64_t limit = limit_at(L, 3);
  ml_tensor **codes = ml_box_push(L), **firsts = ml_box_push(L);
  ml_distinct found = {0};
  ml_status status = ml_distinct_values(ml_lua_context(L), values, missing, limit, &found);
  return give_distinct(L, codes, firsts, found, status);
}

/* Times ------------------------------------------------------------------------------------------------------------ */

/* core.time_field(seconds, field) -> values int64, missing bool */
static int time_field(lua_State *L) {
  static const char *const fields[] = {"year", "month", "day", "hour", "minute", "second", "weekday", "day_of_year", NULL};
  const ml_tensor *seconds = vector_at(L, 1, "time", ML_FLOAT64, -1);
  ml_time_field field = (ml_time_field)luaL_checkoption(L, 2, NULL, fields);
  ml_tensor **values = ml_box_push(L), **missing = ml_box_push(L);
  ml_lua_try(L, ml_time_fields(ml_lua_context(L), seconds, field, values, missing));
  ml_box_filled(L, *values);
  return 2;
}

void ml_bind_columns(lua_State *L) {
  static const luaL_Reg functions[] = {{"text_gather", text_gather},
                                       {"text_concat", text_concat},
                                       {"text_trim", text_trim},
                                       {"text_replace", text_replace},
                                       {"text_sub", text_sub},
                                       {"text_split", text_split},
                                       {"text_words", text_words},
                                       {"text_case", text_case},
                                       {"text_compare", text_compare},
                                       {"text_length", text_length},
                                       {"text_order", text_order},
                                       {"text_read", text_read},
                                       {"text_of", text_of},
                                       {"text_list", text_list},
                                       {"text_column", text_column},
                                       {"text_distinct", text_distinct},
                                       {"distinct", distinct},
                                       {"time_field", time_field},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
