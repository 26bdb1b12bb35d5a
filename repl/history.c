/* One chunk a line, in $XDG_STATE_HOME/moonlab/history; newlines and backslashes are escaped. Each chunk is one write
 * of an O_APPEND descriptor: sessions that run side by side do not mix theirs. */

#include "repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/report.h"

enum { READ_AT_MOST = 1 << 20 }; /* of the end of the file */

static char path[PATH_MAX]; /* "" when there is no history */

/* Finds the place and makes its folders. Returns false when there is none. */
static bool find_path(void) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  bool own = state && state[0] == '/';
  if (!own && (!home || home[0] != '/')) {
    report_message("no history: HOME is not set");
    return false;
  }
  int n = own ? snprintf(path, sizeof path, "%s/moonlab/history", state)
              : snprintf(path, sizeof path, "%s/.local/state/moonlab/history", home);
  if (n >= (int)sizeof path) return false;
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    int failed = mkdir(path, 0700) != 0 && errno != EEXIST ? errno : 0;
    if (failed) {
      report_message("no history: %s: %s", path, strerror(failed));
      return false;
    }
    *slash = '/';
  }
  return true;
}

/* Undoes the escapes of a line in place. False: it is not one that history_append has written. */
static bool unescape(char *line, size_t size) {
  char *to = line;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)line[i];
    if (c < 32 && c != '\t') return false;
    if (c == '\\') {
      if (++i == size || (line[i] != 'n' && line[i] != '\\')) return false;
      c = line[i] == 'n' ? '\n' : '\\';
    }
    *to++ = (char)c;
  }
  *to = '\0';
  return to > line;
}

/* The last READ_AT_MOST bytes of the file as a string that is the caller's, or NULL. *size is without the zero. */
static char *read_end(int fd, size_t *size) {
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return NULL;
  off_t begin = info.st_size > READ_AT_MOST ? info.st_size - READ_AT_MOST : 0;
  char *text = malloc((size_t)(info.st_size - begin) + 1);
  ssize_t n = text ? pread(fd, text, (size_t)(info.st_size - begin), begin) : -1;
  if (n < 0) {
    free(text);
    return NULL;
  }
  text[n] = '\0';
  char *first = begin > 0 ? memchr(text, '\n', (size_t)n) : NULL; /* the first line is cut: drop it */
  *size = (size_t)n;
  if (first) {
    *size -= (size_t)(first + 1 - text);
    memmove(text, first + 1, *size + 1);
  }
  return text;
}

void history_load(void (*remember)(const char *chunk)) {
  if (!find_path()) {
    path[0] = '\0';
    return;
  }
  int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
  size_t size = 0, bad = 0;
  char *text = fd >= 0 ? read_end(fd, &size) : NULL;
  if (!text) {
    report_message("no history: %s: %s", path, fd >= 0 ? "not a file that can be read" : strerror(errno));
    path[0] = '\0';
  }
  if (fd >= 0) close(fd);
  if (!text) return;
  for (char *line = text; line < text + size;) {
    char *newline = memchr(line, '\n', size - (size_t)(line - text));
    size_t n = newline ? (size_t)(newline - line) : size - (size_t)(line - text);
    if (unescape(line, n))
      remember(line);
    else
      bad += n > 0;
    line += n + 1;
  }
  free(text);
  if (bad) report_message("history: %zu damaged lines of %s were left out", bad, path);
}

void history_append(const char *chunk) {
  if (!path[0]) return;
  size_t n = 0;
  char *line = malloc(2 * strlen(chunk) + 2);
  if (!line) return;
  for (const char *c = chunk; *c; c++) {
    if (*c == '\n' || *c == '\\') line[n++] = '\\';
    line[n++] = *c == '\n' ? 'n' : *c;
  }
  line[n++] = '\n';
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  bool failed = fd < 0 || write(fd, line, n) != (ssize_t)n;
  if (failed) {
    report_message("the history is not kept any more: %s: %s", path, strerror(errno));
    path[0] = '\0';
  }
  if (fd >= 0) close(fd);
  free(line);
}
