/* Edit distance, for "did you mean". */

#include "bindings/suggest.h"

#include "bindings/box.h"

#include <string.h>

enum { LONGEST = 40 };

/* Insertions, deletions, replacements and swaps of neighbours. */
static int distance(const char *a, const char *b) {
  int m = (int)strlen(a), n = (int)strlen(b), d[LONGEST + 1][LONGEST + 1];
  if (m > LONGEST || n > LONGEST) return LONGEST;
  for (int i = 0; i <= m; i++) d[i][0] = i;
  for (int j = 0; j <= n; j++) d[0][j] = j;
  for (int i = 1; i <= m; i++) {
    for (int j = 1; j <= n; j++) {
      int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
      if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best) best = d[i - 2][j - 2] + 1;
      d[i][j] = best;
    }
  }
  return d[m][n];
}

const char *ml_nearest(const char *wrong, const char *const *names) {
  const char *best = NULL;
  int least = (int)strlen(wrong) / 3 + 2; /* more edits than that are another word */
  for (int i = 0; names[i]; i++) {
    int d = distance(wrong, names[i]);
    if (d < least || (d == least && best && strcmp(names[i], best) < 0)) { /* equals: by the alphabet, not by chance */
      least = d;
      best = names[i];
    }
  }
  return best;
}

int ml_unknown_option(lua_State *L, const char *name, const char *key, const char *const *known) {
  if (!key) return ml_lua_fail(L, "%s: options have names: {%s = ...}", name, known[0] ? known[0] : "name");
  const char *nearest = ml_nearest(key, known);
  if (nearest) return ml_lua_fail(L, "%s: unknown option '%s'; did you mean '%s'?", name, key, nearest);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int i = 0; known[i]; i++) {
    if (i) luaL_addstring(&b, ", ");
    luaL_addstring(&b, known[i]);
  }
  luaL_pushresult(&b);
  return ml_lua_fail(L, "%s: unknown option '%s'; it takes %s", name, key, known[0] ? lua_tostring(L, -1) : "no options");
}
