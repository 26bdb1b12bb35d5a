/* The globals that the REPL has from the start: ml, nn, data. They are loaded when they are first touched. */
#ifndef REPL_LAZY_H
#define REPL_LAZY_H

#include <stdbool.h>

#include "lua.h"

void lazy_install(lua_State *L);

extern const char *const lazy_names[]; /* ends with NULL */

/* Loads the global `name` if it is one of these, and pushes it. Raises what require raises. */
bool lazy_push(lua_State *L, const char *name);

#endif
