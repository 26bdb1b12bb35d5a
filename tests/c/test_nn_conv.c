/* Convolutions large enough to be cut into chunks and pieces, beside the sum written as the formula has it; and the
 * same bits for any number of threads. */

#include "nn_case.h"

#include "ops.gen.h"
#include "tensor/alloc.h"
#include "tensor/autograd.h"
#include "tensor/parallel.h"

typedef struct conv_case {
  const char *name;
  int64_t images, in, height, width, out, kernel_h, kernel_w;
  conv2d_options o;
} conv_case;

#define ONE                                                                                                            \
  { 1, 1 }
static const conv_case cases[] = {
    {"3x3 padded", 3, 8, 40, 37, 16, 3, 3, {ONE, {1, 1}, ONE, 1}},
    {"3x3 in chunks", 2, 32, 40, 37, 9, 3, 3, {ONE, {1, 1}, ONE, 1}},
    {"stride 2 in chunks", 2, 64, 50, 50, 4, 3, 3, {{2, 2}, {1, 1}, ONE, 1}},
    {"3x3 same, many pictures", 19, 4, 9, 8, 6, 3, 3, {ONE, {-1, -1}, ONE, 1}},
    {"even kernel same", 2, 6, 33, 41, 5, 4, 2, {ONE, {-1, -1}, ONE, 1}},
    {"5x3, wide padding", 2, 5, 12, 50, 7, 5, 3, {ONE, {4, 2}, ONE, 1}},
    {"stride 2", 3, 16, 41, 40, 12, 3, 3, {{2, 2}, {1, 1}, ONE, 1}},
    {"stride 3 x 1, dilation", 2, 10, 40, 40, 9, 3, 2, {{3, 1}, {2, 0}, {2, 3}, 1}},
    {"groups", 2, 12, 40, 30, 8, 3, 3, {ONE, {1, 1}, ONE, 4}},
    {"1x1", 3, 24, 21, 20, 10, 1, 1, {ONE, {0, 0}, ONE, 1}},
    {"1x1 stride 2", 3, 24, 21, 20, 10, 1, 1, {{2, 2}, {0, 0}, ONE, 1}},
    {"1x1 padded", 2, 3, 6, 5, 4, 1, 1, {ONE, {1, 2}, ONE, 1}},
    {"depthwise", 2, 6, 30, 31, 12, 3, 3, {ONE, {1, 1}, ONE, 6}},
    {"depthwise stride 2", 2, 6, 30, 31, 6, 5, 5, {{2, 2}, {2, 2}, ONE, 6}},
    {"one channel", 4, 1, 28, 28, 8, 3, 3, {ONE, {1, 1}, ONE, 1}},
    {"deep", 2, 128, 7, 7, 40, 3, 3, {ONE, {1, 1}, ONE, 1}},
    {"tiles that stick out, one picture", 1, 9, 5, 6, 17, 3, 3, {ONE, {1, 1}, ONE, 1}},
    {"tiles without padding", 3, 16, 7, 7, 32, 3, 3, {ONE, {0, 0}, ONE, 1}},
    {"tiles with wide padding", 2, 33, 9, 6, 20, 3, 3, {ONE, {2, 2}, ONE, 1}},
    {"tiles in many blocks", 9, 16, 28, 29, 16, 3, 3, {ONE, {1, 1}, ONE, 1}},
    {"stride 3, gaps between taps", 2, 5, 13, 14, 6, 2, 2, {{3, 3}, {1, 1}, ONE, 1}},
    {"depthwise, dilated", 2, 21, 12, 13, 21, 3, 5, {ONE, {2, 4}, {2, 2}, 21}},
    {"depthwise, one column", 3, 40, 9, 1, 40, 3, 1, {{2, 1}, {1, 0}, ONE, 40}},
    {"kernel as large as the picture", 2, 3, 6, 7, 5, 6, 7, {ONE, {0, 0}, ONE, 1}},
    {"few channels, strides and dilation", 3, 3, 17, 19, 6, 3, 2, {{2, 3}, {2, 1}, {2, 3}, 1}},
    {"few channels, wide padding", 2, 2, 9, 35, 33, 4, 3, {{1, 2}, {3, 2}, {1, 2}, 1}},
};

typedef struct tensors {
  ml_tensor *x, *weight, *bias, *y, *g;
} tensors;

static void run_case(ml_context *c, const conv_case *k, ml_dtype dtype, tensors *t) {
  t->y = NULL;
  t->x = make_pattern(c, ml_make_shape(4, k->images, k->in, k->height, k->width), dtype, 0, 's');
  t->weight = make_pattern(c, ml_make_shape(4, k->out, k->in / k->o.groups, k->kernel_h, k->kernel_w), dtype, 1, 's');
  t->bias = make_pattern(c, ml_make_shape(1, k->out), dtype, 2, 's');
  t->x->requires_grad = t->weight->requires_grad = t->bias->requires_grad = true;
  CHECK_OK(c, ml_conv2d(c, t->x, t->weight, t->bias, &k->o, &t->y));
  t->g = make_pattern(c, t->y->shape, dtype, 9, 's');
  CHECK_OK(c, ml_backward(c, t->y, &(ml_backward_options){.gradient = t->g}));
  ml_tensor *y = t->y;
  CHECK_OK(c, ml_contiguous_unrecorded(c, y, &t->y)); /* it lies channels-last */
  ml_release(y);
}

static void free_tensors(tensors *t) {
  ml_tensor *all[] = {t->x, t->weight, t->bias, t->y, t->g};
  for (int i = 0; i < 5; i++) ml_release(all[i]);
}

/* The formula: for each element of the result and each tap, once for y and once the other way for the gradients. */
static void by_the_formula(const conv_case *k, const tensors *t, double *y, double *dx, double *dw, double *db) {
  const conv2d_options *o = &k->o;
  int64_t in = k->in / o->groups, each = k->out / o->groups, h = ml_size(t->y, 2), w = ml_size(t->y, 3);
  int64_t top = o->padding.h < 0 ? o->dilation.h * (k->kernel_h - 1) / 2 : o->padding.h;
  int64_t left = o->padding.w < 0 ? o->dilation.w * (k->kernel_w - 1) / 2 : o->padding.w;
  for (int64_t b = 0; b < k->images; b++)
    for (int64_t oc = 0; oc < k->out; oc++)
      for (int64_t p = 0; p < h * w; p++) {
        int64_t result = (b * k->out + oc) * h * w + p;
        double sum = element(t->bias, oc), g = element(t->g, result);
        db[oc] += g;
        for (int64_t tap = 0; tap < in * k->kernel_h * k->kernel_w; tap++) {
          int64_t ch = tap / (k->kernel_h * k->kernel_w), u = tap / k->kernel_w % k->kernel_h, v = tap % k->kernel_w;
          int64_t i = p / w * o->stride.h + u * o->dilation.h - top, j = p % w * o->stride.w + v * o->dilation.w - left;
          if (i < 0 || i >= k->height || j < 0 || j >= k->width) continue;
          int64_t from = ((b * k->in + oc / each * in + ch) * k->height + i) * k->width + j;
          int64_t weight = oc * in * k->kernel_h * k->kernel_w + tap;
          sum += element(t->weight, weight) * element(t->x, from);
          dx[from] += g * element(t->weight, weight);
          dw[weight] += g * element(t->x, from);
        }
        y[result] = sum;
      }
}

static double largest(const double *v, int64_t n) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(v[i]));
  return most;
}

static void near_the_formula(ml_context *c, const conv_case *k, ml_dtype dtype, double tolerance) {
  tensors t;
  run_case(c, k, dtype, &t);
  ml_tensor *got[] = {t.y, t.x->grad, t.weight->grad, t.bias->grad};
  static const char *const what[] = {"result", "dx", "dweight", "dbias"};
  double *expected[4];
  for (int i = 0; i < 4; i++) expected[i] = calloc((size_t)ml_count(got[i]), sizeof(double));
  by_the_formula(k, &t, expected[0], expected[1], expected[2], expected[3]);
  for (int i = 0; i < 4; i++) {
    check_elements(k->name, what[i], got[i], expected[i], ml_count(got[i]),
                   tolerance * (1 + largest(expected[i], ml_count(got[i]))));
    free(expected[i]);
  }
  free_tensors(&t);
}

static bool same_bits(const ml_tensor *a, const ml_tensor *b) {
  return memcmp(ml_data(a), ml_data(b), (size_t)ml_count(a) * ml_dtype_size((ml_dtype)a->dtype)) == 0;
}

static void threads_do_not_matter(ml_context *c, const conv_case *k) {
  tensors one, more;
  ml_threads_set(1);
  run_case(c, k, ML_FLOAT32, &one);
  for (int threads = 2; threads <= 7; threads += 5) {
    ml_threads_set(threads);
    run_case(c, k, ML_FLOAT32, &more);
    check_record(same_bits(one.y, more.y) && same_bits(one.x->grad, more.x->grad) &&
                     same_bits(one.weight->grad, more.weight->grad) && same_bits(one.bias->grad, more.bias->grad),
                 __FILE__, __LINE__, "%s: other bits with %d threads", k->name, threads);
    free_tensors(&more);
  }
  ml_threads_set(2);
  free_tensors(&one);
}

static void an_empty_batch_gives_zero_gradients(ml_context *c) {
  tensors t;
  conv_case k = cases[0];
  k.images = 0;
  run_case(c, &k, ML_FLOAT32, &t);
  CHECK_INT(ml_count(t.y), 0);
  for (int64_t i = 0; i < ml_count(t.weight); i++) CHECK_CLOSE(element(t.weight->grad, i), 0, 0);
  free_tensors(&t);
}

int main(void) {
  ml_context context, *c = &context;
  ml_context_init(c);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    near_the_formula(c, &cases[i], ML_FLOAT64, 1e-13);
    near_the_formula(c, &cases[i], ML_FLOAT32, 1e-5);
    threads_do_not_matter(c, &cases[i]);
  }
  an_empty_batch_gives_zero_gradients(c);
  CHECK_INT(ml_alloc_statistics().live, 0);
  ml_threads_stop();
  return check_report();
}
