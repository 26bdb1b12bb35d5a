/* Pooling of adjacent violators (Ayer et al. 1955), with a stack of blocks, in one walk: a block that is below the one before it is joined
 * with it. */

#include "assess/isotonic.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

enum { POLL = 1 << 16 };

typedef struct block {
  double sum, weight; /* of value * weight, and of weight */
  int64_t end;        /* the row behind it */
} block;

static double mean(const block *b) { return b->sum / b->weight; }

static void spread(const block *blocks, int64_t count, double *value) {
  int64_t i = 0;
  for (int64_t b = 0; b < count; b++) {
    for (double m = mean(&blocks[b]); i < blocks[b].end; i++) value[i] = m;
  }
}

ml_status ml_isotonic(ml_context *c, double *value, const double *weight, int64_t n) {
  block *blocks;
  size_t bytes = (size_t)(n + 1) * sizeof *blocks;
  int64_t count = 0;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&blocks));
  for (int64_t i = 0; i < n; i++) {
    if (i % POLL == 0 && ml_interrupted()) {
      ml_free(blocks, bytes);
      return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    }
    block b = {value[i] * weight[i], weight[i], i + 1};
    for (; count > 0 && mean(&blocks[count - 1]) >= mean(&b); count--) {
      b.sum += blocks[count - 1].sum;
      b.weight += blocks[count - 1].weight;
    }
    blocks[count++] = b;
  }
  spread(blocks, count, value);
  ml_free(blocks, bytes);
  return ML_OK;
}
