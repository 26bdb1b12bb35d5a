/* Tracebacks with the user's frames only. See traceback.h. */

#include "vm/traceback.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "vm/modules.h"

static const char last_key = 0;

typedef enum frame_kind { FRAME_USER, FRAME_LIBRARY, FRAME_C, FRAME_OTHER } frame_kind;

static bool begins(const char *line, size_t size, const char *with) {
  size_t n = strlen(with);
  return size >= n && memcmp(line, with, n) == 0;
}

static frame_kind kind_of(const char *line, size_t size) {
  if (begins(line, size, "\t" VM_LIBRARY_PREFIX)) return FRAME_LIBRARY;
  if (begins(line, size, "\t[C]:")) return FRAME_C;
  if (begins(line, size, "\t(...")) return FRAME_OTHER; /* "(...tail calls...)" belongs to the frame above it */
  return FRAME_USER;
}

static size_t line_size(const char *line, const char *end) {
  const char *newline = memchr(line, '\n', (size_t)(end - line));
  return (size_t)((newline ? newline + 1 : end) - line);
}

/* A C function that a library function called says nothing to the user: what comes next in the text is its caller. */
static bool called_by_library(const char *next, const char *end) {
  while (next < end) {
    size_t size = line_size(next, end);
    frame_kind kind = kind_of(next, size);
    if (kind != FRAME_C) return kind == FRAME_LIBRARY;
    next += size;
  }
  return false;
}

void traceback_filter(lua_State *L) {
  size_t total;
  const char *text = lua_tolstring(L, -1, &total), *end = text + total;
  const char *frames = strstr(text, "\nstack traceback:\n");
  if (!frames) return;
  frames += strlen("\nstack traceback:\n");
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addlstring(&b, text, (size_t)(frames - text));
  bool hidden = false, any = false;
  for (const char *line = frames; line < end;) {
    size_t size = line_size(line, end);
    frame_kind kind = kind_of(line, size);
    if (kind == FRAME_C) hidden = called_by_library(line + size, end);
    if (kind == FRAME_USER || kind == FRAME_LIBRARY) hidden = kind == FRAME_LIBRARY;
    if (!hidden) luaL_addlstring(&b, line, size);
    any = any || (!hidden && !begins(line, size, "\t[C]: in ?"));
    line += size;
  }
  luaL_pushresult(&b);
  if (!any) { /* the program's own main function alone says nothing */
    lua_pop(L, 1);
    lua_pushlstring(L, text, (size_t)(frames - text) - strlen("\nstack traceback:\n"));
  }
  lua_remove(L, -2);
}

static bool shows_all(void) {
  const char *wish = getenv("MOONLAB_TRACEBACK");
  return wish && strcmp(wish, "full") == 0;
}

void traceback_last(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &last_key); }

void traceback_message(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (lua_type(L, index) == LUA_TTABLE) {
    lua_pushliteral(L, "message");
    if (lua_rawget(L, index) == LUA_TSTRING) return;
    lua_pop(L, 1);
  }
  if (lua_isstring(L, index)) {
    lua_pushvalue(L, index);
    lua_tostring(L, -1);
  } else if (!luaL_callmeta(L, index, "__tostring") || lua_type(L, -1) != LUA_TSTRING) {
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, index));
  }
}

static bool is_plain(lua_State *L, int index) {
  if (lua_isstring(L, index)) return true;
  if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

static bool has_message(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  lua_pushliteral(L, "message");
  bool has = lua_rawget(L, index) == LUA_TSTRING;
  lua_pop(L, 1);
  return has;
}

int traceback_handler(lua_State *L) {
  traceback_message(L, 1);
  luaL_traceback(L, L, lua_tostring(L, -1), 1);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &last_key);
  if (has_message(L, 1)) {
    lua_pushvalue(L, 1);
  } else if (!is_plain(L, 1)) {
    lua_pushvalue(L, -2); /* an error object that can say what it is gets no traceback, as in stock lua */
  } else if (!shows_all()) {
    traceback_filter(L);
  }
  return 1;
}
