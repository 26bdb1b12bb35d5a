/* Finds "moonlab" and "moonlab.*" inside the binary, or below MOONLAB_LUA while developing. */

#include "vm/modules.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lauxlib.h"
#include "lualib.h"
#include "vm/files.h"

static const vm_module *find(const char *name) {
  for (const vm_module *m = vm_modules; m->name; m++)
    if (strcmp(m->name, name) == 0) return m;
  return NULL;
}

/* A damaged library is an error of the search itself, as for package.searchers of stock Lua. */
static int loaded(lua_State *L, int status, const char *chunk) {
  if (status != LUA_OK)
    return luaL_error(L, "error loading module '%s':\n\t%s", lua_tostring(L, 1), lua_tostring(L, -1));
  lua_pushstring(L, chunk + 1);
  return 2;
}

/* Reads the module from a folder, under the chunk name that the embedded one has: messages don't depend on the place.
 * Returns 0 when there is no such file. */
static int search_folder(lua_State *L, const char *folder) {
  static const char *const suffixes[] = {".lua", "/init.lua"};
  const char *path = luaL_gsub(L, lua_tostring(L, 1), ".", "/");
  for (int i = 0; i < 2; i++) {
    const char *file = lua_pushfstring(L, "%s/%s%s", folder, path, suffixes[i]);
    if (access(file, F_OK) != 0) continue;
    const char *chunk = lua_pushfstring(L, "@lua/%s%s", path, suffixes[i]);
    if (!files_read(L, file)) return luaL_error(L, "%s", lua_tostring(L, -1));
    size_t size;
    const char *text = lua_tolstring(L, -1, &size);
    return loaded(L, luaL_loadbufferx(L, text, size, chunk, "t"), chunk);
  }
  return 0;
}

/* The search ends here for the library's names: its modules are trusted, so none may come from the current folder. */
static int search(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  if (strncmp(name, "moonlab", 7) != 0 || (name[7] != '\0' && name[7] != '.')) return 0;
  const char *folder = getenv("MOONLAB_LUA");
  int results = folder && *folder ? search_folder(L, folder) : 0;
  if (results > 0) return results;
  const vm_module *m = find(name);
  if (!m) return luaL_error(L, "module '%s' not found: it is not in the library", name);
  return loaded(L, luaL_loadbufferx(L, m->source, m->size, m->chunk, "t"), m->chunk);
}

void modules_install(lua_State *L) {
  lua_getglobal(L, LUA_LOADLIBNAME);
  lua_getfield(L, -1, "searchers");
  for (lua_Integer i = luaL_len(L, -1); i >= 2; i--) {
    lua_geti(L, -1, i);
    lua_seti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search);
  lua_seti(L, -2, 2);
  lua_pop(L, 2);
}
