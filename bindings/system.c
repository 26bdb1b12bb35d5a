/* Memory, threads, time: what the library and its user may ask of the machine. */

#include "bindings/box.h"
#include "bindings/core.h"
#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/blas.h"
#include "tensor/parallel.h"
#include "tensor/peak.h"

#include <time.h>

static int memory(lua_State *L) {
  ml_alloc_stats s = ml_alloc_statistics();
  const struct {
    const char *name;
    lua_Integer value;
  } rows[] = {{"live", (lua_Integer)s.live}, {"peak", (lua_Integer)s.peak}, {"cached", (lua_Integer)s.cached}, {"calls", (lua_Integer)s.calls}, {"system_calls", (lua_Integer)s.system_calls}};
  lua_newtable(L);
  for (int i = 0; i < 5; i++) {
    lua_pushinteger(L, rows[i].value);
    lua_setfield(L, -2, rows[i].name);
  }
  return 1;
}

static int reset_peak(lua_State *L) {
  (void)L;
  ml_alloc_reset_peak();
  return 0;
}

static int threads(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) {
    int64_t n = ml_lua_integer(L, 1, "threads", "n");
    if (n < 1 || n > 64) return ml_lua_fail(L, "threads: n must be within 1..64, got %I", (LUAI_UACINT)n);
    ml_threads_set((int)n);
  }
  lua_pushinteger(L, ml_threads());
  return 1;
}

static int clock_seconds(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (double)t.tv_sec + (double)t.tv_nsec * 1e-9);
  return 1;
}

static int flops(lua_State *L) {
  lua_pushinteger(L, ml_lua_context(L)->flops);
  return 1;
}

static int backend(lua_State *L) {
  lua_pushstring(L, ml_blas_name());
  lua_pushstring(L, ml_isa_name(ml_cpu_isa()));
  return 2;
}

/* FLOP/s of nothing but fused multiply-adds in float32. */
static int fma_peak(lua_State *L) {
  double rate;
  ml_lua_try(L, ml_fma_peak(ml_lua_context(L), &rate));
  lua_pushnumber(L, rate);
  return 1;
}

void ml_bind_system(lua_State *L) {
  static const luaL_Reg functions[] = {{"memory", memory}, {"reset_peak", reset_peak}, {"threads", threads}, {"clock", clock_seconds}, {"flops", flops}, {"backend", backend}, {"fma_peak", fma_peak}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  lua_pushliteral(L, "0.1.0");
  lua_setfield(L, -2, "version");
  lua_pushstring(L, ml_isa_name(ml_cpu_isa()));
  lua_setfield(L, -2, "kernels");
}
