/* moonlab run, check, cv and the others of repl/subcommands.c; help, doctor, version.
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
#include "repl/subcommands.h"
#include "repl/usage.h"
#include "tensor/parallel.h"
#include "vm/allocator.h"
#include "vm/interrupt.h"
#include "vm/sandbox.h"
#include "vm/status.h"
#include "vm/terminal.h"

typedef struct command_line {
  const char *name, *path;          /* name: the subcommand; path: its first word, NULL when not given */
  const subcommand *of;             /* NULL for help, doctor and version */
  const char *values[OPTION_COUNT]; /* NULL when not given */
  bool json, quiet;
  int argc, words;
  char **argv; /* after parse, the overrides of a recipe, or the inputs, stand in 1..words */
  const vm_opener *openers;
} command_line;

static const char *const flags[] = {"--threads", "--json", "--quiet", "--traceback"};

bool command_is(const char *word) {
  for (const char *const *name = usage_other_subcommands; *name; name++)
    if (strcmp(word, *name) == 0) return true;
  return subcommand_find(word) != NULL;
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
  const char *names[OPTION_COUNT + sizeof flags / sizeof *flags + 1];
  size_t n = 0;
  for (int i = 0; i < OPTION_COUNT; i++)
    if (line->of->takes & (1u << i)) names[n++] = subcommand_options[i].name;
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) names[n++] = flags[i];
  names[n] = NULL;
  const char *near = nearest_name(word, names);
  if (near) return usage_error(line->of, "%s: unknown option '%s'; did you mean '%s'?", line->name, word, near);
  return usage_error(line->of, "%s: unknown option '%s'", line->name, word);
}

/* The option of this subcommand that is this word and has no value, or -1. */
static int flag_of(const command_line *line, const char *word) {
  for (int i = 0; i < OPTION_COUNT; i++)
    if (line->of->takes & (1u << i) && subcommand_options[i].flag && strcmp(word, subcommand_options[i].name) == 0) return i;
  return -1;
}

/* Takes an option with a value of this subcommand; *words becomes 0 where word[0] is none. Returns 0 or the exit status. */
static int take_value(command_line *line, char **word, int *words) {
  *words = 0;
  for (int i = 0; i < OPTION_COUNT; i++) {
    const subcommand_option *option = &subcommand_options[i];
    const char *value = line->of->takes & (1u << i) && !option->flag ? options_value(word, option->name) : NULL;
    if (!value) continue;
    if (!*value) return usage_error(line->of, "%s: %s needs a value", line->name, word[0]);
    if (option->integer && !is_integer(value))
      return usage_error(line->of, "%s: %s: an integer expected, got '%s'", line->name, option->name, value);
    *words = value == word[1] ? 2 : 1;
    line->values[i] = value;
  }
  return STATUS_OK;
}

/* Takes the option at word[0]; *words becomes how many words it is. Returns 0 or the exit status. */
static int take_option(command_line *line, char **word, int *words) {
  int status = take_value(line, word, words);
  if (status != STATUS_OK || *words > 0) return status;
  *words = 1;
  int flag = flag_of(line, word[0]);
  if (flag >= 0)
    line->values[flag] = word[0];
  else if (strcmp(word[0], "--json") == 0)
    line->json = true;
  else if (strcmp(word[0], "--quiet") == 0 || strcmp(word[0], "-q") == 0)
    line->quiet = true;
  else if (options_value(word, "--threads") || strcmp(word[0], "--traceback") == 0)
    return options_general(word, words);
  else
    return unknown_option(line, word[0]);
  return STATUS_OK;
}

/* A word that is no option: the path, an input or an override. */
static int take_word(command_line *line, char *word) {
  bool further = line->of->no_path || (line->of->inputs ? line->path != NULL : is_override(word));
  if (further) {
    line->argv[++line->words] = word;
    return STATUS_OK;
  }
  if (line->path) return usage_error(line->of, "%s: one %s expected, got '%s' and '%s'", line->name, line->of->noun, line->path, word);
  line->path = word;
  return STATUS_OK;
}

static int parse(command_line *line) {
  int words = 1;
  for (int i = 1; i < line->argc; i += words) {
    char **word = &line->argv[i];
    words = 1;
    int status = word[0][0] == '-' ? take_option(line, word, &words) : take_word(line, word[0]);
    if (status != STATUS_OK) return status;
  }
  if (!line->path && !line->of->no_path) return usage_error(line->of, "%s: which %s?", line->name, line->of->noun);
  if (line->of->inputs && line->words == 0) return usage_error(line->of, "%s: which %s?", line->name, line->of->inputs);
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

/* The values of options, under their names without dashes. */
static void push_values(lua_State *L, const command_line *line) {
  for (int i = 0; i < OPTION_COUNT; i++) {
    const char *value = line->values[i];
    if (!value) continue;
    if (subcommand_options[i].flag)
      lua_pushboolean(L, 1);
    else if (subcommand_options[i].integer)
      lua_pushinteger(L, strtoll(value, NULL, 10));
    else
      lua_pushstring(L, value);
    lua_setfield(L, -2, subcommand_options[i].name + 2);
  }
}

static void push_options(lua_State *L, const command_line *line) {
  lua_newtable(L);
  push_words(L, line);
  lua_setfield(L, -2, line->of->inputs || line->of->no_path ? "inputs" : "overrides");
  push_terminal(L);
  lua_setfield(L, -2, "terminal");
  set_boolean(L, "json", line->json);
  set_boolean(L, "quiet", line->quiet);
  push_values(L, line);
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

/* Whether one of the words asks for help: moonlab runs rm --help. */
static bool asks_help(const command_line *line) {
  for (int i = 1; i < line->argc; i++)
    if (strcmp(line->argv[i], "--help") == 0 || strcmp(line->argv[i], "-h") == 0) return true;
  return false;
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
  if (subcommand_find(line->argv[1])) {
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
  const subcommand *one = subcommand_find(line->argv[1]);
  if (one) {
    usage_print_subcommand(one, stdout);
    puts("");
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
  line.of = subcommand_find(line.name);
  if (asks_help(&line)) {
    if (line.of)
      usage_print_subcommand(line.of, stdout);
    else
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
