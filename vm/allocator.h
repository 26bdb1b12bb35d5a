/* The memory of a Lua state. Small objects come from free lists by size, which is a third of the time of malloc for the many
 * boxes that a training step makes and drops. */
#ifndef VM_ALLOCATOR_H
#define VM_ALLOCATOR_H

#include <lua.h>

/* A state on memory of its own; NULL when there is none. Without libraries: see state.h. */
lua_State *allocator_new_state(void);
/* Closes the state and gives all its memory back. */
void allocator_close_state(lua_State *L);

#endif
