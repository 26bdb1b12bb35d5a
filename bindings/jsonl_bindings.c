/* JSON Lines: core.jsonl_open and core.write_jsonl. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "bindings/reader_bindings.h"
#include "bindings/table_box.h"
#include "table/jsonl.h"

static ml_status scan(ml_context *c, void *reader) { return ml_jsonl_scan(c, reader); }
static ml_status read_table(ml_context *c, void *reader, int64_t max_rows, ml_table *out, bool *any) {
  return ml_jsonl_read(c, reader, max_rows, out, any);
}
static void close_jsonl(void *reader) { ml_jsonl_close(reader); }
static const records *records_of(const void *reader) { return ml_jsonl_records(reader); }
static int64_t file_size(const void *reader) { return ml_jsonl_file_size(reader); }

/* core.jsonl_open(path, { types =, columns =, problems = }) -> reader */
static int jsonl_open(lua_State *L) {
  static const char *const known[] = {"types", "columns", "problems", NULL};
  static const ml_reader_kind kind = {scan, read_table, close_jsonl, records_of, file_size};
  record_options options;
  ml_jsonl *reader;
  const char *path = ml_lua_path(L, 1, "data.jsonl");
  lua_settop(L, 2);
  ml_reader_options(L, 2, "data.jsonl", known, &options);
  void **place = ml_reader_push(L, &kind);
  ml_status status = ml_jsonl_open(ml_lua_context(L), path, &options, &reader);
  *place = reader;
  ml_lua_try(L, status);
  return 1;
}

/* core.write_jsonl(path, table) */
static int write_jsonl(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "write_jsonl");
  const ml_table *t = ml_table_check(L, 2, "write_jsonl");
  ml_lua_try(L, ml_jsonl_write(ml_lua_context(L), path, t));
  return 0;
}

void ml_bind_jsonl(lua_State *L) {
  static const luaL_Reg functions[] = {{"jsonl_open", jsonl_open}, {"write_jsonl", write_jsonl}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
