/* Reading lines without an editor: a pipe, a dumb terminal, or a build without readline. */

#include "repl/reader.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

/* Outside of pselect the signals are blocked, so that none comes between the last look and the wait. */
static sigset_t outside;

void reader_hold(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGINT);
  sigaddset(&mask, SIGWINCH);
  sigaddset(&mask, SIGTSTP);
  sigprocmask(SIG_BLOCK, &mask, &outside);
}

void reader_release(void) { sigprocmask(SIG_SETMASK, &outside, NULL); }

bool reader_wait(void) {
  fd_set input;
  FD_ZERO(&input);
  FD_SET(0, &input);
  return pselect(1, &input, NULL, NULL, NULL, &outside) >= 0 || errno != EINTR;
}

/* One line from `pending`, which keeps what read brought beyond it. */
typedef struct plain_buffer {
  char *data;
  size_t size, capacity;
} plain_buffer;

static char *take_line(plain_buffer *b, bool at_end) {
  char *newline = b->size ? memchr(b->data, '\n', b->size) : NULL;
  if (!newline && !(at_end && b->size)) return NULL;
  size_t n = newline ? (size_t)(newline - b->data) : b->size, used = newline ? n + 1 : n;
  char *line = strndup(b->data, n);
  memmove(b->data, b->data + used, b->size - used);
  b->size -= used;
  return line;
}

/* Returns what read returned. */
static ssize_t fill(plain_buffer *b) {
  if (b->size + 4096 > b->capacity) {
    char *data = realloc(b->data, b->capacity + 8192);
    if (!data) return -1;
    b->data = data;
    b->capacity += 8192;
  }
  ssize_t n = read(0, b->data + b->size, 4096);
  if (n > 0) b->size += (size_t)n;
  return n;
}

static reader_result read_line(plain_buffer *pending, char **line) {
  while (!(*line = take_line(pending, false))) {
    if (!reader_wait()) {
      pending->size = 0;
      return READER_INTERRUPTED;
    }
    if (fill(pending) > 0) continue;
    *line = take_line(pending, true);
    return *line ? READER_LINE : READER_END;
  }
  return READER_LINE;
}

reader_result reader_plain_read(const char *prompt, char **line) {
  static plain_buffer pending;
  fputs(prompt, stdout);
  fflush(stdout);
  reader_hold();
  reader_result result = read_line(&pending, line);
  reader_release();
  return result;
}

#ifndef ML_READLINE

void reader_start(lua_State *L) { (void)L; }

reader_result reader_read(const char *prompt, char **line) { return reader_plain_read(prompt, line); }

void reader_remember(const char *chunk) { (void)chunk; }

const char *reader_name(void) { return "plain lines (built with READLINE=0)"; }

#endif
