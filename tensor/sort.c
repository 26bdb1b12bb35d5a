/* Stable sorting by radix: an element becomes a key that is ordered as an unsigned number, with its position behind it, and
 * the entries are dealt out by the key's bytes, from the last to the first.
 *
 * Short rows are sorted each by one thread. A long row is cut into pieces of a fixed size, which count and deal in parallel;
 * each piece has its own places, so that the order does not depend on threads. A long row of 64-bit keys is first sorted by the highest
 * 32 bits of how far they are from the least of them, with entries of half the size and half the passes; what those leave undecided is
 * settled by insertion, and where that is too much, all begins anew with whole keys. */

#include "tensor/sort.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <string.h>

enum {
  LONG = 1 << 17,  /* a row that is dealt out by all threads */
  PIECE = 1 << 16, /* elements of it that are one piece */
  FEW = 32,        /* a row that is sorted by insertion */
  WORK = 1 << 13,  /* elements of short rows that are one piece */
  BINS = 256
};

typedef struct sorting {
  const void *x;
  void *values;
  int64_t *positions;
  int64_t n, take;
  uint64_t flip; /* all ones: descending */
  char *scratch; /* two rows of entries (for each thread, if rows are short) */
  size_t row_bytes;
  const void *from; /* entries of a pass over a long row; NULL: from x */
  void *to;         /* NULL: to values and positions */
  int digit;
  uint64_t least;   /* of the whole keys, where they are sorted by a window of 32 bits: */
  int shift;        /* (key - least) >> shift */
  int64_t (*place)[BINS]; /* of each piece of a long row: how many, then where */
} sorting;

/* What a type needs. body: short rows; count, deal: the pieces of one pass over a long row. */
typedef struct sorter {
  size_t size, entry;
  int digits;
  ml_parallel_body body, count, deal;
} sorter;

static inline uint32_t key_of_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (x != x) return UINT32_MAX;
  if (x == 0) return UINT32_C(1) << 31; /* -0 is 0 */
  return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}
static inline uint64_t key_of_f64(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (x != x) return UINT64_MAX;
  if (x == 0) return UINT64_C(1) << 63;
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}
static inline float f32_of_key(uint32_t key) {
  uint32_t bits = key >> 31 ? key ^ UINT32_C(1) << 31 : ~key;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
static inline double f64_of_key(uint64_t key) {
  uint64_t bits = key >> 63 ? key ^ UINT64_C(1) << 63 : ~key;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

typedef unsigned __int128 wide_entry;

/* Whether the key alone gives back the element: not of zeros, whose sign it has lost, and of NaN. */
#define NAME(what)     what##_f32
#define T              float
#define KEY            uint32_t
#define ENTRY          uint64_t
#define DIGITS         4
#define KEY_OF(x)      key_of_f32(x)
#define VALUE_OF(k)    f32_of_key(k)
#define IS_WHOLE(k)    ((k) != UINT32_MAX && (k) != UINT32_C(1) << 31)
#include "tensor/sort_template.h"

#define NAME(what)     what##_f64
#define T              double
#define KEY            uint64_t
#define ENTRY          wide_entry
#define DIGITS         8
#define KEY_OF(x)      key_of_f64(x)
#define VALUE_OF(k)    f64_of_key(k)
#define IS_WHOLE(k)    ((k) != UINT64_MAX && (k) != UINT64_C(1) << 63)
#include "tensor/sort_template.h"

#define NAME(what)     what##_i64
#define T              int64_t
#define KEY            uint64_t
#define ENTRY          wide_entry
#define DIGITS         8
#define KEY_OF(x)      ((uint64_t)(x) ^ UINT64_C(1) << 63)
#define VALUE_OF(k)    ((int64_t)((k) ^ UINT64_C(1) << 63))
#define IS_WHOLE(k)    true
#include "tensor/sort_template.h"

#define NAME(what)     what##_i32
#define T              int32_t
#define KEY            uint32_t
#define ENTRY          uint64_t
#define DIGITS         4
#define KEY_OF(x)      ((uint32_t)(x) ^ UINT32_C(1) << 31)
#define VALUE_OF(k)    ((int32_t)((k) ^ UINT32_C(1) << 31))
#define IS_WHOLE(k)    true
#include "tensor/sort_template.h"

#define NAME(what)     what##_u8
#define T              uint8_t
#define KEY            uint32_t
#define ENTRY          uint64_t
#define DIGITS         1
#define KEY_OF(x)      ((uint32_t)(x))
#define VALUE_OF(k)    ((uint8_t)(k))
#define IS_WHOLE(k)    true
#include "tensor/sort_template.h"

static const sorter sorters[ML_DTYPES] = {[ML_BOOL] = SORTER(uint8_t, uint64_t, 1, u8),      [ML_UINT8] = SORTER(uint8_t, uint64_t, 1, u8),
                                          [ML_INT32] = SORTER(int32_t, uint64_t, 4, i32),    [ML_INT64] = SORTER(int64_t, wide_entry, 8, i64),
                                          [ML_FLOAT32] = SORTER(float, uint64_t, 4, f32),    [ML_FLOAT64] = SORTER(double, wide_entry, 8, f64)};

#define NAME(what)     what##_f64_window
#define T              double
#define KEY            uint32_t
#define ENTRY          uint64_t
#define DIGITS         4
#define WHOLE_KEY(x)   key_of_f64(x)
#define KEY_OF(x)      ((uint32_t)((key_of_f64(x) - s->least) >> s->shift))
#define VALUE_OF(k)    ((double)(k))
#define IS_WHOLE(k)    false
#include "tensor/sort_template.h"

#define NAME(what)     what##_i64_window
#define T              int64_t
#define KEY            uint32_t
#define ENTRY          uint64_t
#define DIGITS         4
#define WHOLE_KEY(x)   ((uint64_t)(x) ^ UINT64_C(1) << 63)
#define KEY_OF(x)      ((uint32_t)((((uint64_t)(x) ^ UINT64_C(1) << 63) - s->least) >> s->shift))
#define VALUE_OF(k)    ((int64_t)(k))
#define IS_WHOLE(k)    false
#include "tensor/sort_template.h"

/* What sorting by a window needs besides. */
typedef struct window {
  sorter by_window;
  ml_parallel_body spread;
  int64_t (*settle)(const sorting *s, int64_t begin, int64_t end, int64_t most);
} window;

static const window windows[ML_DTYPES] = {[ML_INT64] = {SORTER(int64_t, uint64_t, 4, i64_window), spread_body_i64_window, settle_i64_window},
                                          [ML_FLOAT64] = {SORTER(double, uint64_t, 4, f64_window), spread_body_f64_window, settle_f64_window}};

/* Counts of each piece and digit -> where the piece puts its first entry of that digit. */
static void counts_to_places(int64_t (*place)[BINS], int64_t pieces) {
  int64_t at = 0;
  for (int d = 0; d < BINS; d++) {
    for (int64_t p = 0; p < pieces; p++) {
      int64_t count = place[p][d];
      place[p][d] = at;
      at += count;
    }
  }
}

/* One row: a pass for each digit, from x through two arrays of entries to the results. */
static ml_status sort_long(ml_context *c, const sorter *k, sorting *s) {
  int64_t pieces = ml_pieces(s->n, PIECE);
  char *half[2] = {s->scratch, s->scratch + s->row_bytes};
  s->from = NULL;
  for (s->digit = 0; s->digit < k->digits; s->digit++) {
    bool last = s->digit == k->digits - 1;
    s->to = last ? NULL : half[s->digit % 2];
    ML_TRY(ml_parallel_for(c, s->n, PIECE, k->count, s));
    counts_to_places(s->place, pieces);
    ML_TRY(ml_parallel_for(c, s->n, PIECE, k->deal, s));
    s->from = s->to;
  }
  return ML_OK;
}

/* Puts the window where a row's keys lie. */
static ml_status place_window(ml_context *c, const window *w, sorting *s) {
  uint64_t largest = 0;
  ML_TRY(ml_parallel_for(c, s->n, PIECE, w->spread, s));
  s->least = UINT64_MAX;
  for (int64_t p = 0; p < ml_pieces(s->n, PIECE); p++) {
    uint64_t low = (uint64_t)s->place[p][0], high = (uint64_t)s->place[p][1];
    s->least = low < s->least ? low : s->least;
    largest = high > largest ? high : largest;
  }
  uint64_t range = largest - s->least;
  s->shift = range >> 32 ? 32 - __builtin_clzll(range) : 0;
  return ML_OK;
}

/* One row of 64-bit keys; *sorted: whether that was enough. */
static ml_status sort_by_window(ml_context *c, const window *w, sorting *s, bool *sorted) {
  ML_TRY(place_window(c, w, s));
  ML_TRY(sort_long(c, &w->by_window, s));
  int64_t moves = 0, most = s->n;
  for (int64_t begin = 0; s->shift > 0 && begin < s->n && moves <= most; begin += PIECE) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    moves += w->settle(s, begin, begin + PIECE < s->n ? begin + PIECE : s->n, most - moves);
  }
  *sorted = moves <= most;
  return ML_OK;
}

static ml_status sort_long_rows(ml_context *c, const sorter *k, const window *w, int64_t rows, sorting *s) {
  sorting row = *s;
  for (int64_t r = 0; r < rows; r++) {
    row.x = (const char *)s->x + (size_t)(r * s->n) * k->size;
    row.values = s->values ? (char *)s->values + (size_t)(r * s->take) * k->size : NULL;
    row.positions = s->positions + r * s->take;
    bool sorted = false;
    if (w->settle && s->take == s->n) ML_TRY(sort_by_window(c, w, &row, &sorted));
    if (!sorted) ML_TRY(sort_long(c, k, &row));
  }
  return ML_OK;
}

ml_status ml_sort_rows(ml_context *c, const void *x, ml_dtype dtype, int64_t rows, int64_t n, bool descending,
                       int64_t take, void *values, int64_t *positions) {
  if (rows == 0 || n == 0 || take == 0) return ML_OK;
  const sorter *k = &sorters[dtype];
  if (n > UINT32_MAX) return ml_fail(c, "sort: %lld elements, at most 2^32 - 1 can be sorted", (long long)n);
  bool is_long = n >= LONG;
  sorting s = {.x = x, .values = values, .positions = positions, .n = n, .take = take, .flip = descending ? UINT64_MAX : 0};
  s.row_bytes = (size_t)n * k->entry;
  size_t scratch = 2 * s.row_bytes * (size_t)(is_long ? 1 : ml_threads());
  size_t places = is_long ? (size_t)ml_pieces(n, PIECE) * sizeof *s.place : 0;
  ML_TRY(ml_alloc_checked(c, scratch + places, (void **)&s.scratch));
  s.place = (int64_t(*)[BINS])(void *)(s.scratch + scratch);
  ml_status status = is_long ? sort_long_rows(c, k, &windows[dtype], rows, &s) : ml_parallel_for(c, rows, n < WORK ? WORK / n : 1, k->body, &s);
  ml_free(s.scratch, scratch + places);
  return status;
}
