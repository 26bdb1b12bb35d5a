/* Moonlab's entry: which of its faces a command line asks for. */

#include <errno.h>
#include <fcntl.h>
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

/* A standard stream that the caller has closed reads or writes nothing: else the next file or pipe that is opened would take its place, and
 * messages would go there. */
static void open_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)!open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
}

int main(int argc, char **argv) {
  open_standard_streams();
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
