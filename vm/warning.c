/* Lua's warnings on stderr. A message comes in pieces; "@on" and "@off" switch. */

#include "vm/warning.h"

#include <lauxlib.h>

#include <stdio.h>
#include <string.h>

static void off(void *ud, const char *piece, int more);
static void begin(void *ud, const char *piece, int more);
static void go_on(void *ud, const char *piece, int more);

static void off(void *ud, const char *piece, int more) {
  if (!more && strcmp(piece, "@on") == 0) lua_setwarnf(ud, begin, ud);
}

static void go_on(void *ud, const char *piece, int more) {
  fputs(piece, stderr);
  if (!more) fputs("\n", stderr);
  lua_setwarnf(ud, more ? go_on : begin, ud);
}

static void begin(void *ud, const char *piece, int more) {
  if (!more && piece[0] == '@') {
    if (strcmp(piece, "@off") == 0) lua_setwarnf(ud, off, ud);
    return;
  }
  fputs("Lua warning: ", stderr);
  go_on(ud, piece, more);
}

void warning_install(lua_State *L) { lua_setwarnf(L, off, L); }
