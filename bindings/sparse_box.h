/* Sparse matrices as Lua userdata. */
#ifndef ML_SPARSE_BOX_H
#define ML_SPARSE_BOX_H

#include <lua.h>

#include "tensor/sparse.h"

/* The sparse matrix at a stack index, NULL if it is something else. It lives as long as its userdata. */
const ml_sparse *ml_sparse_test(lua_State *L, int index);

#endif
