/* What may follow the text before the cursor. No __index function is called for it. */
#ifndef REPL_COMPLETE_H
#define REPL_COMPLETE_H

#include "lua.h"

/* Finds the words that `text`, such as "ml.nn.Lin" or "x:ma", may become. Never raises. */
void complete_find(lua_State *L, const char *text);

/* The i-th (from 1) of what was found last, sorted; NULL behind the last. */
const char *complete_match(lua_State *L, int i);

#endif
