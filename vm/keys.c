/* Single keys from the terminal. See keys.h.
 *
 * The terminal is put back before the key is given out, so that nothing that raises or ends the program can leave it as it is
 * while one waits. */

#include "vm/keys.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LONGEST = 8, ESCAPE_PAUSE = 50 /* ms: what follows an escape sooner belongs to it */ };

/* Bytes of a character of UTF-8 by its first one. */
static int length_of(unsigned char first) {
  return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* 1: a byte; 0: the end; -1: interrupted. */
static int next_byte(char *byte) {
  for (;;) {
    ssize_t got = read(STDIN_FILENO, byte, 1);
    if (got >= 0) return (int)got;
    if (errno == EINTR) return -1;
    if (errno != EAGAIN) return 0;
    poll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, -1);
  }
}

static bool more_waits(void) { return poll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, ESCAPE_PAUSE) == 1; }

/* Bytes of one key; how many, or what next_byte says instead. */
static int read_bytes(char *key) {
  int status = next_byte(&key[0]), count = 1;
  if (status != 1) return status;
  if (key[0] == '\033') {
    while (count < LONGEST && more_waits() && next_byte(&key[count]) == 1) {
      char last = key[count++];
      if (count > 2 && last >= '@' && last <= '~') break; /* the letter that ends a sequence */
    }
    return count;
  }
  for (int length = length_of((unsigned char)key[0]); count < length; count++)
    if (next_byte(&key[count]) != 1) break;
  return count;
}

int keys_read(lua_State *L) {
  char key[LONGEST];
  struct termios before, raw;
  bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  int count;
  if (terminal) {
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    count = read_bytes(key);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  } else {
    do count = read_bytes(key);
    while (count == 1 && (key[0] == '\n' || key[0] == '\r'));
  }
  if (count > 0) {
    lua_pushlstring(L, key, (size_t)count);
    return 1;
  }
  lua_pushnil(L);
  if (count == 0) return 1;
  lua_pushliteral(L, "interrupted");
  return 2;
}
