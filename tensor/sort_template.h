/* Sorting of one type; included by sort.c, which defines NAME, T, KEY, ENTRY, DIGITS, KEY_OF, VALUE_OF and IS_WHOLE. */

enum { NAME(KEY_BITS) = 8 * sizeof(KEY) };

static inline ENTRY NAME(entry)(const sorting *s, T x, int64_t i) {
  return (ENTRY)(KEY)(KEY_OF(x) ^ (KEY)s->flip) << NAME(KEY_BITS) | (ENTRY)(uint64_t)i;
}

static inline int NAME(digit)(ENTRY e, int digit) { return (int)(uint8_t)(e >> (NAME(KEY_BITS) + 8 * digit)); }

/* The entry as result number `at` of the row x. */
static inline void NAME(put)(const sorting *s, const T *x, ENTRY e, T *values, int64_t *positions, int64_t at) {
  int64_t i = (int64_t)(KEY)e;
  KEY key = (KEY)(e >> NAME(KEY_BITS)) ^ (KEY)s->flip;
  positions[at] = i + 1;
  if (values) values[at] = IS_WHOLE(key) ? (T)VALUE_OF(key) : x[i];
}

/* Short rows ------------------------------------------------------------------------------------------------------- */

static void NAME(insert)(ENTRY *a, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    ENTRY e = a[i];
    int64_t at = i;
    for (; at > 0 && a[at - 1] > e; at--) a[at] = a[at - 1];
    a[at] = e;
  }
}

/* Sorts a; b is as long. Gives the one of the two that holds the result. */
static ENTRY *NAME(deal_row)(ENTRY *a, ENTRY *b, int64_t n) {
  uint32_t count[DIGITS][BINS] = {0};
  for (int64_t i = 0; i < n; i++) {
    for (int d = 0; d < DIGITS; d++) count[d][NAME(digit)(a[i], d)]++;
  }
  for (int d = 0; d < DIGITS; d++) {
    if (count[d][NAME(digit)(a[0], d)] == n) continue; /* all alike */
    uint32_t at = 0, place[BINS];
    for (int k = 0; k < BINS; k++) place[k] = at, at += count[d][k];
    for (int64_t i = 0; i < n; i++) b[place[NAME(digit)(a[i], d)]++] = a[i];
    ENTRY *sorted = b;
    b = a;
    a = sorted;
  }
  return a;
}

/* Rows begin..end. */
static void NAME(rows_body)(void *arg, int64_t begin, int64_t end) {
  const sorting *s = arg;
  ENTRY *a = (ENTRY *)(void *)(s->scratch + 2 * s->row_bytes * (size_t)ml_thread_index()), *b = a + s->n;
  for (int64_t r = begin; r < end; r++) {
    const T *x = (const T *)s->x + r * s->n;
    T *values = s->values ? (T *)s->values + r * s->take : NULL;
    for (int64_t i = 0; i < s->n; i++) a[i] = NAME(entry)(s, x[i], i);
    ENTRY *sorted = a;
    if (s->n <= FEW) NAME(insert)(a, s->n);
    else sorted = NAME(deal_row)(a, b, s->n);
    for (int64_t i = 0; i < s->take; i++) NAME(put)(s, x, sorted[i], values, s->positions + r * s->take, i);
  }
}

/* A long row ------------------------------------------------------------------------------------------------------- */

static inline ENTRY NAME(get)(const sorting *s, int64_t i) {
  return s->from ? ((const ENTRY *)s->from)[i] : NAME(entry)(s, ((const T *)s->x)[i], i);
}

static void NAME(count_body)(void *arg, int64_t begin, int64_t end) {
  const sorting *s = arg;
  int64_t *count = s->place[begin / PIECE];
  uint32_t here[BINS] = {0};
  for (int64_t i = begin; i < end; i++) here[NAME(digit)(NAME(get)(s, i), s->digit)]++;
  for (int k = 0; k < BINS; k++) count[k] = here[k];
}

static void NAME(deal_body)(void *arg, int64_t begin, int64_t end) {
  const sorting *s = arg;
  int64_t place[BINS];
  memcpy(place, s->place[begin / PIECE], sizeof place);
  ENTRY *to = s->to;
  for (int64_t i = begin; i < end; i++) {
    ENTRY e = NAME(get)(s, i);
    int64_t at = place[NAME(digit)(e, s->digit)]++;
    if (to) to[at] = e;
    else if (at < s->take) NAME(put)(s, s->x, e, s->values, s->positions, at);
  }
}

/* A long row by a window of its keys ------------------------------------------------------------------------------- */

#ifdef WHOLE_KEY
/* The least and the largest whole key, of each piece. */
static void NAME(spread_body)(void *arg, int64_t begin, int64_t end) {
  const sorting *s = arg;
  const T *x = s->x;
  uint64_t least = UINT64_MAX, largest = 0;
  for (int64_t i = begin; i < end; i++) {
    uint64_t key = WHOLE_KEY(x[i]);
    least = key < least ? key : least;
    largest = key > largest ? key : largest;
  }
  s->place[begin / PIECE][0] = (int64_t)least;
  s->place[begin / PIECE][1] = (int64_t)largest;
}

static inline uint64_t NAME(whole)(const sorting *s, int64_t at) {
  return WHOLE_KEY(s->values ? ((const T *)s->values)[at] : ((const T *)s->x)[s->positions[at] - 1]) ^ s->flip;
}

/* Moves the results begin..end to where their whole keys belong among those before them, which are in order; gives how far in all, or
 * more than `most`, where it stops. Rows with equal windows stand together, so most stay where they are. */
static int64_t NAME(settle)(const sorting *s, int64_t begin, int64_t end, int64_t most) {
  int64_t moves = 0;
  uint64_t before = begin > 0 ? NAME(whole)(s, begin - 1) : 0;
  for (int64_t i = begin; i < end && moves <= most; i++) {
    uint64_t key = NAME(whole)(s, i);
    if (key >= before) {
      before = key;
      continue;
    }
    T *values = s->values;
    T value = values ? values[i] : 0;
    int64_t position = s->positions[i], at = i;
    for (; at > 0 && NAME(whole)(s, at - 1) > key; at--, moves++) {
      s->positions[at] = s->positions[at - 1];
      if (values) values[at] = values[at - 1];
    }
    s->positions[at] = position;
    if (values) values[at] = value;
  }
  return moves;
}
#undef WHOLE_KEY
#endif

#ifndef SORTER
#define SORTER(type, entry_type, number, suffix)                                                                       \
  {sizeof(type), sizeof(entry_type), number, rows_body_##suffix, count_body_##suffix, deal_body_##suffix}
#endif

#undef NAME
#undef T
#undef KEY
#undef ENTRY
#undef DIGITS
#undef KEY_OF
#undef VALUE_OF
#undef IS_WHOLE
