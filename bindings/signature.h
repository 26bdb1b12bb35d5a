/* What the bindings check the arguments of an op against; the generator writes the table from tensor/ops/ and
 * nn/ops/. */
#ifndef ML_SIGNATURE_H
#define ML_SIGNATURE_H

#include "tensor/op.h"

typedef enum ml_argument_type {
  ML_ARG_TENSOR,
  ML_ARG_TENSORS,
  ML_ARG_NUMBER,
  ML_ARG_INTEGER,
  ML_ARG_BOOLEAN,
  ML_ARG_DIM,
  ML_ARG_NEW_DIM,
  ML_ARG_POSITION,
  ML_ARG_DIMS,
  ML_ARG_SHAPE,
  ML_ARG_INTEGERS,
  ML_ARG_PAIR,
  ML_ARG_PADDING,
  ML_ARG_DTYPE,
  ML_ARG_WORD,
} ml_argument_type;

typedef struct ml_argument {
  const char *name;
  ml_argument_type type;
  size_t at; /* which input for a tensor, the offset into the op's struct of arguments otherwise */
  bool optional, has_default;
  int64_t integer; /* default */
  double number;   /* default */
  bool has_range;
  double low, high;
  const char *const *words; /* ends with NULL; the value is the position of the word */
} ml_argument;

typedef struct ml_signature {
  const ml_op *op;
  const ml_argument *arguments; /* the positional ones, then the options */
  int positional, options;
  bool is_method, in_place;
  const char *space;      /* where it stands in ml: "nn", "linalg"; NULL: in ml itself */
  const char *metamethod; /* "+": also the operator; NULL */
  int also;               /* an op whose result follows when one dimension is reduced (max gives positions); -1 */
  const char *doc, *formula, *example; /* formula may be NULL */
} ml_signature;

extern const ml_signature ml_signatures[];

#endif
