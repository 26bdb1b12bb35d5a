/* What lstm, gru and rnn share: a layer in one direction over all steps. */
#ifndef ML_NN_RECURRENT_H
#define ML_NN_RECURRENT_H

#include "nn/kernels.h"
#include "tensor/op.h"

/* x: B x T x I, weight_ih: GH x I, weight_hh: GH x H, biases: GH, states: B x H, lengths: B. Those that are not there are NULL;
 * G is 4 for lstm, 3 for gru, 1 for rnn. */
typedef struct recurrent_inputs {
  const ml_tensor *x, *weight_ih, *weight_hh, *bias_ih, *bias_hh, *h0, *c0, *lengths;
} recurrent_inputs;

/* The same for gradients, in the order of the ops' inputs. */
enum { RECURRENT_X, RECURRENT_WEIGHT_IH, RECURRENT_WEIGHT_HH, RECURRENT_BIAS_IH, RECURRENT_BIAS_HH, RECURRENT_H0, RECURRENT_C0,
       RECURRENT_GRADIENTS };

typedef struct recurrent_kind {
  const char *op;
  recurrent_cell cell;
  bool reverse;
} recurrent_kind;

ML_CHECKED ml_status nn_recurrent_infer(ml_context *c, recurrent_kind kind, const recurrent_inputs *in, ml_meta *meta);
/* rows, gates: what backward needs, or NULL. outputs: B x T x H, last_h, last_c (lstm): B x H. */
ML_CHECKED ml_status nn_recurrent_forward(ml_context *c, recurrent_kind kind, const recurrent_inputs *in, ml_tensor *rows,
                                          ml_tensor *gates, ml_tensor *outputs, ml_tensor *last_h, ml_tensor *last_c);
/* g, g_h, g_c: what arrives for the results, NULL where nothing does. Of `in`, weights, c0 and lengths are read. dx[i]: where
 * to put the gradient of input i, or NULL. */
ML_CHECKED ml_status nn_recurrent_backward(ml_context *c, recurrent_kind kind, const ml_tensor *g, const ml_tensor *g_h,
                                           const ml_tensor *g_c, const recurrent_inputs *in, const ml_tensor *rows,
                                           const ml_tensor *gates, const ml_shape *input_shape,
                                           ml_tensor **dx[RECURRENT_GRADIENTS]);

#endif
