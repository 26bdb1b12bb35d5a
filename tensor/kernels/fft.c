/* Fourier transforms at one instruction set, for float and double: long rows one by one, short ones many at a time in the lanes of vectors. */

#include "tensor/kernels/fft.h"

#include "tensor/kernels/math_f32.h"
#include "tensor/kernels/vec.h"

/* A square of columns of rows to lanes, and back. */
#define TURN(type, T)                                                                                                  \
  ML_VEC_INLINE void turn_##type(const T *const row[], int64_t c, T *z) {                                              \
    vec_##type v[VEC_LENGTH_##type];                                                                                   \
    _Pragma("GCC unroll 16") for (int l = 0; l < VEC_LENGTH_##type; l++) v[l] = vec_load_##type(row[l] + c);           \
    vec_transpose_##type(v);                                                                                           \
    _Pragma("GCC unroll 16") for (int l = 0; l < VEC_LENGTH_##type; l++) vec_store_##type(z + l * VEC_LENGTH_##type, v[l]); \
  }                                                                                                                    \
  ML_VEC_INLINE void turn_back_##type(const T *z, T *const row[], int64_t c) {                                         \
    vec_##type v[VEC_LENGTH_##type];                                                                                   \
    _Pragma("GCC unroll 16") for (int l = 0; l < VEC_LENGTH_##type; l++) v[l] = vec_load_##type(z + l * VEC_LENGTH_##type); \
    vec_transpose_##type(v);                                                                                           \
    _Pragma("GCC unroll 16") for (int l = 0; l < VEC_LENGTH_##type; l++) vec_store_##type(row[l] + c, v[l]);           \
  }
TURN(f32, float)
TURN(f64, double)

/* Pairs to a vector of real and one of imaginary parts, and back. `reversed`: lane 0 of a, then b's from the last on down to 1. */
#define PAIRS(type)                                                                                                    \
  ML_VEC_INLINE vec_##type even_##type(vec_##type a, vec_##type b) { return __builtin_shuffle(a, b, VEC_COUNT_##type * 2); } \
  ML_VEC_INLINE vec_##type odd_##type(vec_##type a, vec_##type b) { return __builtin_shuffle(a, b, VEC_COUNT_##type * 2 + 1); } \
  ML_VEC_INLINE vec_##type lower_##type(vec_##type re, vec_##type im) {                                                \
    return __builtin_shuffle(re, im, VEC_COUNT_##type / 2 + VEC_COUNT_##type % 2 * VEC_LENGTH_##type);                 \
  }                                                                                                                    \
  ML_VEC_INLINE vec_##type upper_##type(vec_##type re, vec_##type im) {                                                \
    return __builtin_shuffle(re, im, (VEC_COUNT_##type + VEC_LENGTH_##type) / 2 + VEC_COUNT_##type % 2 * VEC_LENGTH_##type); \
  }                                                                                                                    \
  ML_VEC_INLINE vec_##type reversed_##type(vec_##type a, vec_##type b) {                                               \
    return __builtin_shuffle(a, b, 2 * VEC_LENGTH_##type - VEC_COUNT_##type); /* modulo 2 lengths */              \
  }
PAIRS(f32)
PAIRS(f64)

#define V_TURN(row, c, z)      V_CALL(turn)(row, c, z)
#define V_TURN_BACK(z, row, c) V_CALL(turn_back)(z, row, c)
#define V_EVEN                 V_CALL(even)
#define V_ODD                  V_CALL(odd)
#define V_LOWER                V_CALL(lower)
#define V_UPPER                V_CALL(upper)

#define T          float
#define V          vec_f32
#define V_LENGTH   VEC_LENGTH_f32
#define V_LOAD     vec_load_f32
#define V_STORE    vec_store_f32
#define V_CALL(f)  f##_f32
#define V_FMA(a, s, b) vec_fma_f32(a, vec_broadcast_f32(s), b)
#define FN(f)      fft_##f##_f32
#include "tensor/kernels/fft.inc"
#include "tensor/kernels/fft_row.inc"
#undef T
#undef V
#undef V_LENGTH
#undef V_LOAD
#undef V_STORE
#undef V_CALL
#undef V_FMA
#undef FN

#define T          double
#define V          vec_f64
#define V_LENGTH   VEC_LENGTH_f64
#define V_LOAD     vec_load_f64
#define V_STORE    vec_store_f64
#define V_CALL(f)  f##_f64
#define V_FMA(a, s, b) vec_fma_f64(a, vec_broadcast_f64(s), b)
#define FN(f)      fft_##f##_f64
#include "tensor/kernels/fft.inc"
#include "tensor/kernels/fft_row.inc"
#undef T
#undef V
#undef V_LENGTH
#undef V_LOAD
#undef V_STORE
#undef V_CALL
#undef V_FMA
#undef FN

/* One row at a time. */
#define V_LENGTH            1
#define V_LOAD(p)           (*(p))
#define V_STORE(p, v)       (*(p) = (v))
#define V_CALL(f)           f##_one
#define turn_one(row, c, z)      (*(z) = row[0][c])
#define turn_back_one(z, row, c) (row[0][c] = *(z))
#define even_one(a, b)           (a)
#define odd_one(a, b)            (b)
#define lower_one(re, im)        (re)
#define upper_one(re, im)        (im)

#define T     float
#define V     float
#define FN(f) fft_##f##_one_f32
#define V_FMA f32_fma
#include "tensor/kernels/fft.inc"
#undef T
#undef V
#undef FN
#undef V_FMA

#define T     double
#define V     double
#define FN(f) fft_##f##_one_f64
#define V_FMA f64_fma
#include "tensor/kernels/fft.inc"

/* Lanes that would stay empty are not worth a vector. */
static void fft_f32(void *arg, int64_t begin, int64_t end) {
  if (((const fft_job *)arg)->each) return fft_each_f32(arg, begin, end);
  int64_t full = (end - begin) % VEC_LENGTH_f32 > 2 ? end : end - (end - begin) % VEC_LENGTH_f32;
  fft_rows_f32(arg, begin, full);
  fft_rows_one_f32(arg, full, end);
}
static void fft_f64(void *arg, int64_t begin, int64_t end) {
  if (((const fft_job *)arg)->each) return fft_each_f64(arg, begin, end);
  int64_t full = (end - begin) % VEC_LENGTH_f64 > 2 ? end : end - (end - begin) % VEC_LENGTH_f64;
  fft_rows_f64(arg, begin, full);
  fft_rows_one_f64(arg, full, end);
}

const ml_parallel_body ML_ISA_SYMBOL(ml_fft_kernels)[2] = {fft_f32, fft_f64};
