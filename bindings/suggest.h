/* The nearest right name. */
#ifndef ML_SUGGEST_H
#define ML_SUGGEST_H

#include <lua.h>

/* The name with the fewest edits from `wrong`, if they are few enough to be meant; NULL otherwise. Ends with NULL. */
const char *ml_nearest(const char *wrong, const char *const *names);

/* Raises "name: unknown option 'lrr'; did you mean 'lr'?". key NULL: the key is not a string. */
int ml_unknown_option(lua_State *L, const char *name, const char *key, const char *const *known);

#endif
