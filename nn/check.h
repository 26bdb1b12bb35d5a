/* Shape checks that several layers share, and the lines that show the user's own shapes under a message. */
#ifndef ML_NN_CHECK_H
#define ML_NN_CHECK_H

#include "tensor/tensor.h"

/* Adds "\n  weight  [256, 784]" to the message; with mark >= 0 a line with ^^^ under that dimension follows. */
void nn_show_shape(ml_context *c, const char *name, const ml_shape *shape, int mark);

/* A picture batch: 4 dimensions. */
ML_CHECKED ml_status nn_check_pictures(ml_context *c, const char *op, const ml_shape *x);

/* A sequence batch [batch, channels, steps] as pictures of one row; pictures stay. */
ml_shape nn_as_pictures(const ml_shape *x);
/* A picture batch (rank 2) or a sequence batch (rank 1): 4 or 3 dimensions. */
ML_CHECKED ml_status nn_check_rank(ml_context *c, const char *op, int rank, const ml_shape *x);

/* "{2, 3}" for rows and columns, "3" for steps; or "2 x 3". Into printf arguments: lives to the end of the statement. */
typedef struct nn_text {
  char text[48];
} nn_text;
nn_text nn_pair_text(int rank, ml_pair p);
nn_text nn_sizes_text(int rank, int64_t h, int64_t w);

/* An optional tensor of one dimension with `count` elements: one for each of `what` ("channel of x"). */
ML_CHECKED ml_status nn_check_vector(ml_context *c, const char *op, const char *name, const ml_tensor *v, int64_t count,
                                     const char *what, const ml_shape *x);

#endif
