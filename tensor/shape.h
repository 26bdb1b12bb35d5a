/* Shapes: the sizes of a tensor's dimensions, and the arithmetic on them. No data. */
#ifndef ML_SHAPE_H
#define ML_SHAPE_H

#include "tensor/context.h"

enum { ML_MAX_DIMS = 8 };

typedef struct ml_shape {
  int ndim; /* 0: a scalar */
  int64_t size[ML_MAX_DIMS];
} ml_shape;

/* An optional dimension that was not given. */
#define ML_NO_DIM INT64_MIN

/* The place before the first, as an end of a range: nothing is in it (string.sub's 0). Far below any negative position. */
#define ML_BEFORE_FIRST (INT64_MIN / 4)

/* A list of dimensions (0-based) as ops take it: count -1 means "not given", which is all of them. */
typedef struct ml_dims {
  int count;
  int64_t dim[ML_MAX_DIMS];
} ml_dims;

/* A short list of plain integers. */
typedef struct ml_integers {
  int count;
  int64_t value[2 * ML_MAX_DIMS];
} ml_integers;

/* A size for rows and one for columns. An optional pair that was not given is {0, 0}; padding = "same" is {-1, -1}. */
typedef struct ml_pair {
  int64_t h, w;
} ml_pair;

/* ml_make_shape(3, 64, 28, 28) */
#define ml_make_shape(n, ...) ((ml_shape){.ndim = (n), .size = {__VA_ARGS__}})

/* The number of elements; 1 for a scalar. */
static inline int64_t ml_shape_count(const ml_shape *s) {
  int64_t n = 1;
  for (int i = 0; i < s->ndim; i++) n *= s->size[i];
  return n;
}

static inline bool ml_shape_equal(const ml_shape *a, const ml_shape *b) {
  if (a->ndim != b->ndim) return false;
  for (int i = 0; i < a->ndim; i++) {
    if (a->size[i] != b->size[i]) return false;
  }
  return true;
}

/* Fails when the sizes do not fit together by NumPy's rule; `op` leads the message. */
ML_CHECKED ml_status ml_shape_broadcast(ml_context *c, const char *op, const ml_shape *a, const ml_shape *b,
                                        ml_shape *out);

/* "[64, 1, 28, 28]" into text; returns text. */
typedef struct ml_shape_text {
  char text[ML_MAX_DIMS * 22 + 3];
} ml_shape_text;
ml_shape_text ml_shape_format(const ml_shape *s);
#define ML_SHAPE(s) (ml_shape_format(s).text) /* for printf arguments: lives to the end of the statement */

/* Checks a dimension and counts it from the front: -ndim..ndim-1 -> 0..ndim-1. Messages are 1-based. */
ML_CHECKED ml_status ml_dim_normalize(ml_context *c, const char *op, int ndim, int64_t *dim);
/* The same for a list; "not given" becomes all; a repeated dimension is an error. */
ML_CHECKED ml_status ml_dims_normalize(ml_context *c, const char *op, int ndim, ml_dims *dims);
bool ml_dims_has(const ml_dims *dims, int dim);

#endif
