/* The words of texts, in two passes: how many each row has, then where they lie. See text.h. */

#include "table/text.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

static bool is_blank(unsigned char b) { return b == ' ' || (b >= '\t' && b <= '\r'); }
static bool continues(unsigned char b) { return (b & 0xC0) == 0x80; } /* a byte of UTF-8 that begins no character */

static bool is_letter(unsigned char b) {
  return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b >= 0x80;
}

static int64_t characters(ml_span s) {
  int64_t n = 0;
  for (int64_t i = 0; i < s.length; i++) n += !continues((unsigned char)s.text[i]);
  return n;
}

/* The first byte from `at` on for which `is` is `wanted`, or the end. */
static int64_t skip(ml_span s, int64_t at, bool (*is)(unsigned char), bool wanted) {
  while (at < s.length && is((unsigned char)s.text[at]) != wanted) at++;
  return at;
}

/* The word that begins at or after *at, which moves behind it; one without text is the last. */
static ml_span next_word(ml_span s, ml_word_rule rule, int64_t *at) {
  int64_t begin = *at, end;
  switch (rule) {
  case ML_WORDS_LETTERS:
    begin = skip(s, begin, is_letter, true);
    end = skip(s, begin, is_letter, false);
    break;
  case ML_WORDS_BLANKS:
    begin = skip(s, begin, is_blank, false);
    end = skip(s, begin, is_blank, true);
    break;
  case ML_WORDS_PIECES: /* one blank goes with the word behind it */
    end = skip(s, begin, is_blank, false);
    if (end < s.length && end - begin > 1) end--;
    else end = skip(s, end, is_blank, true);
    break;
  default: /* ML_WORDS_CHARACTERS */
    end = begin < s.length ? skip(s, begin + 1, continues, false) : begin;
  }
  *at = end;
  return begin < end ? (ml_span){s.text + begin, end - begin} : (ml_span){NULL, 0};
}

/* The words of a row, written to `out` unless that is NULL; how many there are. */
static int64_t words_of(ml_span s, ml_word_rule rule, int64_t least, ml_span *out) {
  int64_t n = 0, at = 0;
  for (ml_span word; (word = next_word(s, rule, &at)).text;) {
    if (least > 1 && characters(word) < least) continue;
    if (out) out[n] = word;
    n++;
  }
  return n;
}

/* Making the column ------------------------------------------------------------------------------------------------ */

typedef struct splitting {
  const ml_text_rows *x;
  ml_word_rule rule;
  int64_t least, *ends;
  ml_span *spans;
} splitting;

static void count_rows(void *arg, int64_t begin, int64_t end) {
  const splitting *s = arg;
  for (int64_t i = begin; i < end; i++)
    s->ends[i] = ml_text_missing(s->x, i) ? 0 : words_of(ml_text_row(s->x, i), s->rule, s->least, NULL);
}

static void find_rows(void *arg, int64_t begin, int64_t end) {
  const splitting *s = arg;
  for (int64_t i = begin; i < end; i++) {
    int64_t from = i > 0 ? s->ends[i - 1] : 0;
    if (s->ends[i] > from) words_of(ml_text_row(s->x, i), s->rule, s->least, s->spans + from);
  }
}

static int64_t copy_word(const void *arg, int64_t row, char *out) {
  const ml_span *span = (const ml_span *)arg + row;
  if (out) memcpy(out, span->text, (size_t)span->length);
  return span->length;
}

ml_status ml_text_words(ml_context *c, const ml_text_rows *x, ml_word_rule rule, int64_t least, ml_column *out, ml_tensor **ends) {
  ml_shape shape = ml_make_shape(1, x->rows);
  ML_TRY(ml_empty(c, &shape, ML_INT64, ends));
  splitting s = {.x = x, .rule = rule, .least = least, .ends = ml_data(*ends)};
  ML_TRY(ml_parallel_for(c, x->rows, ML_TEXT_GRAIN, count_rows, &s));
  int64_t total = 0; /* at most the bytes of x, so that it cannot overflow */
  for (int64_t i = 0; i < x->rows; i++) s.ends[i] = total += s.ends[i];
  void *spans;
  size_t bytes = (size_t)total * sizeof(ml_span) + 1;
  ML_TRY(ml_alloc_checked(c, bytes, &spans));
  s.spans = spans;
  ml_status status = ml_parallel_for(c, x->rows, ML_TEXT_GRAIN, find_rows, &s);
  if (status == ML_OK) status = ml_text_make(c, total, copy_word, spans, out);
  ml_free(spans, bytes);
  return status;
}
