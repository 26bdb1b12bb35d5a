/* Readers of rows as userdata. See reader_bindings.h. */

#include "bindings/reader_bindings.h"

#include <string.h>

#include "bindings/box.h"
#include "bindings/suggest.h"
#include "bindings/table_box.h"

static const char reader_meta[] = "moonlab.Reader";

typedef struct reader_box {
  const ml_reader_kind *kind;
  void *reader;
} reader_box;

/* Options ----------------------------------------------------------------------------------------------------------- */

ml_column_type ml_reader_type(lua_State *L, const char *name, const char *column) {
  const char *names[ML_COLUMN_TYPES + 1] = {NULL}, *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  for (int i = 0; i < ML_COLUMN_TYPES; i++) {
    names[i] = ml_column_type_name((ml_column_type)i);
    if (text && strcmp(text, names[i]) == 0) return (ml_column_type)i;
  }
  const char *near = text ? ml_nearest(text, names) : NULL;
  ml_lua_fail(L, "%s: types['%s'] must be \"integer\", \"number\", \"boolean\", \"time\" or \"text\", got %s%s%s%s", name, column,
              text ? text : luaL_typename(L, -1), near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  return ML_COLUMN_TEXT;
}

/* The keys of a table on top in the order of strings, so that the first complaint is always the same, as a list that takes
 * the table's place below it: table, keys. */
static int sorted_keys(lua_State *L, const char *name) {
  int count = 0, table = lua_gettop(L);
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      ml_lua_fail(L, "%s: the keys of types must be names of columns, got %s", name, luaL_typename(L, -2));
    int at = ++count;
    for (; at > 1; at--) { /* by insertion: there are a handful */
      lua_rawgeti(L, table + 1, at - 1);
      if (!lua_compare(L, -3, -1, LUA_OPLT)) {
        lua_pop(L, 1);
        break;
      }
      lua_rawseti(L, table + 1, at);
    }
    lua_pushvalue(L, -2);
    lua_rawseti(L, table + 1, at);
  }
  return count;
}

static record_wish wish_at(lua_State *L, int index) {
  record_wish w = {0};
  w.name = lua_tolstring(L, index, &w.length);
  return w;
}

static void read_types(lua_State *L, const char *name, record_wish *wish, int *count) {
  int table = lua_gettop(L), keys = sorted_keys(L, name);
  for (int i = 1; i <= keys; i++) {
    lua_rawgeti(L, table + 1, i);
    record_wish w = wish_at(L, -1); /* the options anchor it */
    lua_rawget(L, table);
    w.has_type = true;
    w.type = ml_reader_type(L, name, w.name);
    wish[(*count)++] = w;
    lua_pop(L, 1);
  }
  lua_settop(L, table);
}

static void read_columns(lua_State *L, const char *name, record_wish *wish, int *count) {
  int columns = (int)lua_rawlen(L, -1);
  for (int i = 1; i <= columns; i++) {
    if (lua_rawgeti(L, -1, i) != LUA_TSTRING) ml_lua_fail(L, "%s: columns[%d] must be a name, got %s", name, i, luaL_typename(L, -1));
    wish[(*count)++] = wish_at(L, -1);
    lua_pop(L, 1);
  }
}

/* How many entries the option has; it stays on the stack. */
static int table_option(lua_State *L, int options, const char *name, const char *what) {
  int type = lua_getfield(L, options, what), count = 0;
  if (type == LUA_TNIL) return 0;
  if (type != LUA_TTABLE) ml_lua_fail(L, "%s: %s must be a table, got %s", name, what, luaL_typename(L, -1));
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) count++;
  return count;
}

static bool collects(lua_State *L, int options, const char *name) {
  int type = lua_getfield(L, options, "problems");
  const char *text = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  bool collect = text && strcmp(text, "collect") == 0;
  if (type != LUA_TNIL && !collect && (!text || strcmp(text, "error") != 0))
    ml_lua_fail(L, "%s: problems must be \"error\" or \"collect\", got %s", name, text ? text : luaL_typename(L, -1));
  lua_pop(L, 1);
  return collect;
}

void ml_reader_options(lua_State *L, int index, const char *name, const char *const *known, record_options *out) {
  *out = (record_options){0};
  if (lua_isnoneornil(L, index)) return;
  if (!lua_istable(L, index)) ml_lua_fail(L, "%s: options must be a table, got %s", name, luaL_typename(L, index));
  ml_lua_check_options(L, index, name, known);
  out->collect = collects(L, index, name);
  int types = table_option(L, index, name, "types"), columns = table_option(L, index, name, "columns");
  out->choose = !lua_isnil(L, -1);
  record_wish *wish = lua_newuserdatauv(L, (size_t)(types + columns) * sizeof *wish + 1, 0);
  lua_insert(L, -3);
  if (out->choose) read_columns(L, name, wish, &out->wish_count);
  lua_pop(L, 1);
  if (types > 0) read_types(L, name, wish, &out->wish_count);
  lua_pop(L, 1);
  out->wishes = wish;
}

/* Reading ----------------------------------------------------------------------------------------------------------- */

static int close_reader(lua_State *L) {
  reader_box *box = luaL_checkudata(L, 1, reader_meta);
  if (box->reader) box->kind->close(box->reader);
  box->reader = NULL;
  return 0;
}

static reader_box *reader_at(lua_State *L, const char *name) {
  reader_box *box = luaL_checkudata(L, 1, reader_meta);
  if (!box->reader) ml_lua_fail(L, "%s: the reader is closed", name);
  return box;
}

int64_t ml_reader_max_rows(lua_State *L) {
  if (lua_isnoneornil(L, 2)) return -1;
  int64_t rows = ml_lua_integer(L, 2, "read", "max_rows");
  if (rows < 1) ml_lua_fail(L, "read: max_rows must be 1 or more, got %I", (LUAI_UACINT)rows);
  return rows;
}

/* reader:read(max_rows) -> table or nil */
static int read_rows(lua_State *L) {
  reader_box *box = reader_at(L, "read");
  int64_t rows = ml_reader_max_rows(L);
  bool any;
  ml_table *t = ml_table_box_push(L);
  ml_lua_try(L, box->kind->read(ml_lua_context(L), box->reader, rows, t, &any));
  if (any)
    ml_table_push(L, lua_gettop(L));
  else
    lua_pushnil(L);
  return 1;
}

static void set_integer(lua_State *L, const char *field, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

static void set_text(lua_State *L, const char *field, const char *text, size_t length) {
  lua_pushlstring(L, text, length);
  lua_setfield(L, -2, field);
}

void ml_reader_push_column(lua_State *L, const ml_reader_column *column) {
  lua_createtable(L, 0, 6);
  set_text(L, "name", column->name, column->name_length);
  lua_pushboolean(L, column->wanted);
  lua_setfield(L, -2, "wanted");
  if (!column->wanted) return;
  lua_pushstring(L, ml_column_type_name(column->type));
  lua_setfield(L, -2, "type");
  set_integer(L, "rows", column->rows);
  set_integer(L, "missing", column->missing);
  if (column->others == 0) return;
  lua_createtable(L, 0, 4);
  set_integer(L, "count", column->others);
  lua_pushstring(L, ml_column_type_name(column->most));
  lua_setfield(L, -2, "most");
  if (column->other) {
    lua_createtable(L, 0, 2);
    set_integer(L, "line", column->other_line);
    set_text(L, "text", column->other, column->other_length);
    lua_setfield(L, -2, "first");
  }
  if (column->why) set_text(L, "why", column->why, strlen(column->why));
  lua_setfield(L, -2, "other");
}

static void push_field(lua_State *L, const records *r, const record_field *f) {
  ml_reader_column column = {.name = f->name, .name_length = f->name_length, .wanted = f->wanted, .type = f->type, .rows = r->rows,
                             .missing = r->rows};
  const record_example *first = NULL;
  for (int k = RECORD_INTEGER; k < RECORD_KINDS; k++) column.missing -= f->seen[k];
  column.most = records_most(f, &column.others, &first, &column.why);
  if (column.most == ML_COLUMN_TYPES) column.others = 0;
  if (first) column.other = first->text, column.other_length = first->length, column.other_line = first->line;
  ml_reader_push_column(L, &column);
}

/* reader:names() -> the names of the wanted columns, which takes a look at all rows */
static int names(lua_State *L) {
  reader_box *box = reader_at(L, "names");
  ml_lua_try(L, box->kind->scan(ml_lua_context(L), box->reader));
  const records *r = box->kind->records(box->reader);
  lua_newtable(L);
  for (int k = 0, to = 0; k < r->count; k++) {
    if (!r->field[k].is_column || !r->field[k].wanted) continue;
    lua_pushlstring(L, r->field[k].name, r->field[k].name_length);
    lua_rawseti(L, -2, ++to);
  }
  return 1;
}

/* reader:schema() -> { rows =, bytes =, columns = { { name =, type =, rows =, missing =, other = }, ... } } */
static int schema(lua_State *L) {
  reader_box *box = reader_at(L, "schema");
  ml_lua_try(L, box->kind->scan(ml_lua_context(L), box->reader));
  const records *r = box->kind->records(box->reader);
  lua_createtable(L, 0, 3);
  set_integer(L, "rows", r->rows);
  set_integer(L, "bytes", box->kind->file_size(box->reader));
  lua_newtable(L);
  for (int k = 0, to = 0; k < r->count; k++) {
    if (!r->field[k].is_column) continue;
    push_field(L, r, &r->field[k]);
    lua_rawseti(L, -2, ++to);
  }
  lua_setfield(L, -2, "columns");
  return 1;
}

void ml_reader_push_problem(lua_State *L, int64_t line, int64_t row, const char *text, size_t length, const char *wanted) {
  lua_createtable(L, 0, 5);
  if (line > 0) set_integer(L, "line", line);
  set_integer(L, "row", row);
  lua_pushlstring(L, text, length);
  lua_setfield(L, -2, "text");
  lua_pushstring(L, wanted);
  lua_setfield(L, -2, "wanted");
}

/* reader:problems() -> { { line =, row =, column =, text =, wanted = }, ..., count = of all } */
static int problems(lua_State *L) {
  reader_box *box = reader_at(L, "problems");
  const records *r = box->kind->records(box->reader);
  lua_createtable(L, (int)r->kept, 1);
  set_integer(L, "count", r->problems);
  for (int64_t i = 0; i < r->kept; i++) {
    const record_problem *p = &r->problem[i];
    ml_reader_push_problem(L, p->line, p->row, p->found.text, p->found.length, p->wanted);
    if (p->field >= 0) lua_pushlstring(L, r->field[p->field].name, r->field[p->field].name_length), lua_setfield(L, -2, "column");
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

void ml_reader_make_meta(lua_State *L, const luaL_Reg *methods, lua_CFunction close) {
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__close");
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
}

void **ml_reader_push(lua_State *L, const ml_reader_kind *kind) {
  static const luaL_Reg methods[] = {{"schema", schema}, {"names", names}, {"read", read_rows}, {"problems", problems}, {NULL, NULL}};
  reader_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (reader_box){.kind = kind};
  if (luaL_newmetatable(L, reader_meta)) ml_reader_make_meta(L, methods, close_reader);
  lua_setmetatable(L, -2);
  return &box->reader;
}
