/* Batches of picture files that are decoded before they are needed, by threads of the loader's own.
 *
 * Batches come in the order they were asked for, and their bytes depend neither on the number of threads nor on who decoded what. A file
 * that fails is the failure of its batch. No thread runs before something is asked for, or after the loader is closed. All
 * functions belong to one thread, that of the context. */
#ifndef ML_LOADER_H
#define ML_LOADER_H

#include "media/picture_list.h"

enum { ML_LOADER_THREADS = 16 }; /* at most */

typedef struct ml_loader ml_loader;

ML_CHECKED ml_status ml_loader_open(ml_context *c, int threads, ml_loader **out);

/* One more batch. The paths are copied. A failure is one of memory for the request; what is wrong with files or options is told by take. */
ML_CHECKED ml_status ml_loader_ask(ml_context *c, ml_loader *l, const char *const *paths, int64_t count,
                                   const ml_picture_list_options *o);

/* The first batch that was asked for and not taken yet, as ml_picture_list_read gives it. What is not decoded yet is decoded with the
 * help of the pool. */
ML_CHECKED ml_status ml_loader_take(ml_context *c, ml_loader *l, ml_tensor **out);

/* Joins the threads, each after the picture it is at, and frees what was not taken. NULL is fine. */
void ml_loader_close(ml_loader *l);

#endif
