/* Ridge regression of few columns from the products of the centred rows: half the work of a triangle. Products square the condition; they are
 * taken where the penalty keeps it small. */

#include "classical/kernels/design.h"
#include "classical/least_squares.h"
#include "classical/symmetric.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

enum { PIECES = 64, LEAST_ROWS = 1024, WIDEST = 64 };

/* Of what is left of a column's square, less those before, against the whole: below it 10 digits would not be kept. */
static const double DEPENDENT = 1e-6;

typedef struct products {
  const ml_least_squares *s;
  const double *mean;
  int64_t grain, width; /* rows of a piece; p + 1, y last, filled up to whole vectors */
  double *sums;         /* width x width for each piece: lower triangles */
} products;

static void products_body(void *arg, int64_t begin, int64_t end) {
  const products *w = arg;
  const ml_rows *x = &w->s->x;
  double block[DESIGN_BLOCK * WIDEST], second[DESIGN_BLOCK], *sums = w->sums + begin / w->grain * w->width * w->width;
  static const int64_t none[2 * DESIGN_BLOCK];
  memset(sums, 0, (size_t)(w->width * w->width) * sizeof *sums);
  memset(block, 0, sizeof block);
  for (int64_t i = begin; i < end; i += DESIGN_BLOCK) {
    int64_t rows = end - i < DESIGN_BLOCK ? end - i : DESIGN_BLOCK;
    for (int64_t r = 0; r < rows; r++) {
      ml_rows_centred(x, i + r, w->mean, block + r * w->width);
      block[r * w->width + x->p] = w->s->y[i + r] - w->mean[x->p];
      second[r] = x->weight ? x->weight[i + r] : 1;
    }
    design_rows d = {.n = rows, .dense = w->width, .x = block, .extent = none};
    ml_design_kernels_here()->hessian(&d, second, true, sums);
  }
}

/* b from the sums of all pieces; false where columns are too near to each other. */
static bool solve(const products *w, double alpha, double *b) {
  int64_t p = w->s->x.p, width = w->width;
  double *a = w->sums;
  for (int64_t i = 1; i < ml_pieces(w->s->x.n, w->grain); i++)
    for (int64_t j = 0; j < width * width; j++) a[j] += w->sums[i * width * width + j];
  for (int64_t j = 0; j < p; j++) a[j * width + j] += alpha, b[j] = a[p * width + j];
  ml_cholesky_factor(p, a, width, DEPENDENT);
  for (int64_t j = 0; j < p; j++)
    if (a[j * width + j] == 0) return false;
  ml_cholesky_back(p, a, width, b);
  return true;
}

ml_status ml_ridge_by_products(ml_context *c, const ml_least_squares *s, double alpha, double *mean, double *b, bool *done) {
  products w = {.s = s, .mean = mean, .grain = s->x.n / PIECES + LEAST_ROWS, .width = (s->x.p + 1 + DESIGN_LANES - 1) / DESIGN_LANES * DESIGN_LANES};
  *done = false;
  if (w.width > WIDEST) return ML_OK;
  ML_TRY(ml_least_squares_means(c, s, mean));
  size_t bytes = (size_t)(ml_pieces(s->x.n, w.grain) * w.width * w.width) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&w.sums));
  ml_status status = ml_parallel_for(c, s->x.n, w.grain, products_body, &w);
  if (status == ML_OK) *done = solve(&w, alpha, b);
  ml_free(w.sums, bytes);
  return status;
}
