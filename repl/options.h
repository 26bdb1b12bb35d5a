/* The options that scripts and subcommands have in common. */
#ifndef REPL_OPTIONS_H
#define REPL_OPTIONS_H

#include <stdbool.h>

/* Takes --threads N or --traceback at word[0]; *words becomes how many words it is. Returns 0 or the exit status. */
int options_general(char **word, int *words);

/* How many words a long option takes: 2 when its value stands in the next one. */
int options_words(char **word);

/* The value of `--name value` or `--name=value` when word[0] is that option; NULL for another option. A value that is
 * not there is "". */
const char *options_value(char **word, const char *name);

/* MOONLAB_THREADS. Returns 0 or the exit status. */
int options_environment(void);

void options_print_version(void);

#endif
