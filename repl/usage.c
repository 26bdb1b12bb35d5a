/* The usage text, and what is said instead of it when a word is nearly right. */

#include "repl/usage.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "repl/nearest.h"
#include "repl/report.h"
#include "repl/subcommands.h"
#include "vm/status.h"

const char *const usage_other_subcommands[] = {"help", "doctor", "version", NULL};

static void print_forms(FILE *out) {
  fputs("usage: moonlab                            the terminal\n"
        "       moonlab [options] FILE.lua [args]  run a script, as stock lua does\n",
        out);
  for (const subcommand *one = subcommands; one->name; one++) fprintf(out, "       moonlab %s %s\n", one->name, one->form);
  fputs("       moonlab help [TOPIC] | doctor | version\n", out);
}

void usage_print(FILE *out) {
  print_forms(out);
  fputs("options:\n"
        "  -e stat      execute string 'stat'\n"
        "  -i           enter interactive mode after executing 'script'\n"
        "  -l mod       require library 'mod' into global 'mod'\n"
        "  -l g=mod     require library 'mod' into global 'g'\n"
        "  -q           no banner\n"
        "  -v           show version information\n"
        "  -E           ignore environment variables\n"
        "  -W           turn warnings on\n"
        "  --threads N  use N threads (also MOONLAB_THREADS)\n"
        "  --traceback  show the library's frames in tracebacks\n"
        "  --           stop handling options\n"
        "  -            stop handling options and execute stdin\n"
        "moonlab run --help says what run does, and so on for each\n",
        out);
}

void usage_print_subcommand(const subcommand *one, FILE *out) {
  fprintf(out, "usage: moonlab %s %s\n\n%s\n", one->name, one->form, one->about);
  fputs("Of all: --json writes lines of JSON to stdout, --quiet no progress to stderr, --threads N uses N threads.\n", out);
}

int usage_error(const subcommand *one, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("moonlab: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  if (one)
    fprintf(stderr, "usage: moonlab %s %s\n       moonlab %s --help says more\n", one->name, one->form, one->name);
  else
    print_forms(stderr);
  return STATUS_USAGE;
}

/* Finds the Lua file beside `path` whose name is nearest to it; writes its path. */
static int nearest_file(const char *path, char *found, size_t size) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  int prefix = (int)(name - path), distance = nearest_limit(name), any = 0;
  char folder[PATH_MAX];
  snprintf(folder, sizeof folder, "%.*s", prefix ? prefix : 1, prefix ? path : ".");
  DIR *stream = opendir(folder);
  if (!stream) return 0;
  for (struct dirent *e; (e = readdir(stream));) {
    size_t n = strlen(e->d_name);
    if (n < 4 || strcmp(e->d_name + n - 4, ".lua") != 0) continue;
    if (!nearest_improves(name, e->d_name, &distance)) continue;
    any = 1;
    snprintf(found, size, "%.*s%s", prefix, path, e->d_name);
  }
  closedir(stream);
  return any;
}

static const char *const *all_subcommands(void) {
  static const char *names[32];
  size_t n = 0;
  for (const subcommand *one = subcommands; one->name; one++) names[n++] = one->name;
  for (const char *const *one = usage_other_subcommands; *one; one++) names[n++] = *one;
  names[n] = NULL;
  return names;
}

int usage_unknown_word(const char *word) {
  char file[PATH_MAX];
  if (nearest_file(word, file, sizeof file))
    return usage_error(NULL, "cannot open '%s' (%s); did you mean '%s'?", word, strerror(ENOENT), file);
  if (strpbrk(word, "./")) return usage_error(NULL, "cannot open '%s' (%s)", word, strerror(ENOENT));
  const char *near = nearest_name(word, all_subcommands());
  if (near) return usage_error(NULL, "no subcommand and no file '%s'; did you mean '%s'?", word, near);
  return usage_error(NULL, "no subcommand and no file '%s'", word);
}
