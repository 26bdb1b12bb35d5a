/* Splitting a row exactly. A quote opens a quoted field only at its beginning; a quoted field ends at a quote that is not doubled.
 * Everywhere else a quote is a character. What stands between a closing quote and the separator is junk. */

#include <string.h>

#include "table/csv_parts.h"

static void put_end(csv_ends *out, const char *p) {
  if (out->to && out->count < out->room) out->to[out->count] = (uint32_t)(p - out->text);
  out->count++;
}

static const char *skip_blanks(const csv_dialect *d, const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\t') && *p != d->separator) p++;
  return p;
}

/* Behind the quote that closes; NULL: there is none. p stands behind the one that opens. */
static const char *close_quote(const char *p, const char *end, char quote) {
  for (;;) {
    p = memchr(p, quote, (size_t)(end - p));
    if (!p || p + 1 == end) return p ? end : NULL;
    if (p[1] != quote) return p + 1;
    p += 2;
  }
}

static bool ends_field(const csv_dialect *d, char c) {
  return c == d->newline || c == d->separator || (d->blanks && c == '\t');
}

/* Where the field that begins at p ends; NULL: not before `end`. */
static const char *field_end(const csv_dialect *d, const char *p, const char *end, csv_ends *out) {
  const char *first = d->trim ? skip_blanks(d, p, end) : p;
  if (d->quote && first < end && *first == d->quote) {
    p = close_quote(first + 1, end, d->quote);
    if (!p) return NULL;
    const char *closed = p;
    while (p < end && !ends_field(d, *p)) p++;
    out->junk = out->junk || !csv_all_blank(closed, 0, (uint32_t)(p - closed));
    return p == end ? NULL : p;
  }
  if (d->blanks) {
    while (p < end && !ends_field(d, *p)) p++;
  } else {
    for (char separator = d->separator, newline = d->newline; p < end && *p != separator && *p != newline;) p++;
  }
  return p == end ? NULL : p;
}

/* Fields with runs of blanks between them. */
static const char *blank_separated(const csv_dialect *d, const char *p, const char *end, csv_ends *out) {
  for (;;) {
    while (p < end && csv_is_blank(*p) && *p != d->newline) p++;
    if (p == end) return NULL;
    if (*p == d->newline) return p + 1;
    p = field_end(d, p, end, out);
    if (!p) return NULL;
    put_end(out, p);
  }
}

/* Behind the lines of comment. */
static const char *skip_comments(const csv_dialect *d, const char *p, const char *end) {
  while (d->comment && p < end && *p == d->comment) {
    p = memchr(p, d->newline, (size_t)(end - p));
    if (!p) return end;
    p++;
  }
  return p;
}

const char *csv_exact_row(const csv_dialect *d, const char *p, const char *end, csv_ends *out) {
  out->count = 0;
  out->junk = false;
  p = skip_comments(d, p, end);
  if (p == end) return NULL;
  if (d->blanks) return blank_separated(d, p, end, out);
  for (;; p++) {
    p = field_end(d, p, end, out);
    if (!p) return NULL;
    put_end(out, p);
    if (*p == d->newline) return p + 1;
  }
}

const char *csv_unclosed_field(const csv_dialect *d, const char *p, const char *end) {
  csv_ends ends = {.to = NULL};
  p = skip_comments(d, p, end);
  while (p < end) {
    const char *field = p;
    p = field_end(d, p, end, &ends);
    if (!p) return field;
    p++;
  }
  return NULL;
}
