/* The terminal's read, evaluate, print loop. */
#ifndef REPL_REPL_H
#define REPL_REPL_H

#include <stdbool.h>

#include "lua.h"

/* Returns the exit status when the input ends. */
int repl_run(lua_State *L, bool quiet);

/* Runs one chunk and shows its values or its error. Returns Lua's status. */
int repl_evaluate(lua_State *L, const char *text);

#endif
