/* QR by Householder's reflections, in blocks (Schreiber and Van Loan 1989): those of a panel are gathered as 1 - V T V^T, which is applied
 * to the other columns by products. */

#include "tensor/linalg/blocked.h"

static int64_t panels(int64_t count) { return (count + PANEL_COLUMNS - 1) / PANEL_COLUMNS; }

size_t ml_reflections_bytes(size_t size, int64_t rows, int64_t count) {
  return (size_t)(panels(count) * (rows + PANEL_COLUMNS) * PANEL_COLUMNS) * size;
}

ml_reflections ml_reflections_in(size_t size, int64_t rows, int64_t count, char *block) {
  return (ml_reflections){.rows = rows, .count = count, .v = block, .t = block + (size_t)(panels(count) * rows * PANEL_COLUMNS) * size};
}

static char *panel_v(const ml_blocked *b, const ml_reflections *h, int64_t j) { return ml_blocked_at(b, h->v, h->rows, j, 0); }
static char *panel_t(const ml_blocked *b, const ml_reflections *h, int64_t j) { return ml_blocked_at(b, h->t, PANEL_COLUMNS, j, 0); }

size_t ml_qr_scratch(size_t size, int64_t columns) { /* two blocks of rows; a triangle, and one factor for each reflection of a panel */
  return (size_t)((2 * columns + PANEL_COLUMNS + 1) * PANEL_COLUMNS) * size;
}

/* x (m x columns) -= V t V^T x, or V t^T V^T x; t (with its sign changed) and V being those of a panel of `width` reflections. */
static ml_status reflect_block(const ml_blocked *b, int64_t m, int64_t width, const void *v, const void *t, bool transposed, int64_t columns,
                               void *x, int64_t row, void *scratch) {
  void *w = scratch, *tw = ml_blocked_at(b, scratch, PANEL_COLUMNS, columns, 0);
  ML_TRY(ml_blocked_product(b, &(ml_gemm_args){.m = width, .n = columns, .k = m, .a = v, .a_row = 1, .a_column = PANEL_COLUMNS, .b = x, .b_row = row,
                                               .b_column = 1, .c = w, .c_row = columns}));
  ML_TRY(ml_blocked_product(b, &(ml_gemm_args){.m = width, .n = columns, .k = width, .a = t, .a_row = transposed ? 1 : PANEL_COLUMNS,
                                               .a_column = transposed ? PANEL_COLUMNS : 1, .b = w, .b_row = columns, .b_column = 1, .c = tw, .c_row = columns}));
  return ml_blocked_product(b, &(ml_gemm_args){.m = m, .n = columns, .k = width, .a = v, .a_row = PANEL_COLUMNS, .a_column = 1, .b = tw, .b_row = columns,
                                               .b_column = 1, .c = x, .c_row = row, .add = true});
}

/* The triangle of a panel's reflections, with its sign changed, which subtracts where products add. */
static ml_status gather(const ml_blocked *b, int64_t m, int64_t width, const void *v, const void *tau, void *t, void *scratch) {
  ML_TRY(ml_blocked_product(b, &(ml_gemm_args){.m = width, .n = width, .k = m, .a = v, .a_row = 1, .a_column = PANEL_COLUMNS, .b = v,
                                               .b_row = PANEL_COLUMNS, .b_column = 1, .c = scratch, .c_row = PANEL_COLUMNS}));
  b->kernels->gather(width, tau, scratch, t);
  ml_blocked_negate(b, width * PANEL_COLUMNS, t);
  return ML_OK;
}

ml_status ml_qr_factor(const ml_blocked *b, int64_t n, void *a, const ml_reflections *h, void *scratch) {
  char *tau = scratch, *rest = ml_blocked_at(b, scratch, PANEL_COLUMNS, 1, 0);
  for (int64_t j = 0; j < h->count; j += PANEL_COLUMNS) {
    int64_t m = h->rows - j, width = h->count - j < PANEL_COLUMNS ? h->count - j : PANEL_COLUMNS, next = j + width;
    char *v = panel_v(b, h, j), *t = panel_t(b, h, j), *r = rest;
    ml_panel_load(b, m, width, ml_blocked_at(b, a, n, j, j), n, v);
    b->kernels->reflect(m, width, v, r, tau);
    ml_panel_store(b, width, width, r, ml_blocked_at(b, a, n, j, j), n);
    ML_TRY(gather(b, m, width, v, tau, t, rest));
    ML_TRY(reflect_block(b, m, width, v, t, true, n - next, ml_blocked_at(b, a, n, j, next), n, rest));
  }
  return ML_OK;
}

ml_status ml_qr_apply(const ml_blocked *b, const ml_reflections *h, bool triangle, int64_t columns, void *x, void *scratch) {
  for (int64_t end = h->count, j; end > 0; end = j) {
    j = (end - 1) / PANEL_COLUMNS * PANEL_COLUMNS;
    int64_t first = triangle ? j : 0;
    ML_TRY(reflect_block(b, h->rows - j, end - j, panel_v(b, h, j), panel_t(b, h, j), false, columns - first, ml_blocked_at(b, x, columns, j, first),
                         columns, scratch));
  }
  return ML_OK;
}
