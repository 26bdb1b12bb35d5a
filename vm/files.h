/* Files and folders: what the Lua library needs and stock Lua lacks. */
#ifndef VM_FILES_H
#define VM_FILES_H

#include <stdbool.h>

#include "lua.h"

/* Pushes the text of a regular file and returns true, or pushes "path: No such file or directory" and returns false. */
bool files_read(lua_State *L, const char *path);

/* Adds mkdir, exists, listdir, write_atomic, ... to the table at the top. */
void files_register(lua_State *L);

#endif
