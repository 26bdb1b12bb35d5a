/* Distinct values in bounded memory. See distinct_sketch.h. */

#include "table/distinct_sketch.h"

#include <math.h>

enum { ROOM = 2 * ML_DISTINCT_EXACT, Q = 64 - ML_DISTINCT_BITS };

/* The first bits choose a register, which keeps the longest run of zeros behind them. */
static void register_hash(ml_distinct_sketch *s, uint64_t hash) {
  uint64_t rest = hash << ML_DISTINCT_BITS;
  uint8_t run = (uint8_t)(rest ? __builtin_clzll(rest) + 1 : Q + 1);
  uint8_t *reg = &s->reg[hash >> Q];
  if (run > *reg) *reg = run;
}

void ml_distinct_sketch_push(ml_distinct_sketch *s, uint64_t hash) {
  if (!ml_distinct_sketch_exact(s)) {
    register_hash(s, hash);
    return;
  }
  hash += hash == 0;
  uint64_t at = hash % ROOM;
  for (; s->hash[at]; at = (at + 1) % ROOM) {
    if (s->hash[at] == hash) return;
  }
  if (++s->count <= ML_DISTINCT_EXACT) {
    s->hash[at] = hash;
    return;
  }
  for (int i = 0; i < ROOM; i++) {
    if (s->hash[i]) register_hash(s, s->hash[i]);
  }
  register_hash(s, hash);
}

void ml_distinct_sketch_merge(ml_distinct_sketch *s, const ml_distinct_sketch *other) {
  for (int i = 0; i < ROOM; i++) {
    if (other->hash[i]) ml_distinct_sketch_push(s, other->hash[i]);
  }
  if (ml_distinct_sketch_exact(other)) return;
  if (ml_distinct_sketch_exact(s)) {
    for (int i = 0; i < ROOM; i++) {
      if (s->hash[i]) register_hash(s, s->hash[i]);
    }
    s->count = ML_DISTINCT_EXACT + 1;
  }
  for (int i = 0; i < ML_DISTINCT_REGISTERS; i++) {
    if (other->reg[i] > s->reg[i]) s->reg[i] = other->reg[i];
  }
}

/* Ertl 2017, algorithm 6: sigma corrects for registers that are 0, tau for those that are full. */
static double sigma(double x) {
  if (x == 1) return INFINITY;
  double y = 1, z = x, before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

static double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, before;
  do {
    x = sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

int64_t ml_distinct_sketch_count(const ml_distinct_sketch *s) {
  if (ml_distinct_sketch_exact(s)) return s->count;
  int64_t many[Q + 2] = {0};
  for (int i = 0; i < ML_DISTINCT_REGISTERS; i++) many[s->reg[i]]++;
  double m = ML_DISTINCT_REGISTERS, z = m * tau(1 - (double)many[Q + 1] / m);
  for (int k = Q; k >= 1; k--) z = 0.5 * (z + (double)many[k]);
  z += m * sigma((double)many[0] / m);
  return llround(m * m / (2 * M_LN2 * z));
}
