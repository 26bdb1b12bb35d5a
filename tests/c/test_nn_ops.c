/* Every layer and loss: results and gradients beside PyTorch's, in both types and for 1, 2 and 7 threads with the same
 * bits; gradients beside central differences; nothing left allocated. */

#include "nn_case.h"

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/autograd.h"
#include "tensor/parallel.h"
#include "tests/fixtures/nn_fixtures.h"

enum { MAX_IN = 3 };

typedef ml_status (*op_function)(ml_context *c, ml_tensor *const *in, ml_tensor **y);

/* kind: a pattern's; 'c' classes, 'h' classes with holes; 0 no more inputs. */
typedef struct nn_case {
  const char *name;
  op_function f;
  struct {
    char kind;
    int ndim;
    int64_t size[4];
    int64_t below;
  } in[MAX_IN];
  const double *y;
  int64_t y_count;
  const double *grad[MAX_IN];
} nn_case;

/* The ops as the fixtures call them ------------------------------------------------------------------------------- */

static ml_status linear(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_linear(c, in[0], in[1], in[2], y);
}
static ml_status softmax_1(ml_context *c, ml_tensor *const *in, ml_tensor **y) { return ml_softmax(c, in[0], 1, y); }
static ml_status log_softmax_1(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_log_softmax(c, in[0], 1, y);
}

static ml_status conv(ml_context *c, ml_tensor *const *in, conv2d_options o, ml_tensor **y) {
  if (o.stride.h == 0) o.stride = (ml_pair){1, 1};
  if (o.dilation.h == 0) o.dilation = (ml_pair){1, 1};
  if (o.groups == 0) o.groups = 1;
  return ml_conv2d(c, in[0], in[1], in[2], &o, y);
}
static ml_status conv_plain(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return conv(c, in, (conv2d_options){0}, y);
}
static ml_status conv_padded(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return conv(c, in, (conv2d_options){.padding = {1, 1}}, y);
}
static ml_status conv_strided(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return conv(c, in, (conv2d_options){.stride = {2, 2}, .padding = {1, 1}, .groups = 2}, y);
}
static ml_status conv_same(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return conv(c, in, (conv2d_options){.dilation = {2, 2}, .padding = {-1, -1}}, y);
}
static ml_status conv_depthwise(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return conv(c, in, (conv2d_options){.stride = {1, 2}, .padding = {1, 2}, .groups = 3}, y);
}

static ml_status max_pool(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_max_pool2d(c, in[0], (ml_pair){2, 2}, &(max_pool2d_options){0}, y);
}
static ml_status max_pool_padded(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_max_pool2d(c, in[0], (ml_pair){3, 3}, &(max_pool2d_options){.stride = {2, 2}, .padding = {1, 1}}, y);
}
static ml_status avg_pool(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_avg_pool2d(c, in[0], (ml_pair){2, 3}, &(avg_pool2d_options){.stride = {1, 2}}, y);
}
static ml_status avg_pool_padded(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_avg_pool2d(c, in[0], (ml_pair){3, 3}, &(avg_pool2d_options){.stride = {2, 2}, .padding = {1, 1}}, y);
}
static ml_status adaptive_avg(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_adaptive_avg_pool2d(c, in[0], (ml_pair){2, 3}, y);
}
static ml_status adaptive_max(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_adaptive_max_pool2d(c, in[0], (ml_pair){2, 3}, y);
}
static ml_status embedding(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_embedding(c, in[0], in[1], y);
}

static ml_status batch_norm(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_batch_norm(c, in[0], in[1], in[2], NULL, NULL,
                       &(batch_norm_options){.training = true, .momentum = 0.1, .eps = 1e-5}, y);
}
static ml_status batch_norm_eval(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  ml_tensor *mean = NULL, *var = NULL;
  ml_status status = try_pattern(c, ml_make_shape(1, 2), ML_FLOAT64, 5, 's', &mean);
  if (status == ML_OK) status = try_pattern(c, ml_make_shape(1, 2), ML_FLOAT64, 6, 'p', &var);
  if (status == ML_OK)
    status = ml_batch_norm(c, in[0], in[1], in[2], mean, var, &(batch_norm_options){.momentum = 0.1, .eps = 1e-3}, y);
  ml_release(mean);
  ml_release(var);
  return status;
}
static ml_status layer_norm(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_layer_norm(c, in[0], in[1], in[2], &(layer_norm_options){.dims = 1, .eps = 1e-5}, y);
}
static ml_status layer_norm_two(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_layer_norm(c, in[0], in[1], in[2], &(layer_norm_options){.dims = 2, .eps = 1e-5}, y);
}

static ml_status cross(ml_context *c, ml_tensor *const *in, double smoothing, ml_reduction reduction, ml_tensor **y) {
  return ml_cross_entropy(c, in[0], in[1], in[2],
                          &(cross_entropy_options){.label_smoothing = smoothing, .reduction = reduction}, y);
}
static ml_status cross_mean(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return cross(c, in, 0, ML_REDUCTION_MEAN, y);
}
static ml_status cross_smooth(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return cross(c, in, 0.1, ML_REDUCTION_MEAN, y);
}
static ml_status cross_smoother(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return cross(c, in, 0.2, ML_REDUCTION_MEAN, y);
}
static ml_status cross_sum(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return cross(c, in, 0, ML_REDUCTION_SUM, y);
}
static ml_status cross_none(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return cross(c, in, 0.1, ML_REDUCTION_NONE, y);
}
static ml_status nll(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_nll_loss(c, in[0], in[1], in[2], &(nll_loss_options){.reduction = ML_REDUCTION_MEAN}, y);
}
static ml_status mse(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_mse_loss(c, in[0], in[1], &(mse_loss_options){ML_REDUCTION_MEAN}, y);
}
static ml_status l1_sum(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_l1_loss(c, in[0], in[1], &(l1_loss_options){ML_REDUCTION_SUM}, y);
}
static ml_status huber(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_huber_loss(c, in[0], in[1], &(huber_loss_options){.delta = 0.4, .reduction = ML_REDUCTION_MEAN}, y);
}
static ml_status huber_none(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_huber_loss(c, in[0], in[1], &(huber_loss_options){.delta = 1, .reduction = ML_REDUCTION_NONE}, y);
}
static ml_status bce(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_bce_with_logits(c, in[0], in[1], in[2], &(bce_with_logits_options){ML_REDUCTION_MEAN}, y);
}
static ml_status bce_sum(ml_context *c, ml_tensor *const *in, ml_tensor **y) {
  return ml_bce_with_logits(c, in[0], in[1], in[2], &(bce_with_logits_options){ML_REDUCTION_SUM}, y);
}

#define RESULT(name) .y = name##_y, .y_count = sizeof name##_y / sizeof(double)
#define G1(name)     RESULT(name), .grad = {name##_d0}
#define G2(name)     RESULT(name), .grad = {name##_d0, name##_d1}
#define G3(name)     RESULT(name), .grad = {name##_d0, name##_d1, name##_d2}

static const nn_case cases[] = {
    {"linear", linear, {{'s', 3, {2, 3, 4}, 0}, {'s', 2, {5, 4}, 0}, {'s', 1, {5}, 0}}, G3(linear)},
    {"softmax of rows", softmax_1, {{'s', 2, {3, 5}, 0}}, G1(softmax_last)},
    {"softmax of columns", softmax_1, {{'s', 3, {2, 4, 3}, 0}}, G1(softmax_middle)},
    {"log_softmax of rows", log_softmax_1, {{'s', 2, {3, 5}, 0}}, G1(log_softmax_last)},
    {"log_softmax of columns", log_softmax_1, {{'s', 3, {2, 4, 3}, 0}}, G1(log_softmax_middle)},
    {"conv2d", conv_plain, {{'s', 4, {2, 3, 4, 5}, 0}, {'s', 4, {4, 3, 3, 2}, 0}, {'s', 1, {4}, 0}}, G3(conv)},
    {"conv2d padded",
     conv_padded,
     {{'s', 4, {2, 2, 4, 5}, 0}, {'s', 4, {3, 2, 3, 3}, 0}, {'s', 1, {3}, 0}},
     G3(conv_padded)},
    {"conv2d strided",
     conv_strided,
     {{'s', 4, {2, 4, 5, 6}, 0}, {'s', 4, {4, 2, 3, 2}, 0}, {'s', 1, {4}, 0}},
     G3(conv_strided)},
    {"conv2d same", conv_same, {{'s', 4, {1, 2, 5, 6}, 0}, {'s', 4, {3, 2, 3, 2}, 0}}, G2(conv_same)},
    {"conv2d depthwise", conv_depthwise, {{'s', 4, {2, 3, 4, 4}, 0}, {'s', 4, {6, 1, 3, 3}, 0}}, G2(conv_depthwise)},
    {"conv2d 1x1",
     conv_plain,
     {{'s', 4, {2, 3, 3, 4}, 0}, {'s', 4, {5, 3, 1, 1}, 0}, {'s', 1, {5}, 0}},
     G3(conv_pointwise)},
    {"max_pool2d", max_pool, {{'s', 4, {2, 3, 4, 6}, 0}}, G1(max_pool)},
    {"max_pool2d of odd sizes", max_pool, {{'s', 4, {1, 2, 5, 7}, 0}}, G1(max_pool_cut)},
    {"max_pool2d padded", max_pool_padded, {{'s', 4, {1, 2, 5, 5}, 0}}, G1(max_pool_padded)},
    {"avg_pool2d", avg_pool, {{'s', 4, {1, 2, 4, 6}, 0}}, G1(avg_pool)},
    {"avg_pool2d padded", avg_pool_padded, {{'s', 4, {1, 2, 5, 5}, 0}}, G1(avg_pool_padded)},
    {"adaptive_avg_pool2d", adaptive_avg, {{'s', 4, {1, 2, 5, 7}, 0}}, G1(adaptive_avg)},
    {"adaptive_max_pool2d", adaptive_max, {{'s', 4, {1, 2, 5, 7}, 0}}, G1(adaptive_max)},
    {"embedding", embedding, {{'c', 2, {2, 3}, 5}, {'s', 2, {5, 4}, 0}}, RESULT(embedding), {NULL, embedding_d1}},
    {"batch_norm", batch_norm, {{'s', 2, {4, 3}, 0}, {'s', 1, {3}, 0}, {'s', 1, {3}, 0}}, G3(batch_norm)},
    {"batch_norm of pictures",
     batch_norm,
     {{'s', 4, {3, 2, 2, 3}, 0}, {'s', 1, {2}, 0}, {'s', 1, {2}, 0}},
     G3(batch_norm_pictures)},
    {"batch_norm outside training",
     batch_norm_eval,
     {{'s', 4, {3, 2, 2, 3}, 0}, {'s', 1, {2}, 0}, {'s', 1, {2}, 0}},
     G3(batch_norm_eval)},
    {"layer_norm", layer_norm, {{'s', 3, {2, 3, 5}, 0}, {'s', 1, {5}, 0}, {'s', 1, {5}, 0}}, G3(layer_norm)},
    {"layer_norm of two dimensions", layer_norm_two, {{'s', 3, {2, 3, 4}, 0}, {'s', 2, {3, 4}, 0}}, G2(layer_norm_two)},
    {"cross_entropy", cross_mean, {{'s', 2, {5, 4}, 0}, {'c', 1, {5}, 4}}, G1(cross_entropy)},
    {"cross_entropy weighted and smoothed",
     cross_smooth,
     {{'s', 2, {5, 4}, 0}, {'c', 1, {5}, 4}, {'p', 1, {4}, 0}},
     G1(cross_entropy_weighted)},
    {"cross_entropy with ignored targets",
     cross_smoother,
     {{'s', 2, {7, 4}, 0}, {'h', 1, {7}, 4}, {'p', 1, {4}, 0}},
     G1(cross_entropy_ignored)},
    {"cross_entropy of pictures",
     cross_sum,
     {{'s', 4, {2, 3, 2, 2}, 0}, {'c', 3, {2, 2, 2}, 3}},
     G1(cross_entropy_pictures)},
    {"cross_entropy unreduced",
     cross_none,
     {{'s', 2, {5, 4}, 0}, {'c', 1, {5}, 4}, {'p', 1, {4}, 0}},
     G1(cross_entropy_none)},
    {"nll_loss", nll, {{'s', 3, {2, 4, 3}, 0}, {'c', 2, {2, 3}, 4}, {'p', 1, {4}, 0}}, G1(nll)},
    {"mse_loss", mse, {{'s', 2, {4, 3}, 0}, {'s', 2, {4, 3}, 0}}, G2(mse)},
    {"l1_loss", l1_sum, {{'s', 2, {4, 3}, 0}, {'s', 2, {4, 3}, 0}}, G2(l1)},
    {"huber_loss", huber, {{'s', 2, {4, 3}, 0}, {'s', 2, {4, 3}, 0}}, G2(huber)},
    {"huber_loss unreduced", huber_none, {{'s', 2, {4, 3}, 0}, {'s', 2, {4, 3}, 0}}, G2(huber_none)},
    {"bce_with_logits", bce, {{'s', 2, {4, 3}, 0}, {'u', 2, {4, 3}, 0}}, G1(bce)},
    {"bce_with_logits weighted",
     bce_sum,
     {{'s', 2, {4, 3}, 0}, {'u', 2, {4, 3}, 0}, {'p', 1, {3}, 0}},
     G1(bce_weighted)},
};

/* Running a case -------------------------------------------------------------------------------------------------- */

static void make_inputs(ml_context *c, const nn_case *k, ml_dtype dtype, ml_tensor *in[MAX_IN]) {
  for (int i = 0; i < MAX_IN; i++) {
    in[i] = NULL;
    char kind = k->in[i].kind;
    if (kind == 0) continue;
    ml_shape shape = {.ndim = k->in[i].ndim};
    for (int d = 0; d < shape.ndim; d++) shape.size[d] = k->in[i].size[d];
    if (kind == 'c' || kind == 'h')
      in[i] = make_classes(c, shape, k->in[i].below, kind == 'h');
    else
      in[i] = make_pattern(c, shape, dtype, i, kind);
    in[i]->requires_grad = k->grad[i] != NULL;
  }
}

static void release_all(ml_tensor *in[MAX_IN]) {
  for (int i = 0; i < MAX_IN; i++) ml_release(in[i]);
}

/* Forward and backward of pattern 9; *y for the caller. */
static void run_case(ml_context *c, const nn_case *k, ml_tensor *in[MAX_IN], ml_tensor **y) {
  *y = NULL;
  CHECK_OK(c, k->f(c, in, y));
  if (*y == NULL) return;
  ml_tensor *g = make_pattern(c, (*y)->shape, (ml_dtype)(*y)->dtype, 9, 's');
  CHECK_OK(c, ml_backward(c, *y, &(ml_backward_options){.gradient = g}));
  ml_release(g);
  ml_tensor *lies_anyhow = *y;
  CHECK_OK(c, ml_contiguous_unrecorded(c, lies_anyhow, y));
  ml_release(lies_anyhow);
}

static void matches_the_oracle(ml_context *c, const nn_case *k, ml_dtype dtype, double tolerance) {
  ml_tensor *in[MAX_IN], *y;
  make_inputs(c, k, dtype, in);
  run_case(c, k, in, &y);
  check_elements(k->name, "result", y, k->y, k->y_count, tolerance);
  for (int i = 0; i < MAX_IN; i++)
    if (k->grad[i])
      check_elements(k->name, i == 0 ? "dx" : "gradient", in[i]->grad, k->grad[i], ml_count(in[i]), tolerance);
  ml_release(y);
  release_all(in);
}

static bool same_bits(const ml_tensor *a, const ml_tensor *b) {
  return a && b && ml_count(a) == ml_count(b) &&
         memcmp(ml_data(a), ml_data(b), (size_t)ml_count(a) * ml_dtype_size((ml_dtype)a->dtype)) == 0;
}

static void threads_do_not_matter(ml_context *c, const nn_case *k) {
  ml_tensor *in[MAX_IN], *y, *again[MAX_IN], *z;
  ml_threads_set(1);
  make_inputs(c, k, ML_FLOAT32, in);
  run_case(c, k, in, &y);
  for (int threads = 2; threads <= 7; threads += 5) {
    ml_threads_set(threads);
    make_inputs(c, k, ML_FLOAT32, again);
    run_case(c, k, again, &z);
    bool same = same_bits(y, z);
    for (int i = 0; i < MAX_IN; i++) same = same && (k->grad[i] == NULL || same_bits(in[i]->grad, again[i]->grad));
    check_record(same, __FILE__, __LINE__, "%s: other bits with %d threads", k->name, threads);
    ml_release(z);
    release_all(again);
  }
  ml_threads_set(2);
  ml_release(y);
  release_all(in);
}

/* sum(y * pattern): a scalar in which every element of y has a weight of its own. */
static ml_status weighed(ml_context *c, ml_tensor *const *in, int count, void *arg, ml_tensor **out) {
  const nn_case *k = arg;
  ml_tensor *padded[MAX_IN] = {0}, *y = NULL, *product = NULL;
  for (int i = 0; i < count; i++) padded[i] = in[i];
  ML_TRY(k->f(c, padded, &y));
  ml_tensor *g = make_pattern(c, y->shape, ML_FLOAT64, 9, 's');
  ml_status status = ml_mul(c, y, g, &product);
  if (status == ML_OK) status = ml_sum(c, product, &(ml_dims){.count = -1}, &(sum_options){0}, out);
  ml_release(y);
  ml_release(g);
  ml_release(product);
  return status;
}

static void agrees_with_differences(ml_context *c, const nn_case *k) {
  ml_tensor *in[MAX_IN];
  make_inputs(c, k, ML_FLOAT64, in);
  int count = 0;
  while (count < MAX_IN && in[count]) count++;
  ml_status status = ml_gradcheck(c, weighed, (void *)(uintptr_t)k, in, count, NULL);
  check_record(status == ML_OK, __FILE__, __LINE__, "%s: %s", k->name, c->message);
  release_all(in);
}

/* The sum of the squared gradient for input 0, through create_graph: gradcheck then compares ITS gradient. What the
 * inner backward gives to the leaves is taken away again. */
static ml_status gradient_norm(ml_context *c, ml_tensor *const *in, int count, void *arg, ml_tensor **out) {
  ml_tensor *y = NULL, *square = NULL, *kept[MAX_IN];
  bool before = c->grad_enabled, required = in[0]->requires_grad;
  for (int i = 0; i < count; i++) {
    kept[i] = in[i]->grad;
    in[i]->grad = NULL;
  }
  c->grad_enabled = in[0]->requires_grad = true;
  ml_status status = weighed(c, in, count, arg, &y);
  if (status == ML_OK) status = ml_backward(c, y, &(ml_backward_options){.create_graph = true});
  if (status == ML_OK) status = ml_square(c, in[0]->grad, &square);
  if (status == ML_OK) status = ml_sum(c, square, &(ml_dims){.count = -1}, &(sum_options){0}, out);
  for (int i = 0; i < count; i++) {
    ml_release(in[i]->grad);
    in[i]->grad = kept[i];
  }
  c->grad_enabled = before;
  in[0]->requires_grad = required;
  ml_release(y);
  ml_release(square);
  return status;
}

static const nn_case *named(const char *name) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (strcmp(cases[i].name, name) == 0) return &cases[i];
  return NULL;
}

static void gradients_have_gradients(ml_context *c) {
  static const char *const names[] = {"linear", "mse_loss", "huber_loss", "bce_with_logits",
                                      "bce_with_logits weighted"};
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    const nn_case *k = named(names[n]);
    ml_tensor *in[MAX_IN];
    make_inputs(c, k, ML_FLOAT64, in);
    int count = 0;
    while (count < MAX_IN && in[count]) count++;
    for (int i = 0; i < count; i++) in[i]->requires_grad = i == (strcmp(names[n], "linear") == 0 ? 1 : 0);
    ml_status status = ml_gradcheck(c, gradient_norm, (void *)(uintptr_t)k, in, count, NULL);
    check_record(status == ML_OK, __FILE__, __LINE__, "%s, second order: %s", k->name, c->message);
    release_all(in);
  }
}

/* With the n-th allocation failing, for every n, a case reports it and leaves nothing behind. */
static void survives_failed_allocations(ml_context *c, const nn_case *k) {
  size_t live = ml_alloc_statistics().live;
  for (uint64_t n = 1; n < 1000; n++) {
    ml_tensor *in[MAX_IN], *y = NULL, *g = NULL;
    make_inputs(c, k, ML_FLOAT32, in);
    ml_alloc_fail_at(n, false);
    ml_status status = k->f(c, in, &y);
    if (status == ML_OK) {
      ml_alloc_fail_at(0, false);
      g = make_pattern(c, y->shape, ML_FLOAT32, 9, 's');
      ml_alloc_fail_at(n, false);
      status = ml_backward(c, y, &(ml_backward_options){.gradient = g});
    }
    ml_alloc_fail_at(0, false);
    ml_release(y);
    ml_release(g);
    release_all(in);
    if (status == ML_OK) break;
    check_record(status == ML_OUT_OF_MEMORY, __FILE__, __LINE__, "%s: status %d at allocation %d", k->name, (int)status,
                 (int)n);
  }
  check_record(ml_alloc_statistics().live == live, __FILE__, __LINE__, "%s: leaves %zd bytes", k->name,
               (ssize_t)(ml_alloc_statistics().live - live));
}

static void running_statistics_move(ml_context *c) {
  ml_tensor *x = make_pattern(c, ml_make_shape(4, 3, 2, 2, 3), ML_FLOAT32, 0, 's'), *y = NULL;
  ml_tensor *mean = make_pattern(c, ml_make_shape(1, 2), ML_FLOAT32, 5, 's');
  ml_tensor *var = make_pattern(c, ml_make_shape(1, 2), ML_FLOAT32, 6, 'p');
  uint32_t version = mean->storage->version;
  CHECK_OK(c, ml_batch_norm(c, x, NULL, NULL, mean, var,
                            &(batch_norm_options){.training = true, .momentum = 0.2, .eps = 1e-5}, &y));
  check_elements("batch_norm", "running_mean", mean, running_mean, 2, 1e-6);
  check_elements("batch_norm", "running_var", var, running_var, 2, 1e-6);
  CHECK(mean->storage->version == version + 1);
  ml_tensor *all[] = {x, y, mean, var};
  for (int i = 0; i < 4; i++) ml_release(all[i]);
}

static void all_targets_ignored_is_nan(ml_context *c) {
  ml_tensor *x = make_pattern(c, ml_make_shape(2, 2, 3), ML_FLOAT32, 0, 's'), *t = NULL, *y = NULL;
  ml_shape shape = ml_make_shape(1, 2);
  x->requires_grad = true;
  CHECK_OK(c, ml_zeros(c, &shape, ML_INT64, &t));
  CHECK_OK(c, ml_cross_entropy(c, x, t, NULL, &(cross_entropy_options){.reduction = ML_REDUCTION_MEAN}, &y));
  CHECK(isnan(element(y, 0)));
  CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){0}));
  CHECK_CLOSE(element(x->grad, 4), 0, 0);
  ml_release(x);
  ml_release(t);
  ml_release(y);
}

static void softmax_survives_large_logits(ml_context *c) {
  ml_shape shape = ml_make_shape(1, 2);
  ml_tensor *x = NULL, *y = NULL;
  CHECK_OK(c, ml_zeros(c, &shape, ML_FLOAT32, &x));
  ml_f32(x)[0] = 1e4f;
  CHECK_OK(c, ml_softmax(c, x, -1, &y));
  CHECK_CLOSE(element(y, 0), 1, 0);
  CHECK_CLOSE(element(y, 1), 0, 0);
  ml_release(x);
  ml_release(y);
}

static void max_pool_lets_nan_win(ml_context *c) {
  ml_tensor *x = make_pattern(c, ml_make_shape(4, 1, 1, 2, 4), ML_FLOAT32, 0, 's'), *y = NULL;
  for (int grad = 0; grad < 2; grad++) {
    x->requires_grad = grad;
    ml_f32(x)[4] = NAN;
    CHECK_OK(c, max_pool(c, &x, &y));
    CHECK(isnan(element(y, 0)));
    CHECK(!isnan(element(y, 1)));
    ml_release(y);
  }
  ml_release(x);
}

static void padding_ids_are_zeros(ml_context *c) {
  ml_tensor *ids = make_classes(c, ml_make_shape(1, 4), 5, true), *y = NULL;
  ml_tensor *weight = make_pattern(c, ml_make_shape(2, 5, 3), ML_FLOAT32, 1, 's');
  weight->requires_grad = true;
  CHECK_OK(c, ml_embedding(c, ids, weight, &y));
  ml_tensor *g = make_pattern(c, y->shape, ML_FLOAT32, 9, 's');
  CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){.gradient = g}));
  CHECK_CLOSE(element(y, 0), 0, 0);
  double got = 0, expected = 0;
  for (int i = 0; i < 15; i++) got += element(weight->grad, i);
  for (int i = 3; i < 9; i++) expected += element(g, i); /* ids 1 and 2 of the four are not padding */
  CHECK_CLOSE(got, expected, 1e-6);
  ml_tensor *all[] = {ids, y, weight, g};
  for (int i = 0; i < 4; i++) ml_release(all[i]);
}

/* Dropout --------------------------------------------------------------------------------------------------------- */

static void dropout_drops_the_share_p(ml_context *c) {
  ml_shape shape = ml_make_shape(1, 20001);
  ml_tensor *x = NULL, *y = NULL, *z = NULL;
  CHECK_OK(c, ml_full(c, &shape, ML_FLOAT32, 3, &x));
  x->requires_grad = true;
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 0.25, .key = 7}, &y));
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 0.25, .key = 7}, &z));
  CHECK(same_bits(y, z));
  int64_t dropped = 0;
  bool others_scaled = true;
  for (int64_t i = 0; i < 20001; i++) {
    if (ml_f32(y)[i] == 0)
      dropped++;
    else
      others_scaled = others_scaled && ml_f32(y)[i] == 4;
  }
  CHECK(others_scaled);
  CHECK_CLOSE((double)dropped / 20001, 0.25, 0.015);
  ml_release(z);
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 0.25, .key = 8}, &z));
  CHECK(!same_bits(y, z));
  ml_tensor *g = make_pattern(c, y->shape, ML_FLOAT32, 9, 'p');
  CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){.gradient = g}));
  bool where_kept = true;
  for (int64_t i = 0; i < 20001; i++) where_kept = where_kept && (ml_f32(y)[i] == 0) == (ml_f32(x->grad)[i] == 0);
  CHECK(where_kept);
  ml_tensor *all[] = {x, y, z, g};
  for (int i = 0; i < 4; i++) ml_release(all[i]);
}

static void dropout_without_a_key_draws_one(ml_context *c) {
  ml_shape shape = ml_make_shape(1, 100);
  ml_tensor *x = NULL, *y = NULL, *z = NULL;
  CHECK_OK(c, ml_full(c, &shape, ML_FLOAT32, 1, &x));
  x->requires_grad = true;
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 0.5}, &y));
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 0.5}, &z));
  CHECK(!same_bits(y, z));
  ml_tensor *g = NULL;
  CHECK_OK(c, ml_full(c, &shape, ML_FLOAT32, 1, &g));
  CHECK_OK(c, ml_backward(c, y, &(ml_backward_options){.gradient = g}));
  CHECK(same_bits(y, x->grad)); /* x and g are ones: backward drew the same mask */
  ml_tensor *all[] = {x, y, z, g};
  for (int i = 0; i < 4; i++) ml_release(all[i]);
}

static void dropout_knows_its_limits(ml_context *c) {
  ml_tensor *x = make_pattern(c, ml_make_shape(1, 9), ML_FLOAT64, 0, 's'), *y = NULL;
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 1, .key = 3}, &y));
  for (int i = 0; i < 9; i++) CHECK_CLOSE(element(y, i), 0, 0);
  ml_release(y);
  CHECK_OK(c, ml_dropout(c, x, &(dropout_options){.p = 0, .key = 3}, &y));
  CHECK(same_bits(x, y));
  ml_release(y);
  ml_release(x);
}

int main(void) {
  ml_context context, *c = &context;
  ml_context_init(c);
  ml_threads_set(2);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    matches_the_oracle(c, &cases[i], ML_FLOAT64, 1e-10);
    matches_the_oracle(c, &cases[i], ML_FLOAT32, 3e-6);
    agrees_with_differences(c, &cases[i]);
    threads_do_not_matter(c, &cases[i]);
    survives_failed_allocations(c, &cases[i]);
  }
  gradients_have_gradients(c);
  running_statistics_move(c);
  all_targets_ignored_is_nan(c);
  softmax_survives_large_logits(c);
  max_pool_lets_nan_win(c);
  padding_ids_are_zeros(c);
  dropout_drops_the_share_p(c);
  dropout_without_a_key_draws_one(c);
  dropout_knows_its_limits(c);
  CHECK_INT(ml_alloc_statistics().live, 0);
  ml_threads_stop();
  return check_report();
}
