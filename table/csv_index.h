/* Where the fields of a piece of text end: what the kernels (table/kernels/csv_scan.c) and the exact splitter (csv_split.c) write.
 *
 * Each row has fields + 1 entries: the position before its first byte, then where each field ends. Field i is what stands between
 * entry i and entry i + 1; a field that the row does not have has its end before its beginning. */
#ifndef ML_CSV_INDEX_H
#define ML_CSV_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct csv_cursor {
  const char *text;
  int fields;      /* of a row */
  uint32_t *row;   /* of the row that is being read */
  uint32_t *next;  /* the next entry to be written */
  uint32_t *limit; /* behind the last that may be written */
  int64_t rows;    /* whole ones */
  bool ragged;     /* some have too many fields, or too few */
} csv_cursor;

static inline bool csv_is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static inline bool csv_all_blank(const char *text, uint32_t from, uint32_t to) {
  while (from < to && csv_is_blank(text[from])) from++;
  return from >= to;
}

/* The first row begins at `at`. */
static inline void csv_begin_rows(csv_cursor *k, uint32_t at) {
  k->row[0] = at - 1;
  k->next = k->row + 1;
}

/* Ends the row at a newline, whose position is the last entry written. Blank rows are dropped; a separator behind the last field
 * does no harm. Needs room for fields + 1 more entries. */
static inline void csv_end_row(csv_cursor *k, uint32_t newline) {
  int64_t found = k->next - k->row - 1;
  bool blank = found <= 1 && csv_all_blank(k->text, k->row[0] + 1, newline);
  if (!blank) {
    if (found > k->fields)
      k->ragged = k->ragged || found > k->fields + 1 || !csv_all_blank(k->text, k->row[k->fields] + 1, newline);
    for (; found < k->fields; found++) {
      *k->next++ = newline;
      k->ragged = true;
    }
    k->row += k->fields + 1;
    k->rows++;
  }
  k->row[0] = newline;
  k->next = k->row + 1;
}

#endif
