/* The thread pool. Work is cut by size, never by the number of threads, so results do not depend on it. */
#ifndef ML_PARALLEL_H
#define ML_PARALLEL_H

#include "tensor/context.h"

/* Runs on any thread: no allocation, no errors, no Lua. begin is a multiple of the grain; end - begin <= grain. */
typedef void (*ml_parallel_body)(void *arg, int64_t begin, int64_t end);

/* Calls body for [0, grain), [grain, 2 grain), ... up to n. Between pieces it looks at the interrupt flag:
 * ML_INTERRUPTED means that pieces are missing. Runs in the caller alone when there is one piece. Not re-entrant:
 * a body must not call it. */
ML_CHECKED ml_status ml_parallel_for(ml_context *c, int64_t n, int64_t grain, ml_parallel_body body, void *arg);

/* The same for work that must not stay half done, as an optimizer's step: does not look at the interrupt flag. */
void ml_parallel_for_whole(int64_t n, int64_t grain, ml_parallel_body body, void *arg);

/* Pieces that ml_parallel_for will make: the size of an array of partial results, indexed by begin / grain. */
static inline int64_t ml_pieces(int64_t n, int64_t grain) { return (n + grain - 1) / grain; }

int ml_threads(void);
void ml_threads_set(int n); /* 1..64; takes effect with the next region */
int ml_thread_index(void);  /* 0..ml_threads()-1 inside a body: picks a scratch buffer, never a result */
void ml_threads_stop(void); /* joins the pool (before a fork, at exit); it starts again by itself */

/* Set by a signal handler, cleared by whoever reports the interrupt. */
void ml_interrupt_set(bool on);
bool ml_interrupted(void);

#endif
