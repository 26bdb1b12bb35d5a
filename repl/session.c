/* How locals survive their chunk.
 *
 * A chunk that uses kept locals a and b, or declares a local c, is compiled as
 *
 *     local a, b; return function(...) CHUNK
 *     return MARK, function() return c end
 *     end
 *
 * The upvalues a and b of the inner function are then joined to the kept cells. The function that comes back beside the
 * mark is never called: its upvalue is c's cell, found by its name. When a chunk ends by an error or ^C, the values of
 * its top-level locals are read from the stack instead. The text is first compiled as it stands, so that messages are
 * about what was typed. */

#include "repl/session.h"

#include <string.h>

#include "lauxlib.h"
#include "repl/lexer.h"

#define MARK "\1moonlab.locals"

/* Registry: name -> {a closure, the number of its upvalue}; declared names of the chunk that runs; its function; its
 * locals when it failed. */
static const char cells_key = 0, declared_key = 0, running_key = 0, rescued_key = 0;

static void push_table(lua_State *L, const char *key) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void session_push_names(lua_State *L) { push_table(L, &cells_key); }

bool session_push_local(lua_State *L, const char *name) {
  push_table(L, &cells_key);
  if (lua_getfield(L, -1, name) != LUA_TTABLE) {
    lua_pop(L, 2);
    return false;
  }
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  lua_getupvalue(L, -2, (int)lua_tointeger(L, -1));
  lua_replace(L, -5);
  lua_pop(L, 3);
  return true;
}

/* Keeps upvalue n of the closure at the top as `name`. */
static void keep_cell(lua_State *L, const char *name, int n) {
  push_table(L, &cells_key);
  lua_createtable(L, 2, 0);
  lua_pushvalue(L, -3);
  lua_rawseti(L, -2, 1);
  lua_pushinteger(L, n);
  lua_rawseti(L, -2, 2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* Compiling ----------------------------------------------------------------------------------------------------------
 */

/* Reads the names of a `local` statement, which l has just found, into the table at the top. An attribute <const> is
 * blanked in `text` (a copy of the chunk): a compile-time constant has no cell. */
static void declare(lua_State *L, lexer *l, const char *chunk, char *text) {
  lexer_next(l);
  bool function = lexer_is(l, "function");
  if (function) lexer_next(l);
  while (l->kind == LEXER_NAME) {
    lua_pushlstring(L, l->token, l->size);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lexer ahead = *l;
    lexer_next(&ahead);
    if (!function && lexer_is(&ahead, "<")) {
      size_t begin = (size_t)(ahead.token - chunk);
      lexer_next(&ahead);
      bool constant = lexer_is(&ahead, "const");
      lexer_next(&ahead);
      if (constant) memset(text + begin, ' ', (size_t)(ahead.text - chunk) - begin);
      *l = ahead;
      lexer_next(&ahead);
    }
    if (function || !lexer_is(&ahead, ",")) return;
    *l = ahead;
    lexer_next(l);
  }
}

static int opens_block(const lexer *l) {
  if (lexer_is(l, "do") || lexer_is(l, "if") || lexer_is(l, "function") || lexer_is(l, "repeat")) return 1;
  return lexer_is(l, "end") || lexer_is(l, "until") ? -1 : 0;
}

/* Pushes a table of the kept locals that the chunk names, and one of those that it declares at its top level. */
static void scan(lua_State *L, const char *chunk, size_t size, char *text) {
  lexer l = lexer_start(chunk, size);
  int depth = 0;
  lua_newtable(L);
  lua_newtable(L);
  while (lexer_next(&l) != LEXER_END) {
    depth += opens_block(&l);
    if (depth == 0 && lexer_is(&l, "local")) {
      lexer ahead = l;
      lexer_next(&ahead);
      depth += lexer_is(&ahead, "function");
      declare(L, &l, chunk, text);
    }
  }
  push_table(L, &cells_key);
  for (l = lexer_start(chunk, size); lexer_next(&l) != LEXER_END;) {
    if (l.kind != LEXER_NAME) continue;
    lua_pushlstring(L, l.token, l.size);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) == LUA_TTABLE) {
      lua_pop(L, 1);
      lua_pushboolean(L, 1);
      lua_rawset(L, -5);
    } else {
      lua_pop(L, 2);
    }
  }
  lua_pop(L, 1);
}

/* Pushes "a, b" of the names in the table at `names`; "" when there are none. */
static void push_list(lua_State *L, int names) {
  luaL_Buffer b;
  bool any = false;
  lua_newtable(L);
  int list = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, names);) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
  }
  luaL_buffinit(L, &b);
  for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, list); i++) {
    if (any) luaL_addstring(&b, ", ");
    any = true;
    lua_rawgeti(L, list, i);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  lua_remove(L, list);
}

static int load(lua_State *L, const char *text) {
  return luaL_loadbufferx(L, text, strlen(text), "=" SESSION_CHUNK, "t");
}

/* Replaces the loader of a wrapped chunk at the top by the chunk's function, with the kept cells as its upvalues. */
static void join(lua_State *L) {
  lua_call(L, 0, 1);
  push_table(L, &cells_key);
  const char *name;
  for (int i = 1; (name = lua_getupvalue(L, -2, i)) != NULL; i++) {
    lua_pop(L, 1);
    if (lua_getfield(L, -1, name) == LUA_TTABLE) {
      lua_rawgeti(L, -1, 1);
      lua_rawgeti(L, -2, 2);
      lua_upvaluejoin(L, -5, i, -2, (int)lua_tointeger(L, -1));
      lua_pop(L, 2);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* The function of the chunk as it stands is at the top; replaces it by the one that knows the session's locals. A chunk
 * that ends in `return` has no place for the mark, and is wrapped without it. */
static void wrap(lua_State *L, const char *prefix, const char *chunk, size_t size) {
  int plain = lua_gettop(L);
  char *text = lua_newuserdatauv(L, size + 1, 0);
  memcpy(text, chunk, size);
  text[size] = '\0';
  scan(L, chunk, size, text);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &declared_key);
  push_list(L, plain + 2);
  push_list(L, plain + 3);
  const char *used = lua_tostring(L, -2), *declared = lua_tostring(L, -1);
  if (*used || *declared) {
    const char *head =
        lua_pushfstring(L, "%s%s%sreturn function(...) %s", *used ? "local " : "", used, *used ? "; " : "", prefix);
    const char *tail = lua_pushfstring(L, "\nreturn '%s', function() return %s end\nend", MARK, declared);
    int status = LUA_ERRSYNTAX;
    if (*declared) status = load(L, lua_pushfstring(L, "%s%s%s", head, text, tail));
    if (status != LUA_OK) status = load(L, lua_pushfstring(L, "%s%s\nend", head, text));
    if (status == LUA_OK) {
      join(L);
      lua_replace(L, plain);
    }
  }
  lua_settop(L, plain);
}

bool session_incomplete(lua_State *L, int status) {
  size_t size;
  if (status != LUA_ERRSYNTAX) return false;
  const char *message = lua_tolstring(L, -1, &size);
  return size >= 5 && strcmp(message + size - 5, "<eof>") == 0;
}

/* Compiles prefix + text as it stands and wraps it. Pushes the function or the message. */
static int compile(lua_State *L, const char *prefix, const char *text, size_t size) {
  size_t total;
  lua_pushstring(L, prefix);
  lua_pushlstring(L, text, size);
  lua_concat(L, 2);
  const char *chunk = lua_tolstring(L, -1, &total);
  int status = luaL_loadbufferx(L, chunk, total, "=" SESSION_CHUNK, "t");
  lua_remove(L, -2);
  if (status == LUA_OK) wrap(L, prefix, text, size);
  return status;
}

/* An expression, else statements. What is neither yet, but may become an expression, such as "{", is incomplete. */
int session_compile(lua_State *L, const char *text, size_t size) {
  int status = compile(L, "return ", text, size);
  if (status == LUA_OK) return status;
  bool begun = session_incomplete(L, status);
  status = compile(L, "", text, size);
  if (status == LUA_OK || !begun)
    lua_remove(L, -2);
  else
    lua_pop(L, 1);
  return status;
}

/* Running ------------------------------------------------------------------------------------------------------------
 */

void session_rescue(lua_State *L) {
  lua_Debug ar;
  const char *name;
  if (!lua_checkstack(L, 12)) return;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &running_key);
  int running = lua_gettop(L);
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "f", &ar);
    bool found = lua_rawequal(L, -1, running);
    lua_pop(L, 1);
    if (!found) continue;
    push_table(L, &declared_key);
    lua_newtable(L);
    for (int i = 1; (name = lua_getlocal(L, &ar, i)) != NULL; i++) {
      bool declared = lua_getfield(L, -3, name) == LUA_TBOOLEAN;
      bool known = lua_getfield(L, -3, name) != LUA_TNIL;
      lua_pop(L, 2);
      if (declared && !known)
        lua_setfield(L, -2, name);
      else
        lua_pop(L, 1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &rescued_key);
    lua_pop(L, 1);
    break;
  }
  lua_settop(L, running - 1);
}

/* Keeps what was rescued: a closure is made for each value, as a cell to live in. */
static void keep_rescued(lua_State *L) {
  push_table(L, &rescued_key);
  for (lua_pushnil(L); lua_next(L, -2);) {
    const char *name = lua_tostring(L, -2);
    lua_pushfstring(L, "local %s = ...; return function() return %s end", name, name);
    if (load(L, lua_tostring(L, -1)) == LUA_OK) {
      lua_pushvalue(L, -3);
      lua_call(L, 1, 1);
      keep_cell(L, name, 1);
    }
    lua_pop(L, 3);
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &rescued_key);
}

/* If the results from `first` on are the mark and its function, takes the cells and drops both. */
static void keep_captured(lua_State *L, int first) {
  if (lua_gettop(L) != first + 1 || lua_type(L, first) != LUA_TSTRING) return;
  if (strcmp(lua_tostring(L, first), MARK) != 0) return;
  const char *name;
  for (int i = 1; (name = lua_getupvalue(L, -1, i)) != NULL; i++) {
    lua_pop(L, 1);
    if (strcmp(name, "_ENV") != 0) keep_cell(L, name, i);
  }
  lua_settop(L, first - 1);
}

int session_run(lua_State *L, lua_CFunction handler) {
  int function = lua_gettop(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &running_key);
  lua_pushcfunction(L, handler);
  lua_insert(L, function);
  int status = lua_pcall(L, 0, LUA_MULTRET, function);
  lua_remove(L, function);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &running_key);
  if (status == LUA_OK)
    keep_captured(L, function);
  else
    keep_rescued(L);
  return status;
}
