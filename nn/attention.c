/* Scaled dot-product attention: softmax(q k^T scale + mask) v over [..., T, D], without the T x T matrix.
 *
 * Rows run over blocks of keys with a running maximum and sum (FlashAttention, Dao et al. 2022); backward makes the
 * weights of a block again from the logarithm of the row's sum, which is all that is kept. Inputs are read with any
 * strides, since they are usually views of one product [B, T, 3 C]; the result and such inputs' gradients lie in memory
 * as [B, T, heads, D], so that y:transpose(2, 3):reshape(B, T, C) moves nothing. */

#include "nn/check.h"
#include "nn/kernels.h"
#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/random.h"

#include <math.h>
#include <string.h>

typedef scaled_dot_product_attention_options options_of_attention;

static const char NAME[] = "scaled_dot_product_attention";

ml_status scaled_dot_product_attention_prepare(ml_context *c, const ml_call *call,
                                               scaled_dot_product_attention_args *args) {
  options_of_attention *o = &args->options;
  if (o->dropout > 0 && o->key == 0 && call->in[0]->storage != NULL) o->key = (int64_t)ml_random_next_key(c);
  return ML_OK;
}

static int64_t rows_of(const ml_shape *s) { return s->size[s->ndim - 2]; }
static int64_t width_of(const ml_shape *s) { return s->size[s->ndim - 1]; }

static ml_status show_all(ml_context *c, ml_status status, const ml_shape *q, const ml_shape *k, const ml_shape *v) {
  nn_show_shape(c, "q", q, -1);
  nn_show_shape(c, "k", k, -1);
  nn_show_shape(c, "v", v, -1);
  return status;
}

static ml_status check_shapes(ml_context *c, const ml_shape *q, const ml_shape *k, const ml_shape *v) {
  if (q->ndim < 2 || k->ndim != q->ndim || v->ndim != q->ndim)
    return show_all(c, ml_fail(c, "%s: q, k and v must have the same number of dimensions, at least 2: [batch, heads, T, D]", NAME), q, k, v);
  for (int d = 0; d < q->ndim - 2; d++)
    if (k->size[d] != q->size[d] || v->size[d] != q->size[d])
      return show_all(c, ml_fail(c, "%s: q, k and v must agree in all dimensions but the last two (dimension %d differs)", NAME, d + 1), q, k, v);
  if (width_of(k) != width_of(q))
    return show_all(c, ml_fail(c, "%s: the last dimensions of q and k must be equal, got %lld and %lld", NAME,
                               (long long)width_of(q), (long long)width_of(k)), q, k, v);
  if (rows_of(v) != rows_of(k))
    return show_all(c, ml_fail(c, "%s: k and v must have one row a position, got %lld and %lld", NAME,
                               (long long)rows_of(k), (long long)rows_of(v)), q, k, v);
  return ML_OK;
}

static ml_status check_mask(ml_context *c, const char *op, const ml_tensor *mask, const ml_shape *scores) {
  if (mask == NULL) return ML_OK;
  bool fits = mask->shape.ndim <= scores->ndim;
  for (int i = 1; fits && i <= mask->shape.ndim; i++) {
    int64_t size = mask->shape.size[mask->shape.ndim - i];
    fits = size == 1 || size == scores->size[scores->ndim - i];
  }
  if (!fits)
    return ml_fail(c, "%s: the mask %s does not broadcast to the scores %s", op, ML_SHAPE(&mask->shape), ML_SHAPE(scores));
  if (mask->dtype != ML_BOOL && !ml_dtype_is_float((ml_dtype)mask->dtype))
    return ml_fail(c, "%s: the mask must be bool (true: may be looked at) or numbers that are added to the scores, got %s\n  hint: m:ne(0) makes a bool mask",
                   op, ml_dtype_name((ml_dtype)mask->dtype));
  if (c->grad_enabled && (mask->requires_grad || mask->node))
    return ml_fail(c, "%s: the mask gets no gradient\n  hint: pass mask:detach(), or write the attention out with matmul and softmax", op);
  return ML_OK;
}

/* Pairs of a row and a key that it may look at. */
static int64_t pairs_of(int64_t rows, int64_t keys, bool causal, int64_t offset) {
  if (!causal) return rows * keys;
  int64_t pairs = 0;
  for (int64_t i = 0; i < rows; i++) {
    int64_t reach = i + offset + 1;
    pairs += reach < 0 ? 0 : reach > keys ? keys : reach;
  }
  return pairs;
}

ml_status scaled_dot_product_attention_infer(ml_context *c, const ml_tensor *q, const ml_tensor *k, const ml_tensor *v,
                                             const ml_tensor *mask, const options_of_attention *o, ml_meta *meta) {
  const ml_shape *qs = &q->shape, *ks = &k->shape, *vs = &v->shape;
  ML_TRY(check_shapes(c, qs, ks, vs));
  ml_shape scores = *qs;
  scores.size[qs->ndim - 1] = rows_of(ks);
  ML_TRY(check_mask(c, NAME, mask, &scores));
  meta->shape.size[qs->ndim - 1] = width_of(vs);
  meta->keep[0] = *qs;
  meta->keep[0].ndim--;
  int64_t heads = 1;
  for (int d = 0; d < qs->ndim - 2; d++) heads *= qs->size[d];
  meta->flops = heads * pairs_of(rows_of(qs), rows_of(ks), o->causal, o->offset) * (2 * width_of(qs) + 2 * width_of(vs) + 5);
  return ML_OK;
}

/* Lays x's memory, which is row-major, out anew with the rows outside of the heads: [B, T, heads, D]. */
static void put_heads_inside(ml_tensor *x) {
  int d = x->shape.ndim - 3;
  if (d < 1) return;
  x->stride[d] = width_of(&x->shape);
  x->stride[d + 1] = x->shape.size[d] * width_of(&x->shape);
}

/* The gradient of x, laid out as x is. */
static ml_status empty_as(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  ML_TRY(ml_empty(c, &x->shape, (ml_dtype)x->dtype, out));
  if (!ml_is_contiguous(x)) put_heads_inside(*out);
  return ML_OK;
}

static attention_view view_of(const ml_tensor *x, int ndim) {
  attention_view view = {.data = NULL};
  if (x == NULL) return view;
  view.data = ml_data(x);
  int lead = ndim - x->shape.ndim; /* a mask may have fewer dimensions, and sizes of 1 that are repeated */
  for (int d = 0; d < ndim; d++) {
    int64_t stride = d < lead || x->shape.size[d - lead] == 1 ? 0 : x->stride[d - lead];
    *(d == ndim - 1 ? &view.column : d == ndim - 2 ? &view.row : &view.lead[d]) = stride;
  }
  return view;
}

static int64_t padded(int64_t width) { return (width + 63) / 64 * 64; } /* at least a panel at any vector width */

static attention_job job_of(const ml_tensor *q, const ml_tensor *k, const ml_tensor *v, const options_of_attention *o) {
  int ndim = q->shape.ndim;
  attention_job job = {.leads = ndim - 2, .heads = 1, .rows = rows_of(&q->shape), .keys = rows_of(&k->shape),
                       .width = width_of(&q->shape), .value_width = width_of(&v->shape), .causal = o->causal,
                       .offset = o->offset, .dropout = o->dropout, .key = (uint64_t)o->key};
  for (int d = 0; d < job.leads; d++) {
    job.lead_size[d] = q->shape.size[d];
    job.heads *= job.lead_size[d];
  }
  job.pieces = ml_pieces(job.rows, NN_ATTENTION_PIECE);
  job.padded_width = padded(job.width);
  job.padded_value_width = padded(job.value_width);
  job.scale = o->scale != 0 ? o->scale : 1 / sqrt((double)(job.width > 0 ? job.width : 1));
  job.q = view_of(q, ndim), job.k = view_of(k, ndim), job.v = view_of(v, ndim);
  return job;
}

/* Runs a kernel with scratch of `each` elements a thread. The mask is converted to q's type unless it is bool. */
static ml_status run(ml_context *c, nn_kernel which, ml_dtype dtype, int64_t n, int64_t grain, int64_t each,
                     const ml_tensor *mask, int ndim, attention_job *job) {
  ml_tensor *converted = NULL;
  job->scratch_each = (each + 15) / 16 * 16;
  size_t bytes = (size_t)(ml_threads() * job->scratch_each) * ml_dtype_size(dtype);
  ML_TRY(ml_alloc_checked(c, bytes, &job->scratch));
  ml_status status = ML_OK;
  if (mask) {
    job->mask_is_bool = mask->dtype == ML_BOOL;
    status = ml_convert(c, mask, job->mask_is_bool ? ML_BOOL : dtype, &converted);
    if (status == ML_OK) job->mask = view_of(converted, ndim);
  }
  if (status == ML_OK) status = nn_run(c, which, dtype, n, grain, job);
  ml_release(converted);
  ml_free(job->scratch, bytes);
  return status;
}

/* y has its strides already. */
static ml_status forward(ml_context *c, const ml_tensor *q, const ml_tensor *k, const ml_tensor *v,
                         const ml_tensor *mask, const options_of_attention *o, ml_tensor *log_sum, ml_tensor *y) {
  attention_job job = job_of(q, k, v, o);
  if (job.keys == 0 || ml_count(y) == 0) {
    if (log_sum) ML_TRY(ml_fill(c, log_sum, INFINITY));
    return ml_fill(c, y, 0);
  }
  job.y = view_of(y, q->shape.ndim);
  job.log_sum = log_sum ? ml_data(log_sum) : NULL;
  int64_t each = (job.width + job.padded_value_width + NN_ATTENTION_ROWS) * NN_ATTENTION_KEYS + 2 * NN_ATTENTION_PIECE;
  int64_t rows = job.rows < NN_ATTENTION_PIECE ? job.rows : NN_ATTENTION_PIECE;
  return run(c, NN_attention_forward, (ml_dtype)q->dtype, job.heads * job.pieces, nn_grain(rows * job.keys), each, mask,
             q->shape.ndim, &job);
}

/* Fills dq, dk and dv, those that are not NULL. */
static ml_status backward(ml_context *c, const ml_tensor *g, const ml_tensor *q, const ml_tensor *k,
                          const ml_tensor *v, const ml_tensor *mask, const ml_tensor *y, const ml_tensor *log_sum,
                          const options_of_attention *o, ml_tensor *dq, ml_tensor *dk, ml_tensor *dv) {
  attention_job job = job_of(q, k, v, o);
  if (job.keys == 0 || ml_count(g) == 0 || job.width == 0) {
    if (dq) ML_TRY(ml_fill(c, dq, 0));
    if (dk) ML_TRY(ml_fill(c, dk, 0));
    return dv ? ml_fill(c, dv, 0) : ML_OK;
  }
  int ndim = q->shape.ndim;
  job.y = view_of(y, ndim), job.g = view_of(g, ndim);
  job.dq = view_of(dq, ndim), job.dk = view_of(dk, ndim), job.dv = view_of(dv, ndim);
  job.log_sum = ml_data(log_sum);
  int64_t each = (job.width + job.value_width + job.padded_width) * NN_ATTENTION_KEYS +
                 (job.padded_width + job.padded_value_width + 2 * NN_ATTENTION_KEYS) * NN_ATTENTION_ROWS + job.rows;
  return run(c, NN_attention_backward, (ml_dtype)q->dtype, job.heads, nn_grain(2 * job.rows * job.keys), each, mask,
             ndim, &job);
}

ml_status scaled_dot_product_attention_forward(ml_context *c, const ml_tensor *q, const ml_tensor *k,
                                               const ml_tensor *v, const ml_tensor *mask, const options_of_attention *o,
                                               ml_tensor *log_sum, ml_tensor *y) {
  put_heads_inside(y);
  return forward(c, q, k, v, mask, o, log_sum, y);
}

ml_status scaled_dot_product_attention_backward(ml_context *c, const ml_tensor *g, const ml_tensor *q,
                                                const ml_tensor *k, const ml_tensor *v, const ml_tensor *mask,
                                                const ml_tensor *y, const ml_tensor *log_sum,
                                                const ml_shape *input_shape, const options_of_attention *o,
                                                ml_tensor **dq, ml_tensor **dk, ml_tensor **dv) {
  (void)input_shape;
  if (dq) ML_TRY(empty_as(c, q, dq));
  if (dk) ML_TRY(empty_as(c, k, dk));
  if (dv) ML_TRY(empty_as(c, v, dv));
  return backward(c, g, q, k, v, mask, y, log_sum, o, dq ? *dq : NULL, dk ? *dk : NULL, dv ? *dv : NULL);
}

/* self_attention: q, k and v stand beside each other in one product [B, T, 3 C], and so do their gradients. -------------- */

static options_of_attention options_from(const self_attention_options *o) {
  return (options_of_attention){.causal = o->causal, .dropout = o->dropout, .key = o->key};
}

ml_status self_attention_prepare(ml_context *c, const ml_call *call, self_attention_args *args) {
  self_attention_options *o = &args->options;
  if (o->dropout > 0 && o->key == 0 && call->in[0]->storage != NULL) o->key = (int64_t)ml_random_next_key(c);
  return ML_OK;
}

ml_status self_attention_infer(ml_context *c, const ml_tensor *qkv, const ml_tensor *mask, int64_t heads,
                               const self_attention_options *o, ml_meta *meta) {
  const ml_shape *s = &qkv->shape;
  if (s->ndim != 3 || heads < 1 || s->size[2] % (3 * heads) != 0)
    return ml_fail(c, "self_attention: qkv must be [batch, T, 3 * heads * D], got %s for %lld heads", ML_SHAPE(s), (long long)heads);
  int64_t batch = s->size[0], rows = s->size[1], width = s->size[2] / (3 * heads);
  ml_shape scores = ml_make_shape(4, batch, heads, rows, rows);
  ML_TRY(check_mask(c, "self_attention", mask, &scores));
  meta->shape.size[2] = heads * width;
  meta->keep[0] = ml_make_shape(3, batch, heads, rows);
  meta->flops = batch * heads * pairs_of(rows, rows, o->causal, 0) * (4 * width + 5);
  return ML_OK;
}

/* [batch, heads, T, D] within x, [batch, T, parts * heads * D]: the part-th of these. A tensor on the stack, which nobody retains. */
static ml_tensor heads_of(const ml_tensor *x, int64_t heads, int64_t parts, int64_t part) {
  ml_tensor view = *x;
  int64_t width = x->shape.size[2] / (parts * heads), inner = x->stride[2];
  view.shape = ml_make_shape(4, x->shape.size[0], heads, x->shape.size[1], width);
  view.stride[0] = x->stride[0], view.stride[1] = width * inner, view.stride[2] = x->stride[1], view.stride[3] = inner;
  view.offset = x->offset + part * heads * width * inner;
  return view;
}

ml_status self_attention_forward(ml_context *c, const ml_tensor *qkv, const ml_tensor *mask, int64_t heads,
                                 const self_attention_options *o, ml_tensor *log_sum, ml_tensor *y) {
  ml_tensor q = heads_of(qkv, heads, 3, 0), k = heads_of(qkv, heads, 3, 1), v = heads_of(qkv, heads, 3, 2);
  ml_tensor out = heads_of(y, heads, 1, 0);
  options_of_attention options = options_from(o);
  return forward(c, &q, &k, &v, mask, &options, log_sum, &out);
}

ml_status self_attention_backward(ml_context *c, const ml_tensor *g, const ml_tensor *qkv, const ml_tensor *mask,
                                  const ml_tensor *y, const ml_tensor *log_sum, const ml_shape *input_shape,
                                  int64_t heads, const self_attention_options *o, ml_tensor **dqkv) {
  if (dqkv == NULL) return ML_OK;
  ML_TRY(ml_empty(c, &input_shape[0], (ml_dtype)g->dtype, dqkv));
  ml_tensor q = heads_of(qkv, heads, 3, 0), k = heads_of(qkv, heads, 3, 1), v = heads_of(qkv, heads, 3, 2);
  ml_tensor dq = heads_of(*dqkv, heads, 3, 0), dk = heads_of(*dqkv, heads, 3, 1), dv = heads_of(*dqkv, heads, 3, 2);
  ml_tensor out = heads_of(y, heads, 1, 0), arriving = heads_of(g, heads, 1, 0);
  options_of_attention options = options_from(o);
  return backward(c, &arriving, &q, &k, &v, mask, &out, log_sum, &options, &dq, &dk, &dv);
}
