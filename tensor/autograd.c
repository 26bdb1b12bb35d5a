/* Backward: nodes in order of creation, newest first, without recursion. */

#include "tensor/autograd.h"

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/elementwise.h"
#include "tensor/parallel.h"

#include <stdlib.h>
#include <string.h>

/* Where the gradient of a node's result arrives. */
static ml_tensor **arrival(ml_node *node, int result) { return result == 0 ? &node->grad : &node->more_grad[result - 1]; }

static bool has_arrived(ml_node *node) {
  bool any = false;
  for (int i = 0; i <= node->op->more; i++) any = any || *arrival(node, i) != NULL;
  return any;
}

static void drop_arrived(ml_node *node) {
  for (int i = 0; i < ML_MAX_RESULTS; i++) {
    ml_release(*arrival(node, i));
    *arrival(node, i) = NULL;
  }
}

/* Freeing --------------------------------------------------------------------------------------------------------- */

/* Drops what the node saved for backward. */
static void drop_saved(ml_node *node) {
  for (int i = 0; i < node->saves; i++) {
    ml_release(node->saved[i]);
    node->saved[i] = NULL;
  }
}

/* Nodes whose last reference is gone, waiting to be freed. Freeing one may let go of the next: they are put on this list
 * rather than freed inside each other, so that a chain of any length needs no stack. Chained by their arriving gradient's
 * place, which nobody needs any more. */
static _Thread_local ml_node *dying;
static _Thread_local bool burying;

void ml_node_release(ml_node *node) {
  if (--node->refs > 0) return;
  drop_arrived(node);
  node->grad = (ml_tensor *)dying;
  dying = node;
  if (burying) return;
  burying = true;
  while (dying) {
    ml_node *next = dying;
    dying = (ml_node *)next->grad;
    drop_saved(next);
    if (next->op->release) next->op->release(next->args);
    for (int i = 0; i < next->edges; i++) {
      ml_release(next->edge[i].leaf);
      if (next->edge[i].node) ml_node_release(next->edge[i].node);
    }
    ml_free(next, next->bytes);
  }
  burying = false;
}

/* The walk -------------------------------------------------------------------------------------------------------- */

/* The nodes below a result. */
typedef struct node_list {
  ml_node **node;
  int64_t count, capacity;
} node_list;

static ml_status list_add(ml_context *c, node_list *list, ml_node *node) {
  if (list->count == list->capacity) {
    int64_t capacity = list->capacity ? 2 * list->capacity : 128;
    void *block;
    ML_TRY(ml_alloc_checked(c, (size_t)capacity * sizeof(ml_node *), &block));
    if (list->count) memcpy(block, list->node, (size_t)list->count * sizeof(ml_node *));
    ml_free(list->node, (size_t)list->capacity * sizeof(ml_node *));
    list->node = block;
    list->capacity = capacity;
  }
  node->queued = true;
  node->refs++;
  list->node[list->count++] = node;
  return ML_OK;
}

static int newest_first(const void *a, const void *b) {
  uint64_t x = (*(ml_node *const *)a)->sequence, y = (*(ml_node *const *)b)->sequence;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* Everything reachable: the list is its own queue. */
static ml_status collect(ml_context *c, ml_node *root, node_list *list) {
  ML_TRY(list_add(c, list, root));
  for (int64_t i = 0; i < list->count; i++) {
    ml_node *node = list->node[i];
    if (node->freed) {
      return ml_fail(c, "backward: the graph of %s was freed by an earlier backward\n  hint: the first one needs {retain_graph = true}", node->op->name);
    }
    for (int e = 0; e < node->edges; e++) {
      ml_node *next = node->edge[e].node;
      if (next && !next->queued) ML_TRY(list_add(c, list, next));
    }
  }
  qsort(list->node, (size_t)list->count, sizeof(ml_node *), newest_first);
  return ML_OK;
}

static void list_free(node_list *list) {
  for (int64_t i = 0; i < list->count; i++) {
    list->node[i]->queued = false;
    drop_arrived(list->node[i]);
  }
  for (int64_t i = 0; i < list->count; i++) ml_node_release(list->node[i]);
  ml_free(list->node, (size_t)list->capacity * sizeof(ml_node *));
}

/* Gradients ------------------------------------------------------------------------------------------------------- */

/* *place += g. Takes the reference to g. Nobody else may see a tensor that is added to in place. */
static ml_status accumulate(ml_context *c, ml_tensor **place, ml_tensor *g) {
  if (!*place) {
    *place = g;
    return ML_OK;
  }
  ml_tensor *old = *place, *sum = NULL;
  ml_status status;
  bool alone = !c->grad_enabled && old->refs == 1 && old->storage && old->storage->refs == 1 && ml_is_dense(old) &&
               old->dtype == g->dtype && ml_shape_equal(&old->shape, &g->shape);
  if (alone) {
    const ml_tensor *in[] = {old, g};
    status = ml_elementwise_run_add(c, (ml_dtype)old->dtype, in, old);
    if (status == ML_OK) old->storage->version++;
    ml_release(g);
    return status;
  }
  status = ml_add(c, old, g, &sum);
  ml_release(g);
  if (status != ML_OK) return status;
  ml_release(old);
  *place = sum;
  return ML_OK;
}

/* A gradient in the shape and type of its input; takes the reference. */
static ml_status fit(ml_context *c, const ml_edge *e, ml_tensor *g, ml_tensor **out) {
  ml_tensor *shaped = NULL;
  ml_status status = ml_sum_to_shape(c, g, &e->shape, &shaped);
  ml_release(g);
  if (status != ML_OK) return status;
  if ((ml_dtype)shaped->dtype == e->dtype) {
    *out = shaped;
    return ML_OK;
  }
  status = ml_to(c, shaped, e->dtype, out);
  ml_release(shaped);
  return status;
}

/* Where an edge's gradient is added up. */
static ml_tensor **place_of(const ml_edge *e) { return e->node ? arrival(e->node, e->result) : &e->leaf->grad; }

/* Whether a node is a part of its input whose gradient nobody else sees: what arrives can then be added to the part in place,
 * rather than to the whole with a border of zeros around it. The first part of a tensor makes that border. */
static bool adds_to_part(const ml_context *c, const ml_node *node, bool create_graph) {
  const ml_edge *e = node->edge;
  if (create_graph || c->anomaly || (node->op != &ml_ops[ML_OP_SLICE] && node->op != &ml_ops[ML_OP_SELECT])) return false;
  if (!e->node && !e->leaf) return false;
  const ml_tensor *whole = *place_of(e);
  return whole && whole->refs == 1 && whole->storage && whole->storage->refs == 1 && ml_is_dense(whole) &&
         whole->dtype == e->dtype && node->grad->dtype == e->dtype && ml_shape_equal(&whole->shape, &e->shape);
}

static ml_status add_to_part(ml_context *c, const ml_node *node, ml_tensor *whole) {
  ml_tensor *part;
  ML_TRY(ml_shape_only(c, &node->shape, (ml_dtype)whole->dtype, &part));
  ml_call call = {.op = node->op, .in = &whole, .count = 1, .args = node->args};
  ml_status status = node->op->forward(c, &call, part);
  const ml_tensor *in[] = {part, node->grad};
  if (status == ML_OK) status = ml_elementwise_run_add(c, (ml_dtype)whole->dtype, in, part);
  if (status == ML_OK) whole->storage->version++;
  ml_release(part);
  return status;
}

/* A leaf's gradient belongs to the user, who may write into it: never shared, always contiguous. */
static ml_status give_to_leaf(ml_context *c, ml_tensor *leaf, ml_tensor *g, bool create_graph) {
  bool alone = g->refs == 1 && g->storage && g->storage->refs == 1 && ml_is_contiguous(g);
  if (leaf->grad || alone) return accumulate(c, &leaf->grad, g);
  ml_tensor *own = NULL;
  ml_status status;
  if (create_graph) {
    status = ml_contiguous(c, g, &own); /* a copy that is recorded */
  } else {
    status = ml_empty(c, &g->shape, (ml_dtype)g->dtype, &own);
    if (status == ML_OK) status = ml_copy(c, g, own);
  }
  ml_release(g);
  if (status == ML_OK) leaf->grad = own;
  else ml_release(own); /* half copied: interrupted */
  return status;
}

/* What was saved, as backward sees it: versions checked; under create_graph a result hangs on its node again (in
 * `linked`, which the caller releases). */
static ml_status open_saved(ml_context *c, ml_node *node, bool create_graph, const ml_tensor *saved[], ml_tensor *linked[]) {
  for (int i = 0; i < node->saves; i++) {
    ml_tensor *x = node->saved[i];
    saved[i] = x;
    if (!x) continue;
    if (x->storage && x->storage->version != node->saved_version[i]) {
      return ml_fail(c, "backward: a tensor that %s needs was written in place after %s used it\n  hint: compute a new tensor instead of writing with x:..._() or x[...] =",
                     node->op->name, node->op->name);
    }
    if (create_graph && node->op->save[i].kind == ML_SAVE_RESULT) {
      ML_TRY(ml_alias(c, x, &linked[i]));
      linked[i]->node = node;
      linked[i]->result = (uint8_t)node->op->save[i].index;
      node->refs++;
      saved[i] = linked[i];
    }
  }
  return ML_OK;
}

static ml_status check_gradient(ml_context *c, const ml_node *node, const ml_tensor *dx, int input) {
  ml_tensor *finite = NULL, *all = NULL;
  double ok = 1;
  ml_status status = ml_isfinite(c, dx, &finite);
  if (status == ML_OK) status = ml_all(c, finite, &(ml_dims){.count = -1}, &(all_options){0}, &all);
  if (status == ML_OK) status = ml_item(c, all, &ok);
  ml_release(finite);
  ml_release(all);
  if (status != ML_OK || ok != 0) return status;
  return ml_fail(c, "backward: the gradient of %s for its input %d is not finite%s%s", node->op->name, input + 1,
                 node->origin ? "\n  at " : "", node->origin ? node->origin : "");
}

/* Whether backward takes g as it lies: row-major, or channels-last for an op with an input that may be so. */
static bool fits_op(const ml_op *op, const ml_tensor *g) {
  ml_layout layout = ML_LAYOUT_ROWS;
  for (int i = 0; i < op->inputs; i++) {
    if (op->layout[i] != ML_LAYOUT_ROWS) layout = ML_LAYOUT_EITHER;
  }
  return op->strided || ml_fits_layout(g, layout);
}

/* The gradients that arrived, laid out as the op takes them. Those in `own` are the caller's to release. */
static ml_status open_arrived(ml_context *c, ml_node *node, bool create_graph, ml_tensor *own[], ml_grad_call *k) {
  for (int i = 0; i <= node->op->more; i++) {
    ml_tensor *g = *arrival(node, i);
    if (!g) continue;
    if (create_graph || fits_op(node->op, g)) own[i] = ml_retain(g);
    else ML_TRY(ml_contiguous_unrecorded(c, g, &own[i]));
    if (i == 0) k->g = own[i];
    else k->more_g[i - 1] = own[i];
  }
  return ML_OK;
}

enum { MANY_EDGES = 32 };

static ml_status step(ml_context *c, ml_node *node, bool create_graph) {
  if (adds_to_part(c, node, create_graph)) return add_to_part(c, node, *place_of(node->edge));
  ml_tensor *dx_few[MANY_EDGES] = {0}, **dx = dx_few, *linked[ML_MAX_SAVED] = {0}, *g[ML_MAX_RESULTS] = {0};
  bool want_few[MANY_EDGES] = {0}, *want = want_few;
  ml_shape shape_few[MANY_EDGES], *shape = shape_few;
  void *block = NULL;
  size_t bytes = 0;
  const ml_tensor *saved[ML_MAX_SAVED] = {0};
  int n = node->edges;
  if (n > MANY_EDGES) {
    bytes = (size_t)n * (sizeof *dx + sizeof *shape + sizeof *want);
    ML_TRY(ml_alloc_checked(c, bytes, &block));
    memset(block, 0, bytes);
    dx = block, shape = (ml_shape *)(dx + n), want = (bool *)(shape + n);
  }
  for (int i = 0; i < n; i++) {
    want[i] = node->edge[i].node || node->edge[i].leaf;
    shape[i] = node->edge[i].shape;
  }
  ml_status status = open_saved(c, node, create_graph, saved, linked);
  if (status != ML_OK) goto done;
  if (create_graph && !node->op->second_order) {
    status = ml_fail(c, "backward: %s has no gradient of its gradient", node->op->name);
    goto done;
  }
  ml_grad_call k = {.op = node->op, .args = node->args, .input_shape = shape, .count = n, .dx = dx, .want = want};
  if ((status = open_arrived(c, node, create_graph, g, &k)) != ML_OK) goto done;
  memcpy(k.saved, saved, sizeof saved);
  status = create_graph && node->op->backward_recorded ? node->op->backward_recorded(c, &k) : node->op->backward(c, &k);
  for (int i = 0; i < n && status == ML_OK; i++) {
    if (!want[i] || !dx[i]) continue;
    ml_tensor *fitted = NULL;
    const ml_edge *e = &node->edge[i];
    if (c->anomaly && (status = check_gradient(c, node, dx[i], i)) != ML_OK) break;
    status = fit(c, e, dx[i], &fitted);
    dx[i] = NULL;
    if (status != ML_OK) break;
    status = e->node ? accumulate(c, place_of(e), fitted) : give_to_leaf(c, e->leaf, fitted, create_graph);
  }
done:
  for (int i = 0; i < n; i++) ml_release(dx[i]);
  ml_free(block, bytes);
  for (int i = 0; i < ML_MAX_RESULTS; i++) ml_release(g[i]);
  for (int i = 0; i < ML_MAX_SAVED; i++) ml_release(linked[i]);
  return status;
}

static ml_status first_gradient(ml_context *c, const ml_tensor *loss, const ml_tensor *gradient, ml_tensor **out) {
  if (!gradient) {
    if (ml_count(loss) != 1) {
      return ml_fail(c, "backward: a tensor of shape %s is not a scalar\n  hint: reduce it first (loss:mean()), or give the gradient: x:backward(g)", ML_SHAPE(&loss->shape));
    }
    return ml_full(c, &loss->shape, (ml_dtype)loss->dtype, 1, out);
  }
  if (!ml_shape_equal(&gradient->shape, &loss->shape)) {
    return ml_fail(c, "backward: the gradient has shape %s, the tensor %s", ML_SHAPE(&gradient->shape), ML_SHAPE(&loss->shape));
  }
  if (!gradient->storage) return ml_fail(c, "backward: the gradient has a shape but no data");
  return ml_convert(c, gradient, (ml_dtype)loss->dtype, out);
}

ml_status ml_backward(ml_context *c, ml_tensor *loss, const ml_backward_options *options) {
  if (!loss->storage) return ml_fail(c, "backward: the tensor has a shape but no data (the model is only being checked)");
  if (!loss->node && !loss->requires_grad) {
    return ml_fail(c, "backward: the tensor is not part of a graph\n  hint: something it is computed from needs {requires_grad = true}, outside ml.no_grad");
  }
  bool create_graph = options->create_graph, before = c->grad_enabled;
  node_list list = {0};
  ml_tensor *g = NULL;
  ML_TRY(first_gradient(c, loss, options->gradient, &g));
  c->grad_enabled = create_graph;
  ml_status status;
  if (!loss->node) {
    status = give_to_leaf(c, loss, g, create_graph);
    goto done;
  }
  status = collect(c, loss->node, &list);
  if (status != ML_OK) {
    ml_release(g);
    goto done;
  }
  *arrival(loss->node, loss->result) = g;
  for (int64_t i = 0; i < list.count && status == ML_OK; i++) {
    ml_node *node = list.node[i];
    if (has_arrived(node)) status = step(c, node, create_graph);
    if (status == ML_OK && ml_interrupted()) status = ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    drop_arrived(node);
    if (status == ML_OK && !options->retain_graph && !create_graph) {
      drop_saved(node);
      node->freed = true;
    }
  }
done:
  list_free(&list);
  c->grad_enabled = before;
  return status;
}
