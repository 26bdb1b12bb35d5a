/* Rows of text, each made of itself. See text.h. */

#include "table/text.h"

/* What the functions of a row know. */
typedef struct change {
  const ml_text_rows *x;
  ml_span find, with;
  int64_t from, to;
} change;

static int64_t copy(ml_span span, char *out) {
  if (out) memcpy(out, span.text, (size_t)span.length);
  return span.length;
}

/* Blanks ----------------------------------------------------------------------------------------------------------- */

static int64_t trim_row(const void *arg, int64_t row, char *out) {
  const change *a = arg;
  if (ml_text_missing(a->x, row)) return -1;
  return copy(ml_span_trimmed(ml_text_row(a->x, row)), out);
}

ml_status ml_text_trim(ml_context *c, const ml_text_rows *x, ml_column *out) {
  change a = {.x = x};
  return ml_text_make(c, x->rows, trim_row, &a, out);
}

/* Finding ---------------------------------------------------------------------------------------------------------- */

/* The first `find` in s, NULL if there is none. */
static const char *first_in(ml_span s, ml_span find) {
  return memmem(s.text, (size_t)s.length, find.text, (size_t)find.length);
}

static int64_t replace_row(const void *arg, int64_t row, char *out) {
  const change *a = arg;
  if (ml_text_missing(a->x, row)) return -1;
  ml_span rest = ml_text_row(a->x, row);
  const char *end = rest.text + rest.length, *at;
  int64_t length = 0;
  while ((at = first_in(rest, a->find))) {
    length += copy((ml_span){rest.text, at - rest.text}, out ? out + length : NULL);
    length += copy(a->with, out ? out + length : NULL);
    rest.text = at + a->find.length;
    rest.length = end - rest.text;
  }
  return length + copy(rest, out ? out + length : NULL);
}

ml_status ml_text_replace(ml_context *c, const ml_text_rows *x, ml_span find, ml_span with, ml_column *out) {
  change a = {.x = x, .find = find, .with = with};
  return ml_text_make(c, x->rows, replace_row, &a, out);
}

static int64_t count_in(ml_span s, ml_span find) {
  int64_t count = 0;
  for (const char *end = s.text + s.length, *at; (at = first_in(s, find)); count++) {
    s.text = at + find.length;
    s.length = end - s.text;
  }
  return count;
}

static int64_t split_row(const void *arg, int64_t row, char *out) {
  const change *a = arg;
  if (ml_text_missing(a->x, row)) return -1;
  ml_span s = ml_text_row(a->x, row);
  const char *end = s.text + s.length;
  int64_t n = a->from;
  if (n < 0) n += count_in(s, a->find) + 2;
  if (n < 1) return -1;
  const char *at = first_in(s, a->find);
  for (; n > 1; n--) {
    if (!at) return -1;
    s.text = at + a->find.length;
    s.length = end - s.text;
    at = first_in(s, a->find);
  }
  if (at) s.length = at - s.text;
  return copy(s, out);
}

ml_status ml_text_split(ml_context *c, const ml_text_rows *x, ml_span separator, int64_t n, ml_column *out) {
  change a = {.x = x, .find = separator, .from = n};
  return ml_text_make(c, x->rows, split_row, &a, out);
}

/* Characters ------------------------------------------------------------------------------------------------------- */

static bool begins_character(char byte) { return ((unsigned char)byte & 0xC0) != 0x80; }

/* Where character n (from 1) of s begins; its length where there are fewer. */
static int64_t place_of(ml_span s, int64_t n) {
  for (int64_t i = 0; i < s.length; i++) {
    if (begins_character(s.text[i]) && --n <= 0) return i;
  }
  return s.length;
}

static int64_t count_characters(ml_span s) {
  int64_t count = 0;
  for (int64_t i = 0; i < s.length; i++) count += begins_character(s.text[i]);
  return count;
}

static int64_t sub_row(const void *arg, int64_t row, char *out) {
  const change *a = arg;
  if (ml_text_missing(a->x, row)) return -1;
  ml_span s = ml_text_row(a->x, row);
  int64_t from = a->from, to = a->to;
  if (from < 0 || to < 0) {
    int64_t count = count_characters(s);
    if (from < 0) from += count + 1;
    if (to < 0) to += count + 1;
  }
  if (from < 1) from = 1;
  if (to < from) return 0;
  int64_t begin = place_of(s, from), end = to >= s.length ? s.length : place_of(s, to + 1);
  return copy((ml_span){s.text + begin, end - begin}, out);
}

ml_status ml_text_sub(ml_context *c, const ml_text_rows *x, int64_t from, int64_t to, ml_column *out) {
  change a = {.x = x, .from = from, .to = to};
  return ml_text_make(c, x->rows, sub_row, &a, out);
}
