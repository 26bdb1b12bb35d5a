/* The words of a piece of Lua: as much of a lexer as completion and the session's locals need. It never fails. */
#ifndef REPL_LEXER_H
#define REPL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum lexer_kind { LEXER_END, LEXER_NAME, LEXER_STRING, LEXER_OTHER } lexer_kind;

typedef struct lexer {
  const char *text, *end;
  /* The token that lexer_next has found; names include keywords, comments are no tokens. */
  lexer_kind kind;
  const char *token;
  size_t size;
} lexer;

lexer lexer_start(const char *text, size_t size);
lexer_kind lexer_next(lexer *l);
bool lexer_is(const lexer *l, const char *word);

#endif
