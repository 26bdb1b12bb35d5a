/* Tables on their way to Lua and back. See table_box.h. */

#include "bindings/table_box.h"

#include <string.h>

#include "bindings/box.h"
#include "bindings/core.h"

static const char table_meta[] = "moonlab.TableBox";

static int free_table(lua_State *L) {
  ml_table_free(lua_touserdata(L, 1));
  return 0;
}

ml_table *ml_table_box_push(lua_State *L) {
  ml_table *t = lua_newuserdatauv(L, sizeof *t, 0);
  *t = (ml_table){0};
  if (luaL_newmetatable(L, table_meta)) {
    lua_pushcfunction(L, free_table);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, free_table);
    lua_setfield(L, -2, "__close");
  }
  lua_setmetatable(L, -2);
  return t;
}

/* Pushing ---------------------------------------------------------------------------------------------------------- */

/* Moves one tensor of a column into a field of the Lua table on top. */
static void push_tensor(lua_State *L, ml_tensor **from, const char *field) {
  if (!*from) return;
  ml_tensor **box = ml_box_push(L);
  *box = *from;
  *from = NULL;
  lua_setfield(L, -2, field);
}

/* Tells the collector about each column of the table on top: read piece by piece, a file is so many tables that are garbage. */
static void pace_collector(lua_State *L, int columns) {
  int top = lua_gettop(L);
  for (int i = 1; i <= columns; i++) {
    lua_rawgeti(L, top, i);
    if (lua_getfield(L, -1, "values") == LUA_TNIL) lua_getfield(L, top + 1, "bytes");
    const ml_tensor *main = ml_box_test(L, -1);
    if (main) ml_box_filled(L, main);
    lua_settop(L, top);
  }
}

void ml_table_push(lua_State *L, int index) {
  ml_table *t = lua_touserdata(L, index);
  lua_createtable(L, t->columns, 1);
  lua_pushinteger(L, t->rows);
  lua_setfield(L, -2, "rows");
  for (int i = 0; i < t->columns; i++) {
    ml_column *column = &t->column[i];
    lua_createtable(L, 0, 5);
    lua_pushlstring(L, column->name ? column->name : "", column->name_length);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, ml_column_type_name(column->type));
    lua_setfield(L, -2, "type");
    push_tensor(L, &column->values, "values");
    push_tensor(L, &column->bytes, "bytes");
    push_tensor(L, &column->ends, "ends");
    push_tensor(L, &column->missing, "missing");
    lua_rawseti(L, -2, i + 1);
  }
  pace_collector(L, t->columns);
}

/* Borrowing -------------------------------------------------------------------------------------------------------- */

static ml_column_type type_at(lua_State *L, const char *name, int column) {
  const char *text = lua_tostring(L, -1);
  for (int type = 0; text && type < ML_COLUMN_TYPES; type++) {
    if (strcmp(text, ml_column_type_name((ml_column_type)type)) == 0) return (ml_column_type)type;
  }
  ml_lua_fail(L, "%s: column %d has no type that a file can hold", name, column);
  return ML_COLUMN_TYPES;
}

/* A reference to a tensor of one dimension with the right type and, if rows is not negative, so many elements; NULL: none is
 * given. */
static ml_tensor *tensor_field(lua_State *L, const char *name, const char *field, ml_dtype dtype, int64_t rows) {
  ml_tensor *x = NULL;
  if (lua_getfield(L, -1, field) != LUA_TNIL) {
    x = ml_box_check(L, -1, name, field);
    if (x->dtype != dtype || x->shape.ndim != 1 || (rows >= 0 && x->shape.size[0] != rows))
      ml_lua_fail(L, "%s: %s must be %s [%d], got %s %s", name, field, ml_dtype_name(dtype), (int)rows,
                  ml_dtype_name(x->dtype), ML_SHAPE(&x->shape));
    if (!ml_is_contiguous(x)) ml_lua_fail(L, "%s: %s must be contiguous", name, field);
  }
  lua_pop(L, 1);
  return x ? ml_retain(x) : NULL;
}

static const ml_dtype dtype_of[ML_COLUMN_TYPES] = {ML_FLOAT64, ML_FLOAT64, ML_INT64, ML_BOOL, ML_UINT8};

/* Whether the rows' ends go up and stay within the bytes: a writer trusts them. */
static bool ends_hold(const ml_tensor *ends, const ml_tensor *bytes) {
  const int64_t *at = ml_data(ends);
  int64_t last = 0;
  for (int64_t i = 0; i < ends->shape.size[0]; i++) {
    if (at[i] < last) return false;
    last = at[i];
  }
  return last <= bytes->shape.size[0];
}

static void check_column(lua_State *L, const char *name, int number, int64_t rows, ml_column *column) {
  lua_getfield(L, -1, "type");
  column->type = type_at(L, name, number);
  lua_pop(L, 1);
  bool text = column->type == ML_COLUMN_TEXT;
  if (text) {
    column->bytes = tensor_field(L, name, "bytes", ML_UINT8, -1);
    column->ends = tensor_field(L, name, "ends", ML_INT64, rows);
    if (!column->bytes || !column->ends || !ends_hold(column->ends, column->bytes))
      ml_lua_fail(L, "%s: column %d is no text", name, number);
  } else {
    column->values = tensor_field(L, name, "values", dtype_of[column->type], rows);
    if (!column->values) ml_lua_fail(L, "%s: column %d has no values", name, number);
  }
  column->missing = tensor_field(L, name, "missing", ML_BOOL, rows);
  size_t length;
  if (lua_getfield(L, -1, "name") != LUA_TSTRING) ml_lua_fail(L, "%s: column %d has no name", name, number);
  const char *given = lua_tolstring(L, -1, &length);
  ml_lua_try(L, ml_column_set_name(ml_lua_context(L), column, given, length));
  lua_pop(L, 1);
}

ml_table *ml_table_check(lua_State *L, int index, const char *name) {
  index = lua_absindex(L, index);
  if (!lua_istable(L, index)) ml_lua_fail(L, "%s: a table of columns is needed, got %s", name, luaL_typename(L, index));
  ml_table *t = ml_table_box_push(L);
  lua_getfield(L, index, "rows");
  int64_t rows = ml_lua_integer(L, -1, name, "rows");
  lua_pop(L, 1);
  ml_lua_try(L, ml_table_init(ml_lua_context(L), (int)lua_rawlen(L, index), t));
  t->rows = rows;
  for (int i = 0; i < t->columns; i++) {
    if (lua_rawgeti(L, index, i + 1) != LUA_TTABLE) ml_lua_fail(L, "%s: column %d is no column", name, i + 1);
    check_column(L, name, i + 1, rows, &t->column[i]);
    lua_pop(L, 1);
  }
  return t;
}
