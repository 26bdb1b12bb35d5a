/* NumPy's files: core.read_npy and its kin. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "bindings/reader_bindings.h"
#include "tensor/io/npy.h"
#include "tensor/io/stream.h"

#include <string.h>

static const char npz_meta[] = "moonlab.npz";

/* core.read_npy(path) -> tensor */
static int read_npy(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "read_npy");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_npy_read(ml_lua_context(L), path, box));
  ml_box_filled(L, *box);
  return 1;
}

/* core.peek_npy(path) -> { shape = {...}, dtype = "uint8" } */
static int peek_npy(lua_State *L) {
  ml_shape shape;
  ml_dtype dtype;
  ml_lua_try(L, ml_npy_peek(ml_lua_context(L), ml_lua_path(L, 1, "peek_npy"), &shape, &dtype));
  ml_lua_push_peek(L, &shape, dtype);
  return 1;
}

/* core.write_npy(path, tensor) */
static int write_npy(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "write_npy");
  ml_lua_try(L, ml_npy_write(ml_lua_context(L), path, ml_box_check(L, 2, "write_npy", "x")));
  return 0;
}

/* Rows of a file ---------------------------------------------------------------------------------------------------- */

static const char file_meta[] = "moonlab.NpyFile";

static int close_file(lua_State *L) {
  ml_npy_file **box = luaL_checkudata(L, 1, file_meta);
  ml_npy_close(*box);
  *box = NULL;
  return 0;
}

static ml_npy_file *file_at(lua_State *L) {
  ml_npy_file **box = luaL_checkudata(L, 1, file_meta);
  if (!*box) ml_lua_fail(L, "rows: the file is closed");
  return *box;
}

/* core.open_npy(path) -> file: file:peek() as peek_npy, file:rows(positions) -> tensor */
static int open_npy(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "open_npy");
  ml_npy_file **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, file_meta);
  ml_lua_try(L, ml_npy_open(ml_lua_context(L), path, box));
  return 1;
}

static int peek_file(lua_State *L) {
  const ml_npy_file *f = file_at(L);
  ml_lua_push_peek(L, ml_npy_shape(f), ml_npy_dtype(f));
  return 1;
}

static int file_rows(lua_State *L) {
  const ml_npy_file *f = file_at(L);
  const ml_tensor *rows = ml_box_check(L, 2, "rows", "positions");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_npy_rows(ml_lua_context(L), f, rows, box));
  ml_box_filled(L, *box);
  return 1;
}

/* A file that grows -------------------------------------------------------------------------------------------------- */

static const char writer_meta[] = "moonlab.NpyWriter";

static int close_writer(lua_State *L) {
  ml_npy_writer **box = luaL_checkudata(L, 1, writer_meta);
  ml_npy_writer_close(*box);
  *box = NULL;
  return 0;
}

static ml_npy_writer *writer_at(lua_State *L) {
  ml_npy_writer **box = luaL_checkudata(L, 1, writer_meta);
  if (!*box) ml_lua_fail(L, "append: the file is closed");
  return *box;
}

/* core.create_npy(path, tensor) -> writer of rows like those of the tensor: writer:append(tensor), writer:finish() */
static int create_npy(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "create_npy");
  const ml_tensor *like = ml_box_check(L, 2, "create_npy", "x");
  if (like->shape.ndim < 1) return ml_lua_fail(L, "create_npy: a tensor of rows is needed");
  ml_shape row = {.ndim = like->shape.ndim - 1};
  memcpy(row.size, like->shape.size + 1, (size_t)row.ndim * sizeof row.size[0]);
  ml_npy_writer **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, writer_meta);
  ml_lua_try(L, ml_npy_create(ml_lua_context(L), path, &row, (ml_dtype)like->dtype, box));
  return 1;
}

static int append(lua_State *L) {
  ml_npy_writer *w = writer_at(L);
  ml_lua_try(L, ml_npy_append(ml_lua_context(L), w, ml_box_check(L, 2, "append", "x")));
  return 0;
}

static int finish(lua_State *L) {
  ml_lua_try(L, ml_npy_finish(ml_lua_context(L), writer_at(L)));
  return 0;
}

/* Archives ---------------------------------------------------------------------------------------------------------- */

static int release_npz(lua_State *L) {
  ml_npz_free(lua_touserdata(L, 1));
  return 0;
}

/* core.read_npz(path) -> { name = tensor }, { names in the file's order } */
static int read_npz(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "read_npz");
  ml_npz *z = lua_newuserdatauv(L, sizeof *z, 0);
  *z = (ml_npz){0};
  luaL_setmetatable(L, npz_meta);
  int owner = lua_gettop(L);
  ml_lua_try(L, ml_npz_read(ml_lua_context(L), path, z));
  ml_lua_push_named(L, z->tensors, z->count);
  for (int64_t i = 0; i < z->count; i++) ml_box_filled(L, z->tensors[i].tensor);
  lua_pushcfunction(L, release_npz); /* now, not when the collector comes by: the boxes own the tensors */
  lua_pushvalue(L, owner);
  lua_call(L, 1, 0);
  return 2;
}

/* core.write_npz(path, {{name, tensor}, ...}) */
static int write_npz(lua_State *L) {
  lua_Integer count;
  const char *path = ml_lua_path(L, 1, "write_npz");
  ml_named_tensor *list = ml_lua_named_tensors(L, 2, "write_npz", &count);
  ml_lua_try(L, ml_npz_write(ml_lua_context(L), path, list, count));
  return 0;
}

/* core.tensor_file(path) -> "npy", "npz" or "safetensors": what the content begins like, the last for all else */
static int tensor_file(lua_State *L) {
  ml_stream *s;
  char magic[6] = {0};
  size_t got = 0;
  ml_context *c = ml_lua_context(L);
  ml_status status = ml_stream_open(c, ml_lua_path(L, 1, "tensor_file"), &s);
  if (status == ML_OK) status = ml_stream_read(c, s, magic, sizeof magic, &got);
  ml_stream_close(s);
  ml_lua_try(L, status);
  bool zip = memcmp(magic, "PK\3\4", 4) == 0 || memcmp(magic, "PK\5\6", 4) == 0;
  lua_pushstring(L, memcmp(magic, "\x93NUMPY", 6) == 0 ? "npy" : zip ? "npz" : "safetensors");
  return 1;
}

void ml_bind_npy(lua_State *L) {
  static const luaL_Reg functions[] = {{"read_npy", read_npy},   {"peek_npy", peek_npy},   {"write_npy", write_npy},
                                       {"read_npz", read_npz},   {"write_npz", write_npz}, {"tensor_file", tensor_file},
                                       {"open_npy", open_npy},   {"create_npy", create_npy},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {{"peek", peek_file}, {"rows", file_rows}, {NULL, NULL}};
  luaL_newmetatable(L, file_meta);
  ml_reader_make_meta(L, methods, close_file);
  lua_pop(L, 1);
  static const luaL_Reg writer_methods[] = {{"append", append}, {"finish", finish}, {NULL, NULL}};
  luaL_newmetatable(L, writer_meta);
  ml_reader_make_meta(L, writer_methods, close_writer);
  lua_pop(L, 1);
  luaL_newmetatable(L, npz_meta);
  lua_pushcfunction(L, release_npz);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
