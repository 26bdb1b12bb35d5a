/* A recurrent layer over all steps as one op: checks, order of the sequences, memory, and the regions of
 * nn/kernels/recurrent.inc one after the other.
 *
 * Forward: pack the weights; then each block of sequences walks through its steps, alone on its thread. Backward: the same
 * from the last step to the first, chunk by chunk of steps; a product of the gradients of a chunk's gates with the rows that
 * went into its steps is added to the gradients of the weights. */

#include "nn/recurrent.h"

#include "nn/check.h"
#include "ops.gen.h"
#include "tensor/alloc.h"

#include <string.h>

enum {
  PACK_COLUMNS = 4 * NN_WIDEST_PANEL, /* of weights, on one thread */
  CHUNK_ELEMENTS = 1 << 16,           /* of dgates in a chunk of backward: 256 KB, to stay in the cache */
};

static int64_t gates_of(recurrent_cell cell) { return cell == CELL_LSTM ? 4 : cell == CELL_GRU ? 3 : 1; }

/* Checks ----------------------------------------------------------------------------------------------------------- */

static ml_status check_sequences(ml_context *c, const char *op, const ml_shape *x) {
  if (x->ndim == 3) return ML_OK;
  ml_status status = ml_fail(c, "%s: x must have 3 dimensions (batch, steps, inputs), got %s", op, ML_SHAPE(x));
  if (x->ndim == 2) ml_message_add(c, "\n  hint: x:unsqueeze(1) for one sequence, x:unsqueeze(3) for one number a step");
  if (x->ndim == 4 && x->size[1] == 1) ml_message_add(c, "\n  hint: x:squeeze(2) makes steps of the rows of pictures with one channel");
  return status;
}

static ml_status check_matrix(ml_context *c, const char *op, const char *name, const ml_tensor *m, int64_t rows,
                              int64_t columns, const char *what, const ml_shape *x) {
  if (m == NULL || (m->shape.ndim == 2 && m->shape.size[0] == rows && m->shape.size[1] == columns)) return ML_OK;
  ml_status status = ml_fail(c, "%s: %s must be [%lld, %lld] (%s), got %s", op, name, (long long)rows, (long long)columns, what,
                             ML_SHAPE(&m->shape));
  nn_show_shape(c, "x", x, -1);
  return status;
}

ml_status nn_recurrent_infer(ml_context *c, recurrent_kind kind, const recurrent_inputs *in, ml_meta *meta) {
  const ml_shape *x = &in->x->shape, *hh = &in->weight_hh->shape;
  ML_TRY(check_sequences(c, kind.op, x));
  int64_t batch = x->size[0], steps = x->size[1], inputs = x->size[2], gates = gates_of(kind.cell);
  if (hh->ndim != 2 || hh->size[0] != gates * hh->size[1])
    return ml_fail(c, "%s: weight_hh must be [%lld, H] for H hidden units, %lld rows each, got %s", kind.op,
                   (long long)(hh->ndim == 2 ? gates * hh->size[1] : gates), (long long)gates, ML_SHAPE(hh));
  int64_t hidden = hh->size[1];
  ML_TRY(check_matrix(c, kind.op, "weight_ih", in->weight_ih, gates * hidden, inputs, "rows as weight_hh, inputs of x", x));
  ML_TRY(nn_check_vector(c, kind.op, "bias_ih", in->bias_ih, gates * hidden, "row of weight_ih", x));
  ML_TRY(nn_check_vector(c, kind.op, "bias_hh", in->bias_hh, gates * hidden, "row of weight_hh", x));
  ML_TRY(check_matrix(c, kind.op, "h0", in->h0, batch, hidden, "batch, hidden units", x));
  ML_TRY(check_matrix(c, kind.op, "c0", in->c0, batch, hidden, "batch, hidden units", x));
  ML_TRY(nn_check_vector(c, kind.op, "lengths", in->lengths, batch, "sequence of x", x));
  bool biased = in->bias_ih || in->bias_hh;
  meta->shape = ml_make_shape(3, batch, steps, hidden);
  meta->more[0] = ml_make_shape(2, batch, hidden);
  if (kind.cell == CELL_LSTM) meta->more[1] = meta->more[0];
  meta->keep[0] = ml_make_shape(2, batch * steps, hidden + biased + inputs);
  meta->keep[1] = ml_make_shape(2, batch * steps, (kind.cell == CELL_RNN_TANH || kind.cell == CELL_RNN_RELU ? 1 : kind.cell == CELL_GRU ? 4 : 5) * hidden);
  meta->flops = batch * steps * gates * hidden * (2 * (inputs + hidden) + biased);
  return ML_OK;
}

/* The job ---------------------------------------------------------------------------------------------------------- */

static int64_t blocks_of(const recurrent_job *job) { return ml_pieces(job->batch, NN_RECURRENT_BLOCK); }
static const void *data_or_null(const ml_tensor *x) { return x ? ml_data(x) : NULL; }

static void describe(recurrent_job *job, recurrent_kind kind, int64_t ones) {
  int64_t h = job->hidden, gates = gates_of(kind.cell);
  bool gru = kind.cell == CELL_GRU;
  job->cell = kind.cell, job->reverse = kind.reverse, job->ones = ones;
  job->width = h + ones + job->inputs;
  job->dgates_width = gru ? 4 * h : gates * h;
  job->gates_width = kind.cell == CELL_LSTM ? 5 * h : job->dgates_width;
  job->hidden_column = gru ? h : 0;
  job->hidden_gates = job->input_gates = gates * h;
}

/* order, length, start and chunk_start, in one block of memory. */
static size_t order_bytes(const recurrent_job *job) {
  return (size_t)(2 * job->batch + 2 * (blocks_of(job) + 1) + job->steps + 1) * sizeof(int64_t);
}

/* Longest first; those of one length stay in their order. `place`: room for steps + 1 numbers. */
static ml_status sort_by_length(ml_context *c, const char *op, const ml_tensor *lengths, const recurrent_job *job,
                                int64_t *order, int64_t *length, int64_t *place) {
  const int64_t *given = ml_i64(lengths);
  memset(place, 0, (size_t)(job->steps + 1) * sizeof *place);
  for (int64_t b = 0; b < job->batch; b++) {
    if (given[b] < 0 || given[b] > job->steps)
      return ml_fail(c, "%s: sequence %lld has the length %lld, but x has %lld steps (0..%lld)", op, (long long)(b + 1),
                     (long long)given[b], (long long)job->steps, (long long)job->steps);
    place[given[b]]++;
  }
  int64_t at = 0;
  for (int64_t l = job->steps; l >= 0; l--) {
    int64_t count = place[l];
    place[l] = at;
    at += count;
  }
  for (int64_t b = 0; b < job->batch; b++) {
    order[place[given[b]]] = b;
    length[place[given[b]]++] = given[b];
  }
  return ML_OK;
}

static ml_status put_in_order(ml_context *c, const char *op, const ml_tensor *lengths, recurrent_job *job, void *block) {
  int64_t *order = block, *length = order + job->batch, *start = length + job->batch, blocks = blocks_of(job);
  if (lengths) {
    ML_TRY(sort_by_length(c, op, lengths, job, order, length, start + 2 * (blocks + 1)));
  } else {
    for (int64_t b = 0; b < job->batch; b++) order[b] = b, length[b] = job->steps;
  }
  start[0] = 0;
  for (int64_t i = 0; i < blocks; i++) {
    start[i + 1] = start[i];
    for (int64_t b = i * NN_RECURRENT_BLOCK; b < job->batch && b < (i + 1) * NN_RECURRENT_BLOCK; b++) start[i + 1] += length[b];
  }
  job->order = order, job->length = length, job->start = start;
  return ML_OK;
}

/* Room for `count` elements at *at, which moves on; without memory (NULL), sizes are only counted. */
static void *take(char *memory, size_t *at, int64_t count, size_t element) {
  void *here = memory ? memory + *at : NULL;
  *at += ((size_t)count * element + 63) & ~(size_t)63;
  return here;
}

/* Forward ---------------------------------------------------------------------------------------------------------- */

/* Which columns of a row go into which gates. An lstm's and rnn's are one product; of a gru, n keeps the parts of h and x
 * apart. Gives the bytes of the packed weights and of the scratch. */
static size_t plan_forward(recurrent_job *job, size_t element, char *memory) {
  int64_t h = job->hidden, from_h = h + job->ones, from_x = job->ones + job->inputs;
  size_t at = 0;
  if (job->cell == CELL_GRU) {
    job->product[0] = (recurrent_product){.hidden = true, .k = from_h, .column = h, .n = 3 * h};
    job->product[1] = (recurrent_product){.input = true, .add = true, .from = h, .k = from_x, .column = h, .n = 2 * h};
    job->product[2] = (recurrent_product){.input = true, .from = h, .k = from_x, .n = h, .weight_row = 2 * h};
    job->products = 3;
  } else {
    job->product[0] = (recurrent_product){.hidden = true, .input = true, .k = job->width, .n = job->hidden_gates};
    job->products = 1;
  }
  for (int i = 0; i < job->products; i++)
    job->product[i].packed = take(memory, &at, job->product[i].k * nn_panel_columns(job->product[i].n), element);
  if (job->rows == NULL) job->scratch_each = 2 * NN_RECURRENT_BLOCK * (job->width + job->gates_width);
  job->scratch = take(memory, &at, job->scratch_each * ml_threads(), element);
  return at;
}

ml_status nn_recurrent_forward(ml_context *c, recurrent_kind kind, const recurrent_inputs *in, ml_tensor *rows,
                               ml_tensor *gates, ml_tensor *outputs, ml_tensor *last_h, ml_tensor *last_c) {
  if (ml_count(last_h) == 0) return ML_OK;
  const ml_shape *x = &in->x->shape;
  recurrent_job job = {.batch = x->size[0], .steps = x->size[1], .inputs = x->size[2], .hidden = ml_size(in->weight_hh, 1)};
  describe(&job, kind, in->bias_ih || in->bias_hh);
  job.x = ml_data(in->x), job.h0 = data_or_null(in->h0), job.c0 = data_or_null(in->c0);
  job.weight_ih = ml_data(in->weight_ih), job.weight_hh = ml_data(in->weight_hh);
  job.bias_ih = data_or_null(in->bias_ih), job.bias_hh = data_or_null(in->bias_hh);
  job.y = ml_data(outputs), job.last_h = ml_data(last_h), job.last_c = last_c ? ml_data(last_c) : NULL;
  if (rows) job.rows = ml_data(rows), job.gates = ml_data(gates);

  size_t element = ml_dtype_size((ml_dtype)last_h->dtype), bytes = plan_forward(&job, element, NULL);
  void *order = NULL, *memory = NULL;
  ml_status status = ml_alloc_checked(c, order_bytes(&job), &order);
  if (status == ML_OK) status = put_in_order(c, kind.op, in->lengths, &job, order);
  if (status == ML_OK) status = ml_alloc_checked(c, bytes, &memory);
  if (status == ML_OK) {
    plan_forward(&job, element, memory);
    int64_t columns = 0;
    for (int i = 0; i < job.products; i++) columns += nn_panel_columns(job.product[i].n);
    status = nn_run(c, NN_recurrent_pack, last_h->dtype, columns, PACK_COLUMNS, &job);
  }
  if (status == ML_OK) status = nn_run(c, NN_recurrent_forward, last_h->dtype, blocks_of(&job), 1, &job);
  ml_free(memory, bytes);
  ml_free(order, order_bytes(&job));
  return status;
}

/* Backward --------------------------------------------------------------------------------------------------------- */

static void plan_gradients(recurrent_job *job) {
  int64_t h = job->hidden, ones = job->ones;
  bool gru = job->cell == CELL_GRU;
  job->gradient[0] = (recurrent_gradient){.column = job->hidden_column, .m = job->hidden_gates, .n = gru ? h + ones : h, .wide = h,
                                          .bias_at = h};
  job->gradient[1] = (recurrent_gradient){.m = job->input_gates, .turn = gru ? 2 * h : 0, .from = h, .n = ones + job->inputs,
                                          .wide = job->inputs, .weight_at = ones, .bias_at = 0};
}

/* Gives the bytes of all that backward needs besides its results. chunk: steps of one. */
static size_t plan_backward(recurrent_job *job, int64_t chunk, size_t element, char *memory) {
  int64_t h = job->hidden, rows = job->batch * chunk;
  size_t at = 0;
  job->packed_hh = take(memory, &at, job->hidden_gates * nn_panel_columns(h), element);
  job->packed_ih = take(memory, &at, job->dx ? job->input_gates * nn_panel_columns(job->inputs) : 0, element);
  job->dgates = take(memory, &at, rows * job->dgates_width, element);
  job->dh = take(memory, &at, job->batch * h, element);
  job->dc = take(memory, &at, job->cell == CELL_LSTM ? job->batch * h : 0, element);
  job->scratch_each = NN_RECURRENT_BLOCK * job->inputs;
  job->scratch = take(memory, &at, job->scratch_each * ml_threads(), element);
  for (int i = 0; i < 2; i++) {
    recurrent_gradient *p = &job->gradient[i];
    if (p->dweight == NULL && p->dbias[0] == NULL && p->dbias[1] == NULL) continue;
    p->packed = take(memory, &at, rows * nn_panel_columns(p->n), element);
    p->sum = take(memory, &at, p->m * p->n, element);
  }
  return at;
}

/* The steps from .. to - 1: which rows of dgates each block has. */
static void begin_chunk(recurrent_job *job, int64_t from, int64_t to, int64_t *chunk_start) {
  job->from = from, job->to = to, job->chunk_start = chunk_start;
  chunk_start[0] = 0;
  for (int64_t i = 0, place = 0; i < blocks_of(job); i++) {
    chunk_start[i + 1] = chunk_start[i];
    for (; place < job->batch && place < (i + 1) * NN_RECURRENT_BLOCK; place++) {
      int64_t length = job->length[place];
      if (length > from) chunk_start[i + 1] += (length < to ? length : to) - from;
    }
  }
}

static ml_status run_backward(ml_context *c, int dtype, recurrent_job *job, int64_t chunk, int64_t *chunk_start) {
  int64_t columns = nn_panel_columns(job->hidden) + (job->dx ? nn_panel_columns(job->inputs) : 0);
  int64_t pieces = ml_pieces(job->gradient[0].m, NN_RECURRENT_WEIGHT) + ml_pieces(job->gradient[1].m, NN_RECURRENT_WEIGHT);
  ML_TRY(nn_run(c, NN_recurrent_pack_turned, dtype, columns, NN_WIDEST_PANEL, job));
  int64_t to = job->length[0];
  job->first_chunk = true;
  do { /* once, too, where there are no steps: gradients are then 0 */
    int64_t from = to > chunk ? to - chunk : 0;
    begin_chunk(job, from, to, chunk_start);
    job->last_chunk = from == 0;
    ML_TRY(nn_run(c, NN_recurrent_backward, dtype, blocks_of(job), 1, job));
    ML_TRY(nn_run(c, NN_recurrent_weight, dtype, pieces, 1, job));
    job->first_chunk = false;
    to = from;
  } while (to > 0);
  return ML_OK;
}

ml_status nn_recurrent_backward(ml_context *c, recurrent_kind kind, const ml_tensor *g, const ml_tensor *g_h,
                                const ml_tensor *g_c, const recurrent_inputs *in, const ml_tensor *rows,
                                const ml_tensor *gates, const ml_shape *input_shape, ml_tensor **dx[RECURRENT_GRADIENTS]) {
  const ml_shape *x = &input_shape[RECURRENT_X];
  ml_dtype dtype = (ml_dtype)in->weight_hh->dtype;
  bool nothing = x->size[0] == 0 || ml_size(in->weight_hh, 1) == 0;
  void *to[RECURRENT_GRADIENTS] = {0};
  for (int i = 0; i < RECURRENT_GRADIENTS; i++) {
    if (dx[i] == NULL) continue;
    if (nothing) ML_TRY(ml_zeros(c, &input_shape[i], dtype, dx[i]));
    else ML_TRY(ml_empty(c, &input_shape[i], dtype, dx[i]));
    to[i] = ml_data(*dx[i]);
  }
  if (nothing) return ML_OK;
  recurrent_job job = {.batch = x->size[0], .steps = x->size[1], .inputs = x->size[2], .hidden = ml_size(in->weight_hh, 1)};
  describe(&job, kind, input_shape[RECURRENT_BIAS_IH].ndim == 1 || input_shape[RECURRENT_BIAS_HH].ndim == 1);
  job.c0 = data_or_null(in->c0), job.weight_ih = ml_data(in->weight_ih), job.weight_hh = ml_data(in->weight_hh);
  job.rows = ml_data(rows), job.gates = ml_data(gates), job.g = data_or_null(g);
  job.g_h = data_or_null(g_h), job.g_c = data_or_null(g_c);
  job.dx = to[RECURRENT_X], job.dh0 = to[RECURRENT_H0], job.dc0 = to[RECURRENT_C0];
  plan_gradients(&job);
  job.gradient[0].dweight = to[RECURRENT_WEIGHT_HH], job.gradient[1].dweight = to[RECURRENT_WEIGHT_IH];
  job.gradient[1].dbias[0] = to[RECURRENT_BIAS_IH];
  job.gradient[kind.cell == CELL_GRU ? 0 : 1].dbias[1] = to[RECURRENT_BIAS_HH];

  int64_t of_step = job.batch * job.dgates_width, chunk = CHUNK_ELEMENTS / of_step;
  if (chunk < 1) chunk = 1;
  if (chunk > job.steps) chunk = job.steps;
  size_t element = ml_dtype_size(dtype), bytes = plan_backward(&job, chunk, element, NULL);
  void *order = NULL, *memory = NULL;
  ml_status status = ml_alloc_checked(c, order_bytes(&job), &order);
  if (status == ML_OK) status = put_in_order(c, kind.op, in->lengths, &job, order);
  if (status == ML_OK) status = ml_alloc_checked(c, bytes, &memory);
  if (status == ML_OK) {
    plan_backward(&job, chunk, element, memory);
    int64_t *chunk_start = (int64_t *)order + 2 * job.batch + blocks_of(&job) + 1;
    status = run_backward(c, dtype, &job, chunk, chunk_start);
  }
  ml_free(memory, bytes);
  ml_free(order, order_bytes(&job));
  return status;
}
