/* Optimizers and clipping beside PyTorch's, in both types, over several parameters at once. */

#include "nn_case.h"

#include "nn/optimizer.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tests/fixtures/nn_fixtures.h"

enum { SIZE = 7, PARAMS = 3, STEPS = 3 };

/* Three parameters: one without a gradient between two that are the fixture's. */
typedef struct model {
  ml_tensor *p[PARAMS], *first[PARAMS], *second[PARAMS];
} model;

static void make_model(ml_context *c, ml_dtype dtype, model *m) {
  for (int i = 0; i < PARAMS; i++) {
    m->p[i] = make_pattern(c, ml_make_shape(1, SIZE), dtype, 0, 's');
    m->p[i]->requires_grad = true;
    CHECK_OK(c, ml_zeros_like(c, m->p[i], &m->first[i]));
    CHECK_OK(c, ml_zeros_like(c, m->p[i], &m->second[i]));
  }
}

static void give_gradients(ml_context *c, model *m, int number) {
  for (int i = 0; i < PARAMS; i += 2) {
    ml_release(m->p[i]->grad);
    m->p[i]->grad = make_pattern(c, m->p[i]->shape, (ml_dtype)m->p[i]->dtype, number, 's');
  }
}

static void free_model(model *m) {
  for (int i = 0; i < PARAMS; i++) {
    ml_release(m->p[i]);
    ml_release(m->first[i]);
    ml_release(m->second[i]);
  }
}

static void check_model(const char *name, const model *m, const double *expected) {
  double tolerance = m->p[0]->dtype == ML_FLOAT32 ? 1e-6 : 1e-11;
  for (int i = 0; i < PARAMS; i += 2) check_elements(name, "parameter", m->p[i], expected, SIZE, tolerance);
  CHECK_CLOSE(element(m->p[1], 2), pattern(2, 0, 's'), 1e-6); /* it had no gradient */
  CHECK(m->p[0]->storage->version == STEPS);
  CHECK(m->p[1]->storage->version == 0);
}

static void steps(ml_context *c, const char *name, ml_update_options o, const double *expected) {
  for (int dtype = ML_FLOAT32; dtype <= ML_FLOAT64; dtype++) {
    model m;
    make_model(c, (ml_dtype)dtype, &m);
    ml_update_states states = {{m.first, m.second}};
    if (o.rule == ML_SGD) states = (ml_update_states){{o.momentum != 0 ? m.first : NULL}};
    for (int step = 1; step <= STEPS; step++) {
      give_gradients(c, &m, step);
      CHECK_OK(c, ml_optimizer_step(c, PARAMS, m.p, &states, step, &o));
    }
    check_model(name, &m, expected);
    free_model(&m);
  }
}

static ml_status sgd(ml_context *c, int count, ml_tensor *const *params, ml_tensor *const *buffers, double momentum) {
  ml_update_options o = {.rule = ML_SGD, .lr = 0.5, .momentum = momentum};
  return ml_optimizer_step(c, count, params, &(ml_update_states){{buffers}}, 1, &o);
}

/* ml_average_step: a += (1 - decay)(x - a), and only averages are written to. */
static void averages_move_towards_the_weights(ml_context *c) {
  ml_tensor *a = make_pattern(c, ml_make_shape(1, SIZE), ML_FLOAT64, 0, 's');
  ml_tensor *x = make_pattern(c, a->shape, ML_FLOAT64, 1, 's');
  CHECK_OK(c, ml_average_step(c, 1, &a, &x, 0.9));
  for (int i = 0; i < SIZE; i++) CHECK_CLOSE(element(a, i), 0.9 * pattern(i, 0, 's') + 0.1 * pattern(i, 1, 's'), 1e-14);
  CHECK(a->storage->version == 1 && x->storage->version == 0);
  ml_release(a);
  ml_release(x);
}

static void clipping_scales_all_by_one_factor(ml_context *c) {
  ml_tensor *p[2];
  double norm = 0;
  for (int i = 0; i < 2; i++) {
    p[i] = make_pattern(c, ml_make_shape(1, 4 - i), ML_FLOAT64, 8, 's');
    p[i]->grad = make_pattern(c, p[i]->shape, ML_FLOAT64, i, 's');
  }
  CHECK_OK(c, ml_clip_grad_norm(c, 2, p, 0.5, &norm));
  CHECK_CLOSE(norm, clip_norm[0], 1e-11);
  check_elements("clip_grad_norm", "gradient", p[0]->grad, clip_first, 4, 1e-11);
  check_elements("clip_grad_norm", "gradient", p[1]->grad, clip_second, 3, 1e-11);
  CHECK_OK(c, ml_clip_grad_norm(c, 2, p, 10, &norm)); /* small enough: nothing happens */
  CHECK_CLOSE(norm, 0.5, 1e-5);
  check_elements("clip_grad_norm", "gradient", p[0]->grad, clip_first, 4, 1e-11);
  CHECK_OK(c, ml_clip_grad_value(c, 2, p, 0.1));
  for (int i = 0; i < 4; i++) CHECK_CLOSE(element(p[0]->grad, i), fmax(-0.1, fmin(0.1, clip_first[i])), 1e-11);
  ml_release(p[0]);
  ml_release(p[1]);
}

static void bad_gradients_are_found(ml_context *c) {
  ml_tensor *p[3];
  int bad = 7;
  double norm;
  for (int i = 0; i < 3; i++) {
    p[i] = make_pattern(c, ml_make_shape(1, 5), i == 1 ? ML_FLOAT64 : ML_FLOAT32, 0, 's');
    p[i]->grad = make_pattern(c, p[i]->shape, (ml_dtype)p[i]->dtype, i, 's');
  }
  ml_f32(p[0]->grad)[0] = 3e38f; /* its square is no float */
  CHECK_OK(c, ml_grads_finite(c, 3, p, &bad));
  CHECK_INT(bad, -1);
  ml_f32(p[2]->grad)[4] = NAN;
  CHECK_OK(c, ml_grads_finite(c, 3, p, &bad));
  CHECK_INT(bad, 2);
  CHECK_OK(c, ml_clip_grad_norm(c, 3, p, 1, &norm));
  CHECK(isnan(norm));
  CHECK_CLOSE(ml_f32(p[0]->grad)[0], 3e38f, 0); /* left alone */
  for (int i = 0; i < 3; i++) ml_release(p[i]);
}

/* Parameters larger than a piece of the run, and a gradient that is a transposed view. */
static void large_and_turned(ml_context *c) {
  int64_t rows = 300, columns = 400;
  ml_tensor *p[2], *expected;
  for (int threads = 1; threads <= 7; threads += 3) {
    ml_threads_set(threads);
    for (int i = 0; i < 2; i++) p[i] = make_pattern(c, ml_make_shape(2, rows, columns), ML_FLOAT32, i, 's');
    expected = make_pattern(c, p[0]->shape, ML_FLOAT32, 0, 's');
    p[0]->grad = make_pattern(c, ml_make_shape(2, columns, rows), ML_FLOAT32, 5, 's');
    p[0]->grad->shape = p[0]->shape;
    p[0]->grad->stride[0] = 1;
    p[0]->grad->stride[1] = rows;
    for (int64_t i = 0; i < rows * columns; i++)
      ml_f32(expected)[i] -= 0.5f * ml_f32(p[0]->grad)[i % columns * rows + i / columns];
    p[1]->grad = ml_retain(expected); /* any other */
    CHECK_OK(c, sgd(c, 2, p, NULL, 0));
    CHECK(memcmp(ml_data(p[0]), ml_data(expected), (size_t)(rows * columns) * 4) == 0);
    for (int i = 0; i < 2; i++) ml_release(p[i]);
    ml_release(expected);
  }
  ml_threads_set(2);
}

static void wrong_input_is_named(ml_context *c) {
  ml_tensor *p = make_pattern(c, ml_make_shape(1, 5), ML_FLOAT32, 0, 's');
  ml_tensor *state = make_pattern(c, ml_make_shape(1, 4), ML_FLOAT32, 0, 's');
  p->grad = make_pattern(c, ml_make_shape(1, 4), ML_FLOAT32, 0, 's');
  ml_update_states states = {{&state, &state}};
  CHECK_FAILS(c, ML_ERROR, "sgd: the gradient of parameter 1 is [4] float32, the parameter [5] float32",
              sgd(c, 1, &p, NULL, 0));
  ml_release(p->grad);
  p->grad = make_pattern(c, ml_make_shape(1, 5), ML_FLOAT32, 0, 's');
  CHECK_FAILS(
      c, ML_ERROR,
      "adamw: the state of parameter 1 does not fit it\n  hint: an optimizer belongs to the parameters it was made for",
      ml_optimizer_step(c, 1, &p, &states, 1, &(ml_update_options){.rule = ML_ADAMW, .lr = 1}));
  CHECK_FAILS(c, ML_ERROR, "adam: steps count from 1, got 0",
              ml_optimizer_step(c, 1, &p, &states, 0, &(ml_update_options){.rule = ML_ADAM, .lr = 1}));
  ml_release(p);
  ml_release(state);
}

/* ^C during a step: all parameters have it, however many pieces they are cut into. A wrong one: none has. */
static void a_step_is_whole(ml_context *c) {
  enum { MANY = 300000 };
  ml_tensor *p[] = {make_pattern(c, ml_make_shape(1, MANY), ML_FLOAT32, 0, 's'),
                    make_pattern(c, ml_make_shape(1, 5), ML_FLOAT64, 0, 's')};
  for (int i = 0; i < 2; i++) CHECK_OK(c, ml_full(c, &p[i]->shape, (ml_dtype)p[i]->dtype, 1, &p[i]->grad));
  ml_interrupt_set(true);
  CHECK_OK(c, sgd(c, 2, p, NULL, 0));
  ml_interrupt_set(false);
  int64_t moved = 0;
  for (int64_t i = 0; i < MANY; i++) moved += element(p[0], i) == (double)((float)pattern(i, 0, 's') - 0.5f);
  CHECK_INT(moved, MANY);
  CHECK_CLOSE(element(p[1], 4), pattern(4, 0, 's') - 0.5, 0);
  ml_tensor *wrong[] = {p[0], make_pattern(c, ml_make_shape(1, 4), ML_FLOAT64, 0, 's')};
  double before = element(p[0], 0);
  CHECK_FAILS(
      c, ML_ERROR,
      "sgd: the state of parameter 2 does not fit it\n  hint: an optimizer belongs to the parameters it was made for",
      sgd(c, 2, p, wrong, 0.9));
  CHECK_CLOSE(element(p[0], 0), before, 0);
  for (int i = 0; i < 2; i++) ml_release(p[i]);
  ml_release(wrong[1]);
}

int main(void) {
  ml_context context, *c = &context;
  ml_context_init(c);
  steps(c, "sgd", (ml_update_options){.rule = ML_SGD, .lr = 0.1}, step_sgd);
  steps(c, "sgd with decay", (ml_update_options){.rule = ML_SGD, .lr = 0.1, .weight_decay = 0.3}, step_sgd_decay);
  steps(c, "sgd with momentum", (ml_update_options){.rule = ML_SGD, .lr = 0.1, .momentum = 0.9, .weight_decay = 0.1},
            step_sgd_momentum);
  steps(c, "nesterov", (ml_update_options){.rule = ML_SGD, .lr = 0.1, .momentum = 0.8, .nesterov = true}, step_sgd_nesterov);
  steps(c, "adam", (ml_update_options){.rule = ML_ADAM, .lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8}, step_adam);
  steps(c, "adam with decay",
             (ml_update_options){.rule = ML_ADAM, .lr = 0.02, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-4, .weight_decay = 0.1},
             step_adam_decay);
  steps(
      c, "adamw",
      (ml_update_options){.rule = ML_ADAMW, .lr = 0.02, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8, .weight_decay = 0.2},
      step_adamw);
  clipping_scales_all_by_one_factor(c);
  averages_move_towards_the_weights(c);
  bad_gradients_are_found(c);
  large_and_turned(c);
  wrong_input_is_named(c);
  a_step_is_whole(c);
  CHECK_INT(ml_alloc_statistics().live, 0);
  ml_threads_stop();
  return check_report();
}
