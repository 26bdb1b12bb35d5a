/* Loading LAPACK, checking matrices, running over a batch. */

#include "tensor/linalg/lapack.h"

#include "tensor/alloc.h"
#include "tensor/blas.h"
#include "tensor/parallel.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>

/* Loading ---------------------------------------------------------------------------------------------------------- */

enum { FUNCTIONS = 4 };
static const char *const names[FUNCTIONS] = {"gesdd", "syevd", "potrf", "trsm"}; /* as in ml_lapack */

static struct {
  pthread_once_t once;
  bool loaded;
  ml_lapack of[2]; /* float32, float64 */
} lapack = {.once = PTHREAD_ONCE_INIT};

static void load(void) {
  lapack.loaded = true;
  for (int type = 0; type < 2; type++) {
    ml_blas_function found[FUNCTIONS];
    _Static_assert(sizeof found == sizeof(ml_lapack), "a name for each function");
    for (int i = 0; i < FUNCTIONS; i++) {
      char name[16];
      snprintf(name, sizeof name, "%c%s_", type ? 'd' : 's', names[i]);
      found[i] = ml_blas_find(name);
      if (found[i] == NULL) lapack.loaded = false;
    }
    memcpy(&lapack.of[type], found, sizeof found);
  }
}

ml_status ml_lapack_load(ml_context *c, const char *op, ml_dtype dtype, const ml_lapack **out) {
  pthread_once(&lapack.once, load);
  if (!lapack.loaded)
    return ml_fail(c, "%s: needs LAPACK, and %s\n  hint: install OpenBLAS (Debian and Ubuntu: apt install libopenblas0-pthread); MOONLAB_BLAS=none leaves it out", op,
                   ml_blas_load() ? "the BLAS that was found has none" : "no OpenBLAS was found");
  *out = &lapack.of[dtype == ML_FLOAT64];
  return ML_OK;
}

/* Matrices --------------------------------------------------------------------------------------------------------- */

ml_matrices ml_matrices_of(const ml_tensor *x) {
  int d = x->shape.ndim;
  ml_matrices s = {.batch = 1, .m = x->shape.size[d - 2], .n = x->shape.size[d - 1]};
  for (int i = 0; i < d - 2; i++) s.batch *= x->shape.size[i];
  return s;
}

ml_status ml_matrix_check(ml_context *c, const char *op, const char *name, const ml_tensor *x, bool square) {
  const ml_shape *s = &x->shape;
  if (s->ndim < 2) return ml_fail(c, "%s: %s must be a matrix or a batch of them, got shape %s", op, name, ML_SHAPE(s));
  int64_t m = s->size[s->ndim - 2], n = s->size[s->ndim - 1];
  if (square && m != n) return ml_fail(c, "%s: %s must be square, got %lld rows and %lld columns (shape %s)", op, name, (long long)m, (long long)n, ML_SHAPE(s));
  if (m > INT_MAX / 8 || n > INT_MAX / 8) return ml_fail(c, "%s: %s of shape %s is too large for LAPACK", op, name, ML_SHAPE(s));
  return ML_OK;
}

ml_status ml_matrix_finite(ml_context *c, const char *op, const ml_tensor *x) {
  for (int64_t i = 0, n = ml_count(x); i < n; i++) {
    double v = ml_lapack_number(ml_dtype_size((ml_dtype)x->dtype), ml_data(x), i);
    if (isfinite(v)) continue;
    ml_shape at = x->shape;
    int64_t rest = i;
    for (int d = at.ndim - 1; d >= 0; d--) {
      at.size[d] = rest % x->shape.size[d] + 1;
      rest /= x->shape.size[d];
    }
    return ml_fail(c, "%s: %s at %s of the matrix (shape %s): it must be finite", op, isnan(v) ? "NaN" : "infinity", ML_SHAPE(&at), ML_SHAPE(&x->shape));
  }
  return ML_OK;
}

/* Runs ------------------------------------------------------------------------------------------------------------- */

/* Operations a second that a factorisation reaches at best, by which its time is estimated; longer than `LONG` it runs in
 * a child. Pieces of the pool are at least so long as to be worth waking a thread. */
#define RATE 40e9
#define LONG 0.05
#define PIECE 50e-6

typedef struct batch_run {
  const ml_lapack_run *run;
  ml_context *c;
  char *scratch; /* one for each thread */
  size_t stride;
  int64_t grain;
} batch_run;

static void body(void *arg, int64_t begin, int64_t end) {
  const batch_run *b = arg;
  char *scratch = b->scratch + (size_t)ml_thread_index() * b->stride;
  for (int64_t i = begin; i < end; i++) {
    int info = b->run->matrix(b->run->arg, i, scratch);
    if (b->run->info) b->run->info[i] = info;
  }
}

static void whole(void *arg) {
  const batch_run *b = arg;
  ml_parallel_for_whole(b->run->batch, b->grain, body, arg);
}

ml_status ml_lapack_each(ml_context *c, const ml_lapack_run *run) {
  if (run->batch == 0) return ML_OK;
  double seconds = (double)run->flops / RATE;
  batch_run b = {.run = run, .c = c, .grain = 1, .stride = (run->scratch + 63) / 64 * 64};
  if (seconds < PIECE) b.grain = (int64_t)(PIECE / (seconds + 1e-7));
  size_t bytes = b.stride * (size_t)ml_threads();
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&b.scratch));
  ml_status status;
  if (seconds > LONG) {
    ml_child_result result[ML_CHILD_RESULTS + 1] = {{NULL, 0}};
    int n = 0;
    for (; n < ML_CHILD_RESULTS - 1 && run->result[n].data != NULL; n++) result[n] = run->result[n];
    if (run->info) result[n] = (ml_child_result){run->info, (size_t)run->batch * sizeof(int)};
    status = ml_child_run(c, run->op, whole, &b, result);
  } else {
    status = ml_parallel_for(c, run->batch, b.grain, body, &b);
  }
  ml_free(b.scratch, bytes);
  return status;
}

ml_status ml_lapack_failed(ml_context *c, const char *op, const int *info, int64_t batch, const char *what, const char *hint) {
  for (int64_t i = 0; i < batch; i++) {
    if (info[i] == 0) continue;
    char which[64] = "the matrix", reason[128];
    if (batch > 1) snprintf(which, sizeof which, "matrix %lld of %lld", (long long)i + 1, (long long)batch);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(reason, sizeof reason, what, info[i]);
#pragma GCC diagnostic pop
    return ml_fail(c, "%s: %s %s%s%s", op, which, reason, hint ? "\n  hint: " : "", hint ? hint : "");
  }
  return ML_OK;
}

/* Copies -------------------------------------------------------------------------------------------------------- */

enum { BLOCK = 16 };

#define TRANSPOSE(T)                                                                                                   \
  static void transpose_##T(int64_t m, int64_t n, const T *x, T *y) {                                                 \
    for (int64_t i0 = 0; i0 < m; i0 += BLOCK) {                                                                        \
      for (int64_t j0 = 0; j0 < n; j0 += BLOCK) {                                                                      \
        for (int64_t j = j0; j < n && j < j0 + BLOCK; j++) {                                                           \
          for (int64_t i = i0; i < m && i < i0 + BLOCK; i++) y[j * m + i] = x[i * n + j];                              \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
TRANSPOSE(float)
TRANSPOSE(double)

void ml_lapack_transpose(size_t size, int64_t m, int64_t n, const void *x, void *y) {
  if (size == sizeof(double)) transpose_double(m, n, x, y);
  else transpose_float(m, n, x, y);
}

#define SYMMETRIC_PART(T)                                                                                              \
  static void symmetric_##T(int64_t n, const T *x, T *y) {                                                            \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      for (int64_t j = 0; j < n; j++) y[i * n + j] = (T)0.5 * x[i * n + j] + (T)0.5 * x[j * n + i];                    \
    }                                                                                                                  \
  }
SYMMETRIC_PART(float)
SYMMETRIC_PART(double)

void ml_lapack_symmetric(size_t size, int64_t n, const void *x, void *y) {
  if (size == sizeof(double)) symmetric_double(n, x, y);
  else symmetric_float(n, x, y);
}
