/* What stands at the other end of a stream. */
#ifndef VM_TERMINAL_H
#define VM_TERMINAL_H

#include <stdbool.h>

bool terminal_is_tty(int fd);
int terminal_columns(int fd); /* of the terminal; else COLUMNS; else 80 */
bool terminal_utf8(void);     /* by LC_ALL, LC_CTYPE, LANG */
bool terminal_color(int fd);  /* a terminal, not a dumb one, and NO_COLOR is not set */
bool terminal_dumb(void);

#endif
