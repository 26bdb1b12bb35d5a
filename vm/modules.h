/* The Lua library inside the binary, and how `require` finds it. */
#ifndef VM_MODULES_H
#define VM_MODULES_H

#include <stddef.h>

#include "lua.h"

typedef struct vm_module {
  const char *name;   /* "moonlab.nn" */
  const char *chunk;  /* "@lua/moonlab/nn/init.lua" */
  const char *source; /* text */
  size_t size;
} vm_module;

/* Written by generator/embed.lua; ends with an entry whose name is NULL. */
extern const vm_module vm_modules[];

/* Every chunk of the library has a name that begins like this: tracebacks know its frames by it. */
#define VM_LIBRARY_PREFIX "lua/moonlab/"

/* Puts the library's searcher behind package.preload and before the files. With MOONLAB_LUA=dir set, a module is read
 * from that folder when it is there, so that an edited file counts without a build; generated modules are in the binary
 * only. */
void modules_install(lua_State *L);

#endif
