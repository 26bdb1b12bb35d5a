/* Decompressing ahead. See stream_ahead.h.
 *
 * All that both threads see is guarded by the mutex, but the bytes of a block: while it is empty it is the thread's, when it is full the
 * reader's. The allocator belongs to the reader: the thread lays down what it wants, and the reader, who comes back for the next
 * block or to stop, answers. */

#include "tensor/io/stream_ahead.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/library_memory.h"

enum { BLOCK = 1 << 20, BLOCKS = 2 };

typedef struct block {
  size_t bytes, used;
  int64_t taken;
  bool full;
  unsigned char *at;
} block;

struct ml_ahead {
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  ml_ahead_source source;
  void *from;
  block block[BLOCKS];
  int next; /* the reader's */
  bool ended, stopping;
  ml_status status;
  ml_context context; /* the thread's, for its message */
  bool asks;
  size_t asked_bytes; /* 0: `answer` is to be freed */
  void *answer;
  unsigned char room[BLOCKS][BLOCK];
};

static _Thread_local ml_ahead *own; /* on the thread */

/* Memory ------------------------------------------------------------------------------------------------------------ */

static void *ask(size_t bytes, void *address) {
  ml_ahead *a = own;
  pthread_mutex_lock(&a->mutex);
  a->asks = true;
  a->asked_bytes = bytes;
  a->answer = address;
  pthread_cond_broadcast(&a->changed);
  while (a->asks) pthread_cond_wait(&a->changed, &a->mutex);
  void *answer = a->answer;
  pthread_mutex_unlock(&a->mutex);
  return answer;
}

/* With the mutex held, by the reader. */
static void answer(ml_ahead *a) {
  if (!a->asks) return;
  if (a->asked_bytes == 0) ml_library_free(a->answer);
  else a->answer = a->stopping ? NULL : ml_library_alloc(a->asked_bytes);
  a->asks = false;
  pthread_cond_broadcast(&a->changed);
}

void *ml_ahead_alloc(size_t bytes) { return own ? ask(bytes, NULL) : ml_library_alloc(bytes); }

void ml_ahead_free(void *address) {
  if (!own) ml_library_free(address);
  else if (address) ask(0, address);
}

/* The thread -------------------------------------------------------------------------------------------------------- */

static void *fill_blocks(void *arg) {
  ml_ahead *a = own = arg;
  bool ended = false;
  for (int i = 0; !ended; i = (i + 1) % BLOCKS) {
    block *b = &a->block[i];
    pthread_mutex_lock(&a->mutex);
    while (b->full && !a->stopping) pthread_cond_wait(&a->changed, &a->mutex);
    ended = a->stopping;
    pthread_mutex_unlock(&a->mutex);
    size_t got = 0;
    int64_t taken = 0;
    ml_status status = ended ? ML_OK : a->source(&a->context, a->from, b->at, BLOCK, &got, &taken);
    ended = ended || status != ML_OK || got < BLOCK;
    pthread_mutex_lock(&a->mutex);
    b->bytes = got;
    b->used = 0;
    b->taken = taken;
    b->full = got > 0 && status == ML_OK;
    a->ended = ended;
    a->status = status;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->mutex);
  }
  return NULL;
}

ml_status ml_ahead_start(ml_context *c, ml_ahead_source source, void *from, ml_ahead **out) {
  void *room;
  sigset_t all, before;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_ahead), &room));
  ml_ahead *a = room;
  memset(a, 0, offsetof(ml_ahead, room));
  a->source = source;
  a->from = from;
  ml_context_init(&a->context);
  for (int i = 0; i < BLOCKS; i++) a->block[i].at = a->room[i];
  pthread_mutex_init(&a->mutex, NULL);
  pthread_cond_init(&a->changed, NULL);
  sigfillset(&all); /* signals are the main thread's */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&a->thread, NULL, fill_blocks, a) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (started) *out = a;
  else ml_free(a, sizeof *a);
  return ML_OK;
}

/* The reader -------------------------------------------------------------------------------------------------------- */

/* The next full block; NULL at the end. */
static block *wait_for_block(ml_ahead *a) {
  block *b = &a->block[a->next];
  pthread_mutex_lock(&a->mutex);
  answer(a);
  while (!b->full && !a->ended) {
    pthread_cond_wait(&a->changed, &a->mutex);
    answer(a);
  }
  if (!b->full) b = NULL;
  pthread_mutex_unlock(&a->mutex);
  return b;
}

static void give_back(ml_ahead *a, block *b) {
  pthread_mutex_lock(&a->mutex);
  b->full = false;
  pthread_cond_broadcast(&a->changed);
  pthread_mutex_unlock(&a->mutex);
  a->next = (a->next + 1) % BLOCKS;
}

ml_status ml_ahead_read(ml_context *c, ml_ahead *a, void *to, size_t bytes, size_t *got, int64_t *taken) {
  block *b;
  for (*got = 0; *got < bytes;) {
    if (!(b = wait_for_block(a))) break;
    size_t some = b->bytes - b->used < bytes - *got ? b->bytes - b->used : bytes - *got;
    memcpy((char *)to + *got, b->at + b->used, some);
    *got += some;
    *taken = b->taken;
    b->used += some;
    if (b->used == b->bytes) give_back(a, b);
  }
  if (*got == bytes || a->status == ML_OK) return ML_OK;
  return ml_fail_as(c, a->status, "%s", a->context.message);
}

void ml_ahead_stop(ml_ahead *a) {
  if (!a) return;
  pthread_mutex_lock(&a->mutex);
  a->stopping = true;
  pthread_cond_broadcast(&a->changed);
  while (!a->ended) {
    answer(a);
    if (!a->ended) pthread_cond_wait(&a->changed, &a->mutex);
  }
  pthread_mutex_unlock(&a->mutex);
  pthread_join(a->thread, NULL);
  pthread_cond_destroy(&a->changed);
  pthread_mutex_destroy(&a->mutex);
  ml_free(a, sizeof *a);
}
