#include "classical/rows.h"

#include "classical/kernels/vectors.h"
#include "tensor/parallel.h"

ml_rows ml_rows_of(const ml_tensor *x, const ml_tensor *weight) {
  ml_rows r = {.n = x->shape.size[0], .p = x->shape.size[1], .weight = weight ? ml_f64(weight) : NULL};
  if (x->dtype == ML_FLOAT64) r.f64 = ml_f64(x);
  else r.f32 = ml_f32(x);
  return r;
}

enum { PIECES = 64 };

typedef struct search {
  const ml_rows *x;
  int64_t grain, first[PIECES];
} search;

static void search_body(void *arg, int64_t begin, int64_t end) {
  search *s = arg;
  const ml_rows *x = s->x;
  int64_t found = x->f64 ? ml_vectors()->finite(end - begin, x->f64 + begin) : ml_vectors()->finite_f32(end - begin, x->f32 + begin);
  s->first[begin / s->grain] = begin + found == end ? x->n * x->p : begin + found;
}

ml_status ml_rows_finite(ml_context *c, const ml_rows *x, int64_t *row, int64_t *column) {
  int64_t count = x->n * x->p, first = count;
  search s = {.x = x, .grain = count / PIECES + 4096};
  ML_TRY(ml_parallel_for(c, count, s.grain, search_body, &s));
  for (int64_t i = 0; i < ml_pieces(count, s.grain) && first == count; i++) first = s.first[i];
  *row = x->p > 0 ? first / x->p : x->n;
  *column = x->p > 0 ? first % x->p : 0;
  return ML_OK;
}
