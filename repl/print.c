/* Shows values. A table is tried on one line first; if that is too long, each entry gets its own. */

#include "repl/print.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "vm/ordered.h"

enum { DEPTH = 4, ENTRIES = 100, NESTED_STRING = 200, LONGEST_STRING = 100000, UNLIMITED = 1 << 30 };

/* Text that grows; its memory belongs to a userdata, since anything below may raise. */
typedef struct print_text {
  char *data;
  size_t size, capacity;
} print_text;

typedef struct printer {
  lua_State *L;
  print_text *text;
  int seen;  /* stack index: the tables that are being printed */
  int limit; /* the size of the text at which the attempt at one line is given up */
} printer;

static int text_collect(lua_State *L) {
  print_text *text = lua_touserdata(L, 1);
  free(text->data);
  text->data = NULL;
  return 0;
}

static print_text *text_push(lua_State *L) {
  print_text *text = lua_newuserdatauv(L, sizeof *text, 0);
  *text = (print_text){0};
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, text_collect);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return text;
}

static void add_bytes(printer *p, const char *bytes, size_t n) {
  print_text *t = p->text;
  if (t->size + n + 1 > t->capacity) {
    size_t capacity = 2 * (t->size + n + 1);
    char *data = realloc(t->data, capacity);
    if (!data) luaL_error(p->L, "not enough memory");
    t->data = data;
    t->capacity = capacity;
  }
  memcpy(t->data + t->size, bytes, n);
  t->size += n;
}

static void add(printer *p, const char *string) { add_bytes(p, string, strlen(string)); }

static void add_newline(printer *p, int indent) {
  add(p, "\n");
  for (int i = 0; i < indent; i++) add(p, " ");
}

static bool is_over(const printer *p) { return p->text->size > (size_t)p->limit; }

/* The size of the UTF-8 sequence at s, 0 when it is not a valid one of several bytes. */
static size_t utf8_size(const char *s, size_t left) {
  unsigned char c = (unsigned char)s[0];
  size_t n = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
  if (n == 0 || n > left) return 0;
  for (size_t i = 1; i < n; i++)
    if (((unsigned char)s[i] & 0xC0) != 0x80) return 0;
  return n;
}

static void add_escaped(printer *p, unsigned char c) {
  char code[8];
  if (c == '\n')
    add(p, "\\n");
  else if (c == '\t')
    add(p, "\\t");
  else if (c == '\r')
    add(p, "\\r");
  else if (c == '"' || c == '\\')
    add(p, c == '"' ? "\\\"" : "\\\\");
  else if (c < 32 || c >= 127)
    snprintf(code, sizeof code, "\\x%02X", c), add(p, code);
  else
    add_bytes(p, (const char *)&c, 1);
}

static void add_string(printer *p, const char *s, size_t size, size_t most) {
  size_t shown = size < most ? size : most;
  add(p, "\"");
  for (size_t i = 0; i < shown;) {
    size_t n = utf8_size(s + i, size - i);
    if (n > 0)
      add_bytes(p, s + i, n);
    else
      add_escaped(p, (unsigned char)s[i]);
    i += n > 0 ? n : 1;
  }
  add(p, "\"");
  if (shown == size) return;
  char more[48];
  snprintf(more, sizeof more, "... (%zu bytes)", size);
  add(p, more);
}

/* What the value says of itself; inside a table only the first line of it. */
static void add_described(printer *p, int index, bool nested) {
  size_t size;
  const char *s = luaL_tolstring(p->L, index, &size);
  const char *newline = nested ? memchr(s, '\n', size) : NULL;
  add_bytes(p, s, newline ? (size_t)(newline - s) : size);
  lua_pop(p->L, 1);
}

static bool is_identifier(const char *s, size_t size) {
  static const char *const keywords[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                         "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                         "repeat",   "return", "then", "true", "until",  "while"};
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  if (size == 0 || size > 60 || strspn(s, letters) != size || (*s >= '0' && *s <= '9')) return false;
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (strcmp(s, keywords[i]) == 0) return false;
  return true;
}

static void add_value(printer *p, int index, int depth, int indent, int columns);

static void add_key(printer *p, int index) {
  size_t size;
  const char *s = lua_type(p->L, index) == LUA_TSTRING ? lua_tolstring(p->L, index, &size) : NULL;
  if (s && is_identifier(s, size)) {
    add(p, s);
  } else {
    add(p, "[");
    if (s)
      add_string(p, s, size, NESTED_STRING);
    else if (lua_type(p->L, index) == LUA_TTABLE)
      add(p, "{...}");
    else
      add_described(p, index, true);
    add(p, "]");
  }
  add(p, " = ");
}

/* Pushes the keys that are not in 1..n, sorted. Returns how many. */
static lua_Integer other_keys(lua_State *L, int table, lua_Integer n) {
  lua_newtable(L);
  int others = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table);) {
    lua_pop(L, 1);
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= n) continue;
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, others);
  }
  lua_Integer count = ordered_keys(L, others);
  lua_remove(L, others);
  return count;
}

/* The entries of the table, whose other keys stand at the top. columns 0: all on one line. */
static void add_entries(printer *p, int table, lua_Integer n, lua_Integer others, int depth, int indent, int columns) {
  lua_State *L = p->L;
  int keys = lua_gettop(L);
  lua_Integer total = n + others, shown = total < ENTRIES ? total : ENTRIES;
  for (lua_Integer i = 1; i <= shown && !is_over(p); i++) {
    if (i > 1) add(p, columns ? "," : ", ");
    if (columns) add_newline(p, indent + 2);
    size_t begin = p->text->size;
    if (i <= n) {
      lua_rawgeti(L, table, i);
    } else {
      lua_rawgeti(L, keys, i - n);
      add_key(p, lua_gettop(L));
      lua_rawget(L, table);
    }
    int used = (int)(p->text->size - begin) + 1;
    add_value(p, lua_gettop(L), depth + 1, indent + 2, columns ? columns - used : 0);
    lua_pop(L, 1);
  }
  if (shown == total) return;
  char more[48];
  snprintf(more, sizeof more, "... %lld more", (long long)(total - shown));
  add(p, columns ? "," : ", ");
  if (columns) add_newline(p, indent + 2);
  add(p, more);
}

static void add_table(printer *p, int table, int depth, int indent, int columns) {
  lua_State *L = p->L;
  lua_Integer n = (lua_Integer)lua_rawlen(L, table), others = other_keys(L, table, n);
  size_t begin = p->text->size;
  int limit = p->limit, fits = columns ? (int)begin + columns - indent : limit;
  p->limit = fits < limit ? fits : limit;
  add(p, "{");
  add_entries(p, table, n, others, depth, 0, 0);
  add(p, "}");
  bool over = is_over(p);
  p->limit = limit;
  if (over && columns) {
    p->text->size = begin;
    add(p, "{");
    add_entries(p, table, n, others, depth, indent, columns);
    add_newline(p, indent);
    add(p, "}");
  }
  lua_pop(L, 1);
}

static bool has_tostring(lua_State *L, int index) {
  if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return false;
  lua_pop(L, 1);
  return true;
}

static void add_value(printer *p, int index, int depth, int indent, int columns) {
  lua_State *L = p->L;
  size_t size;
  luaL_checkstack(L, 20, "value is too deep to be printed");
  if (lua_type(L, index) == LUA_TSTRING) {
    const char *s = lua_tolstring(L, index, &size);
    add_string(p, s, size, depth ? NESTED_STRING : LONGEST_STRING);
  } else if (lua_type(L, index) != LUA_TTABLE || has_tostring(L, index)) {
    add_described(p, index, depth > 0);
  } else {
    lua_pushvalue(L, index);
    bool cyclic = lua_rawget(L, p->seen) != LUA_TNIL;
    lua_pop(L, 1);
    lua_pushnil(L);
    bool empty = lua_next(L, index) == 0;
    if (!empty) lua_pop(L, 2);
    if (cyclic || depth >= DEPTH || empty) {
      add(p, empty ? "{}" : cyclic ? "{cycle}" : "{...}");
      return;
    }
    lua_pushvalue(L, index);
    lua_pushboolean(L, 1);
    lua_rawset(L, p->seen);
    add_table(p, index, depth, indent, columns);
    lua_pushvalue(L, index);
    lua_pushnil(L);
    lua_rawset(L, p->seen);
  }
}

static void push(lua_State *L, int index, int depth, int limit, int columns) {
  index = lua_absindex(L, index);
  printer p = {.L = L, .text = text_push(L), .limit = limit};
  int base = lua_gettop(L);
  lua_newtable(L);
  p.seen = base + 1;
  add_value(&p, index, depth, 0, columns);
  lua_pushlstring(L, p.text->data ? p.text->data : "", p.text->size);
  lua_replace(L, base);
  lua_settop(L, base);
}

void print_push(lua_State *L, int index, int columns) { push(L, index, 0, UNLIMITED, columns > 20 ? columns : 20); }

void print_push_line(lua_State *L, int index, int columns) {
  push(L, index, 1, columns, 0);
  size_t size;
  const char *line = lua_tolstring(L, -1, &size);
  if (size <= (size_t)columns || columns < 4) return;
  size = (size_t)columns - 3;
  while (size > 0 && ((unsigned char)line[size] & 0xC0) == 0x80) size--; /* not inside a character */
  lua_pushlstring(L, line, size);
  lua_pushliteral(L, "...");
  lua_concat(L, 2);
  lua_remove(L, -2);
}
