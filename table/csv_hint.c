/* What to write where the first lines of a file are no rows: they begin with '#', or have other numbers of fields than all others. */

#include <stdio.h>
#include <string.h>

#include "table/csv_parts.h"

enum { LOOKED_AT = 200, FEWEST = 2 /* rows of one kind that tell */ };

/* Lines in front of the first row that has as many fields as all behind it, as far as is looked; -1: there is no such row. */
static int64_t lines_before_rows(const ml_csv *r, int64_t usual) {
  const csv_buffer *b = &r->buffer;
  const char *p = b->room + b->begin, *end = b->room + b->end, *first = NULL;
  int same = 0;
  for (int row = 0; row < LOOKED_AT && p && p < end; row++) {
    csv_ends ends = {.to = NULL};
    const char *line = p;
    p = csv_exact_row(&r->dialect, p, end, &ends);
    if (!p || csv_all_blank(line, 0, (uint32_t)(p - 1 - line))) continue;
    bool is_usual = ends.count == usual;
    if (!is_usual && first) return -1;
    if (is_usual && !first) first = line;
    same += is_usual;
  }
  if (!first || same < FEWEST) return -1;
  return csv_count_lines(r, b->begin, (uint32_t)(first - b->room)) + b->line - 1;
}

void csv_find_hint(ml_csv *r) {
  const csv_buffer *b = &r->buffer;
  int64_t lines = lines_before_rows(r, csv_usual_fields(r));
  if (lines < b->line) return; /* the first one is a row */
  if (b->room[b->begin] == '#') {
    snprintf(r->hint, sizeof r->hint, "; line %lld begins with '#': if it is a comment, say comment = \"#\"", (long long)b->line);
  } else {
    snprintf(r->hint, sizeof r->hint, "; the first %s not as many fields as those behind: if %s, say skip = %lld",
             lines == 1 ? "line has" : "lines have", lines == 1 ? "it is no row" : "they are no rows", (long long)lines);
  }
}
