/* Shape checks that several layers share, and the lines that show the user's own shapes under a message. */
#ifndef ML_NN_CHECK_H
#define ML_NN_CHECK_H

#include "tensor/tensor.h"

/* Adds "\n  weight  [256, 784]" to the message; with mark >= 0 a line with ^^^ under that dimension follows. */
void nn_show_shape(ml_context *c, const char *name, const ml_shape *shape, int mark);

/* A picture batch: 4 dimensions. */
ML_CHECKED ml_status nn_check_pictures(ml_context *c, const char *op, const ml_shape *x);

/* An optional tensor of one dimension with `count` elements: one for each of `what` ("channel of x"). */
ML_CHECKED ml_status nn_check_vector(ml_context *c, const char *op, const char *name, const ml_tensor *v, int64_t count,
                                     const char *what, const ml_shape *x);

#endif
