/* Errors become messages and exit statuses. See report.h. */

#include "repl/report.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "vm/interrupt.h"
#include "vm/status.h"
#include "vm/traceback.h"

int report_call(lua_State *L, int arguments, int results) {
  int base = lua_gettop(L) - arguments;
  lua_pushcfunction(L, traceback_handler);
  lua_insert(L, base);
  int status = lua_pcall(L, arguments, results, base);
  lua_remove(L, base);
  return status;
}

void report_message(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fflush(stdout);
  fputs("moonlab: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

/* The error may carry a position and a traceback; a script may have made the message itself, without a signal. */
static bool is_interrupt(const char *message) {
  return interrupt_signal() != 0 && strstr(message, INTERRUPT_MESSAGE) != NULL;
}

int report_status(int status) {
  return status > STATUS_SIGNAL && interrupt_signal() ? STATUS_SIGNAL + interrupt_signal() : status;
}

/* The `status` of an error table, else what the kind of error says. */
static int exit_status(lua_State *L, int status, const char *message) {
  if (status == LUA_ERRMEM) return STATUS_MEMORY;
  if (is_interrupt(message)) return STATUS_SIGNAL + interrupt_signal();
  if (lua_type(L, -2) != LUA_TTABLE) return STATUS_SCRIPT;
  lua_pushliteral(L, "status");
  lua_rawget(L, -3);
  lua_Integer value = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value >= 1 && value <= 255 ? report_status((int)value) : STATUS_SCRIPT;
}

int report_error(lua_State *L, int status) {
  if (status == LUA_OK) return STATUS_OK;
  traceback_message(L, -1);
  const char *message = lua_tostring(L, -1);
  int code = exit_status(L, status, message);
  report_message("%s", message);
  lua_pop(L, 2);
  return code;
}

int report_exit(int status) {
  int sig = status - STATUS_SIGNAL;
  if (sig != SIGINT && sig != SIGTERM && sig != SIGHUP) return status;
  fflush(NULL);
  signal(sig, SIG_DFL);
  raise(sig);
  return status; /* process 1 is not ended by a signal that it does not handle */
}
