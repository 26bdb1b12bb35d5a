/* Reading numbers. See number.h.
 *
 * Up to 19 digits go into one integer m, the rest into the power of ten. Where both are exact doubles one multiplication or
 * division rounds once (Clinger 1990). Else m times the first 128 bits of the power decides in all but some cases in 2^50
 * (Eisel and Lemire, "Number parsing at a gigabyte per second", 2021). What is left goes through the C library. */

#include "table/number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "table/powers_of_ten.h"

enum {
  MOST_DIGITS = 19,        /* of a decimal number that fits in 64 bits whatever they are */
  TELLING_DIGITS = 800,    /* a double's halfway points have at most 767 digits */
  EXPONENT_LIMIT = 100000, /* beyond it all is 0 or infinite */
};

static const double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static uint64_t times(uint64_t a, uint64_t b, uint64_t *high) {
  unsigned __int128 product = (unsigned __int128)a * b;
  *high = (uint64_t)(product >> 64);
  return (uint64_t)product;
}

bool ml_decimal_to_double(uint64_t m, int exponent, double *out) {
  if (m >> 53 == 0 && exponent >= -22 && exponent <= 22) {
    *out = exponent < 0 ? (double)m / exact_power[-exponent] : (double)m * exact_power[exponent];
    return true;
  }
  if (m == 0 || exponent < POWERS_LOWEST || exponent > 308) return false;
  const power_of_ten *power = &powers_of_ten[exponent - POWERS_LOWEST];
  int shift = __builtin_clzll(m);
  m <<= shift;
  int64_t biased = ((217706 * (int64_t)exponent) >> 16) + 64 + 1023 - shift; /* floor(log2(10^exponent)) */
  uint64_t high, more, low = times(m, power->high, &high);
  if ((high & 0x1ff) == 0x1ff && low + m < m) { /* the bits that are cut off could carry */
    uint64_t rest = times(m, power->low, &more), sum = low + more;
    if (sum < low) high++;
    if ((high & 0x1ff) == 0x1ff && sum + 1 == 0 && rest + m < m) return false;
    low = sum;
  }
  int top = (int)(high >> 63);
  uint64_t mantissa = high >> (top + 9);
  biased -= 1 ^ top;
  if (low == 0 && (high & 0x1ff) == 0 && (mantissa & 3) == 1) return false; /* halfway, or nearly */
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >> 53) mantissa >>= 1, biased++;
  if (biased < 1 || biased > 2046) return false;
  uint64_t bits = (uint64_t)biased << 52 | (mantissa & (((uint64_t)1 << 52) - 1));
  memcpy(out, &bits, sizeof *out);
  return true;
}

/* A decimal number in pieces. */
typedef struct decimal {
  const char *digits, *end; /* with the point somewhere in them */
  char point;
  bool negative, cut; /* cut: digits other than 0 follow the 19 of m */
  uint64_t m;
  int64_t exponent;         /* of m */
  int64_t written_exponent; /* what stands behind the e */
} decimal;

/* The number through strtod: as many digits as can matter, and a 1 behind them for all others. */
static double by_library(const decimal *d) {
  static locale_t plain; /* the C library's own object: nothing is allocated */
  char text[TELLING_DIGITS + 40];
  int n = 0;
  int64_t exponent = d->written_exponent;
  bool behind = false, more = false;
  for (const char *p = d->digits; p < d->end; p++) {
    if (*p == d->point) {
      behind = true;
      continue;
    }
    bool kept = n < TELLING_DIGITS && !(n == 0 && *p == '0');
    if (kept) text[n++] = *p;
    else if (*p != '0') more = true;
    exponent += (!kept && n > 0 && !behind) - (behind && (kept || n == 0));
  }
  if (more) text[n++] = '1', exponent--;
  memcpy(text + n, "e", 1);
  n++;
  if (exponent > EXPONENT_LIMIT) exponent = EXPONENT_LIMIT;
  if (exponent < -EXPONENT_LIMIT) exponent = -EXPONENT_LIMIT;
  n += ml_integer_write(exponent, text + n);
  text[n] = 0;
  if (!plain) plain = newlocale(LC_ALL_MASK, "C", NULL);
  return strtod_l(text, NULL, plain);
}

static double value_of(const decimal *d) {
  double a, b;
  if (d->m == 0) return 0;
  if (d->exponent > 308) return d->exponent > EXPONENT_LIMIT / 2 ? HUGE_VAL : by_library(d);
  if (d->exponent < POWERS_LOWEST - 1) return 0; /* 19 digits: below half of the smallest double */
  bool known = ml_decimal_to_double(d->m, (int)d->exponent, &a);
  if (known && d->cut) known = ml_decimal_to_double(d->m + 1, (int)d->exponent, &b) && a == b;
  return known ? a : by_library(d);
}

/* inf, infinity, nan in any case. */
static bool parse_word(const char *p, const char *end, double *out) {
  size_t n = (size_t)(end - p);
  bool infinite = (n == 3 && strncasecmp(p, "inf", 3) == 0) || (n == 8 && strncasecmp(p, "infinity", 8) == 0);
  *out = infinite ? HUGE_VAL : NAN;
  return infinite || (n == 3 && strncasecmp(p, "nan", 3) == 0);
}

/* The digits and the point from p on into d; gives where they end. */
static const char *take_digits(const char *p, const char *end, decimal *d) {
  int count = 0;
  bool behind = false;
  d->digits = p;
  for (; p < end; p++) {
    if (is_digit(*p)) {
      unsigned digit = (unsigned)(*p - '0');
      if (count < MOST_DIGITS) {
        d->m = d->m * 10 + digit;
        count += d->m != 0;
        d->exponent -= behind;
      } else {
        d->cut = d->cut || digit != 0;
        d->exponent += !behind;
      }
    } else if (*p == d->point && !behind) {
      behind = true;
    } else {
      break;
    }
  }
  d->end = p;
  return p - d->digits == (behind ? 1 : 0) ? NULL : p; /* at least one digit */
}

/* What follows the e. */
static bool take_exponent(const char *p, const char *end, int64_t *out) {
  bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) p++;
  if (p == end) return false;
  int64_t value = 0;
  for (; p < end && is_digit(*p); p++) {
    if (value < INT64_MAX / 100) value = value * 10 + (*p - '0');
  }
  *out = negative ? -value : value;
  return p == end;
}

bool ml_number_parse(const char *p, const char *end, char point, double *out) {
  decimal d = {.point = point};
  double value;
  if (p < end && (*p == '-' || *p == '+')) d.negative = *p++ == '-';
  if (p == end) return false;
  if ((*p | 32) == 'i' || (*p | 32) == 'n') {
    if (!parse_word(p, end, &value)) return false;
  } else {
    p = take_digits(p, end, &d);
    if (!p) return false;
    if (p < end && (*p | 32) == 'e') {
      if (!take_exponent(p + 1, end, &d.written_exponent)) return false;
      d.exponent += d.written_exponent;
    } else if (p != end) {
      return false;
    }
    value = value_of(&d);
  }
  *out = d.negative ? -value : value;
  return true;
}

bool ml_integer_parse(const char *p, const char *end, int64_t *out) {
  bool negative = p < end && *p == '-';
  uint64_t value = 0;
  if (p < end && (*p == '-' || *p == '+')) p++;
  if (p == end) return false;
  for (; p < end; p++) {
    if (!is_digit(*p) || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
        __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
      return false;
  }
  if (value > (uint64_t)INT64_MAX + negative || (negative && value == 0)) return false;
  *out = (int64_t)(negative ? -value : value);
  return true;
}
