/* The REPL's history file. */
#ifndef REPL_HISTORY_H
#define REPL_HISTORY_H

/* Hands every chunk of the file to `remember`, oldest first. What is wrong with the file, or with HOME, is said once;
 * the REPL then goes on without. */
void history_load(void (*remember)(const char *chunk));

/* Appends a chunk at once, so that neither a crash nor a second session loses it. */
void history_append(const char *chunk);

#endif
