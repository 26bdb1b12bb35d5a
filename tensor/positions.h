/* Positions that stand in tensors (1-based) and the places they name: what the ops that pick and those that scatter
 * share. */
#ifndef ML_POSITIONS_H
#define ML_POSITIONS_H

#include "tensor/tensor.h"

/* Fails if one of the positions is not in least..n. `of` says what they are positions in. */
ML_CHECKED ml_status ml_check_positions(ml_context *c, const char *op, const ml_tensor *index, int64_t least, int64_t n,
                                        const char *of);
/* The same for positions 1..n of a dimension of a tensor of shape s. */
ML_CHECKED ml_status ml_check_positions_of(ml_context *c, const char *op, const ml_tensor *index, const ml_shape *s,
                                           int64_t dim);

/* Bytes copied or added by one piece of parallel work, and how many items of some bytes that makes. */
enum { ML_PIECE_BYTES = 1 << 16 };
static inline int64_t ml_grain_for(int64_t bytes) {
  if (bytes < 1) bytes = 1;
  return bytes >= ML_PIECE_BYTES ? 1 : ML_PIECE_BYTES / bytes;
}

/* What becomes of an element and those scattered to its place. */
typedef enum ml_scatter_kind { ML_SCATTER_SET, ML_SCATTER_ADD, ML_SCATTER_MUL, ML_SCATTER_MAX, ML_SCATTER_MIN } ml_scatter_kind;

/* y[.., index[e], ..] = kind(y[..], source[e]) for each element e of a block of shape `block`, in row-major order where
 * two meet. y: contiguous. index: of block's shape, contiguous; or a vector along dim, the same at all other positions.
 * source: any strides, of y's type, at least as large as block in each dimension; or a scalar. Positions are checked by
 * the caller. Cut along the dimensions in which no two pieces meet. */
ML_CHECKED ml_status ml_scatter_into(ml_context *c, ml_scatter_kind kind, const ml_shape *block, int64_t dim,
                                     const ml_tensor *index, const ml_tensor *source, ml_tensor *y);

#endif
