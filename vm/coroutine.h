/* coroutine.resume and coroutine.wrap that tell the interrupt which coroutine runs. */
#ifndef VM_COROUTINE_H
#define VM_COROUTINE_H

#include "lua.h"

void coroutine_install(lua_State *L);

#endif
