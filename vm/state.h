/* A Lua state as Moonlab uses it. */
#ifndef VM_STATE_H
#define VM_STATE_H

#include "lua.h"

/* A module written in C: opened when it is first required. `main` hands those of the bindings over. */
typedef struct vm_opener {
  const char *name;
  lua_CFunction open;
} vm_opener;

/* The standard libraries, coroutines that ^C reaches, the Lua library's searcher, and the openers up to one whose name
 * is NULL. Nothing of Moonlab is run: starting stays cheap. Raises; call it inside a protected call. */
void state_open(lua_State *L, const vm_opener *openers);

#endif
