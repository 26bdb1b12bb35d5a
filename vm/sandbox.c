/* A recipe comes from a stranger. Its chunk gets globals of its own, copied from an allow-list; it can't open files,
 * run programs, load bytecode or C, or change a table that the library uses. What it `require`s is the library, or a
 * file in its own folder, which is confined in the same way. The library's modules keep the real globals: they write
 * the run folder. */

#include "vm/sandbox.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "vm/files.h"
#include "vm/ordered.h"
#include "vm/status.h"

static const char *const base_names[] = {
    "assert",       "error",        "ipairs",   "pcall",    "print", "rawequal", "rawget", "rawlen", "rawset", "select",
    "setmetatable", "getmetatable", "tonumber", "tostring", "type",  "_VERSION", "xpcall", "warn",   NULL,
};
static const char *const string_names[] = {
    "byte", "char", "find",    "format", "gmatch",   "gsub",  "len",    "lower", "match",
    "pack", "rep",  "reverse", "sub",    "packsize", "upper", "unpack", NULL,
};
static const char *const table_names[] = {"concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL};
static const char *const math_names[] = {
    "abs",        "acos", "asin", "atan",       "ceil",      "cos",        "deg",  "exp", "floor", "fmod",
    "huge",       "log",  "max",  "maxinteger", "min",       "mininteger", "modf", "pi",  "rad",   "random",
    "randomseed", "sin",  "sqrt", "tan",        "tointeger", "type",       "ult",  NULL,
};
static const char *const utf8_names[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};
static const char *const coroutine_names[] = {"close",  "create", "isyieldable", "resume", "running",
                                              "status", "wrap",   "yield",       NULL};
static const char *const os_names[] = {"clock", "date", "difftime", "time", NULL};
static const char *const io_names[] = {"stderr", "stdout", "write", NULL};

/* Modules of the library that reach the system; a recipe has no use for them. */
static const char *const closed_modules[] = {"moonlab.vm", "moonlab.core", "moonlab.command", NULL};

/* What stock Lua has and a recipe has not: said by name, since "attempt to call a nil value" does not say why. */
static const char *const closed_globals[] = {"debug", "dofile", "loadfile", "package", NULL};

static bool listed(const char *const *names, const char *name) {
  for (; *names; names++)
    if (strcmp(*names, name) == 0) return true;
  return false;
}

static int fail(lua_State *L, int status, const char *message) {
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, status);
  lua_setfield(L, -2, "status");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  if (luaL_newmetatable(L, "moonlab.failure")) {
    luaL_loadstring(L, "return function(e) return e.message end");
    lua_call(L, 0, 1);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
  return lua_error(L);
}

/* Upvalue: the library's name, or nil for the globals. */
static int missing(lua_State *L) {
  const char *name = lua_tostring(L, 2), *library = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  if (!library && listed(closed_globals, name)) return luaL_error(L, "'%s' is not there in a recipe", name);
  if (!library) return 0;
  return luaL_error(L, "'%s.%s' is not there in a recipe", library, name);
}

/* Gives the table at the top an __index that says what is missing. */
static void guard(lua_State *L, const char *library) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, library);
  lua_pushcclosure(L, missing, 1);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "closed");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

/* Copies fields of the table at the top into the one below it. */
static void copy(lua_State *L, const char *const *names) {
  for (; *names; names++) {
    lua_getfield(L, -1, *names);
    lua_setfield(L, -3, *names);
  }
}

/* Sets a copy of a library in the environment at the top. */
static void add_library(lua_State *L, const char *name, const char *const *names, bool guarded) {
  lua_newtable(L);
  lua_getglobal(L, name);
  copy(L, names);
  lua_pop(L, 1);
  if (guarded) guard(L, name);
  lua_setfield(L, -2, name);
}

/* load(chunk [, name [, mode [, env]]]): text only, and the recipe's globals unless it gives others. Upvalue: those. */
static int restricted_load(lua_State *L) {
  bool own = lua_gettop(L) >= 4;
  lua_settop(L, 4);
  if (!own) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_replace(L, 4);
  }
  lua_pushliteral(L, "t");
  lua_replace(L, 3);
  lua_getglobal(L, "load");
  lua_insert(L, 1);
  lua_call(L, 4, LUA_MULTRET);
  return lua_gettop(L);
}

static int restricted_collectgarbage(lua_State *L) {
  const char *what = luaL_optstring(L, 1, "collect");
  if (strcmp(what, "count") == 0) {
    lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT) + lua_gc(L, LUA_GCCOUNTB) / 1024.0);
  } else if (strcmp(what, "collect") == 0) {
    lua_pushinteger(L, lua_gc(L, LUA_GCCOLLECT));
  } else {
    return luaL_error(L, "collectgarbage: only \"collect\" and \"count\" are there in a recipe");
  }
  return 1;
}

/* Compiles the source at the top as text with the environment at `environment`; replaces it by the function. Lua's own
 * loader skips a first line that begins with '#', which keeps its newline here so that line numbers stay. */
static int compile(lua_State *L, const char *path, int environment) {
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, size -= 3;
  if (size > 0 && text[0] == '#') {
    const char *newline = memchr(text, '\n', size);
    size = newline ? size - (size_t)(newline - text) : 0;
    if (newline) text = newline;
  }
  const char *chunk = lua_pushfstring(L, "@%s", path);
  int status = luaL_loadbufferx(L, text, size, chunk, "t");
  if (status == LUA_OK) {
    lua_pushvalue(L, environment);
    lua_setupvalue(L, -2, 1);
  }
  lua_replace(L, -3);
  lua_pop(L, 1);
  return status;
}

/* A module's name becomes a path only when nothing in it can lead out of the folder. */
static bool is_module_name(const char *name) {
  if (!*name || *name == '.') return false;
  for (const char *c = name; *c; c++) {
    if (*c == '.' ? c[1] == '.' || c[1] == '\0' : !isalnum((unsigned char)*c) && *c != '_' && *c != '-') return false;
  }
  return true;
}

/* Is `path` below `folder` once links are resolved? */
static bool is_below(const char *path, const char *folder) {
  char real_path[PATH_MAX], real_folder[PATH_MAX];
  if (!realpath(path, real_path) || !realpath(folder, real_folder)) return false;
  size_t n = strlen(real_folder);
  if (n == 1) n = 0; /* the root */
  return strncmp(real_path, real_folder, n) == 0 && real_path[n] == '/';
}

enum { UPVALUE_ENVIRONMENT = 1, UPVALUE_LOADED, UPVALUE_MODULES, UPVALUE_FOLDER };

/* Pushes the path of the recipe's own module `name`, or raises. */
static const char *own_module(lua_State *L, const char *name) {
  const char *folder = lua_tostring(L, lua_upvalueindex(UPVALUE_FOLDER));
  if (!is_module_name(name)) luaL_error(L, "require: '%s' is not the name of a module", name);
  const char *file = luaL_gsub(L, name, ".", "/");
  const char *path = lua_pushfstring(L, "%s/%s.lua", folder, file);
  if (!is_below(path, folder)) path = lua_pushfstring(L, "%s/%s/init.lua", folder, file);
  if (!is_below(path, folder))
    luaL_error(L, "require: no module '%s' in the library or in the recipe's folder (%s)", name, folder);
  return path;
}

static void note_module(lua_State *L, const char *name, const char *path, int source) {
  lua_createtable(L, 0, 3);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, path);
  lua_setfield(L, -2, "path");
  lua_pushvalue(L, source);
  lua_setfield(L, -2, "source");
  lua_rawseti(L, lua_upvalueindex(UPVALUE_MODULES), (lua_Integer)lua_rawlen(L, lua_upvalueindex(UPVALUE_MODULES)) + 1);
}

static int restricted_require(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (listed(closed_modules, name)) return luaL_error(L, "'%s' is not there in a recipe", name);
  if (strcmp(name, "moonlab") == 0 || strncmp(name, "moonlab.", 8) == 0) {
    lua_getglobal(L, "require");
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
  }
  if (lua_getfield(L, lua_upvalueindex(UPVALUE_LOADED), name) != LUA_TNIL) return 1;
  const char *path = own_module(L, name);
  if (!files_read(L, path)) return luaL_error(L, "require: %s", lua_tostring(L, -1));
  note_module(L, name, path, lua_gettop(L));
  lua_pushvalue(L, lua_upvalueindex(UPVALUE_ENVIRONMENT));
  lua_insert(L, -2);
  if (compile(L, path, lua_gettop(L) - 1) != LUA_OK) return luaL_error(L, "%s", lua_tostring(L, -1));
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, lua_upvalueindex(UPVALUE_LOADED), name);
  return 1;
}

/* Pushes the environment of a recipe, then the list that its modules are noted in. */
static void push_environment(lua_State *L, const char *path) {
  lua_newtable(L);
  int environment = lua_gettop(L);
  lua_pushglobaltable(L);
  copy(L, base_names);
  lua_pop(L, 1);
  add_library(L, LUA_STRLIBNAME, string_names, false);
  add_library(L, LUA_TABLIBNAME, table_names, false);
  add_library(L, LUA_MATHLIBNAME, math_names, false);
  add_library(L, LUA_UTF8LIBNAME, utf8_names, false);
  add_library(L, LUA_COLIBNAME, coroutine_names, false);
  add_library(L, LUA_OSLIBNAME, os_names, true);
  add_library(L, LUA_IOLIBNAME, io_names, true);
  lua_pushcfunction(L, ordered_pairs);
  lua_setfield(L, environment, "pairs");
  lua_pushcfunction(L, ordered_next);
  lua_setfield(L, environment, "next");
  lua_pushcfunction(L, restricted_collectgarbage);
  lua_setfield(L, environment, "collectgarbage");
  lua_pushvalue(L, environment);
  lua_pushcclosure(L, restricted_load, 1);
  lua_setfield(L, environment, "load");
  lua_pushvalue(L, environment);
  lua_setfield(L, environment, "_G");
  lua_newtable(L); /* the modules */
  lua_pushvalue(L, environment);
  lua_newtable(L);
  lua_pushvalue(L, -3);
  const char *slash = strrchr(path, '/');
  if (slash)
    lua_pushlstring(L, path, slash == path ? 1 : (size_t)(slash - path));
  else
    lua_pushliteral(L, ".");
  lua_pushcclosure(L, restricted_require, 4);
  lua_setfield(L, environment, "require");
  lua_pushvalue(L, environment);
  guard(L, NULL);
  lua_pop(L, 1);
}

int sandbox_load_recipe(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  push_environment(L, path);
  if (!files_read(L, path)) return fail(L, STATUS_DATA, lua_tostring(L, -1));
  lua_pushvalue(L, -1);
  if (compile(L, path, 2) != LUA_OK) return fail(L, STATUS_SCRIPT, lua_tostring(L, -1));
  lua_insert(L, -2);
  lua_pushvalue(L, 3);
  return 3;
}

void sandbox_prepare(lua_State *L) {
  lua_getglobal(L, LUA_STRLIBNAME);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  lua_pop(L, 1);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushliteral(L, "string");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  lua_getglobal(L, LUA_MATHLIBNAME);
  lua_getfield(L, -1, "randomseed");
  lua_pushinteger(L, 0);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
}
