/* How the REPL shows values. */
#ifndef REPL_PRINT_H
#define REPL_PRINT_H

#include "lua.h"

/* Pushes the text of the value at `index`, without a newline at its end: strings quoted, tables with sorted keys and
 * cut where they are long, deep or cyclic, everything else by its __tostring. Lines fit into `columns` where they can.
 * Raises what a
 * __tostring raises. */
void print_push(lua_State *L, int index, int columns);

/* Pushes one short line about the value. */
void print_push_line(lua_State *L, int index, int columns);

#endif
