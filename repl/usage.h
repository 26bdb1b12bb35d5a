/* What the command line may say. */
#ifndef REPL_USAGE_H
#define REPL_USAGE_H

#include <stdio.h>

#include "repl/subcommands.h"

extern const char *const usage_other_subcommands[]; /* those that need no library: help, doctor, version; ends with NULL */

void usage_print(FILE *out);

/* How one of them goes, what it does, and its options. */
void usage_print_subcommand(const subcommand *one, FILE *out);

/* Says what is wrong with the command line and how it goes, that of one subcommand or, with NULL, all. Returns the exit status for that. */
int usage_error(const subcommand *one, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first word is neither a file nor a subcommand. */
int usage_unknown_word(const char *word);

#endif
