/* What the engine knows about each op, and the one way every op runs.
 *
 * The generator turns each entry of tensor/ops/ and nn/ops/ into an ml_op, a typed function for C callers
 * (ml_softmax), and the small functions that unpack a call for the op's own _infer, _forward and _backward. ml_apply
 * then does for all of them alike: check and convert inputs, infer, allocate, run, record the node. */
#ifndef ML_OP_H
#define ML_OP_H

#include "tensor/layout.h"

enum { ML_MAX_INPUTS = 8, ML_MAX_SAVED = 6, ML_MAX_KEEPS = 2, ML_MAX_RESULTS = 3, ML_MAX_ARGS_SIZE = 160 };

typedef struct ml_op ml_op;

/* What infer says of a result: prefilled with shape and type of the first input, no FLOPs. */
typedef struct ml_meta {
  ml_shape shape;
  ml_dtype dtype;
  int64_t flops; /* multiply and add count as two */
  bool laid_out;                /* the result's elements lie as `stride` says, without gaps; otherwise row-major */
  int64_t stride[ML_MAX_DIMS];
  ml_shape more[ML_MAX_RESULTS - 1]; /* of the results after the first; ndim -1 (as prefilled): the shape of the first */
  ml_shape keep[ML_MAX_KEEPS];       /* of what forward keeps; the same */
} ml_meta;

typedef struct ml_call {
  const ml_op *op;
  ml_tensor **in; /* op->inputs of them (an absent optional one is NULL), or any number for an op on a list */
  int count;
  void *args;                    /* the op's generated struct of arguments */
  ml_tensor *more[ML_MAX_RESULTS - 1]; /* the results after the first, of an op that gives several */
  ml_tensor *keep[ML_MAX_KEEPS]; /* written by forward for backward; NULL when nobody will ask */
} ml_call;

typedef struct ml_grad_call {
  const ml_op *op;
  const void *args;
  const ml_tensor *g; /* the gradient that arrives, of the result */
  const ml_tensor *more_g[ML_MAX_RESULTS - 1]; /* of the results after the first; NULL, as g, where none arrives */
  const ml_tensor *saved[ML_MAX_SAVED]; /* as the entry's `saves` lists them; NULL for shapes and absent inputs */
  const ml_shape *input_shape;          /* of each input */
  int count;                            /* inputs */
  ml_tensor **dx; /* one an input: forward's caller wants dx[i] where want[i]; others stay NULL */
  const bool *want;
} ml_grad_call;

typedef enum ml_family {
  ML_FAMILY_ELEMENTWISE, /* expressions; the kernels are generated */
  ML_FAMILY_VIEW,        /* forward sets strides, offset and storage of y; nothing is allocated */
  ML_FAMILY_FUNCTION,    /* forward fills y */
} ml_family;

/* Which element types the tensor inputs of an op may have. */
typedef enum ml_accepts {
  ML_ACCEPTS_ANY,     /* inputs keep their types */
  ML_ACCEPTS_COMMON,  /* promoted to a common type */
  ML_ACCEPTS_NUMBER,  /* the same, and bool is refused */
  ML_ACCEPTS_FLOAT,   /* promoted to a common floating type: integers become float32 */
  ML_ACCEPTS_LOGICAL, /* bool or integers: & | ~ */
} ml_accepts;

typedef enum ml_input_kind {
  ML_INPUT_TENSOR = 0, /* takes part in promotion */
  ML_INPUT_INDEX,      /* positions: arrives as contiguous int64 */
  ML_INPUT_MASK,       /* arrives as bool */
  ML_INPUT_ANY,        /* of any type: arrives as it is, takes no part in promotion and gets no gradient */
  ML_INPUT_STATE,      /* read and written in place (running statistics): arrives as it is */
} ml_input_kind;

/* What backward gets: an input, a result (0: the first), or something kept by forward. */
typedef enum ml_save_kind { ML_SAVE_INPUT, ML_SAVE_RESULT, ML_SAVE_KEEP } ml_save_kind;
typedef struct ml_save {
  ml_save_kind kind;
  int index;
} ml_save;

struct ml_op {
  const char *name;
  ml_family family;
  ml_accepts accepts;
  int inputs; /* -1: a list */
  uint8_t input_kind[ML_MAX_INPUTS];
  bool optional[ML_MAX_INPUTS];
  uint8_t layout[ML_MAX_INPUTS]; /* ml_layout, where the op is not `strided` */
  bool strided; /* inputs may arrive with any strides; otherwise they are laid out as `layout` says first */
  bool differentiable;
  bool needs_data; /* the result's shape depends on the elements */
  size_t args_size;
  int saves;
  ml_save save[ML_MAX_SAVED];
  int keeps;
  int keep_dtype[ML_MAX_KEEPS]; /* ml_dtype, or -1: that of the result */
  int more; /* results after the first */
  int more_dtype[ML_MAX_RESULTS - 1]; /* the same */

  const struct ml_elementwise *elementwise; /* of that family */

  ml_status (*prepare)(ml_context *c, ml_call *call); /* settles arguments (counts dimensions from the front); or NULL */
  ml_status (*infer)(ml_context *c, const ml_call *call, ml_meta *meta);
  ml_status (*forward)(ml_context *c, const ml_call *call, ml_tensor *y);
  ml_status (*backward)(ml_context *c, const ml_grad_call *call);
  /* The same in recorded ops, for gradients of gradients; NULL when backward is that already or there is none. */
  ml_status (*backward_recorded)(ml_context *c, const ml_grad_call *call);
  void (*release)(void *args); /* of a custom op: its node is freed; NULL for the others */
  bool second_order; /* backward (or backward_recorded) is made of ops */
};

/* Runs an op. `out` has a place for each result (1 + op->more); the call's own `more` and `keep` are filled in here. On
 * failure the places are NULL and nothing is left behind. */
ML_CHECKED ml_status ml_apply(ml_context *c, ml_call *call, ml_tensor **out);

/* For infer: the result, of meta->shape, is to lie channels-last; or as x does, which is dense and of that shape. */
void ml_lay_out_channels_last(ml_meta *meta);
void ml_lay_out_beside(ml_meta *meta, const ml_tensor *x);

/* Hangs the node of a call on y and on its further results. `seen` are the inputs as the op saw them after promotion; call->in, as the caller gave them. */
ML_CHECKED ml_status ml_record(ml_context *c, const ml_call *call, ml_tensor *const *seen, ml_tensor *y);

/* Sums g over the dimensions in which `shape` was broadcast to get g's shape: the gradient of a broadcast input. */
ML_CHECKED ml_status ml_sum_to_shape(ml_context *c, const ml_tensor *g, const ml_shape *shape, ml_tensor **out);

/* Whether a result of these inputs belongs to the graph. */
bool ml_needs_grad(const ml_context *c, ml_tensor *const *in, int count);

#endif
