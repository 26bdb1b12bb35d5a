/* Options in common, and the one line that says which Moonlab this is. */

#include "repl/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua.h"
#include "repl/usage.h"
#include "repl/version.h"
#include "tensor/parallel.h"
#include "vm/status.h"

enum { MOST_THREADS = 64 };

static int set_threads(const char *from, const char *text) {
  char *end;
  long n = strtol(text, &end, 10);
  if (end == text || *end != '\0' || n < 1 || n > MOST_THREADS)
    return usage_error(NULL, "%s: 1 to %d expected, got '%s'", from, MOST_THREADS, text);
  ml_threads_set((int)n);
  return STATUS_OK;
}

const char *options_value(char **word, const char *name) {
  size_t n = strlen(name);
  if (strncmp(word[0], name, n) != 0) return NULL;
  if (word[0][n] == '=') return word[0] + n + 1;
  if (word[0][n] != '\0') return NULL;
  return word[1] ? word[1] : "";
}

int options_words(char **word) { return strcmp(word[0], "--threads") == 0 && word[1] ? 2 : 1; }

int options_general(char **word, int *words) {
  const char *threads = options_value(word, "--threads");
  *words = options_words(word);
  if (threads) return set_threads("--threads", threads);
  if (strcmp(word[0], "--traceback") != 0) return usage_error(NULL, "unrecognized option '%s'", word[0]);
  setenv("MOONLAB_TRACEBACK", "full", 1);
  return STATUS_OK;
}

int options_environment(void) {
  const char *threads = getenv("MOONLAB_THREADS");
  return threads && *threads ? set_threads("MOONLAB_THREADS", threads) : STATUS_OK;
}

void options_print_version(void) {
  printf("Moonlab %s  (%s.%s)\n", MOONLAB_VERSION, LUA_VERSION, LUA_VERSION_RELEASE);
  fflush(stdout);
}
