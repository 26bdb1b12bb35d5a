/* The one way every op runs: check and convert inputs, infer, allocate, run, record. */

#include "tensor/op.h"

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/autograd.h"

#include <math.h>
#include <string.h>

/* Inputs on their way to an op. Those that had to be converted are owned and released at the end. */
typedef struct prepared {
  ml_tensor **in;
  bool *owned;
  int count;
  ml_tensor *in_fixed[ML_MAX_INPUTS];
  bool owned_fixed[ML_MAX_INPUTS];
  void *block; /* for lists that are longer */
  size_t block_size;
} prepared;

bool ml_needs_grad(const ml_context *c, ml_tensor *const *in, int count) {
  if (!c->grad_enabled) return false;
  for (int i = 0; i < count; i++) {
    if (in[i] && (in[i]->requires_grad || in[i]->node)) return true;
  }
  return false;
}

static ml_input_kind kind_of(const ml_op *op, int i) {
  return op->inputs < 0 ? ML_INPUT_TENSOR : (ml_input_kind)op->input_kind[i];
}

/* The common type of the inputs that take part in promotion. */
static ml_status common_type(ml_context *c, const ml_call *call, ml_dtype *out) {
  const ml_op *op = call->op;
  int widest = -1, number = -1;
  for (int i = 0; i < call->count; i++) {
    const ml_tensor *x = call->in[i];
    if (!x || kind_of(op, i) != ML_INPUT_TENSOR) continue;
    if (x->is_number) {
      if ((int)x->dtype > number) number = x->dtype;
    } else if ((int)x->dtype > widest) {
      widest = x->dtype;
    }
  }
  ml_dtype type;
  if (widest < 0) type = number == ML_FLOAT64 ? ML_FLOAT32 : number < 0 ? ML_FLOAT32 : (ml_dtype)number;
  else type = number < 0 ? (ml_dtype)widest : ml_dtype_promote_number((ml_dtype)widest, (ml_dtype)number);
  if (op->accepts == ML_ACCEPTS_FLOAT && !ml_dtype_is_float(type)) type = ML_FLOAT32;
  if (op->accepts == ML_ACCEPTS_NUMBER && type == ML_BOOL) {
    return ml_fail(c, "%s: masks (bool) can't be calculated with\n  hint: combine them with & | ~, or convert with x:to \"int64\"", op->name);
  }
  if (op->accepts == ML_ACCEPTS_LOGICAL && ml_dtype_is_float(type)) {
    return ml_fail(c, "%s: masks or integers are needed, got %s\n  hint: x:ne(0) makes a mask", op->name, ml_dtype_name(type));
  }
  *out = type;
  return ML_OK;
}

/* Replaces input i by a converted copy. */
static void replace(prepared *p, int i, ml_tensor *x) {
  if (p->owned[i]) ml_release(p->in[i]);
  p->in[i] = x;
  p->owned[i] = true;
}

/* The converted copy takes x's place among what backward gets. Where gradients of gradients may be asked for, it hangs on
 * the graph like x itself, or they would not get past it. */
static bool stays_linked(const ml_op *op, const ml_tensor *x, bool recording) {
  return recording && op->second_order && (x->requires_grad || x->node);
}

/* A channels-last copy in ops. */
static ml_status channels_last_linked(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  int n = x->shape.ndim;
  ml_dims behind = {.count = n}, back = {.count = n};
  for (int d = 0; d < n; d++) behind.dim[d] = d == 0 ? 0 : d == n - 1 ? 1 : d + 1;
  for (int d = 0; d < n; d++) back.dim[behind.dim[d]] = d;
  ml_tensor *rows = NULL, *copy = NULL;
  ml_status status = ml_permute(c, x, &behind, &rows);
  if (status == ML_OK) status = ml_contiguous(c, rows, &copy);
  if (status == ML_OK) status = ml_permute(c, copy, &back, out);
  ml_release(rows);
  ml_release(copy);
  return status;
}

static ml_status prepare_input(ml_context *c, const ml_op *op, prepared *p, int i, ml_dtype common, bool recording) {
  ml_tensor *x = p->in[i], *y;
  if (!x) {
    if (op->inputs >= 0 && op->optional[i]) return ML_OK;
    return ml_fail(c, "%s: input %d is missing", op->name, i + 1);
  }
  if (x->is_slot) {
    return ml_fail(c, "%s: a parameter has no shape yet: its module is not built\n  hint: call the model, or model:build{sizes}, first", op->name);
  }
  ml_input_kind kind = kind_of(op, i);
  ml_dtype want = (ml_dtype)x->dtype;
  if (kind == ML_INPUT_TENSOR && op->accepts != ML_ACCEPTS_ANY) want = common;
  if (kind == ML_INPUT_INDEX) {
    if (!ml_dtype_is_integer(want)) {
      return ml_fail(c, "%s: positions must be integers, got %s\n  hint: x:to \"int64\"", op->name, ml_dtype_name(want));
    }
    want = ML_INT64;
  }
  if (kind == ML_INPUT_MASK && want != ML_BOOL) {
    return ml_fail(c, "%s: the mask must be bool, got %s\n  hint: x:ne(0) makes a mask", op->name, ml_dtype_name(want));
  }
  if (want != (ml_dtype)x->dtype) {
    if (stays_linked(op, x, recording)) ML_TRY(ml_to(c, x, want, &y));
    else ML_TRY(ml_convert(c, x, want, &y));
    replace(p, i, y);
    x = y;
  }
  ml_layout layout = op->inputs >= 0 ? (ml_layout)op->layout[i] : ML_LAYOUT_ROWS;
  if ((!op->strided || kind == ML_INPUT_INDEX) && kind != ML_INPUT_STATE && x->storage && !ml_fits_layout(x, layout)) {
    bool linked = stays_linked(op, x, recording), channels_last = layout == ML_LAYOUT_CHANNELS_LAST;
    if (channels_last && linked) ML_TRY(channels_last_linked(c, x, &y));
    else if (channels_last) ML_TRY(ml_channels_last_unrecorded(c, x, &y));
    else if (linked) ML_TRY(ml_contiguous(c, x, &y));
    else ML_TRY(ml_contiguous_unrecorded(c, x, &y));
    replace(p, i, y);
  }
  return ML_OK;
}

static ml_status prepare_inputs(ml_context *c, const ml_call *call, prepared *p, bool recording) {
  p->in = p->in_fixed;
  p->owned = p->owned_fixed;
  p->block_size = 0;
  if (call->count > ML_MAX_INPUTS) {
    p->block_size = (size_t)call->count * (sizeof *p->in + sizeof *p->owned);
    ML_TRY(ml_alloc_checked(c, p->block_size, &p->block));
    p->in = p->block;
    p->owned = (bool *)(p->in + call->count);
  }
  p->count = call->count;
  for (int i = 0; i < call->count; i++) {
    p->in[i] = call->in[i];
    p->owned[i] = false;
  }
  ml_dtype common = ML_FLOAT32;
  if (call->op->accepts != ML_ACCEPTS_ANY) ML_TRY(common_type(c, call, &common));
  for (int i = 0; i < call->count; i++) ML_TRY(prepare_input(c, call->op, p, i, common, recording));
  return ML_OK;
}

static void release_inputs(prepared *p) {
  if (!p->in) return;
  for (int i = 0; i < p->count; i++) {
    if (p->owned[i]) ml_release(p->in[i]);
  }
  ml_free(p->block, p->block_size);
}

void ml_lay_out_channels_last(ml_meta *meta) {
  meta->laid_out = true;
  ml_strides_channels_last(&meta->shape, meta->stride);
}

void ml_lay_out_beside(ml_meta *meta, const ml_tensor *x) {
  meta->laid_out = true;
  memcpy(meta->stride, x->stride, sizeof meta->stride);
}

static bool all_stored(const prepared *p) {
  for (int i = 0; i < p->count; i++) {
    if (p->in[i] && !p->in[i]->storage) return false;
  }
  return true;
}

static void add_edge(ml_edge *e, ml_tensor *x, bool takes_gradient) {
  *e = (ml_edge){0};
  if (!x) return;
  e->shape = x->shape;
  e->dtype = (ml_dtype)x->dtype;
  e->result = x->result;
  if (!takes_gradient || !ml_dtype_is_float(e->dtype)) return;
  if (x->node) {
    e->node = x->node;
    x->node->refs++;
  } else if (x->requires_grad) {
    e->leaf = ml_retain(x);
  }
}

/* Result i of a call, from 0. */
static ml_tensor *result_of(const ml_call *call, ml_tensor *y, int i) { return i == 0 ? y : call->more[i - 1]; }

static void belongs_to(ml_node *node, ml_tensor *y, int result) {
  y->node = node;
  y->result = (uint8_t)result;
}

static ml_status save(ml_context *c, ml_node *node, int i, ml_tensor *x, bool is_result) {
  if (!x) return ML_OK;
  if (is_result) ML_TRY(ml_alias(c, x, &node->saved[i])); /* the tensor itself would hold the node: a cycle */
  else node->saved[i] = ml_retain(x);
  node->saved_version[i] = x->storage ? x->storage->version : 0;
  return ML_OK;
}

ml_status ml_record(ml_context *c, const ml_call *call, ml_tensor *const *seen, ml_tensor *y) {
  const ml_op *op = call->op;
  size_t origin_size = c->anomaly && c->origin[0] ? strlen(c->origin) + 1 : 0;
  size_t edges_size = sizeof(ml_edge) * (size_t)call->count;
  size_t args_size = (op->args_size + 15) & ~(size_t)15;
  size_t bytes = sizeof(ml_node) + edges_size + args_size + origin_size;
  ml_node *node;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&node));
  memset(node, 0, sizeof *node);
  node->refs = 1;
  node->op = op;
  node->sequence = c->next_sequence++;
  node->shape = y->shape;
  node->dtype = (ml_dtype)y->dtype;
  node->edges = call->count;
  node->bytes = bytes;
  char *behind = (char *)node->edge + edges_size;
  if (op->args_size) {
    node->args = behind;
    memcpy(node->args, call->args, op->args_size);
  }
  if (origin_size) node->origin = memcpy(behind + args_size, c->origin, origin_size);
  for (int i = 0; i < call->count; i++) add_edge(&node->edge[i], call->in[i], kind_of(op, i) == ML_INPUT_TENSOR);
  belongs_to(node, y, 0);
  for (int i = 0; i < op->more; i++) {
    if (!ml_dtype_is_float((ml_dtype)call->more[i]->dtype)) continue;
    belongs_to(node, call->more[i], i + 1);
    node->refs++;
  }
  for (int i = 0; i < op->saves; i++) {
    const ml_save *s = &op->save[i];
    ml_tensor *x = s->kind == ML_SAVE_RESULT ? result_of(call, y, s->index) : s->kind == ML_SAVE_KEEP ? call->keep[s->index] : seen[s->index];
    node->saves = i + 1;
    ML_TRY(save(c, node, i, x, s->kind == ML_SAVE_RESULT));
  }
  return ML_OK;
}

/* Makes a tensor that forward writes besides its first result. */
static ml_status make_beside(ml_context *c, const ml_shape *shape, int dtype, const ml_meta *meta, bool stored, ml_tensor **out) {
  if (shape->ndim < 0) shape = &meta->shape;
  if (dtype < 0) dtype = (int)meta->dtype;
  if (stored && meta->laid_out && shape == &meta->shape) return ml_empty_strided(c, shape, (ml_dtype)dtype, meta->stride, out);
  return stored ? ml_empty(c, shape, (ml_dtype)dtype, out) : ml_shape_only(c, shape, (ml_dtype)dtype, out);
}

/* The results after the first, and what forward keeps for backward. */
static ml_status make_others(ml_context *c, ml_call *call, const ml_meta *meta, bool recording, bool stored) {
  const ml_op *op = call->op;
  for (int i = 0; i < op->more; i++) ML_TRY(make_beside(c, &meta->more[i], op->more_dtype[i], meta, stored, &call->more[i]));
  for (int i = 0; recording && i < op->keeps; i++) {
    ML_TRY(make_beside(c, &meta->keep[i], op->keep_dtype[i], meta, stored, &call->keep[i]));
  }
  return ML_OK;
}

/* In anomaly mode: the first op that makes a NaN, or infinity from finite inputs, is named with its origin. */
static bool all_finite(ml_context *c, const ml_tensor *x, bool *nan) {
  ml_tensor *flat;
  *nan = false;
  if (!ml_dtype_is_float((ml_dtype)x->dtype) || !x->storage || ml_contiguous_unrecorded(c, x, &flat) != ML_OK) return true;
  bool finite = true;
  for (int64_t i = 0, n = ml_count(flat); i < n; i++) {
    double v = flat->dtype == ML_FLOAT32 ? ml_f32(flat)[i] : ml_f64(flat)[i];
    if (!isfinite(v)) finite = false;
    if (isnan(v)) *nan = true;
  }
  ml_release(flat);
  return finite;
}

static ml_status check_anomaly(ml_context *c, const ml_op *op, ml_tensor *const *in, int count, const ml_tensor *y) {
  bool nan, ignored;
  if (all_finite(c, y, &nan)) return ML_OK;
  for (int i = 0; i < count; i++) {
    if (in[i] && !all_finite(c, in[i], &ignored)) return ML_OK; /* not the first */
  }
  if (!nan && op == &ml_ops[ML_OP_MASKED_FILL]) return ML_OK; /* -inf before softmax is meant */
  return ml_fail(c, "%s: gave %s from finite inputs%s%s", op->name, nan ? "NaN" : "infinity", c->origin[0] ? "\n  at " : "", c->origin);
}

/* Infer, allocate, run; no graph. */
static ml_status run(ml_context *c, ml_call *call, bool recording, const prepared *p, ml_tensor **out) {
  const ml_op *op = call->op;
  ml_meta meta; /* as op.h says; shapes of sizes that nobody reads are not cleared */
  meta.shape.ndim = 0, meta.dtype = ML_FLOAT32, meta.flops = 0, meta.laid_out = false;
  for (int i = 0; i < op->more; i++) meta.more[i].ndim = -1;
  for (int i = 0; i < op->keeps; i++) meta.keep[i].ndim = -1;
  for (int i = 0; i < p->count; i++) {
    if (p->in[i]) {
      meta.shape = p->in[i]->shape;
      meta.dtype = (ml_dtype)p->in[i]->dtype;
      break;
    }
  }
  ML_TRY(op->infer(c, call, &meta));
  c->flops += meta.flops;
  bool stored = all_stored(p);
  if (!stored && op->needs_data) return ml_fail(c, "%s: the shape of the result depends on the data, and there is none while a model is checked", op->name);
  if (!stored || op->family == ML_FAMILY_VIEW) ML_TRY(ml_shape_only(c, &meta.shape, meta.dtype, out));
  else if (meta.laid_out) ML_TRY(ml_empty_strided(c, &meta.shape, meta.dtype, meta.stride, out));
  else ML_TRY(ml_empty(c, &meta.shape, meta.dtype, out));
  ML_TRY(make_others(c, call, &meta, recording, stored));
  if (stored || op->family == ML_FAMILY_VIEW) ML_TRY(op->forward(c, call, *out));
  for (int i = 0; c->anomaly && i <= op->more; i++) ML_TRY(check_anomaly(c, op, call->in, call->count, result_of(call, *out, i)));
  return ML_OK;
}

ml_status ml_apply(ml_context *c, ml_call *call, ml_tensor **out) {
  const ml_op *op = call->op;
  for (int i = 0; i <= op->more; i++) out[i] = NULL;
  if (op->inputs < 0 && call->count == 0) return ml_fail(c, "%s: the list of tensors is empty", op->name);
  prepared p;
  p.in = NULL, p.block = NULL, p.count = 0;
  ml_call inner = *call;
  ml_tensor *result = NULL;
  bool recording = op->differentiable && ml_needs_grad(c, call->in, call->count);
  ml_status status = prepare_inputs(c, call, &p, recording);
  if (status != ML_OK) goto done;
  inner.in = p.in;
  memset(inner.more, 0, sizeof inner.more);
  memset(inner.keep, 0, sizeof inner.keep);
  if (op->prepare && (status = op->prepare(c, &inner)) != ML_OK) goto done;
  if ((status = run(c, &inner, recording, &p, &result)) != ML_OK) goto done;
  if (recording && ml_dtype_is_float((ml_dtype)result->dtype)) {
    inner.in = call->in;
    status = ml_record(c, &inner, p.in, result);
  }
done:
  release_inputs(&p);
  for (int i = 0; i < op->keeps; i++) ml_release(inner.keep[i]);
  for (int i = 0; i <= op->more; i++) {
    ml_tensor *y = result_of(&inner, result, i);
    if (status != ML_OK) ml_release(y);
    else out[i] = y;
  }
  return status;
}

ml_status ml_sum_to_shape(ml_context *c, const ml_tensor *g, const ml_shape *shape, ml_tensor **out) {
  if (ml_shape_equal(&g->shape, shape)) {
    *out = ml_retain((ml_tensor *)(uintptr_t)g);
    return ML_OK;
  }
  ml_dims dims = {0};
  int lead = g->shape.ndim - shape->ndim;
  for (int i = 0; i < g->shape.ndim; i++) {
    if (i < lead || (shape->size[i - lead] == 1 && g->shape.size[i] != 1)) dims.dim[dims.count++] = i;
  }
  ml_tensor *sum;
  ML_TRY(ml_sum(c, g, &dims, &(sum_options){.keepdim = true}, &sum));
  ml_status status = ml_reshape(c, sum, shape, out);
  ml_release(sum);
  return status;
}
