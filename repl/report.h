/* Calls that end in a message and an exit status. */
#ifndef REPL_REPORT_H
#define REPL_REPORT_H

#include "lua.h"

/* lua_pcall with the traceback handler; arguments above the function. Returns Lua's status, the error at the top. */
int report_call(lua_State *L, int arguments, int results);

/* Says the error at the top on stderr, as "moonlab: message", pops it, and gives the exit status it stands for.
 * `status` is Lua's: LUA_OK is 0 and says nothing. */
int report_error(lua_State *L, int status);

/* Library code says 130 for any interrupt: gives 128 + the signal that it was, and any other status as it is. */
int report_status(int status);

/* "moonlab: " and the message, on stderr. */
void report_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the process by the signal when `status` stands for one, so that a shell's loop stops too; returns it otherwise.
 */
int report_exit(int status);

#endif
