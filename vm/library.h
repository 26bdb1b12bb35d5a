/* The module "moonlab.vm": the system as the Lua library sees it. */
#ifndef VM_LIBRARY_H
#define VM_LIBRARY_H

#include "lua.h"

int library_open(lua_State *L);

#endif
