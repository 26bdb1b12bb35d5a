/* The interpreter: scripts, -e, -l, - and the rest, as stock lua. */
#ifndef REPL_SCRIPT_H
#define REPL_SCRIPT_H

#include "vm/state.h"

/* Returns the exit status. */
int script_main(int argc, char **argv, const vm_opener *openers);

#endif
