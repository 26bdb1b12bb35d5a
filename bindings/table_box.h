/* Tables of table/table.h on their way to Lua and back. */
#ifndef ML_TABLE_BOX_H
#define ML_TABLE_BOX_H

#include <lua.h>

#include "table/table.h"

/* Pushes an empty table that the collector owns: a reader fills it, ml_table_push takes it over. */
ml_table *ml_table_box_push(lua_State *L);

/* Pushes what Lua sees of the table in the box at `index`, and empties the box:
 *     { rows = n, { name =, type = "number", values = tensor, bytes =, ends =, missing = }, ... }
 * The library's Table (lua/moonlab/table) gives it methods. */
void ml_table_push(lua_State *L, int index);

/* The other way: borrows the tensors of the Lua table at `index` into a box that is pushed. `name` stands in messages. */
ml_table *ml_table_check(lua_State *L, int index, const char *name);

#endif
