/* The rows of a generalised linear model as its solver reads them: columns that are mostly zero (one-hot fields) by their non-zeros, the
 * others beside each other, filled up to whole vectors. Sums over rows then cost what there is, not what there could be. */
#ifndef ML_CLASSICAL_DESIGN_H
#define ML_CLASSICAL_DESIGN_H

#include "classical/kernels/design.h"
#include "classical/rows.h"

typedef struct ml_design {
  int64_t n, p;          /* rows; columns of x */
  int64_t dense, sparse; /* places: dense ones first (a multiple of DESIGN_LANES), then sparse */
  int64_t *place;        /* p + 1: where each column stands; the last: the intercept, -1 without one */
  int64_t *column;       /* dense + sparse: the column at each place, p for the intercept, -1 for what fills up */
  double *x;             /* n x dense */
  int64_t *extent;       /* 2 n: where each row's non-zeros begin and end; there is room for more, which was never written */
  int32_t *index;        /* among the sparse */
  double *value;         /* NULL: all are 1 */
  void *memory[3];       /* what has to be freed */
  size_t bytes[3];
} ml_design;

ML_CHECKED ml_status ml_design_make(ml_context *c, const ml_rows *x, bool intercept, ml_design *out);
void ml_design_free(ml_design *d);

static inline int64_t ml_design_places(const ml_design *d) { return d->dense + d->sparse; }
/* The rows begin .. end - 1 for the kernels. */
static inline design_rows ml_design_rows(const ml_design *d, int64_t begin, int64_t end) {
  return (design_rows){.n = end - begin, .dense = d->dense, .sparse = d->sparse, .x = d->x + begin * d->dense,
                       .extent = d->extent + 2 * begin, .index = d->index, .value = d->value};
}

#endif
