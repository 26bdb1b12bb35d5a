/* Loaders of pictures as userdata: closed by <close>, by the collector, or by hand. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/media_bindings.h"
#include "bindings/reader_bindings.h"
#include "media/loader.h"

static const char loader_meta[] = "moonlab.PictureLoader";

static int close_loader(lua_State *L) {
  ml_loader **box = luaL_checkudata(L, 1, loader_meta), *loader = *box;
  *box = NULL;
  ml_loader_close(loader);
  return 0;
}

static ml_loader *loader_at(lua_State *L, const char *name) {
  ml_loader **box = luaL_checkudata(L, 1, loader_meta);
  if (!*box) ml_lua_fail(L, "%s: the loader is closed", name);
  return *box;
}

/* core.picture_loader(workers) -> a loader */
static int picture_loader(lua_State *L) {
  int64_t workers = ml_lua_integer(L, 1, "picture_loader", "workers");
  ml_loader **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, loader_meta);
  ml_lua_try(L, ml_loader_open(ml_lua_context(L), workers > ML_LOADER_THREADS ? -1 : (int)workers, box));
  return 1;
}

/* loader:ask(paths, options of core.read_images) */
static int ask(lua_State *L) {
  lua_Integer count;
  ml_loader *loader = loader_at(L, "ask");
  const char **paths = ml_lua_picture_paths(L, 2, "ask", &count);
  ml_picture_list_options o = ml_lua_picture_options(L, 3, "ask");
  ml_lua_try(L, ml_loader_ask(ml_lua_context(L), loader, paths, count, &o));
  return 0;
}

/* loader:take() -> uint8 [N, C, H, W] of the first batch that was asked for */
static int take(lua_State *L) {
  ml_loader *loader = loader_at(L, "take");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_loader_take(ml_lua_context(L), loader, box));
  ml_box_filled(L, *box);
  return 1;
}

void ml_bind_loader(lua_State *L) {
  static const luaL_Reg methods[] = {{"ask", ask}, {"take", take}, {"close", close_loader}, {NULL, NULL}};
  luaL_newmetatable(L, loader_meta);
  ml_reader_make_meta(L, methods, close_loader);
  lua_pop(L, 1);
  lua_pushcfunction(L, picture_loader);
  lua_setfield(L, -2, "picture_loader");
}
