/* What the bindings keep for one Lua state. */
#ifndef ML_STATE_H
#define ML_STATE_H

#include <lua.h>

#include "tensor/context.h"

typedef struct ml_lua_state {
  ml_context context;
  double collector_debt;   /* cycles of the collector owed for tensors made since the last one */
  char place[ML_NAME_SIZE]; /* the layer that is being called, said by the library in anomaly mode; "" outside of models */
} ml_lua_state;

ml_lua_state *ml_lua_state_of(lua_State *L);

#endif
