/* moonlab run, check, predict, data, label, help, doctor, version.
 *
 * C takes the words apart and makes the state; what a subcommand does stands in the Lua module moonlab.command. Its
 * functions, run(path, options) and so on, return the exit status, or raise {status =, message =}. */

#include "repl/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "repl/doctor.h"
#include "repl/nearest.h"
#include "repl/options.h"
#include "repl/report.h"
#include "repl/usage.h"
#include "tensor/parallel.h"
#include "vm/allocator.h"
#include "vm/interrupt.h"
#include "vm/sandbox.h"
#include "vm/status.h"
#include "vm/terminal.h"

typedef struct command_line {
  const char *name, *path, *out, *seed, *by; /* name: the subcommand; the others NULL when not given */
  bool json, quiet;
  int argc, words;
  char **argv; /* after parse, the overrides of a recipe, or what predict is for, stand in 1..words */
  const vm_opener *openers;
} command_line;

static const char *const option_names[] = {"--out", "--seed", "--by", "--threads", "--json", "--quiet", "--traceback", NULL};

bool command_is(const char *word) {
  for (const char *const *name = usage_subcommands; *name; name++)
    if (strcmp(word, *name) == 0) return true;
  return false;
}

/* field=value; a path with '=' in it is written ./a=b.lua */
static bool is_override(const char *word) {
  const char *equals = strchr(word, '=');
  return word[0] != '-' && equals && equals != word && !memchr(word, '/', (size_t)(equals - word));
}

static bool is_integer(const char *text) {
  char *end;
  if (!*text) return false;
  strtoll(text, &end, 10);
  return *end == '\0';
}

static int unknown_option(const command_line *line, const char *word) {
  const char *near = nearest_name(word, option_names);
  if (near) return usage_error("%s: unknown option '%s'; did you mean '%s'?", line->name, word, near);
  return usage_error("%s: unknown option '%s'", line->name, word);
}

static bool predicts(const command_line *line) { return strcmp(line->name, "predict") == 0; }
static bool profiles(const command_line *line) { return strcmp(line->name, "data") == 0; }

/* Takes the option at word[0]; *words becomes how many words it is. Returns 0 or the exit status. */
static int take_option(command_line *line, char **word, int *words) {
  bool makes = strcmp(line->name, "run") == 0 || profiles(line), labels = strcmp(line->name, "label") == 0;
  const char *out = makes || labels ? options_value(word, "--out") : NULL;
  const char *seed = makes ? options_value(word, "--seed") : NULL, *by = labels ? options_value(word, "--by") : NULL;
  const char *value = out ? out : seed ? seed : by;
  *words = 1;
  if (value) {
    if (!*value) return usage_error("%s: %s needs a value", line->name, word[0]);
    if (seed && !is_integer(seed)) return usage_error("%s: --seed: an integer expected, got '%s'", line->name, seed);
    *words = value == word[1] ? 2 : 1;
    if (out)
      line->out = out;
    else if (seed)
      line->seed = seed;
    else
      line->by = by;
  } else if (strcmp(word[0], "--json") == 0) {
    line->json = true;
  } else if (strcmp(word[0], "--quiet") == 0 || strcmp(word[0], "-q") == 0) {
    line->quiet = true;
  } else if (options_value(word, "--threads") || strcmp(word[0], "--traceback") == 0) {
    return options_general(word, words);
  } else {
    return unknown_option(line, word[0]);
  }
  return STATUS_OK;
}

static int parse(command_line *line) {
  int words = 1;
  for (int i = 1; i < line->argc; i += words) {
    char **word = &line->argv[i];
    words = 1;
    if (word[0][0] == '-') {
      int status = take_option(line, word, &words);
      if (status != STATUS_OK) return status;
    } else if (predicts(line) ? line->path != NULL : is_override(word[0])) {
      line->argv[++line->words] = word[0];
    } else {
      if (line->path) return usage_error("%s: one %s expected, got '%s' and '%s'", line->name, profiles(line) ? "recipe or file" : "recipe", line->path, word[0]);
      line->path = word[0];
    }
  }
  if (!line->path)
    return usage_error("%s: which %s?", line->name, predicts(line) ? "run" : profiles(line) ? "recipe or file" : "recipe");
  if (predicts(line) && line->words == 0) return usage_error("predict: which file of rows, or picture?");
  return STATUS_OK;
}

static void push_words(lua_State *L, const command_line *line) {
  lua_createtable(L, line->words, 0);
  for (int i = 1; i <= line->words; i++) {
    lua_pushstring(L, line->argv[i]);
    lua_rawseti(L, -2, i);
  }
}

static void set_boolean(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

static void push_terminal(lua_State *L) {
  lua_newtable(L);
  set_boolean(L, "stdout_tty", terminal_is_tty(1));
  set_boolean(L, "stderr_tty", terminal_is_tty(2));
  set_boolean(L, "utf8", terminal_utf8());
  set_boolean(L, "color", terminal_color(2));
  lua_pushinteger(L, terminal_columns(terminal_is_tty(2) ? 2 : 1));
  lua_setfield(L, -2, "columns");
}

static void push_options(lua_State *L, const command_line *line) {
  lua_newtable(L);
  push_words(L, line);
  lua_setfield(L, -2, predicts(line) ? "inputs" : "overrides");
  push_terminal(L);
  lua_setfield(L, -2, "terminal");
  set_boolean(L, "json", line->json);
  set_boolean(L, "quiet", line->quiet);
  lua_pushstring(L, line->out);
  lua_setfield(L, -2, "out");
  lua_pushstring(L, line->by);
  lua_setfield(L, -2, "by");
  if (line->seed) {
    lua_pushinteger(L, strtoll(line->seed, NULL, 10));
    lua_setfield(L, -2, "seed");
  }
}

/* Requires the Lua module and calls its function of the subcommand's name; the exit status is left on the stack. */
static int call_library(lua_State *L) {
  const command_line *line = lua_touserdata(L, 1);
  state_open(L, line->openers);
  sandbox_prepare(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonlab.command");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, line->name);
  lua_pushstring(L, line->path);
  push_options(L, line);
  lua_call(L, 2, 1);
  return 1;
}

static lua_State *new_state(bool orderly) {
  lua_State *L = allocator_new_state();
  if (L)
    interrupt_install(L, orderly);
  else
    report_message("not enough memory for a Lua state");
  return L;
}

static int run_library(command_line *line) {
  int status = parse(line);
  if (status != STATUS_OK) return status;
  lua_State *L = new_state(true);
  if (!L) return STATUS_MEMORY;
  lua_pushcfunction(L, call_library);
  lua_pushlightuserdata(L, line);
  int result = report_call(L, 1, 1);
  status = result == LUA_OK ? report_status((int)lua_tointeger(L, -1)) : report_error(L, result);
  interrupt_remove();
  allocator_close_state(L);
  ml_threads_stop();
  return status;
}

/* moonlab help TOPIC: the text of moonlab.help, which also says which name is nearest. */
static int show_help(lua_State *L) {
  const command_line *line = lua_touserdata(L, 1);
  state_open(L, line->openers);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonlab.help");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "show");
  lua_pushstring(L, line->argv[1]);
  lua_call(L, 1, 2);
  if (lua_isstring(L, -2)) {
    puts(lua_tostring(L, -2));
    lua_pushinteger(L, STATUS_OK);
    return 1;
  }
  if (lua_isstring(L, -1))
    report_message("help: no topic '%s'; did you mean '%s'?", line->argv[1], lua_tostring(L, -1));
  else
    report_message("help: no topic '%s'", line->argv[1]);
  lua_pushinteger(L, STATUS_USAGE);
  return 1;
}

static int run_help(command_line *line) {
  if (line->argc == 1) {
    usage_print(stdout);
    return STATUS_OK;
  }
  lua_State *L = new_state(false);
  if (!L) return STATUS_MEMORY;
  lua_pushcfunction(L, show_help);
  lua_pushlightuserdata(L, line);
  int result = report_call(L, 1, 1);
  int status = result == LUA_OK ? (int)lua_tointeger(L, -1) : report_error(L, result);
  interrupt_remove();
  allocator_close_state(L);
  return status;
}

int command_main(int argc, char **argv, const vm_opener *openers) {
  command_line line = {.name = argv[0], .argc = argc, .argv = argv, .openers = openers};
  if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    usage_print(stdout);
    return STATUS_OK;
  }
  if (strcmp(line.name, "help") == 0) return run_help(&line);
  if (strcmp(line.name, "doctor") == 0) return doctor_main();
  if (strcmp(line.name, "version") == 0) {
    options_print_version();
    return STATUS_OK;
  }
  return run_library(&line);
}
