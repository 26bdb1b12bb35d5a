/* Wrong shapes and options: each message names the op, the user's own shapes and, where it can be computed, the way
 * out. Tensors here have a shape and no storage: what is checked before there is data is checked without it. */

#include "nn_case.h"

#include "ops.gen.h"
#include "tensor/alloc.h"

/* Shape-only tensors of this test, released together. */
static ml_tensor *made[64];
static int made_count;

static ml_tensor *shaped(ml_context *c, ml_shape shape) {
  CHECK_OK(c, ml_shape_only(c, &shape, ML_FLOAT32, &made[made_count]));
  return made[made_count++];
}
static ml_tensor *ids(ml_context *c, ml_shape shape) {
  CHECK_OK(c, ml_shape_only(c, &shape, ML_INT64, &made[made_count]));
  return made[made_count++];
}
#define X(...)                 shaped(c, ml_make_shape(__VA_ARGS__))
#define IDS(...)               ids(c, ml_make_shape(__VA_ARGS__))
#define REFUSES(message, call) CHECK_FAILS(c, ML_ERROR, message, call)

static void linear_names_both_shapes(ml_context *c, ml_tensor **y) {
  REFUSES("linear: the last dimension of x must be 784, got 28\n"
          "  x       [64, 1, 28, 28]\n"
          "                      ^^\n"
          "  weight  [256, 784]\n"
          "  hint: 1*28*28 = 784; put nn.Flatten() before it",
          ml_linear(c, X(4, 64, 1, 28, 28), X(2, 256, 784), NULL, y));
  REFUSES("linear: the last dimension of x must be 5, got 3\n"
          "  x       [2, 3]\n"
          "              ^\n"
          "  weight  [3, 5]\n"
          "  hint: weight is [out, in]; it seems to be transposed",
          ml_linear(c, X(2, 2, 3), X(2, 3, 5), NULL, y));
  REFUSES("linear: bias must be [4], one number a row of weight, got [3]\n"
          "  x       [2, 3]",
          ml_linear(c, X(2, 2, 3), X(2, 4, 3), X(1, 3), y));
}

static void conv2d_says_what_does_not_fit(ml_context *c, ml_tensor **y) {
  conv2d_options plain = {{1, 1}, {0, 0}, {1, 1}, 1}, o = plain;
  REFUSES("conv2d: x must have 4 dimensions (batch, channels, rows, columns), got [64, 28, 28]\n"
          "  hint: x:unsqueeze(2) for a batch of one channel, x:unsqueeze(1) for one picture",
          ml_conv2d(c, X(3, 64, 28, 28), X(4, 8, 1, 3, 3), NULL, &plain, y));
  REFUSES("conv2d: x must have 3 channels, got 28\n"
          "  x       [64, 28, 28, 3]\n"
          "               ^^\n"
          "  weight  [8, 3, 3, 3]\n"
          "  hint: channels come before rows and columns: x:permute(1, 4, 2, 3)",
          ml_conv2d(c, X(4, 64, 28, 28, 3), X(4, 8, 3, 3, 3), NULL, &plain, y));
  REFUSES("conv2d: the window (5 x 5) is larger than the padded picture (4 x 9)\n"
          "  x       [1, 1, 4, 9]\n"
          "  weight  [2, 1, 5, 5]",
          ml_conv2d(c, X(4, 1, 1, 4, 9), X(4, 2, 1, 5, 5), NULL, &plain, y));
  o.padding = (ml_pair){-1, -1}, o.stride = (ml_pair){2, 2};
  REFUSES("conv2d: padding = \"same\" needs stride 1, got {2, 2}\n"
          "  hint: with stride, say the padding in numbers, e.g. padding = 1 for a 3x3 kernel",
          ml_conv2d(c, X(4, 1, 1, 9, 9), X(4, 2, 1, 3, 3), NULL, &o, y));
  o = plain, o.groups = 2;
  REFUSES("conv2d: groups (2) must divide the channels of x, got 3\n"
          "  x       [1, 3, 9, 9]\n"
          "              ^\n"
          "  weight  [4, 1, 3, 3]",
          ml_conv2d(c, X(4, 1, 3, 9, 9), X(4, 4, 1, 3, 3), NULL, &o, y));
  o = plain, o.stride.w = 0;
  REFUSES("conv2d: stride must be at least 1, got {1, 0}",
          ml_conv2d(c, X(4, 1, 1, 9, 9), X(4, 2, 1, 3, 3), NULL, &o, y));
}

static void pools_check_their_windows(ml_context *c, ml_tensor **y) {
  REFUSES("max_pool2d: the window (3 x 3) is larger than the padded picture (2 x 8)\n"
          "  x       [1, 1, 2, 8]\n"
          "                 ^",
          ml_max_pool2d(c, X(4, 1, 1, 2, 8), (ml_pair){3, 3}, &(max_pool2d_options){0}, y));
  REFUSES("avg_pool2d: padding must be from 0 to half the window's size {2, 2}, got {2, 2}",
          ml_avg_pool2d(c, X(4, 1, 1, 8, 8), (ml_pair){2, 2}, &(avg_pool2d_options){.padding = {2, 2}}, y));
  REFUSES("adaptive_avg_pool2d: size must be at least 1, got {0, 1}",
          ml_adaptive_avg_pool2d(c, X(4, 1, 1, 8, 8), (ml_pair){0, 1}, y));
}

static void norms_check_their_parameters(ml_context *c, ml_tensor **y) {
  batch_norm_options training = {true, 0.1, 1e-5, ML_ACTIVATION_NONE}, eval = {false, 0.1, 1e-5, ML_ACTIVATION_NONE};
  REFUSES("batch_norm: weight must be [3], one number a channel of x, got [4]\n"
          "  x       [2, 3]",
          ml_batch_norm(c, X(2, 2, 3), X(1, 4), NULL, NULL, NULL, &training, y));
  REFUSES("batch_norm: outside training it needs running_mean and running_var",
          ml_batch_norm(c, X(2, 2, 3), NULL, NULL, NULL, NULL, &eval, y));
  REFUSES("layer_norm: weight must be [4, 5], as the last dimensions of x are, got [5]\n"
          "  x       [2, 4, 5]",
          ml_layer_norm(c, X(3, 2, 4, 5), X(1, 5), NULL, &(layer_norm_options){2, 1e-5}, y));
  REFUSES("layer_norm: dims must be from 1 to the 2 dimensions of x [2, 3], got 3",
          ml_layer_norm(c, X(2, 2, 3), NULL, NULL, &(layer_norm_options){3, 1e-5}, y));
  REFUSES("rms_norm: weight must be [3], one number a column of x, got [2]\n"
          "  x       [2, 3]",
          ml_rms_norm(c, X(2, 2, 3), X(1, 2), &(rms_norm_options){1e-6}, y));
  REFUSES("rms_norm: x must have at least one dimension, got a scalar", ml_rms_norm(c, X(0), NULL, &(rms_norm_options){1e-6}, y));
  REFUSES("group_norm: the 4 channels of x do not fall into 3 groups\n"
          "  x       [2, 4, 5]\n"
          "              ^",
          ml_group_norm(c, X(3, 2, 4, 5), NULL, NULL, 3, &(group_norm_options){1e-5}, y));
  REFUSES("group_norm: bias must be [4], one number a channel of x, got [2]\n"
          "  x       [2, 4]",
          ml_group_norm(c, X(2, 2, 4), NULL, X(1, 2), 2, &(group_norm_options){1e-5}, y));
  REFUSES("group_norm: x must have at least 2 dimensions (batch, channels), got [4]",
          ml_group_norm(c, X(1, 4), NULL, NULL, 2, &(group_norm_options){1e-5}, y));
  REFUSES("dropout: p must be from 0 to 1, got 1.5", ml_dropout(c, X(1, 3), &(dropout_options){.p = 1.5}, y));
}

static void losses_refuse_to_broadcast(ml_context *c, ml_tensor **y) {
  cross_entropy_options mean = {.reduction = ML_REDUCTION_MEAN};
  REFUSES("mse_loss: x and target must have the same shape, got [64, 1] and [64]\n"
          "  hint: x:squeeze(2) or target:unsqueeze(2)",
          ml_mse_loss(c, X(2, 64, 1), X(1, 64), &(mse_loss_options){ML_REDUCTION_MEAN}, y));
  REFUSES("l1_loss: x and target must have the same shape, got [3] and [4]",
          ml_l1_loss(c, X(1, 3), X(1, 4), &(l1_loss_options){ML_REDUCTION_MEAN}, y));
  REFUSES("huber_loss: delta must be above 0, got 0",
          ml_huber_loss(c, X(1, 3), X(1, 3), &(huber_loss_options){.delta = 0}, y));
  REFUSES("bce_with_logits: pos_weight must be a scalar or [3], as the last dimension of logits [4, 3] is, got [4]",
          ml_bce_with_logits(c, X(2, 4, 3), X(2, 4, 3), X(1, 4), &(bce_with_logits_options){ML_REDUCTION_MEAN}, y));
  REFUSES("cross_entropy: target must be [64] for logits [64, 10], got [64, 1]\n"
          "  hint: target:squeeze(2)",
          ml_cross_entropy(c, X(2, 64, 10), IDS(2, 64, 1), NULL, &mean, y));
  REFUSES("cross_entropy: target must be [64] for logits [64, 10], got [64, 10]\n"
          "  hint: target holds classes (1..10); of one-hot rows take target:argmax(2)",
          ml_cross_entropy(c, X(2, 64, 10), IDS(2, 64, 10), NULL, &mean, y));
  REFUSES("cross_entropy: logits must have at least 2 dimensions (batch, classes), got [10]\n"
          "  hint: logits:unsqueeze(1) for one row",
          ml_cross_entropy(c, X(1, 10), IDS(1, 1), NULL, &mean, y));
}

/* What only the data can show. */
static void positions_are_checked(ml_context *c, ml_tensor **y) {
  ml_tensor *x = make_pattern(c, ml_make_shape(2, 4, 10), ML_FLOAT32, 0, 's');
  ml_tensor *t = make_classes(c, ml_make_shape(1, 4), 10, false);
  ml_i64(t)[2] = 11;
  REFUSES("cross_entropy: target 11 at position 3, but there are 10 classes (1..10)",
          ml_cross_entropy(c, x, t, NULL, &(cross_entropy_options){.reduction = ML_REDUCTION_MEAN}, y));
  REFUSES("embedding: id 11 at position 3, but weight has 4 rows (1..4; 0 is padding)",
          (ml_i64(t)[0] = 1, ml_i64(t)[1] = 1, ml_embedding(c, t, x, y)));
  ml_i64(t)[0] = -1;
  REFUSES("nll_loss: target -1 at position 1, but there are 10 classes (1..10)",
          ml_nll_loss(c, x, t, NULL, &(nll_loss_options){.reduction = ML_REDUCTION_MEAN}, y));
  ml_tensor *one = make_pattern(c, ml_make_shape(2, 1, 3), ML_FLOAT32, 0, 's');
  REFUSES("batch_norm: training needs more than one value a channel, got x [1, 3]\n"
          "  hint: a larger batch, or model:eval() to use the running statistics",
          ml_batch_norm(c, one, NULL, NULL, NULL, NULL, &(batch_norm_options){true, 0.1, 1e-5, ML_ACTIVATION_NONE}, y));
  ml_release(x);
  ml_release(t);
  ml_release(one);
}

/* Shapes and FLOPs come without data. */
static void a_model_is_checked_without_data(ml_context *c, ml_tensor **y) {
  CHECK_OK(c, ml_conv2d(c, X(4, 64, 1, 28, 28), X(4, 32, 1, 3, 3), X(1, 32),
                        &(conv2d_options){{1, 1}, {-1, -1}, {1, 1}, 1}, y));
  CHECK_TEXT(ML_SHAPE(&(*y)->shape), "[64, 32, 28, 28]");
  CHECK_INT(c->flops, 64 * 32 * 28 * 28 * (2 * 9 + 1));
  made[made_count++] = *y;
  CHECK_OK(c, ml_max_pool2d(c, *y, (ml_pair){2, 2}, &(max_pool2d_options){0}, y));
  CHECK_TEXT(ML_SHAPE(&(*y)->shape), "[64, 32, 14, 14]");
  made[made_count++] = *y;
  uint64_t drawn = c->random_counter;
  CHECK_OK(c, ml_dropout(c, *y, &(dropout_options){.p = 0.5}, y));
  CHECK(c->random_counter == drawn); /* nothing is drawn while a model is only checked */
  made[made_count++] = *y;
}

int main(void) {
  static void (*const tests[])(ml_context * c, ml_tensor * *y) = {
      linear_names_both_shapes,        conv2d_says_what_does_not_fit, pools_check_their_windows,
      norms_check_their_parameters,    losses_refuse_to_broadcast,    positions_are_checked,
      a_model_is_checked_without_data,
  };
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    ml_context context, *c = &context;
    ml_tensor *y = NULL;
    ml_context_init(c);
    made_count = 0;
    tests[i](c, &y);
    while (made_count > 0) ml_release(made[--made_count]);
  }
  CHECK_INT(ml_alloc_statistics().live, 0);
  return check_report();
}
