/* Pictures: files to tensors and back, and batches of them. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "bindings/files.h"
#include "bindings/media_bindings.h"
#include "media/augment.h"
#include "media/picture.h"
#include "media/picture_batch.h"
#include "media/picture_write.h"
#include "media/png_write.h"
#include "media/resize.h"

/* Files -------------------------------------------------------------------------------------------------------------- */

/* An option of the table at an index that is an integer; 0 if it is not there. */
static int64_t integer_option(lua_State *L, int index, const char *name, const char *what) {
  int64_t value = 0;
  if (lua_getfield(L, index, what) != LUA_TNIL) value = ml_lua_integer(L, -1, name, what);
  lua_pop(L, 1);
  return value;
}

/* { channels =, height =, width =, max_pixels = } at an index, nil for none. */
static ml_picture_read_options read_options(lua_State *L, int index, const char *name) {
  static const char *const known[] = {"channels", "height", "width", "max_pixels", "keep_damaged", NULL};
  ml_picture_read_options o = {0};
  if (lua_isnoneornil(L, index)) return o;
  if (!lua_istable(L, index)) ml_lua_fail(L, "%s: options must be a table, got %s", name, luaL_typename(L, index));
  ml_lua_check_options(L, index, name, known);
  o.channels = (int)integer_option(L, index, name, "channels");
  o.height = integer_option(L, index, name, "height");
  o.width = integer_option(L, index, name, "width");
  o.max_pixels = integer_option(L, index, name, "max_pixels");
  return o;
}

/* core.read_image(path, {channels=, height=, width=, max_pixels=, keep_damaged=}) -> uint8 [C, H, W], what is damaged or nil */
static int read_image(lua_State *L) {
  char damage[ML_PICTURE_DAMAGE] = "";
  const char *path = ml_lua_path(L, 1, "read_image");
  ml_picture_read_options o = read_options(L, 2, "read_image");
  if (lua_istable(L, 2) && lua_getfield(L, 2, "keep_damaged") && lua_toboolean(L, -1)) o.damage = damage;
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_picture_read(ml_lua_context(L), path, &o, box));
  ml_box_filled(L, *box);
  if (damage[0] == '\0') return 1;
  lua_pushstring(L, damage);
  return 2;
}

ml_picture_list_options ml_lua_picture_options(lua_State *L, int index, const char *name) {
  static const char *const known[] = {"channels", "size", "whole", "fit", "max_pixels", NULL};
  static const char *const fits[] = {"squash", "crop", "pad", NULL}; /* as in ml_picture_fit */
  ml_picture_list_options o = {0};
  if (lua_isnoneornil(L, index)) return o;
  if (!lua_istable(L, index)) ml_lua_fail(L, "%s: options must be a table, got %s", name, luaL_typename(L, index));
  ml_lua_check_options(L, index, name, known);
  o.channels = (int)integer_option(L, index, name, "channels");
  o.max_pixels = integer_option(L, index, name, "max_pixels");
  if (lua_getfield(L, index, "size") != LUA_TNIL) {
    ml_shape size = ml_lua_shape(L, lua_gettop(L), name, false);
    if (size.ndim != 2) ml_lua_fail(L, "%s: size must be {height, width}", name);
    o.height = size.size[0], o.width = size.size[1];
  }
  lua_getfield(L, index, "whole");
  o.whole = lua_toboolean(L, -1);
  lua_getfield(L, index, "fit");
  o.fit = (ml_picture_fit)luaL_checkoption(L, -1, "squash", fits);
  lua_pop(L, 3);
  return o;
}

const char **ml_lua_picture_paths(lua_State *L, int index, const char *name, lua_Integer *count) {
  if (!lua_istable(L, index)) ml_lua_fail(L, "%s: paths must be a list, got %s", name, luaL_typename(L, index));
  *count = (lua_Integer)lua_rawlen(L, index);
  const char **paths = lua_newuserdatauv(L, (size_t)*count * sizeof *paths + 1, 0);
  for (lua_Integer i = 1; i <= *count; i++) {
    if (lua_rawgeti(L, index, i) != LUA_TSTRING)
      ml_lua_fail(L, "%s: path %I must be a string, got %s", name, (LUAI_UACINT)i, luaL_typename(L, -1));
    paths[i - 1] = ml_lua_path(L, -1, name);
    lua_pop(L, 1);
  }
  return paths;
}

/* core.read_images(paths, {channels=, size={h, w}, whole=, fit=, max_pixels=}) -> uint8 [N, C, H, W] */
static int read_images(lua_State *L) {
  lua_Integer count;
  const char **paths = ml_lua_picture_paths(L, 1, "read_images", &count);
  ml_picture_list_options o = ml_lua_picture_options(L, 2, "read_images");
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_picture_list_read(ml_lua_context(L), paths, count, &o, box));
  ml_box_filled(L, *box);
  return 1;
}

/* core.resize_image(x, height, width, "bilinear" | "nearest" | "area") -> uint8, the dimensions of x */
static int resize_image(lua_State *L) {
  static const char *const filters[] = {"bilinear", "nearest", "area", NULL};
  const ml_tensor *x = ml_box_check(L, 1, "resize", "the picture");
  int64_t h = ml_lua_integer(L, 2, "resize", "the height"), w = ml_lua_integer(L, 3, "resize", "the width");
  int filter = luaL_checkoption(L, 4, "bilinear", filters);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_picture_resize(ml_lua_context(L), x, h, w, (ml_resize_filter)filter, box));
  ml_box_filled(L, *box);
  return 1;
}

/* core.write_image(path, x, quality) */
static int write_image(lua_State *L) {
  const char *path = ml_lua_path(L, 1, "write_image");
  const ml_tensor *x = ml_box_check(L, 2, "write_image", "the picture");
  ml_picture_write_options o = {.quality = ML_JPEG_QUALITY};
  if (!lua_isnoneornil(L, 3)) o.quality = (int)ml_lua_integer(L, 3, "write_image", "quality");
  if (o.quality < 1) o.quality = -1; /* 0 would stand for what it is by itself */
  ml_lua_try(L, ml_picture_write(ml_lua_context(L), path, x, &o));
  return 0;
}

/* core.image_size(path) -> height, width, channels */
static int image_size(lua_State *L) {
  ml_picture_size size;
  ml_lua_try(L, ml_picture_peek(ml_lua_context(L), ml_lua_path(L, 1, "image_size"), &size));
  lua_pushinteger(L, size.height);
  lua_pushinteger(L, size.width);
  lua_pushinteger(L, size.channels);
  return 3;
}

/* core.png(picture) -> the bytes of a PNG file */
static int png(lua_State *L) {
  ml_tensor *x = ml_box_check(L, 1, "png", "the picture"), **flat = ml_box_push(L);
  size_t size;
  ml_lua_try(L, ml_png_bound(ml_lua_context(L), x, &size));
  ml_lua_try(L, ml_contiguous_unrecorded(ml_lua_context(L), x, flat));
  void *out = lua_newuserdatauv(L, size, 0);
  ml_lua_try(L, ml_png_encode(ml_lua_context(L), *flat, out, &size));
  lua_pushlstring(L, out, size);
  return 1;
}

/* Batches ------------------------------------------------------------------------------------------------------------- */

enum { CHANNELS = 64 };

/* A number or a list of numbers, one a channel, into at most CHANNELS values; how many. */
static int numbers_at(lua_State *L, const char *name, const char *what, double *out) {
  if (lua_type(L, -1) == LUA_TNUMBER) {
    out[0] = lua_tonumber(L, -1);
    return 1;
  }
  if (!lua_istable(L, -1))
    ml_lua_fail(L, "%s: %s must be a number or a list of them, got %s", name, what, luaL_typename(L, -1));
  size_t count = lua_rawlen(L, -1);
  if (count < 1 || count > CHANNELS) ml_lua_fail(L, "%s: %s must have 1 to %d values", name, what, CHANNELS);
  for (size_t i = 0; i < count; i++) {
    if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TNUMBER)
      ml_lua_fail(L, "%s: %s[%d] must be a number, got %s", name, what, (int)i + 1, luaL_typename(L, -1));
    out[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return (int)count;
}

static int64_t option_integer(lua_State *L, const char *name, const char *what, bool *given) {
  int64_t value = 0;
  *given = lua_getfield(L, 3, what) != LUA_TNIL;
  if (*given) value = ml_lua_integer(L, -1, name, what);
  lua_pop(L, 1);
  return value;
}

/* The ids at index 3, if there are any; the table anchors them. */
static const ml_tensor *option_ids(lua_State *L, const char *name) {
  const ml_tensor *ids = NULL;
  if (lua_getfield(L, 3, "ids") != LUA_TNIL) ids = ml_box_check(L, -1, name, "ids");
  lua_pop(L, 1);
  return ids;
}

/* The options at index 3. mean, deviation: room for CHANNELS values. */
static ml_picture_options picture_options(lua_State *L, double *mean, double *deviation) {
  static const char *const known[] = {"mean", "std", "flip", "shift", "key", "epoch", "ids", NULL};
  ml_picture_options o = {.mean = mean, .deviation = deviation, .means = 1, .deviations = 1};
  bool has_key, given;
  mean[0] = 0;
  deviation[0] = 1;
  if (lua_isnoneornil(L, 3)) return o;
  if (!lua_istable(L, 3)) ml_lua_fail(L, "picture_batch: options must be a table, got %s", luaL_typename(L, 3));
  ml_lua_check_options(L, 3, "picture_batch", known);
  if (lua_getfield(L, 3, "mean") != LUA_TNIL) o.means = numbers_at(L, "picture_batch", "mean", mean);
  if (lua_getfield(L, 3, "std") != LUA_TNIL) o.deviations = numbers_at(L, "picture_batch", "std", deviation);
  if (lua_getfield(L, 3, "flip") > LUA_TBOOLEAN)
    ml_lua_fail(L, "picture_batch: flip must be true or false, got %s", luaL_typename(L, -1));
  o.flip = lua_toboolean(L, -1);
  lua_pop(L, 3);
  o.shift = option_integer(L, "picture_batch", "shift", &given);
  o.key = (uint64_t)option_integer(L, "picture_batch", "key", &has_key);
  o.epoch = option_integer(L, "picture_batch", "epoch", &given);
  o.ids = option_ids(L, "picture_batch");
  if ((o.flip || o.shift != 0) && !has_key)
    ml_lua_fail(L, "picture_batch: flip and shift need key = (core.random_key makes one): it decides what is drawn");
  return o;
}

/* core.picture_batch(pictures, rows, {mean=, std=, flip=, shift=, key=, epoch=, ids=}) -> float32 [B, C, H, W] */
static int picture_batch(lua_State *L) {
  double mean[CHANNELS], deviation[CHANNELS];
  const ml_tensor *pictures = ml_box_check(L, 1, "picture_batch", "pictures");
  const ml_tensor *rows = ml_box_check(L, 2, "picture_batch", "rows");
  ml_picture_options o = picture_options(L, mean, deviation);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_picture_batch(ml_lua_context(L), pictures, rows, &o, box));
  ml_box_filled(L, *box);
  return 1;
}

/* The list of steps at the top, each { its kind, up to four numbers }, into at most ML_AUGMENT_STEPS; how many. */
static int steps_at(lua_State *L, const char *name, ml_augment_step *steps) {
  static const char *const kinds[] = {"flip", "flip_vertical", "shift", "crop", "resized_crop", "rotate", "scale", "center_crop",
                                       "pad", "colour", "erase", NULL};
  if (!lua_istable(L, -1)) ml_lua_fail(L, "%s: steps must be a list, got %s", name, luaL_typename(L, -1));
  size_t count = lua_rawlen(L, -1);
  if (count > ML_AUGMENT_STEPS) ml_lua_fail(L, "%s: at most %d steps, got %d", name, ML_AUGMENT_STEPS, (int)count);
  for (size_t p = 0; p < count; p++) {
    if (lua_rawgeti(L, -1, (lua_Integer)p + 1) != LUA_TTABLE) ml_lua_fail(L, "%s: step %d must be a list", name, (int)p + 1);
    lua_rawgeti(L, -1, 1);
    steps[p] = (ml_augment_step){.kind = (ml_augment_kind)luaL_checkoption(L, -1, NULL, kinds)};
    lua_pop(L, 1);
    for (int i = 0; i < 4; i++) {
      if (lua_rawgeti(L, -1, i + 2) != LUA_TNIL) steps[p].value[i] = luaL_checknumber(L, -1);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  return (int)count;
}

/* The options of the augmenting functions at index 3. mean, deviation, steps: room for what they hold. */
static ml_augment_options augment_options(lua_State *L, const char *name, double *mean, double *deviation, ml_augment_step *steps) {
  static const char *const known[] = {"steps", "mean", "std", "key", "epoch", "ids", NULL};
  ml_augment_options o = {.steps = steps, .mean = mean, .deviation = deviation, .means = 1, .deviations = 1};
  bool given;
  luaL_checktype(L, 3, LUA_TTABLE);
  ml_lua_check_options(L, 3, name, known);
  mean[0] = 0, deviation[0] = 1;
  lua_getfield(L, 3, "steps");
  o.count = steps_at(L, name, steps);
  if (lua_getfield(L, 3, "mean") != LUA_TNIL) o.means = numbers_at(L, name, "mean", mean);
  if (lua_getfield(L, 3, "std") != LUA_TNIL) o.deviations = numbers_at(L, name, "std", deviation);
  lua_pop(L, 3);
  o.key = (uint64_t)option_integer(L, name, "key", &given);
  o.epoch = option_integer(L, name, "epoch", &given);
  o.ids = option_ids(L, name);
  return o;
}

static int augment(lua_State *L, const char *name, bool masks) {
  double mean[CHANNELS], deviation[CHANNELS];
  ml_augment_step steps[ML_AUGMENT_STEPS];
  const ml_tensor *x = ml_box_check(L, 1, name, masks ? "masks" : "pictures"), *rows = ml_box_check(L, 2, name, "rows");
  ml_augment_options o = augment_options(L, name, mean, deviation, steps);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, (masks ? ml_mask_augment : ml_picture_augment)(ml_lua_context(L), x, rows, &o, box));
  ml_box_filled(L, *box);
  return 1;
}

/* core.augment_movements(ids, {height, width}, {steps=, key=, epoch=}) -> float64 [B, 6], the height and width of the result */
static int augment_movements(lua_State *L) {
  double mean[CHANNELS], deviation[CHANNELS];
  ml_augment_step steps[ML_AUGMENT_STEPS];
  const ml_tensor *ids = ml_box_check(L, 1, "augment_movements", "ids");
  ml_shape size = ml_lua_shape(L, 2, "augment_movements", false);
  if (size.ndim != 2) ml_lua_fail(L, "augment_movements: the size is {height, width}");
  ml_augment_options o = augment_options(L, "augment_movements", mean, deviation, steps);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_augment_movements(ml_lua_context(L), ids, &o, &size.size[0], &size.size[1], box));
  ml_box_filled(L, *box);
  lua_pushinteger(L, size.size[0]);
  lua_pushinteger(L, size.size[1]);
  return 3;
}

/* core.picture_augment(pictures, rows, {steps=, mean=, std=, key=, epoch=, ids=}) -> float32 [B, C, h, w] */
static int picture_augment(lua_State *L) { return augment(L, "picture_augment", false); }

/* core.mask_augment(masks, rows, {steps=, key=, epoch=, ids=}) -> int64 [B, h, w] */
static int mask_augment(lua_State *L) { return augment(L, "mask_augment", true); }

void ml_bind_media(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"read_image", read_image},     {"read_images", read_images}, {"resize_image", resize_image}, {"image_size", image_size},
      {"write_image", write_image},
      {"png", png}, {"picture_batch", picture_batch},
      {"picture_augment", picture_augment}, {"mask_augment", mask_augment}, {"augment_movements", augment_movements}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
