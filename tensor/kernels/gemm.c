/* A plain matrix product for machines without a BLAS: blocks of B are packed into a small panel, and each row of C
 * gathers its sums in an array the compiler keeps in vectors. Each element of C is a sequential sum over blocks of k.
 */

#include "tensor/kernels/gemm.h"
#include "tensor/kernels/isa.h"

enum { DEPTH = 256, WIDTH = 64 }; /* of the panel of B: 64 KB of floats */

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

#define GEMM(name, T)                                                                                                  \
  static void name(const ml_gemm_args *g) {                                                                            \
    const T *a = g->a, *b = g->b;                                                                                      \
    T *c = g->c, alpha = (T)g->alpha, beta = (T)g->beta;                                                               \
    int64_t a_row = g->transpose_a ? 1 : g->lda, a_column = g->transpose_a ? g->lda : 1;                               \
    int64_t b_row = g->transpose_b ? 1 : g->ldb, b_column = g->transpose_b ? g->ldb : 1;                               \
    T panel[DEPTH][WIDTH], sum[WIDTH];                                                                                 \
    for (int64_t i = 0; i < g->m; i++) {                                                                               \
      for (int64_t j = 0; j < g->n; j++) c[i * g->ldc + j] = beta == 0 ? 0 : beta * c[i * g->ldc + j];                 \
    }                                                                                                                  \
    for (int64_t j0 = 0; j0 < g->n; j0 += WIDTH) {                                                                     \
      int64_t width = least(g->n - j0, WIDTH);                                                                         \
      for (int64_t k0 = 0; k0 < g->k; k0 += DEPTH) {                                                                   \
        int64_t depth = least(g->k - k0, DEPTH);                                                                       \
        for (int64_t k = 0; k < depth; k++) {                                                                          \
          const T *from = b + (k0 + k) * b_row + j0 * b_column;                                                        \
          for (int64_t j = 0; j < WIDTH; j++) panel[k][j] = j < width ? from[j * b_column] : 0;                        \
        }                                                                                                              \
        for (int64_t i = 0; i < g->m; i++) {                                                                           \
          const T *from = a + i * a_row + k0 * a_column;                                                               \
          for (int64_t j = 0; j < WIDTH; j++) sum[j] = 0;                                                              \
          for (int64_t k = 0; k < depth; k++) {                                                                        \
            T factor = from[k * a_column];                                                                             \
            for (int64_t j = 0; j < WIDTH; j++) sum[j] += factor * panel[k][j];                                        \
          }                                                                                                            \
          T *to = c + i * g->ldc + j0;                                                                                 \
          for (int64_t j = 0; j < width; j++) to[j] += alpha * sum[j];                                                 \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

GEMM(gemm_f32, float)
GEMM(gemm_f64, double)

ML_ISA_DECLARE(ml_gemm_kernels, ml_gemm_kernels, [1]);
const ml_gemm_kernels ML_ISA_SYMBOL(ml_gemm_kernels)[1] = {{gemm_f32, gemm_f64}};
