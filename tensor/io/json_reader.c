/* A strict pull reader for JSON texts (RFC 8259). See json_reader.h. */

#include "tensor/io/json_reader.h"

#include <string.h>

ml_json ml_json_begin(char *text, size_t length) {
  return (ml_json){.begin = text, .at = text, .end = text + length, .wrong = NULL};
}

ml_json ml_json_begin_apart(const char *text, size_t length, char *apart) {
  ml_json j = ml_json_begin((char *)text, length);
  j.apart = apart;
  return j;
}

bool ml_json_fail(ml_json *j, const char *wrong) {
  if (!j->wrong) j->wrong = wrong;
  return false;
}

static void skip_space(ml_json *j) {
  while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r')) j->at++;
}

bool ml_json_next_is(ml_json *j, char what) {
  if (j->wrong) return false;
  skip_space(j);
  return j->at < j->end && *j->at == what;
}

bool ml_json_take(ml_json *j, char what) {
  if (ml_json_next_is(j, what)) {
    j->at++;
    return true;
  }
  switch (what) {
  case '{': return ml_json_fail(j, "expected '{'");
  case '[': return ml_json_fail(j, "expected '['");
  case ':': return ml_json_fail(j, "expected ':'");
  case ',': return ml_json_fail(j, "expected ','");
  case '"': return ml_json_fail(j, "expected a string");
  default: return ml_json_fail(j, "unexpected character");
  }
}

/* Strings ---------------------------------------------------------------------------------------------------------- */

static int hex_digit(char ch) {
  if (ch >= '0' && ch <= '9') return ch - '0';
  if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
  if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
  return -1;
}

/* The four digits behind \u. */
static bool hex_word(ml_json *j, uint32_t *out) {
  if (j->end - j->at < 4) return ml_json_fail(j, "\\u needs four hexadecimal digits");
  *out = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(j->at[i]);
    if (digit < 0) return ml_json_fail(j, "\\u needs four hexadecimal digits");
    *out = *out << 4 | (uint32_t)digit;
  }
  j->at += 4;
  return true;
}

static char *put_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
  } else if (code < 0x800) {
    *to++ = (char)(0xc0 | code >> 6);
    *to++ = (char)(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *to++ = (char)(0xe0 | code >> 12);
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    *to++ = (char)(0x80 | (code & 0x3f));
  } else {
    *to++ = (char)(0xf0 | code >> 18);
    *to++ = (char)(0x80 | (code >> 12 & 0x3f));
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    *to++ = (char)(0x80 | (code & 0x3f));
  }
  return to;
}

/* \u1234, or the two of a surrogate pair. Never longer than what it replaces. */
static bool unicode_escape(ml_json *j, char **to) {
  uint32_t code, low;
  if (!hex_word(j, &code)) return false;
  if (code >= 0xdc00 && code < 0xe000) return ml_json_fail(j, "a low surrogate without a high one");
  if (code >= 0xd800 && code < 0xdc00) {
    if (j->end - j->at < 2 || j->at[0] != '\\' || j->at[1] != 'u') return ml_json_fail(j, "half of a surrogate pair");
    j->at += 2;
    if (!hex_word(j, &low)) return false;
    if (low < 0xdc00 || low >= 0xe000) return ml_json_fail(j, "half of a surrogate pair");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  *to = put_utf8(*to, code);
  return true;
}

static bool escape(ml_json *j, char **to) {
  if (j->at == j->end) return ml_json_fail(j, "a string without an end");
  char ch = *j->at++;
  switch (ch) {
  case '"':
  case '\\':
  case '/': *(*to)++ = ch; return true;
  case 'b': *(*to)++ = '\b'; return true;
  case 'f': *(*to)++ = '\f'; return true;
  case 'n': *(*to)++ = '\n'; return true;
  case 'r': *(*to)++ = '\r'; return true;
  case 't': *(*to)++ = '\t'; return true;
  case 'u': return unicode_escape(j, to);
  default: return ml_json_fail(j, "an unknown escape");
  }
}

static bool is_plain(char ch) { return (unsigned char)ch >= 0x20 && ch != '"' && ch != '\\'; }

/* Over the characters of a string that stand for themselves, eight at once. */
static char *skip_plain(char *at, const char *end) {
  const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
  for (; end - at >= 8; at += 8) {
    uint64_t eight, quote, back;
    memcpy(&eight, at, 8);
    quote = eight ^ ones * '"';
    back = eight ^ ones * '\\';
    uint64_t control = (eight - ones * 0x20) & ~eight; /* the highest bit of a byte is set where it is below 0x20 */
    if ((control | ((quote - ones) & ~quote) | ((back - ones) & ~back)) & high) break;
  }
  while (at < end && is_plain(*at)) at++;
  return at;
}

/* Behind the opening quote: to the closing one, which is taken. What the escapes stand for is put at *to, unless it is NULL, which then
 * is where the text ends; it never overtakes what is read. */
static bool string_rest(ml_json *j, char **to) {
  while (j->at < j->end) {
    char *plain = j->at;
    j->at = skip_plain(plain, j->end);
    if (*to) {
      if (*to != plain) memmove(*to, plain, (size_t)(j->at - plain));
      *to += j->at - plain;
    }
    if (j->at == j->end) break;
    char ch = *j->at++;
    if (ch == '"') return true;
    if (ch != '\\') {
      j->at--;
      return ml_json_fail(j, "a control character inside a string");
    }
    char unused[4], *into = *to ? *to : unused;
    if (!escape(j, &into)) return false;
    if (*to) *to = into;
  }
  return ml_json_fail(j, "a string without an end");
}

bool ml_json_string(ml_json *j, ml_json_text *out) {
  if (!ml_json_take(j, '"')) return false;
  out->text = j->at;
  if (j->apart) {
    char *plain = skip_plain(j->at, j->end);
    if (plain < j->end && *plain == '"') {
      out->length = (size_t)(plain - j->at);
      j->at = plain + 1;
      return true;
    }
    out->text = j->apart + (j->at - j->begin);
  }
  char *end = out->text;
  if (!string_rest(j, &end)) return false;
  out->length = (size_t)(end - out->text);
  *end = '\0'; /* at the closing quote or before it */
  return true;
}

/* Numbers ---------------------------------------------------------------------------------------------------------- */

static bool is_digit(const ml_json *j) { return j->at < j->end && *j->at >= '0' && *j->at <= '9'; }

bool ml_json_size(ml_json *j, int64_t *out) {
  if (j->wrong) return false;
  skip_space(j);
  if (!is_digit(j)) return ml_json_fail(j, "expected an integer that is not negative");
  int64_t value = 0;
  const char *start = j->at;
  for (; is_digit(j); j->at++) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *j->at - '0', &value))
      return ml_json_fail(j, "an integer beyond 64 bits");
  }
  if (*start == '0' && j->at - start > 1) return ml_json_fail(j, "a number that begins with 0");
  if (j->at < j->end && (*j->at == '.' || *j->at == 'e' || *j->at == 'E'))
    return ml_json_fail(j, "expected an integer");
  *out = value;
  return true;
}

static bool digits(ml_json *j) {
  if (!is_digit(j)) return ml_json_fail(j, "expected a digit");
  while (is_digit(j)) j->at++;
  return true;
}

static bool skip_number(ml_json *j, bool *whole) {
  *whole = true;
  if (j->at < j->end && *j->at == '-') j->at++;
  bool zero = j->at < j->end && *j->at == '0';
  const char *start = j->at;
  if (!digits(j)) return false;
  if (zero && j->at - start > 1) return ml_json_fail(j, "a number that begins with 0");
  if (j->at < j->end && *j->at == '.') {
    *whole = false;
    j->at++;
    if (!digits(j)) return false;
  }
  if (j->at < j->end && (*j->at == 'e' || *j->at == 'E')) {
    *whole = false;
    j->at++;
    if (j->at < j->end && (*j->at == '+' || *j->at == '-')) j->at++;
    return digits(j);
  }
  return true;
}

bool ml_json_number(ml_json *j, ml_json_text *out, bool *whole) {
  if (j->wrong) return false;
  skip_space(j);
  out->text = j->at;
  if (!skip_number(j, whole)) return false;
  out->length = (size_t)(j->at - out->text);
  return true;
}

/* Values ----------------------------------------------------------------------------------------------------------- */

bool ml_json_more(ml_json *j, char close, bool *first) {
  if (ml_json_next_is(j, close)) {
    j->at++;
    return false;
  }
  if (!*first && !ml_json_take(j, ',')) return false;
  *first = false;
  return !j->wrong;
}

bool ml_json_key(ml_json *j, ml_json_text *name) { return ml_json_string(j, name) && ml_json_take(j, ':'); }

static bool skip_word(ml_json *j, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(j->end - j->at) < length || memcmp(j->at, word, length) != 0) return ml_json_fail(j, "expected a value");
  j->at += length;
  return true;
}

bool ml_json_skip(ml_json *j, int depth) {
  char *nowhere = NULL;
  bool first = true, whole;
  if (depth > ML_JSON_DEPTH) return ml_json_fail(j, "nested too deeply");
  if (ml_json_next_is(j, '"')) return j->at++, string_rest(j, &nowhere);
  if (ml_json_next_is(j, '[')) {
    j->at++;
    while (ml_json_more(j, ']', &first))
      if (!ml_json_skip(j, depth + 1)) return false;
    return !j->wrong;
  }
  if (ml_json_next_is(j, '{')) {
    j->at++;
    while (ml_json_more(j, '}', &first))
      if (!ml_json_take(j, '"') || !string_rest(j, &nowhere) || !ml_json_take(j, ':') || !ml_json_skip(j, depth + 1))
        return false;
    return !j->wrong;
  }
  if (j->wrong || j->at == j->end) return ml_json_fail(j, "expected a value");
  switch (*j->at) {
  case 't': return skip_word(j, "true");
  case 'f': return skip_word(j, "false");
  case 'n': return skip_word(j, "null");
  default: return skip_number(j, &whole);
  }
}

bool ml_json_raw(ml_json *j, int depth, ml_json_text *out) {
  if (j->wrong) return false;
  skip_space(j);
  out->text = j->at;
  if (!ml_json_skip(j, depth)) return false;
  out->length = (size_t)(j->at - out->text);
  return true;
}

bool ml_json_end(ml_json *j) {
  if (j->wrong) return false;
  skip_space(j);
  return j->at == j->end || ml_json_fail(j, "text behind the end");
}
