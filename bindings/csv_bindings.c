/* core.csv_open, its readers and core.write_csv: table/csv.h for Lua. */

#include <string.h>

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "bindings/reader_bindings.h"
#include "bindings/table_box.h"
#include "table/csv.h"

static const char reader_meta[] = "moonlab.CsvReader";

/* Options -------------------------------------------------------------------------------------------------------------------- */

/* Memory of the collector's, for lists that live as long as the call. */
static void *scratch(lua_State *L, size_t bytes) { return lua_newuserdatauv(L, bytes + 1, 0); }

static ml_csv_text text_at(lua_State *L, int index) {
  ml_csv_text t;
  t.text = lua_tolstring(L, index, &t.length);
  return t;
}

/* The list of strings on top of the stack, which it replaces by what anchors the result. */
static const ml_csv_list *list_at_top(lua_State *L, const char *what) {
  if (!lua_istable(L, -1)) ml_lua_fail(L, "data.csv: %s must be a list of texts, got %s", what, luaL_typename(L, -1));
  int table = lua_gettop(L), count = (int)lua_rawlen(L, table);
  ml_csv_list *list = scratch(L, sizeof *list);
  ml_csv_text *item = scratch(L, (size_t)count * sizeof *item);
  *list = (ml_csv_list){item, count};
  for (int i = 0; i < count; i++) {
    if (lua_rawgeti(L, table, i + 1) != LUA_TSTRING)
      ml_lua_fail(L, "data.csv: %s[%d] must be a text, got %s", what, i + 1, luaL_typename(L, -1));
    item[i] = text_at(L, -1); /* the list anchors it */
    lua_pop(L, 1);
  }
  return list;
}

static const ml_csv_list *list_option(lua_State *L, int options, const char *what) {
  if (lua_getfield(L, options, what) != LUA_TNIL) return list_at_top(L, what);
  lua_pop(L, 1);
  return NULL;
}

/* One character; 0 where the option is not given. `none`: whether false is one too, which gives -1. */
static int character_option(lua_State *L, const char *name, int options, const char *what, bool none) {
  int type = lua_getfield(L, options, what), result = 0;
  size_t length = 0;
  const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  if (none && type == LUA_TBOOLEAN && !lua_toboolean(L, -1)) result = -1;
  else if (length == 1) result = (unsigned char)*text;
  else if (type != LUA_TNIL)
    ml_lua_fail(L, "%s: %s must be one character%s, got %s", name, what, none ? " or false" : "",
                type == LUA_TSTRING ? lua_pushfstring(L, "'%s'", text) : luaL_typename(L, -1));
  if (result > 127 || (result >= 0 && result < 32 && result != '\t' && result != 0))
    ml_lua_fail(L, "%s: %s must be a character of ASCII that can be seen, or a tab", name, what);
  lua_pop(L, 1);
  return result;
}

/* 1, -1, or 0 where it is not given. */
static int boolean_option(lua_State *L, const char *name, int options, const char *what) {
  int type = lua_getfield(L, options, what);
  if (type != LUA_TNIL && type != LUA_TBOOLEAN)
    ml_lua_fail(L, "%s: %s must be true or false, got %s", name, what, luaL_typename(L, -1));
  int result = type == LUA_TNIL ? 0 : lua_toboolean(L, -1) ? 1 : -1;
  lua_pop(L, 1);
  return result;
}

/* Whether the text is the second of two words; the first is the default. */
static bool second_of(lua_State *L, int options, const char *what, const char *first, const char *second) {
  int type = lua_getfield(L, options, what);
  const char *text = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  bool is_second = text && strcmp(text, second) == 0;
  if (type != LUA_TNIL && !is_second && (!text || strcmp(text, first) != 0))
    ml_lua_fail(L, "data.csv: %s must be \"%s\" or \"%s\", got %s", what, first, second, text ? text : luaL_typename(L, -1));
  lua_pop(L, 1);
  return is_second;
}

static int entries(lua_State *L, int options, const char *what) {
  int count = 0, type = lua_getfield(L, options, what);
  if (type != LUA_TNIL && type != LUA_TTABLE)
    ml_lua_fail(L, "data.csv: %s must be a table by column, got %s", what, luaL_typename(L, -1));
  if (type == LUA_TTABLE) {
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
      count++;
      if (lua_type(L, -2) != LUA_TSTRING)
        ml_lua_fail(L, "data.csv: the keys of %s must be names of columns, got %s", what, luaL_typename(L, -2));
    }
  }
  lua_pop(L, 1);
  return count;
}

/* types and missing_of, one wish an entry. */
static void read_wishes(lua_State *L, int options, ml_csv_options *o) {
  int types = entries(L, options, "types"), marks = entries(L, options, "missing_of");
  ml_csv_wish *wish = scratch(L, (size_t)(types + marks) * sizeof *wish);
  o->wishes = wish;
  if (types > 0) {
    lua_getfield(L, options, "types");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
      wish[o->wish_count++] = (ml_csv_wish){.column = text_at(L, -2), .has_type = true, .type = ml_reader_type(L, "data.csv", lua_tostring(L, -2))};
    lua_pop(L, 1);
  }
  if (marks == 0) return;
  lua_getfield(L, options, "missing_of");
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    luaL_checkstack(L, 4, "missing_of");
    wish[o->wish_count] = (ml_csv_wish){.column = text_at(L, -2), .missing = list_at_top(L, "missing_of")};
    o->wish_count++;
    lua_rotate(L, -4, -1); /* the key on top of what anchors the wish */
  }
}

static void read_options(lua_State *L, int options, ml_csv_options *o) {
  static const char *const known[] = {"separator", "quote",      "decimal", "comment", "header", "names",    "types",    "missing",
                                      "trim",      "missing_of", "skip",    "columns", "problems", "encoding", NULL};
  *o = (ml_csv_options){0};
  if (lua_isnoneornil(L, options)) return;
  if (!lua_istable(L, options)) ml_lua_fail(L, "data.csv: options must be a table, got %s", luaL_typename(L, options));
  ml_lua_check_options(L, options, "data.csv", known);
  o->separator = character_option(L, "data.csv", options, "separator", false);
  o->quote = character_option(L, "data.csv", options, "quote", true);
  o->no_quotes = o->quote < 0;
  o->decimal = character_option(L, "data.csv", options, "decimal", false);
  o->comment = character_option(L, "data.csv", options, "comment", false);
  o->header = boolean_option(L, "data.csv", options, "header");
  o->keep_blanks = boolean_option(L, "data.csv", options, "trim") < 0;
  o->collect = second_of(L, options, "problems", "error", "collect");
  o->latin_1 = second_of(L, options, "encoding", "utf-8", "latin-1");
  if (lua_getfield(L, options, "skip") != LUA_TNIL) o->skip = ml_lua_integer(L, -1, "data.csv", "skip");
  lua_pop(L, 1);
  o->names = list_option(L, options, "names");
  o->columns = list_option(L, options, "columns");
  o->missing = list_option(L, options, "missing");
  read_wishes(L, options, o);
}

/* Readers -------------------------------------------------------------------------------------------------------------------- */

/* core.csv_open(path, options) -> reader */
static int csv_open(lua_State *L) {
  ml_csv_options options;
  const char *path = ml_lua_path(L, 1, "data.csv");
  lua_settop(L, 2);
  read_options(L, 2, &options);
  ml_csv **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, reader_meta);
  ml_lua_try(L, ml_csv_open(ml_lua_context(L), path, &options, box));
  return 1;
}

static int close_reader(lua_State *L) {
  ml_csv **box = luaL_checkudata(L, 1, reader_meta);
  ml_csv_close(*box);
  *box = NULL;
  return 0;
}

static ml_csv *reader_at(lua_State *L, const char *name) {
  ml_csv **box = luaL_checkudata(L, 1, reader_meta);
  if (!*box) ml_lua_fail(L, "%s: the file is closed", name);
  return *box;
}

/* reader:read(max_rows) -> table or nil */
static int read_rows(lua_State *L) {
  ml_csv *r = reader_at(L, "read");
  int64_t rows = ml_reader_max_rows(L);
  bool any;
  ml_table *t = ml_table_box_push(L);
  ml_lua_try(L, ml_csv_read(ml_lua_context(L), r, rows, t, &any));
  if (any) ml_table_push(L, -1);
  else lua_pushnil(L);
  return 1;
}

static void push_text(lua_State *L, const char *field, ml_csv_text t) {
  lua_pushlstring(L, t.text ? t.text : "", t.length);
  lua_setfield(L, -2, field);
}

static void push_integer(lua_State *L, const char *field, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

static void push_column(lua_State *L, const ml_csv *r, int k) {
  ml_csv_column_facts f = ml_csv_column_facts_of(r, k);
  ml_reader_push_column(L, &(ml_reader_column){.name = f.name.text ? f.name.text : "", .name_length = f.name.length, .wanted = f.wanted,
                                               .type = f.type, .rows = f.rows, .missing = f.missing, .others = f.others, .most = f.most,
                                               .other = f.other_text.text ? f.other_text.text : "", .other_length = f.other_text.length,
                                               .other_line = f.other_line, .why = f.why});
  if (f.was.text) push_text(L, "was", f.was);
}

/* reader:schema() -> { header =, separator =, decimal =, rows =, bytes =, columns = {...} } */
static int schema(lua_State *L) {
  ml_csv *r = reader_at(L, "schema");
  ml_lua_try(L, ml_csv_scan(ml_lua_context(L), r));
  ml_csv_facts facts = ml_csv_facts_of(r);
  lua_createtable(L, 0, 6);
  lua_pushboolean(L, facts.header);
  lua_setfield(L, -2, "header");
  push_text(L, "separator", (ml_csv_text){&facts.separator, 1});
  push_text(L, "decimal", (ml_csv_text){&facts.decimal, 1});
  push_integer(L, "rows", facts.rows);
  push_integer(L, "bytes", facts.bytes);
  lua_createtable(L, facts.columns, 0);
  for (int k = 0; k < facts.columns; k++) {
    push_column(L, r, k);
    lua_rawseti(L, -2, k + 1);
  }
  lua_setfield(L, -2, "columns");
  return 1;
}

/* reader:header() -> whether the first line names the columns */
static int header(lua_State *L) {
  lua_pushboolean(L, ml_csv_facts_of(reader_at(L, "header")).header);
  return 1;
}

/* reader:problems() -> { { line =, row =, column =, text =, wanted = }, ..., count = of all } */
static int problems(lua_State *L) {
  ml_csv *r = reader_at(L, "problems");
  int64_t all, kept = ml_csv_problem_count(r, &all);
  lua_createtable(L, (int)kept, 1);
  push_integer(L, "count", all);
  for (int64_t i = 0; i < kept; i++) {
    ml_csv_problem p = ml_csv_problem_at(r, i);
    ml_reader_push_problem(L, p.line, p.row, p.text.text, p.text.length, p.wanted);
    if (p.column >= 0) push_text(L, "column", ml_csv_column_facts_of(r, p.column).name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* Writing --------------------------------------------------------------------------------------------------------------------- */

/* core.write_csv(path, table, { separator = ",", header = true, missing = "" }) */
static int write_csv(lua_State *L) {
  static const char *const known[] = {"separator", "header", "missing", NULL};
  const char *path = ml_lua_path(L, 1, "write_csv");
  ml_csv_style style = {.missing = {"", 0}};
  lua_settop(L, 3);
  if (!lua_isnil(L, 3)) {
    if (!lua_istable(L, 3)) ml_lua_fail(L, "write_csv: options must be a table, got %s", luaL_typename(L, 3));
    ml_lua_check_options(L, 3, "write_csv", known);
    style.separator = (char)character_option(L, "write_csv", 3, "separator", false);
    style.no_header = boolean_option(L, "write_csv", 3, "header") < 0;
    if (lua_getfield(L, 3, "missing") == LUA_TSTRING) style.missing = text_at(L, -1); /* stays on the stack */
    else if (!lua_isnil(L, -1)) ml_lua_fail(L, "write_csv: missing must be a text, got %s", luaL_typename(L, -1));
  }
  ml_table *t = ml_table_check(L, 2, "write_csv");
  ml_lua_try(L, ml_csv_write(ml_lua_context(L), path, t, &style));
  return 0;
}

/* reader:names() -> the names of the wanted columns, without going through the rows; what to write if the first lines are none, or nil */
static int names(lua_State *L) {
  ml_csv *r = reader_at(L, "names");
  int columns = ml_csv_facts_of(r).columns, wanted = 0;
  lua_createtable(L, columns, 0);
  for (int k = 0; k < columns; k++) {
    ml_csv_column_facts f = ml_csv_column_facts_of(r, k);
    if (!f.wanted) continue;
    lua_pushlstring(L, f.name.text ? f.name.text : "", f.name.length);
    lua_rawseti(L, -2, ++wanted);
  }
  const char *hint = ml_csv_facts_of(r).hint;
  if (*hint) lua_pushstring(L, hint);
  else lua_pushnil(L);
  return 2;
}

void ml_bind_csv(lua_State *L) {
  static const luaL_Reg functions[] = {{"csv_open", csv_open}, {"write_csv", write_csv}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"header", header}, {"schema", schema}, {"names", names}, {"read", read_rows}, {"problems", problems}, {NULL, NULL}};
  luaL_newmetatable(L, reader_meta);
  ml_reader_make_meta(L, methods, close_reader);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
