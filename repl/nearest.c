/* The nearest name by edits: insertions, deletions, replacements, and neighbours that have changed places. */

#include "repl/nearest.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 63 };

static int least(int a, int b) { return a < b ? a : b; }

/* Names longer than LONGEST are compared by their beginning. */
static int distance_of(const char *a, const char *b) {
  int rows[LONGEST + 1][LONGEST + 1];
  int n = least((int)strlen(a), LONGEST), m = least((int)strlen(b), LONGEST);
  for (int i = 0; i <= n; i++) rows[i][0] = i;
  for (int j = 0; j <= m; j++) rows[0][j] = j;
  for (int i = 1; i <= n; i++) {
    for (int j = 1; j <= m; j++) {
      int best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      best = least(best, least(rows[i - 1][j], rows[i][j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = least(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[n][m];
}

int nearest_limit(const char *word) { return strlen(word) <= 2 ? 2 : strlen(word) <= 5 ? 3 : 4; }

int nearest_improves(const char *word, const char *name, int *distance) {
  int d = distance_of(word, name);
  if (d >= *distance) return 0;
  *distance = d;
  return 1;
}

const char *nearest_name(const char *word, const char *const *names) {
  const char *best = NULL;
  int distance = nearest_limit(word);
  for (; *names; names++)
    if (nearest_improves(word, *names, &distance)) best = *names;
  return best;
}
