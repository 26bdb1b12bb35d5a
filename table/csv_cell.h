/* One field: without blanks and quotes, and what it can be read as. */
#ifndef ML_CSV_CELL_H
#define ML_CSV_CELL_H

#include <string.h>

#include "table/csv_parts.h"
#include "table/iso_time.h"
#include "table/number.h"

typedef struct csv_cell {
  const char *text;
  int64_t length; /* -1: the row has no such field */
  bool quoted;    /* the quotes are left out; quotes in it may be doubled */
} csv_cell;

/* The field between two entries of an index; last: of the row. */
static inline csv_cell csv_cell_at(const csv_dialect *d, const char *text, const uint32_t *entry, bool last) {
  const char *p = text + entry[0] + 1, *end = text + entry[1];
  if (entry[1] < entry[0] + 1) return (csv_cell){p, -1, false};
  if (last && end > p && end[-1] == '\r') end--;
  if (d->trim) {
    while (p < end && csv_is_blank(*p)) p++;
    while (p < end && csv_is_blank(end[-1])) end--;
  }
  if (d->quote && end - p >= 2 && *p == d->quote && end[-1] == d->quote) return (csv_cell){p + 1, end - p - 2, true};
  return (csv_cell){p, end - p, false};
}

static inline bool csv_is_mark(const csv_marks *m, csv_cell cell) {
  if (cell.length <= 0) return cell.length < 0 || m->empty;
  if ((size_t)cell.length > m->longest || !m->begins[(unsigned char)*cell.text]) return false;
  for (int i = 0; i < m->count; i++) {
    if (m->item[i].length == (size_t)cell.length && memcmp(m->item[i].text, cell.text, m->item[i].length) == 0) return true;
  }
  return false;
}

/* "00123", "-007": digits that are a name rather than a number. */
static inline bool csv_has_leading_zero(const char *p, const char *end) {
  if (p < end && (*p == '-' || *p == '+')) p++;
  return end - p > 1 && p[0] == '0' && p[1] >= '0' && p[1] <= '9';
}

/* A whole number without leading zeros that would be rounded as a number, or that 64 bits do not hold. */
bool csv_is_rounded(const char *p, const char *end);

/* 0..11: the spelling of a boolean, the odd ones true, two of a pair side by side; -1: it is none. */
int csv_boolean_spelling(const char *p, int64_t length);

/* Whether a cell is true (1) or false (0) where that is known to be asked: 1 and 0, t and f as well; -1: it is neither. */
int csv_boolean_meant(const char *p, int64_t length);

/* The type that a cell looks like. *pair: a bit for the pair of spellings. */
csv_class csv_classify(const csv_dialect *d, csv_cell cell, uint32_t *pair);

/* The text of a cell, its doubled quotes made single; gives its end. Writes up to 15 bytes more. */
char *csv_put_text(const csv_dialect *d, csv_cell cell, char *to);

#endif
