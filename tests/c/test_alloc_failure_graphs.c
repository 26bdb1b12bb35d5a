/* Allocations that fail in long graphs, gradients of gradients, ops of the user's own and a whole training step: each is
 * ML_OUT_OF_MEMORY with a message, nothing is leaked, and the next run gives the right bits. */

#include "nn/optimizer.h"
#include "tensor/custom.h"
#include "tensor/parallel.h"
#include "tests/c/alloc_sweep.h"

/* A graph of hundreds of nodes: the lists of backward grow. */
static ml_status long_chain(const void *arg, ml_tensor **out) {
  (void)arg;
  ml_tensor *at = ml_retain(x), *next;
  for (int i = 0; i < 300; i++) {
    ml_status status = ml_add(&context, at, i % 2 ? x : y, &next);
    ml_release(at);
    ML_TRY(status);
    at = next;
  }
  *out = at;
  return go_back(&context, at, false);
}

/* A gradient of a gradient. */
static ml_status twice(const void *arg, ml_tensor **out) {
  (void)arg;
  ml_tensor *product, *first;
  ML_TRY(ml_linear(&context, x, weight, bias, &product));
  ml_status status = go_back(&context, product, true);
  ml_release(product);
  ML_TRY(status);
  first = x->grad;
  x->grad = NULL;
  if (!first) return ML_ERROR;
  status = go_back(&context, first, false);
  *out = first;
  /* Gradients made with create_graph hang on the graph of their leaf: let go of them here. */
  return status;
}

/* Backwards in ops, of which each must let go of what it has made when the next one fails. */
static ml_status sorted_twice(const void *arg, ml_tensor **out) {
  (void)arg;
  ml_tensor *positions;
  ML_TRY(ml_sort(&context, x, 1, &(sort_options){0}, out, &positions));
  ml_release(positions);
  return go_back(&context, *out, true);
}
static ml_status products_twice(const void *arg, ml_tensor **out) {
  (void)arg;
  ML_TRY(ml_cumprod(&context, x, 1, out));
  return go_back(&context, *out, true);
}
static ml_status norm_twice(const void *arg, ml_tensor **out) {
  (void)arg;
  ML_TRY(ml_layer_norm(&context, x, NULL, NULL, &(layer_norm_options){.dims = 1, .eps = 1e-5}, out));
  return go_back(&context, *out, true);
}

/* An op of the user's own, whose gradient is a callback: its handle is released once, however it ends. */
static int handles;
static void release_handle(void *owner, int64_t handle) {
  (void)owner;
  handles -= handle == 7;
}
static ml_status square_backward(ml_context *c, void *owner, int64_t handle, const ml_tensor *g, int count,
                                 const bool *want, ml_tensor **dx) {
  (void)owner, (void)handle, (void)count, (void)want;
  ml_tensor *doubled;
  ML_TRY(ml_add(c, x, x, &doubled));
  ml_status status = ml_mul(c, g, doubled, &dx[0]);
  ml_release(doubled);
  return status;
}

static ml_status own_op(const void *arg, ml_tensor **out) {
  (void)arg;
  ml_tensor *const in[] = {x};
  context.grad_enabled = false;
  ml_status status = ml_square(&context, x, out);
  context.grad_enabled = true;
  ML_TRY(status);
  handles++;
  ML_TRY(ml_custom_record(&context, in, 1, &(ml_custom){7, NULL, square_backward, release_handle}, *out));
  return go_back(&context, *out, false);
}

static ml_status anomaly(const void *arg, ml_tensor **out) {
  (void)arg;
  context.anomaly = true;
  ml_status status = ml_gelu(&context, x, out);
  if (status == ML_OK) status = go_back(&context, *out, false);
  context.anomaly = false;
  return status;
}

static void test_graphs_survive(void) {
  make_inputs(PLAIN);
  sweep(long_chain, NULL, "a chain of 300", "plain");
  sweep(twice, NULL, "a gradient of a gradient", "plain");
  sweep(sorted_twice, NULL, "the gradient of a sort in ops", "plain");
  sweep(products_twice, NULL, "the gradient of running products in ops", "plain");
  sweep(norm_twice, NULL, "the gradient of a norm in ops", "plain");
  sweep(own_op, NULL, "an op of one's own", "plain");
  CHECK_INT(handles, 0);
  sweep(anomaly, NULL, "anomaly mode", "plain");
  reset();
  release_inputs();
}

/* A step of training ------------------------------------------------------------------------------------------------
 */

enum { PARAMETERS = 4 };
static ml_tensor *parameter[PARAMETERS], *moment[PARAMETERS], *second[PARAMETERS];
static ml_tensor *batch_x, *batch_y; /* [8, 1, 6, 6], [8] */

/* conv2d, relu, max_pool2d, linear, cross_entropy. */
static ml_status forward(ml_context *c, ml_tensor **loss) {
  ml_tensor *at[5] = {0};
  ml_status status =
      ml_conv2d(c, batch_x, parameter[0], parameter[1], &(conv2d_options){{1, 1}, {-1, -1}, {1, 1}, 1}, &at[0]);
  if (status == ML_OK) status = ml_relu(c, at[0], &at[1]);
  if (status == ML_OK) status = ml_max_pool2d(c, at[1], (ml_pair){2, 2}, &(max_pool2d_options){0}, &at[2]);
  if (status == ML_OK) status = ml_flatten(c, at[2], 1, 3, &at[3]);
  if (status == ML_OK) status = ml_linear(c, at[3], parameter[2], parameter[3], &at[4]);
  if (status == ML_OK) status = ml_cross_entropy(c, at[4], batch_y, NULL, &(cross_entropy_options){0}, loss);
  for (int i = 0; i < 5; i++) ml_release(at[i]);
  return status;
}

/* out: the loss. */
static ml_status training_step(ml_context *c, int64_t number, ml_tensor **out) {
  static const ml_update_options options = {
      .rule = ML_ADAMW, .lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01};
  ml_update_states states = {{moment, second}};
  double norm;
  ML_TRY(forward(c, out));
  ML_TRY(ml_backward(c, *out, &(ml_backward_options){0}));
  ML_TRY(ml_clip_grad_norm(c, PARAMETERS, parameter, 1, &norm));
  return ml_optimizer_step(c, PARAMETERS, parameter, &states, number, &options);
}

static void make_model(void) {
  static const int64_t sizes[PARAMETERS][4] = {{3, 1, 3, 3}, {3}, {10, 27}, {10}};
  static const int dims[PARAMETERS] = {4, 1, 2, 1};
  for (int i = 0; i < PARAMETERS; i++) {
    ml_shape shape = {.ndim = dims[i]};
    memcpy(shape.size, sizes[i], sizeof sizes[i]);
    parameter[i] = numbers(shape, -0.5, 0.5, PLAIN, false);
    CHECK_OK(&context, ml_zeros_like(&context, parameter[i], &moment[i]));
    CHECK_OK(&context, ml_zeros_like(&context, parameter[i], &second[i]));
  }
  batch_x = numbers(ml_make_shape(4, 8, 1, 6, 6), 0, 1, PLAIN, false);
  batch_x->requires_grad = false;
  batch_y = positions(ml_make_shape(1, 8), 10, PLAIN);
}

static void zero_grad(void) {
  for (int i = 0; i < PARAMETERS; i++) {
    ml_release(parameter[i]->grad);
    parameter[i]->grad = NULL;
  }
}

static void trace_model(trace *t) {
  *t = nothing;
  for (int i = 0; i < PARAMETERS; i++) {
    trace_tensor(t, parameter[i]);
    trace_tensor(t, moment[i]);
    trace_tensor(t, second[i]);
  }
}

/* Makes the model anew: the same numbers each time. */
static void put_back(ml_tensor *const *kept) {
  for (int i = 0; i < PARAMETERS; i++) {
    CHECK_OK(&context, ml_copy(&context, kept[i], parameter[i]));
    CHECK_OK(&context, ml_fill(&context, moment[i], 0));
    CHECK_OK(&context, ml_fill(&context, second[i], 0));
  }
}

/* A step that fails changes no parameter and leaks nothing; the next one is as if nothing had been. */
static void test_a_training_step_survives(void) {
  trace before, after, now;
  ml_tensor *loss = NULL;
  ml_tensor *kept[PARAMETERS];
  make_model();
  for (int i = 0; i < PARAMETERS; i++) {
    CHECK_OK(&context, ml_empty_like(&context, parameter[i], &kept[i]));
    CHECK_OK(&context, ml_copy(&context, parameter[i], kept[i]));
  }
  trace_model(&before);
  CHECK_OK(&context, training_step(&context, 1, &loss));
  trace_model(&after);
  CHECK(!same(&before, &after));
  for (int for_ever = 0; for_ever < 2; for_ever++) {
    for (uint64_t n = 1;; n++) {
      ml_release(loss);
      zero_grad();
      put_back(kept);
      size_t live = ml_alloc_statistics().live;
      loss = NULL;
      context.message[0] = '\0';
      ml_alloc_fail_at(n, for_ever);
      ml_status status = training_step(&context, 1, &loss);
      ml_alloc_fail_at(0, false);
      ml_release(loss);
      loss = NULL;
      zero_grad();
      CHECK_INT(ml_alloc_statistics().live, live);
      trace_model(&now);
      if (status == ML_OK) {
        CHECK(same(&now, &after));
        CHECK(n > 30);
        break;
      }
      CHECK_INT(status, ML_OUT_OF_MEMORY);
      CHECK(strstr(context.message, "out of memory") != NULL);
      check_record(same(&now, &before), __FILE__, __LINE__, "allocation %d: a failed step changed the parameters",
                   (int)n);
      CHECK_OK(&context, training_step(&context, 1, &loss));
      trace_model(&now);
      CHECK(same(&now, &after));
    }
  }
  for (int i = 0; i < PARAMETERS; i++)
    ml_release(parameter[i]), ml_release(moment[i]), ml_release(second[i]), ml_release(kept[i]);
  ml_release(batch_x), ml_release(batch_y);
}

/* The limit of memory does the same as the system. */
static void test_a_limit_is_kept(void) {
  ml_tensor *t;
  ml_shape large = ml_make_shape(1, 1 << 20);
  ml_alloc_set_limit(ml_alloc_statistics().live + (1 << 20));
  CHECK_INT(ml_empty(&context, &large, ML_FLOAT32, &t), ML_OUT_OF_MEMORY);
  CHECK(strstr(context.message, "out of memory") != NULL);
  ml_alloc_set_limit(0);
  CHECK_OK(&context, ml_empty(&context, &large, ML_FLOAT32, &t));
  ml_release(t);
}

int main(void) {
  ml_context_init(&context);
  size_t live = ml_alloc_statistics().live;
  test_graphs_survive();
  test_a_training_step_survives();
  test_a_limit_is_kept();
  CHECK_INT(ml_alloc_statistics().live, live);
  ml_threads_stop();
  return check_report();
}
