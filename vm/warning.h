/* warn(): as in stock lua, off until warn("@on"). */
#ifndef VM_WARNING_H
#define VM_WARNING_H

#include <lua.h>

void warning_install(lua_State *L);

#endif
