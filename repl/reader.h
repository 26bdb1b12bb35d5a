/* Reads lines for the REPL: with readline (reader.c) or without it (reader_plain.c). */
#ifndef REPL_READER_H
#define REPL_READER_H

#include <stdbool.h>

#include "lua.h"

typedef enum reader_result { READER_LINE, READER_END, READER_INTERRUPTED } reader_result;

/* L is asked for completions, in protected calls. */
void reader_start(lua_State *L);

/* *line is the caller's to free; it has no newline at its end, and several lines when they were pasted at once. */
reader_result reader_read(const char *prompt, char **line);

/* A chunk that Up brings back in this session. */
void reader_remember(const char *chunk);

/* What doctor says of it. */
const char *reader_name(void);

/* Waits for input on stdin, with the signals of ^C, ^Z and a new window size let in only here. False: a signal came. */
bool reader_wait(void);
/* Keeps those signals out from now on; reader_release lets them in again. */
void reader_hold(void);
void reader_release(void);

reader_result reader_plain_read(const char *prompt, char **line);

#endif
