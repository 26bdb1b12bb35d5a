/* The C half of the Lua library: require "moonlab.core". */
#ifndef ML_CORE_H
#define ML_CORE_H

#include <lua.h>

int luaopen_moonlab_core(lua_State *L);

/* Each fills the table on top of the stack with its functions. */
void ml_bind_ops(lua_State *L);          /* ops.c: every op of the tables */
void ml_bind_tensor(lua_State *L);       /* tensor_methods.c: fields, in place, printing's needs */
void ml_bind_constructors(lua_State *L); /* constructors.c */
void ml_bind_index(lua_State *L);        /* index.c: x[...] and x[...] = */
void ml_bind_autograd(lua_State *L);     /* autograd_bindings.c */
void ml_bind_function(lua_State *L);     /* function.c: ops written in Lua */
void ml_bind_sparse(lua_State *L);       /* sparse_bindings.c: matrices that are nearly all zeros */
void ml_bind_columns(lua_State *L);      /* column_bindings.c: text, distinct values, times */
void ml_bind_sketches(lua_State *L);     /* sketch_bindings.c: one look at many rows */
void ml_bind_random(lua_State *L);       /* random_bindings.c */
void ml_bind_optimizer(lua_State *L);    /* optimizer_bindings.c */
void ml_bind_io(lua_State *L);           /* io_bindings.c: idx, safetensors */
void ml_bind_npy(lua_State *L);          /* npy_bindings.c: .npy and .npz */
void ml_bind_media(lua_State *L);        /* media_bindings.c: pictures */
void ml_bind_loader(lua_State *L);       /* loader_bindings.c: pictures, decoded ahead */
void ml_bind_sound(lua_State *L);        /* sound_bindings.c: WAV */
void ml_bind_jsonl(lua_State *L);        /* jsonl_bindings.c: JSON Lines */
void ml_bind_sqlite(lua_State *L);       /* sqlite_bindings.c: tables out of databases */
void ml_bind_sha256(lua_State *L);       /* sha256_bindings.c */
void ml_bind_parquet(lua_State *L);      /* parquet_bindings.c */
void ml_bind_csv(lua_State *L);          /* csv_bindings.c: tables in files of separated values */
void ml_bind_classical(lua_State *L);    /* classical_bindings.c: solvers of the classical models */
void ml_bind_neighbours(lua_State *L);   /* neighbours_bindings.c: neighbours and clusters */
void ml_bind_assess(lua_State *L);       /* assess_bindings.c: counts and ranks of predictions */
void ml_bind_system(lua_State *L);       /* system.c: memory, threads, clock */

#endif
