#include "classical/newton.h"

#include "classical/kernels/vectors.h"
#include "classical/symmetric.h"
#include "tensor/alloc.h"
#include "tensor/gemm.h"
#include "tensor/parallel.h"

#include <math.h>
#include <string.h>

/* A pass over the rows ------------------------------------------------------------------------------------------------ */

enum { PIECES = 16, LEAST_ROWS = 2048, BY_PRODUCTS = 32 };

/* Each piece of the rows has its own sums: gradient, Hessian, loss. */
typedef struct pass {
  const ml_newton *s;
  bool hessian;          /* is asked for */
  int64_t grain, stride; /* rows of a piece; doubles of its sums */
  double *sums;
} pass;

/* The dense square by the product kernel, of rows that are scaled. */
static void square_by_products(const design_rows *d, const double *second, double *scaled, double *hessian) {
  for (int64_t i = 0; i < d->n; i++)
    for (int64_t j = 0; j < d->dense; j++) scaled[i * d->dense + j] = second[i] * d->x[i * d->dense + j];
  ml_gemm_serial(ML_FLOAT64, &(ml_gemm_args){.m = d->dense, .n = d->dense, .k = d->n, .a = scaled, .a_row = 1, .a_column = d->dense, .b = d->x,
                                             .b_row = d->dense, .b_column = 1, .c = hessian, .c_row = d->dense + d->sparse, .add = true});
}

static void pass_body(void *arg, int64_t begin, int64_t end) {
  const pass *p = arg;
  const ml_newton *s = p->s;
  const ml_design_kernels *k = ml_design_kernels_here();
  int64_t places = ml_design_places(s->d);
  double *gradient = p->sums + begin / p->grain * p->stride, *hessian = gradient + places, *loss = hessian + places * places, *scaled = loss + 1;
  memset(gradient, 0, (size_t)(places + (p->hessian ? places * places : 0)) * sizeof(double));
  *loss = 0;
  bool products = s->d->dense > BY_PRODUCTS;
  for (int64_t i = begin; i < end; i += DESIGN_BLOCK) {
    if (s->stride > 1 && i / DESIGN_BLOCK % s->stride != 0) continue;
    double eta[DESIGN_BLOCK], first[DESIGN_BLOCK], second[DESIGN_BLOCK];
    design_rows rows = ml_design_rows(s->d, i, i + DESIGN_BLOCK < end ? i + DESIGN_BLOCK : end);
    design_loss l = {.n = rows.n, .eta = eta, .y = s->y + i, .weight = s->weight ? s->weight + i : NULL, .first = first, .second = second};
    k->sums(&rows, s->b, eta);
    for (int64_t r = 0; s->offset && r < rows.n; r++) eta[r] += s->offset[i + r];
    *loss += s->link == ML_LOGISTIC ? k->logistic(&l) : k->poisson(&l);
    k->gradient(&rows, first, gradient);
    if (!p->hessian) continue;
    k->hessian(&rows, second, !products, hessian);
    if (products) square_by_products(&rows, second, scaled, hessian);
  }
}

static void add_penalty(ml_newton *s, bool hessian) {
  int64_t places = ml_design_places(s->d);
  for (int64_t j = 0; j < places; j++) {
    bool intercept = s->d->column[j] == s->d->p;
    double penalty = intercept ? 0 : s->penalty;
    s->loss += penalty / 2 * s->b[j] * s->b[j] + (intercept ? 0 : s->ones * fabs(s->b[j]));
    s->gradient[j] += penalty * s->b[j];
    if (hessian) s->hessian[j * places + j] += penalty;
  }
}

/* The loss and its gradient at s->b, and the Hessian if it is asked for. */
static ml_status look(ml_context *c, ml_newton *s, bool hessian) {
  int64_t n = s->d->n, places = ml_design_places(s->d), count = places + places * places;
  pass p = {.s = s, .hessian = hessian, .grain = (n / PIECES + LEAST_ROWS + DESIGN_BLOCK - 1) / DESIGN_BLOCK * DESIGN_BLOCK};
  int64_t pieces = ml_pieces(n, p.grain);
  p.stride = (count + 1 + (s->d->dense > BY_PRODUCTS ? DESIGN_BLOCK * s->d->dense : 0) + 7) / 8 * 8;
  size_t bytes = (size_t)(pieces * p.stride) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&p.sums));
  ml_status status = ml_parallel_for(c, n, p.grain, pass_body, &p);
  if (status == ML_OK) {
    memcpy(s->gradient, p.sums, (size_t)places * sizeof(double));
    if (hessian) memcpy(s->hessian, p.sums + places, (size_t)(places * places) * sizeof(double));
    s->loss = p.sums[count];
    for (int64_t i = 1; i < pieces; i++) {
      const double *sums = p.sums + i * p.stride;
      ml_vectors()->add(places, 1, sums, s->gradient);
      if (hessian) ml_vectors()->add(places * places, 1, sums + places, s->hessian);
      s->loss += sums[count];
    }
    add_penalty(s, hessian);
  }
  ml_free(p.sums, bytes);
  return status;
}

/* Steps --------------------------------------------------------------------------------------------------------------- */

enum { MOST_HALVINGS = 40 };

static void factor(ml_newton *s) {
  int64_t places = ml_design_places(s->d);
  ml_cholesky_factor(places, s->hessian, places, 1e-13);
  s->absent = 0;
  for (int64_t j = 0; j < places; j++) s->absent += s->d->column[j] >= 0 && s->hessian[j * places + j] == 0;
}

/* The step to where the model of second order is lowest. */
static void find_step(ml_newton *s, double *step) {
  int64_t places = ml_design_places(s->d);
  for (int64_t j = 0; j < places; j++) step[j] = -s->gradient[j];
  ml_cholesky_back(places, s->hessian, places, step);
  s->decrement = -ml_vectors()->dot(places, s->gradient, step) / 2;
}

enum { MOST_SWEEPS = 2000 };

/* The same with ones |b|_1. `along` (places): the Hessian times the step. */
static ml_status find_sparse_step(ml_context *c, ml_newton *s, double *step, double *along) {
  int64_t places = ml_design_places(s->d);
  double *h = s->hessian, expected = 0;
  for (int64_t i = 0; i < places; i++)
    for (int64_t j = 0; j < i; j++) h[j * places + i] = h[i * places + j];
  memset(step, 0, (size_t)places * sizeof *step);
  memset(along, 0, (size_t)places * sizeof *along);
  for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    double most = 0;
    for (int64_t j = 0; j < places; j++) {
      double curve = h[j * places + j], at = s->b[j] + step[j], by = s->d->column[j] == s->d->p ? 0 : s->ones;
      if (curve <= 0) continue;
      double wish = curve * at - s->gradient[j] - along[j], size = fabs(wish) - by, change = (size > 0 ? copysign(size, wish) : 0) / curve - at;
      if (change == 0) continue;
      step[j] += change;
      ml_vectors()->add(places, change, h + j * places, along);
      most = fmax(most, change * change * curve);
    }
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    if (most <= 1e-3 * s->tolerance * fabs(s->loss)) break;
  }
  for (int64_t j = 0; j < places; j++) {
    double by = s->d->column[j] == s->d->p ? 0 : s->ones;
    expected += s->gradient[j] * step[j] + by * (fabs(s->b[j] + step[j]) - fabs(s->b[j]));
  }
  s->absent = 0, s->decrement = -expected / 2;
  return ML_OK;
}

/* Along the step as far as the loss falls; the first half of it that does. *moved is false if none does. */
static ml_status take_step(ml_context *c, ml_newton *s, const double *step, bool hessian, double *from, bool *moved) {
  int64_t places = ml_design_places(s->d);
  double loss = s->loss, part = 1;
  memcpy(from, s->b, (size_t)places * sizeof *from);
  for (int i = 0; i < MOST_HALVINGS; i++, part /= 2) {
    for (int64_t j = 0; j < places; j++) s->b[j] = from[j] + part * step[j];
    ML_TRY(look(c, s, hessian));
    *moved = s->loss <= loss - 1e-4 * part * s->decrement + 1e-14 * fabs(loss);
    if (*moved) return ML_OK;
  }
  memcpy(s->b, from, (size_t)places * sizeof *from);
  return ML_OK;
}

/* A ridge makes the solution one that is there, and nobody asks for the Hessian at it: what is cheaper may be done on the way. */
static bool is_ridge(const ml_newton *s) { return s->penalty > 0 && s->ones == 0; }

static const double NEAR = 1e-5, SHRINKS = 0.1, CHORD = 0.1; /* the last: of the tolerance, as a chord does not square what is missing */

/* Whether the next step can do with the Hessian that is factored already, as near to the end as this (a chord, Shamanskii 1967): a pass for the
 * gradient alone costs a third. It has to go on paying. */
static bool keeps_factor(const ml_newton *s, double last) {
  return is_ridge(s) && s->decrement <= NEAR * fabs(s->loss) && s->decrement <= SHRINKS * last;
}

static ml_status iterate(ml_context *c, ml_newton *s, double *step, double *from) {
  int64_t places = ml_design_places(s->d);
  bool anew = true; /* whether s->hessian is that at s->b, and no factor */
  double last = INFINITY;
  s->converged = false;
  ML_TRY(look(c, s, true));
  for (s->iterations = 1; s->iterations <= s->most; s->iterations++) {
    if (s->ones > 0) {
      ML_TRY(find_sparse_step(c, s, step, from));
    } else {
      if (anew) factor(s);
      find_step(s, step);
    }
    if (s->decrement <= s->tolerance * (anew ? 1 : CHORD) * fmax(fabs(s->loss), 1e-300)) {
      ml_vectors()->add(places, 1, step, s->b);
      s->loss -= s->decrement;
      s->converged = true;
      return ML_OK;
    }
    bool moved;
    anew = !keeps_factor(s, last);
    last = s->decrement;
    ML_TRY(take_step(c, s, step, anew, from, &moved));
    if (!moved) return ML_OK;
  }
  s->iterations = s->most;
  if (s->ones == 0 && anew) factor(s); /* so that the factor is that of the last Hessian */
  return ML_OK;
}

enum { SAMPLED = 8, LEAST_BLOCKS = 256 };

/* Begins where the solution for some of the rows is, which is near and costs little. Of columns that are rare they say too much: the penalty is
 * large against them, and the end is not waited for. */
static ml_status start_from_some(ml_context *c, ml_newton *s, double *step, double *from) {
  if (!is_ridge(s) || s->link != ML_LOGISTIC || s->d->n < LEAST_BLOCKS * DESIGN_BLOCK) return ML_OK;
  double tolerance = s->tolerance, penalty = s->penalty;
  s->stride = SAMPLED, s->tolerance = 1e-2, s->penalty = fmax(penalty, 1);
  ml_status status = iterate(c, s, step, from);
  s->stride = 0, s->tolerance = tolerance, s->penalty = penalty;
  return status;
}

ml_status ml_newton_solve(ml_context *c, ml_newton *s) {
  int64_t places = ml_design_places(s->d);
  size_t bytes = (size_t)(2 * places) * sizeof(double);
  double *scratch;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&scratch));
  ml_status status = start_from_some(c, s, scratch, scratch + places);
  if (status == ML_OK) status = iterate(c, s, scratch, scratch + places);
  ml_free(scratch, bytes);
  return status;
}
