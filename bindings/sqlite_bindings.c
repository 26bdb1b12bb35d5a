/* SQLite: core.sqlite_open and core.sqlite_tables. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "bindings/reader_bindings.h"
#include "bindings/table_box.h"
#include "table/sqlite.h"

static ml_status scan(ml_context *c, void *reader) { return ml_sqlite_scan(c, reader); }
static ml_status read_table(ml_context *c, void *reader, int64_t max_rows, ml_table *out, bool *any) {
  return ml_sqlite_read(c, reader, max_rows, out, any);
}
static void close_sqlite(void *reader) { ml_sqlite_close(reader); }
static const records *records_of(const void *reader) { return ml_sqlite_records(reader); }
static int64_t file_size(const void *reader) { return ml_sqlite_file_size(reader); }

static const char *text_option(lua_State *L, const char *what) {
  int type = lua_getfield(L, 2, what);
  if (type != LUA_TNIL && type != LUA_TSTRING) ml_lua_fail(L, "data.sqlite: %s must be a text, got %s", what, luaL_typename(L, -1));
  const char *text = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  lua_pop(L, 1); /* the options anchor it */
  return text;
}

/* The value on top. */
static record_value value_at_top(lua_State *L) {
  record_value v = {.kind = RECORD_MISSING};
  switch (lua_type(L, -1)) {
  case LUA_TNUMBER:
    v.kind = lua_isinteger(L, -1) ? RECORD_INTEGER : RECORD_NUMBER;
    v.integer = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
    v.number = lua_tonumber(L, -1);
    return v;
  case LUA_TBOOLEAN:
    v.kind = RECORD_BOOLEAN;
    v.boolean = lua_toboolean(L, -1);
    return v;
  case LUA_TSTRING:
    v.kind = RECORD_TEXT;
    v.text = lua_tolstring(L, -1, &v.length);
    return v;
  }
  ml_lua_fail(L, "data.sqlite: parameters must be numbers, texts, true or false, got %s", luaL_typename(L, -1));
  return v;
}

/* parameters, by position or by name; pushes what holds them. */
static void read_parameters(lua_State *L, ml_sqlite_source *from) {
  int count = 0, type = lua_getfield(L, 2, "parameters"), table = lua_gettop(L);
  if (type == LUA_TNIL) return;
  if (type != LUA_TTABLE) ml_lua_fail(L, "data.sqlite: parameters must be a table, got %s", luaL_typename(L, -1));
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) count++;
  ml_sqlite_parameter *list = lua_newuserdatauv(L, (size_t)count * sizeof *list + 1, 0);
  int listed = (int)lua_rawlen(L, table);
  if (listed > 0 && listed != count) ml_lua_fail(L, "data.sqlite: parameters are a list or have names, not both");
  for (int i = 1; i <= listed; i++) {
    lua_rawgeti(L, table, i);
    list[i - 1] = (ml_sqlite_parameter){.value = value_at_top(L)};
    lua_pop(L, 1);
  }
  from->parameters = list;
  from->count = count;
  if (listed > 0) return;
  lua_pushnil(L);
  for (int at = 0; lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) ml_lua_fail(L, "data.sqlite: parameters are a list or have names, got the key %s", luaL_tolstring(L, -2, NULL));
    list[at++] = (ml_sqlite_parameter){.name = lua_tostring(L, -2), .value = value_at_top(L)};
  }
}

/* Pushes a reader. */
static ml_sqlite *push_reader(lua_State *L, const char *path, const ml_sqlite_source *from, const record_options *options) {
  static const ml_reader_kind kind = {scan, read_table, close_sqlite, records_of, file_size};
  ml_sqlite *reader;
  void **place = ml_reader_push(L, &kind);
  ml_status status = ml_sqlite_open(ml_lua_context(L), path, from, options, &reader);
  *place = reader;
  ml_lua_try(L, status);
  return reader;
}

/* core.sqlite_open(path, { table = "customers" } or { query = "select ...", parameters = {...} }) -> reader; also types, columns,
 * problems */
static int sqlite_open(lua_State *L) {
  static const char *const known[] = {"table", "query", "parameters", "types", "columns", "problems", NULL};
  static const char way[] = "{ table = \"name\" } or { query = \"select ...\" }";
  record_options options;
  ml_sqlite_source from = {0};
  const char *path = ml_lua_path(L, 1, "data.sqlite");
  lua_settop(L, 2);
  if (!lua_istable(L, 2)) ml_lua_fail(L, "data.sqlite: options must be a table, got %s: write %s", luaL_typename(L, 2), way);
  ml_reader_options(L, 2, "data.sqlite", known, &options);
  from.table = text_option(L, "table");
  from.query = text_option(L, "query");
  if (!from.table == !from.query) ml_lua_fail(L, "data.sqlite: write %s, one of them", way);
  read_parameters(L, &from);
  push_reader(L, path, &from, &options);
  return 1;
}

/* core.sqlite_tables(path) -> the names of its tables and views, in the order in which they were made */
static int sqlite_tables(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "sqlite_tables");
  ml_sqlite *reader = push_reader(L, path, &(ml_sqlite_source){.query = ML_SQLITE_TABLES}, &(record_options){0});
  ml_table *t = ml_table_box_push(L);
  bool any;
  ml_lua_try(L, ml_sqlite_read(ml_lua_context(L), reader, -1, t, &any));
  lua_createtable(L, (int)t->rows, 0);
  for (int64_t i = 0; any && i < t->rows; i++) {
    int64_t from = i > 0 ? ml_i64(t->column[0].ends)[i - 1] : 0, to = ml_i64(t->column[0].ends)[i];
    lua_pushlstring(L, (char *)ml_data(t->column[0].bytes) + from, (size_t)(to - from));
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

void ml_bind_sqlite(lua_State *L) {
  static const luaL_Reg functions[] = {{"sqlite_open", sqlite_open}, {"sqlite_tables", sqlite_tables}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
