/* The product kernel: rows of A times a packed B, on the calling thread, for use inside the bodies of parallel regions.
 *
 * Each element of C is ONE chain of fused multiply-adds over k, from its start to the last: so its bits depend neither on how
 * a caller cuts rows, columns and k into pieces, nor on the width of vectors, nor on threads.
 *
 * B is packed into panels of `columns` (NAME(PRODUCT_COLUMNS)) columns: panel p holds columns p * columns ... as k rows of
 * `columns` elements; the last is filled up with zeros. Panels may be packed one by one: panel p begins at packed + p * columns * k.
 * Or B is read where it stands (b_row), row by row, if it is whole panels wide.
 * A is read where it stands, with any strides; or, where its columns are so far apart that each element costs a line of the cache,
 * packed too: product_pack_rows. */
#ifndef ML_KERNELS_PRODUCT_H
#define ML_KERNELS_PRODUCT_H

#include "tensor/kernels/isa.h"
#include "tensor/kernels/vec.h"

#include <stdbool.h>

enum { PRODUCT_ROWS = ML_VEC_BYTES == 64 ? 14 : 6 }; /* of the tile that registers hold; it is two vectors wide */
enum { PRODUCT_COLUMNS_f32 = 2 * VEC_LENGTH_f32, PRODUCT_COLUMNS_f64 = 2 * VEC_LENGTH_f64 };

typedef enum product_start {
  PRODUCT_ZERO,
  PRODUCT_ADD,            /* what C holds */
  PRODUCT_BIAS,           /* bias[j] for column j */
  PRODUCT_BIAS_OF_ROWS,   /* bias[i] for row i */
} product_start;

/* C (m x n) = start + A (m x k) B (k x n). Strides are in elements; C is fastest where c_column is 1. */
typedef struct product_call {
  int64_t m, n, k;
  const void *a;
  int64_t a_row, a_column;
  bool a_packed;      /* then a's strides mean nothing, and its first row begins a tile */
  const void *packed; /* B */
  int64_t packed_k;   /* the rows that B was packed with, if there are more than k, of which `packed` points to the first; or 0 */
  int64_t b_row;      /* 0, or B is not packed, and its rows are this far apart; then n is a multiple of the panels' columns */
  product_start start;
  const void *bias;
  void *c;
  int64_t c_row, c_column;
} product_call;

/* What code outside of the kernel files (which alone know their instruction set) calls: one for float, one for double. */
typedef struct ml_product_kernels {
  int64_t rows, columns; /* of a tile */
  void (*pack)(int64_t k, int64_t n, const void *b, int64_t row, int64_t column, void *packed);
  void (*pack_rows)(int64_t m, int64_t k, const void *a, int64_t column, void *packed);
  void (*run)(const product_call *p);
} ml_product_kernels;

#define product_pack_f32 ML_ISA_SYMBOL(ml_product_pack_f32)
#define product_pack_f64 ML_ISA_SYMBOL(ml_product_pack_f64)
#define product_pack_rows_f32 ML_ISA_SYMBOL(ml_product_pack_rows_f32)
#define product_pack_rows_f64 ML_ISA_SYMBOL(ml_product_pack_rows_f64)
#define product_run_f32  ML_ISA_SYMBOL(ml_product_run_f32)
#define product_run_f64  ML_ISA_SYMBOL(ml_product_run_f64)

/* Packs b[i * row + j * column], i < k, j < n. `packed` has room for n rounded up to whole panels, times k. */
void product_pack_f32(int64_t k, int64_t n, const void *b, int64_t row, int64_t column, void *packed);
void product_pack_f64(int64_t k, int64_t n, const void *b, int64_t row, int64_t column, void *packed);

/* Packs a[i + l * column], i < m, l < k: tiles of PRODUCT_ROWS rows, in each the rows beside each other for every l. `packed` has
 * room for m rounded up to whole tiles, times k. All tiles of a column are written together: each of its lines is fetched once. */
void product_pack_rows_f32(int64_t m, int64_t k, const void *a, int64_t column, void *packed);
void product_pack_rows_f64(int64_t m, int64_t k, const void *a, int64_t column, void *packed);

void product_run_f32(const product_call *p);
void product_run_f64(const product_call *p);

#endif
