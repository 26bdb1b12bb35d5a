/* Numbers the different values of a column with a hash table. Hashes are computed on all threads; rows are then looked up one
 * after the other, each slot fetched a few rows ahead. Numbers follow the order of the rows, so that nothing depends on the
 * hash: it is keyed by an address, which the writer of a file cannot know. See distinct.h. */

#include "table/distinct.h"

#include "table/value_hash.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

enum { AHEAD = 16, SMALLEST = 1024, POLL = 1 << 16 };

typedef struct slot {
  uint64_t hash; /* 0: free */
  int64_t code;
} slot;

typedef struct finding {
  const ml_text_rows *text;
  const int64_t *keys; /* where `text` is NULL: a value's bits */
  const bool *missing;
  uint64_t *hashes; /* [n], never 0 */
  int64_t n, limit;
  slot *slots;
  int64_t room;    /* of slots, a power of two */
  int64_t *firsts; /* room / 2 of them; rows from 0 */
  int64_t count;
} finding;

/* Hashing ---------------------------------------------------------------------------------------------------------- */

static const char anchor;

static uint64_t hash_span(ml_span s) { return ml_hash_span((uint64_t)(uintptr_t)&anchor, s) | 1; }
static uint64_t hash_key(int64_t key) { return ml_hash_key((uint64_t)(uintptr_t)&anchor, key) | 1; }

static void hash_rows(void *arg, int64_t begin, int64_t end) {
  const finding *f = arg;
  for (int64_t i = begin; i < end; i++)
    f->hashes[i] = f->text ? hash_span(ml_text_row(f->text, i)) : hash_key(f->keys[i]);
}

/* The table -------------------------------------------------------------------------------------------------------- */

static bool same(const finding *f, int64_t i, int64_t j) {
  if (!f->text) return f->keys[i] == f->keys[j];
  ml_span a = ml_text_row(f->text, i), b = ml_text_row(f->text, j);
  return a.length == b.length && memcmp(a.text, b.text, (size_t)a.length) == 0;
}

static int64_t home(const finding *f, uint64_t hash) { return (int64_t)((hash >> 1) & (uint64_t)(f->room - 1)); }
static int64_t next(const finding *f, int64_t at) { return (at + 1) & (f->room - 1); }

static void drop_table(finding *f) {
  ml_free(f->slots, (size_t)f->room * sizeof *f->slots);
  ml_free(f->firsts, (size_t)f->room / 2 * sizeof *f->firsts);
}

/* A table of so many slots with what the old one holds. */
static ml_status make_room(ml_context *c, finding *f, int64_t room) {
  finding larger = *f;
  void *slots, *firsts = NULL;
  larger.room = room;
  ML_TRY(ml_alloc_checked(c, (size_t)room * sizeof(slot), &slots));
  ml_status status = ml_alloc_checked(c, (size_t)room / 2 * sizeof(int64_t), &firsts);
  if (status != ML_OK) {
    ml_free(slots, (size_t)room * sizeof(slot));
    return status;
  }
  larger.slots = memset(slots, 0, (size_t)room * sizeof(slot));
  larger.firsts = firsts;
  for (int64_t i = 0; i < f->count; i++) {
    larger.firsts[i] = f->firsts[i];
    int64_t at = home(&larger, f->hashes[f->firsts[i]]);
    while (larger.slots[at].hash) at = next(&larger, at);
    larger.slots[at] = (slot){f->hashes[f->firsts[i]], i + 1};
  }
  drop_table(f);
  *f = larger;
  return ML_OK;
}

/* The number of row i's value; a new one for a new value. */
static int64_t look_up(finding *f, int64_t i) {
  uint64_t hash = f->hashes[i];
  int64_t at = home(f, hash);
  for (; f->slots[at].hash; at = next(f, at)) {
    if (f->slots[at].hash == hash && same(f, i, f->firsts[f->slots[at].code - 1])) return f->slots[at].code;
  }
  f->firsts[f->count++] = i;
  f->slots[at] = (slot){hash, f->count};
  return f->count;
}

static ml_status number_rows(ml_context *c, finding *f, int64_t *codes) {
  ML_TRY(make_room(c, f, SMALLEST));
  for (int64_t i = 0; i < f->n && (f->limit < 0 || f->count <= f->limit); i++) {
    if (i % POLL == 0 && ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    if (f->count == f->room / 2) ML_TRY(make_room(c, f, 4 * f->room));
    if (i + AHEAD < f->n) __builtin_prefetch(&f->slots[home(f, f->hashes[i + AHEAD])]);
    codes[i] = f->missing && f->missing[i] ? 0 : look_up(f, i);
  }
  return ML_OK;
}

static ml_status hand_over(ml_context *c, const finding *f, ml_distinct *out) {
  if (f->limit >= 0 && f->count > f->limit) return ML_OK;
  ml_shape shape = ml_make_shape(1, f->count);
  ML_TRY(ml_empty(c, &shape, ML_INT64, &out->firsts));
  for (int64_t i = 0; i < f->count; i++) ml_i64(out->firsts)[i] = f->firsts[i] + 1;
  return ML_OK;
}

static ml_status find(ml_context *c, finding *f, ml_distinct *out) {
  void *hashes;
  size_t bytes = (size_t)f->n * sizeof(uint64_t) + 1;
  ml_shape shape = ml_make_shape(1, f->n);
  ML_TRY(ml_empty(c, &shape, ML_INT64, &out->codes));
  ML_TRY(ml_alloc_checked(c, bytes, &hashes));
  f->hashes = hashes;
  ml_status status = ml_parallel_for(c, f->n, ML_TEXT_GRAIN, hash_rows, f);
  if (status == ML_OK) status = number_rows(c, f, ml_i64(out->codes));
  if (status == ML_OK) status = hand_over(c, f, out);
  drop_table(f);
  ml_free(hashes, bytes);
  return status;
}

ml_status ml_distinct_text(ml_context *c, const ml_text_rows *x, int64_t limit, ml_distinct *out) {
  finding f = {.text = x, .missing = x->missing, .n = x->rows, .limit = limit};
  return find(c, &f, out);
}

/* Values ----------------------------------------------------------------------------------------------------------- */

/* Bits by which values are the same, and which rows are missing. */
static void keys_of(const ml_tensor *values, const ml_tensor *missing, int64_t *keys, bool *without) {
  const bool *mask = missing ? ml_data(missing) : NULL;
  for (int64_t i = 0, n = ml_count(values); i < n; i++) {
    without[i] = mask && mask[i];
    if (values->dtype == ML_FLOAT64) {
      double value = ml_f64(values)[i] + 0.0; /* -0 becomes 0 */
      without[i] |= value != value;
      memcpy(&keys[i], &value, sizeof value);
    } else {
      keys[i] = values->dtype == ML_BOOL ? ((const bool *)ml_data(values))[i] : ml_i64(values)[i];
    }
  }
}

ml_status ml_distinct_values(ml_context *c, const ml_tensor *values, const ml_tensor *missing, int64_t limit,
                             ml_distinct *out) {
  int64_t n = ml_count(values);
  size_t bytes = (size_t)n * (sizeof(int64_t) + 1) + 1;
  void *room;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  int64_t *keys = room;
  bool *without = (bool *)(keys + n);
  keys_of(values, missing, keys, without);
  finding f = {.keys = keys, .missing = without, .n = n, .limit = limit};
  ml_status status = find(c, &f, out);
  ml_free(room, bytes);
  return status;
}
