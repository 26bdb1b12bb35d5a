/* Reading lines with readline, through its callback interface: the wait for a key is ours, so ^C at the prompt is not
 * left to a jump out of a signal handler. */

#ifdef ML_READLINE

#include "repl/reader.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "repl/complete.h"
#include "tensor/parallel.h"
#include "vm/interrupt.h"
#include "vm/terminal.h"

static lua_State *asked;
static bool editing, finished;
static char *typed;
static volatile sig_atomic_t resized, stopped;

static void on_line(char *line) {
  typed = line;
  finished = true;
  rl_callback_handler_remove();
}

static void on_resize(int sig) { resized = sig; }

static void on_stop(int sig) { stopped = sig; }

static void handle(int sig, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  sigaction(sig, &action, NULL);
}

/* The matches that complete_find has left on the stack of `asked`, one at each call. */
static char *next_match(const char *text, int state) {
  (void)text;
  static int index;
  if (state == 0) index = 0;
  const char *match = complete_match(asked, ++index);
  return match ? strdup(match) : NULL;
}

static char **complete(const char *text, int start, int end) {
  rl_attempted_completion_over = 1; /* no file names instead */
  rl_completion_append_character = '\0';
  char before = start > 0 ? rl_line_buffer[start - 1] : '\0';
  if (before == '"' || before == '\'') {
    rl_attempted_completion_over = 0;
    return NULL; /* a path inside a string */
  }
  if (start == end) return NULL;
  complete_find(asked, text);
  return rl_completion_matches(text, next_match);
}

/* Tab: indents at the beginning of a line, completes elsewhere, and lists the matches when it is hit again. */
static int on_tab(int count, int key) {
  (void)key;
  bool blank = rl_point == 0 || strspn(rl_line_buffer, " \t") >= (size_t)rl_point;
  if (blank) return rl_insert_text("  ");
  if (rl_last_func == on_tab) rl_last_func = rl_complete;
  return rl_complete(count, '\t');
}

void reader_start(lua_State *L) {
  asked = L;
  editing = terminal_is_tty(0) && terminal_is_tty(1) && !terminal_dumb();
  if (!editing) return;
  setlocale(LC_CTYPE, ""); /* characters that are wider than a byte; numbers stay as they are */
  rl_readline_name = "moonlab";
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = " \t\n\"\\'`@$><=;|&{(,+-*/%^#~[])}";
  rl_completer_quote_characters = "";
  rl_initialize();
  rl_bind_key('\t', on_tab);
  handle(SIGWINCH, on_resize);
}

/* ^Z: the terminal is as the shell left it while we are stopped. Readline sets signals up only while it handles a key.
 */
static void stop(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTSTP);
  rl_deprep_terminal();
  handle(SIGTSTP, SIG_DFL);
  raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &set, NULL); /* here it stops, and from here it goes on */
  sigprocmask(SIG_BLOCK, &set, NULL);
  handle(SIGTSTP, on_stop);
  rl_prep_terminal(1);
  rl_on_new_line();
  rl_redisplay();
}

/* Sees to the signal that ended the wait. Was it ^C? */
static bool was_interrupted(void) {
  if (stopped) {
    stopped = 0;
    stop();
  }
  if (resized) {
    resized = 0;
    rl_resize_terminal();
  }
  return ml_interrupted();
}

static reader_result edit(const char *prompt) {
  finished = false;
  typed = NULL;
  rl_callback_handler_install(prompt, on_line);
  while (!finished) {
    if (reader_wait()) {
      rl_callback_read_char();
    } else if (was_interrupted()) {
      rl_free_line_state();
      rl_callback_sigcleanup();
      rl_callback_handler_remove();
      fputs("^C\n", rl_outstream);
      return READER_INTERRUPTED;
    }
  }
  return typed ? READER_LINE : READER_END;
}

reader_result reader_read(const char *prompt, char **line) {
  if (!editing) return reader_plain_read(prompt, line);
  fflush(stdout);
  reader_hold();
  handle(SIGTSTP, on_stop);
  reader_result result = edit(prompt);
  handle(SIGTSTP, SIG_DFL);
  reader_release();
  if (result == READER_END) fputc('\n', stdout);
  *line = typed;
  return result;
}

void reader_remember(const char *chunk) {
  HIST_ENTRY *last = editing ? history_get(history_base + history_length - 1) : NULL;
  if (editing && (!last || strcmp(last->line, chunk) != 0)) add_history(chunk);
}

const char *reader_name(void) { return "readline"; }

#endif
