/* Discrete Fourier transforms of complex numbers (a trailing dimension of 2) and of real ones.
 *
 * The transform is linear, so that its gradient is its adjoint: for y = s F x that is s times the unscaled inverse, which is the
 * inverse with the other `norm`. Of real transforms, which leave out the conjugates, the adjoint has weights: dx of rfft is
 * irfft of g with all but the ends halved; dx of irfft is rfft of g with all but the ends doubled. */

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/kernels/fft.h"
#include "tensor/linalg/formula.h"

#include <math.h>

static bool is_real(fft_kind kind) { return kind == FFT_REAL; }

/* dim counts from 1, or from the end; afterwards from 0. n 0 becomes the natural one. */
static ml_status settle(ml_context *c, const char *op, fft_kind kind, const ml_tensor *x, int64_t *n, int64_t *dim) {
  int d = x->shape.ndim, pair = is_real(kind) ? 0 : 1;
  if (pair && (d < 2 || x->shape.size[d - 1] != 2))
    return ml_fail(c, "%s: x must be complex, with a trailing dimension of 2, got shape %s%s", op, ML_SHAPE(&x->shape),
                   kind == FFT_COMPLEX ? "\n  hint: ml.fft.rfft takes real numbers" : "");
  if (d == 0) return ml_fail(c, "%s: x must have a dimension to transform", op);
  int counted = d - pair;
  if (*dim == 0 || *dim > counted || *dim < -counted)
    return ml_fail(c, "%s: dimension %lld of a tensor with %d (1..%d)%s", op, (long long)*dim, counted, counted, pair ? ", not counting that of the pairs" : "");
  *dim += *dim > 0 ? -1 : counted;
  if (*n < 0) return ml_fail(c, "%s: n must be at least 1, got %lld", op, (long long)*n);
  if (*n == 0) *n = kind == FFT_REAL_INVERSE ? 2 * (x->shape.size[*dim] - 1) : x->shape.size[*dim];
  if (*n < 1) return ml_fail(c, "%s: dimension %lld of shape %s is too short for a transform", op, (long long)*dim + 1, ML_SHAPE(&x->shape));
  if (*n > INT64_C(1) << 30) return ml_fail(c, "%s: %lld points are too many", op, (long long)*n);
  return ML_OK;
}

static ml_status infer(const ml_tensor *x, fft_kind kind, int64_t n, int64_t dim, ml_meta *meta) {
  ml_shape *y = &meta->shape;
  *y = x->shape;
  y->size[dim] = kind == FFT_REAL ? n / 2 + 1 : n;
  if (kind == FFT_REAL) y->size[y->ndim++] = 2;
  if (kind == FFT_REAL_INVERSE) y->ndim--;
  double each = (kind == FFT_COMPLEX || kind == FFT_INVERSE ? 5 : 2.5) * (double)n * log2((double)n);
  int64_t rows = 1;
  for (int d = 0; d < x->shape.ndim - !is_real(kind); d++) rows *= d == dim ? 1 : x->shape.size[d];
  meta->flops = (int64_t)(each * (double)rows);
  return ML_OK;
}

/* Rows a piece: full vectors of every width, and worth waking a thread for. */
enum { GROUP = 16, PIECE = 1 << 16 };

/* Two buffers: of numbers that are a vector (of the widest instruction set) each, or of one row's numbers and a vector behind them. */
static size_t scratch_bytes(const fft_job *k, int dtype) {
  int64_t points = k->plan->convolution ? k->plan->convolution->n : k->plan->n;
  if (k->each) return 4 * ((size_t)points * ml_dtype_size((ml_dtype)dtype) + 64);
  return 4 * ((size_t)(points > k->n ? points : k->n) + 2) * 64;
}

static ml_status run(ml_context *c, const ml_tensor *x, fft_kind kind, int64_t n, int64_t dim, ml_fft_norm norm, ml_tensor *y) {
  bool half = n % 2 == 0 && (kind == FFT_REAL || kind == FFT_REAL_INVERSE), inverse = kind == FFT_INVERSE || kind == FFT_REAL_INVERSE;
  fft_job job = {.kind = kind, .n = n, .rows = 1, .inner = 1, .x_length = x->shape.size[dim], .y_length = y->shape.size[dim], .scale = 1};
  for (int d = 0; d < x->shape.ndim - !is_real(kind); d++) {
    if (d != dim) job.rows *= x->shape.size[d];
    if (d > dim) job.inner *= x->shape.size[d];
  }
  if (job.rows == 0) return ML_OK;
  if (norm == ML_FFT_NORM_ORTHO) job.scale = 1 / sqrt((double)n);
  else if ((norm == ML_FFT_NORM_BACKWARD) == inverse) job.scale = 1 / (double)n;
  ML_TRY(fft_plan_get(c, half ? n / 2 : n, (ml_dtype)x->dtype, &job.plan));
  job.x = ml_data(x);
  job.y = ml_data(y);
  job.each = job.plan->wide && job.inner == 1;
  job.stride = scratch_bytes(&job, x->dtype);
  size_t bytes = job.stride * (size_t)ml_threads();
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&job.scratch));
  int64_t group = job.each || job.rows < GROUP ? 1 : GROUP, grain = PIECE / n / group * group;
  if (grain < group) grain = group;
  ml_status status = ml_parallel_for(c, job.rows, grain, ML_ISA_CHOOSE(ml_fft_kernels)[x->dtype == ML_FLOAT64], &job);
  ml_free(job.scratch, bytes);
  return status;
}

/* Gradients -------------------------------------------------------------------------------------------------------- */

static ml_fft_norm other_norm(ml_fft_norm norm) {
  return norm == ML_FFT_NORM_ORTHO ? norm : norm == ML_FFT_NORM_BACKWARD ? ML_FFT_NORM_FORWARD : ML_FFT_NORM_BACKWARD;
}

/* y cut to `length` along dim, or zeros put behind it. */
static matrix fitted(formula *f, matrix y, int64_t dim, int64_t length) {
  if (!y || y->shape.size[dim] == length) return y;
  if (y->shape.size[dim] > length) return FORMULA(f, ml_slice(f->c, y, dim, 0, length - 1, 1, &y_));
  ml_integers sizes = {.count = 2 * (y->shape.ndim - (int)dim)};
  sizes.value[sizes.count - 1] = length - y->shape.size[dim];
  return FORMULA(f, ml_pad(f->c, y, &sizes, 0, &y_));
}

/* Ones at the ends of the numbers that a real transform of n gives, `inner` between; over dim of `ndim` dimensions. */
static ml_status make_weights(ml_context *c, int64_t n, ml_dtype dtype, int dim, int ndim, double inner, ml_tensor **out) {
  ml_shape shape = {.ndim = ndim};
  for (int d = 0; d < ndim; d++) shape.size[d] = d == dim ? n / 2 + 1 : 1;
  ML_TRY(ml_empty(c, &shape, dtype, out));
  for (int64_t k = 0; k <= n / 2; k++) {
    double w = k == 0 || 2 * k == n ? 1 : inner;
    if (dtype == ML_FLOAT64) ml_f64(*out)[k] = w;
    else ml_f32(*out)[k] = (float)w;
  }
  return ML_OK;
}

static ml_status backward(ml_context *c, const ml_tensor *g, fft_kind kind, const ml_shape *shape, int64_t n, int64_t dim, ml_fft_norm norm, ml_tensor **dx) {
  if (dx == NULL) return ML_OK;
  if (ml_shape_count(shape) == 0) return ml_zeros(c, shape, (ml_dtype)g->dtype, dx);
  formula f = {.c = c};
  int counted = shape->ndim - !is_real(kind);
  int64_t from_end = dim - counted;
  norm = other_norm(norm);
  matrix y = g;
  if (kind == FFT_COMPLEX) {
    y = FORMULA(&f, ml_ifft(c, g, n, from_end, &(ifft_options){norm}, &y_));
  } else if (kind == FFT_INVERSE) {
    y = FORMULA(&f, ml_fft(c, g, n, from_end, &(fft_options){norm}, &y_));
  } else {
    matrix w = FORMULA(&f, make_weights(c, n, (ml_dtype)g->dtype, (int)dim, counted + 1, kind == FFT_REAL ? 0.5 : 2, &y_));
    if (kind == FFT_REAL) {
      y = formula_times(&f, g, w);
      y = FORMULA(&f, ml_irfft(c, y, n, from_end, &(irfft_options){norm}, &y_));
    } else {
      y = FORMULA(&f, ml_rfft(c, g, n, from_end, &(rfft_options){norm}, &y_));
      y = formula_times(&f, y, w);
    }
  }
  formula_give(&f, fitted(&f, y, dim, shape->size[dim]), dx);
  return formula_end(&f);
}

/* The ops ---------------------------------------------------------------------------------------------------------- */

#define FFT_OP(name, kind)                                                                                             \
  ml_status name##_prepare(ml_context *c, const ml_call *call, name##_args *a) {                                       \
    return settle(c, #name, kind, call->in[0], &a->n, &a->dim);                                                        \
  }                                                                                                                    \
  ml_status name##_infer(ml_context *c, const ml_tensor *x, int64_t n, int64_t dim, const name##_options *o, ml_meta *meta) { \
    (void)o;                                                                                                           \
    if (x->shape.ndim == ML_MAX_DIMS && kind == FFT_REAL) return ml_fail(c, "%s: too many dimensions", #name);          \
    return infer(x, kind, n, dim, meta);                                                                               \
  }                                                                                                                    \
  ml_status name##_forward(ml_context *c, const ml_tensor *x, int64_t n, int64_t dim, const name##_options *o, ml_tensor *y) { \
    return run(c, x, kind, n, dim, o->norm, y);                                                                        \
  }                                                                                                                    \
  ml_status name##_backward(ml_context *c, const ml_tensor *g, const ml_shape *input_shape, int64_t n, int64_t dim, const name##_options *o, ml_tensor **dx) { \
    return backward(c, g, kind, input_shape, n, dim, o->norm, dx);                                                     \
  }

FFT_OP(fft, FFT_COMPLEX)
FFT_OP(ifft, FFT_INVERSE)
FFT_OP(rfft, FFT_REAL)
FFT_OP(irfft, FFT_REAL_INVERSE)
