/* Matrix products on the pool.
 *
 * The kernel wants B packed. Packing costs time by B's size, so the smaller side had better be B: C^T = B^T A^T is the same
 * product with the sides exchanged (and the same bits: each element is the same chain), at the cost of storing C against its
 * rows. B is packed once, in pieces, and then the tiles of C are computed, in any order, by whichever thread. */

#include "tensor/gemm.h"

#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/kernels/product.h"
#include "tensor/parallel.h"

ML_ISA_DECLARE(ml_product_kernels, ml_products, [2]);

static const ml_product_kernels *kernels_for(ml_dtype dtype) {
  return &ML_ISA_CHOOSE(ml_products)[dtype == ML_FLOAT64];
}

/* Which side to pack --------------------------------------------------------------------------------------------------- */

/* A product with its sides chosen. */
typedef struct oriented {
  product_call call; /* `packed` is not set, unless B is read where it stands (b_row) */
  const char *b;
  int64_t b_row, b_column;
} oriented;

enum { NEAR_BYTES = 1024 }; /* rows of B no further apart are read where they stand */

static bool stands_well(const ml_product_kernels *kernels, size_t size, int64_t n, int64_t b_row, int64_t b_column) {
  return b_column == 1 && b_row * (int64_t)size <= NEAR_BYTES && n % kernels->columns == 0;
}

/* What packing costs an element, about: less where the columns are contiguous; and storing C against its rows. */
enum { PACK_ROWS = 1, PACK_TURNED = 3, STORE_TURNED = 8 };

static int64_t packing_cost(int64_t k, int64_t n, int64_t column) {
  return k * n * (column == 1 ? PACK_ROWS : PACK_TURNED);
}

static oriented orient(const ml_product_kernels *kernels, size_t size, const ml_gemm_args *g) {
  product_start start = g->add ? PRODUCT_ADD : g->bias ? PRODUCT_BIAS : PRODUCT_ZERO;
  bool well = stands_well(kernels, size, g->n, g->b_row, g->b_column);
  int64_t as_it_is = well ? 0 : packing_cost(g->k, g->n, g->b_column);
  int64_t exchanged = packing_cost(g->k, g->m, g->a_row) + STORE_TURNED * g->m * g->n;
  if (as_it_is <= exchanged)
    return (oriented){
        .call = {.m = g->m, .n = g->n, .k = g->k, .a = g->a, .a_row = g->a_row, .a_column = g->a_column, .start = start,
                 .bias = g->bias, .c = g->c, .c_row = g->c_row, .c_column = 1, .packed = well ? g->b : NULL, .b_row = well ? g->b_row : 0},
        .b = g->b, .b_row = g->b_row, .b_column = g->b_column};
  return (oriented){
      .call = {.m = g->n, .n = g->m, .k = g->k, .a = g->b, .a_row = g->b_column, .a_column = g->b_row,
               .start = start == PRODUCT_BIAS ? PRODUCT_BIAS_OF_ROWS : start, .bias = g->bias, .c = g->c, .c_row = 1,
               .c_column = g->c_row},
      .b = g->a, .b_row = g->a_column, .b_column = g->a_row};
}

/* On one thread -------------------------------------------------------------------------------------------------------- */

enum { SERIAL_BYTES = 64 * 1024 }; /* of B packed at once, on the stack */

/* The columns of one panel after the other, and as much of k as fits. */
static void pack_and_run(const ml_product_kernels *kernels, size_t size, const oriented *o) {
  char packed[SERIAL_BYTES] __attribute__((aligned(64)));
  const product_call *whole = &o->call;
  int64_t width = whole->n, depth = whole->k;
  if ((width + kernels->columns) * depth * (int64_t)size > SERIAL_BYTES) {
    int64_t panels = SERIAL_BYTES / (int64_t)size / kernels->columns / depth;
    width = (panels > 1 ? panels : 1) * kernels->columns, depth = SERIAL_BYTES / (int64_t)size / width;
    if (whole->n < width) width = whole->n;
    if (whole->k < depth) depth = whole->k;
  }
  for (int64_t j = 0; j < whole->n; j += width) {
    int64_t k0 = 0;
    do {
      product_call part = *whole;
      part.n = whole->n - j < width ? whole->n - j : width;
      part.k = whole->k - k0 < depth ? whole->k - k0 : depth;
      part.a = (const char *)whole->a + k0 * whole->a_column * (int64_t)size;
      part.c = (char *)whole->c + j * whole->c_column * (int64_t)size;
      part.packed = packed;
      if (k0 > 0) part.start = PRODUCT_ADD;
      else if (part.start == PRODUCT_BIAS) part.bias = (const char *)whole->bias + j * (int64_t)size;
      kernels->pack(part.k, part.n, o->b + (k0 * o->b_row + j * o->b_column) * (int64_t)size, o->b_row, o->b_column, packed);
      kernels->run(&part);
      k0 += depth;
    } while (k0 < whole->k);
  }
}

static void run_serial(const ml_product_kernels *kernels, size_t size, const oriented *o) {
  if (o->call.b_row) kernels->run(&o->call);
  else pack_and_run(kernels, size, o);
}

void ml_gemm_serial(ml_dtype dtype, const ml_gemm_args *g) {
  if (g->m == 0 || g->n == 0) return;
  const ml_product_kernels *kernels = kernels_for(dtype);
  size_t size = ml_dtype_size(dtype);
  oriented o = orient(kernels, size, g);
  run_serial(kernels, size, &o);
}

/* On the pool ---------------------------------------------------------------------------------------------------------- */

enum {
  WHOLE_WORK = 1 << 18,  /* multiplications: a product this small is one tile, */
  TILE_WORK = 1 << 20,   /* tiles are halved down to this, */
  ENOUGH_TILES = 24,     /* or until there are so many, */
  BIGGEST = 448,         /* and in any case to this many rows, that a block of A stays in the cache, */
  MOST_WORK = 1 << 29,   /* and to this: an interrupt waits for a tile to end */
  PACK_ELEMENTS = 1 << 15, /* of B packed by one piece */
  PACK_TILES = 4,        /* of rows of A */
  FAR_BYTES = 1024, ENOUGH_PANELS = 8, /* columns of A this far apart are packed for so many panels of B */
};

typedef struct job {
  const ml_product_kernels *kernels;
  oriented *o;
  size_t size; /* of an element */
  char *packed, *packed_rows; /* B, and A if it is packed, too */
  int64_t panels;        /* of B */
  int64_t rows, columns; /* of a tile; multiples of the kernel's */
  int64_t across;        /* tiles beside one another */
} job;

static int64_t rounded_up(int64_t n, int64_t to) { return ml_pieces(n, to) * to; }

/* Sizes of the tiles: the longer side is halved until they are small or many enough. */
static void choose_tiles(job *t) {
  const product_call *p = &t->o->call;
  int64_t row_unit = 2 * t->kernels->rows, column_unit = t->kernels->columns;
  t->rows = rounded_up(p->m, row_unit);
  t->columns = rounded_up(p->n, column_unit);
  for (;;) {
    int64_t tiles = ml_pieces(p->m, t->rows) * ml_pieces(p->n, t->columns), work = t->rows * t->columns * p->k;
    bool too_big = t->rows > BIGGEST || work > MOST_WORK;
    if (!too_big && (tiles >= ENOUGH_TILES || work <= TILE_WORK)) return;
    if (t->rows > row_unit && (t->rows >= t->columns || t->columns == column_unit || t->rows > BIGGEST))
      t->rows = rounded_up(t->rows / 2, row_unit);
    else if (t->columns > column_unit)
      t->columns = rounded_up(t->columns / 2, column_unit);
    else
      return;
  }
}

/* Packs the columns of B from `first` up to `last`. */
static void pack_columns(const job *t, int64_t first, int64_t last) {
  const oriented *o = t->o;
  if (last > o->call.n) last = o->call.n;
  t->kernels->pack(o->call.k, last - first, o->b + first * o->b_column * (int64_t)t->size, o->b_row, o->b_column,
                   t->packed + first * o->call.k * (int64_t)t->size);
}

static void pack_body(void *arg, int64_t begin, int64_t end) {
  const job *t = arg;
  pack_columns(t, begin * t->kernels->columns, end * t->kernels->columns);
}

static void run_tile(const job *t, int64_t row, int64_t column) {
  product_call p = t->o->call;
  int64_t size = (int64_t)t->size;
  if (p.a_packed) p.a = t->packed_rows + row * p.k * size;
  else p.a = (const char *)p.a + row * p.a_row * size;
  p.packed = p.b_row ? t->o->b + column * size : t->packed + column * p.k * size;
  p.c = (char *)p.c + (row * p.c_row + column * p.c_column) * size;
  if (p.start == PRODUCT_BIAS) p.bias = (const char *)p.bias + column * size;
  if (p.start == PRODUCT_BIAS_OF_ROWS) p.bias = (const char *)p.bias + row * size;
  p.m = p.m - row < t->rows ? p.m - row : t->rows;
  p.n = p.n - column < t->columns ? p.n - column : t->columns;
  t->kernels->run(&p);
}

static void pack_rows_body(void *arg, int64_t begin, int64_t end) {
  const job *t = arg;
  const product_call *p = &t->o->call;
  int64_t size = (int64_t)t->size, row = begin * t->kernels->rows, last = end * t->kernels->rows;
  t->kernels->pack_rows((last < p->m ? last : p->m) - row, p->k, (const char *)p->a + row * size, p->a_column, t->packed_rows + row * p->k * size);
}

static void tile_body(void *arg, int64_t begin, int64_t end) {
  const job *t = arg;
  for (int64_t i = begin; i < end; i++) run_tile(t, i / t->across * t->rows, i % t->across * t->columns);
}

/* One row of tiles: each packs the columns that it alone needs. */
static void pack_and_run_body(void *arg, int64_t begin, int64_t end) {
  const job *t = arg;
  for (int64_t i = begin; i < end; i++) {
    pack_columns(t, i * t->columns, (i + 1) * t->columns);
    run_tile(t, 0, i * t->columns);
  }
}

static ml_status run_packed(ml_context *c, job *t, int64_t down) {
  const product_call *p = &t->o->call;
  if (down == 1 && !p->a_packed && !p->b_row) return ml_parallel_for(c, t->across, 1, pack_and_run_body, t);
  int64_t grain = PACK_ELEMENTS / (t->kernels->columns * (p->k > 0 ? p->k : 1));
  if (!p->b_row) ML_TRY(ml_parallel_for(c, t->panels, grain > 0 ? grain : 1, pack_body, t));
  if (p->a_packed) ML_TRY(ml_parallel_for(c, ml_pieces(p->m, t->kernels->rows), PACK_TILES, pack_rows_body, t));
  return ml_parallel_for(c, down * t->across, 1, tile_body, t);
}

static ml_status run_tiles(ml_context *c, job *t) {
  product_call *p = &t->o->call;
  t->panels = ml_pieces(p->n, t->kernels->columns);
  t->across = ml_pieces(p->n, t->columns);
  p->a_packed = p->a_row == 1 && p->a_column * (int64_t)t->size >= FAR_BYTES && p->n >= ENOUGH_PANELS * t->kernels->columns;
  int64_t k = p->k > 0 ? p->k : 1, rows = p->a_packed ? rounded_up(p->m, t->kernels->rows) : 0;
  size_t columns_bytes = p->b_row ? 0 : (size_t)(t->panels * t->kernels->columns * k) * t->size, bytes = columns_bytes + (size_t)(rows * k) * t->size;
  void *packed;
  ML_TRY(ml_alloc_checked(c, bytes, &packed));
  t->packed = packed, t->packed_rows = t->packed + columns_bytes;
  ml_status status = run_packed(c, t, ml_pieces(p->m, t->rows));
  ml_free(packed, bytes);
  return status;
}

ml_status ml_gemm(ml_context *c, ml_dtype dtype, const ml_gemm_args *g) {
  if (!ml_dtype_is_float(dtype)) return ml_fail(c, "matrix product: %s is not a floating type", ml_dtype_name(dtype));
  if (g->m == 0 || g->n == 0) return ML_OK;
  job t = {.kernels = kernels_for(dtype), .size = ml_dtype_size(dtype)};
  oriented o = orient(t.kernels, t.size, g);
  t.o = &o;
  bool small = (double)g->m * (double)g->n * (double)g->k <= WHOLE_WORK;
  if (!small) {
    choose_tiles(&t);
    return run_tiles(c, &t);
  }
  run_serial(t.kernels, t.size, &o);
  if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
  return ML_OK;
}
