/* Moonlab's entry: which of its faces a command line asks for. */

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "bindings/core.h"
#include "repl/command.h"
#include "repl/options.h"
#include "repl/report.h"
#include "repl/script.h"
#include "repl/usage.h"
#include "vm/state.h"
#include "vm/status.h"

static const vm_opener openers[] = {
    {"moonlab.core", luaopen_moonlab_core},
    {NULL, NULL},
};

/* The place of a subcommand behind options that stand in front of it: moonlab --threads 2 run R.lua; 0 if there is none. */
static int subcommand_at(int argc, char **argv) {
  int i = 1;
  while (i < argc && (options_value(argv + i, "--threads") || strcmp(argv[i], "--traceback") == 0)) i += options_words(argv + i);
  return i < argc && command_is(argv[i]) ? i : 0;
}

/* Takes those options and runs the subcommand. */
static int run_subcommand(int argc, char **argv, int at) {
  for (int i = 1, words; i < at; i += words) {
    int status = options_general(argv + i, &words);
    if (status != STATUS_OK) return status;
  }
  return command_main(argc - at, argv + at, openers);
}

int main(int argc, char **argv) {
  /* A file-size limit is an error of the write that meets it, with a message, like a full disk. */
  signal(SIGXFSZ, SIG_IGN);
  const char *word = argc > 1 ? argv[1] : "";
  int status = options_environment();
  if (status != STATUS_OK) return status;
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    usage_print(stdout);
    return STATUS_OK;
  }
  if (strcmp(word, "--version") == 0) {
    options_print_version();
    return STATUS_OK;
  }
  int at = subcommand_at(argc, argv);
  return report_exit(at ? run_subcommand(argc, argv, at) : script_main(argc, argv, openers));
}
