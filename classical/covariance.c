#include "classical/covariance.h"

#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/kernels/product.h"
#include "tensor/parallel.h"

#include <string.h>

ML_ISA_DECLARE(ml_product_kernels, ml_products, [2]);

enum {
  ROWS = 256,       /* at a time */
  HIGH = 8, WIDE = 4, /* a tile of products, in tiles and panels of the kernel */
  SINGLE = 8,       /* times ROWS: products of float32 are added up as such */
  WIDENED = 32,     /* rows of products that a piece adds to those of float64 */
  SAMPLE = 1024,    /* rows, about, from which the means are guessed */
};

/* Rows less the guessed means, packed both ways. */
typedef struct packed {
  int64_t rows;
  char *a, *b;
} packed;

typedef struct work {
  const ml_rows *x;
  const ml_product_kernels *kernels;
  int64_t size;        /* of an element */
  int64_t high, wide;  /* of a tile */
  int64_t down, across; /* tiles */
  int64_t block, blocks; /* columns that are packed together, of whole tiles both ways; how many blocks */
  const void *guess;   /* of the means, p elements */
  double *rest;        /* p: the sums of what the rows have more than that */
  int64_t from;        /* the first row of `next` */
  packed now, next;    /* what is multiplied, and what is packed meanwhile */
  char *centred;       /* of each thread: ROWS x a block */
  char *sum;           /* p x p, of products: `out` itself, or of float32 */
  bool begun;          /* whether there is something in it */
  double *out;
} work;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Columns of the rows that come next. */
static void pack(const work *w, int64_t block) {
  int64_t p = w->x->p, at = block * w->block, count = least(w->block, p - at), rows = w->next.rows;
  char *centred = w->centred + ml_thread_index() * ROWS * w->block * w->size;
  for (int64_t i = 0; i < rows; i++) {
    int64_t from = (w->from + i) * p + at;
    if (w->x->f64) {
      ml_vectors()->less(count, w->x->f64 + from, (const double *)w->guess + at, (double *)centred + i * w->block);
      ml_vectors()->add(count, 1, (double *)centred + i * w->block, w->rest + at);
    } else {
      ml_vectors()->less_f32(count, w->x->f32 + from, (const float *)w->guess + at, (float *)centred + i * w->block);
      ml_vectors()->add_f32(count, 1, (float *)centred + i * w->block, w->rest + at);
    }
  }
  w->kernels->pack_rows(count, rows, centred, w->block, w->next.a + at * rows * w->size);
  w->kernels->pack(rows, count, centred, w->block, 1, w->next.b + at * rows * w->size);
}

static void multiply_at(const work *w, int64_t row, int64_t column, int64_t m, int64_t n) {
  int64_t p = w->x->p, rows = w->now.rows;
  product_call call = {.m = m, .n = n, .k = rows, .a = w->now.a + row * rows * w->size, .a_packed = true, .packed = w->now.b + column * rows * w->size,
                       .start = w->begun ? PRODUCT_ADD : PRODUCT_ZERO, .c = w->sum + (row * p + column) * w->size, .c_row = p, .c_column = 1};
  w->kernels->run(&call);
}

/* A tile: whole above the diagonal, and on it panel by panel, each no further down than where it leaves the upper triangle. */
static void multiply(const work *w, int64_t tile) {
  int64_t row = tile / w->across * w->high, column = tile % w->across * w->wide, p = w->x->p, high = least(w->high, p - row);
  if (column >= row + w->high) return multiply_at(w, row, column, high, least(w->wide, p - column));
  for (int64_t end = least(column + w->wide, p); column < end; column += w->kernels->columns) {
    int64_t down = ml_pieces(column + w->kernels->columns - row, w->kernels->rows) * w->kernels->rows;
    if (column + w->kernels->columns > row) multiply_at(w, row, column, least(high, down), least(w->kernels->columns, end - column));
  }
}

/* What takes longest comes first. */
static void step_body(void *arg, int64_t begin, int64_t end) {
  const work *w = arg;
  int64_t blocks = w->next.rows > 0 ? w->blocks : 0;
  for (int64_t i = begin; i < end; i++) {
    if (i < blocks) pack(w, i);
    else multiply(w, i - blocks);
  }
}

/* Sums of float32 go to those of float64, from the diagonal on. */
static void widen_body(void *arg, int64_t begin, int64_t end) {
  const work *w = arg;
  int64_t p = w->x->p;
  for (int64_t i = begin; i < end; i++) ml_vectors()->add_f32(p - i, 1, (const float *)w->sum + i * p + i, w->out + i * p + i);
}

/* Multiplies what was packed, and packs the next rows. */
static ml_status step(ml_context *c, work *w) {
  w->next.rows = least(ROWS, w->x->n - w->from);
  int64_t tiles = w->now.rows > 0 ? w->down * w->across : 0, blocks = w->next.rows > 0 ? w->blocks : 0;
  ML_TRY(ml_parallel_for(c, tiles + blocks, 1, step_body, w));
  int64_t done = w->from;
  w->begun = tiles > 0 && (w->x->f64 || (done % (SINGLE * ROWS) != 0 && done < w->x->n));
  return tiles == 0 || w->begun ? ML_OK : ml_parallel_for(c, w->x->p, WIDENED, widen_body, w);
}

/* The mean of some rows, evenly spread. */
static void guess_means(const work *w, void *guess) {
  int64_t p = w->x->p, apart = w->x->n / SAMPLE + 1, count = ml_pieces(w->x->n, apart);
  memset(w->rest, 0, (size_t)p * sizeof *w->rest);
  for (int64_t i = 0; i < w->x->n; i += apart) {
    if (w->x->f64) ml_vectors()->add(p, 1, w->x->f64 + i * p, w->rest);
    else ml_vectors()->add_f32(p, 1, w->x->f32 + i * p, w->rest);
  }
  for (int64_t j = 0; j < p; j++) {
    if (w->x->f64) ((double *)guess)[j] = w->rest[j] / (double)count;
    else ((float *)guess)[j] = (float)(w->rest[j] / (double)count);
  }
  memset(w->rest, 0, (size_t)p * sizeof *w->rest);
}

static void finish(const work *w) {
  int64_t p = w->x->p;
  double n = (double)w->x->n, over = n > 1 ? n - 1 : 1;
  for (int64_t i = 0; i < p; i++)
    for (int64_t j = i; j < p; j++) w->out[j * p + i] = w->out[i * p + j] = (w->out[i * p + j] - w->rest[i] / n * w->rest[j]) / over;
  for (int64_t j = 0; j < p; j++) w->rest[j] = w->rest[j] / n + (w->x->f64 ? ((const double *)w->guess)[j] : (double)((const float *)w->guess)[j]);
}

static ml_status run(ml_context *c, work *w, void *guess) {
  guess_means(w, guess);
  w->guess = guess;
  memset(w->out, 0, (size_t)(w->x->p * w->x->p) * sizeof *w->out);
  do {
    ML_TRY(step(c, w));
    packed free = w->now;
    w->from += w->next.rows;
    w->now = w->next, w->next = free;
  } while (w->now.rows > 0);
  finish(w);
  return ML_OK;
}

ml_status ml_covariance(ml_context *c, const ml_rows *x, double *mean, double *covariance) {
  const ml_product_kernels *kernels = &ML_ISA_CHOOSE(ml_products)[x->f64 != NULL];
  work w = {.x = x, .kernels = kernels, .size = x->f64 ? sizeof(double) : sizeof(float), .high = HIGH * kernels->rows, .wide = WIDE * kernels->columns, .rest = mean, .out = covariance};
  w.down = ml_pieces(x->p, w.high), w.across = ml_pieces(x->p, w.wide);
  for (w.block = w.high; w.block % w.wide != 0;) w.block += w.high;
  w.blocks = ml_pieces(x->p, w.block);
  int64_t a = w.down * w.high * ROWS, b = w.across * w.wide * ROWS, sum = x->f64 ? 0 : x->p * x->p;
  int64_t centred = ml_threads() * ROWS * w.block;
  size_t bytes = (size_t)(2 * (a + b) + centred + sum + x->p) * (size_t)w.size;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.now.a));
  w.next.a = w.now.a + a * w.size, w.now.b = w.next.a + a * w.size, w.next.b = w.now.b + b * w.size;
  w.centred = w.next.b + b * w.size;
  w.sum = x->f64 ? (char *)covariance : w.centred + centred * w.size;
  char *memory = w.now.a;
  ml_status status = run(c, &w, w.centred + (centred + sum) * w.size);
  ml_free(memory, bytes);
  return status;
}
