/* Asks about terminals without changing the locale: stock Lua runs in "C", and so do scripts here. */

#include "vm/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is_tty(int fd) { return isatty(fd) == 1; }

int terminal_columns(int fd) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char *text = getenv("COLUMNS");
  int columns = text ? atoi(text) : 0;
  return columns > 0 && columns < 10000 ? columns : 80;
}

bool terminal_utf8(void) {
  locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  if (!locale) return false;
  bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
  freelocale(locale);
  return utf8;
}

bool terminal_dumb(void) {
  const char *term = getenv("TERM");
  return !term || !*term || strcmp(term, "dumb") == 0;
}

bool terminal_color(int fd) {
  const char *no_color = getenv("NO_COLOR");
  return terminal_is_tty(fd) && !terminal_dumb() && !(no_color && *no_color);
}
