/* Tensors: storage + shape + strides + offset + dtype, and their reference counts.
 *
 * Who owns what: a tensor holds a reference to its storage, to the node that made it and to its gradient. A node
 * holds references from output to inputs only (see autograd.h), so there are no cycles. A function that gives a
 * tensor through `ml_tensor **out` gives the caller a reference; one that takes `const ml_tensor *` borrows. */
#ifndef ML_TENSOR_H
#define ML_TENSOR_H

#include "tensor/dtype.h"
#include "tensor/shape.h"

typedef struct ml_storage {
  int refs;
  uint32_t version; /* goes up by one with each write in place; checked in backward */
  size_t bytes;
  void *data; /* 64-byte aligned */
} ml_storage;

typedef struct ml_node ml_node;
typedef struct ml_tensor ml_tensor;

struct ml_tensor {
  int refs;
  uint8_t dtype; /* ml_dtype */
  bool requires_grad;
  bool is_number; /* made from a plain number: promotes weakly */
  bool is_slot;   /* a parameter whose shape is not known yet: ndim is 0 and storage NULL until it is built */
  uint8_t result; /* which result of its node it is, from 0 */
  ml_shape shape;
  int64_t stride[ML_MAX_DIMS]; /* in elements */
  int64_t offset;              /* in elements */
  ml_storage *storage;         /* NULL: shape only, ops on it run infer alone */
  ml_node *node;               /* what made it, NULL for a leaf */
  ml_tensor *grad;             /* of a leaf that requires it, NULL before backward */
};

/* Contents undefined. Strides are those of C order. */
ML_CHECKED ml_status ml_empty(ml_context *c, const ml_shape *shape, ml_dtype dtype, ml_tensor **out);
/* A tensor without storage. */
ML_CHECKED ml_status ml_shape_only(ml_context *c, const ml_shape *shape, ml_dtype dtype, ml_tensor **out);
ML_CHECKED ml_status ml_zeros(ml_context *c, const ml_shape *shape, ml_dtype dtype, ml_tensor **out);
ML_CHECKED ml_status ml_full(ml_context *c, const ml_shape *shape, ml_dtype dtype, double value, ml_tensor **out);
/* A 0-dim tensor that promotes weakly, as a number written in the source does. */
ML_CHECKED ml_status ml_number(ml_context *c, double value, ml_tensor **out);
ML_CHECKED ml_status ml_integer(ml_context *c, int64_t value, ml_tensor **out);
/* Contents undefined, shape and type of x; no storage if x has none. */
ML_CHECKED ml_status ml_empty_like(ml_context *c, const ml_tensor *x, ml_tensor **out);
ML_CHECKED ml_status ml_zeros_like(ml_context *c, const ml_tensor *x, ml_tensor **out);
/* Gives a tensor without storage its (uninitialised) storage. */
ML_CHECKED ml_status ml_allocate(ml_context *c, ml_tensor *x);

ml_tensor *ml_retain(ml_tensor *x);
void ml_release(ml_tensor *x); /* NULL is fine */

/* A view: the same storage under another shape; not recorded in the graph (ops are: see op.h). */
ML_CHECKED ml_status ml_alias(ml_context *c, const ml_tensor *x, ml_tensor **out);

/* A row-major copy if x is not already that; otherwise another reference to x. Not recorded. */
ML_CHECKED ml_status ml_contiguous_unrecorded(ml_context *c, const ml_tensor *x, ml_tensor **out);
/* Copies elements, converting the type; y's shape is that of x; neither needs to be contiguous. */
ML_CHECKED ml_status ml_copy(ml_context *c, const ml_tensor *x, ml_tensor *y);
/* x in another type (a new reference to x if it has that type). Not recorded. */
ML_CHECKED ml_status ml_convert(ml_context *c, const ml_tensor *x, ml_dtype dtype, ml_tensor **out);
/* Writes one value everywhere. */
ML_CHECKED ml_status ml_fill(ml_context *c, ml_tensor *x, double value);

/* Every function that writes into a tensor calls this first: it refuses a tensor that is part of a graph while the
 * graph is recorded, a view made by expand, and a tensor without storage; then it counts the version up. */
ML_CHECKED ml_status ml_will_write(ml_context *c, const char *op, ml_tensor *x);

bool ml_is_contiguous(const ml_tensor *x);
static inline int64_t ml_count(const ml_tensor *x) { return ml_shape_count(&x->shape); }
static inline int64_t ml_size(const ml_tensor *x, int dim) { return x->shape.size[dim]; }

/* First element. The caller knows the type. */
static inline void *ml_data(const ml_tensor *x) {
  return (char *)x->storage->data + (size_t)x->offset * ml_dtype_size((ml_dtype)x->dtype);
}
static inline float *ml_f32(const ml_tensor *x) { return (float *)ml_data(x); }
static inline double *ml_f64(const ml_tensor *x) { return (double *)ml_data(x); }
static inline int64_t *ml_i64(const ml_tensor *x) { return (int64_t *)ml_data(x); }

/* The value of a tensor of one element. */
ML_CHECKED ml_status ml_item(ml_context *c, const ml_tensor *x, double *out);
ML_CHECKED ml_status ml_item_integer(ml_context *c, const ml_tensor *x, int64_t *out);

/* C-order strides of a shape. */
void ml_strides_contiguous(const ml_shape *shape, int64_t stride[ML_MAX_DIMS]);

#endif
