/* What the bindings of pictures share. */
#ifndef ML_MEDIA_BINDINGS_H
#define ML_MEDIA_BINDINGS_H

#include <lua.h>

#include "media/picture_list.h"

/* { channels =, size = {height, width}, whole =, fit =, max_pixels = } at an index, nil for none. */
ml_picture_list_options ml_lua_picture_options(lua_State *L, int index, const char *name);

/* The list of paths at an index into a userdata that is pushed. The list anchors the strings. */
const char **ml_lua_picture_paths(lua_State *L, int index, const char *name, lua_Integer *count);

#endif
