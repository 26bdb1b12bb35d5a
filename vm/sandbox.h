/* What a recipe may touch. */
#ifndef VM_SANDBOX_H
#define VM_SANDBOX_H

#include "lua.h"

/* Makes a fresh state one for recipes: no bytecode can be made, the string metatable is closed, math.random is the same
 * in each run. The globals stay the real ones: they are those of the library's modules, which is trusted. */
void sandbox_prepare(lua_State *L);

/* load_recipe(path) -> chunk, source, modules
 * The chunk sees the allow-list of this file as its globals. `modules` fills up with {name =, path =, source =} of each
 * file that the recipe requires from its own folder. Raises {status =, message =}. */
int sandbox_load_recipe(lua_State *L);

#endif
