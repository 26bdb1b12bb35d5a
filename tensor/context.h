/* The context that every engine function takes: where an error's message stands, and the state that
 * belongs to one thread of work (is the graph being recorded, where random numbers stand).
 *
 * There is one context for each Lua state; C tests make their own. It is used by one thread only. */
#ifndef ML_CONTEXT_H
#define ML_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The result of every function that can fail. The message of a failure stands in the context. */
typedef enum ml_status {
  ML_OK = 0,
  ML_ERROR,         /* a wrong argument, shape or state: the user's to mend */
  ML_OUT_OF_MEMORY, /* an allocation failed, or the limit was hit */
  ML_INTERRUPTED,   /* ^C: the result is incomplete and was dropped */
  ML_BAD_DATA,      /* a file is missing, damaged, or can't be written */
} ml_status;

#define ML_CHECKED __attribute__((warn_unused_result))

/* The straight way on: a failure goes to the caller as it is. Only where nothing has to be freed. */
#define ML_TRY(call)                                                                                                   \
  do {                                                                                                                 \
    ml_status ml_try_status_ = (call);                                                                                 \
    if (ml_try_status_ != ML_OK) return ml_try_status_;                                                                \
  } while (0)

enum { ML_MESSAGE_SIZE = 2048, ML_NAME_SIZE = 96 };

typedef struct ml_context {
  bool grad_enabled; /* false inside no_grad */
  bool anomaly;      /* record the origin of each node and look for NaN in each gradient */

  uint64_t next_sequence; /* creation number of the next autograd node */
  int64_t flops;          /* added up by every op's infer; summary and check read the difference */

  uint64_t random_key;     /* the stream that unkeyed random ops draw from, see random.h */
  uint64_t random_counter; /* how many keys have been drawn from it */

  /* Where the running op was called: set by the bindings in anomaly mode, copied into each node. */
  char origin[ML_NAME_SIZE];

  char message[ML_MESSAGE_SIZE];
} ml_context;

void ml_context_init(ml_context *c);

/* Writes the message and returns the status, so that a check reads `return ml_fail(c, "...", ...)`. */
ML_CHECKED ml_status ml_fail(ml_context *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
ML_CHECKED ml_status ml_fail_as(ml_context *c, ml_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds text to the message of a failure on its way up: "\n  hint: ...". */
void ml_message_add(ml_context *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
