/* The subcommands that the library does, and what words each takes: the one table of them. */
#ifndef REPL_SUBCOMMANDS_H
#define REPL_SUBCOMMANDS_H

#include <stdbool.h>

/* Options that some subcommands take. Their values, or true, stand in the Lua options under the name without dashes. */
enum { OPTION_OUT, OPTION_SEED, OPTION_BY, OPTION_JOBS, OPTION_TASK, OPTION_YES, OPTION_LOCK, OPTION_COUNT };

typedef struct subcommand_option {
  const char *name;
  bool integer;
  bool flag; /* it has no value */
} subcommand_option;

extern const subcommand_option subcommand_options[OPTION_COUNT];

typedef struct subcommand {
  const char *name, *form; /* form: what follows the name in the usage text */
  const char *noun;        /* what its first word is, as in "run: which recipe?" */
  unsigned takes;          /* bits 1 << OPTION_... */
  const char *inputs;      /* all further words are inputs, of which there must be one, as in "which file?"; NULL: they are overrides */
  bool no_path;            /* all words are inputs, and none has to be there */
  const char *about;       /* what it does, its words and options, and where there is more: lines for --help */
} subcommand;

extern const subcommand subcommands[]; /* ends with a NULL name */

const subcommand *subcommand_find(const char *name); /* NULL: there is none */

#endif
