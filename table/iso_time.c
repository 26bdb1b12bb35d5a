/* Times as ISO 8601 writes them. See iso_time.h. */

#include "table/iso_time.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "table/calendar.h"
#include "table/number.h"

enum {
  DAY = ML_DAY_SECONDS,
  MOST_DECIMALS = 9,
  FAR_DECIMALS = 7, /* finer than a double is there */
};
static const int64_t year_0 = -62167219200, end_of_9999 = 253402300800, far = 9000000000;
static const int64_t power[MOST_DECIMALS + 1] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/* Decimals that fit in 64 bits together with so many seconds. */
static int most_decimals(int64_t seconds) { return seconds < far && seconds > -far ? MOST_DECIMALS : FAR_DECIMALS; }

/* Reading ---------------------------------------------------------------------------------------------------------- */

/* Exactly n digits. */
static bool take(const char **p, const char *end, int n, int *out) {
  if (end - *p < n) return false;
  *out = 0;
  for (int i = 0; i < n; i++) {
    unsigned digit = (unsigned)((*p)[i] - '0');
    if (digit > 9) return false;
    *out = *out * 10 + (int)digit;
  }
  *p += n;
  return true;
}

static bool take_character(const char **p, const char *end, char c) {
  if (*p == end || **p != c) return false;
  ++*p;
  return true;
}

static bool take_day(const char **p, const char *end, int64_t *days) {
  int year, month, day;
  if (!take(p, end, 4, &year) || !take_character(p, end, '-') || !take(p, end, 2, &month)) return false;
  if (!take_character(p, end, '-') || !take(p, end, 2, &day)) return false;
  if (month < 1 || month > 12 || day < 1 || day > ml_days_of_month(year, month)) return false;
  *days = ml_day_of_date((ml_date){year, month, day});
  return true;
}

/* The decimals behind the seconds, up to the ninth: value / 10^*count. */
static bool take_decimals(const char **p, const char *end, int64_t *value, int *count) {
  const char *from = *p;
  for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
    if (*count == MOST_DECIMALS) continue;
    *value = *value * 10 + (**p - '0');
    ++*count;
  }
  return *p > from;
}

/* Z, +01:00, +0100, +01 or nothing: seconds to be taken off. */
static bool take_zone(const char **p, const char *end, int *offset) {
  *offset = 0;
  if (*p == end || take_character(p, end, 'Z')) return true;
  int hours, minutes = 0, sign = **p == '-' ? -1 : 1;
  if (!take_character(p, end, '+') && !take_character(p, end, '-')) return false;
  if (!take(p, end, 2, &hours)) return false;
  if (*p < end) {
    take_character(p, end, ':');
    if (!take(p, end, 2, &minutes)) return false;
  }
  *offset = sign * (hours * 3600 + minutes * 60);
  return hours < 24 && minutes < 60;
}

/* seconds + value / 10^decimals, rounded once. */
static double with_decimals(int64_t seconds, int64_t value, int decimals) {
  for (; decimals > most_decimals(seconds); decimals--) value /= 10;
  int64_t all = seconds * power[decimals] + value;
  double magnitude = 0;
  if (decimals == 0 || all == 0) return (double)all;
  uint64_t m = all < 0 ? -(uint64_t)all : (uint64_t)all;
  if (!ml_decimal_to_double(m, -decimals, &magnitude)) magnitude = (double)m / (double)power[decimals];
  return all < 0 ? -magnitude : magnitude;
}

bool ml_iso_time_parse(const char *p, const char *end, double *seconds) {
  int64_t days, value = 0;
  int hour = 0, minute = 0, second = 0, decimals = 0, offset = 0;
  if (!take_day(&p, end, &days)) return false;
  if (p < end) {
    if (!take_character(&p, end, 'T') && !take_character(&p, end, ' ')) return false;
    if (!take(&p, end, 2, &hour) || !take_character(&p, end, ':') || !take(&p, end, 2, &minute)) return false;
    if (take_character(&p, end, ':')) {
      if (!take(&p, end, 2, &second)) return false;
      if (take_character(&p, end, '.') && !take_decimals(&p, end, &value, &decimals)) return false;
    }
    if (!take_zone(&p, end, &offset)) return false;
  }
  if (p != end || hour > 23 || minute > 59 || second > 59) return false;
  *seconds = with_decimals(days * DAY + hour * 3600 + minute * 60 + second - offset, value, decimals);
  return true;
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

static char *put(char *to, int64_t value, int n, char behind) {
  for (int i = n - 1; i >= 0; i--, value /= 10) to[i] = (char)('0' + value % 10);
  to[n] = behind;
  return to + n + (behind != 0);
}

static char *put_day(char *to, int64_t days) {
  ml_date d = ml_date_of_day(days);
  to = put(to, d.year, 4, '-');
  to = put(to, d.month, 2, '-');
  return put(to, d.day, 2, 0);
}

/* The whole seconds below x, and the shortest decimals behind them that give x again. */
static int64_t whole_and_decimals(double x, int64_t *value, int *decimals) {
  int64_t whole = (int64_t)floor(x);
  *decimals = 0;
  *value = 0;
  while (*decimals < most_decimals(whole) && with_decimals(whole, *value, *decimals) != x)
    ++*decimals, *value = llround((x - (double)whole) * (double)power[*decimals]);
  if (*value < power[*decimals]) return whole;
  *value = 0;
  return whole + 1;
}

int ml_iso_time_write(double seconds, char to[ML_ISO_TIME_ROOM]) {
  if (!(seconds >= (double)year_0 && seconds < (double)end_of_9999)) return 0;
  int64_t value;
  int decimals;
  int64_t whole = whole_and_decimals(seconds, &value, &decimals), days = whole / DAY, of_day = whole % DAY;
  if (of_day < 0) of_day += DAY, days--;
  char *at = put_day(to, days);
  if (of_day == 0 && value == 0) return (int)(at - to);
  *at++ = ' ';
  at = put(at, of_day / 3600, 2, ':');
  at = put(at, of_day / 60 % 60, 2, ':');
  at = put(at, of_day % 60, 2, 0);
  if (value > 0) {
    *at++ = '.';
    at = put(at, value, decimals, 0);
  }
  return (int)(at - to);
}
