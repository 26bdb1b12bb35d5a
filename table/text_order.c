/* Rows of text in the order of their bytes: runs of a fixed length are sorted by themselves, then merged two by two, both on
 * all threads. The first eight bytes stand beside a row's number, so that most comparisons do not touch the text. See text.h. */

#include "table/text.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

enum { RUN = 1 << 14, SMALL = 16, PREFIX = 8 };

typedef struct key {
  uint64_t prefix; /* the first bytes as a number, zeros behind the end */
  int64_t row;
} key;

typedef struct sorting {
  const ml_text_rows *x;
  key *from, *to;
  int64_t n, width; /* of the runs that are merged */
  bool descending;
} sorting;

static uint64_t prefix_of(ml_span s) {
  unsigned char room[PREFIX] = {0};
  uint64_t prefix = 0;
  memcpy(room, s.text, (size_t)(s.length < PREFIX ? s.length : PREFIX));
  for (int i = 0; i < PREFIX; i++) prefix = prefix << 8 | room[i];
  return prefix;
}

/* Whether b must stand before a, which stands before it now. */
static bool out_of_order(const sorting *s, key a, key b) {
  if (a.prefix != b.prefix) return s->descending ? a.prefix < b.prefix : b.prefix < a.prefix;
  int order = ml_span_compare(ml_text_row(s->x, a.row), ml_text_row(s->x, b.row));
  return s->descending ? order < 0 : order > 0;
}

static void insert_sort(const sorting *s, key *keys, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    key k = keys[i];
    int64_t at = i;
    for (; at > 0 && out_of_order(s, keys[at - 1], k); at--) keys[at] = keys[at - 1];
    keys[at] = k;
  }
}

static void merge(const sorting *s, const key *a, int64_t na, const key *b, int64_t nb, key *out) {
  while (na > 0 && nb > 0) {
    if (out_of_order(s, *a, *b)) *out++ = *b++, nb--;
    else *out++ = *a++, na--;
  }
  memcpy(out, a, (size_t)na * sizeof *a);
  memcpy(out + na, b, (size_t)nb * sizeof *b);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Merges neighbours of `width` keys from -> to over n keys. */
static void merge_pass(const sorting *s, const key *from, key *to, int64_t n, int64_t width) {
  for (int64_t at = 0; at < n; at += 2 * width) {
    int64_t na = least(width, n - at), nb = least(width, n - at - na);
    merge(s, from + at, na, from + at + na, nb, to + at);
  }
}

static void sort_run(void *arg, int64_t begin, int64_t end) {
  const sorting *s = arg;
  int64_t n = end - begin;
  key *from = s->from + begin, *to = s->to + begin;
  for (int64_t at = 0; at < n; at += SMALL) insert_sort(s, from + at, least(SMALL, n - at));
  for (int64_t width = SMALL; width < n; width *= 2) {
    merge_pass(s, from, to, n, width);
    key *other = from;
    from = to;
    to = other;
  }
  if (from != s->from + begin) memcpy(s->from + begin, from, (size_t)n * sizeof *from);
}

static void merge_runs(void *arg, int64_t begin, int64_t end) {
  const sorting *s = arg;
  merge_pass(s, s->from + begin, s->to + begin, end - begin, s->width);
}

static ml_status sort_keys(ml_context *c, sorting *s) {
  ML_TRY(ml_parallel_for(c, s->n, RUN, sort_run, s));
  for (s->width = RUN; s->width < s->n; s->width *= 2) {
    ML_TRY(ml_parallel_for(c, s->n, 2 * s->width, merge_runs, s));
    key *other = s->from;
    s->from = s->to;
    s->to = other;
  }
  return ML_OK;
}

ml_status ml_text_order(ml_context *c, const ml_text_rows *x, bool descending, ml_tensor **out) {
  ml_shape shape = ml_make_shape(1, x->rows);
  ML_TRY(ml_empty(c, &shape, ML_INT64, out));
  size_t bytes = (size_t)x->rows * sizeof(key);
  void *first = NULL, *second = NULL;
  ml_status status = ml_alloc_checked(c, bytes + 1, &first);
  if (status == ML_OK) status = ml_alloc_checked(c, bytes + 1, &second);
  if (status == ML_OK) {
    sorting s = {.x = x, .from = first, .to = second, .descending = descending};
    for (int64_t i = 0; i < x->rows; i++) {
      if (!ml_text_missing(x, i)) s.from[s.n++] = (key){prefix_of(ml_text_row(x, i)), i};
    }
    status = sort_keys(c, &s);
    int64_t *positions = ml_data(*out), n = s.n;
    for (int64_t i = 0; i < n; i++) positions[i] = s.from[i].row + 1;
    for (int64_t i = 0; i < x->rows; i++) {
      if (ml_text_missing(x, i)) positions[n++] = i + 1;
    }
  }
  ml_free(first, bytes + 1);
  ml_free(second, bytes + 1);
  return status;
}
