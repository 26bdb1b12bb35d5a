/* Vectors of float and double at the width of the instruction set that a kernel file is compiled for, for kernels in which
 * the order of operations has to be written out. vec_f32 and vec_f64; every function ends in _f32 or _f64, so that the
 * sources taken for both types say NAME(vec_fma).
 *
 * vec_fma rounds once where the processor can, which all do but the x86-64 baseline: there other last bits come out. */
#ifndef ML_KERNELS_VEC_H
#define ML_KERNELS_VEC_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
#define ML_VEC_BYTES 64
#elif defined(__AVX2__)
#define ML_VEC_BYTES 32
#else
#define ML_VEC_BYTES 16
#endif

enum { VEC_LENGTH_f32 = ML_VEC_BYTES / 4, VEC_LENGTH_f64 = ML_VEC_BYTES / 8 };

typedef float vec_f32 __attribute__((vector_size(ML_VEC_BYTES)));
typedef double vec_f64 __attribute__((vector_size(ML_VEC_BYTES)));
typedef float vec_f32_unaligned __attribute__((vector_size(ML_VEC_BYTES), aligned(4), may_alias));
typedef double vec_f64_unaligned __attribute__((vector_size(ML_VEC_BYTES), aligned(8), may_alias));
typedef int32_t vec_mask_f32 __attribute__((vector_size(ML_VEC_BYTES)));
typedef int64_t vec_mask_f64 __attribute__((vector_size(ML_VEC_BYTES)));

#define ML_VEC_INLINE static inline __attribute__((always_inline, unused))

ML_VEC_INLINE vec_f32 vec_load_f32(const float *p) { return *(const vec_f32_unaligned *)p; }
ML_VEC_INLINE vec_f64 vec_load_f64(const double *p) { return *(const vec_f64_unaligned *)p; }
ML_VEC_INLINE void vec_store_f32(float *p, vec_f32 v) { *(vec_f32_unaligned *)p = v; }
ML_VEC_INLINE void vec_store_f64(double *p, vec_f64 v) { *(vec_f64_unaligned *)p = v; }
ML_VEC_INLINE vec_f32 vec_broadcast_f32(float x) { return x - (vec_f32){0}; }
ML_VEC_INLINE vec_f64 vec_broadcast_f64(double x) { return x - (vec_f64){0}; }

/* a * b + c */
#if defined(__AVX512F__)
ML_VEC_INLINE vec_f32 vec_fma_f32(vec_f32 a, vec_f32 b, vec_f32 c) { return _mm512_fmadd_ps(a, b, c); }
ML_VEC_INLINE vec_f64 vec_fma_f64(vec_f64 a, vec_f64 b, vec_f64 c) { return _mm512_fmadd_pd(a, b, c); }
#elif defined(__FMA__)
ML_VEC_INLINE vec_f32 vec_fma_f32(vec_f32 a, vec_f32 b, vec_f32 c) { return _mm256_fmadd_ps(a, b, c); }
ML_VEC_INLINE vec_f64 vec_fma_f64(vec_f64 a, vec_f64 b, vec_f64 c) { return _mm256_fmadd_pd(a, b, c); }
#elif defined(__aarch64__)
ML_VEC_INLINE vec_f32 vec_fma_f32(vec_f32 a, vec_f32 b, vec_f32 c) { return (vec_f32)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
ML_VEC_INLINE vec_f64 vec_fma_f64(vec_f64 a, vec_f64 b, vec_f64 c) { return (vec_f64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b); }
#else
ML_VEC_INLINE vec_f32 vec_fma_f32(vec_f32 a, vec_f32 b, vec_f32 c) { return a * b + c; }
ML_VEC_INLINE vec_f64 vec_fma_f64(vec_f64 a, vec_f64 b, vec_f64 c) { return a * b + c; }
#endif

/* a > b ? a : b: of a NaN in a, b comes out. */
#if defined(__AVX512F__)
ML_VEC_INLINE vec_f32 vec_max_f32(vec_f32 a, vec_f32 b) { return _mm512_max_ps(a, b); }
ML_VEC_INLINE vec_f64 vec_max_f64(vec_f64 a, vec_f64 b) { return _mm512_max_pd(a, b); }
#elif defined(__AVX2__)
ML_VEC_INLINE vec_f32 vec_max_f32(vec_f32 a, vec_f32 b) { return _mm256_max_ps(a, b); }
ML_VEC_INLINE vec_f64 vec_max_f64(vec_f64 a, vec_f64 b) { return _mm256_max_pd(a, b); }
#else
ML_VEC_INLINE vec_f32 vec_max_f32(vec_f32 a, vec_f32 b) {
  vec_mask_f32 more = a > b;
  return (vec_f32)((more & (vec_mask_f32)a) | (~more & (vec_mask_f32)b));
}
ML_VEC_INLINE vec_f64 vec_max_f64(vec_f64 a, vec_f64 b) {
  vec_mask_f64 more = a > b;
  return (vec_f64)((more & (vec_mask_f64)a) | (~more & (vec_mask_f64)b));
}
#endif

/* 0, 1, 2, ... */
#if ML_VEC_BYTES == 64
#define VEC_COUNT_f32 ((vec_mask_f32){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
#define VEC_COUNT_f64 ((vec_mask_f64){0, 1, 2, 3, 4, 5, 6, 7})
#elif ML_VEC_BYTES == 32
#define VEC_COUNT_f32 ((vec_mask_f32){0, 1, 2, 3, 4, 5, 6, 7})
#define VEC_COUNT_f64 ((vec_mask_f64){0, 1, 2, 3})
#else
#define VEC_COUNT_f32 ((vec_mask_f32){0, 1, 2, 3})
#define VEC_COUNT_f64 ((vec_mask_f64){0, 1})
#endif

/* Transposes a square of VEC_LENGTH vectors in place: in step s, blocks of s x s change places across the diagonal. */
#define ML_VEC_TRANSPOSE(type)                                                                                         \
  ML_VEC_INLINE void vec_transpose_##type(vec_##type v[VEC_LENGTH_##type]) {                                           \
    _Pragma("GCC unroll 4") for (int s = 1; s < VEC_LENGTH_##type; s *= 2) {                                           \
      vec_mask_##type count = VEC_COUNT_##type, upper = (count & s) != 0;                                              \
      vec_mask_##type first = count + (upper & (VEC_LENGTH_##type - s)), second = count + s + (upper & (VEC_LENGTH_##type - s)); \
      _Pragma("GCC unroll 16") for (int r = 0; r < VEC_LENGTH_##type; r++) {                                           \
        if (r & s) continue;                                                                                           \
        vec_##type a = v[r], b = v[r + s];                                                                             \
        v[r] = __builtin_shuffle(a, b, first);                                                                         \
        v[r + s] = __builtin_shuffle(a, b, second);                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
  }
ML_VEC_TRANSPOSE(f32)
ML_VEC_TRANSPOSE(f64)

#endif
