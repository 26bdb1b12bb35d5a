#include "classical/softmax_pass.h"

#include "classical/kernels/scores.h"
#include "classical/kernels/vectors.h"
#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"

#include <string.h>

ML_ISA_DECLARE(ml_score_set, score_kernels, [1]);
const ml_score_set *ml_score_kernels(void) { return ML_ISA_CHOOSE(score_kernels); }

enum { PIECES = 32, LEAST_ROWS = 512, STRETCH = 256, MOST_OUTPUTS = 4096 };

static int64_t row_count(const ml_softmax *s) { return s->outputs * (s->x.p + 1); }

ml_status ml_softmax_pass_make(ml_context *c, const ml_softmax *s, ml_softmax_pass *out) {
  if (s->outputs > MOST_OUTPUTS) return ml_fail(c, "logistic regression: %lld classes; there may be %d", (long long)s->outputs, MOST_OUTPUTS);
  ml_softmax_pass p = {.s = s, .grain = (s->x.n / PIECES + LEAST_ROWS) / SCORES_ROWS * SCORES_ROWS, .width = (s->x.p + 64) / 64 * 64};
  p.pieces = ml_pieces(s->x.n, p.grain);
  double total = 0;
  for (int64_t i = 0; i < s->x.n; i++) total += s->x.weight ? s->x.weight[i] : 1;
  p.scale = 1 / total;
  int64_t threads = ml_threads(), scratch = SCORES_ROWS * s->outputs;
  size_t weights = (size_t)(s->outputs * p.width) * sizeof(double);
  p.bytes = weights * (size_t)(threads + 1) + (size_t)(p.pieces * (row_count(s) + 1) + threads * scratch) * sizeof(double);
  ML_TRY(ml_alloc_checked(c, p.bytes, &p.memory));
  p.weights = p.memory;
  p.sums = p.weights + weights;
  p.gradients = (double *)(p.sums + (size_t)threads * weights);
  p.losses = p.gradients + p.pieces * row_count(s);
  *out = p;
  return ML_OK;
}

void ml_softmax_pass_free(ml_softmax_pass *p) { ml_free(p->memory, p->bytes); }

/* The sums of a stretch of rows, in the rows' own type, go into the doubles of the piece. */
static void gather(const ml_softmax_pass *p, char *sums, double *gradient) {
  int64_t columns = p->s->x.p;
  for (int64_t k = 0; k < p->s->outputs; k++) {
    double *to = gradient + k * (columns + 1);
    if (p->s->x.f64) {
      const double *from = (const double *)sums + k * p->width;
      for (int64_t j = 0; j < columns; j++) to[j] += from[j];
    } else {
      const float *from = (const float *)sums + k * p->width;
      for (int64_t j = 0; j < columns; j++) to[j] += (double)from[j];
    }
  }
}

static void add_intercepts(const ml_softmax_pass *p, int64_t n, double *z) {
  int64_t outputs = p->s->outputs, columns = p->s->x.p;
  for (int64_t r = 0; r < n; r++)
    for (int64_t l = 0; l < outputs; l++) z[r * outputs + l] += p->b[l * (columns + 1) + columns];
}

static void add_intercept_gradients(const ml_softmax_pass *p, int64_t n, const double *z, double *gradient) {
  int64_t outputs = p->s->outputs, columns = p->s->x.p;
  for (int64_t r = 0; r < n && p->s->intercept; r++)
    for (int64_t l = 0; l < outputs; l++) gradient[l * (columns + 1) + columns] += z[r * outputs + l];
}

/* Of sparse rows the weights are read, and the gradient is written, where the entries stand. */
static void sparse_scores(const ml_softmax_pass *p, int64_t first, int64_t n, double *z) {
  const ml_rows *x = &p->s->x;
  for (int64_t r = 0; r < n; r++)
    for (int64_t l = 0; l < p->s->outputs; l++) {
      const double *b = p->b + l * (x->p + 1);
      double sum = 0;
      for (int64_t k = x->start[first + r]; k < x->start[first + r + 1]; k++) sum += x->value[k] * b[x->index[k]];
      z[r * p->s->outputs + l] = sum;
    }
}

static void sparse_gradient(const ml_softmax_pass *p, int64_t first, int64_t n, const double *z, double *gradient) {
  const ml_rows *x = &p->s->x;
  for (int64_t r = 0; r < n; r++)
    for (int64_t l = 0; l < p->s->outputs; l++) {
      double *to = gradient + l * (x->p + 1), share = z[r * p->s->outputs + l];
      for (int64_t k = x->start[first + r]; k < x->start[first + r + 1]; k++) to[x->index[k]] += share * x->value[k];
    }
}

static void sparse_pass_body(void *arg, int64_t begin, int64_t end) {
  const ml_softmax_pass *p = arg;
  const ml_softmax *s = p->s;
  int64_t outputs = s->outputs, piece = begin / p->grain;
  double *gradient = p->gradients + piece * row_count(s), *z = p->losses + p->pieces + ml_thread_index() * SCORES_ROWS * outputs, loss = 0;
  memset(gradient, 0, (size_t)row_count(s) * sizeof(double));
  for (int64_t i = begin; i < end; i += SCORES_ROWS) {
    int64_t n = end - i < SCORES_ROWS ? end - i : SCORES_ROWS;
    sparse_scores(p, i, n, z);
    add_intercepts(p, n, z);
    loss += ml_score_kernels()->softmax(n, outputs, z, s->y + i, s->x.weight ? s->x.weight + i : NULL);
    sparse_gradient(p, i, n, z, gradient);
    add_intercept_gradients(p, n, z, gradient);
  }
  p->losses[piece] = loss;
}

static void pass_body(void *arg, int64_t begin, int64_t end) {
  const ml_softmax_pass *p = arg;
  const ml_softmax *s = p->s;
  const ml_scores_kernels *k = &ml_score_kernels()->of[s->x.f64 != NULL];
  int64_t columns = s->x.p, outputs = s->outputs, piece = begin / p->grain;
  size_t size = s->x.f64 ? sizeof(double) : sizeof(float), bytes = (size_t)(outputs * p->width) * size;
  double *gradient = p->gradients + piece * row_count(s), *z = p->losses + p->pieces + ml_thread_index() * SCORES_ROWS * outputs, loss = 0;
  char *sums = p->sums + (size_t)ml_thread_index() * (size_t)(outputs * p->width) * sizeof(double);
  memset(gradient, 0, (size_t)row_count(s) * sizeof(double));
  memset(sums, 0, bytes);
  for (int64_t i = begin; i < end; i += SCORES_ROWS) {
    int64_t n = end - i < SCORES_ROWS ? end - i : SCORES_ROWS;
    const char *x = (s->x.f64 ? (const char *)s->x.f64 : (const char *)s->x.f32) + (size_t)(i * columns) * size;
    k->scores(n, columns, outputs, x, p->weights, p->width, z);
    add_intercepts(p, n, z);
    loss += ml_score_kernels()->softmax(n, outputs, z, s->y + i, s->x.weight ? s->x.weight + i : NULL);
    k->gradient(n, columns, outputs, x, z, sums, p->width);
    add_intercept_gradients(p, n, z, gradient);
    if ((i - begin) % STRETCH == STRETCH - SCORES_ROWS || i + n == end) {
      gather(p, sums, gradient);
      memset(sums, 0, bytes);
    }
  }
  p->losses[piece] = loss;
}

static void narrow(const ml_softmax_pass *p, const double *b) {
  const ml_softmax *s = p->s;
  for (int64_t k = 0; k < s->outputs; k++)
    for (int64_t j = 0; j < s->x.p; j++) {
      double value = b[k * (s->x.p + 1) + j];
      if (s->x.f64) ((double *)p->weights)[k * p->width + j] = value;
      else ((float *)p->weights)[k * p->width + j] = (float)value;
    }
}

ml_status ml_softmax_pass_run(ml_context *c, ml_softmax_pass *p, const double *b, double *gradient, double *loss) {
  const ml_softmax *s = p->s;
  int64_t count = row_count(s);
  if (!s->x.start) narrow(p, b);
  p->b = b;
  ML_TRY(ml_parallel_for(c, s->x.n, p->grain, s->x.start ? sparse_pass_body : pass_body, p));
  memset(gradient, 0, (size_t)count * sizeof(double));
  *loss = 0;
  for (int64_t i = 0; i < p->pieces; i++) {
    ml_vectors()->add(count, p->scale, p->gradients + i * count, gradient);
    *loss += p->scale * p->losses[i];
  }
  double penalty = s->penalty * p->scale;
  for (int64_t k = 0; k < s->outputs; k++) {
    const double *row = b + k * (s->x.p + 1);
    *loss += penalty / 2 * ml_vectors()->dot(s->x.p, row, row);
    ml_vectors()->add(s->x.p, penalty, row, gradient + k * (s->x.p + 1));
  }
  return ML_OK;
}

static void square_body(void *arg, int64_t begin, int64_t end) {
  const ml_softmax_pass *p = arg;
  const ml_rows *x = &p->s->x;
  double *sums = p->gradients + begin / p->grain * row_count(p->s);
  memset(sums, 0, (size_t)(x->p + 1) * sizeof(double));
  for (int64_t i = begin; i < end; i++) {
    double w = x->weight ? x->weight[i] : 1;
    if (x->start)
      for (int64_t k = x->start[i]; k < x->start[i + 1]; k++) sums[x->index[k]] += w * x->value[k] * x->value[k];
    else if (x->f64)
      for (int64_t j = 0; j < x->p; j++) sums[j] += w * x->f64[i * x->p + j] * x->f64[i * x->p + j];
    else
      for (int64_t j = 0; j < x->p; j++) sums[j] += w * (double)x->f32[i * x->p + j] * (double)x->f32[i * x->p + j];
    sums[x->p] += w;
  }
}

ml_status ml_softmax_pass_diagonal(ml_context *c, ml_softmax_pass *p, double *diagonal) {
  const ml_softmax *s = p->s;
  int64_t width = s->x.p + 1;
  ML_TRY(ml_parallel_for(c, s->x.n, p->grain, square_body, p));
  double share = s->outputs == 1 ? 0.5 : 1 / (double)s->outputs;
  memset(diagonal, 0, (size_t)row_count(s) * sizeof(double));
  for (int64_t i = 0; i < p->pieces; i++) ml_vectors()->add(width, p->scale * share * (1 - share), p->gradients + i * row_count(s), diagonal);
  double most = 0;
  for (int64_t j = 0; j < s->x.p; j++) most = diagonal[j] > most ? diagonal[j] : most;
  for (int64_t j = 0; j < width; j++) diagonal[j] += (j < s->x.p ? s->penalty * p->scale : 0) + 1e-3 * most;
  for (int64_t k = 1; k < s->outputs; k++) memcpy(diagonal + k * width, diagonal, (size_t)width * sizeof(double));
  return ML_OK;
}
