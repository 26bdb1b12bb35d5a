/* The interpreter as stock lua has it (lua.c of Lua 5.4), with the same order of things: options, arg, the
 * environment's init, -e and -l in their order, the script with its arguments, then the REPL or stdin. */

#include "repl/script.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lauxlib.h"
#include "lualib.h"
#include "repl/options.h"
#include "repl/repl.h"
#include "repl/report.h"
#include "repl/usage.h"
#include "repl/version.h"
#include "vm/allocator.h"
#include "vm/interrupt.h"
#include "vm/status.h"
#include "vm/terminal.h"

typedef struct script_plan {
  int argc, script; /* script: where in argv the script's name stands; argc for none */
  char **argv;
  bool interactive, version, execute, no_environment, quiet;
  const vm_opener *openers;
} script_plan;

/* An option whose value is the rest of the word or the next word. Returns how many words it takes, 0 when it has no
 * value. */
static int words_of(char **argv) {
  if (argv[0][2] != '\0') return 1;
  return argv[1] && argv[1][0] != '-' ? 2 : 0;
}

/* Returns 0, or the exit status when the options are wrong. */
static int plan_options(script_plan *p) {
  int i = 1;
  while (i < p->argc && p->argv[i][0] == '-' && p->argv[i][1] != '\0') {
    char **word = &p->argv[i];
    char letter = word[0][1];
    int words = letter == 'e' || letter == 'l' ? words_of(word) : 1;
    if (words == 0) return usage_error(NULL, "'%s' needs argument", word[0]);
    if (letter == '-' && word[0][2] == '\0') {
      i++;
      break;
    }
    if (letter == '-') {
      int status = options_general(word, &words);
      if (status != STATUS_OK) return status;
    } else if (letter == 'e') {
      p->execute = true;
    } else if (letter != 'l') {
      if (!strchr("EWiqv", letter) || word[0][2] != '\0') return usage_error(NULL, "unrecognized option '%s'", word[0]);
      p->no_environment |= letter == 'E';
      p->interactive |= letter == 'i';
      p->version |= letter == 'v';
      p->quiet |= letter == 'q';
    }
    i += words;
  }
  p->script = i;
  return STATUS_OK;
}

static void set_arg_table(lua_State *L, const script_plan *p) {
  int zero = p->script == p->argc ? 0 : p->script; /* without a script, the program's name is arg[0] */
  int positive = p->argc - (zero + 1);
  lua_createtable(L, positive, zero + 1);
  for (int i = 0; i < p->argc; i++) {
    lua_pushstring(L, p->argv[i]);
    lua_rawseti(L, -2, i - zero);
  }
  lua_setglobal(L, "arg");
}

static int run_string(lua_State *L, const char *text, const char *name) {
  int status = luaL_loadbuffer(L, text, strlen(text), name);
  if (status == LUA_OK) status = report_call(L, 0, 0);
  return report_error(L, status);
}

static int run_file(lua_State *L, const char *path) {
  int status = luaL_loadfile(L, path);
  if (status == LUA_OK) status = report_call(L, 0, 0);
  return report_error(L, status);
}

/* -l mod, -l g=mod */
static int require_library(lua_State *L, const char *text) {
  const char *equals = strchr(text, '='), *module = equals ? equals + 1 : text;
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = report_call(L, 1, 1);
  if (status == LUA_OK) {
    lua_pushglobaltable(L);
    lua_pushlstring(L, text, equals ? (size_t)(equals - text) : strlen(text));
    lua_rotate(L, -3, -1);
    lua_settable(L, -3);
    lua_pop(L, 1);
  }
  return report_error(L, status);
}

/* MOONLAB_INIT: a chunk, or @ and a file. */
static int run_init(lua_State *L) {
  const char *init = getenv("MOONLAB_INIT");
  if (!init) return STATUS_OK;
  return init[0] == '@' ? run_file(L, init + 1) : run_string(L, init, "=MOONLAB_INIT");
}

/* -e, -l and -W act in their order. */
static int run_options(lua_State *L, const script_plan *p) {
  for (int i = 1; i < p->script; i++) {
    char **word = &p->argv[i];
    char letter = word[0][1];
    if (letter == 'W') lua_warning(L, "@on", 0);
    if (letter == '-' && word[0][2] != '\0') i += options_words(word) - 1;
    if (letter != 'e' && letter != 'l') continue;
    const char *value = word[0][2] ? word[0] + 2 : p->argv[++i];
    int status = letter == 'e' ? run_string(L, value, "=(command line)") : require_library(L, value);
    if (status != STATUS_OK) return status;
  }
  return STATUS_OK;
}

static bool is_missing(const script_plan *p) {
  const char *name = p->argv[p->script];
  return strcmp(name, "-") != 0 && access(name, F_OK) != 0 && errno == ENOENT;
}

static int run_script(lua_State *L, const script_plan *p) {
  const char *name = p->argv[p->script];
  bool is_stdin = strcmp(name, "-") == 0 && strcmp(p->argv[p->script - 1], "--") != 0;
  if (!is_stdin && is_missing(p)) return usage_unknown_word(name);
  int status = luaL_loadfile(L, is_stdin ? NULL : name);
  if (status == LUA_OK) {
    int arguments = p->argc - p->script - 1;
    luaL_checkstack(L, arguments + 3, "too many arguments to script");
    for (int i = 1; i <= arguments; i++) lua_pushstring(L, p->argv[p->script + i]);
    status = report_call(L, arguments, LUA_MULTRET);
  }
  return report_error(L, status);
}

static int run_plan(lua_State *L, const script_plan *p) {
  bool alone = p->script == p->argc;
  if (p->version) options_print_version();
  if (p->no_environment) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  state_open(L, p->openers);
  set_arg_table(L, p);
  int status = p->no_environment ? STATUS_OK : run_init(L);
  if (status == STATUS_OK) status = run_options(L, p);
  if (status == STATUS_OK && !alone) status = run_script(L, p);
  if (status != STATUS_OK) return status;
  if (p->interactive) return repl_run(L, p->quiet || p->version);
  if (!alone || p->execute || p->version) return STATUS_OK;
  return terminal_is_tty(0) ? repl_run(L, p->quiet) : run_file(L, NULL);
}

/* Everything that can raise runs below this one protected call. */
static int protected_main(lua_State *L) {
  lua_pushinteger(L, run_plan(L, lua_touserdata(L, 1)));
  return 1;
}

int script_main(int argc, char **argv, const vm_opener *openers) {
  script_plan plan = {.argc = argc, .argv = argv, .openers = openers};
  int status = plan_options(&plan);
  if (status != STATUS_OK) return status;
  lua_State *L = allocator_new_state();
  if (!L) {
    report_message("not enough memory for a Lua state");
    return STATUS_MEMORY;
  }
  interrupt_install(L, false);
  lua_pushcfunction(L, protected_main);
  lua_pushlightuserdata(L, &plan);
  int result = lua_pcall(L, 1, 1, 0);
  status = result == LUA_OK ? (int)lua_tointeger(L, -1) : report_error(L, result);
  interrupt_remove();
  allocator_close_state(L);
  return status;
}
