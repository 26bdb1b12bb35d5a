/* Matrix products through OpenBLAS (see blas.h), or through a plain kernel of our own without it.
 *
 * OpenBLAS runs on the calling thread; big products are cut here, into tiles whose sizes follow from m, n and k alone,
 * so that the bits do not depend on the number of threads. */

#include "tensor/gemm.h"
#include "tensor/blas.h"
#include "tensor/cpu.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"

#include <limits.h>
#include <pthread.h>

ML_ISA_DECLARE(ml_gemm_kernels, ml_gemm_kernels, [1]);

/* CBLAS's constants and functions. */
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };
typedef void (*sgemm_function)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                               const float *b, int ldb, float beta, float *c, int ldc);
typedef void (*dgemm_function)(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                               const double *b, int ldb, double beta, double *c, int ldc);
typedef void (*sgemv_function)(int order, int ta, int m, int n, float alpha, const float *a, int lda, const float *x,
                               int incx, float beta, float *y, int incy);
typedef void (*dgemv_function)(int order, int ta, int m, int n, double alpha, const double *a, int lda, const double *x,
                               int incx, double beta, double *y, int incy);

static struct {
  pthread_once_t once;
  bool loaded;
  sgemm_function sgemm;
  dgemm_function dgemm;
  sgemv_function sgemv;
  dgemv_function dgemv;
} blas = {.once = PTHREAD_ONCE_INIT};

static void load(void) {
  blas.sgemm = (sgemm_function)ml_blas_find("cblas_sgemm");
  blas.dgemm = (dgemm_function)ml_blas_find("cblas_dgemm");
  blas.sgemv = (sgemv_function)ml_blas_find("cblas_sgemv");
  blas.dgemv = (dgemv_function)ml_blas_find("cblas_dgemv");
  blas.loaded = blas.sgemm != NULL && blas.dgemm != NULL && blas.sgemv != NULL && blas.dgemv != NULL;
}

ml_status ml_gemm_ready(ml_context *c) {
  (void)c; /* without a BLAS the plain kernel serves */
  pthread_once(&blas.once, load);
  return ML_OK;
}

/* One product on this thread --------------------------------------------------------------------------------------- */

/* BLAS counts in int. */
static bool in_range(const ml_gemm_args *g) {
  return g->m <= INT_MAX && g->n <= INT_MAX && g->k <= INT_MAX && g->lda <= INT_MAX && g->ldb <= INT_MAX &&
         g->ldc <= INT_MAX;
}

static void plain(ml_dtype dtype, const ml_gemm_args *g) {
  const ml_gemm_kernels *kernels = ML_ISA_CHOOSE(ml_gemm_kernels);
  if (dtype == ML_FLOAT64)
    kernels->f64(g);
  else
    kernels->f32(g);
}

/* matrix (rows x columns as stored, transposed or not) times vector. */
static void gemv(ml_dtype dtype, const ml_gemm_args *g, bool transpose, const void *matrix, int64_t rows,
                 int64_t columns, int64_t ld, const void *x, int64_t incx, int64_t incy) {
  int ta = transpose ? TRANS : NO_TRANS;
  if (dtype == ML_FLOAT64)
    blas.dgemv(ROW_MAJOR, ta, (int)rows, (int)columns, g->alpha, matrix, (int)ld, x, (int)incx, g->beta, g->c,
               (int)incy);
  else
    blas.sgemv(ROW_MAJOR, ta, (int)rows, (int)columns, (float)g->alpha, matrix, (int)ld, x, (int)incx, (float)g->beta,
               g->c, (int)incy);
}

void ml_gemm_serial(ml_dtype dtype, const ml_gemm_args *g) {
  if (g->m == 0 || g->n == 0) return;
  if (!blas.loaded || g->k == 0 || !in_range(g)) {
    plain(dtype, g);
  } else if (g->n == 1) { /* A times a column */
    int64_t rows = g->transpose_a ? g->k : g->m, columns = g->transpose_a ? g->m : g->k;
    gemv(dtype, g, g->transpose_a, g->a, rows, columns, g->lda, g->b, g->transpose_b ? 1 : g->ldb, g->ldc);
  } else if (g->m == 1) { /* a row times B: BT times a column */
    int64_t rows = g->transpose_b ? g->n : g->k, columns = g->transpose_b ? g->k : g->n;
    gemv(dtype, g, !g->transpose_b, g->b, rows, columns, g->ldb, g->a, g->transpose_a ? g->lda : 1, 1);
  } else {
    int ta = g->transpose_a ? TRANS : NO_TRANS, tb = g->transpose_b ? TRANS : NO_TRANS;
    int m = (int)g->m, n = (int)g->n, k = (int)g->k, lda = (int)g->lda, ldb = (int)g->ldb, ldc = (int)g->ldc;
    if (dtype == ML_FLOAT64)
      blas.dgemm(ROW_MAJOR, ta, tb, m, n, k, g->alpha, g->a, lda, g->b, ldb, g->beta, g->c, ldc);
    else
      blas.sgemm(ROW_MAJOR, ta, tb, m, n, k, (float)g->alpha, g->a, lda, g->b, ldb, (float)g->beta, g->c, ldc);
  }
}

/* One product on the pool ------------------------------------------------------------------------------------------ */

enum {
  WHOLE_WORK = 1 << 18, /* multiplications: a product this small is one tile */
  TILE_WORK = 1 << 21,  /* tiles are halved down to this, */
  ENOUGH_TILES = 16,    /* or until there are so many, */
  BIGGEST = 512,        /* and in any case to this many rows and columns */
  MOST_WORK = 1 << 30,  /* and to this: an interrupt waits for a tile to end, some 20 ms */
  SIDE = 64,            /* but not below this: a thin tile packs more than it multiplies; */
  THIN = 32,            /* the first cut may make tiles this thin, so that two threads have work */
  ROUND = 16,           /* tile sizes are multiples of it: the kernels' own blocks */
};

typedef struct tiling {
  const ml_gemm_args *g;
  ml_dtype dtype;
  int64_t rows, columns; /* of a tile */
  int64_t across;        /* tiles beside one another */
} tiling;

static int64_t halved(int64_t n) { return ((n + 1) / 2 + ROUND - 1) / ROUND * ROUND; }

/* Sizes of the tiles: the longer side is halved until the tiles are small or many enough. Nothing but m, n, k counts.
 */
static void choose_tiles(const ml_gemm_args *g, tiling *t) {
  t->rows = g->m;
  t->columns = g->n;
  for (;;) {
    int64_t tiles = ml_pieces(g->m, t->rows) * ml_pieces(g->n, t->columns);
    int64_t work = t->rows * t->columns * g->k;
    bool too_big = t->rows > BIGGEST || t->columns > BIGGEST || work > MOST_WORK;
    bool more = tiles < ENOUGH_TILES && work > (tiles == 1 ? WHOLE_WORK : TILE_WORK);
    if (!too_big && !more) return;
    int64_t side = tiles == 1 ? THIN : SIDE;
    bool rows_can = t->rows >= 2 * side, columns_can = t->columns >= 2 * side;
    if (rows_can && (t->rows >= t->columns || !columns_can))
      t->rows = halved(t->rows);
    else if (columns_can)
      t->columns = halved(t->columns);
    else
      return;
  }
}

static void tile_body(void *arg, int64_t begin, int64_t end) {
  const tiling *t = arg;
  int64_t size = (int64_t)ml_dtype_size(t->dtype);
  for (int64_t i = begin; i < end; i++) {
    ml_gemm_args g = *t->g;
    int64_t row = i / t->across * t->rows, column = i % t->across * t->columns;
    if (g.m - row > t->rows)
      g.m = t->rows;
    else
      g.m -= row;
    if (g.n - column > t->columns)
      g.n = t->columns;
    else
      g.n -= column;
    g.a = (const char *)g.a + row * (g.transpose_a ? 1 : g.lda) * size;
    g.b = (const char *)g.b + column * (g.transpose_b ? g.ldb : 1) * size;
    g.c = (char *)g.c + (row * g.ldc + column) * size;
    ml_gemm_serial(t->dtype, &g);
  }
}

ml_status ml_gemm(ml_context *c, ml_dtype dtype, const ml_gemm_args *g) {
  if (dtype != ML_FLOAT32 && dtype != ML_FLOAT64)
    return ml_fail(c, "matrix product: %s is not a floating type", ml_dtype_name(dtype));
  ML_TRY(ml_gemm_ready(c));
  if (g->m == 0 || g->n == 0) return ML_OK;
  tiling t = {.g = g, .dtype = dtype};
  choose_tiles(g, &t);
  t.across = ml_pieces(g->n, t.columns);
  int64_t tiles = ml_pieces(g->m, t.rows) * t.across;
  if (tiles > 1) return ml_parallel_for(c, tiles, 1, tile_body, &t);
  ml_gemm_serial(dtype, g);
  return ML_OK;
}
