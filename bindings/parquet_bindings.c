/* Parquet files: core.parquet_open(path, options) -> a reader. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "bindings/reader_bindings.h"
#include "bindings/suggest.h"
#include "bindings/table_box.h"
#include "table/parquet.h"
#include "tensor/io/file.h"

static const char reader_meta[] = "moonlab.ParquetReader";

static ml_parquet *reader_at(lua_State *L, const char *name) {
  ml_parquet **box = luaL_testudata(L, 1, reader_meta);
  if (!box) ml_lua_fail(L, "%s: a reader is needed, as in reader:%s(); got %s", name, name, luaL_typename(L, 1));
  if (!*box) ml_lua_fail(L, "%s: the reader is closed", name);
  return *box;
}

static int close_reader(lua_State *L) {
  ml_parquet **box = luaL_checkudata(L, 1, reader_meta);
  ml_parquet_close(*box);
  *box = NULL;
  return 0;
}

/* Opening ---------------------------------------------------------------------------------------------------------- */

/* Pushes a table from the names of the columns to their positions, from 1. */
static void push_positions(lua_State *L, const ml_parquet *p, const char *path) {
  lua_createtable(L, 0, ml_parquet_columns(p));
  for (int i = 0; i < ml_parquet_columns(p); i++) {
    ml_parquet_column column = ml_parquet_column_at(p, i);
    lua_pushlstring(L, column.name, column.name_length);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TNIL && !column.left_out)
      ml_lua_try(L, ml_file_fail(ml_lua_context(L), path, "has two columns '%.200s'", column.name));
    lua_pop(L, 1);
    lua_pushinteger(L, i + 1);
    lua_rawset(L, -3);
  }
}

/* "PATH has no column 'agee'; did you mean 'age'?" The names are gathered in a userdata that is pushed. */
static void raise_unknown(lua_State *L, const ml_parquet *p, const char *path, const char *wrong) {
  int count = ml_parquet_columns(p);
  const char **names = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *names, 0);
  for (int i = 0; i < count; i++) names[i] = ml_parquet_column_at(p, i).name;
  names[count] = NULL;
  const char *near = ml_nearest(wrong, names);
  if (near) ml_lua_fail(L, "data.parquet: %s has no column '%s'; did you mean '%s'?", path, wrong, near);
  ml_lua_fail(L, "data.parquet: %s has no column '%s'", path, wrong);
}

/* The list of names on top; the table of positions is below it. */
static void choose_columns(lua_State *L, ml_parquet *p, const char *path) {
  if (!lua_istable(L, -1)) ml_lua_fail(L, "data.parquet: columns must be a list of names, got %s", luaL_typename(L, -1));
  int count = (int)lua_rawlen(L, -1), list = lua_gettop(L);
  int *columns = lua_newuserdatauv(L, (size_t)count * sizeof *columns + 1, 0);
  for (int i = 0; i < count; i++) {
    if (lua_rawgeti(L, list, i + 1) != LUA_TSTRING)
      ml_lua_fail(L, "data.parquet: columns[%d] must be a name, got %s", i + 1, luaL_typename(L, -1));
    lua_pushvalue(L, -1);
    if (lua_rawget(L, list - 1) == LUA_TNIL) raise_unknown(L, p, path, lua_tostring(L, -2));
    columns[i] = (int)lua_tointeger(L, -1) - 1;
    lua_pop(L, 2);
  }
  ml_lua_try(L, ml_parquet_choose(ml_lua_context(L), p, columns, count));
}

/* core.parquet_open(path, { columns = {names} }) -> a reader */
static int parquet_open(lua_State *L) {
  static const char *const known[] = {"columns", NULL};
  lua_settop(L, 2);
  const char *path = ml_lua_path(L, 1, "data.parquet");
  if (!lua_isnil(L, 2) && !lua_istable(L, 2))
    ml_lua_fail(L, "data.parquet: options must be a table, got %s", luaL_typename(L, 2));
  if (lua_istable(L, 2)) ml_lua_check_options(L, 2, "data.parquet", known);
  ml_parquet **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, reader_meta);
  ml_lua_try(L, ml_parquet_open(ml_lua_context(L), path, box));
  push_positions(L, *box, path);
  if (lua_istable(L, 2) && lua_getfield(L, 2, "columns") != LUA_TNIL) choose_columns(L, *box, path);
  lua_settop(L, 3);
  return 1;
}

/* The reader's methods ----------------------------------------------------------------------------------------------- */

static void push_column(lua_State *L, const ml_parquet *p, const ml_parquet_column *column) {
  lua_createtable(L, 0, 5);
  lua_pushlstring(L, column->name, column->name_length);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, column->stored);
  lua_setfield(L, -2, "parquet");
  if (column->left_out) {
    lua_pushstring(L, column->left_out);
    lua_setfield(L, -2, "why");
    return;
  }
  lua_pushstring(L, ml_column_type_name(column->type));
  lua_setfield(L, -2, "type");
  lua_pushinteger(L, ml_parquet_rows(p));
  lua_setfield(L, -2, "rows");
  if (column->missing < 0) return;
  lua_pushinteger(L, column->missing);
  lua_setfield(L, -2, "missing");
}

/* reader:schema() -> { rows =, columns = { { name =, type =, parquet =, rows =, missing = or nil } },
 *                      left_out = { { name =, parquet =, why = } } } */
static int schema(lua_State *L) {
  const ml_parquet *p = reader_at(L, "schema");
  lua_Integer read = 0, left_out = 0;
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, ml_parquet_rows(p));
  lua_setfield(L, -2, "rows");
  lua_createtable(L, ml_parquet_columns(p), 0);
  lua_newtable(L);
  for (int i = 0; i < ml_parquet_columns(p); i++) {
    ml_parquet_column column = ml_parquet_column_at(p, i);
    push_column(L, p, &column);
    if (column.left_out)
      lua_rawseti(L, -2, ++left_out);
    else
      lua_rawseti(L, -3, ++read);
  }
  lua_setfield(L, -3, "left_out");
  lua_setfield(L, -2, "columns");
  return 1;
}

/* reader:read(max_rows or nil) -> a table as ml_table_push has it, or nil at the end */
static int read(lua_State *L) {
  ml_parquet *p = reader_at(L, "read");
  int64_t rows = ml_reader_max_rows(L);
  ml_table *t = ml_table_box_push(L);
  ml_lua_try(L, ml_parquet_read(ml_lua_context(L), p, rows < 0 ? INT64_MAX : rows, t));
  if (t->rows == 0) return 0;
  ml_table_push(L, lua_gettop(L));
  return 1;
}

/* reader:names() -> the names of the columns that are read */
static int names(lua_State *L) {
  const ml_parquet *p = reader_at(L, "names");
  lua_newtable(L);
  for (int i = 0, to = 0; i < ml_parquet_columns(p); i++) {
    ml_parquet_column column = ml_parquet_column_at(p, i);
    if (!column.chosen) continue;
    lua_pushlstring(L, column.name, column.name_length);
    lua_rawseti(L, -2, ++to);
  }
  return 1;
}

void ml_bind_parquet(lua_State *L) {
  static const luaL_Reg methods[] = {{"schema", schema}, {"names", names}, {"read", read}, {"close", close_reader}, {NULL, NULL}};
  luaL_newmetatable(L, reader_meta);
  ml_reader_make_meta(L, methods, close_reader);
  lua_pop(L, 1);
  lua_pushcfunction(L, parquet_open);
  lua_setfield(L, -2, "parquet_open");
}
