/* The loops of the layers. nn/kernels/ is compiled for each instruction set and each floating type; here stand the
 * structs that a layer fills in for them and the function that finds the right one.
 *
 * Every kernel is the body of a parallel region: a layer cuts its work by size, and a kernel's sums run in a fixed
 * order, so that neither threads nor vector width change a result. */
#ifndef ML_NN_KERNELS_H
#define ML_NN_KERNELS_H

#include "nn/convolution.h"
#include "nn/optimizer.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

#define ML_NN_KERNEL_LIST(K)                                                                                           \
  K(column_sums)                                                                                                       \
  K(softmax_forward)                                                                                                   \
  K(softmax_backward)                                                                                                  \
  K(conv_product)                                                                                                      \
  K(conv_rows)                                                                                                         \
  K(conv_weight_rows)                                                                                                  \
  K(conv_spread)                                                                                                       \
  K(conv_clear)                                                                                                        \
  K(conv_weight)                                                                                                       \
  K(conv_weight_sum)                                                                                                   \
  K(conv_pack)                                                                                                         \
  K(depthwise)                                                                                                         \
  K(depthwise_weight)                                                                                                  \
  K(winograd_forward)                                                                                                  \
  K(winograd_weight)                                                                                                   \
  K(winograd_pack)                                                                                                     \
  K(winograd_sum)                                                                                                      \
  K(add_partials)                                                                                                      \
  K(max_pool_forward)                                                                                                  \
  K(max_pool_backward)                                                                                                 \
  K(avg_pool_forward)                                                                                                  \
  K(avg_pool_backward)                                                                                                 \
  K(embedding_forward)                                                                                                 \
  K(embedding_backward)                                                                                                \
  K(batch_norm_statistics)                                                                                             \
  K(batch_norm_sums)                                                                                                   \
  K(batch_norm_forward)                                                                                                \
  K(batch_norm_backward)                                                                                               \
  K(layer_norm_forward)                                                                                                \
  K(layer_norm_backward)                                                                                               \
  K(group_norm_forward)                                                                                                \
  K(group_norm_backward)                                                                                               \
  K(attention_forward)                                                                                                 \
  K(attention_backward)                                                                                                \
  K(dropout)                                                                                                           \
  K(cross_entropy_forward)                                                                                             \
  K(cross_entropy_backward)                                                                                            \
  K(nll_forward)                                                                                                       \
  K(nll_backward)                                                                                                      \
  K(regression_loss)                                                                                                   \
  K(ctc_forward)                                                                                                       \
  K(ctc_backward)                                                                                                      \
  K(sgd)                                                                                                               \
  K(adam)                                                                                                              \
  K(rmsprop)                                                                                                           \
  K(adagrad)                                                                                                           \
  K(lion)                                                                                                              \
  K(average)                                                                                                           \
  K(square_sum)                                                                                                        \
  K(scale)                                                                                                             \
  K(clamp)                                                                                                             \
  K(recurrent_pack)                                                                                                    \
  K(recurrent_forward)                                                                                                 \
  K(recurrent_pack_turned)                                                                                             \
  K(recurrent_backward)                                                                                                \
  K(recurrent_weight)

typedef enum nn_kernel {
#define ML_NN_ENUM(name) NN_##name,
  ML_NN_KERNEL_LIST(ML_NN_ENUM)
#undef ML_NN_ENUM
  NN_KERNELS
} nn_kernel;

/* The kernel for this processor; dtype is float32 or float64. */
ml_parallel_body nn_kernel_for(nn_kernel which, int dtype);

/* Runs it over [0, n) in pieces of `grain`. */
ML_CHECKED ml_status nn_run(ml_context *c, nn_kernel which, int dtype, int64_t n, int64_t grain, void *job);

/* Items a piece for items of `cost` elements each, so that a piece is worth waking a thread for. */
static inline int64_t nn_grain(int64_t cost) {
  const int64_t elements = 16384;
  return cost >= elements ? 1 : elements / (cost > 0 ? cost : 1);
}

/* out[j] = sum over the rows of g (rows x columns), in blocks of 64 rows. Over columns. */
typedef struct column_sums_job {
  int64_t rows, columns;
  const void *g;
  void *out;
} column_sums_job;

/* x, y: outer x n x inner, over n. Over outer * blocks, a block being up to NN_SOFTMAX_BLOCK of the inner positions. */
enum { NN_SOFTMAX_BLOCK = 64 };
typedef struct softmax_job {
  int64_t n, inner, blocks;
  bool logarithm;
  const void *x, *g; /* backward reads y as x */
  void *y;           /* backward writes dx here */
} softmax_job;

/* out[i] = sum over p of partial[p * stride + i], in order. Over count. */
typedef struct add_partials_job {
  int64_t pieces, count, stride;
  const void *partial;
  void *out;
} add_partials_job;

/* x: images x height x width x channels; y: images x out_height x out_width x channels (in memory). Forward over
 * images * out_height, backward over images. */
typedef struct pool_job {
  bool adaptive; /* windows follow from the sizes; otherwise from size, stride and padding */
  bool tiles;    /* each element of x is in one window */
  int64_t channels, height, width, out_height, out_width;
  int64_t size_h, size_w, stride_h, stride_w, pad_h, pad_w;
  const void *x;     /* backward: the arriving gradient, of y's shape */
  int32_t *position; /* of the largest element in its picture, from 0, laid out as y; NULL if nobody wants it */
  void *y;           /* backward: dx */
} pool_job;

/* Forward: over ids; weight is V x width, out is ids x width. Backward: over V; out is the gradient of weight. */
typedef struct embedding_job {
  int64_t width, ids;
  const int64_t *id;
  const void *weight, *g;
  void *out;
} embedding_job;

/* x, y: rows x channels. What each channel is shifted and scaled by is of x's type. */
enum { NN_BATCH_NORM_ROWS = 256 }; /* of a partial sum */
typedef struct batch_norm_job {
  int64_t rows, channels;
  bool relu; /* follows */
  const void *x, *g;
  const void *mean, *scale, *shift;   /* y = (x - mean) * scale + shift */
  const void *g_mean, *slope;         /* backward */
  void *partial; /* for each piece: two rows of channels */
  void *y;       /* backward: dx */
} batch_norm_job;

/* x, y: rows x n. Forward over rows; backward over blocks of block_rows rows, each with its own partial
 * dweight and dbias (blocks x n). */
typedef struct layer_norm_job {
  int64_t rows, n, block_rows;
  bool centred; /* false: by the mean square instead of the variance, without a mean */
  double eps;
  const void *x, *g, *weight, *bias;
  void *mean, *rstd;
  void *y;               /* backward: dx, or NULL */
  void *dweight, *dbias; /* partial, or NULL */
} layer_norm_job;

/* x, y: images x channels x positions; in memory channels stand before positions (planes: over images * groups) or behind
 * them (channels_last: over images). dweight and dbias: of each image, images x channels. */
enum { NN_GROUP_NORM_POSITIONS = 256, /* of a sum in x's type; such sums are added in double */
       NN_GROUP_NORM_SCRATCH = 6 };   /* doubles a channel that an image needs */
typedef struct group_norm_job {
  bool channels_last;
  int64_t channels, groups, positions;
  double eps;
  const void *x, *g, *weight, *bias;
  void *mean, *rstd;     /* images x groups; forward: or NULL */
  void *y;               /* backward: dx, or NULL */
  void *dweight, *dbias; /* backward */
  void *scratch;         /* images x channels x NN_GROUP_NORM_SCRATCH; of channels_last */
} group_norm_job;

/* Attention over tensors [..., T, D]: `leads` leading dimensions of the sizes lead_size, `heads` in all. Forward over
 * heads * pieces, a piece being NN_ATTENTION_PIECE rows; backward over heads. Blocks of rows and keys have fixed sizes. */
enum { NN_ATTENTION_ROWS = 28, NN_ATTENTION_KEYS = 128, NN_ATTENTION_PIECE = 512 };
typedef struct attention_view {
  void *data; /* NULL: absent, or not wanted */
  int64_t lead[ML_MAX_DIMS], row, column;
} attention_view;
typedef struct attention_job {
  int leads;
  int64_t lead_size[ML_MAX_DIMS];
  int64_t heads, pieces, rows, keys, width, value_width;
  int64_t padded_width, padded_value_width; /* filled up to whole panels of the product kernel */
  bool causal, mask_is_bool;
  int64_t offset; /* row i stands at position i + offset among the keys */
  double scale, dropout;
  uint64_t key; /* of dropout */
  attention_view q, k, v, mask, y, g, dq, dk, dv;
  void *log_sum; /* heads * rows, or NULL: written by forward, read by backward */
  void *scratch; /* scratch_each elements for each thread */
  int64_t scratch_each;
} attention_job;

/* y = x / (1 - p) where the element's random word is at least p * 2^32, else 0. Over elements. */
typedef struct dropout_job {
  uint64_t key;
  double p;
  const void *x;
  void *y;
} dropout_job;

/* x, the logits of cross_entropy or the log-probabilities of nll_loss: batch x classes x inner; a row is one of batch *
 * inner. cross_entropy runs over batch * blocks, a block being up to NN_SOFTMAX_BLOCK of the inner positions; nll_loss over
 * rows. */
typedef struct cross_entropy_job {
  int64_t classes, inner, blocks, ignore_index;
  double label_smoothing;
  const int64_t *target;
  const void *x, *weight;
  void *top, *log_sum;       /* cross_entropy, of each row: log p = x - top - log_sum */
  double *loss, *row_weight; /* forward: of each row */
  void *out;                 /* backward: the gradient */
  const void *g;
  int64_t g_step; /* 0: one gradient for all rows */
  double factor;  /* times g */
} cross_entropy_job;

typedef enum regression_kind {
  REGRESSION_MSE,
  REGRESSION_L1,
  REGRESSION_HUBER,
  REGRESSION_SMOOTH_L1,
  REGRESSION_KL,
  REGRESSION_KL_LOG,
  REGRESSION_BCE
} regression_kind;

/* The losses of x against target: each into out, or summed for each piece. Over elements. */
enum { NN_LOSS_GRAIN = 8192 };
typedef struct regression_job {
  regression_kind kind;
  double delta; /* of huber; beta of smooth l1 */
  const void *x, *target, *pos_weight;
  int64_t pos_weight_count; /* 0: none; 1: one for all; otherwise the last dimension's size */
  void *out;                /* NULL: sums only */
  double *sums;             /* one a piece */
} regression_job;

enum { NN_CTC_ROWS = 4 }; /* skip, emit; backward: two of beta */
/* log_probability: element (t, b, k) stands at t * step_time + b * step_batch + k. alpha: batch x time x states, where
 * states = 2 * width + 1. Over the batch. */
typedef struct ctc_job {
  int64_t time, classes, width, states, blank; /* blank: from 0 */
  int64_t step_time, step_batch;
  bool zero_infinity;
  const void *log_probability;
  const int64_t *target, *input_lengths, *target_lengths; /* target: batch x width */
  void *alpha, *loss;                                     /* loss: -log likelihood of each row of the batch */
  void *scratch;                                          /* batch x NN_CTC_ROWS x states */
  void *out;                                              /* backward: the gradient, zeros at the start */
  const double *rate; /* backward: what the gradient of each loss is multiplied by */
} ctc_job;

/* One run over all parameters as if they stood in a row: parameter i has the elements start[i] .. start[i + 1] - 1.
 * state[j] is the j-th kind of what is kept for them; NULL where it is not kept. */
enum { NN_UPDATE_GRAIN = 16384 };
typedef struct update_job {
  int count;
  const int64_t *start; /* count + 1 */
  void *const *param, *const *grad, *const *state[ML_UPDATE_STATES];
  double lr, momentum, weight_decay;
  double beta1, beta2, eps, step_size, root_factor; /* lr / (1 - beta1^t); 1 / sqrt(1 - beta2^t) */
  double alpha;                                         /* of rmsprop: how much of the old mean stays */
  bool nesterov, decoupled;
  double factor, limit; /* of scale, average and clamp */
  double *sums;         /* of square_sum, one a piece */
} update_job;

/* One layer over all steps. Sequences stand in the order of their lengths, longest first, and are cut into blocks; within
 * a block, those that have not ended at a step are its first. So the rows of all steps of a block lie close, step by step,
 * and none is for a step that does not count: block b has the rows start[b] .. start[b + 1] - 1 of `rows` and `gates`.
 *
 * A row of `rows` is [h | 1 | x]: the hidden state before the step, a 1 if there are biases, the step's inputs.
 * A row of `gates`: lstm [i f g o | c]; gru [n r z m] with m = W_hn h + b_hn; rnn the new h. Of `dgates`, gradients of
 * what goes into the nonlinearities: lstm [i f g o], gru [n r z m], rnn [h].
 *
 * Backward goes through the steps in chunks, from the last: what a chunk adds to the gradients of the weights is summed
 * while its rows of dgates are in the cache. */
enum { NN_WIDEST_PANEL = 32 }; /* of a packed matrix, at any instruction set */
static inline int64_t nn_panel_columns(int64_t n) { return (n + NN_WIDEST_PANEL - 1) / NN_WIDEST_PANEL * NN_WIDEST_PANEL; }
enum { NN_RECURRENT_BLOCK = 32, NN_RECURRENT_WEIGHT = 56 };
typedef enum recurrent_cell { CELL_RNN_TANH, CELL_RNN_RELU, CELL_LSTM, CELL_GRU } recurrent_cell;

/* Columns `column` .. of gates (n) += columns `from` .. of the row (k) times the weights' rows from weight_row on. */
typedef struct recurrent_product {
  bool hidden, input, add; /* which weights take part; whether an earlier product has written there */
  int64_t from, k, column, n, weight_row;
  void *packed;
} recurrent_product;

/* dweight (rows x wide) and dbias = columns `column` .. of dgates (m of them), turned, times columns `from` .. of rows.
 * Row i of the product belongs to row (i + turn) % m of the weight. */
typedef struct recurrent_gradient {
  int64_t column, m, turn, from, n;
  int64_t wide, weight_at;  /* columns of the weight, and where they begin among the n */
  int64_t bias_at;          /* among the n, if there are biases */
  void *packed;             /* those columns of the chunk's rows; NULL: not wanted */
  void *sum;                /* m x n: the product over the chunks so far */
  void *dweight, *dbias[2]; /* or NULL */
} recurrent_gradient;

typedef struct recurrent_job {
  recurrent_cell cell;
  bool reverse;
  int64_t batch, steps, inputs, hidden, ones;
  int64_t width, gates_width, dgates_width;          /* of rows, gates and dgates */
  const int64_t *order, *length, *start;             /* by place in the order; start by block */
  const void *x, *h0, *c0;                           /* batch x steps x inputs, batch x hidden, or NULL */
  const void *weight_ih, *weight_hh, *bias_ih, *bias_hh; /* biases may be NULL */
  recurrent_product product[3];
  int products;
  void *rows, *gates; /* NULL in forward: kept in the thread's scratch */
  void *y, *last_h, *last_c; /* outputs, last states; of lstm alone the last */
  void *scratch;      /* scratch_each elements for each thread */
  int64_t scratch_each;

  const void *g, *g_h, *g_c; /* backward: what arrives for y, last_h and last_c; NULL: nothing */
  int64_t from, to;           /* the chunk's steps */
  const int64_t *chunk_start; /* block b has the rows chunk_start[b] .. of dgates */
  bool first_chunk, last_chunk;
  int64_t hidden_column, hidden_gates, input_gates; /* gates that h goes into, and x (from column 0) */
  void *packed_hh, *packed_ih; /* the weights for gates -> h and gates -> x */
  void *dgates, *dh, *dc;      /* of the chunk; of the state before it, in the order of the sequences */
  void *dx, *dh0, *dc0;        /* or NULL */
  recurrent_gradient gradient[2]; /* of the weights of h and of x */
} recurrent_job;

#endif
