/* What the tests of failing allocations work on: leaves of many shapes, made before anything fails, plain, strided or of mixed
 * types. */

#ifndef ML_TESTS_ALLOC_INPUTS_H
#define ML_TESTS_ALLOC_INPUTS_H

#include "ops.gen.h"
#include "tensor/autograd.h"
#include "tensor/random.h"
#include "tests/c/check.h"

static ml_context context;

/* What the cases below work on; made before anything fails. */
static ml_tensor *x, *y, *row, *weight, *bias;           /* [4, 6], [4, 6] above 0, [6], [5, 6], [5] */
static ml_tensor *deep, *deep_kernel, *deep_bias;        /* [1, 8, 5, 6], [9, 8, 3, 3], [9] */
static ml_tensor *pictures, *kernel, *channel;           /* [2, 4, 6, 6], [6, 2, 3, 3], [4] */
static ml_tensor *batch_a, *batch_b;                     /* [2, 3, 4], [2, 4, 5] */
static ml_tensor *integers, *target, *places, *mask;     /* [4, 6], [4] of 1..6, [4, 6] of 1..4, [4, 6] */
static ml_tensor *running_mean, *running_var, *chance;   /* [4], [4], [4, 6] from 0 to 1 */
static ml_tensor *tall, *ids, *classes;                  /* [1200, 60], [3000] of 1..1200, [1200] of 1..60 */
static ml_tensor *matrices, *wide_kernel, *depth_kernel; /* [4, 6, 3], [5, 4, 3, 3], [4, 1, 3, 3] */
static ml_tensor *ih, *lstm_hh, *gru_hh, *rnn_hh;        /* [12, 4], [12, 3], [12, 4], [12, 12] */
static ml_tensor *gates, *lengths;                       /* [12], [2] of 1..3 */
static ml_tensor *many[40];                              /* [4, 6] each */

enum { INPUTS = 33 };
static ml_tensor **const inputs[INPUTS] = {
    &deep,    &deep_kernel, &deep_bias,
    &x,       &y,       &row,      &weight,  &bias,     &pictures,    &kernel,       &channel,
    &batch_a, &batch_b, &integers, &target,  &places,   &mask,        &running_mean, &running_var,
    &chance,  &tall,    &ids,      &classes, &matrices, &wide_kernel, &depth_kernel, &many[0],
    &ih,      &lstm_hh, &gru_hh,   &rnn_hh,  &gates,    &lengths,
};

/* How the inputs are laid out: the same numbers each time. */
typedef enum layout { PLAIN, STRIDED, MIXED, LAYOUTS } layout;
static const char *const layout_names[LAYOUTS] = {"plain", "strided", "mixed types"};

/* A leaf with its dimensions in reverse order in memory. */
static inline ml_tensor *strided(ml_tensor *plain) {
  ml_shape reversed = plain->shape;
  int n = plain->shape.ndim;
  for (int i = 0; i < n; i++) reversed.size[i] = plain->shape.size[n - 1 - i];
  ml_tensor *memory, *view;
  CHECK_OK(&context, ml_empty(&context, &reversed, (ml_dtype)plain->dtype, &memory));
  CHECK_OK(&context, ml_alias(&context, memory, &view));
  view->shape = plain->shape;
  for (int i = 0; i < n; i++) view->stride[i] = memory->stride[n - 1 - i];
  CHECK_OK(&context, ml_copy(&context, plain, view));
  view->requires_grad = plain->requires_grad;
  ml_release(memory);
  ml_release(plain);
  return view;
}

static inline ml_tensor *numbers(ml_shape shape, double low, double high, layout how, bool wide) {
  static uint64_t key;
  ml_tensor *t;
  CHECK_OK(&context, ml_empty(&context, &shape, how == MIXED && wide ? ML_FLOAT64 : ML_FLOAT32, &t));
  CHECK_OK(&context, ml_random_uniform(&context, ++key, low, high, t));
  t->requires_grad = true;
  return how == STRIDED ? strided(t) : t;
}

static inline ml_tensor *positions(ml_shape shape, int64_t highest, layout how) {
  ml_tensor *t;
  CHECK_OK(&context, ml_empty(&context, &shape, how == MIXED ? ML_INT32 : ML_INT64, &t));
  CHECK_OK(&context, ml_random_integers(&context, 99, 1, highest, t));
  return how == STRIDED ? strided(t) : t;
}

static inline void make_inputs(layout how) {
  ml_shape matrix = ml_make_shape(2, 4, 6), four = ml_make_shape(1, 4);
  x = numbers(matrix, -2, 2, how, false);
  y = numbers(matrix, 0.5, 2, how, true);
  row = numbers(ml_make_shape(1, 6), 0.5, 2, how, true);
  weight = numbers(ml_make_shape(2, 5, 6), -1, 1, how, true);
  bias = numbers(ml_make_shape(1, 5), -1, 1, how, false);
  pictures = numbers(ml_make_shape(4, 2, 4, 6, 6), -1, 1, how, false);
  kernel = numbers(ml_make_shape(4, 6, 2, 3, 3), -1, 1, how, true);
  channel = numbers(four, 0.5, 2, how, false);
  batch_a = numbers(ml_make_shape(3, 2, 3, 4), -1, 1, how, false);
  batch_b = numbers(ml_make_shape(3, 2, 4, 5), -1, 1, how, true);
  tall = numbers(ml_make_shape(2, 1200, 60), -1, 1, how, false);
  matrices = numbers(ml_make_shape(3, 4, 6, 3), -1, 1, how, true);
  wide_kernel = numbers(ml_make_shape(4, 5, 4, 3, 3), -1, 1, how, true);
  deep = numbers(ml_make_shape(4, 1, 8, 5, 6), -1, 1, how, false);
  deep_kernel = numbers(ml_make_shape(4, 9, 8, 3, 3), -1, 1, how, true);
  deep_bias = numbers(ml_make_shape(1, 9), -1, 1, how, false);
  depth_kernel = numbers(ml_make_shape(4, 4, 1, 3, 3), -1, 1, how, true);
  ih = numbers(ml_make_shape(2, 12, 4), -1, 1, how, true);
  lstm_hh = numbers(ml_make_shape(2, 12, 3), -1, 1, how, false);
  gru_hh = numbers(ml_make_shape(2, 12, 4), -1, 1, how, false);
  rnn_hh = numbers(ml_make_shape(2, 12, 12), -1, 1, how, false);
  gates = numbers(ml_make_shape(1, 12), -1, 1, how, true);
  lengths = positions(ml_make_shape(1, 2), 3, how);
  ids = positions(ml_make_shape(1, 3000), 1200, how);
  classes = positions(ml_make_shape(1, 1200), 60, how);
  chance = numbers(matrix, 0.1, 0.9, how, true);
  chance->requires_grad = false;
  integers = positions(matrix, 50, how);
  target = positions(four, 6, how);
  places = positions(matrix, 4, how);
  CHECK_OK(&context, ml_empty(&context, &matrix, ML_BOOL, &mask));
  for (int i = 0; i < 24; i++) ((uint8_t *)ml_data(mask))[i] = i % 3 == 0;
  if (how == STRIDED) mask = strided(mask);
  CHECK_OK(&context, ml_zeros(&context, &four, ML_FLOAT32, &running_mean));
  CHECK_OK(&context, ml_zeros(&context, &four, ML_FLOAT32, &running_var));
  for (int i = 0; i < 40; i++) many[i] = numbers(matrix, -1, 1, how, i % 2 == 1);
}

static inline void release_inputs(void) {
  for (int i = 0; i < INPUTS; i++) ml_release(*inputs[i]);
  for (int i = 1; i < 40; i++) ml_release(many[i]);
}

/* The state before each run: no gradients, the running statistics at their start. */
static inline void reset(void) {
  ml_tensor *t;
  for (int i = 0; i < INPUTS + 39; i++) {
    t = i < INPUTS ? *inputs[i] : many[i - INPUTS + 1];
    ml_release(t->grad);
    t->grad = NULL;
  }
  for (int i = 0; i < 4; i++) ml_f32(running_mean)[i] = 0, ml_f32(running_var)[i] = 1;
}

#endif
