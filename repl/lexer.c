/* Splits Lua text into names, strings and the rest. See lexer.h. */

#include "repl/lexer.h"

#include <ctype.h>
#include <string.h>

lexer lexer_start(const char *text, size_t size) { return (lexer){.text = text, .end = text + size}; }

bool lexer_is(const lexer *l, const char *word) {
  return l->kind != LEXER_END && l->kind != LEXER_STRING && l->size == strlen(word) &&
         memcmp(l->token, word, l->size) == 0;
}

/* If a long bracket opens at p, returns where it ends (the end of the text when it is not closed); else NULL. */
static const char *skip_long(const char *p, const char *end) {
  size_t level = 0;
  if (p >= end || *p++ != '[') return NULL;
  while (p < end && *p == '=') p++, level++;
  if (p >= end || *p++ != '[') return NULL;
  for (; p < end; p++) {
    if (*p != ']') continue;
    size_t n = 0;
    while (p + 1 + n < end && p[1 + n] == '=') n++;
    if (n == level && p + 1 + n < end && p[1 + n] == ']') return p + n + 2;
  }
  return end;
}

static const char *skip_quoted(const char *p, const char *end) {
  char quote = *p++;
  while (p < end && *p != quote && *p != '\n') p += *p == '\\' && p + 1 < end ? 2 : 1;
  return p < end ? p + 1 : end;
}

static const char *skip_blank(const char *p, const char *end) {
  while (p < end) {
    if (isspace((unsigned char)*p)) {
      p++;
    } else if (*p == '-' && p + 1 < end && p[1] == '-') {
      const char *after = skip_long(p + 2, end);
      while (!after && p < end && *p != '\n') p++;
      if (after) p = after;
    } else {
      return p;
    }
  }
  return p;
}

static bool is_name(char c) { return isalnum((unsigned char)c) || c == '_'; }

lexer_kind lexer_next(lexer *l) {
  const char *p = skip_blank(l->text, l->end), *after = skip_long(p, l->end);
  l->token = p;
  if (p >= l->end) {
    l->kind = LEXER_END;
  } else if (after || *p == '"' || *p == '\'') {
    l->kind = LEXER_STRING;
    p = after ? after : skip_quoted(p, l->end);
  } else {
    l->kind = is_name(*p) && !isdigit((unsigned char)*p) ? LEXER_NAME : LEXER_OTHER;
    bool word = is_name(*p); /* a number such as 0x1F goes as one token */
    do p++;
    while (word && p < l->end && is_name(*p));
  }
  l->text = p;
  l->size = (size_t)(p - l->token);
  return l->kind;
}
