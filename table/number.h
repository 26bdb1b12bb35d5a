/* Numbers as text, both ways, whatever the locale: what is read is the double nearest to the decimal number, what is written is
 * the shortest text that reads back to the same bits. */
#ifndef ML_NUMBER_H
#define ML_NUMBER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* All of p .. end as a number: [+-] digits [point digits] [e [+-] digits], inf, infinity or nan in any case. False: it is none. */
bool ml_number_parse(const char *p, const char *end, char point, double *out);
/* All of p .. end as [+-] digits that fit in 64 bits. "-0" is none: only a double can hold it. */
bool ml_integer_parse(const char *p, const char *end, int64_t *out);

/* Whether a double is exactly x: so all are up to 2^53, of the others some. */
static inline bool ml_double_holds(int64_t x) {
  uint64_t m = x < 0 ? -(uint64_t)x : (uint64_t)x;
  return m >> 53 == 0 || 64 - __builtin_clzll(m) - __builtin_ctzll(m) <= 53;
}

/* What is said of integers that make a column text. */
#define ML_BEYOND_INTEGERS "a whole number that 64 bits do not hold"
#define ML_BEYOND_NUMBERS "a whole number that would be rounded beside fractions"

/* m * 10^exponent, rounded once. False: this way can't tell (rare), or the result is not a normal double. */
bool ml_decimal_to_double(uint64_t m, int exponent, double *out);

enum { ML_NUMBER_ROOM = 32, ML_INTEGER_ROOM = 24 };
/* Both give the length, without a zero byte. A whole double ends in ".0", so that it reads back as a number. */
int ml_number_write(double x, char to[ML_NUMBER_ROOM]);
int ml_integer_write(int64_t x, char to[ML_INTEGER_ROOM]);

/* The shortest decimal digits of a finite x other than 0: |x| = digits * 10^exponent. */
void ml_number_digits(double x, uint64_t *digits, int *exponent);

/* Eight characters as one word ------------------------------------------------------------------------------------- */

#define ML_BYTES_OF(byte) (0x0101010101010101u * (uint64_t)(byte))

/* Whether each of the eight bytes is a digit. */
static inline bool ml_eight_digits(uint64_t v) {
  return (((v + ML_BYTES_OF(0x46)) | (v - ML_BYTES_OF('0'))) & ML_BYTES_OF(0x80)) == 0;
}

/* The number that eight digits spell; the first stands in the lowest byte. */
static inline uint32_t ml_eight_digits_value(uint64_t v) {
  v = (v & ML_BYTES_OF(0x0f)) * 2561 >> 8;
  v = (v & 0x00ff00ff00ff00ffu) * 6553601 >> 16;
  return (uint32_t)((v & 0x0000ffff0000ffffu) * 42949672960001u >> 32);
}

/* The n characters (1..8) before `end` as a word, '0' in front of them. The eight bytes before `end` must be readable. */
static inline uint64_t ml_last_eight(const char *end, int n) {
  uint64_t v, above = ((uint64_t)1 << (64 - 8 * n)) - 1; /* n = 8: none */
  memcpy(&v, end - 8, 8);
  return (v & ~above) | (ML_BYTES_OF('0') & above);
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first character stands in the lowest byte");

/* A number of at most eight characters without sign and exponent, where eight bytes before `end` can be read. False: it is
 * none, or longer. What nearly all fields of files are. */
static inline bool ml_number_parse_short(const char *p, const char *end, char point, double *out) {
  static const double power[8] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  int64_t n = end - p;
  if (n < 1 || n > 8) return false;
  uint64_t v = ml_last_eight(end, (int)n), t = v ^ ML_BYTES_OF(point);
  uint64_t at = (t - ML_BYTES_OF(1)) & ~t & ML_BYTES_OF(0x80);
  int behind = 0;
  if (at) {
    if (n == 1) return false;
    uint64_t below = ((at & -at) >> 7) - 1; /* the characters before the point move up by one */
    v = (v & ~((below << 8) | 0xff)) | (v & below) << 8 | '0';
    behind = __builtin_clzll(at & -at) >> 3;
  }
  if (!ml_eight_digits(v)) return false;
  *out = (double)ml_eight_digits_value(v) / power[behind];
  return true;
}

#endif
