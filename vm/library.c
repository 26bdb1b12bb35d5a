/* require "moonlab.vm"; for the library's own modules, closed to recipes.
 *
 *   isatty([fd]) columns([fd]) utf8() color([fd])     fd: 0, 1 or 2; 1 when not given
 *   clock()                  seconds, monotonic
 *   hold(on)                 signals wait until the loop asks for them (a second one doesn't)
 *   interrupted()            the signal that waits, "INT", "TERM" or "HUP", or false; asking clears it
 *   load_recipe(path)        -> chunk, source, modules; see sandbox.h
 *   read_key()               -> the next key that is pressed; see keys.h
 *   ordered(t)               pairs in an order that does not depend on chance; see ordered.h
 *   threads([n])             how many there are; sets them first when n is given
 *   workers(n, f)            copies of this process that work beside it; see workers.h
 *   mkdir, exists, ...       see files.c */

#include "vm/library.h"

#include <signal.h>
#include <time.h>

#include "lauxlib.h"
#include "tensor/parallel.h"
#include "vm/files.h"
#include "vm/interrupt.h"
#include "vm/keys.h"
#include "vm/ordered.h"
#include "vm/sandbox.h"
#include "vm/terminal.h"
#include "vm/workers.h"

static int stream_of(lua_State *L) {
  lua_Integer fd = luaL_optinteger(L, 1, 1);
  luaL_argcheck(L, fd >= 0 && fd <= 2, 1, "0, 1 or 2 expected");
  return (int)fd;
}

static int l_isatty(lua_State *L) {
  lua_pushboolean(L, terminal_is_tty(stream_of(L)));
  return 1;
}

static int l_columns(lua_State *L) {
  lua_pushinteger(L, terminal_columns(stream_of(L)));
  return 1;
}

static int l_utf8(lua_State *L) {
  lua_pushboolean(L, terminal_utf8());
  return 1;
}

static int l_color(lua_State *L) {
  lua_pushboolean(L, terminal_color(stream_of(L)));
  return 1;
}

static int l_clock(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + 1e-9 * (lua_Number)now.tv_nsec);
  return 1;
}

static int l_hold(lua_State *L) {
  interrupt_hold(lua_toboolean(L, 1));
  return 0;
}

static int l_interrupted(lua_State *L) {
  int sig = interrupt_take();
  if (sig)
    lua_pushstring(L, sig == SIGTERM ? "TERM" : sig == SIGHUP ? "HUP" : "INT");
  else
    lua_pushboolean(L, 0);
  return 1;
}

static int l_threads(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) {
    lua_Integer n = luaL_checkinteger(L, 1);
    luaL_argcheck(L, n >= 1 && n <= 64, 1, "1 to 64 expected");
    ml_threads_set((int)n);
  }
  lua_pushinteger(L, ml_threads());
  return 1;
}

int library_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"isatty", l_isatty},
      {"columns", l_columns},
      {"utf8", l_utf8},
      {"color", l_color},
      {"clock", l_clock},
      {"hold", l_hold},
      {"interrupted", l_interrupted},
      {"threads", l_threads},
      {"load_recipe", sandbox_load_recipe},
      {"read_key", keys_read},
      {"ordered", ordered_pairs},
      {"workers", workers_make},
      {NULL, NULL},
  };
  luaL_newlib(L, functions);
  files_register(L);
  workers_register(L);
  return 1;
}
