/* What an error shows: the user's own frames. */
#ifndef VM_TRACEBACK_H
#define VM_TRACEBACK_H

#include "lua.h"

/* Message handler for lua_pcall, as in stock lua, but frames of the library are left out
 * unless MOONLAB_TRACEBACK=full. The whole traceback is kept
 * for traceback_last. An error table with a string in `message` stays as it is: it has a `status` for the exit. */
int traceback_handler(lua_State *L);

/* Replaces the string at the top by its lines without those of the library and the C functions that it called. */
void traceback_filter(lua_State *L);

/* Pushes the whole traceback of the last error, or nil. */
void traceback_last(lua_State *L);

/* Pushes what is to be said of the error value at `index`. Its __tostring is called as in stock lua. */
void traceback_message(lua_State *L, int index);

#endif
