#include "classical/softmax.h"

#include "classical/lbfgs.h"
#include "classical/softmax_pass.h"
#include "tensor/alloc.h"

static ml_status look(ml_context *c, void *arg, const double *b, double *gradient, double *value) {
  return ml_softmax_pass_run(c, arg, b, gradient, value);
}

static ml_status minimise(ml_context *c, ml_softmax *s, ml_softmax_pass *pass, double *diagonal) {
  ML_TRY(ml_softmax_pass_diagonal(c, pass, diagonal));
  ml_lbfgs m = {.n = s->outputs * (s->x.p + 1), .look = look, .arg = pass, .diagonal = diagonal, .tolerance = s->tolerance, .most = s->most, .x = s->b};
  ML_TRY(ml_lbfgs_minimise(c, &m));
  s->loss = m.value / pass->scale, s->largest = m.largest;
  s->iterations = m.iterations, s->evaluations = m.evaluations, s->converged = m.converged;
  return ML_OK;
}

ml_status ml_softmax_solve(ml_context *c, ml_softmax *s) {
  ml_softmax_pass pass;
  ML_TRY(ml_softmax_pass_make(c, s, &pass));
  size_t bytes = (size_t)(s->outputs * (s->x.p + 1)) * sizeof(double);
  double *diagonal = NULL;
  ml_status status = ml_alloc_checked(c, bytes, (void **)&diagonal);
  if (status == ML_OK) status = minimise(c, s, &pass, diagonal);
  ml_free(diagonal, diagonal ? bytes : 0);
  ml_softmax_pass_free(&pass);
  return status;
}
