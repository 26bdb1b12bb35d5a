/* Embedding: the row of a table for each id. */

#include "nn/kernels.h"
#include "tensor/formula.h"

/* Parts that backward cuts the table into; each looks through all ids. */
enum { TABLE_PARTS = 16 };

ml_status embedding_infer(ml_context *c, const ml_tensor *ids, const ml_tensor *weight, ml_meta *meta) {
  if (weight->shape.ndim != 2)
    return ml_fail(c, "embedding: weight must have 2 dimensions (ids, width), got %s", ML_SHAPE(&weight->shape));
  if (ids->shape.ndim == ML_MAX_DIMS)
    return ml_fail(c, "embedding: ids of %d dimensions leave no room for the row, got %s", ML_MAX_DIMS,
                   ML_SHAPE(&ids->shape));
  meta->shape = ids->shape;
  meta->shape.size[meta->shape.ndim++] = ml_size(weight, 1);
  meta->dtype = (ml_dtype)weight->dtype;
  return ML_OK;
}

/* ids: any shape, weight: V x D, y: the ids' shape x D. */
ml_status embedding_forward(ml_context *c, const ml_tensor *ids, const ml_tensor *weight, ml_tensor *y) {
  const int64_t *id = ml_i64(ids);
  int64_t n = ml_count(ids), rows = ml_size(weight, 0), width = ml_size(weight, 1);
  for (int64_t i = 0; i < n; i++)
    if (id[i] < 0 || id[i] > rows)
      return ml_fail(c, "embedding: id %lld at position %lld, but weight has %lld rows (1..%lld; 0 is padding)",
                     (long long)id[i], (long long)(i + 1), (long long)rows, (long long)rows);
  embedding_job job = {.width = width, .ids = n, .id = id, .weight = ml_data(weight), .out = ml_data(y)};
  return nn_run(c, NN_embedding_forward, y->dtype, n, nn_grain(width), &job);
}

/* The same in ops, for gradients of gradients: g's rows added to those of a table with one more in front, for id 0. */
static ml_status backward_recorded(ml_context *c, const ml_tensor *g, const ml_tensor *ids, const ml_shape *table, ml_tensor **dweight) {
  formula w = {.c = c};
  ml_shape line = ml_make_shape(1, ml_count(ids)), rows = ml_make_shape(2, ml_count(ids), table->size[1]), taller = *table;
  taller.size[0]++;
  ml_tensor **one = place(&w), **at = place(&w);
  ml_tensor *first = done(&w, one, ml_integer(c, 1, one));
  ml_tensor *next = first ? done(&w, at, ml_add(c, ids, first, at)) : NULL;
  ml_tensor *sum = index_added(&w, zeros_of(&w, &taller, g), 0, reshaped(&w, next, &line), reshaped(&w, g, &rows));
  if (w.status != ML_OK) return finish(&w, NULL, NULL);
  ml_tensor **t = place(&w);
  return finish(&w, done(&w, t, ml_slice(c, sum, 0, 1, table->size[0], 1, t)), dweight);
}

ml_status embedding_backward(ml_context *c, const ml_tensor *g, const ml_tensor *ids, const ml_shape *input_shape,
                             ml_tensor **dweight) {
  if (dweight == NULL) return ML_OK;
  const ml_shape *table = &input_shape[1];
  if (c->grad_enabled && ml_shape_count(table) > 0) return backward_recorded(c, g, ids, table, dweight);
  ML_TRY(ml_empty(c, table, (ml_dtype)g->dtype, dweight));
  if (ml_shape_count(table) == 0) return ML_OK;
  embedding_job job = {
      .width = table->size[1], .ids = ml_count(ids), .id = ml_i64(ids), .g = ml_data(g), .out = ml_data(*dweight)};
  return nn_run(c, NN_embedding_backward, g->dtype, table->size[0], ml_pieces(table->size[0], TABLE_PARTS), &job);
}
