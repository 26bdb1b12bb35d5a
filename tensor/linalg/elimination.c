/* Gaussian elimination with row exchanges, right-looking (Golub and Van Loan, section 3.4): a panel of columns is factorised, its
 * exchanges and its triangle are applied to the rows of the panel, and their product is subtracted from what is left. */

#include "tensor/linalg/blocked.h"

#include <string.h>

size_t ml_lu_scratch(size_t size, int64_t n, int64_t columns) { /* a panel; a block of rows */
  return (size_t)(PANEL_COLUMNS * (n > columns ? n : columns)) * size;
}

/* A panel's exchanges of rows, and its triangle, on columns of x. */
typedef struct exchange {
  const ml_blocked *b;
  int64_t first, width; /* rows of the panel */
  const int *pivot;     /* of the panel, from its first row */
  const char *triangle; /* NULL: exchanges alone */
  int64_t from;         /* the first column that the triangle is applied to */
  char *x;
  int64_t row;
} exchange;

static void swap(char *a, char *b, size_t bytes) {
  char held[PANEL_COLUMNS * 2 * sizeof(double)];
  for (size_t done = 0, part; done < bytes; done += part) {
    part = bytes - done < sizeof held ? bytes - done : sizeof held;
    memcpy(held, a + done, part);
    memcpy(a + done, b + done, part);
    memcpy(b + done, held, part);
  }
}

static void exchange_body(void *arg, int64_t begin, int64_t end) {
  const exchange *e = arg;
  for (int64_t j = 0; j < e->width; j++) {
    if (e->pivot[j] == j) continue;
    swap(ml_blocked_at(e->b, e->x, e->row, e->first + j, begin), ml_blocked_at(e->b, e->x, e->row, e->first + e->pivot[j], begin), (size_t)(end - begin) * e->b->size);
  }
  if (begin < e->from) begin = e->from;
  if (e->triangle == NULL || begin >= end) return;
  e->b->kernels->substitute(false, e->width, e->triangle, PANEL_COLUMNS, end - begin, ml_blocked_at(e->b, e->x, e->row, e->first, begin), e->row);
}

ml_status ml_lu_factor(const ml_blocked *b, int64_t n, void *a, int *pivot, void *scratch, int *singular) {
  *singular = 0;
  for (int64_t j = 0; j < n; j += PANEL_COLUMNS) {
    int64_t width = n - j < PANEL_COLUMNS ? n - j : PANEL_COLUMNS, next = j + width, rest = n - next;
    ml_panel_load(b, n - j, width, ml_blocked_at(b, a, n, j, j), n, scratch);
    int zero = b->kernels->eliminate(n - j, width, scratch, pivot + j);
    if (zero != 0 && *singular == 0) *singular = (int)j + zero;
    exchange e = {.b = b, .first = j, .width = width, .pivot = pivot + j, .triangle = scratch, .from = next, .x = a, .row = n};
    ML_TRY(ml_blocked_columns(b, n, exchange_body, &e));
    ml_panel_store(b, n - j, width, scratch, ml_blocked_at(b, a, n, j, j), n);
    for (int64_t i = 0; i < width; i++) pivot[j + i] += (int)j;
    if (rest == 0) return ML_OK;
    char *below = ml_blocked_at(b, scratch, PANEL_COLUMNS, width, 0);
    ml_blocked_negate(b, rest * PANEL_COLUMNS, below);
    ML_TRY(ml_blocked_product(b, &(ml_gemm_args){.m = rest, .n = rest, .k = width, .a = below, .a_row = PANEL_COLUMNS, .a_column = 1,
                                                 .b = ml_blocked_at(b, a, n, j, next), .b_row = n, .b_column = 1,
                                                 .c = ml_blocked_at(b, a, n, next, next), .c_row = n, .add = true}));
  }
  return ML_OK;
}

typedef struct block {
  const ml_blocked *b;
  bool upper;
  int64_t width, n, columns;
  const char *triangle;
  char *x;
} block;

static void block_body(void *arg, int64_t begin, int64_t end) {
  const block *k = arg;
  k->b->kernels->substitute(k->upper, k->width, k->triangle, k->n, end - begin, ml_blocked_at(k->b, k->x, k->columns, 0, begin), k->columns);
}

/* Rows j .. j + width - 1 of the solution, and their part in the rows from `to` on, `rest` of them. */
static ml_status solve_block(const ml_blocked *b, bool upper, int64_t n, const void *lu, int64_t j, int64_t width, int64_t to, int64_t rest,
                             int64_t columns, void *x, void *scratch) {
  block k = {.b = b, .upper = upper, .width = width, .n = n, .columns = columns, .triangle = ml_blocked_at(b, lu, n, j, j), .x = ml_blocked_at(b, x, columns, j, 0)};
  ML_TRY(ml_blocked_columns(b, columns, block_body, &k));
  memcpy(scratch, k.x, (size_t)(width * columns) * b->size);
  ml_blocked_negate(b, width * columns, scratch);
  return ml_blocked_product(b, &(ml_gemm_args){.m = rest, .n = columns, .k = width, .a = ml_blocked_at(b, lu, n, to, j), .a_row = n, .a_column = 1,
                                               .b = scratch, .b_row = columns, .b_column = 1, .c = ml_blocked_at(b, x, columns, to, 0), .c_row = columns, .add = true});
}

ml_status ml_lu_solve(const ml_blocked *b, int64_t n, const void *lu, const int *pivot, int64_t columns, void *x, void *scratch) {
  exchange e = {.b = b, .width = n, .pivot = pivot, .x = x, .row = columns};
  ML_TRY(ml_blocked_columns(b, columns, exchange_body, &e));
  for (int64_t j = 0; j < n; j += PANEL_COLUMNS) {
    int64_t width = n - j < PANEL_COLUMNS ? n - j : PANEL_COLUMNS;
    ML_TRY(solve_block(b, false, n, lu, j, width, j + width, n - j - width, columns, x, scratch));
  }
  for (int64_t end = n, j; end > 0; end = j) {
    j = (end - 1) / PANEL_COLUMNS * PANEL_COLUMNS;
    ML_TRY(solve_block(b, true, n, lu, j, end - j, 0, j, columns, x, scratch));
  }
  return ML_OK;
}
