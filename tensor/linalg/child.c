/* The child works on its own copy of the memory (copy on write); when it is done it copies the results into memory that
 * both share. The pool is joined before the fork and starts again by itself on either side. The child leaves by _exit: no
 * handler at exit, no buffer is written twice. It dies with its parent. */

#include "tensor/linalg/child.h"

#include "tensor/parallel.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long the parent sleeps between looks at the child: a twentieth of what has passed, within bounds. A signal ends
 * the sleep. */
enum { SHORTEST_SLEEP = 100000, LONGEST_SLEEP = 5000000 }; /* nanoseconds */

static void child(pid_t parent, void (*work)(void *arg), void *arg, const ml_child_result *result, char *shared) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  signal(SIGINT, SIG_IGN); /* the terminal sends it to both; the parent decides */
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  ml_interrupt_set(false);
  work(arg);
  char *done = shared++;
  for (; result->data != NULL; result++) {
    memcpy(shared, result->data, result->bytes);
    shared += result->bytes;
  }
  *done = 1;
  _exit(0);
}

/* Waits until the child is gone; *killed: because of an interrupt. Returns its status, 0 if there is none. */
static int await(pid_t pid, bool *killed) {
  int status = 0;
  long sleep = SHORTEST_SLEEP;
  *killed = false;
  for (;;) {
    pid_t gone = waitpid(pid, &status, *killed ? 0 : WNOHANG);
    if (gone == pid) return status;
    if (gone < 0 && errno != EINTR) return 0;
    if (ml_interrupted() && !*killed) {
      kill(pid, SIGKILL);
      *killed = true;
      continue;
    }
    nanosleep(&(struct timespec){.tv_nsec = sleep}, NULL);
    sleep += sleep / 20;
    if (sleep > LONGEST_SLEEP) sleep = LONGEST_SLEEP;
  }
}

ml_status ml_child_run(ml_context *c, const char *op, void (*work)(void *arg), void *arg,
                       const ml_child_result result[ML_CHILD_RESULTS + 1]) {
  size_t bytes = 1;
  for (const ml_child_result *r = result; r->data != NULL; r++) bytes += r->bytes;
  char *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return ml_fail_as(c, ML_OUT_OF_MEMORY, "%s: no memory for the results", op);
  ml_threads_stop();
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) child(parent, work, arg, result, shared);
  ml_status status = ML_OK;
  bool killed;
  if (pid < 0) {
    status = ml_fail_as(c, ML_OUT_OF_MEMORY, "%s: can't start a process: %s", op, strerror(errno));
  } else {
    int ended = await(pid, &killed);
    if (killed) status = ml_fail_as(c, ML_INTERRUPTED, "interrupted");
    else if (shared[0] != 1) /* not the exit status: where SIGCHLD is ignored there is none */
      status = ml_fail_as(c, ML_OUT_OF_MEMORY, "%s: the process that computed it was ended (signal %d)\n  hint: the system may be short of memory", op,
                          WIFSIGNALED(ended) ? WTERMSIG(ended) : 0);
  }
  const char *from = shared + 1;
  for (const ml_child_result *r = result; status == ML_OK && r->data != NULL; r++) {
    memcpy(r->data, from, r->bytes);
    from += r->bytes;
  }
  munmap(shared, bytes);
  return status;
}
