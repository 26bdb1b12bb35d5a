/* Lines of the REPL that are no Lua: %who, ?name. */
#ifndef REPL_MAGIC_H
#define REPL_MAGIC_H

#include <stdbool.h>

#include "lua.h"

bool magic_is(const char *line);
void magic_run(lua_State *L, const char *line);

/* Notes the globals that are there before the user makes some. */
void magic_start(lua_State *L);

#endif
