/* Chunks of the REPL, and the locals that live from one to the next.
 *
 * A top-level `local x` is a real local, kept by the cell that its closures share: the next chunk gets that cell as an
 * upvalue, so a function from before and code from now see one variable. */
#ifndef REPL_SESSION_H
#define REPL_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "lua.h"

#define SESSION_CHUNK "stdin"

/* Pushes the function of a chunk, or the message of its syntax error. Returns Lua's status. */
int session_compile(lua_State *L, const char *text, size_t size);

/* Is the syntax error at the top one that more text can mend? */
bool session_incomplete(lua_State *L, int status);

/* Runs the function at the top with a handler, which must call session_rescue. On LUA_OK the results stand above where
 * the function was; else the error does. The locals at the chunk's end, or at the error, are kept. */
int session_run(lua_State *L, lua_CFunction handler);

/* In the handler of an error: notes the values of the chunk's declared locals that are alive, the first of a name. */
void session_rescue(lua_State *L);

/* Pushes the local's value, or nothing when there is none of that name. */
bool session_push_local(lua_State *L, const char *name);

/* Pushes a table with the locals' names as keys; it is not to be changed. */
void session_push_names(lua_State *L);

#endif
