/* require "moonlab.core": makes the state's context and gathers what the other files bind. */

#include "bindings/core.h"

#include "bindings/box.h"
#include "bindings/state.h"
#include "tensor/random.h"

/* The state hangs in the registry, anchored against the collector, and a pointer to it in the extra space of each
 * coroutine, where a lookup costs nothing. */
static const char state_key;

static ml_lua_state **extra(lua_State *L) { return (ml_lua_state **)lua_getextraspace(L); }

ml_lua_state *ml_lua_state_of(lua_State *L) {
  ml_lua_state *s = *extra(L);
  if (s) return s;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key); /* a coroutine older than the library */
  s = lua_touserdata(L, -1);
  lua_pop(L, 1);
  *extra(L) = s;
  return s;
}

ml_context *ml_lua_context(lua_State *L) { return &ml_lua_state_of(L)->context; }

static void make_state(lua_State *L) {
  ml_lua_state *s = lua_newuserdatauv(L, sizeof *s, 0);
  *s = (ml_lua_state){0};
  ml_context_init(&s->context);
  ml_random_seed(&s->context, 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
  *extra(L) = s;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *extra(lua_tothread(L, -1)) = s;
  lua_pop(L, 1);
}

int luaopen_moonlab_core(lua_State *L) {
  make_state(L);
  lua_newtable(L);
  ml_bind_tensor(L); /* makes the metatable that the others add to */
  ml_bind_ops(L);
  ml_bind_index(L);
  ml_bind_constructors(L);
  ml_bind_autograd(L);
  ml_bind_function(L);
  ml_bind_sparse(L);
  ml_bind_columns(L);
  ml_bind_sketches(L);
  ml_bind_random(L);
  ml_bind_optimizer(L);
  ml_bind_io(L);
  ml_bind_npy(L);
  ml_bind_media(L);
  ml_bind_loader(L);
  ml_bind_sound(L);
  ml_bind_jsonl(L);
  ml_bind_sqlite(L);
  ml_bind_sha256(L);
  ml_bind_parquet(L);
  ml_bind_csv(L);
  ml_bind_classical(L);
  ml_bind_neighbours(L);
  ml_bind_assess(L);
  ml_bind_system(L);
  return 1;
}
