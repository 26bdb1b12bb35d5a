/* Reverse-mode differentiation over the graph that ml_apply records.
 *
 * A node holds references from output to inputs only: for each input an edge to the node that made it, or to the leaf
 * itself. A node that needs its own output keeps an alias of the storage, not the tensor. Backward sorts by creation
 * number and walks iteratively, and frees as it goes unless told to retain. */
#ifndef ML_AUTOGRAD_H
#define ML_AUTOGRAD_H

#include "tensor/op.h"

typedef struct ml_edge {
  ml_node *node;   /* the input was made by an op, */
  ml_tensor *leaf; /* or is a leaf that requires grad, or neither: no gradient goes there */
  ml_shape shape;  /* of the input */
  ml_dtype dtype;  /* of the input before promotion */
  uint8_t result;  /* which of the node's results the input is, from 0 */
} ml_edge;

struct ml_node {
  int refs;
  const ml_op *op;
  uint64_t sequence;
  ml_shape shape; /* of the (first) result */
  ml_dtype dtype;
  int edges;
  int saves;
  ml_tensor *saved[ML_MAX_SAVED];
  uint32_t saved_version[ML_MAX_SAVED];
  bool freed;    /* backward went through and dropped what was saved */
  bool queued;   /* backward's mark */
  ml_tensor *grad; /* arriving gradient, during backward */
  ml_tensor *more_grad[ML_MAX_RESULTS - 1]; /* of the results after the first */
  char *origin;  /* where it was called, in anomaly mode */
  size_t bytes;  /* of this block */
  void *args;    /* points behind the edges */
  ml_edge edge[];
};

typedef struct ml_backward_options {
  const ml_tensor *gradient; /* of the result; NULL: ones, and the result must have one element */
  bool retain_graph;
  bool create_graph;
} ml_backward_options;

/* Adds d(loss)/d(leaf) to the grad of every leaf that requires it. */
ML_CHECKED ml_status ml_backward(ml_context *c, ml_tensor *loss, const ml_backward_options *options);

void ml_node_release(ml_node *node); /* iterative: a long chain does not recurse */

/* Central differences in float64 against backward. f computes a scalar from inputs; fails with a message that names
 * input, position and both values where they differ by more than atol + rtol * |numeric|. */
typedef ml_status (*ml_scalar_function)(ml_context *c, ml_tensor *const *in, int count, void *arg, ml_tensor **out);
typedef struct ml_gradcheck_options {
  double step, atol, rtol; /* 0: 1e-6, 1e-5, 1e-3 */
} ml_gradcheck_options;
ML_CHECKED ml_status ml_gradcheck(ml_context *c, ml_scalar_function f, void *arg, ml_tensor *const *in, int count,
                                  const ml_gradcheck_options *options);

#endif
