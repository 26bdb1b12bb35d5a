/* Runs generated kernels over tensors of any strides.
 *
 * Contiguous inputs go to the kernel as they are; others are read into small buffers first, a block at a time, so that
 * every kernel is one loop over contiguous elements. */

#include "tensor/elementwise.h"

#include "ops.gen.h"
#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"
#include "tensor/strided.h"

#include <float.h>
#include <math.h>

enum { BLOCK = 1024, GRAIN = 1 << 14 };

ML_ISA_DECLARE(ml_kernel, ml_kernels_f32, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_f64, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_i64, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_i32, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_u8, [ML_KERNELS]);
ML_ISA_DECLARE(ml_kernel, ml_kernels_bool, [ML_KERNELS]);

static ml_kernel find_kernel(int kernel, ml_dtype dtype) {
  static const ml_kernel *tables[ML_DTYPES];
  if (!tables[ML_BOOL]) {
    tables[ML_FLOAT32] = ML_ISA_CHOOSE(ml_kernels_f32);
    tables[ML_FLOAT64] = ML_ISA_CHOOSE(ml_kernels_f64);
    tables[ML_INT64] = ML_ISA_CHOOSE(ml_kernels_i64);
    tables[ML_INT32] = ML_ISA_CHOOSE(ml_kernels_i32);
    tables[ML_UINT8] = ML_ISA_CHOOSE(ml_kernels_u8);
    tables[ML_BOOL] = ML_ISA_CHOOSE(ml_kernels_bool);
  }
  return tables[dtype][kernel];
}

typedef struct region {
  ml_kernel kernel;
  const double *params;
  int count;
  ml_strided in[ML_KERNEL_INPUTS], out;
} region;

static void run_blocks(void *arg, int64_t begin, int64_t end) {
  const region *r = arg;
  _Alignas(64) char buffer[ML_KERNEL_INPUTS + 1][BLOCK * 8];
  for (int i = 0; i < r->count; i++) { /* one value everywhere: written into its buffer once */
    if (r->in[i].constant) ml_strided_read(&r->in[i], 0, end - begin < BLOCK ? end - begin : BLOCK, buffer[i]);
  }
  for (int64_t at = begin; at < end; at += BLOCK) {
    int64_t n = end - at < BLOCK ? end - at : BLOCK;
    void *in[ML_KERNEL_INPUTS];
    for (int i = 0; i < r->count; i++) {
      const ml_strided *s = &r->in[i];
      if (s->constant) in[i] = buffer[i];
      else if (s->contiguous) in[i] = s->data + at * s->size;
      else ml_strided_read(s, at, n, in[i] = buffer[i]);
    }
    void *out = r->out.contiguous ? r->out.data + at * r->out.size : buffer[ML_KERNEL_INPUTS];
    r->kernel(n, in, out, r->params);
    if (!r->out.contiguous) ml_strided_write(&r->out, at, n, out);
  }
}

static void run_contiguous(void *arg, int64_t begin, int64_t end) {
  const region *r = arg;
  void *in[ML_KERNEL_INPUTS];
  for (int i = 0; i < r->count; i++) in[i] = r->in[i].data + begin * r->in[i].size;
  r->kernel(end - begin, in, r->out.data + begin * r->out.size, r->params);
}

/* Every input has y's shape and lies as y does, without gaps: the usual case, kept short. */
static bool all_plain(const ml_tensor *const *in, int count, const ml_tensor *y) {
  for (int i = 0; i < count; i++) {
    if (!ml_same_places(in[i], y)) return false;
  }
  return ml_is_contiguous(y) || ml_is_dense(y);
}

/* The input that a result of this shape lies beside: the first of that shape that is dense, if it is not row-major. */
static const ml_tensor *leader(const ml_tensor *const *in, int count, const ml_shape *shape) {
  for (int i = 0; i < count; i++) {
    if (!in[i] || !in[i]->storage || !ml_shape_equal(&in[i]->shape, shape)) continue;
    if (ml_is_contiguous(in[i])) return NULL;
    if (ml_is_dense(in[i])) return in[i];
  }
  return NULL;
}

ml_status ml_elementwise_run(ml_context *c, int kernel, ml_dtype dtype, const ml_tensor *const *in, int count,
                             ml_tensor *y, const double *params) {
  int64_t n = ml_count(y);
  if (n == 0) return ML_OK;
  bool plain = all_plain(in, count, y);
  ml_kernel run = find_kernel(kernel, dtype);
  if (plain && n <= GRAIN) {
    void *data[ML_KERNEL_INPUTS];
    for (int i = 0; i < count; i++) data[i] = ml_data(in[i]);
    run(n, data, ml_data(y), params);
    return ML_OK;
  }
  region r = {.kernel = run, .params = params, .count = count};
  if (plain) {
    for (int i = 0; i < count; i++) r.in[i] = (ml_strided){.data = ml_data(in[i]), .size = (int)ml_dtype_size((ml_dtype)in[i]->dtype)};
    r.out = (ml_strided){.data = ml_data(y), .size = (int)ml_dtype_size((ml_dtype)y->dtype)};
    return ml_parallel_for(c, n, GRAIN, run_contiguous, &r);
  }
  int order[ML_MAX_DIMS], ndim = y->shape.ndim;
  bool turned = ml_memory_order(y, order); /* then y is walked as it lies */
  ml_tensor out = turned ? ml_reordered(y, ndim, order) : *y;
  for (int i = 0; i < count; i++) {
    ml_tensor from = turned ? ml_reordered(in[i], ndim, order) : *in[i];
    r.in[i] = ml_strided_of(&from, &out.shape);
  }
  r.out = ml_strided_of(&out, &out.shape);
  return ml_parallel_for(c, n, GRAIN, run_blocks, &r);
}

ml_status ml_elementwise_run_add(ml_context *c, ml_dtype dtype, const ml_tensor *const in[2], ml_tensor *y) {
  return ml_elementwise_run(c, ml_ops[ML_OP_ADD].elementwise->forward.kernel, dtype, in, 2, y, NULL);
}

ml_status ml_elementwise_infer(ml_context *c, const ml_call *call, ml_meta *meta) {
  meta->shape = call->in[0]->shape;
  for (int i = 1; i < call->count; i++) {
    if (ml_shape_equal(&meta->shape, &call->in[i]->shape)) continue;
    ML_TRY(ml_shape_broadcast(c, call->op->name, &meta->shape, &call->in[i]->shape, &meta->shape));
  }
  for (int i = 0; i < call->count; i++) {
    if (call->op->input_kind[i] == ML_INPUT_TENSOR) meta->dtype = (ml_dtype)call->in[i]->dtype; /* all of one type by now */
  }
  if (call->op->elementwise->result >= 0) meta->dtype = (ml_dtype)call->op->elementwise->result;
  meta->flops = ml_shape_count(&meta->shape);
  const ml_tensor *beside = leader((const ml_tensor *const *)call->in, call->count, &meta->shape);
  if (beside) ml_lay_out_beside(meta, beside);
  return ML_OK;
}

/* The first integer of x that is zero (or negative); -1 if there is none. */
static ml_status refuse_integers(ml_context *c, const char *op, const ml_tensor *x, bool negative) {
  ml_tensor *wide, *flat;
  ML_TRY(ml_convert(c, x, ML_INT64, &wide));
  ml_status status = ml_contiguous_unrecorded(c, wide, &flat);
  ml_release(wide);
  ML_TRY(status);
  int64_t n = ml_count(flat), *v = ml_i64(flat), at = 0;
  while (at < n && (negative ? v[at] >= 0 : v[at] != 0)) at++;
  ml_release(flat);
  if (at == n) return ML_OK;
  if (negative) return ml_fail(c, "%s: an integer to a negative power, at element %lld\n  hint: x:float() first", op, (long long)at + 1);
  return ml_fail(c, "%s: an integer divided by zero, at element %lld\n  hint: x:float() gives inf or nan there", op, (long long)at + 1);
}

/* The op's numbers are whole where the elements are: 0.5 can't be written into an int64. */
static ml_status refuse_fractions(ml_context *c, const ml_call *call, ml_dtype dtype) {
  const double *p = call->args;
  for (size_t i = 0; i < call->op->args_size / sizeof *p; i++) {
    if (isfinite(p[i]) && p[i] != floor(p[i])) {
      return ml_fail(c, "%s: %g is not a whole number, and the tensor is %s\n  hint: x:float() first", call->op->name, p[i], ml_dtype_name(dtype));
    }
  }
  return ML_OK;
}

static ml_dtype element_type(const ml_call *call) {
  for (int i = 0; i < call->count; i++) {
    if (call->op->input_kind[i] == ML_INPUT_TENSOR) return (ml_dtype)call->in[i]->dtype;
  }
  return ML_FLOAT32;
}

ml_status ml_elementwise_forward(ml_context *c, const ml_call *call, ml_tensor *y) {
  const ml_elementwise *e = call->op->elementwise;
  ml_dtype dtype = element_type(call);
  if (!ml_dtype_is_float(dtype)) {
    ML_TRY(refuse_fractions(c, call, dtype));
    if (e->nonzero >= 0) ML_TRY(refuse_integers(c, call->op->name, call->in[e->nonzero], false));
    if (e->nonnegative >= 0) ML_TRY(refuse_integers(c, call->op->name, call->in[e->nonnegative], true));
  }
  const ml_tensor *in[ML_KERNEL_INPUTS];
  for (int i = 0; i < e->forward.inputs; i++) in[i] = call->in[e->forward.source[i]];
  return ml_elementwise_run(c, e->forward.kernel, dtype, in, e->forward.inputs, y, call->args);
}

ml_status ml_elementwise_backward(ml_context *c, const ml_grad_call *k) {
  const ml_elementwise *e = k->op->elementwise;
  for (int i = 0; i < k->count; i++) {
    if (!k->want[i]) continue;
    if (e->passes[i]) {
      k->dx[i] = ml_retain((ml_tensor *)(uintptr_t)k->g);
      continue;
    }
    const ml_kernel_use *use = &e->grad[i];
    const ml_tensor *in[ML_KERNEL_INPUTS];
    for (int j = 0; j < use->inputs; j++) in[j] = use->source[j] < 0 ? k->g : k->saved[use->source[j]];
    ml_tensor *dx;
    const ml_tensor *beside = leader(in, use->inputs, &k->g->shape);
    if (beside) ML_TRY(ml_empty_strided(c, &k->g->shape, (ml_dtype)k->g->dtype, beside->stride, &dx));
    else ML_TRY(ml_empty(c, &k->g->shape, (ml_dtype)k->g->dtype, &dx));
    ml_status status = ml_elementwise_run(c, use->kernel, (ml_dtype)k->g->dtype, in, use->inputs, dx, k->args);
    if (status != ML_OK) {
      ml_release(dx);
      return status;
    }
    k->dx[i] = dx;
  }
  return ML_OK;
}

/* The bounds that are declared are those of float64. */
ml_status nan_to_num_prepare(ml_context *c, const ml_call *call, nan_to_num_args *args) {
  (void)c;
  if (call->in[0]->dtype != ML_FLOAT32) return ML_OK;
  if (args->posinf == DBL_MAX) args->posinf = (double)FLT_MAX;
  if (args->neginf == -DBL_MAX) args->neginf = (double)-FLT_MAX;
  return ML_OK;
}
