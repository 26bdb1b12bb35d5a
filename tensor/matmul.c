/* Matrix products: matmul in every combination of ranks, mm, bmm.
 *
 * A vector on the left is a row, on the right a column; the dimensions before the last two are batches and broadcast.
 * Views of any strides go to the product as they are. Batches run side by side, single big products are cut by ml_gemm. Backward: dx = g yT, dy = xT g, summed where a batch was
 * broadcast, in recorded ops. */

#include "ops.gen.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <string.h>

/* A batch of matrices in memory: (batch dimensions) x rows x columns. */
typedef struct matrices {
  ml_shape batch;
  int64_t batch_stride[ML_MAX_DIMS];
  int64_t rows, columns, row_stride, column_stride;
} matrices;

/* x as matrices: a vector on the left is one row, on the right one column. */
static matrices matrices_of(const ml_tensor *x, bool left) {
  matrices m; /* sizes behind the last dimension stay as they are: this runs for the smallest of products */
  int n = x->shape.ndim;
  m.batch.ndim = 0;
  if (n == 1) {
    m.rows = left ? 1 : x->shape.size[0];
    m.columns = left ? x->shape.size[0] : 1;
    m.row_stride = left ? m.columns : x->stride[0];
    m.column_stride = left ? x->stride[0] : 1;
    return m;
  }
  m.rows = x->shape.size[n - 2];
  m.columns = x->shape.size[n - 1];
  m.row_stride = x->stride[n - 2];
  m.column_stride = x->stride[n - 1];
  m.batch.ndim = n - 2;
  for (int d = 0; d < n - 2; d++) {
    m.batch.size[d] = x->shape.size[d];
    m.batch_stride[d] = x->stride[d];
  }
  return m;
}

/* infer ------------------------------------------------------------------------------------------------------------ */

static ml_status refuse(ml_context *c, const char *op, const ml_tensor *x, const ml_tensor *y, int64_t k, int64_t other,
                        int64_t transposed) {
  ml_status status = ml_fail(c, "%s: %s and %s don't fit: the first has %lld columns, the second %lld rows", op,
                             ML_SHAPE(&x->shape), ML_SHAPE(&y->shape), (long long)k, (long long)other);
  if (transposed == k) ml_message_add(c, "\n  hint: they fit with the second transposed: x:%s(y:transpose())", op);
  return status;
}

/* Shape and FLOPs of any product; `op` leads the messages. */
static ml_status product_infer(ml_context *c, const char *op, const ml_tensor *x, const ml_tensor *y, ml_meta *meta) {
  int nx = x->shape.ndim, ny = y->shape.ndim;
  if (nx == 0 || ny == 0)
    return ml_fail(c, "%s: %s and %s: a number is multiplied with *", op, ML_SHAPE(&x->shape), ML_SHAPE(&y->shape));
  matrices a = matrices_of(x, true), b = matrices_of(y, false);
  if (a.columns != b.rows) return refuse(c, op, x, y, a.columns, b.rows, ny > 1 ? b.columns : -1);
  ml_shape *s = &meta->shape;
  if (ml_shape_broadcast(c, op, &a.batch, &b.batch, s) != ML_OK)
    return ml_fail(c, "%s: %s and %s don't fit: the batch sizes %s and %s don't broadcast", op, ML_SHAPE(&x->shape),
                   ML_SHAPE(&y->shape), ML_SHAPE(&a.batch), ML_SHAPE(&b.batch));
  meta->flops += 2 * ml_shape_count(s) * a.rows * a.columns * b.columns;
  if (nx > 1) s->size[s->ndim++] = a.rows;
  if (ny > 1) s->size[s->ndim++] = b.columns;
  return ML_OK;
}

ml_status matmul_infer(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_meta *meta) {
  return product_infer(c, "matmul", x, y, meta);
}

ml_status mm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_meta *meta) {
  if (x->shape.ndim != 2 || y->shape.ndim != 2)
    return ml_fail(c, "mm: %s and %s: both must be matrices; matmul takes other ranks", ML_SHAPE(&x->shape),
                   ML_SHAPE(&y->shape));
  return product_infer(c, "mm", x, y, meta);
}

ml_status bmm_infer(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_meta *meta) {
  if (x->shape.ndim != 3 || y->shape.ndim != 3 || x->shape.size[0] != y->shape.size[0])
    return ml_fail(c, "bmm: %s and %s: both must be batches of as many matrices; matmul broadcasts",
                   ML_SHAPE(&x->shape), ML_SHAPE(&y->shape));
  return product_infer(c, "bmm", x, y, meta);
}

/* forward ---------------------------------------------------------------------------------------------------------- */

typedef struct batched {
  ml_gemm_args gemm; /* of the first product */
  ml_dtype dtype;
  const matrices *x, *y;
  ml_shape batch; /* of the result */
  size_t bytes;   /* of an element */
} batched;

/* Where matrix i of the result's batch begins in an input, in elements. */
static int64_t batch_offset(const matrices *m, const ml_shape *batch, int64_t i) {
  int64_t offset = 0;
  for (int d = batch->ndim - 1, e = m->batch.ndim - 1; e >= 0; d--, e--) {
    if (m->batch.size[e] > 1) offset += i % batch->size[d] * m->batch_stride[e];
    i /= batch->size[d];
  }
  return offset;
}

static ml_gemm_args product_at(const batched *b, int64_t i) {
  ml_gemm_args g = b->gemm;
  g.a = (const char *)g.a + batch_offset(b->x, &b->batch, i) * (int64_t)b->bytes;
  g.b = (const char *)g.b + batch_offset(b->y, &b->batch, i) * (int64_t)b->bytes;
  g.c = (char *)g.c + i * g.m * g.n * (int64_t)b->bytes;
  return g;
}

static void batch_body(void *arg, int64_t begin, int64_t end) {
  const batched *b = arg;
  for (int64_t i = begin; i < end; i++) {
    ml_gemm_args g = product_at(b, i);
    ml_gemm_serial(b->dtype, &g);
  }
}

enum { BATCH_WORK = 1 << 20, CUT_WORK = 1 << 24 }; /* multiplications: of one piece; above which a product is cut */

/* Few big products one after the other, each on all threads; many small ones side by side. */
static ml_status run_batch(ml_context *c, const batched *b) {
  int64_t count = ml_shape_count(&b->batch), work = b->gemm.m * b->gemm.n * b->gemm.k;
  if (count == 1 || work >= CUT_WORK) {
    for (int64_t i = 0; i < count; i++) {
      ml_gemm_args g = product_at(b, i);
      ML_TRY(ml_gemm(c, b->dtype, &g));
    }
    return ML_OK;
  }
  int64_t grain = work >= BATCH_WORK ? 1 : BATCH_WORK / (work < 1 ? 1 : work);
  return ml_parallel_for(c, count, grain, batch_body, (void *)(uintptr_t)b);
}

static ml_status product_forward(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_tensor *out) {
  if (ml_count(out) == 0) return ML_OK;
  matrices a = matrices_of(x, true), b = matrices_of(y, false);
  batched work = {.dtype = (ml_dtype)out->dtype, .x = &a, .y = &b, .bytes = ml_dtype_size((ml_dtype)out->dtype)};
  ml_gemm_args *g = &work.gemm;
  if (a.batch.ndim > 0 && ml_shape_count(&b.batch) == 1 && ml_is_contiguous(x)) {
    a.rows *= ml_shape_count(&a.batch); /* one matrix on the right: the rows of all on the left make one product */
    a.batch.ndim = b.batch.ndim = 0;
    a.row_stride = a.columns;
  } else {
    ML_TRY(ml_shape_broadcast(c, "matmul", &a.batch, &b.batch, &work.batch));
  }
  *g = (ml_gemm_args){
      .m = a.rows, .n = b.columns, .k = a.columns, .a = ml_data(x), .a_row = a.row_stride, .a_column = a.column_stride,
      .b = ml_data(y), .b_row = b.row_stride, .b_column = b.column_stride, .c = ml_data(out), .c_row = b.columns};
  return run_batch(c, &work);
}

ml_status matmul_forward(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_tensor *out) {
  return product_forward(c, x, y, out);
}

ml_status mm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_tensor *out) {
  return product_forward(c, x, y, out);
}

ml_status bmm_forward(ml_context *c, const ml_tensor *x, const ml_tensor *y, ml_tensor *out) {
  return product_forward(c, x, y, out);
}

/* backward --------------------------------------------------------------------------------------------------------- */

/* x with its last two dimensions swapped, times y (or x times y with those of y swapped). */
static ml_status transposed_product(ml_context *c, const ml_tensor *x, bool turn_x, const ml_tensor *y, bool turn_y,
                                    ml_tensor **out) {
  ml_tensor *tx = NULL, *ty = NULL;
  ml_status status = ML_OK;
  if (turn_x && (status = ml_transpose(c, x, -2, -1, &tx)) != ML_OK) goto done;
  if (turn_y && (status = ml_transpose(c, y, -2, -1, &ty)) != ML_OK) goto done;
  status = ml_matmul(c, turn_x ? tx : x, turn_y ? ty : y, out);
done:
  ml_release(tx);
  ml_release(ty);
  return status;
}

/* x as a matrix of all its rows: (.., k) -> (rows, k). */
static ml_status joined_rows(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  int64_t k = x->shape.size[x->shape.ndim - 1], rows = 1;
  for (int d = 0; d < x->shape.ndim - 1; d++) rows *= x->shape.size[d];
  ml_shape s = ml_make_shape(2, rows, k);
  return ml_reshape(c, x, &s, out);
}

/* dy = xT g for a y without batch: the rows of all batches in one product. x (.., m, k), g (.., m, n) -> (k, n). */
static ml_status joined_product(ml_context *c, const ml_tensor *x, const ml_tensor *g, ml_tensor **out) {
  ml_tensor *rx = NULL, *rg = NULL;
  ml_status status = joined_rows(c, x, &rx);
  if (status == ML_OK) status = joined_rows(c, g, &rg);
  if (status == ML_OK) status = transposed_product(c, rx, true, rg, false, out);
  ml_release(rx);
  ml_release(rg);
  return status;
}

/* *dx: d, whose batch may be broadcast, summed to the matrices `as` and seen under the shape of the input. */
static ml_status fold_to(ml_context *c, ml_tensor *d, const ml_tensor *as, const ml_shape *input, ml_tensor **dx) {
  ml_tensor *sum = NULL;
  ML_TRY(ml_sum_to_shape(c, d, &as->shape, &sum));
  ml_status status = ml_reshape(c, sum, input, dx);
  ml_release(sum);
  return status;
}

/* Vectors become matrices first: x (k) -> (1, k), y (k) -> (k, 1), and g gets the dimensions back that went. */
ml_status matmul_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y,
                          const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dy) {
  ml_tensor *mx = NULL, *my = NULL, *mg = NULL, *row = NULL, *d = NULL;
  bool x_vector = x->shape.ndim == 1, y_vector = y->shape.ndim == 1;
  ml_status status = x_vector ? ml_unsqueeze(c, x, 0, &mx) : ML_OK;
  if (status == ML_OK && y_vector) status = ml_unsqueeze(c, y, 1, &my);
  if (status == ML_OK && x_vector) status = ml_unsqueeze(c, g, y_vector ? -1 : -2, &row);
  if (status == ML_OK && y_vector) status = ml_unsqueeze(c, row != NULL ? row : g, -1, &mg);
  if (status != ML_OK) goto done;
  const ml_tensor *fx = x_vector ? mx : x, *fy = y_vector ? my : y, *fg = mg != NULL ? mg : row != NULL ? row : g;

  if (dx != NULL) {
    if ((status = transposed_product(c, fg, false, fy, true, &d)) != ML_OK) goto done;
    if ((status = fold_to(c, d, fx, &input_shape[0], dx)) != ML_OK) goto done;
    ml_release(d);
    d = NULL;
  }
  if (dy != NULL) {
    bool joined = fy->shape.ndim == 2 && fx->shape.ndim > 2;
    status = joined ? joined_product(c, fx, fg, &d) : transposed_product(c, fx, true, fg, false, &d);
    if (status == ML_OK) status = fold_to(c, d, fy, &input_shape[1], dy);
  }
done:
  ml_release(mx);
  ml_release(my);
  ml_release(mg);
  ml_release(row);
  ml_release(d);
  return status;
}

/* No vectors, no broadcasting: dx = g yT, dy = xT g. */
static ml_status plain_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y,
                                ml_tensor **dx, ml_tensor **dy) {
  if (dx != NULL) ML_TRY(transposed_product(c, g, false, y, true, dx));
  if (dy != NULL) ML_TRY(transposed_product(c, x, true, g, false, dy));
  return ML_OK;
}

ml_status mm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y,
                      const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dy) {
  (void)input_shape;
  return plain_backward(c, g, x, y, dx, dy);
}

ml_status bmm_backward(ml_context *c, const ml_tensor *g, const ml_tensor *x, const ml_tensor *y,
                       const ml_shape *input_shape, ml_tensor **dx, ml_tensor **dy) {
  (void)input_shape;
  return plain_backward(c, g, x, y, dx, dy);
}
