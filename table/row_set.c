/* Rows that were there before, by their hashes. See column_sketch.h. Two different rows of a million have the same hash of 64
 * bits once in thirty million tables. */

#include "table/column_sketch.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

enum { SMALLEST = 1024, POLL = 1 << 16, AHEAD = 16 };

static uint64_t *place_of(const ml_row_set *s, uint64_t hash) {
  uint64_t mask = (uint64_t)s->room - 1, at = hash & mask;
  while (s->hash[at] && s->hash[at] != hash) at = (at + 1) & mask;
  return &s->hash[at];
}

static ml_status make_room(ml_context *c, ml_row_set *s) {
  ml_row_set larger = *s;
  void *room;
  larger.room = s->room ? 2 * s->room : SMALLEST;
  ML_TRY(ml_alloc_checked(c, (size_t)larger.room * sizeof *s->hash, &room));
  larger.hash = memset(room, 0, (size_t)larger.room * sizeof *s->hash);
  for (int64_t i = 0; i < s->room; i++) {
    if (s->hash[i]) *place_of(&larger, s->hash[i]) = s->hash[i];
  }
  ml_row_set_free(s);
  *s = larger;
  return ML_OK;
}

void ml_row_set_free(ml_row_set *s) {
  ml_free(s->hash, (size_t)s->room * sizeof *s->hash);
  s->hash = NULL;
}

ml_status ml_row_set_add(ml_context *c, ml_row_set *s, const uint64_t *hash, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    if (i % POLL == 0 && ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    if (s->count >= s->room / 2 && s->count < s->limit) ML_TRY(make_room(c, s));
    if (i + AHEAD < n && s->room > 0) __builtin_prefetch(&s->hash[hash[i + AHEAD] & ((uint64_t)s->room - 1)]);
    uint64_t key = hash[i] + (hash[i] == 0), *place = place_of(s, key);
    if (*place) {
      s->repeated++;
    } else if (s->count < s->limit) {
      *place = key;
      s->count++;
    } else {
      s->full = true;
    }
  }
  return ML_OK;
}
