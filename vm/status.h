/* The exit statuses of every subcommand. Signals are 128 + their number. */
#ifndef VM_STATUS_H
#define VM_STATUS_H

enum {
  STATUS_OK = 0,
  STATUS_SCRIPT = 1,   /* an error in a script */
  STATUS_USAGE = 2,    /* the command line */
  STATUS_MISSED = 3,   /* a check or an accept threshold */
  STATUS_DATA = 4,     /* data or a file */
  STATUS_DIVERGED = 5, /* the training */
  STATUS_MEMORY = 6,
  STATUS_LIMIT = 7,
  STATUS_SIGNAL = 128,
};

#endif
