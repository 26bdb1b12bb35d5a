/* Frequent values in bounded memory. See frequent_sketch.h. */

#include "table/frequent_sketch.h"

#include <stdlib.h>

enum { ROOM = 2 * ML_FREQUENT_COUNTERS };

static ml_frequent_entry *find(ml_frequent_sketch *s, uint64_t hash) {
  uint64_t at = hash % ROOM;
  while (s->entry[at].count && s->entry[at].hash != hash) at = (at + 1) % ROOM;
  return &s->entry[at];
}

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int64_t median_count(const ml_frequent_sketch *s) {
  int64_t counts[ML_FREQUENT_COUNTERS], n = 0;
  for (int i = 0; i < ROOM; i++) {
    if (s->entry[i].count) counts[n++] = s->entry[i].count;
  }
  qsort(counts, (size_t)n, sizeof *counts, by_size);
  return counts[n / 2];
}

/* Takes the median from all counts: at least half of the entries go. */
static void make_room(ml_frequent_sketch *s) {
  ml_frequent_entry kept[ML_FREQUENT_COUNTERS];
  int64_t less = median_count(s), n = 0;
  for (int i = 0; i < ROOM; i++) {
    if (s->entry[i].count > less) kept[n++] = s->entry[i];
  }
  memset(s->entry, 0, sizeof s->entry);
  for (int64_t i = 0; i < n; i++) {
    ml_frequent_entry *to = find(s, kept[i].hash);
    *to = kept[i];
    to->count -= less;
  }
  s->used = n;
  s->lost += less;
}

/* The entry of a value, with a count of 0 if it is new. */
static ml_frequent_entry *entry_of(ml_frequent_sketch *s, uint64_t hash) {
  ml_frequent_entry *entry = find(s, hash);
  if (entry->count) return entry;
  if (s->used == ML_FREQUENT_COUNTERS) {
    make_room(s);
    entry = find(s, hash);
  }
  s->used++;
  entry->hash = hash;
  return entry;
}

void ml_frequent_sketch_push(ml_frequent_sketch *s, uint64_t hash, ml_span value) {
  ml_frequent_entry *entry = entry_of(s, hash);
  if (entry->count++ > 0) return;
  entry->length = value.length;
  memcpy(entry->label, value.text, (size_t)(value.length < ML_FREQUENT_LABEL ? value.length : ML_FREQUENT_LABEL));
}

void ml_frequent_sketch_merge(ml_frequent_sketch *s, const ml_frequent_sketch *other) {
  for (int i = 0; i < ROOM; i++) {
    const ml_frequent_entry *from = &other->entry[i];
    if (!from->count) continue;
    ml_frequent_entry *entry = entry_of(s, from->hash);
    int64_t before = entry->count;
    *entry = *from;
    entry->count += before;
  }
  s->lost += other->lost;
}

static ml_span label_of(const ml_frequent_entry *e) {
  return (ml_span){e->label, e->length < ML_FREQUENT_LABEL ? e->length : ML_FREQUENT_LABEL};
}

static int in_order(const void *a, const void *b) {
  const ml_frequent_entry *x = *(const ml_frequent_entry *const *)a, *y = *(const ml_frequent_entry *const *)b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  int order = ml_span_compare(label_of(x), label_of(y));
  return order != 0 ? order : (x->hash > y->hash) - (x->hash < y->hash);
}

int ml_frequent_sketch_top(const ml_frequent_sketch *s, int most, const ml_frequent_entry **out) {
  const ml_frequent_entry *all[ROOM];
  int n = 0;
  for (int i = 0; i < ROOM; i++) {
    if (s->entry[i].count) all[n++] = &s->entry[i];
  }
  qsort(all, (size_t)n, sizeof *all, in_order);
  if (n > most) n = most;
  memcpy(out, all, (size_t)n * sizeof *all);
  return n;
}
