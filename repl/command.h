/* The subcommands. */
#ifndef REPL_COMMAND_H
#define REPL_COMMAND_H

#include <stdbool.h>

#include "vm/state.h"

bool command_is(const char *word);

/* argv[0] is the subcommand. Returns the exit status. */
int command_main(int argc, char **argv, const vm_opener *openers);

#endif
