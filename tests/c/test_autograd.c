/* The graph and its walk: long chains without a deep stack, what may be written in place and what may not, graphs kept and
 * freed, second gradients, accumulation, anomaly mode, interrupts. Memory is counted throughout. */

#include "tests/c/tensors.h"

#include <pthread.h>
#include <sys/resource.h>

static size_t live(void) { return ml_alloc_statistics().live; }

/* Runs f and sees that it leaves no memory behind. */
static void balanced(void (*f)(void), const char *name) {
  size_t before = live();
  f();
  tensors_free();
  check_record(live() == before, __FILE__, __LINE__, "%s: %lld bytes are left", name, (long long)live() - (long long)before);
}

static ml_tensor *leaf(ml_tensor *x) {
  x->requires_grad = true;
  return x;
}

static ml_tensor *number(double v) { return R(ml_number(c, v, OUT)); }
static ml_tensor *add(ml_tensor *x, ml_tensor *y) { return R(ml_add(c, x, y, OUT)); }
static ml_tensor *mul(ml_tensor *x, ml_tensor *y) { return R(ml_mul(c, x, y, OUT)); }
static ml_tensor *sum(ml_tensor *x) { return R(ml_sum(c, x, &all_dims, &(sum_options){0}, OUT)); }
static void backward(ml_tensor *y) { CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){0})); }
static void backward_keeping(ml_tensor *y) { CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){.retain_graph = true})); }
static void backward_recorded(ml_tensor *y) { CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){.create_graph = true})); }

static void forget_gradient(ml_tensor *x) {
  ml_release(x->grad);
  x->grad = NULL;
}

/* Chains ----------------------------------------------------------------------------------------------------------- */

enum { STEPS = 20000, SMALL_STACK = 256 * 1024 };

/* y = ((x * 1.0001 + 0.5) * 1.0001 + 0.5) ... : the chain's own tensors are let go of as it grows. */
static ml_tensor *chain(ml_tensor *x, int steps) {
  ml_tensor *y = ml_retain(x), *scale = NULL, *shift = NULL, *next;
  CHECK_OK(c, ml_number(c, 1.0001, &scale));
  CHECK_OK(c, ml_number(c, 0.5, &shift));
  for (int i = 0; i < steps; i++) {
    if ((i % 2 ? ml_add(c, y, shift, &next) : ml_mul(c, y, scale, &next)) != ML_OK) break;
    ml_release(y);
    y = next;
  }
  ml_release(scale);
  ml_release(shift);
  return y;
}

static void *backward_through_a_chain(void *arg) {
  ml_tensor *x = arg, *y = chain(x, STEPS), *total;
  CHECK_OK(c, ml_sum(c, y, &all_dims, &(sum_options){0}, &total));
  ml_release(y);
  CHECK_OK(c, ml_backward(c, total, &(ml_backward_options){0}));
  ml_release(total);
  return NULL;
}

/* A graph that is dropped without a backward is freed without recursion too. */
static void *drop_a_chain(void *arg) {
  ml_release(chain(arg, STEPS));
  return NULL;
}

/* The same where each step's gradient is recorded: gradients of gradients double the chain. */
static void *record_a_chain(void *arg) {
  ml_tensor *x = arg, *y = chain(x, 2000), *squared, *total;
  CHECK_OK(c, ml_mul(c, y, y, &squared));
  CHECK_OK(c, ml_sum(c, squared, &all_dims, &(sum_options){0}, &total));
  ml_release(y);
  ml_release(squared);
  CHECK_OK(c, ml_backward(c, total, &(ml_backward_options){.create_graph = true}));
  ml_release(total);
  forget_gradient(x);
  return NULL;
}

static void on_a_small_stack(void *(*f)(void *), void *arg) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  CHECK(pthread_attr_setstacksize(&attributes, SMALL_STACK) == 0);
  bool started = pthread_create(&thread, &attributes, f, arg) == 0;
  if (started) pthread_join(thread, NULL);
  CHECK(started);
  pthread_attr_destroy(&attributes);
}

static void test_a_long_chain_needs_no_deep_stack(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 1, 2, 3));
  size_t before = live();
  on_a_small_stack(backward_through_a_chain, x);
  double factor = pow(1.0001, STEPS / 2.0);
  for (int i = 0; i < 3; i++) CHECK_CLOSE(at(x->grad, i), factor, 1e-9 * factor);
  forget_gradient(x);
  CHECK_INT(live(), before);
  on_a_small_stack(drop_a_chain, x);
  CHECK_INT(live(), before);
  on_a_small_stack(record_a_chain, x);
  CHECK_INT(live(), before);
}

/* Accumulation ----------------------------------------------------------------------------------------------------- */

static void test_a_leaf_adds_up_what_arrives(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2, 3));
  backward(sum(mul(x, x)));
  CHECK_VALUES(x->grad, 2, 4, 6);
  backward(sum(mul(x, number(10))));
  CHECK_VALUES(x->grad, 12, 14, 16);
  backward(sum(x)); /* an expanded gradient */
  CHECK_VALUES(x->grad, 13, 15, 17);
  forget_gradient(x);
  backward(sum(x));
  CHECK_VALUES(x->grad, 1, 1, 1);
  CHECK(ml_is_contiguous(x->grad) && x->grad->storage->refs == 1);
}

static void test_paths_that_part_and_meet_add_up(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 2, 3));
  ml_tensor *a = mul(x, x), *left = R(ml_exp(c, a, OUT)), *right = mul(a, number(3));
  ml_tensor *y = add(add(left, right), a), *z = add(y, y);
  backward(sum(z)); /* 2 (exp(x^2) + 4 x^2)' = 2 (2 x exp(x^2) + 8 x) */
  for (int i = 0; i < 2; i++) {
    double v = i + 2;
    CHECK_CLOSE(at(x->grad, i), 2 * (2 * v * exp(v * v) + 8 * v), 1e-9 * exp(v * v));
  }
}

static void test_gradients_of_two_leaves_are_not_one_tensor(void) {
  ml_tensor *a = leaf(VALUES(ML_FLOAT32, 1, 2)), *b = leaf(VALUES(ML_FLOAT32, 3, 4)), *g = VALUES(ML_FLOAT32, 5, 6);
  for (int create = 0; create < 2; create++) {
    CHECK_OK(c, ml_backward(c, add(a, b), &(ml_backward_options){.gradient = g, .create_graph = create}));
    CHECK(a->grad->storage != b->grad->storage && a->grad->storage != g->storage && b->grad->storage != g->storage);
    CHECK_VALUES(a->grad, 5, 6);
    CHECK_VALUES(b->grad, 5, 6);
    forget_gradient(a);
    forget_gradient(b);
  }
  backward(sum(add(a, b)));
  backward(sum(a));
  CHECK_VALUES(a->grad, 2, 2);
  CHECK_VALUES(b->grad, 1, 1);
  CHECK_VALUES(g, 5, 6);
}

static void test_a_gradient_held_elsewhere_is_not_written_over(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2));
  backward(sum(x));
  ml_tensor *held = keep(ml_retain(x->grad));
  backward(sum(x));
  CHECK_VALUES(x->grad, 2, 2);
  CHECK_VALUES(held, 1, 1);
}

static void test_broadcasts_and_types_are_undone(void) {
  ml_tensor *row = leaf(VALUES(ML_FLOAT32, 1, 2, 3));
  ml_tensor *m = leaf(counting(ML_FLOAT64, SHAPE(2, 3)));
  backward(sum(mul(row, m)));
  CHECK_INT(row->grad->dtype, ML_FLOAT32);
  CHECK_VALUES(row->grad, 5, 7, 9);
  CHECK_INT(m->grad->dtype, ML_FLOAT64);
  CHECK_VALUES(m->grad, 1, 2, 3, 1, 2, 3);
}

static void test_a_leaf_alone_is_a_graph(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 3));
  backward(x);
  backward(x);
  CHECK_VALUES(x->grad, 2);
}

static void test_integers_and_masks_take_no_gradient(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2, 3)), *n = VALUES(ML_INT64, 2, 3, 4);
  backward(sum(mul(x, n)));
  CHECK_VALUES(x->grad, 2, 3, 4);
  CHECK(n->grad == NULL);
  ml_tensor *y = R(ml_to(c, x, ML_INT64, OUT));
  CHECK(y->node == NULL);
}

/* Kept and freed --------------------------------------------------------------------------------------------------- */

static void test_a_graph_is_freed_by_the_first_backward(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2)), *y = sum(R(ml_exp(c, x, OUT)));
  backward(y);
  CHECK_FAILS(c, ML_ERROR, "backward: the graph of sum was freed by an earlier backward\n  hint: the first one needs {retain_graph = true}",
              ml_backward(c, y, &(ml_backward_options){0}));
}

static void test_a_graph_can_be_kept(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 1, 2)), *y = sum(mul(x, x));
  backward_keeping(y);
  backward_keeping(y);
  backward(y);
  CHECK_VALUES(x->grad, 6, 12);
}

static void test_backward_frees_as_it_goes(void) {
  enum { LARGE = 1 << 18 }; /* 1 MiB each */
  ml_tensor *x = leaf(noise(ML_FLOAT32, SHAPE(LARGE), 1)), *y = NULL, *total, *next;
  CHECK_OK(c, ml_exp(c, x, &y));
  for (int i = 0; i < 15; i++) {
    CHECK_OK(c, ml_tanh(c, y, &next)); /* keeps its result */
    ml_release(y);
    y = next;
  }
  CHECK_OK(c, ml_sum(c, y, &all_dims, &(sum_options){0}, &total));
  ml_release(y);
  size_t before = live();
  ml_alloc_reset_peak();
  backward(total);
  CHECK(ml_alloc_statistics().peak < before + 6 * sizeof(float) * LARGE); /* some gradients, not sixteen */
  CHECK(live() < before - 12 * sizeof(float) * LARGE); /* though the result is still held */
  ml_release(total);
}

static void test_what_is_no_graph_says_so(void) {
  ml_tensor *x = VALUES(ML_FLOAT32, 1), *y = leaf(VALUES(ML_FLOAT32, 1, 2));
  CHECK_FAILS(c, ML_ERROR,
              "backward: the tensor is not part of a graph\n  hint: something it is computed from needs {requires_grad = true}, outside ml.no_grad",
              ml_backward(c, x, &(ml_backward_options){0}));
  CHECK_FAILS(c, ML_ERROR,
              "backward: a tensor of shape [2] is not a scalar\n  hint: reduce it first (loss:mean()), or give the gradient: x:backward(g)",
              ml_backward(c, y, &(ml_backward_options){0}));
  CHECK_FAILS(c, ML_ERROR, "backward: the gradient has shape [1], the tensor [2]", ml_backward(c, y, &(ml_backward_options){.gradient = x}));
  ml_tensor *only = R(ml_shape_only(c, SHAPE(2), ML_FLOAT32, OUT));
  CHECK_FAILS(c, ML_ERROR, "backward: the gradient has a shape but no data", ml_backward(c, mul(y, y), &(ml_backward_options){.gradient = only}));
}

static void test_nothing_is_recorded_without_grad(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2));
  c->grad_enabled = false;
  ml_tensor *y = mul(x, x);
  c->grad_enabled = true;
  CHECK(y->node == NULL && !y->requires_grad);
  backward(sum(add(mul(x, x), y))); /* y is a constant here */
  CHECK_VALUES(x->grad, 2, 4);
  CHECK(c->grad_enabled);
}

static void test_no_node_is_made_where_nothing_asks(void) {
  ml_tensor *x = VALUES(ML_FLOAT32, 1, 2);
  uint64_t sequence = c->next_sequence;
  mul(x, x);
  CHECK_INT(c->next_sequence, sequence);
}

/* Writing in place ------------------------------------------------------------------------------------------------- */

static const char part_of_a_graph[] = "test: can't write into a tensor that is part of a graph\n"
                                      "  hint: compute a new tensor, or write inside ml.no_grad(function() ... end)";

static void test_a_graph_is_not_written_into(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2)), *y = mul(x, x), *plain = VALUES(ML_FLOAT32, 1, 2);
  CHECK_FAILS(c, ML_ERROR, part_of_a_graph, ml_will_write(c, "test", x));
  CHECK_FAILS(c, ML_ERROR, part_of_a_graph, ml_will_write(c, "test", y));
  CHECK_OK(c, ml_will_write(c, "test", plain));
  ml_tensor *wide = R(ml_expand(c, plain, SHAPE(3, 2), OUT));
  CHECK_FAILS(c, ML_ERROR, "test: can't write into an expanded tensor, whose elements share memory\n  hint: x:contiguous() makes a copy", ml_will_write(c, "test", wide));
  c->grad_enabled = false;
  CHECK_OK(c, ml_will_write(c, "test", x));
  c->grad_enabled = true;
}

static void test_a_saved_tensor_that_was_written_is_noticed(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2)), *w = VALUES(ML_FLOAT32, 3, 4), *y = sum(mul(x, w));
  ml_tensor *view = R(ml_select(c, w, 0, 1, OUT)); /* a view counts as well */
  CHECK_OK(c, ml_will_write(c, "test", view));
  CHECK_OK(c, ml_fill(c, view, 9));
  CHECK_FAILS(c, ML_ERROR,
              "backward: a tensor that mul needs was written in place after mul used it\n  hint: compute a new tensor instead of writing with x:..._() or x[...] =",
              ml_backward(c, y, &(ml_backward_options){0}));
  ml_tensor *z = sum(add(x, w)); /* add needs neither */
  CHECK_OK(c, ml_will_write(c, "test", w));
  CHECK_OK(c, ml_fill(c, w, 9));
  forget_gradient(x);
  backward(z);
  CHECK_VALUES(x->grad, 1, 1);
}

static void test_a_saved_result_that_was_written_is_noticed(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 1, 2)), *y = R(ml_exp(c, x, OUT)), *total = sum(y);
  c->grad_enabled = false;
  CHECK_OK(c, ml_will_write(c, "test", y));
  CHECK_OK(c, ml_fill(c, y, 9));
  c->grad_enabled = true;
  CHECK_FAILS(c, ML_ERROR,
              "backward: a tensor that exp needs was written in place after exp used it\n  hint: compute a new tensor instead of writing with x:..._() or x[...] =",
              ml_backward(c, total, &(ml_backward_options){0}));
}

/* Second gradients ------------------------------------------------------------------------------------------------- */

/* The gradient of x, taken off it: with create_graph a leaf's gradient leads back to the leaf. */
static ml_tensor *take_gradient(ml_tensor *x) {
  ml_tensor *g = keep(x->grad);
  x->grad = NULL;
  return g;
}

static void test_second_gradient_of_tanh(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, -1.5, 0.3, 2));
  backward_recorded(sum(R(ml_tanh(c, x, OUT))));
  backward(sum(take_gradient(x)));
  for (int i = 0; i < 3; i++) {
    double t = tanh(at(x, i));
    CHECK_CLOSE(at(x->grad, i), -2 * t * (1 - t * t), 1e-14);
  }
}

static void test_third_gradient_of_pow(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 1.5, 2)), *y = sum(R(ml_pow(c, x, number(4), OUT)));
  backward_recorded(y);
  ml_tensor *first = take_gradient(x);
  backward_recorded(sum(first));
  ml_tensor *second = take_gradient(x);
  backward(sum(second));
  for (int i = 0; i < 2; i++) {
    double v = at(x, i);
    CHECK_CLOSE(at(first, i), 4 * v * v * v, 1e-13 * 60);
    CHECK_CLOSE(at(second, i), 12 * v * v, 1e-13 * 60);
    CHECK_CLOSE(at(x->grad, i), 24 * v, 1e-13 * 60);
  }
}

/* f = sum((a b)^2): df/da = 2 a b b', and the gradient of sum(df/da) by b is known. */
static void test_second_gradient_of_matmul(void) {
  ml_tensor *a = leaf(counting(ML_FLOAT64, SHAPE(2, 2))), *b = leaf(VALUES(ML_FLOAT64, 1, -1)), *y = R(ml_matmul(c, a, b, OUT));
  backward_recorded(sum(mul(y, y))); /* y = (-1, -1); df/da = 2 y b' */
  ml_tensor *da = take_gradient(a), *db = take_gradient(b);
  CHECK_VALUES(da, -2, 2, -2, 2);
  CHECK_VALUES(db, -8, -12);
  backward(sum(da)); /* sum(da) = 2 sum(a b) sum(b): by a 2 b sum(b) = 0; by b 2 (colsum(a) sum(b) + sum(a b)) = -4 */
  CHECK_VALUES(a->grad, 0, 0, 0, 0);
  CHECK_VALUES(b->grad, -4, -4);
}

static void test_second_gradients_pass_conversions(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 2, 3)), *y = leaf(VALUES(ML_FLOAT64, 5, 7));
  backward_recorded(sum(mul(x, y))); /* x is converted for it; dy = x */
  ml_tensor *dy = take_gradient(y);
  take_gradient(x);
  backward(sum(mul(dy, dy)));
  CHECK_VALUES(x->grad, 4, 6);
}

static void test_a_recorded_backward_keeps_the_graph(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 2)), *y = mul(mul(x, x), x);
  backward_recorded(y);
  ml_tensor *g = take_gradient(x);
  backward_keeping(y);
  CHECK_VALUES(x->grad, 12);
  forget_gradient(x);
  backward(g);
  CHECK_VALUES(x->grad, 12); /* 6 x */
}

/* Ops with several results ----------------------------------------------------------------------------------------- */

/* x -> its square, exp(x) and the position of each element; exp is saved for backward. */
static ml_status several_infer(ml_context *k, const ml_call *call, ml_meta *meta) {
  (void)k, (void)call, (void)meta;
  return ML_OK;
}

static ml_status several_forward(ml_context *k, const ml_call *call, ml_tensor *y) {
  (void)k;
  for (int64_t i = 0; i < ml_count(y); i++) {
    double x = at(call->in[0], i);
    put(y, i, x * x);
    put(call->more[0], i, exp(x));
    put(call->more[1], i, (double)i + 1);
  }
  return ML_OK;
}

/* dx = 2 x g[0] + exp(x) g[1], of those that arrived. */
static ml_status several_backward(ml_context *k, const ml_grad_call *call) {
  CHECK(call->g != NULL || call->more_g[0] != NULL);
  CHECK(call->more_g[1] == NULL);
  ml_tensor *parts[2] = {NULL, NULL};
  if (call->g) parts[0] = mul(number(2), mul((ml_tensor *)(uintptr_t)call->saved[0], (ml_tensor *)(uintptr_t)call->g));
  if (call->more_g[0]) parts[1] = R(ml_mul(k, call->saved[1], call->more_g[0], OUT));
  call->dx[0] = ml_retain(parts[0] && parts[1] ? add(parts[0], parts[1]) : parts[0] ? parts[0] : parts[1]);
  return ML_OK;
}

static const ml_op several_op = {
    .name = "several", .family = ML_FAMILY_FUNCTION, .accepts = ML_ACCEPTS_FLOAT, .inputs = 1, .differentiable = true,
    .saves = 2, .save = {{ML_SAVE_INPUT, 0}, {ML_SAVE_RESULT, 1}}, .more = 2, .more_dtype = {-1, ML_INT64},
    .infer = several_infer, .forward = several_forward, .backward = several_backward, .second_order = true,
};

static void several(ml_tensor *x, ml_tensor *out[3]) {
  ml_call call = {.op = &several_op, .in = &x, .count = 1};
  CHECK_OK(c, ml_apply(c, &call, out));
  for (int i = 0; i < 3; i++) keep(out[i]);
}

static void test_each_result_has_its_own_gradient(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 1, 2)), *y[3];
  several(x, y);
  CHECK_VALUES(y[0], 1, 4);
  CHECK_VALUES(y[2], 1, 2);
  CHECK(y[2]->node == NULL);
  ml_tensor *doubled = mul(y[0], number(2));
  backward_keeping(sum(add(doubled, mul(y[1], number(3)))));
  CHECK_VALUES(x->grad, 4 + 3 * exp(1), 8 + 3 * exp(2));
  forget_gradient(x);
  backward_keeping(sum(y[0]));
  CHECK_VALUES(x->grad, 2, 4);
  forget_gradient(x);
  backward(sum(y[1]));
  CHECK_VALUES(x->grad, exp(1), exp(2));
}

static void test_a_later_result_may_be_where_backward_begins(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 2)), *y[3];
  several(x, y);
  backward(y[1]);
  CHECK_VALUES(x->grad, exp(2));
}

static void test_second_gradient_of_a_later_result(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 0.5)), *y[3];
  several(x, y);
  backward_recorded(mul(y[1], y[0])); /* x^2 exp(x) */
  ml_tensor *dx = take_gradient(x);
  backward(dx);
  CHECK_CLOSE(at(x->grad, 0), (0.25 + 4 * 0.5 + 2) * exp(0.5), 1e-12);
}

static void test_a_later_result_that_was_written_is_noticed(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT64, 2)), *y[3];
  several(x, y);
  y[1]->storage->version++;
  CHECK_FAILS(c, ML_ERROR, "backward: a tensor that several needs was written in place after several used it\n  hint: compute a new tensor instead of writing with x:..._() or x[...] =",
              ml_backward(c, sum(y[0]), &(ml_backward_options){0}));
}

/* Anomaly mode and interrupts -------------------------------------------------------------------------------------- */

static void test_anomaly_mode_names_op_and_place(void) {
  ml_tensor *x = leaf(VALUES(ML_FLOAT32, 0, 4)), *z;
  c->anomaly = true;
  strcpy(c->origin, "recipe.lua:12");
  ml_tensor *y = R(ml_sqrt(c, x, OUT));
  strcpy(c->origin, "recipe.lua:13");
  ml_tensor *total = sum(y);
  strcpy(c->origin, "recipe.lua:14");
  CHECK_FAILS(c, ML_ERROR, "backward: the gradient of sqrt for its input 1 is not finite\n  at recipe.lua:12", ml_backward(c, total, &(ml_backward_options){0}));
  CHECK_FAILS(c, ML_ERROR, "log: gave NaN from finite inputs\n  at recipe.lua:14", ml_log(c, VALUES(ML_FLOAT32, -1), &z));
  CHECK_FAILS(c, ML_ERROR, "div: gave infinity from finite inputs\n  at recipe.lua:14", ml_div(c, number(1), VALUES(ML_FLOAT32, 0), &z));
  ml_tensor *infinite = VALUES(ML_FLOAT32, INFINITY);
  CHECK_VALUES(R(ml_exp(c, infinite, OUT)), INFINITY); /* not the first to have it */
  c->anomaly = false;
  c->origin[0] = 0;
}

static void test_an_interrupt_ends_backward_and_leaves_nothing(void) {
  ml_tensor *x = leaf(noise(ML_FLOAT32, SHAPE(100000), 1));
  size_t before = live();
  ml_tensor *y = chain(x, 50), *total;
  CHECK_OK(c, ml_sum(c, y, &all_dims, &(sum_options){0}, &total));
  ml_release(y);
  ml_interrupt_set(true);
  CHECK_FAILS(c, ML_INTERRUPTED, "interrupted", ml_backward(c, total, &(ml_backward_options){0}));
  CHECK(x->grad == NULL);
  ml_tensor *z;
  CHECK_FAILS(c, ML_INTERRUPTED, "interrupted", ml_exp(c, x, &z));
  CHECK(z == NULL);
  ml_interrupt_set(false);
  ml_release(total);
  CHECK_INT(live(), before);
  ml_tensor *again;
  CHECK_OK(c, ml_sum(c, x, &all_dims, &(sum_options){0}, &again));
  backward(again);
  CHECK_CLOSE(at(x->grad, 99999), 1, 0);
  ml_release(again);
}

int main(void) {
  ml_context_init(c);
#define TEST(f) balanced(f, #f)
  TEST(test_a_long_chain_needs_no_deep_stack);
  TEST(test_a_leaf_adds_up_what_arrives);
  TEST(test_paths_that_part_and_meet_add_up);
  TEST(test_gradients_of_two_leaves_are_not_one_tensor);
  TEST(test_a_gradient_held_elsewhere_is_not_written_over);
  TEST(test_broadcasts_and_types_are_undone);
  TEST(test_a_leaf_alone_is_a_graph);
  TEST(test_integers_and_masks_take_no_gradient);
  TEST(test_a_graph_is_freed_by_the_first_backward);
  TEST(test_a_graph_can_be_kept);
  TEST(test_backward_frees_as_it_goes);
  TEST(test_what_is_no_graph_says_so);
  TEST(test_nothing_is_recorded_without_grad);
  TEST(test_no_node_is_made_where_nothing_asks);
  TEST(test_a_graph_is_not_written_into);
  TEST(test_a_saved_tensor_that_was_written_is_noticed);
  TEST(test_a_saved_result_that_was_written_is_noticed);
  TEST(test_second_gradient_of_tanh);
  TEST(test_third_gradient_of_pow);
  TEST(test_second_gradient_of_matmul);
  TEST(test_second_gradients_pass_conversions);
  TEST(test_a_recorded_backward_keeps_the_graph);
  TEST(test_each_result_has_its_own_gradient);
  TEST(test_a_later_result_may_be_where_backward_begins);
  TEST(test_second_gradient_of_a_later_result);
  TEST(test_a_later_result_that_was_written_is_noticed);
  TEST(test_anomaly_mode_names_op_and_place);
  TEST(test_an_interrupt_ends_backward_and_leaves_nothing);
  ml_threads_stop();
  return check_report();
}
