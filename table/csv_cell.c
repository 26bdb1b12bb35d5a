/* What a field can be read as. See csv_cell.h. */

#include "table/csv_cell.h"

int csv_boolean_meant(const char *p, int64_t length) {
  int spelling = csv_boolean_spelling(p, length);
  if (spelling >= 0) return spelling % 2;
  if (length != 1) return -1;
  if (*p == '1' || *p == 't' || *p == 'T') return 1;
  return *p == '0' || *p == 'f' || *p == 'F' ? 0 : -1;
}

int csv_boolean_spelling(const char *p, int64_t length) {
  static const char *const spelling[] = {"false", "true", "False", "True", "FALSE", "TRUE",
                                         "no",    "yes",  "No",    "Yes",  "NO",    "YES"};
  if (length < 2 || length > 5) return -1;
  for (int i = 0; i < 12; i++) {
    if (spelling[i][0] == p[0] && strlen(spelling[i]) == (size_t)length && memcmp(spelling[i], p, (size_t)length) == 0) return i;
  }
  return -1;
}

static bool is_whole(const char *p, const char *end) {
  if (p < end && (*p == '-' || *p == '+')) p++;
  while (p < end && *p >= '0' && *p <= '9') p++;
  return p == end;
}

bool csv_is_rounded(const char *p, const char *end) {
  int64_t integer;
  return end - p > 15 && is_whole(p, end) && !(ml_integer_parse(p, end, &integer) && ml_double_holds(integer));
}

static csv_class classify_digits(const csv_dialect *d, const char *p, const char *end) {
  int64_t integer;
  double number;
  if (csv_has_leading_zero(p, end)) return ml_iso_time_parse(p, end, &number) ? CSV_TIME : CSV_OTHER;
  if (ml_integer_parse(p, end, &integer)) return ml_double_holds(integer) ? CSV_INTEGER : CSV_LONG;
  if (ml_number_parse(p, end, d->decimal, &number)) return csv_is_rounded(p, end) ? CSV_HUGE : CSV_NUMBER;
  return ml_iso_time_parse(p, end, &number) ? CSV_TIME : CSV_OTHER;
}

csv_class csv_classify(const csv_dialect *d, csv_cell cell, uint32_t *pair) {
  const char *p = cell.text, *end = p + cell.length;
  double number;
  if (cell.length <= 0) return CSV_OTHER;
  char first = *p;
  if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == d->decimal) return classify_digits(d, p, end);
  if (cell.length > 8) return CSV_OTHER;
  int spelling = csv_boolean_spelling(p, cell.length);
  if (spelling >= 0) {
    *pair |= 1u << (spelling / 2);
    return CSV_BOOLEAN;
  }
  if (((first | 32) == 'i' || (first | 32) == 'n') && ml_number_parse(p, end, d->decimal, &number)) return CSV_NUMBER;
  return CSV_OTHER;
}

/* The first of eight bytes that is `byte`: 0..7, or 8. */
static int first_of(uint64_t v, char byte) {
  uint64_t t = v ^ ML_BYTES_OF((unsigned char)byte), at = (t - ML_BYTES_OF(1)) & ~t & ML_BYTES_OF(0x80);
  return at ? __builtin_ctzll(at) >> 3 : 8;
}

char *csv_put_text(const csv_dialect *d, csv_cell cell, char *to) {
  const char *p = cell.text, *end = p + cell.length;
  if (cell.length <= 0) return to;
  if (!cell.quoted) {
    for (int64_t i = 0; i < cell.length; i += 16) memcpy(to + i, p + i, 16);
    return to + cell.length;
  }
  while (p < end) {
    uint64_t v;
    memcpy(&v, p, 8);
    memcpy(to, &v, 8);
    int at = first_of(v, d->quote);
    if (at == 8 || p + at >= end) {
      to += end - p < 8 ? end - p : 8;
      p += 8;
    } else {
      to += at + 1;
      p += at + 1;
      if (p < end && *p == d->quote) p++;
    }
  }
  return to;
}
