/* The stock coroutine library sets no trace of which coroutine runs, and a hook belongs to one coroutine: ^C would not
 * stop a loop inside one. These two functions are the stock ones (lcorolib.c of Lua 5.4), and note it. */

#include "vm/coroutine.h"

#include <stdbool.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "vm/interrupt.h"

/* Returns the number of results, which are on L's stack, or -1 with the error there. */
static int resume(lua_State *L, lua_State *co, int arguments) {
  int results;
  if (!lua_checkstack(co, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, arguments);
  lua_State *before = interrupt_running(co);
  int status = lua_resume(co, L, arguments, &results);
  interrupt_running(before);
  interrupt_resumed(L);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, results);
  return results;
}

static int coroutine_resume(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  int results = resume(L, co, lua_gettop(L) - 1);
  lua_pushboolean(L, results >= 0);
  if (results < 0) results = 1;
  lua_insert(L, -(results + 1));
  return results + 1;
}

static int wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int results = resume(L, co, lua_gettop(L));
  if (results >= 0) return results;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) { /* an error inside: close its pending variables */
    status = lua_resetthread(co);
    lua_xmove(co, L, 1); /* the error, or one of closing */
  }
  bool interrupt = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), INTERRUPT_MESSAGE) == 0;
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING && !interrupt) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int coroutine_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

void coroutine_install(lua_State *L) {
  lua_getglobal(L, LUA_COLIBNAME);
  lua_pushcfunction(L, coroutine_resume);
  lua_setfield(L, -2, "resume");
  lua_pushcfunction(L, coroutine_wrap);
  lua_setfield(L, -2, "wrap");
  lua_pop(L, 1);
}
