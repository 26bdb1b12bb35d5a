/* Stored values to ours. See parquet_type.c for what becomes what. Integers are int64, everything else float64, each as a word.
 *
 * Decimals: up to 2^53 and 22 digits behind the point both parts of the fraction are exact, and one division rounds. Others go by
 * way of their digits, which strtod rounds. Either way it is the nearest number. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/parquet_parts.h"

enum { EXACT_POWERS = 22, LARGEST_DIGITS = 80, UNIX_EPOCH_JULIAN = 2440588, SECONDS_A_DAY = 86400 };
#define EXACT_INTEGER ((int64_t)1 << 53)

static uint64_t word_of(double x) {
  uint64_t word;
  memcpy(&word, &x, 8);
  return word;
}

static uint32_t load32(const uint8_t *from) {
  uint32_t x;
  memcpy(&x, from, 4);
  return x;
}

static uint64_t load64(const uint8_t *from) {
  uint64_t x;
  memcpy(&x, from, 8);
  return x;
}

/* Times -------------------------------------------------------------------------------------------------------------- */

/* value / per_second; beyond 2^53 the whole seconds and the rest apart, so that it is not rounded twice where it matters. */
static double seconds(int64_t value, int64_t per_second) {
  if (value <= EXACT_INTEGER && value >= -EXACT_INTEGER) return (double)value / (double)per_second;
  return (double)(value / per_second) + (double)(value % per_second) / (double)per_second;
}

/* Nanoseconds of the day, and the Julian day. */
static double int96_seconds(const uint8_t *from) {
  int64_t nanoseconds = (int64_t)load64(from), day = (int64_t)load32(from + 8) - UNIX_EPOCH_JULIAN;
  return (double)(day * SECONDS_A_DAY + nanoseconds / 1000000000) + (double)(nanoseconds % 1000000000) / 1e9;
}

/* Numbers ------------------------------------------------------------------------------------------------------------ */

static double from_float16(const uint8_t *from) {
  int half = from[0] | from[1] << 8, exponent = half >> 10 & 31, fraction = half & 1023;
  double x = exponent == 0    ? ldexp(fraction, -24)
             : exponent == 31 ? (fraction ? NAN : INFINITY)
                              : ldexp(1024 + fraction, exponent - 25);
  return half >> 15 ? -x : x;
}

/* digits / 10^scale */
static double from_digits(const char *digits, int scale) {
  char text[LARGEST_DIGITS + 16];
  snprintf(text, sizeof text, "%se%d", digits, -scale); /* no decimal point: it reads the same in every locale */
  return strtod(text, NULL);
}

static double from_decimal(int64_t value, int scale) {
  static const double powers[EXACT_POWERS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  char digits[LARGEST_DIGITS];
  if (value <= EXACT_INTEGER && value >= -EXACT_INTEGER && scale <= EXACT_POWERS) return (double)value / powers[scale];
  snprintf(digits, sizeof digits, "%lld", (long long)value);
  return from_digits(digits, scale);
}

/* The digits of a number of n bytes, the most significant first, which is divided by ten until nothing is left. */
static double from_long_decimal(const uint8_t *from, size_t n, int scale) {
  uint8_t number[PARQUET_DECIMAL_BYTES];
  char digits[LARGEST_DIGITS], *at = digits + sizeof digits;
  bool negative = from[0] >> 7, rest = true;
  int carry = negative;
  for (size_t i = n; i-- > 0;) {
    int b = negative ? (from[i] ^ 255) + carry : from[i];
    number[i] = (uint8_t)b;
    carry = negative ? b >> 8 : 0;
  }
  *--at = 0;
  while (rest) {
    int remainder = 0;
    rest = false;
    for (size_t i = 0; i < n; i++) {
      remainder = remainder << 8 | number[i];
      number[i] = (uint8_t)(remainder / 10);
      remainder %= 10;
      rest |= number[i] != 0;
    }
    *--at = (char)('0' + remainder);
  }
  if (negative) *--at = '-';
  return from_digits(at, scale);
}

bool parquet_decimal(parquet_page *p, const parquet_column *column, ml_thrift_bytes from, uint64_t *to) {
  const uint8_t *at = from.at;
  size_t n = from.count;
  if (n == 0 || n > PARQUET_DECIMAL_BYTES) return parquet_refuse(p, "it has a decimal of %zu bytes; 1 to %d are read", n, PARQUET_DECIMAL_BYTES);
  while (n > 8 && at[0] == (at[1] >> 7 ? 255 : 0)) at++, n--; /* bytes that repeat the sign */
  if (n > 8) {
    *to = word_of(from_long_decimal(at, n, column->scale));
    return true;
  }
  uint64_t value = at[0] >> 7 ? UINT64_MAX : 0;
  for (size_t i = 0; i < n; i++) value = value << 8 | at[i];
  *to = word_of(from_decimal((int64_t)value, column->scale));
  return true;
}

/* Loops -------------------------------------------------------------------------------------------------------------- */

static bool convert_unsigned(parquet_page *p, const uint8_t *from, int64_t n, uint64_t *to) {
  uint64_t any = 0;
  memcpy(to, from, (size_t)n * 8);
  for (int64_t i = 0; i < n; i++) any |= to[i];
  return !(any >> 63) || parquet_refuse(p, "it has an integer beyond 2^63 - 1, the largest that is read; leave the column out, or write it as DOUBLE");
}

static bool convert_decimals(parquet_page *p, const parquet_column *column, const uint8_t *from, int64_t n, uint64_t *to) {
  for (int64_t i = 0; i < n; i++) {
    if (!parquet_decimal(p, column, (ml_thrift_bytes){from + i * column->width, (size_t)column->width}, &to[i])) return false;
  }
  return true;
}

bool parquet_convert(parquet_page *p, const parquet_column *column, const uint8_t *from, int64_t n, uint64_t *to) {
  float single;
  switch (column->kind) {
  case KIND_INT32:
    for (int64_t i = 0; i < n; i++) to[i] = (uint64_t)(int64_t)(int32_t)load32(from + 4 * i);
    return true;
  case KIND_UINT32:
    for (int64_t i = 0; i < n; i++) to[i] = load32(from + 4 * i);
    return true;
  case KIND_INT64:
  case KIND_DOUBLE: memcpy(to, from, (size_t)n * 8); return true;
  case KIND_UINT64: return convert_unsigned(p, from, n, to);
  case KIND_FLOAT:
    for (int64_t i = 0; i < n; i++) {
      memcpy(&single, from + 4 * i, 4);
      to[i] = word_of((double)single);
    }
    return true;
  case KIND_FLOAT16:
    for (int64_t i = 0; i < n; i++) to[i] = word_of(from_float16(from + 2 * i));
    return true;
  case KIND_TIME32:
    for (int64_t i = 0; i < n; i++) to[i] = word_of(seconds((int32_t)load32(from + 4 * i), column->per_second));
    return true;
  case KIND_TIME64:
    for (int64_t i = 0; i < n; i++) to[i] = word_of(seconds((int64_t)load64(from + 8 * i), column->per_second));
    return true;
  case KIND_DATE:
    for (int64_t i = 0; i < n; i++) to[i] = word_of((double)(int32_t)load32(from + 4 * i) * SECONDS_A_DAY);
    return true;
  case KIND_INT96:
    for (int64_t i = 0; i < n; i++) to[i] = word_of(int96_seconds(from + 12 * i));
    return true;
  case KIND_DECIMAL32:
    for (int64_t i = 0; i < n; i++) to[i] = word_of(from_decimal((int32_t)load32(from + 4 * i), column->scale));
    return true;
  case KIND_DECIMAL64:
    for (int64_t i = 0; i < n; i++) to[i] = word_of(from_decimal((int64_t)load64(from + 8 * i), column->scale));
    return true;
  case KIND_DECIMAL_BYTES: return convert_decimals(p, column, from, n, to);
  default: return parquet_problem(p, "its type is not read");
  }
}
