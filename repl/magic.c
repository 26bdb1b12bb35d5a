/* %tb, %time, %who, and ?name for help. */

#include "repl/magic.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lauxlib.h"
#include "repl/lazy.h"
#include "repl/nearest.h"
#include "repl/print.h"
#include "repl/repl.h"
#include "repl/report.h"
#include "repl/session.h"
#include "vm/ordered.h"
#include "vm/terminal.h"
#include "vm/traceback.h"

typedef struct magic {
  const char *name, *help;
  void (*run)(lua_State *L, const char *rest);
} magic;

static const char known_key = 0;

bool magic_is(const char *line) { return line[0] == '%' || line[0] == '?'; }

/* Adds the string keys of the table at the top to the one below it, and pops it. */
static void add_names(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2);) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, -5);
  }
  lua_pop(L, 1);
}

void magic_start(lua_State *L) {
  lua_newtable(L);
  lua_pushglobaltable(L);
  add_names(L);
  for (const char *const *name = lazy_names; *name; name++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, *name);
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &known_key);
}

static void show_traceback(lua_State *L, const char *rest) {
  (void)rest;
  traceback_last(L);
  if (lua_isstring(L, -1))
    puts(lua_tostring(L, -1));
  else
    puts("no error yet");
  lua_pop(L, 1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_timed(lua_State *L, const char *rest) {
  double begin = now();
  int status = repl_evaluate(L, rest);
  double seconds = now() - begin;
  if (status != LUA_OK) return;
  if (seconds < 1e-3)
    printf("time: %.1f us\n", seconds * 1e6);
  else if (seconds < 1)
    printf("time: %.2f ms\n", seconds * 1e3);
  else
    printf("time: %.2f s\n", seconds);
}

/* The name at the top stands for the value below it: prints both on one line. */
static int print_variable(lua_State *L) {
  int columns = terminal_columns(1) - 20;
  print_push_line(L, 1, columns > 20 ? columns : 20);
  printf("%-16s %s\n", lua_tostring(L, 2), lua_tostring(L, -1));
  return 0;
}

/* Is the global of this name one that the user made? Pushes its value then. */
static bool push_own_global(lua_State *L, const char *name) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &known_key);
  bool known = lua_getfield(L, -1, name) != LUA_TNIL;
  lua_pop(L, 2);
  if (known) return false;
  lua_pushglobaltable(L);
  lua_pushstring(L, name);
  bool there = lua_rawget(L, -2) != LUA_TNIL;
  lua_remove(L, -2);
  if (!there) lua_pop(L, 1);
  return there;
}

static int list_variables(lua_State *L) {
  lua_newtable(L);
  session_push_names(L);
  add_names(L);
  lua_pushglobaltable(L);
  add_names(L);
  lua_Integer n = ordered_keys(L, 1), shown = 0;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_pushcfunction(L, print_variable);
    lua_rawgeti(L, 2, i);
    const char *name = lua_tostring(L, -1);
    if (session_push_local(L, name) || push_own_global(L, name)) {
      lua_insert(L, -2);
      lua_call(L, 2, 0);
      shown++;
    }
    lua_settop(L, 2);
  }
  if (shown == 0) puts("no variables yet");
  return 0;
}

static void show_variables(lua_State *L, const char *rest) {
  (void)rest;
  lua_pushcfunction(L, list_variables);
  int status = report_call(L, 0, 0);
  report_error(L, status);
}

static int help_on(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonlab.help");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "show");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 2);
  if (lua_isstring(L, -2))
    puts(lua_tostring(L, -2));
  else if (lua_isstring(L, -1))
    printf("no help on '%s'; did you mean '%s'?\n", lua_tostring(L, 1), lua_tostring(L, -1));
  else
    printf("no help on '%s'\n", lua_tostring(L, 1));
  return 0;
}

static void show_help(lua_State *L, const char *rest);

static const magic magics[] = {
    {"tb", "the whole traceback of the last error", show_traceback},
    {"time", "CHUNK: how long it takes", run_timed},
    {"who", "the variables that you have made", show_variables},
    {"help", "this list", show_help},
};

enum { MAGICS = sizeof magics / sizeof *magics };

static void show_help(lua_State *L, const char *rest) {
  if (*rest) {
    lua_pushcfunction(L, help_on);
    lua_pushstring(L, rest);
    int status = lua_pcall(L, 1, 0, 0);
    report_error(L, status);
    return;
  }
  puts("?name            help on a function, an op or a topic");
  for (int i = 0; i < MAGICS; i++) printf("%%%-15s %s\n", magics[i].name, magics[i].help);
}

static void run_named(lua_State *L, const char *line) {
  const char *names[MAGICS + 1] = {NULL};
  char name[32];
  size_t n = strcspn(line, " \t\n");
  snprintf(name, sizeof name, "%.*s", (int)n, line);
  const char *rest = line + n + strspn(line + n, " \t\n");
  for (int i = 0; i < MAGICS; i++) {
    names[i] = magics[i].name;
    if (strcmp(name, magics[i].name) != 0) continue;
    magics[i].run(L, rest);
    return;
  }
  const char *near = nearest_name(name, names);
  if (near)
    fprintf(stderr, "unknown command '%%%s'; did you mean '%%%s'?\n", name, near);
  else
    fprintf(stderr, "unknown command '%%%s'; %%help lists them\n", name);
}

void magic_run(lua_State *L, const char *line) {
  char name[128];
  if (line[0] == '%') {
    run_named(L, line + 1);
  } else {
    line += strspn(line, "? \t");
    size_t n = strlen(line);
    while (n > 0 && isspace((unsigned char)line[n - 1])) n--;
    snprintf(name, sizeof name, "%.*s", (int)n, line);
    show_help(L, name);
  }
  fflush(stdout);
}
