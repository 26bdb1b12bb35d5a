/* Hashes of values by which sketches know them again: 64 bits that are the same on every machine and in every run. */
#ifndef ML_VALUE_HASH_H
#define ML_VALUE_HASH_H

#include "table/text.h"

static inline uint64_t ml_hash_mix(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of at most eight bytes. */
static inline uint64_t ml_hash_word(const char *text, int64_t length) {
  uint64_t value = 0;
  memcpy(&value, text, (size_t)length);
  return value;
}

static inline uint64_t ml_hash_span(uint64_t seed, ml_span s) {
  uint64_t h = 0x9E3779B97F4A7C15u ^ seed;
  int64_t length = s.length;
  for (; s.length >= 8; s.text += 8, s.length -= 8) h = ml_hash_mix(h ^ ml_hash_word(s.text, 8), 0xA0761D6478BD642Fu);
  h = ml_hash_mix(h ^ ml_hash_word(s.text, s.length), 0xE7037ED1A0B428DBu);
  return ml_hash_mix(h ^ (uint64_t)length, 0x8EBC6AF09C88C6E3u);
}

static inline uint64_t ml_hash_key(uint64_t seed, int64_t key) {
  return ml_hash_mix(ml_hash_mix((uint64_t)key ^ 0x9E3779B97F4A7C15u ^ seed, 0xA0761D6478BD642Fu), 0x8EBC6AF09C88C6E3u);
}

#endif
