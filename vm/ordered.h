/* pairs and next that go through a table in an order that does not depend on chance. */
#ifndef VM_ORDERED_H
#define VM_ORDERED_H

#include "lua.h"

/* Numbers in order, then strings by their bytes, then the rest as they come. */
int ordered_pairs(lua_State *L);
int ordered_next(lua_State *L);

/* Takes the table at `index` and pushes the list of its keys in that order. Returns how many there are. */
lua_Integer ordered_keys(lua_State *L, int index);

#endif
