/* Checks positions, and scatters elements to the places they name. */

#include "tensor/positions.h"

#include "tensor/parallel.h"

#include <math.h>
#include <stdio.h>

ml_status ml_check_positions(ml_context *c, const char *op, const ml_tensor *index, int64_t least, int64_t n,
                             const char *of) {
  const int64_t *at = ml_i64(index);
  int64_t count = ml_count(index), wrong = 0;
  for (int64_t i = 0; i < count; i++) wrong |= (at[i] < least) | (at[i] > n);
  if (!wrong) return ML_OK;
  for (int64_t i = 0; i < count; i++) {
    if (at[i] >= least && at[i] <= n) continue;
    ml_shape where = {.ndim = index->shape.ndim}; /* 1-based place of the wrong one */
    int64_t rest = i;
    for (int d = where.ndim - 1; d >= 0; d--) {
      where.size[d] = rest % index->shape.size[d] + 1;
      rest /= index->shape.size[d];
    }
    return ml_fail(c, "%s: position %lld at %s of index is not in %lld..%lld (%s)", op, (long long)at[i],
                   ML_SHAPE(&where), (long long)least, (long long)n, of);
  }
  return ML_OK;
}

ml_status ml_check_positions_of(ml_context *c, const char *op, const ml_tensor *index, const ml_shape *s, int64_t dim) {
  char of[64 + sizeof(ml_shape_text)];
  snprintf(of, sizeof of, "dimension %lld of %s", (long long)dim + 1, ML_SHAPE(s));
  return ml_check_positions(c, op, index, 1, s->size[dim], of);
}

/* Scattering ------------------------------------------------------------------------------------------------------- */

enum { STRIP = 64, OPERANDS = 3 };
enum { TO, INDEX, FROM };

/* The block as (outer, n, inner) around dim; a piece is a strip of the inner elements of one of the outer. */
typedef struct scattering {
  const ml_shape *block;
  int dim;
  int64_t n, inner, strips;
  int64_t stride[OPERANDS][ML_MAX_DIMS]; /* of y, index and source */
  bool rows;                             /* one position for a whole strip, and the strips lie close */
  void *to;
  const int64_t *index;
  const void *from;
} scattering;

/* Where each operand has the first element of a piece, and its other elements, of the first position of dim. */
typedef struct strip {
  int64_t width, base[OPERANDS], offset[OPERANDS][STRIP];
} strip;

/* How far the elements `from` .. to - 1 of the block's dimensions lead operand k to position `at` of those dimensions. */
static int64_t offset_of(const scattering *s, int k, int from, int to, int64_t at) {
  int64_t offset = 0;
  for (int d = to - 1; d >= from; d--) {
    offset += at % s->block->size[d] * s->stride[k][d];
    at /= s->block->size[d];
  }
  return offset;
}

static void open_strip(const scattering *s, int64_t piece, strip *p) {
  int64_t outer = piece / s->strips, first = piece % s->strips * STRIP;
  p->width = s->inner - first < STRIP ? s->inner - first : STRIP;
  for (int k = 0; k < OPERANDS; k++) {
    p->base[k] = offset_of(s, k, 0, s->dim, outer);
    int64_t count = s->rows ? 1 : p->width;
    for (int64_t i = 0; i < count; i++) p->offset[k][i] = offset_of(s, k, s->dim + 1, s->block->ndim, first + i);
  }
}

#define SCATTER(name, T, combine)                                                                                      \
  static void name(void *arg, int64_t begin, int64_t end) {                                                            \
    const scattering *s = arg;                                                                                         \
    strip p;                                                                                                           \
    for (int64_t piece = begin; piece < end; piece++) {                                                                \
      open_strip(s, piece, &p);                                                                                        \
      for (int64_t j = 0; j < s->n; j++) {                                                                             \
        const int64_t *index = s->index + p.base[INDEX] + j * s->stride[INDEX][s->dim];                                \
        const T *from = (const T *)s->from + p.base[FROM] + j * s->stride[FROM][s->dim];                               \
        T *to = (T *)s->to + p.base[TO];                                                                               \
        if (s->rows) {                                                                                                 \
          from += p.offset[FROM][0];                                                                                   \
          to += p.offset[TO][0] + (index[0] - 1) * s->stride[TO][s->dim];                                              \
          for (int64_t i = 0; i < p.width; i++) {                                                                      \
            T y = to[i], v = from[i];                                                                                  \
            to[i] = (T)(combine);                                                                                      \
          }                                                                                                            \
          continue;                                                                                                    \
        }                                                                                                              \
        for (int64_t i = 0; i < p.width; i++) {                                                                        \
          T *at = to + p.offset[TO][i] + (index[p.offset[INDEX][i]] - 1) * s->stride[TO][s->dim];                      \
          T y = *at, v = from[p.offset[FROM][i]];                                                                      \
          *at = (T)(combine);                                                                                          \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

#define SCATTER_NUMBERS(T, suffix, is_nan)                                                                             \
  SCATTER(scatter_add_##suffix, T, y + v)                                                                              \
  SCATTER(scatter_mul_##suffix, T, y *v)                                                                               \
  SCATTER(scatter_max_##suffix, T, v > y || is_nan(v) ? v : y)                                                         \
  SCATTER(scatter_min_##suffix, T, v < y || is_nan(v) ? v : y)
#define NEVER(v) false
SCATTER(scatter_set_1, uint8_t, ((void)y, v))
SCATTER(scatter_set_4, uint32_t, ((void)y, v))
SCATTER(scatter_set_8, uint64_t, ((void)y, v))
SCATTER_NUMBERS(uint8_t, u8, NEVER)
SCATTER_NUMBERS(int32_t, i32, NEVER)
SCATTER_NUMBERS(int64_t, i64, NEVER)
SCATTER_NUMBERS(float, f32, isnan)
SCATTER_NUMBERS(double, f64, isnan)

static ml_parallel_body body_of(ml_scatter_kind kind, ml_dtype dtype) {
#define ALL(suffix) {scatter_add_##suffix, scatter_mul_##suffix, scatter_max_##suffix, scatter_min_##suffix}
  static const ml_parallel_body u8[] = ALL(u8), i32[] = ALL(i32), i64[] = ALL(i64), f32[] = ALL(f32), f64[] = ALL(f64);
#undef ALL
  size_t size = ml_dtype_size(dtype);
  if (kind == ML_SCATTER_SET) return size == 1 ? scatter_set_1 : size == 4 ? scatter_set_4 : scatter_set_8;
  int at = (int)kind - 1;
  switch (dtype) {
  case ML_FLOAT32: return f32[at];
  case ML_FLOAT64: return f64[at];
  case ML_INT64: return i64[at];
  case ML_INT32: return i32[at];
  default: return u8[at];
  }
}

/* Whether the inner elements of operand k lie one behind the other. */
static bool lies_close(const scattering *s, int k) {
  int64_t next = 1;
  for (int d = s->block->ndim - 1; d > s->dim; d--) {
    if (s->block->size[d] != 1 && s->stride[k][d] != next) return false;
    next *= s->block->size[d];
  }
  return true;
}

ml_status ml_scatter_into(ml_context *c, ml_scatter_kind kind, const ml_shape *block, int64_t dim,
                          const ml_tensor *index, const ml_tensor *source, ml_tensor *y) {
  if (ml_shape_count(block) == 0) return ML_OK;
  scattering s = {.block = block, .dim = (int)dim, .n = block->size[dim], .inner = 1, .to = ml_data(y), .index = ml_i64(index), .from = ml_data(source)};
  int64_t outer = 1;
  for (int d = 0; d < block->ndim; d++) {
    s.stride[TO][d] = y->stride[d];
    s.stride[FROM][d] = source->shape.ndim ? source->stride[d] : 0;
    if (d != dim) *(d < dim ? &outer : &s.inner) *= block->size[d];
  }
  bool along = index->shape.ndim == 1 && block->ndim > 1;
  if (along) s.stride[INDEX][dim] = 1;
  else ml_strides_contiguous(block, s.stride[INDEX]);
  s.rows = (along || s.inner == 1) && lies_close(&s, TO) && lies_close(&s, FROM);
  s.strips = ml_pieces(s.inner, STRIP);
  int64_t width = s.inner < STRIP ? s.inner : STRIP;
  return ml_parallel_for(c, outer * s.strips, ml_grain_for(8 * s.n * width), body_of(kind, (ml_dtype)y->dtype), &s);
}
