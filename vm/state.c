/* Opens a Lua state: libraries, module search, collector. */

#include "vm/state.h"

#include "lauxlib.h"
#include "lualib.h"
#include "vm/coroutine.h"
#include "vm/library.h"
#include "vm/modules.h"
#include "vm/warning.h"

void state_open(lua_State *L, const vm_opener *openers) {
  /* Generational mode lets promoted tensors linger; the bindings pace the incremental one by tensor bytes. */
  lua_gc(L, LUA_GCSTOP);
  luaL_openlibs(L);
  warning_install(L);
  coroutine_install(L);
  modules_install(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, library_open);
  lua_setfield(L, -2, "moonlab.vm");
  for (const vm_opener *o = openers; o->name; o++) {
    lua_pushcfunction(L, o->open);
    lua_setfield(L, -2, o->name);
  }
  lua_pop(L, 1);
  lua_gc(L, LUA_GCRESTART);
  lua_gc(L, LUA_GCINC, 0, 0, 0);
}
