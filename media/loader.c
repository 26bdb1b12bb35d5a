/* Pictures decoded ahead. See loader.h.
 *
 * Batches stand in a list. A thread takes the next picture of the first batch that has one left; only the caller adds and
 * removes batches and makes their tensors: what the threads allocate is in their arenas alone.
 *
 * The threads are nicer than the caller's: where both want a processor, training goes first, since a kernel on the pool is as slow
 * as its slowest thread. Decoding gets what training leaves: the time between kernels, idle processors, and, when it
 * is late, all of them, as the caller then waits for it and helps. */

#include "media/loader.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tensor/alloc.h"

enum { NICER = 5 };

typedef struct batch {
  struct batch *later;
  ml_picture_list list;
  ml_picture_list_options wish;
  ml_tensor *pixels; /* NULL: something is wrong with the request, which take tells */
  int64_t next;      /* pictures that were given to somebody */
  int64_t done;
  size_t room;       /* of a thread's arena */
  size_t bytes;      /* of this, its paths behind it */
} batch;

struct ml_loader {
  pthread_mutex_t mutex; /* of all that follows, and of next and done */
  pthread_cond_t asked, finished;
  batch *first, *last;
  bool stopping;
  int wanted, started;
  pthread_t thread[ML_LOADER_THREADS];
};

/* Threads ------------------------------------------------------------------------------------------------------------ */

/* With the mutex held. */
static batch *with_work(const ml_loader *l) {
  batch *b = l->first;
  while (b && b->next == b->list.count) b = b->later;
  return b;
}

/* With the mutex held, which is let go while decoding. */
static void decode_one(ml_loader *l, batch *b, ml_context *own, ml_arena *arena) {
  int64_t i = b->next++;
  pthread_mutex_unlock(&l->mutex);
  arena->limit = b->room;
  ml_picture_list_one(own, arena, &b->list, i);
  pthread_mutex_lock(&l->mutex);
  if (++b->done == b->list.count) pthread_cond_signal(&l->finished);
}

static void *work(void *arg) {
  ml_loader *l = arg;
  ml_context own;
  ml_arena arena = {.threads = true};
  ml_context_init(&own);
  (void)nice(NICER); /* of this thread alone, on Linux */
  pthread_mutex_lock(&l->mutex);
  while (!l->stopping) {
    batch *b = with_work(l);
    if (b) decode_one(l, b, &own, &arena);
    else pthread_cond_wait(&l->asked, &l->mutex);
  }
  pthread_mutex_unlock(&l->mutex);
  ml_arena_drop(&arena);
  return NULL;
}

/* Signals are the caller's. With fewer threads, or none, the caller does what is left. */
static void start(ml_loader *l) {
  sigset_t all, before;
  if (l->started == l->wanted) return;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (l->started < l->wanted && pthread_create(&l->thread[l->started], NULL, work, l) == 0) l->started++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Batches ------------------------------------------------------------------------------------------------------------ */

static size_t text_bytes(const char *const *paths, int64_t count) {
  size_t bytes = 0;
  for (int64_t i = 0; i < count; i++) bytes += strlen(paths[i]) + 1;
  return bytes;
}

/* With a copy of the paths behind it. */
static ml_status make_batch(ml_context *c, const char *const *paths, int64_t count, const ml_picture_list_options *o, batch **out) {
  size_t bytes = sizeof(batch) + (size_t)count * sizeof *paths + text_bytes(paths, count);
  void *block;
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  batch *b = block;
  const char **copies = (const char **)(b + 1);
  char *at = (char *)(copies + count);
  for (int64_t i = 0; i < count; i++) {
    copies[i] = at;
    at = stpcpy(at, paths[i]) + 1;
  }
  *b = (batch){.wish = *o, .bytes = bytes};
  if (ml_picture_list_open(c, copies, count, o, &b->list, &b->pixels) != ML_OK) { /* again when it is taken */
    b->list = (ml_picture_list){.paths = copies, .count = count};
    b->next = b->done = count;
  }
  *out = b;
  return ML_OK;
}

static void drop_batch(batch *b) {
  ml_release(b->pixels);
  ml_free(b, b->bytes);
}

static void append(ml_loader *l, batch *b) {
  pthread_mutex_lock(&l->mutex);
  if (l->first) l->last->later = b;
  else l->first = b;
  l->last = b;
  pthread_cond_broadcast(&l->asked);
  pthread_mutex_unlock(&l->mutex);
}

ml_status ml_loader_ask(ml_context *c, ml_loader *l, const char *const *paths, int64_t count, const ml_picture_list_options *o) {
  batch *b;
  ML_TRY(make_batch(c, paths, count, o, &b));
  b->room = ml_picture_list_room(l->wanted);
  append(l, b);
  start(l);
  return ML_OK;
}

/* The caller decodes what nobody has begun, and waits for what others are at. */
static ml_status finish(ml_context *c, ml_loader *l, batch *b) {
  pthread_mutex_lock(&l->mutex);
  int64_t from = b->next;
  b->next = b->list.count;
  pthread_mutex_unlock(&l->mutex);
  ml_status status = ml_picture_list_rest(c, &b->list, from);
  pthread_mutex_lock(&l->mutex);
  b->done += b->list.count - from;
  while (b->done < b->list.count) pthread_cond_wait(&l->finished, &l->mutex);
  l->first = b->later;
  pthread_mutex_unlock(&l->mutex);
  return status;
}

ml_status ml_loader_take(ml_context *c, ml_loader *l, ml_tensor **out) {
  batch *b = l->first;
  *out = NULL;
  if (!b) return ml_fail(c, "picture_loader: nothing was asked for");
  ml_status status = finish(c, l, b);
  if (status == ML_OK && !b->pixels) status = ml_picture_list_read(c, b->list.paths, b->list.count, &b->wish, out);
  else if (status == ML_OK && b->list.failed < b->list.count) /* or was interrupted, and nobody minds any more */
    status = ml_picture_list_all(c, &b->list);
  if (status == ML_OK && b->pixels) *out = b->pixels, b->pixels = NULL;
  drop_batch(b);
  return status;
}

/* The loader --------------------------------------------------------------------------------------------------------- */

ml_status ml_loader_open(ml_context *c, int threads, ml_loader **out) {
  void *block;
  *out = NULL;
  if (threads < 1 || threads > ML_LOADER_THREADS)
    return ml_fail(c, "picture_loader: workers must be 1..%d, got %d", ML_LOADER_THREADS, threads);
  ML_TRY(ml_alloc_checked(c, sizeof **out, &block));
  *out = block;
  **out = (ml_loader){.mutex = PTHREAD_MUTEX_INITIALIZER, .asked = PTHREAD_COND_INITIALIZER, .finished = PTHREAD_COND_INITIALIZER,
                      .wanted = threads};
  return ML_OK;
}

static void join(ml_loader *l) {
  pthread_mutex_lock(&l->mutex);
  l->stopping = true;
  pthread_cond_broadcast(&l->asked);
  pthread_mutex_unlock(&l->mutex);
  for (int k = 0; k < l->started; k++) pthread_join(l->thread[k], NULL);
}

void ml_loader_close(ml_loader *l) {
  if (!l) return;
  join(l);
  for (batch *b = l->first, *later; b; b = later) {
    later = b->later;
    drop_batch(b);
  }
  ml_free(l, sizeof *l);
}
