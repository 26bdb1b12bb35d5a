/* Signals become one error in the running coroutine. See interrupt.h. */

#include "vm/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#include "lauxlib.h"
#include "tensor/parallel.h"

static pthread_t owner; /* the thread that runs Lua */
static lua_State *volatile running;
static volatile sig_atomic_t last, waiting, held, patient;

/* The binding of a kernel may have reported the interrupt before the hook gets its turn: then there is nothing to do.
 */
static void stop(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  if (!ml_interrupted()) return;
  ml_interrupt_set(false);
  lua_pushliteral(L, INTERRUPT_MESSAGE);
  lua_error(L);
}

static void arm(lua_State *L) { lua_sethook(L, stop, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1); }

static void on_signal(int sig) {
  int saved = errno;
  if (!pthread_equal(pthread_self(), owner)) {
    pthread_kill(owner, sig);
  } else if (held && !waiting) {
    waiting = sig;
  } else if (ml_interrupted() && !patient) {
    signal(sig, SIG_DFL);
    raise(sig);
  } else {
    last = sig;
    ml_interrupt_set(true);
    arm(running);
  }
  errno = saved;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

/* What was ignored from the start stays so: nohup, and jobs that a shell has put into the background. */
void interrupt_install(lua_State *L, bool orderly) {
  struct sigaction action = {.sa_handler = on_signal}, before;
  owner = pthread_self();
  running = L;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < (orderly ? 3 : 1); i++)
    if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(signals[i], &action, NULL);
}

void interrupt_remove(void) {
  struct sigaction before;
  for (int i = 0; i < 3; i++)
    if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == on_signal) signal(signals[i], SIG_DFL);
  running = NULL;
}

void interrupt_patient(bool on) { patient = on; }

lua_State *interrupt_running(lua_State *L) {
  lua_State *before = running;
  running = L;
  return before;
}

void interrupt_resumed(lua_State *L) {
  if (ml_interrupted()) arm(L);
}

void interrupt_hold(bool on) {
  held = on;
  if (!on) waiting = 0;
}

int interrupt_take(void) {
  int sig = waiting;
  if (sig) last = sig;
  waiting = 0;
  return sig;
}

int interrupt_signal(void) { return last; }

void interrupt_clear(void) {
  ml_interrupt_set(false);
  held = 0;
  waiting = 0;
  last = 0;
}
