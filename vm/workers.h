/* Processes that work beside this one: copies of it, each with the Lua state as it stands, that take tasks and give answers as
 * strings. What a task changes in its copy does not come back. */
#ifndef VM_WORKERS_H
#define VM_WORKERS_H

#include "lua.h"

/* workers(n, f) -> a team of n copies of this process, each of which answers a task with f(task) -> string. An error that leaves f
 * ends its copy: f has to catch what it means to report.
 *
 *   team:send(i, task)        gives worker i its next task; it must be idle
 *   team:receive()            waits -> i, the answer; i, nil, "killed by signal 9" where a worker has ended instead
 *   team:close()              ends the idle ones and kills those that work; also when the team is collected or goes out of scope
 *
 * A copy dies with its parent. ^C reaches all of them, as a terminal sends it to the whole group. */
int workers_make(lua_State *L);

void workers_register(lua_State *L); /* once, before the first is made */

#endif
