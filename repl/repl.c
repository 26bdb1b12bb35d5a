/* Reads a chunk, runs it, shows its values, and comes back whatever happened. */

#include "repl/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "repl/history.h"
#include "repl/lazy.h"
#include "repl/lexer.h"
#include "repl/magic.h"
#include "repl/print.h"
#include "repl/reader.h"
#include "repl/report.h"
#include "repl/session.h"
#include "repl/version.h"
#include "vm/interrupt.h"
#include "vm/status.h"
#include "vm/terminal.h"
#include "vm/traceback.h"

#define PROMPT      "> "
#define PROMPT_MORE ">> "

/* Showing ------------------------------------------------------------------------------------------------------------
 */

/* Prints its arguments: on one line, unless one of them takes several. */
static int show_values(lua_State *L) {
  int n = lua_gettop(L), columns = terminal_columns(1);
  bool tall = false;
  luaL_checkstack(L, n + 10, "too many values to show");
  for (int i = 1; i <= n; i++) {
    print_push(L, i, columns);
    tall |= strchr(lua_tostring(L, -1), '\n') != NULL;
  }
  for (int i = 1; i <= n; i++) {
    size_t size;
    const char *text = lua_tolstring(L, n + i, &size);
    fwrite(text, 1, size, stdout);
    fputc(i == n || tall ? '\n' : '\t', stdout);
  }
  fflush(stdout);
  return 0;
}

static void show_error(lua_State *L) {
  traceback_message(L, -1);
  fflush(stdout);
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  fflush(stderr);
  lua_pop(L, 2);
}

/* Where the chunk's own frame begins, which is the outermost of the REPL's: below it is nothing of the user's. A chunk
 * that ended in a tail call has no frame any more; the line that says so is the end then. */
static const char *frames_end(const char *frames) {
  static const char frame[] = "\n\t" SESSION_CHUNK ":", tail[] = "\n\t(...tail calls...)";
  const char *last = NULL;
  for (const char *p = frames; (p = strstr(p, frame)) != NULL; p++) last = p;
  if (!last) return frames + strlen(frames);
  const char *next = strchr(last + 1, '\n');
  return next && strncmp(next, tail, strlen(tail)) == 0 ? next : last;
}

static bool only_c(const char *frames, const char *end) {
  for (const char *p = frames; p && p < end; p = memchr(p + 1, '\n', (size_t)(end - p - 1)))
    if (strncmp(p, "\n\t[C]:", 6) != 0) return false;
  return true;
}

static int error_handler(lua_State *L) {
  static const char title[] = "\nstack traceback:";
  session_rescue(L);
  traceback_handler(L);
  if (lua_type(L, -1) != LUA_TSTRING) return 1;
  const char *text = lua_tostring(L, -1), *frames = strstr(text, title);
  if (!frames) return 1;
  const char *end = frames_end(frames);
  bool dull = only_c(frames + strlen(title), end);
  lua_pushlstring(L, text, (size_t)((dull ? frames : end) - text));
  return 1;
}

/* Evaluating ---------------------------------------------------------------------------------------------------------
 */

static bool ends_in_semicolon(const char *text) {
  bool semicolon = false;
  for (lexer l = lexer_start(text, strlen(text)); lexer_next(&l) != LEXER_END;) semicolon = lexer_is(&l, ";");
  return semicolon;
}

/* Runs the function at `function`, keeps its first value as `ans`, and shows all of them. Nothing is left on the stack.
 */
static int run(lua_State *L, int function, bool silent) {
  int status = session_run(L, error_handler);
  int values = lua_gettop(L) - function + 1;
  if (status == LUA_OK && values > 0) {
    lua_pushglobaltable(L);
    lua_pushliteral(L, "ans");
    lua_pushvalue(L, function);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    if (!silent) {
      lua_pushcfunction(L, show_values);
      lua_insert(L, function);
      status = report_call(L, values, 0);
    }
  }
  if (status != LUA_OK) show_error(L);
  lua_settop(L, function - 1);
  return status;
}

int repl_evaluate(lua_State *L, const char *text) {
  int function = lua_gettop(L) + 1;
  int status = session_compile(L, text, strlen(text));
  if (status == LUA_OK) return run(L, function, ends_in_semicolon(text));
  show_error(L);
  return status;
}

/* Reading ------------------------------------------------------------------------------------------------------------
 */

/* A line that was copied from a session brings its prompts along: takes them off, in place. No Lua begins like that. */
static void strip_prompts(char *text) {
  if (strncmp(text, PROMPT, strlen(PROMPT)) != 0) return;
  char *to = text;
  for (char *from = text; *from;) {
    size_t n = strcspn(from, "\n");
    size_t skip = strncmp(from, PROMPT_MORE, strlen(PROMPT_MORE)) == 0 ? strlen(PROMPT_MORE)
                  : strncmp(from, PROMPT, strlen(PROMPT)) == 0         ? strlen(PROMPT)
                                                                       : 0;
    memmove(to, from + skip, n - skip);
    to += n - skip;
    from += n;
    if (*from) *to++ = *from++;
  }
  *to = '\0';
}

static bool is_blank(const char *text) { return text[strspn(text, " \t\n")] == '\0'; }

/* Pushes a whole chunk. A syntax error at the end of the text asks for more lines; any other is for the evaluation to
 * report. */
static reader_result read_chunk(lua_State *L) {
  char *line;
  reader_result result = reader_read(PROMPT, &line);
  if (result != READER_LINE) return result;
  strip_prompts(line);
  lua_pushstring(L, line);
  free(line);
  while (!magic_is(lua_tostring(L, -1)) && !is_blank(lua_tostring(L, -1))) {
    size_t size;
    const char *text = lua_tolstring(L, -1, &size);
    bool more = session_incomplete(L, session_compile(L, text, size));
    lua_pop(L, 1);
    if (!more) break;
    result = reader_read(PROMPT_MORE, &line);
    if (result != READER_LINE) return result;
    lua_pushfstring(L, "%s\n%s", text, line);
    lua_remove(L, -2);
    free(line);
  }
  return READER_LINE;
}

static int step(lua_State *L) {
  reader_result result = read_chunk(L);
  interrupt_clear();
  if (result == READER_LINE && !is_blank(lua_tostring(L, -1))) {
    const char *text = lua_tostring(L, -1);
    reader_remember(text);
    history_append(text);
    if (magic_is(text))
      magic_run(L, text);
    else
      repl_evaluate(L, text);
  }
  lua_pushboolean(L, result != READER_END);
  return 1;
}

int repl_run(lua_State *L, bool quiet) {
  if (!quiet) {
    printf("Moonlab %s  (%s.%s)\n", MOONLAB_VERSION, LUA_VERSION, LUA_VERSION_RELEASE);
    printf("?name shows help, %%help lists commands, ^D leaves\n");
  }
  lazy_install(L);
  magic_start(L);
  reader_start(L);
  history_load(reader_remember);
  interrupt_patient(true);
  for (bool more = true; more;) {
    lua_pushcfunction(L, step);
    int status = lua_pcall(L, 0, 1, 0);
    if (status != LUA_OK)
      show_error(L);
    else
      more = lua_toboolean(L, -1);
    lua_settop(L, status == LUA_OK ? -2 : -1);
    interrupt_clear();
  }
  interrupt_patient(false);
  return STATUS_OK;
}
