/* Worker processes by fork: see workers.h. A message is its length in eight bytes and its bytes. */

#include "vm/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lauxlib.h"
#include "tensor/parallel.h"
#include "vm/interrupt.h"
#include "vm/status.h"

enum { MOST = 64 };
#define TEAM "moonlab.Workers"

typedef struct worker {
  pid_t pid; /* 0: there is none (any more) */
  int fd;
  bool busy;
} worker;

typedef struct team {
  int n;
  worker of[MOST];
} team;

/* Both return 0, or the error; a closed end is EPIPE. */
static int send_all(int fd, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size > 0) {
    ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR && !ml_interrupted()) continue;
    if (n < 0) return errno;
    at += n;
    size -= (size_t)n;
  }
  return 0;
}

static int receive_all(int fd, void *bytes, size_t size) {
  char *at = bytes;
  while (size > 0) {
    ssize_t n = recv(fd, at, size, 0);
    if (n < 0 && errno == EINTR && !ml_interrupted()) continue;
    if (n <= 0) return n == 0 ? EPIPE : errno;
    at += n;
    size -= (size_t)n;
  }
  return 0;
}

static int send_message(int fd, const char *text, size_t size) {
  uint64_t length = size;
  int error = send_all(fd, &length, sizeof length);
  return error ? error : send_all(fd, text, size);
}

/* Pushes the message. Both ends are this program, so the length is trusted. */
static int receive_message(lua_State *L, int fd) {
  uint64_t length;
  int error = receive_all(fd, &length, sizeof length);
  if (error) return error;
  luaL_Buffer b;
  char *text = luaL_buffinitsize(L, &b, (size_t)length);
  error = receive_all(fd, text, (size_t)length);
  luaL_pushresultsize(&b, error ? 0 : (size_t)length);
  if (error) lua_pop(L, 1);
  return error;
}

/* In the copy ---------------------------------------------------------------------------------------------------------- */

/* What the copy prints goes to stderr: stdout is the parent's. Nothing is read from the terminal. */
static void set_up_streams(void) {
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) dup2(nothing, 0);
  dup2(2, 1);
}

static int answer(lua_State *L) { /* f, fd */
  int fd = (int)lua_tointeger(L, 2);
  for (;;) {
    lua_pushvalue(L, 1);
    if (receive_message(L, fd)) return 0; /* the parent has closed its end */
    lua_call(L, 1, 1);
    size_t size;
    const char *text = luaL_checklstring(L, -1, &size);
    if (send_message(fd, text, size)) return 0;
    lua_pop(L, 1);
  }
}

/* Never returns. _exit: what the parent has in its buffers and registered for its end is the parent's affair. */
static void work(lua_State *L, int fd) {
  set_up_streams();
  lua_pushcfunction(L, answer);
  lua_pushvalue(L, 2);
  lua_pushinteger(L, fd);
  if (lua_pcall(L, 2, 0, 0) == LUA_OK) _exit(STATUS_OK);
  if (interrupt_signal()) _exit(STATUS_SIGNAL + interrupt_signal());
  fprintf(stderr, "moonlab: worker: %s\n", luaL_tolstring(L, -1, NULL));
  _exit(STATUS_SCRIPT);
}

/* In the parent -------------------------------------------------------------------------------------------------------- */

static void end_worker(worker *w, bool kill_it, int *status) {
  if (!w->pid) return;
  close(w->fd);
  if (kill_it) kill(w->pid, SIGKILL);
  while (waitpid(w->pid, status, 0) < 0 && errno == EINTR) continue;
  w->pid = 0;
}

static int close_team(lua_State *L) {
  team *t = luaL_checkudata(L, 1, TEAM);
  int status;
  for (int i = 0; i < t->n; i++) end_worker(&t->of[i], t->of[i].busy, &status);
  return 0;
}

/* Returns 0 or the error. */
static int start_worker(lua_State *L, team *t, int i) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return errno;
  pid_t parent = getpid(), pid = fork();
  if (pid < 0) {
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    return error;
  }
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(STATUS_OK);
    close(ends[0]);
    for (int k = 0; k < i; k++) { /* those of its elder brothers, who would else never see their end */
      close(t->of[k].fd);
      t->of[k].pid = 0;
    }
    t->n = 0;
    work(L, ends[1]);
  }
  close(ends[1]);
  t->of[i] = (worker){.pid = pid, .fd = ends[0]};
  return 0;
}

int workers_make(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 1 && n <= MOST, 1, "1 to 64 workers expected");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  team *t = lua_newuserdatauv(L, sizeof *t, 0);
  t->n = 0;
  luaL_setmetatable(L, TEAM);
  fflush(NULL);
  ml_threads_stop(); /* a copy has one thread; the pool starts again by itself on both sides */
  for (int i = 0; i < n; i++) {
    int error = start_worker(L, t, i);
    if (error) return luaL_error(L, "no worker process could be started: %s", strerror(error));
    t->n = i + 1;
  }
  return 1;
}

static worker *worker_of(lua_State *L, team *t) {
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1 && i <= t->n, 2, "no such worker");
  return &t->of[i - 1];
}

static int send_task(lua_State *L) {
  team *t = luaL_checkudata(L, 1, TEAM);
  worker *w = worker_of(L, t);
  size_t size;
  const char *task = luaL_checklstring(L, 3, &size);
  luaL_argcheck(L, w->pid && !w->busy, 2, "the worker is not idle");
  w->busy = true;
  if (send_message(w->fd, task, size) && ml_interrupted()) return luaL_error(L, INTERRUPT_MESSAGE);
  return 0; /* a worker that has died is found out by receive */
}

/* Why a worker has ended, pushed. */
static void push_end(lua_State *L, int status) {
  if (WIFSIGNALED(status))
    lua_pushfstring(L, "killed by signal %d", WTERMSIG(status));
  else
    lua_pushfstring(L, "ended with status %d", WEXITSTATUS(status));
}

static int receive(lua_State *L) {
  team *t = luaL_checkudata(L, 1, TEAM);
  struct pollfd waiting[MOST];
  int which[MOST], n = 0;
  for (int i = 0; i < t->n; i++) {
    if (!t->of[i].pid || !t->of[i].busy) continue;
    waiting[n] = (struct pollfd){.fd = t->of[i].fd, .events = POLLIN};
    which[n++] = i;
  }
  if (n == 0) return luaL_error(L, "receive: no worker has a task");
  while (poll(waiting, (nfds_t)n, -1) < 0)
    if (errno != EINTR || ml_interrupted()) return luaL_error(L, errno == EINTR ? INTERRUPT_MESSAGE : strerror(errno));
  int found = 0;
  while (!waiting[found].revents) found++;
  worker *w = &t->of[which[found]];
  lua_pushinteger(L, which[found] + 1);
  if (receive_message(L, w->fd) == 0) {
    w->busy = false;
    return 2;
  }
  if (ml_interrupted()) return luaL_error(L, INTERRUPT_MESSAGE);
  int status = 0;
  end_worker(w, false, &status);
  lua_pushnil(L);
  push_end(L, status);
  return 3;
}

void workers_register(lua_State *L) {
  static const luaL_Reg methods[] = {{"send", send_task}, {"receive", receive}, {"close", close_team}, {NULL, NULL}};
  luaL_newmetatable(L, TEAM);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, close_team);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, close_team);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
}
