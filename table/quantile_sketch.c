/* Quantiles in bounded memory. See quantile_sketch.h. */

#include "table/quantile_sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "table/value_hash.h"
#include "tensor/alloc.h"

/* Room ------------------------------------------------------------------------------------------------------------- */

static size_t buffer_bytes(const ml_quantile_sketch *s) { return (size_t)s->k * sizeof(double); }

static ml_status add_level(ml_context *c, ml_quantile_sketch *s) {
  void *room;
  ML_TRY(ml_alloc_checked(c, buffer_bytes(s), &room));
  s->level[s->levels++] = room;
  return ML_OK;
}

ml_status ml_quantile_sketch_init(ml_context *c, int64_t k, ml_quantile_sketch *s) {
  void *room;
  *s = (ml_quantile_sketch){.k = k + k % 2};
  ML_TRY(ml_alloc_checked(c, buffer_bytes(s), &room));
  s->scratch = room;
  return add_level(c, s);
}

void ml_quantile_sketch_free(ml_quantile_sketch *s) {
  for (int h = 0; h < s->levels; h++) ml_free(s->level[h], buffer_bytes(s));
  ml_free(s->scratch, buffer_bytes(s));
  *s = (ml_quantile_sketch){0};
}

/* Level h goes up when 2^h k numbers have come; one level more takes what goes up. */
ml_status ml_quantile_sketch_expect(ml_context *c, ml_quantile_sketch *s, int64_t more) {
  int needed = 2;
  for (int64_t all = (s->n + more) / s->k; all > 0; all /= 2) needed++;
  while (s->levels < needed && s->levels < ML_QUANTILE_LEVELS) ML_TRY(add_level(c, s));
  return ML_OK;
}

/* Order ------------------------------------------------------------------------------------------------------------ */

enum { RUN = 8 };

static void sort_run(double *x, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    double e = x[i];
    int64_t at = i;
    for (; at > 0 && x[at - 1] > e; at--) x[at] = x[at - 1];
    x[at] = e;
  }
}

static void merge_runs(const double *a, int64_t n, const double *b, int64_t m, double *out) {
  int64_t i = 0, j = 0;
  while (i < n && j < m) {
    bool first = a[i] <= b[j];
    *out++ = first ? a[i] : b[j];
    i += first;
    j += !first;
  }
  memcpy(out, a + i, (size_t)(n - i) * sizeof *a);
  memcpy(out + (n - i), b + j, (size_t)(m - j) * sizeof *b);
}

/* Sorts x; scratch is as long. */
static void sort(double *x, int64_t n, double *scratch) {
  double *from = x, *to = scratch;
  for (int64_t i = 0; i < n; i += RUN) sort_run(x + i, i + RUN < n ? RUN : n - i);
  for (int64_t width = RUN; width < n; width *= 2) {
    for (int64_t i = 0; i < n; i += 2 * width) {
      int64_t left = i + width < n ? width : n - i, right = i + 2 * width < n ? width : n - i - left;
      merge_runs(from + i, left, from + i + left, right, to + i);
    }
    double *sorted = to;
    to = from;
    from = sorted;
  }
  if (from != x) memcpy(x, from, (size_t)n * sizeof *x);
}

/* Numbers ---------------------------------------------------------------------------------------------------------- */

static void push_at(ml_quantile_sketch *s, int h, double x);

static void go_up(ml_quantile_sketch *s, int h) {
  uint64_t turn = s->turns[h]++;
  int64_t first = (int64_t)((ml_hash_key((uint64_t)h, (int64_t)(turn / 2)) >> 32 & 1) ^ (turn & 1));
  sort(s->level[h], s->k, s->scratch);
  s->count[h] = 0;
  for (int64_t i = first; i < s->k; i += 2) push_at(s, h + 1, s->level[h][i]);
}

static void push_at(ml_quantile_sketch *s, int h, double x) {
  if (s->count[h] == s->k) go_up(s, h);
  s->level[h][s->count[h]++] = x;
}

void ml_quantile_sketch_push(ml_quantile_sketch *s, double x) {
  s->n++;
  push_at(s, 0, x);
}

ml_status ml_quantile_sketch_merge(ml_context *c, ml_quantile_sketch *s, const ml_quantile_sketch *other) {
  ML_TRY(ml_quantile_sketch_expect(c, s, other->n));
  while (s->levels < other->levels + 1 && s->levels < ML_QUANTILE_LEVELS) ML_TRY(add_level(c, s));
  for (int h = 0; h < other->levels; h++) {
    for (int64_t i = 0; i < other->count[h]; i++) push_at(s, h, other->level[h][i]);
  }
  s->n += other->n;
  return ML_OK;
}

/* Answers ---------------------------------------------------------------------------------------------------------- */

typedef struct weighted {
  double value;
  int64_t weight;
} weighted;

static int in_order(const void *a, const void *b) {
  double x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;
  return (x > y) - (x < y);
}

ml_status ml_quantile_sketch_rank(ml_context *c, const ml_quantile_sketch *s, ml_ranked *out) {
  void *room;
  int64_t count = 0, before = 0;
  for (int h = 0; h < s->levels; h++) count += s->count[h];
  *out = (ml_ranked){.count = count, .n = s->n, .bytes = (size_t)count * sizeof(weighted) * 2 + 1};
  ML_TRY(ml_alloc_checked(c, out->bytes, &room));
  weighted *all = room, *next = all;
  for (int h = 0; h < s->levels; h++) {
    for (int64_t i = 0; i < s->count[h]; i++) *next++ = (weighted){s->level[h][i], (int64_t)1 << h};
  }
  if (count > 0) qsort(all, (size_t)count, sizeof *all, in_order);
  out->value = (double *)(all + count);
  out->before = (int64_t *)(out->value + count);
  for (int64_t i = 0; i < count; i++) {
    out->value[i] = all[i].value;
    out->before[i] = before;
    before += all[i].weight;
  }
  return ML_OK;
}

/* value lies behind the weighted numbers in the block. */
void ml_ranked_free(ml_ranked *r) {
  if (r->value) ml_free((weighted *)(void *)r->value - r->count, r->bytes);
  *r = (ml_ranked){0};
}

/* The last entry with at most so many numbers before it. */
static int64_t entry_at(const ml_ranked *r, int64_t before) {
  int64_t low = 0, high = r->count;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (r->before[middle] <= before) low = middle;
    else high = middle;
  }
  return low;
}

double ml_ranked_quantile(const ml_ranked *r, double q) {
  if (r->n == 0) return NAN;
  double place = q * (double)(r->n - 1), floor_ = floor(place);
  double a = r->value[entry_at(r, (int64_t)floor_)];
  if (place == floor_) return a;
  double b = r->value[entry_at(r, (int64_t)floor_ + 1)];
  return a + (b - a) * (place - floor_);
}

int64_t ml_ranked_below(const ml_ranked *r, double x) {
  int64_t low = 0, high = r->count; /* the first entry above x */
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (r->value[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low == r->count ? r->n : r->before[low];
}
