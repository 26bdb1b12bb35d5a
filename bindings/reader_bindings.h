/* Readers of rows (table/records.h) as Lua userdata with schema, read and problems, whatever they read from. */
#ifndef ML_READER_BINDINGS_H
#define ML_READER_BINDINGS_H

#include <lua.h>
#include <lauxlib.h>

#include "table/records.h"

typedef struct ml_reader_kind {
  ml_status (*scan)(ml_context *c, void *reader);
  ml_status (*read)(ml_context *c, void *reader, int64_t max_rows, ml_table *out, bool *any);
  void (*close)(void *reader);
  const records *(*records)(const void *reader);
  int64_t (*file_size)(const void *reader);
} ml_reader_kind;

/* Pushes a reader that is not open yet: *place is to be filled. */
void **ml_reader_push(lua_State *L, const ml_reader_kind *kind);

/* types, columns and problems of the table at an index, which may be nil. What anchors them is pushed. `name` stands in messages;
 * known: all options of the function. */
void ml_reader_options(lua_State *L, int index, const char *name, const char *const *known, record_options *out);

/* For readers of other kinds. The type that is named on top of the stack, for a column; another value is an error. */
ml_column_type ml_reader_type(lua_State *L, const char *name, const char *column);
/* Pushes what a problem says, but for its column. line 0: it has none. */
void ml_reader_push_problem(lua_State *L, int64_t line, int64_t row, const char *text, size_t length, const char *wanted);
/* Fills the metatable on top. */
void ml_reader_make_meta(lua_State *L, const luaL_Reg *methods, lua_CFunction close);

#endif
