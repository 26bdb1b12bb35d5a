/* Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011). The counter is the index of a block
 * of four words, its upper half 0. Tensors are filled by the kernels in kernels/random.c, in pieces of a fixed size. */

#include "tensor/random.h"

#include "tensor/cpu.h"
#include "tensor/kernels/random.h"
#include "tensor/parallel.h"

enum { GRAIN = 1 << 14 }; /* elements of a piece: a multiple of 4 */

void ml_philox(uint64_t key, uint64_t index, uint32_t out[4]) {
  uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32), c2 = 0, c3 = 0;
  ml_philox_rounds((uint32_t)key, (uint32_t)(key >> 32), &c0, &c1, &c2, &c3);
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* Keys ------------------------------------------------------------------------------------------------------------- */

uint64_t ml_random_key(uint64_t a, uint64_t b) {
  uint32_t word[4];
  ml_philox(a, b, word);
  return (uint64_t)word[0] << 32 | word[1];
}

/* The text's FNV-1a hash, mixed. */
uint64_t ml_random_key_text(uint64_t a, const char *text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) hash = (hash ^ *p) * 0x100000001b3u;
  return ml_random_key(a, hash);
}

uint64_t ml_random_next_key(ml_context *c) { return ml_random_key(c->random_key, c->random_counter++); }

void ml_random_seed(ml_context *c, uint64_t seed) {
  c->random_key = seed;
  c->random_counter = 0;
}

/* Single numbers --------------------------------------------------------------------------------------------------- */

uint32_t ml_random_word(uint64_t key, uint64_t i) {
  uint32_t word[4];
  ml_philox(key, i / 4, word);
  return word[i % 4];
}

/* The i-th pair of words. */
static uint64_t word_pair(uint64_t key, uint64_t i) {
  uint32_t word[4];
  ml_philox(key, i / 2, word);
  return i % 2 == 0 ? (uint64_t)word[0] << 32 | word[1] : (uint64_t)word[2] << 32 | word[3];
}

double ml_random_double(uint64_t key, uint64_t i) { return (double)(word_pair(key, i) >> 12) * 0x1p-52; }

int64_t ml_random_below(uint64_t key, uint64_t i, int64_t n) {
  return (int64_t)((unsigned __int128)word_pair(key, i) * (uint64_t)n >> 64);
}

/* Filling tensors -------------------------------------------------------------------------------------------------- */

typedef struct filling {
  uint64_t key;
  double a, b; /* low and high, or mean and deviation */
  bool normal, wide;
  void *x;
} filling;

static void fill_body(void *arg, int64_t begin, int64_t end) {
  const filling *f = arg;
  const ml_random_kernels *k = ML_ISA_CHOOSE(ml_random_kernels);
  int64_t n = end - begin;
  if (f->wide) {
    double *x = (double *)f->x + begin;
    (f->normal ? k->normal_f64 : k->uniform_f64)(f->key, begin, n, f->a, f->b, x);
  } else {
    float *x = (float *)f->x + begin;
    (f->normal ? k->normal_f32 : k->uniform_f32)(f->key, begin, n, f->a, f->b, x);
  }
}

/* Runs `body` over the elements of x, or of a contiguous stand-in that is then copied into x. `data` is set to theirs.
 */
static ml_status fill_any(ml_context *c, ml_tensor *x, int64_t grain, ml_parallel_body body, void *arg, void **data) {
  if (ml_count(x) == 0) return ML_OK;
  if (ml_is_contiguous(x)) {
    *data = ml_data(x);
    return ml_parallel_for(c, ml_count(x), grain, body, arg);
  }
  ml_tensor *plain;
  ML_TRY(ml_empty(c, &x->shape, (ml_dtype)x->dtype, &plain));
  *data = ml_data(plain);
  ml_status status = ml_parallel_for(c, ml_count(x), grain, body, arg);
  if (status == ML_OK) status = ml_copy(c, plain, x);
  ml_release(plain);
  return status;
}

static ml_status fill_floats(ml_context *c, const char *op, uint64_t key, bool normal, double a, double b,
                             ml_tensor *x) {
  if (!ml_dtype_is_float((ml_dtype)x->dtype))
    return ml_fail(c, "%s: fills float32 and float64, not %s", op, ml_dtype_name((ml_dtype)x->dtype));
  ML_TRY(ml_will_write(c, op, x));
  filling f = {.key = key, .a = a, .b = b, .normal = normal, .wide = x->dtype == ML_FLOAT64};
  return fill_any(c, x, GRAIN, fill_body, &f, &f.x);
}

ml_status ml_random_uniform(ml_context *c, uint64_t key, double low, double high, ml_tensor *x) {
  if (!(low <= high)) return ml_fail(c, "uniform: low is %g and high %g; low must not be above", low, high);
  return fill_floats(c, "uniform", key, false, low, high, x);
}

ml_status ml_random_normal(ml_context *c, uint64_t key, double mean, double deviation, ml_tensor *x) {
  if (!(deviation >= 0)) return ml_fail(c, "normal: the deviation must not be negative, but is %g", deviation);
  return fill_floats(c, "normal", key, true, mean, deviation, x);
}

typedef struct drawing {
  uint64_t key, span; /* how many integers there are to draw from; 0: 2^64 */
  int64_t from;
  ml_dtype dtype;
  void *x;
} drawing;

static void draw_body(void *arg, int64_t begin, int64_t end) {
  const drawing *d = arg;
  for (int64_t i = begin; i < end; i++) {
    uint64_t word = word_pair(d->key, (uint64_t)i);
    uint64_t step = d->span == 0 ? word : (uint64_t)((unsigned __int128)word * d->span >> 64);
    int64_t v = (int64_t)((uint64_t)d->from + step);
    if (d->dtype == ML_INT64)
      ((int64_t *)d->x)[i] = v;
    else if (d->dtype == ML_INT32)
      ((int32_t *)d->x)[i] = (int32_t)v;
    else
      ((uint8_t *)d->x)[i] = (uint8_t)v;
  }
}

ml_status ml_random_integers(ml_context *c, uint64_t key, int64_t from, int64_t to, ml_tensor *x) {
  ml_dtype dtype = (ml_dtype)x->dtype;
  if (!ml_dtype_is_integer(dtype))
    return ml_fail(c, "integers: fills int64, int32 and uint8, not %s", ml_dtype_name(dtype));
  if (from > to) return ml_fail(c, "integers: %lld..%lld has nothing to draw from", (long long)from, (long long)to);
  int64_t least = dtype == ML_UINT8 ? 0 : dtype == ML_INT32 ? INT32_MIN : INT64_MIN;
  int64_t most = dtype == ML_UINT8 ? UINT8_MAX : dtype == ML_INT32 ? INT32_MAX : INT64_MAX;
  if (from < least || to > most)
    return ml_fail(c, "integers: %lld..%lld does not fit into %s", (long long)from, (long long)to,
                   ml_dtype_name(dtype));
  ML_TRY(ml_will_write(c, "integers", x));
  drawing d = {.key = key, .from = from, .span = (uint64_t)to - (uint64_t)from + 1, .dtype = dtype};
  return fill_any(c, x, GRAIN, draw_body, &d, &d.x);
}

/* Fisher and Yates's shuffle, each swap drawn by its position: in order, so on one thread, in one piece. */
typedef struct shuffling {
  uint64_t key;
  void *x;
} shuffling;

static void shuffle_body(void *arg, int64_t begin, int64_t end) {
  const shuffling *s = arg;
  int64_t *x = s->x;
  for (int64_t i = begin; i < end; i++) x[i] = i + 1;
  for (int64_t i = end - 1; i > 0; i--) {
    int64_t j = ml_random_below(s->key, (uint64_t)i, i + 1), kept = x[i];
    x[i] = x[j];
    x[j] = kept;
  }
}

ml_status ml_random_permutation(ml_context *c, uint64_t key, ml_tensor *x) {
  if (x->dtype != ML_INT64 || x->shape.ndim != 1)
    return ml_fail(c, "permutation: fills a vector of int64, not %s of %s", ML_SHAPE(&x->shape),
                   ml_dtype_name((ml_dtype)x->dtype));
  ML_TRY(ml_will_write(c, "permutation", x));
  shuffling s = {.key = key};
  return fill_any(c, x, ml_count(x), shuffle_body, &s, &s.x);
}
