/* "did you mean ...?" */
#ifndef REPL_NEAREST_H
#define REPL_NEAREST_H

/* The name of the list (it ends with NULL) that is a typing mistake away from `word`, or NULL when none is. */
const char *nearest_name(const char *word, const char *const *names);

/* Is `name` nearer to `word` than *distance? Start with *distance = nearest_limit(word); it is lowered on a yes. */
int nearest_improves(const char *word, const char *name, int *distance);
int nearest_limit(const char *word);

#endif
