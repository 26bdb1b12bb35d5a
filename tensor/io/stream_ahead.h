/* Decompressing ahead: a thread fills two blocks with what comes next while the caller works on what came before. */
#ifndef ML_STREAM_AHEAD_H
#define ML_STREAM_AHEAD_H

#include "tensor/context.h"

/* Gives the next bytes, fewer only at the end; *taken: how many of the file it has used. On the thread, by which alone it is called from
 * the start on. */
typedef ml_status (*ml_ahead_source)(ml_context *c, void *from, void *to, size_t bytes, size_t *got, int64_t *taken);

typedef struct ml_ahead ml_ahead;

/* *out NULL without a failure: there is no thread to be had. */
ML_CHECKED ml_status ml_ahead_start(ml_context *c, ml_ahead_source source, void *from, ml_ahead **out);
/* The next bytes, fewer only at the end. Gives what the source gave, then its failure. */
ML_CHECKED ml_status ml_ahead_read(ml_context *c, ml_ahead *a, void *to, size_t bytes, size_t *got, int64_t *taken);
/* Waits for the thread; NULL is fine. */
void ml_ahead_stop(ml_ahead *a);

/* Memory of decompressors, on the thread as well: there the reading thread, whose allocator it is, is asked. */
void *ml_ahead_alloc(size_t bytes);
void ml_ahead_free(void *address);

#endif
