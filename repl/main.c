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
  if (command_is(word))
    status = command_main(argc - 1, argv + 1, openers);
  else
    status = script_main(argc, argv, openers);
  return report_exit(status);
}
