#include "classical/multinomial.h"

#include "classical/kernels/scores.h"
#include "classical/kernels/vectors.h"
#include "classical/symmetric.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 2048, GRAIN = 128 }; /* rows that are worked on at once; of a piece of them */

typedef struct state {
  ml_multinomial *s;
  int64_t q, count;      /* coefficients of a class, of all */
  int64_t first, rows;   /* the chunk */
  int64_t block;         /* the class whose row of the Hessian is being made */
  double *x, *z, *v;     /* of the chunk: rows and 1 for the intercept; scores, then slopes; rows times second derivatives */
  double *gradient, *hessian, *step, *from; /* count; count x count, the lower triangle; count; count */
  double losses[CHUNK / GRAIN];
} state;

/* A chunk of rows ------------------------------------------------------------------------------------------------------------ */

static void read_row(const state *t, int64_t i, double *row) {
  const ml_rows *x = &t->s->x;
  if (x->start) {
    memset(row, 0, (size_t)x->p * sizeof *row);
    for (int64_t k = x->start[i]; k < x->start[i + 1]; k++) row[x->index[k]] = x->value[k];
  } else {
    for (int64_t j = 0; j < x->p; j++) row[j] = ml_rows_at(x, i, j);
  }
  row[x->p] = t->s->intercept;
}

static void read_body(void *arg, int64_t begin, int64_t end) {
  const state *t = arg;
  for (int64_t r = begin; r < end; r++) read_row(t, t->first + r, t->x + r * t->q);
}

static void slope_body(void *arg, int64_t begin, int64_t end) {
  state *t = arg;
  const ml_multinomial *s = t->s;
  const double *weight = s->x.weight ? s->x.weight + t->first + begin : NULL;
  t->losses[begin / GRAIN] = ml_score_kernels()->softmax(end - begin, s->classes, t->z + begin * s->classes, s->y + t->first + begin, weight);
}

/* v = w (p_k [k is l] - p_k p_l) x for each class l up to k, of probabilities from the slopes w (p - [it is the class]). */
static void curve_body(void *arg, int64_t begin, int64_t end) {
  const state *t = arg;
  const ml_multinomial *s = t->s;
  int64_t k = t->block, wide = (k + 1) * t->q;
  for (int64_t r = begin; r < end; r++) {
    double w = s->x.weight ? s->x.weight[t->first + r] : 1;
    const double *slope = t->z + r * s->classes, *x = t->x + r * t->q;
    int64_t y = s->y[t->first + r];
    double mine = w > 0 ? slope[k] / w + (y == k) : 0;
    for (int64_t l = 0; l <= k; l++) {
      double other = w > 0 ? slope[l] / w + (y == l) : 0, second = w * mine * ((l == k) - other);
      double *to = t->v + r * wide + l * t->q;
      for (int64_t j = 0; j < t->q; j++) to[j] = second * x[j];
    }
  }
}

static ml_status add_curvature(ml_context *c, state *t) {
  for (t->block = 0; t->block < t->s->classes; t->block++) {
    int64_t wide = (t->block + 1) * t->q;
    ML_TRY(ml_parallel_for(c, t->rows, GRAIN, curve_body, t));
    ML_TRY(ml_gemm(c, ML_FLOAT64, &(ml_gemm_args){.m = t->q, .n = wide, .k = t->rows, .a = t->x, .a_row = 1, .a_column = t->q, .b = t->v, .b_row = wide,
                                                  .b_column = 1, .c = t->hessian + t->block * t->q * t->count, .c_row = t->count, .add = true}));
  }
  return ML_OK;
}

static ml_status add_chunk(ml_context *c, state *t) {
  ml_multinomial *s = t->s;
  ML_TRY(ml_parallel_for(c, t->rows, GRAIN, read_body, t));
  ML_TRY(ml_gemm(c, ML_FLOAT64, &(ml_gemm_args){.m = t->rows, .n = s->classes, .k = t->q, .a = t->x, .a_row = t->q, .a_column = 1, .b = s->b, .b_row = 1,
                                                .b_column = t->q, .c = t->z, .c_row = s->classes}));
  ML_TRY(ml_parallel_for(c, t->rows, GRAIN, slope_body, t));
  for (int64_t i = 0; i < ml_pieces(t->rows, GRAIN); i++) s->loss += t->losses[i];
  ML_TRY(ml_gemm(c, ML_FLOAT64, &(ml_gemm_args){.m = s->classes, .n = t->q, .k = t->rows, .a = t->z, .a_row = 1, .a_column = s->classes, .b = t->x,
                                                .b_row = t->q, .b_column = 1, .c = t->gradient, .c_row = t->q, .add = true}));
  return add_curvature(c, t);
}

/* The whole ---------------------------------------------------------------------------------------------------------------------- */

static void add_penalty(state *t) {
  ml_multinomial *s = t->s;
  for (int64_t k = 0; k < s->classes; k++)
    for (int64_t j = 0; j < s->x.p; j++) {
      int64_t at = k * t->q + j;
      s->loss += s->penalty / 2 * s->b[at] * s->b[at];
      t->gradient[at] += s->penalty * s->b[at];
      t->hessian[at * t->count + at] += s->penalty;
    }
}

/* The same added to the scores of all classes changes nothing, so that the Hessian is flat there; a slope in this direction is never there.
 * Something is added to it in this direction alone, of the size of what is there. */
static void tie_classes(state *t) {
  int64_t classes = t->s->classes;
  for (int64_t j = 0; j < t->q; j++) {
    double size = 0;
    for (int64_t k = 0; k < classes; k++) size += t->hessian[(k * t->q + j) * (t->count + 1)] / (double)(classes * classes);
    for (int64_t k = 0; k < classes; k++)
      for (int64_t l = 0; l <= k; l++) t->hessian[(k * t->q + j) * t->count + l * t->q + j] += size;
  }
}

/* Loss, gradient and Hessian at s->b. */
static ml_status look(ml_context *c, state *t) {
  ml_multinomial *s = t->s;
  s->loss = 0;
  memset(t->gradient, 0, (size_t)t->count * sizeof(double));
  memset(t->hessian, 0, (size_t)(t->count * t->count) * sizeof(double));
  for (t->first = 0; t->first < s->x.n; t->first += CHUNK) {
    t->rows = s->x.n - t->first < CHUNK ? s->x.n - t->first : CHUNK;
    ML_TRY(add_chunk(c, t));
  }
  add_penalty(t);
  return ML_OK;
}

enum { MOST_HALVINGS = 40 };

/* Along the step as far as the loss falls; the first half of it that does. *moved is false if none does. */
static ml_status take_step(ml_context *c, state *t, bool *moved) {
  ml_multinomial *s = t->s;
  double loss = s->loss, part = 1;
  memcpy(t->from, s->b, (size_t)t->count * sizeof(double));
  for (int i = 0; i < MOST_HALVINGS; i++, part /= 2) {
    for (int64_t j = 0; j < t->count; j++) s->b[j] = t->from[j] + part * t->step[j];
    ML_TRY(look(c, t));
    *moved = s->loss <= loss - 1e-4 * part * s->decrement + 1e-14 * fabs(loss);
    if (*moved) return ML_OK;
  }
  memcpy(s->b, t->from, (size_t)t->count * sizeof(double));
  s->loss = loss;
  return ML_OK;
}

static ml_status iterate(ml_context *c, state *t) {
  ml_multinomial *s = t->s;
  s->converged = false;
  ML_TRY(look(c, t));
  for (s->iterations = 1; s->iterations <= s->most; s->iterations++) {
    bool moved;
    tie_classes(t);
    for (int64_t j = 0; j < t->count; j++) t->step[j] = -t->gradient[j];
    ml_cholesky_factor(t->count, t->hessian, t->count, 1e-13);
    ml_cholesky_back(t->count, t->hessian, t->count, t->step);
    s->decrement = -ml_vectors()->dot(t->count, t->gradient, t->step) / 2;
    s->converged = s->decrement <= s->tolerance * fmax(fabs(s->loss), 1e-300);
    if (s->converged) {
      ml_vectors()->add(t->count, 1, t->step, s->b);
      s->loss -= s->decrement;
      return ML_OK;
    }
    ML_TRY(take_step(c, t, &moved));
    if (!moved) return ML_OK;
  }
  s->iterations = s->most;
  return ML_OK;
}

ml_status ml_multinomial_solve(ml_context *c, ml_multinomial *s) {
  state t = {.s = s, .q = s->x.p + 1, .count = s->classes * (s->x.p + 1)};
  int64_t rows = s->x.n < CHUNK ? s->x.n : CHUNK;
  size_t bytes = (size_t)(rows * (t.q + s->classes + t.count) + t.count * (t.count + 3)) * sizeof(double);
  void *memory = NULL;
  ML_TRY(ml_alloc_checked(c, bytes, &memory));
  t.x = memory;
  t.z = t.x + rows * t.q;
  t.v = t.z + rows * s->classes;
  t.gradient = t.v + rows * t.count;
  t.hessian = t.gradient + t.count;
  t.step = t.hessian + t.count * t.count;
  t.from = t.step + t.count;
  ml_status status = iterate(c, &t);
  ml_free(memory, bytes);
  return status;
}
