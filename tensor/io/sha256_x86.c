#include "tensor/io/sha256_x86.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include "tensor/cpu.h"

/* Asked once: a virtual machine takes long for the answer. Two threads may ask at once, and find the same. */
bool ml_sha256_has_x86(void) {
  static int known; /* 0: not yet, 1: no, 2: yes */
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == 0) {
    unsigned a, b, c, d;
    answer = ml_cpu_isa() != ML_ISA_BASELINE && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) ? 2 : 1;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer == 2;
}

/* Four rounds at a time. The instructions keep the state as (a, b, e, f) and (c, d, g, h), the first of them in the highest place. */
__attribute__((target("sha,sse4.1"))) void ml_sha256_compress_x86(uint32_t state[8], const uint8_t *data, size_t blocks,
                                                                  const uint32_t constants[64]) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203); /* to big-endian words */
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
  __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
  for (; blocks > 0; blocks--, data += 64) {
    __m128i w[4], abef_before = abef, cdgh_before = cdgh;
#pragma GCC unroll 16
    for (int g = 0; g < 16; g++) {
      __m128i *now = &w[g % 4], next = w[(g + 1) % 4], before = w[(g + 2) % 4], last = w[(g + 3) % 4];
      if (g < 4) *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + g), swap);
      else *now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*now, next), _mm_alignr_epi8(last, before, 4)), last);
      __m128i words = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)constants + g));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before), cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)state + 1, _mm_alignr_epi8(dchg, feba, 8));
}

#else

bool ml_sha256_has_x86(void) { return false; }
void ml_sha256_compress_x86(uint32_t state[8], const uint8_t *data, size_t blocks, const uint32_t constants[64]) {
  (void)state, (void)data, (void)blocks, (void)constants;
}

#endif
