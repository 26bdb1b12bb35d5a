/* Writing numbers. See number.h.
 *
 * The shortest decimal in the interval that rounds to x, the nearest to x among those: Giulietti, "The Schubfach way to render
 * doubles", 2020. The interval's ends times a power of ten are kept to 64 bits, rounded to odd, which decides all comparisons. */

#include <math.h>

#include "table/number.h"
#include "table/powers_of_ten.h"

/* floor(g * c / 2^128), its last bit set if anything was cut off. */
static uint64_t scaled(const power_of_ten *g, uint64_t c) {
  unsigned __int128 x = (unsigned __int128)g->low * c, y = (unsigned __int128)g->high * c + (uint64_t)(x >> 64);
  return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* 10^k, rounded up where 128 bits can't hold it. */
static power_of_ten power_above(int k) {
  power_of_ten g = powers_of_ten[k - POWERS_LOWEST];
  if (k > POWERS_EXACT || k < POWERS_ROUNDED_UP) g.high += ++g.low == 0;
  return g;
}

static int floor_log2_power(int k) { return (k * 1741647) >> 19; }

/* x as a whole number of millionths of less than 16 digits, as most numbers in tables are. Two decimals of 15 digits never round to
 * one double, so that there is no shorter one. */
static bool as_millionths(double x, uint64_t *digits) {
  double scaled = fabs(x) * 1e6;
  if (!(scaled >= 1 && scaled < 1e15)) return false;
  *digits = (uint64_t)(scaled + 0.5);
  return (double)*digits / 1e6 == fabs(x);
}

void ml_number_digits(double x, uint64_t *digits, int *exponent) {
  uint64_t bits, fraction;
  *exponent = -6;
  if (as_millionths(x, digits)) {
    for (; *digits % 10 == 0; ++*exponent) *digits /= 10;
    return;
  }
  memcpy(&bits, &x, sizeof bits);
  fraction = bits & (((uint64_t)1 << 52) - 1);
  int biased = (int)(bits >> 52 & 0x7ff), q = biased ? biased - 1075 : -1074;
  uint64_t c = biased ? fraction | (uint64_t)1 << 52 : fraction;
  bool even = (c & 1) == 0, closer = fraction == 0 && biased > 1; /* closer: the double below is half as far */
  int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22, h = q + floor_log2_power(-k) + 1;
  power_of_ten g = power_above(-k);
  uint64_t below = scaled(&g, (4 * c - 2 + closer) << h) + !even;
  uint64_t value = scaled(&g, (4 * c) << h);
  uint64_t above = scaled(&g, (4 * c + 2) << h) - !even;
  uint64_t s = value / 4, ten = s / 10;
  *exponent = k;
  bool low_ten = below <= 40 * ten, high_ten = 40 * ten + 40 <= above;
  if (s >= 10 && low_ten != high_ten) {
    *digits = ten + high_ten;
    *exponent = k + 1;
  } else {
    bool low = below <= 4 * s, high = 4 * s + 4 <= above;
    uint64_t middle = 4 * s + 2;
    *digits = s + (low != high ? high : value > middle || (value == middle && (s & 1)));
  }
  for (; *digits % 10 == 0; ++*exponent) *digits /= 10;
}

/* n digits of a number from its end on, `to` is the first. */
static void put_digits(uint64_t value, int n, char *to) {
  for (int i = n - 1; i >= 0; i--, value /= 10) to[i] = (char)('0' + value % 10);
}

static int digits_of(uint64_t value) {
  int n = 1;
  for (; value >= 10; value /= 10) n++;
  return n;
}

int ml_integer_write(int64_t x, char to[ML_INTEGER_ROOM]) {
  uint64_t value = x < 0 ? -(uint64_t)x : (uint64_t)x;
  int n = digits_of(value), sign = x < 0;
  if (sign) to[0] = '-';
  put_digits(value, n, to + sign);
  return n + sign;
}

/* As Python writes it: with an exponent below 1e-4 and from 1e16 on. */
static int put_decimal(uint64_t digits, int exponent, char *to) {
  int n = digits_of(digits), point = n + exponent; /* digits before the point */
  char *at = to;
  if (point < -3 || point > 16) {
    put_digits(digits, n, at + 1);
    at[0] = at[1];
    at[1] = '.';
    at += n == 1 ? 1 : n + 1;
    *at++ = 'e';
    *at++ = point > 0 ? '+' : '-';
    int power = point > 0 ? point - 1 : 1 - point;
    if (power < 10) *at++ = '0';
    return (int)(at - to) + ml_integer_write(power, at);
  }
  if (point <= 0) {
    memcpy(at, "0.0000", 6);
    put_digits(digits, n, at + 2 - point);
    return 2 - point + n;
  }
  put_digits(digits, n, at);
  if (exponent >= 0) {
    memset(at + n, '0', (size_t)exponent);
    memcpy(at + point, ".0", 2);
    return point + 2;
  }
  memmove(at + point + 1, at + point, (size_t)(n - point));
  at[point] = '.';
  return n + 1;
}

int ml_number_write(double x, char to[ML_NUMBER_ROOM]) {
  int sign = signbit(x) != 0 && !isnan(x);
  if (sign) to[0] = '-';
  char *at = to + sign;
  if (isnan(x)) return memcpy(at, "nan", 3), 3;
  if (isinf(x)) return memcpy(at, "inf", 3), sign + 3;
  if (x == 0) return memcpy(at, "0.0", 3), sign + 3;
  uint64_t digits;
  int exponent;
  ml_number_digits(x, &digits, &exponent);
  return sign + put_decimal(digits, exponent, at);
}
