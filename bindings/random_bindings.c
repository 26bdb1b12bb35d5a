/* Random tensors and keys. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "tensor/random.h"

static uint64_t key_at(lua_State *L, int index, const char *name) { return (uint64_t)ml_lua_integer(L, index, name, "key"); }

/* The options of random constructors and of uniform_ and normal_. */
typedef struct drawn {
  uint64_t key;
  ml_dtype dtype;
  bool requires_grad;
} drawn;

static drawn read_options(lua_State *L, const char *name, ml_dtype dtype) {
  static const char *const known[] = {"dtype", "requires_grad", "key", NULL};
  drawn d = {.dtype = dtype};
  bool has_key = false;
  int last = lua_gettop(L);
  if (last > 0 && lua_istable(L, last) && lua_rawlen(L, last) == 0) {
    ml_lua_check_options(L, last, name, known);
    if (lua_getfield(L, last, "dtype") != LUA_TNIL && !(lua_isstring(L, -1) && ml_dtype_parse(lua_tostring(L, -1), &d.dtype))) {
      ml_lua_fail(L, "%s: dtype must be the name of a type, \"float32\" for one", name);
    }
    lua_getfield(L, last, "requires_grad");
    d.requires_grad = lua_toboolean(L, -1);
    if (lua_getfield(L, last, "key") != LUA_TNIL) {
      d.key = key_at(L, -1, name);
      has_key = true;
    }
    lua_settop(L, last - 1);
  }
  if (!has_key) d.key = ml_random_next_key(ml_lua_context(L));
  return d;
}

static int finish(lua_State *L, const char *name, ml_tensor *x, const drawn *d) {
  if (d->requires_grad && !ml_dtype_is_float((ml_dtype)x->dtype)) return ml_lua_fail(L, "%s: only floating tensors have gradients", name);
  x->requires_grad = d->requires_grad;
  ml_box_filled(L, x);
  return 1;
}

static int floating(lua_State *L, const char *name, bool normal) {
  drawn d = read_options(L, name, ML_FLOAT32);
  if (!ml_dtype_is_float(d.dtype)) return ml_lua_fail(L, "%s: dtype must be float32 or float64, got %s", name, ml_dtype_name(d.dtype));
  ml_shape s = ml_lua_shape(L, 1, name, false);
  ml_context *c = ml_lua_context(L);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(c, &s, d.dtype, box));
  if (normal) ml_lua_try(L, ml_random_normal(c, d.key, 0, 1, *box));
  else ml_lua_try(L, ml_random_uniform(c, d.key, 0, 1, *box));
  return finish(L, name, *box, &d);
}

static int rand_(lua_State *L) { return floating(L, "rand", false); }
static int randn(lua_State *L) { return floating(L, "randn", true); }

/* randint(from, to, {sizes}): both ends included */
static int randint(lua_State *L) {
  drawn d = read_options(L, "randint", ML_INT64);
  int64_t from = ml_lua_integer(L, 1, "randint", "from"), to = ml_lua_integer(L, 2, "randint", "to");
  if (to < from) return ml_lua_fail(L, "randint: to (%I) is less than from (%I)", (LUAI_UACINT)to, (LUAI_UACINT)from);
  if (!ml_dtype_is_integer(d.dtype)) return ml_lua_fail(L, "randint: dtype must be an integer type, got %s", ml_dtype_name(d.dtype));
  ml_shape s = ml_lua_shape(L, 3, "randint", false);
  ml_context *c = ml_lua_context(L);
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(c, &s, d.dtype, box));
  ml_lua_try(L, ml_random_integers(c, d.key, from, to, *box));
  return finish(L, "randint", *box, &d);
}

static int permutation(lua_State *L, const char *name, uint64_t key, int64_t n) {
  if (n < 0) return ml_lua_fail(L, "%s: n is negative", name);
  ml_context *c = ml_lua_context(L);
  ml_shape s = {.ndim = 1, .size = {n}};
  ml_tensor **box = ml_box_push(L);
  ml_lua_try(L, ml_empty(c, &s, ML_INT64, box));
  ml_lua_try(L, ml_random_permutation(c, key, *box));
  ml_box_filled(L, *box);
  return 1;
}

static int randperm(lua_State *L) {
  drawn d = read_options(L, "randperm", ML_INT64);
  return permutation(L, "randperm", d.key, ml_lua_integer(L, 1, "randperm", "n"));
}

static int random_permutation(lua_State *L) {
  return permutation(L, "random_permutation", key_at(L, 1, "random_permutation"), ml_lua_integer(L, 2, "random_permutation", "n"));
}

/* random_key(a, b, ...) mixes integers and strings. */
static int random_key(lua_State *L) {
  uint64_t key = 0x6d6f6f6e6c6162; /* "moonlab" */
  for (int i = 1, n = lua_gettop(L); i <= n; i++) {
    if (lua_type(L, i) == LUA_TSTRING) key = ml_random_key_text(key, lua_tostring(L, i));
    else key = ml_random_key(key, (uint64_t)ml_lua_integer(L, i, "random_key", "each part"));
  }
  lua_pushinteger(L, (lua_Integer)key);
  return 1;
}

static int random_word(lua_State *L) {
  lua_pushinteger(L, ml_random_word(key_at(L, 1, "random_word"), (uint64_t)ml_lua_integer(L, 2, "random_word", "i")));
  return 1;
}

static int random_double(lua_State *L) {
  lua_pushnumber(L, ml_random_double(key_at(L, 1, "random_double"), (uint64_t)ml_lua_integer(L, 2, "random_double", "i")));
  return 1;
}

/* 1..n */
static int random_below(lua_State *L) {
  int64_t n = ml_lua_integer(L, 3, "random_below", "n");
  if (n < 1) return ml_lua_fail(L, "random_below: n must be at least 1");
  lua_pushinteger(L, 1 + ml_random_below(key_at(L, 1, "random_below"), (uint64_t)ml_lua_integer(L, 2, "random_below", "i"), n));
  return 1;
}

/* core.seed(seed, drawn) -> how many keys were drawn from the seed before; `drawn` (0) of the new one count as drawn */
static int seed(lua_State *L) {
  ml_context *c = ml_lua_context(L);
  uint64_t before = c->random_counter;
  ml_random_seed(c, (uint64_t)ml_lua_integer(L, 1, "manual_seed", "seed"));
  c->random_counter = (uint64_t)luaL_optinteger(L, 2, 0);
  lua_pushinteger(L, (lua_Integer)before);
  return 1;
}

/* x:uniform_(low, high, {key =}) and x:normal_(mean, deviation, {key =}) */
static int fill(lua_State *L, const char *name, bool normal) {
  drawn d = read_options(L, name, ML_FLOAT32);
  ml_tensor *x = ml_box_check(L, 1, name, "x");
  double a = luaL_optnumber(L, 2, 0), b = luaL_optnumber(L, 3, 1);
  ml_context *c = ml_lua_context(L);
  if (!ml_dtype_is_float((ml_dtype)x->dtype)) return ml_lua_fail(L, "%s: x must be float32 or float64, got %s", name, ml_dtype_name((ml_dtype)x->dtype));
  if (!ml_is_contiguous(x)) return ml_lua_fail(L, "%s: x must be contiguous\n  hint: x:contiguous() makes a copy", name);
  ml_lua_try(L, ml_will_write(c, name, x));
  if (normal) ml_lua_try(L, ml_random_normal(c, d.key, a, b, x));
  else ml_lua_try(L, ml_random_uniform(c, d.key, a, b, x));
  lua_settop(L, 1);
  return 1;
}

static int uniform_(lua_State *L) { return fill(L, "uniform_", false); }
static int normal_(lua_State *L) { return fill(L, "normal_", true); }

void ml_bind_random(lua_State *L) {
  static const luaL_Reg functions[] = {{"rand", rand_}, {"randn", randn}, {"randint", randint}, {"randperm", randperm}, {"random_key", random_key},
                                       {"random_word", random_word}, {"random_double", random_double}, {"random_below", random_below},
                                       {"random_permutation", random_permutation}, {"seed", seed}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  lua_getfield(L, -1, "methods");
  static const luaL_Reg methods[] = {{"uniform_", uniform_}, {"normal_", normal_}, {NULL, NULL}};
  luaL_setfuncs(L, methods, 0);
  lua_pop(L, 1);
}
