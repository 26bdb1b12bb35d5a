/* The three recurrent ops: what each hands to nn/recurrent.c. */

#include "nn/recurrent.h"
#include "ops.gen.h"

#define INPUTS(c0_, lengths_)                                                                                          \
  {.x = x, .weight_ih = weight_ih, .weight_hh = weight_hh, .bias_ih = bias_ih, .bias_hh = bias_hh, .h0 = h0,          \
   .c0 = (c0_), .lengths = (lengths_)}
#define SAVED(c0_) {.weight_ih = weight_ih, .weight_hh = weight_hh, .c0 = (c0_), .lengths = lengths}

static recurrent_kind lstm_kind(const lstm_options *o) { return (recurrent_kind){"lstm", CELL_LSTM, o->reverse}; }

ml_status lstm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                     const ml_tensor *bias_ih, const ml_tensor *bias_hh, const ml_tensor *h0, const ml_tensor *c0,
                     const ml_tensor *lengths, const lstm_options *o, ml_meta *meta) {
  return nn_recurrent_infer(c, lstm_kind(o), &(recurrent_inputs)INPUTS(c0, lengths), meta);
}

ml_status lstm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                       const ml_tensor *bias_ih, const ml_tensor *bias_hh, const ml_tensor *h0, const ml_tensor *c0,
                       const ml_tensor *lengths, const lstm_options *o, ml_tensor *rows, ml_tensor *gates, ml_tensor *outputs, ml_tensor *last_h, ml_tensor *last_c) {
  return nn_recurrent_forward(c, lstm_kind(o), &(recurrent_inputs)INPUTS(c0, lengths), rows, gates, outputs, last_h, last_c);
}

ml_status lstm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *g_h, const ml_tensor *g_c, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                        const ml_tensor *c0, const ml_tensor *lengths, const ml_tensor *rows, const ml_tensor *gates,
                        const ml_shape *input_shape, const lstm_options *o, ml_tensor **dx, ml_tensor **dweight_ih,
                        ml_tensor **dweight_hh, ml_tensor **dbias_ih, ml_tensor **dbias_hh, ml_tensor **dh0,
                        ml_tensor **dc0) {
  return nn_recurrent_backward(c, lstm_kind(o), g, g_h, g_c, &(recurrent_inputs)SAVED(c0), rows, gates, input_shape,
                               (ml_tensor **[]){dx, dweight_ih, dweight_hh, dbias_ih, dbias_hh, dh0, dc0});
}

static recurrent_kind gru_kind(const gru_options *o) { return (recurrent_kind){"gru", CELL_GRU, o->reverse}; }

ml_status gru_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                    const ml_tensor *bias_ih, const ml_tensor *bias_hh, const ml_tensor *h0, const ml_tensor *lengths,
                    const gru_options *o, ml_meta *meta) {
  return nn_recurrent_infer(c, gru_kind(o), &(recurrent_inputs)INPUTS(NULL, lengths), meta);
}

ml_status gru_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                      const ml_tensor *bias_ih, const ml_tensor *bias_hh, const ml_tensor *h0, const ml_tensor *lengths,
                      const gru_options *o, ml_tensor *rows, ml_tensor *gates, ml_tensor *outputs, ml_tensor *last_h) {
  return nn_recurrent_forward(c, gru_kind(o), &(recurrent_inputs)INPUTS(NULL, lengths), rows, gates, outputs, last_h, NULL);
}

ml_status gru_backward(ml_context *c, const ml_tensor *g, const ml_tensor *g_h, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                       const ml_tensor *lengths, const ml_tensor *rows, const ml_tensor *gates,
                       const ml_shape *input_shape, const gru_options *o, ml_tensor **dx, ml_tensor **dweight_ih,
                       ml_tensor **dweight_hh, ml_tensor **dbias_ih, ml_tensor **dbias_hh, ml_tensor **dh0) {
  return nn_recurrent_backward(c, gru_kind(o), g, g_h, NULL, &(recurrent_inputs)SAVED(NULL), rows, gates, input_shape,
                               (ml_tensor **[]){dx, dweight_ih, dweight_hh, dbias_ih, dbias_hh, dh0, NULL});
}

static recurrent_kind rnn_kind(const rnn_options *o) {
  return (recurrent_kind){"rnn", o->nonlinearity == ML_NONLINEARITY_RELU ? CELL_RNN_RELU : CELL_RNN_TANH, o->reverse};
}

ml_status rnn_infer(ml_context *c, const ml_tensor *x, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                    const ml_tensor *bias_ih, const ml_tensor *bias_hh, const ml_tensor *h0, const ml_tensor *lengths,
                    const rnn_options *o, ml_meta *meta) {
  return nn_recurrent_infer(c, rnn_kind(o), &(recurrent_inputs)INPUTS(NULL, lengths), meta);
}

ml_status rnn_forward(ml_context *c, const ml_tensor *x, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                      const ml_tensor *bias_ih, const ml_tensor *bias_hh, const ml_tensor *h0, const ml_tensor *lengths,
                      const rnn_options *o, ml_tensor *rows, ml_tensor *gates, ml_tensor *outputs, ml_tensor *last_h) {
  return nn_recurrent_forward(c, rnn_kind(o), &(recurrent_inputs)INPUTS(NULL, lengths), rows, gates, outputs, last_h, NULL);
}

ml_status rnn_backward(ml_context *c, const ml_tensor *g, const ml_tensor *g_h, const ml_tensor *weight_ih, const ml_tensor *weight_hh,
                       const ml_tensor *lengths, const ml_tensor *rows, const ml_tensor *gates,
                       const ml_shape *input_shape, const rnn_options *o, ml_tensor **dx, ml_tensor **dweight_ih,
                       ml_tensor **dweight_hh, ml_tensor **dbias_ih, ml_tensor **dbias_hh, ml_tensor **dh0) {
  return nn_recurrent_backward(c, rnn_kind(o), g, g_h, NULL, &(recurrent_inputs)SAVED(NULL), rows, gates, input_shape,
                               (ml_tensor **[]){dx, dweight_ih, dweight_hh, dbias_ih, dbias_hh, dh0, NULL});
}
