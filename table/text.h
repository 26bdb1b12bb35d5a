/* Columns of text: what is done with all their rows at once. A row that is missing has no bytes; results are missing there.
 *
 * Where a function makes a column it fills `out`, whose parts the caller releases, on failure too. */
#ifndef ML_TEXT_H
#define ML_TEXT_H

#include <string.h>

#include "table/table.h"

/* A column of text as kernels read it; borrows the tensors of a column. */
typedef struct ml_text_rows {
  const char *bytes;
  const int64_t *ends;  /* [rows], as in ml_column */
  const bool *missing;  /* [rows]; NULL: none is missing */
  int64_t rows;
} ml_text_rows;

typedef struct ml_span {
  const char *text;
  int64_t length;
} ml_span;

static inline ml_span ml_text_row(const ml_text_rows *x, int64_t i) {
  int64_t begin = i > 0 ? x->ends[i - 1] : 0;
  return (ml_span){x->bytes + begin, x->ends[i] - begin};
}

static inline bool ml_text_missing(const ml_text_rows *x, int64_t i) { return x->missing && x->missing[i]; }

/* Bytes in order; a text comes before those that begin with it. */
static inline int ml_span_compare(ml_span a, ml_span b) {
  int order = memcmp(a.text, b.text, (size_t)(a.length < b.length ? a.length : b.length));
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static inline bool ml_is_blank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/* Without the blanks of ASCII at both ends. */
static inline ml_span ml_span_trimmed(ml_span s) {
  while (s.length > 0 && ml_is_blank(s.text[0])) s.text++, s.length--;
  while (s.length > 0 && ml_is_blank(s.text[s.length - 1])) s.length--;
  return s;
}

enum { ML_TEXT_GRAIN = 8192 }; /* rows of one piece of work */

/* Making text (text.c) --------------------------------------------------------------------------------------------- */

/* What one row becomes: its length, written to `out` unless that is NULL; negative: missing. */
typedef int64_t (*ml_text_function)(const void *arg, int64_t row, char *out);
/* rows: of the result. */
ML_CHECKED ml_status ml_text_make(ml_context *c, int64_t rows, ml_text_function f, const void *arg, ml_column *out);

/* The rows at positions from 1; position 0 gives a missing row. */
ML_CHECKED ml_status ml_text_gather(ml_context *c, const ml_text_rows *x, const ml_tensor *positions, ml_column *out);
/* x[i] followed by y[i]; a column of one row goes with every row of the other. */
ML_CHECKED ml_status ml_text_concat(ml_context *c, const ml_text_rows *x, const ml_text_rows *y, ml_column *out);

/* Changing text (text_change.c) ------------------------------------------------------------------------------------ */

/* Blanks of ASCII at both ends left out. */
ML_CHECKED ml_status ml_text_trim(ml_context *c, const ml_text_rows *x, ml_column *out);
/* Each `find`, which is not empty, from the left becomes `with`. */
ML_CHECKED ml_status ml_text_replace(ml_context *c, const ml_text_rows *x, ml_span find, ml_span with, ml_column *out);
/* Characters from..to, from 1; negative ones count from the end, as in Lua's string.sub. */
ML_CHECKED ml_status ml_text_sub(ml_context *c, const ml_text_rows *x, int64_t from, int64_t to, ml_column *out);
/* The n-th piece (from 1; negative: from the end) between separators, which are not empty; missing where there are fewer. */
ML_CHECKED ml_status ml_text_split(ml_context *c, const ml_text_rows *x, ml_span separator, int64_t n, ml_column *out);

/* Words (text_words.c) --------------------------------------------------------------------------------------------- */

typedef enum ml_word_rule {
  ML_WORDS_LETTERS,    /* runs of ASCII letters, digits, "_" and of all that is not ASCII */
  ML_WORDS_BLANKS,     /* what stands between blanks */
  ML_WORDS_CHARACTERS, /* each character of UTF-8 */
  ML_WORDS_PIECES,     /* words with the blank before them, and the other blanks: joined they are the text */
} ml_word_rule;

/* The words of all rows, one a row of `out`; *ends: int64 [n], how many words there are to the end of each row.
 * least: characters of a word; shorter ones are left out. A missing row has no words. */
ML_CHECKED ml_status ml_text_words(ml_context *c, const ml_text_rows *x, ml_word_rule rule, int64_t least, ml_column *out,
                                   ml_tensor **ends);

/* Letters (text_case.c) -------------------------------------------------------------------------------------------- */

/* bytes: uint8 [n] of UTF-8 -> as many bytes with small (or capital) letters in place: ASCII, Latin-1, Latin Extended-A, Greek,
 * Cyrillic and Armenian, except those whose other case has another number of bytes. */
ML_CHECKED ml_status ml_text_case(ml_context *c, const ml_tensor *bytes, bool upper, ml_tensor **out);

/* Asking (text_test.c) --------------------------------------------------------------------------------------------- */

typedef enum ml_text_relation {
  ML_TEXT_EQ,
  ML_TEXT_LT,
  ML_TEXT_LE,
  ML_TEXT_CONTAINS,
  ML_TEXT_STARTS,
  ML_TEXT_ENDS,
  ML_TEXT_RELATIONS,
} ml_text_relation;

/* out: bool [n]; false where a side is missing. A column of one row goes with every row of the other. */
ML_CHECKED ml_status ml_text_compare(ml_context *c, const ml_text_rows *x, const ml_text_rows *y, ml_text_relation relation,
                                     ml_tensor **out);
/* Characters of each row: int64 [n]. */
ML_CHECKED ml_status ml_text_length(ml_context *c, const ml_text_rows *x, ml_tensor **out);
/* Positions from 1 in the order of the bytes, int64 [n]: equal rows stay as they are, missing rows come last. */
ML_CHECKED ml_status ml_text_order(ml_context *c, const ml_text_rows *x, bool descending, ml_tensor **out);

/* Numbers and times (text_read.c) ---------------------------------------------------------------------------------- */

/* Numbers as table/number.h reads them, or times as table/iso_time.h does, blanks around them left out: float64 [n]. NaN where the
 * text is missing, blank or none; *bad is the first row, from 0, in which it is none, -1 if all are. */
ML_CHECKED ml_status ml_text_read(ml_context *c, const ml_text_rows *x, bool times, ml_tensor **out, int64_t *bad);
/* The values of a column that is no text as text that reads back to the same. */
ML_CHECKED ml_status ml_text_of_column(ml_context *c, const ml_column *x, ml_column *out);

#endif
