/* A strict pull reader for JSON texts, made for the header of a safetensors file and the lines of JSON Lines: it allocates nothing, integers
 * are exact, depth is bounded, strings are unescaped where they stand. (cJSON turns each number into a 64-byte node and
 * a double, cuts a name at \u0000 and lets wrong numbers pass: too much for a header that a stranger wrote.)
 *
 * Every function returns false once something was wrong; `wrong` and `at` then say what and where. */
#ifndef ML_JSON_READER_H
#define ML_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ML_JSON_DEPTH = 16 };

typedef struct ml_json {
  char *begin, *at, *end;
  const char *wrong; /* NULL: all is well */
  char *apart;       /* NULL, or room for what strings with escapes become, at the place that they have in the text */
} ml_json;

typedef struct ml_json_text {
  char *text;    /* inside the text that is read; a zero byte stands behind it, which does not count, unless the text stays as it is */
  size_t length; /* without that; may hold zero bytes */
} ml_json_text;

/* The text is changed while it is read: strings are unescaped where they stand. */
ml_json ml_json_begin(char *text, size_t length);
/* The text stays as it is; apart: room for as many bytes. */
ml_json ml_json_begin_apart(const char *text, size_t length, char *apart);

bool ml_json_fail(ml_json *j, const char *wrong); /* keeps the first; returns false */

/* Skips white space, then tells whether this character comes next. Does not take it. */
bool ml_json_next_is(ml_json *j, char what);
bool ml_json_take(ml_json *j, char what); /* fails if it does not come next */

bool ml_json_string(ml_json *j, ml_json_text *out);
/* 0 or more, up to INT64_MAX; a sign, fraction or exponent is wrong. */
bool ml_json_size(ml_json *j, int64_t *out);
/* The text of a number. *whole: it has neither a fraction nor an exponent. */
bool ml_json_number(ml_json *j, ml_json_text *out, bool *whole);
/* Any value, checked and dropped; its text stays as it is. */
bool ml_json_skip(ml_json *j, int depth);
/* The same, and where its text stands; no zero byte stands behind that. */
bool ml_json_raw(ml_json *j, int depth, ml_json_text *out);

/* Between the elements of a list or an object: true while one more comes, *first must begin as true. At the closing
 * character, which is taken, and on failure it is false. */
bool ml_json_more(ml_json *j, char close, bool *first);
/* "name": of a member. */
bool ml_json_key(ml_json *j, ml_json_text *name);
/* Nothing but white space is left. */
bool ml_json_end(ml_json *j);

#endif
