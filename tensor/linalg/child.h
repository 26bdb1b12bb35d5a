/* Work that can't be interrupted, in a child process that can be ended. */
#ifndef ML_CHILD_H
#define ML_CHILD_H

#include "tensor/context.h"

enum { ML_CHILD_RESULTS = 4 };

/* Memory that the work writes: in the child, and from there in this process. */
typedef struct ml_child_result {
  void *data;
  size_t bytes;
} ml_child_result;

/* Runs work(arg) in a forked child and brings back what it wrote to `result` (ends with a NULL). ^C ends the child at
 * once. `op` stands in front of a message. */
ML_CHECKED ml_status ml_child_run(ml_context *c, const char *op, void (*work)(void *arg), void *arg,
                                  const ml_child_result result[ML_CHILD_RESULTS + 1]);

#endif
