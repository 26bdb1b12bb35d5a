/* What the blocked factorisations share: where they run, panels. */

#include "tensor/linalg/blocked.h"

#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/parallel.h"

#include <string.h>

ML_ISA_DECLARE(ml_panel_kernels, ml_panels, [2]);

enum {
  LONG = 500000000,   /* operations: a matrix that takes longer has the pool for itself, that an interrupt need not wait, */
  PIECE = 1000000,    /* and pieces of the pool are worth waking a thread for */
  CHUNK = 2 * PANEL_COLUMNS, /* columns that a thread takes at once */
};

typedef struct side_by_side {
  ml_blocked b;
  ml_status (*matrix)(const ml_blocked *b, const void *arg, int64_t i, char *scratch);
  const void *arg;
  char *scratch; /* one for each thread */
  size_t stride;
} side_by_side;

static void body(void *arg, int64_t begin, int64_t end) {
  const side_by_side *s = arg;
  for (int64_t i = begin; i < end; i++) {
    ml_status never_fails = s->matrix(&s->b, s->arg, i, s->scratch + (size_t)ml_thread_index() * s->stride);
    (void)never_fails; /* without a context there is nothing that could */
  }
}

ml_status ml_blocked_each(ml_context *c, ml_dtype dtype, int64_t batch, int64_t flops, size_t scratch,
                          ml_status (*matrix)(const ml_blocked *b, const void *arg, int64_t i, char *scratch), const void *arg) {
  side_by_side s = {.matrix = matrix, .arg = arg, .stride = (scratch + 63) / 64 * 64,
                    .b = {.dtype = dtype, .size = ml_dtype_size(dtype), .kernels = &ML_ISA_CHOOSE(ml_panels)[dtype == ML_FLOAT64]}};
  bool one_by_one = batch < 2 * ml_threads() || flops > LONG;
  size_t bytes = s.stride * (size_t)(one_by_one ? 1 : ml_threads());
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&s.scratch));
  ml_status status = ML_OK;
  if (one_by_one) {
    s.b.c = c;
    for (int64_t i = 0; i < batch && status == ML_OK; i++) status = matrix(&s.b, arg, i, s.scratch);
  } else {
    int64_t grain = PIECE / (flops + 1000);
    status = ml_parallel_for(c, batch, grain > 0 ? grain : 1, body, &s);
  }
  ml_free(s.scratch, bytes);
  return status;
}

ml_status ml_blocked_product(const ml_blocked *b, const ml_gemm_args *g) {
  if (b->c) return ml_gemm(b->c, b->dtype, g);
  ml_gemm_serial(b->dtype, g);
  return ML_OK;
}

ml_status ml_blocked_columns(const ml_blocked *b, int64_t columns, void (*run)(void *arg, int64_t begin, int64_t end), void *arg) {
  if (b->c) return ml_parallel_for(b->c, columns, CHUNK, run, arg);
  run(arg, 0, columns);
  return ML_OK;
}

void ml_panel_load(const ml_blocked *b, int64_t m, int64_t columns, const void *x, int64_t row, void *panel) {
  size_t bytes = (size_t)columns * b->size, whole = PANEL_COLUMNS * b->size;
  for (int64_t i = 0; i < m; i++) {
    char *to = (char *)panel + (size_t)i * whole;
    memcpy(to, ml_blocked_at(b, x, row, i, 0), bytes);
    memset(to + bytes, 0, whole - bytes);
  }
}

void ml_panel_store(const ml_blocked *b, int64_t m, int64_t columns, const void *panel, void *x, int64_t row) {
  for (int64_t i = 0; i < m; i++)
    memcpy(ml_blocked_at(b, x, row, i, 0), ml_blocked_at(b, panel, PANEL_COLUMNS, i, 0), (size_t)columns * b->size);
}

void ml_blocked_negate(const ml_blocked *b, int64_t count, void *x) {
  if (b->size == sizeof(double)) {
    for (int64_t i = 0; i < count; i++) ((double *)x)[i] = -((double *)x)[i];
  } else {
    for (int64_t i = 0; i < count; i++) ((float *)x)[i] = -((float *)x)[i];
  }
}

void ml_blocked_identity(const ml_blocked *b, int64_t m, int64_t n, void *x) {
  memset(x, 0, (size_t)(m * n) * b->size);
  for (int64_t i = 0; i < m && i < n; i++) {
    if (b->size == sizeof(double)) ((double *)x)[i * n + i] = 1;
    else ((float *)x)[i * n + i] = 1;
  }
}
