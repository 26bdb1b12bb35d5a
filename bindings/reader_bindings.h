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

/* For readers of other kinds. max_rows of reader:read(max_rows) at index 2; -1, for all, where it is not given. */
int64_t ml_reader_max_rows(lua_State *L);
/* One column of a schema, as it is pushed: { name =, wanted =, type =, rows =, missing =, other = { count =, most =, first =, why = } or nil };
 * of an unwanted one the name alone. */
typedef struct ml_reader_column {
  const char *name;
  size_t name_length;
  bool wanted;
  ml_column_type type;
  int64_t rows, missing;
  int64_t others; /* values that are none of what most are; 0: no `other` */
  ml_column_type most;
  const char *other; /* the first of them, or NULL, and its line */
  size_t other_length;
  int64_t other_line;
  const char *why; /* what they are, or NULL */
} ml_reader_column;
void ml_reader_push_column(lua_State *L, const ml_reader_column *column);
/* The type that is named on top of the stack, for a column; another value is an error. */
ml_column_type ml_reader_type(lua_State *L, const char *name, const char *column);
/* Pushes what a problem says, but for its column. line 0: it has none. */
void ml_reader_push_problem(lua_State *L, int64_t line, int64_t row, const char *text, size_t length, const char *wanted);
/* Fills the metatable on top. */
void ml_reader_make_meta(lua_State *L, const luaL_Reg *methods, lua_CFunction close);

#endif
