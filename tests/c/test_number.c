/* Numbers and times as text: what is read is what strtod reads, bit for bit; what is written reads back, and is the shortest. */

#include <math.h>
#include <stdlib.h>

#include "table/iso_time.h"
#include "table/number.h"
#include "tests/c/check.h"

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static bool same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); }

static double draw_double(void) {
  double x;
  do {
    uint64_t bits = draw();
    memcpy(&x, &bits, sizeof x);
  } while (!isfinite(x));
  return x;
}

/* One check for many texts: what fails is told. */
static int wrong;

static void compare(const char *text) {
  double got = 0, expected = strtod(text, NULL);
  bool read = ml_number_parse(text, text + strlen(text), '.', &got);
  char padded[40] = "        ";
  if (!read || !same_bits(got, expected)) {
    if (wrong++ < 5) check_record(false, __FILE__, __LINE__, "'%.60s': got %.17g, expected %.17g", text, got, expected);
  }
  if (strlen(text) > 8) return;
  strcpy(padded + 8, text);
  if (ml_number_parse_short(padded + 8, padded + 8 + strlen(text), '.', &got) && !same_bits(got, expected)) {
    if (wrong++ < 5) check_record(false, __FILE__, __LINE__, "short '%s': got %.17g, expected %.17g", text, got, expected);
  }
}

static void test_hard_cases_are_rounded_once(void) {
  static const char *const hard[] = {
      "0", "-0", "0.0", "1e400", "-1e400", "1e-400", "1e22", "1e23", "9007199254740993", "9007199254740992.99999999999999999999",
      "9007199254740993.00000000000000000000000000000000001", "2.2250738585072011e-308", "2.2250738585072014e-308",
      "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308",
      "1.7976931348623158e308", "1.7976931348623159e308", "123456789012345678901234567890", "1e-10000000000000",
      "1e1000000000000000000", "0e999999999999", "000000000000000000000000000000000000.1e5", ".5", "5.", "1E+5", "1.e5",
      "6.631236846766476e-316", "3.2378839133029012895883524125015321748630094985123125e-319", "8.98846567431158e307",
      "0.500000000000000166533453693773481063544750213623046875", "3.518437208883201171875e13", "inf", "-Infinity", "nan"};
  wrong = 0;
  for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) compare(hard[i]);
  CHECK_INT(wrong, 0);
}

static void test_random_doubles_are_read_exactly(void) {
  char text[1000];
  wrong = 0;
  for (int i = 0; i < 250000; i++) {
    double x = draw_double();
    snprintf(text, sizeof text, "%.*g", (int)(draw() % 25) + 1, x);
    compare(text);
    snprintf(text, sizeof text, "%.17g", x);
    compare(text);
  }
  for (int i = 0; i < 500000; i++) {
    size_t n = draw() % 8 + 1;
    for (size_t k = 0; k < n; k++) text[k] = "0123456789."[draw() % 11];
    text[n] = 0;
    if (strspn(text, ".") == n || strchr(text, '.') != strrchr(text, '.')) continue;
    compare(text);
  }
  CHECK_INT(wrong, 0);
}

/* Halfway between two doubles, and a little above: up to 780 digits decide. */
static void test_halfway_points_are_rounded_to_even(void) {
  char text[1500];
  wrong = 0;
  for (int i = 0; i < 3000; i++) {
    double x = fabs(draw_double()), y = nextafter(x, INFINITY);
    if (!isfinite(y)) continue;
    snprintf(text, sizeof text, "%.780Le", ((long double)x + (long double)y) / 2);
    compare(text);
    char *e = strchr(text, 'e');
    e[-1] = '1';
    compare(text);
  }
  for (int i = 0; i < 3000; i++) { /* subnormal numbers */
    uint64_t bits = draw() >> 12;
    double x;
    memcpy(&x, &bits, sizeof x);
    snprintf(text, sizeof text, "%.30g", x);
    compare(text);
  }
  CHECK_INT(wrong, 0);
}

static void test_what_is_written_reads_back(void) {
  char text[ML_NUMBER_ROOM + 1], other[64];
  int lost = 0, longer = 0;
  for (int i = 0; i < 250000; i++) {
    double x = i % 2 ? draw_double() : (double)(int64_t)(draw() % 2000000) / 1000 - 1000, back;
    int n = ml_number_write(x, text), digits = 1;
    if (!ml_number_parse(text, text + n, '.', &back) || !same_bits(x, back)) lost++;
    if (x == 0 || i >= 50000) continue;
    uint64_t shortest;
    int exponent;
    ml_number_digits(x, &shortest, &exponent);
    for (; digits < 17; digits++) {
      snprintf(other, sizeof other, "%.*e", digits - 1, x);
      if (strtod(other, NULL) == x) break;
    }
    if (snprintf(other, sizeof other, "%llu", (unsigned long long)shortest) > digits) longer++;
  }
  CHECK_INT(lost, 0);
  CHECK_INT(longer, 0);
}

static void test_numbers_are_written_as_python_does(void) {
  static const struct {
    double x;
    const char *text;
  } cases[] = {{0.1, "0.1"}, {1, "1.0"}, {-1, "-1.0"}, {100, "100.0"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"},
               {123456789012345680.0, "1.2345678901234568e+17"}, {5e-324, "5e-324"}, {0.0001, "0.0001"}, {0.00001, "1e-05"},
               {123.456, "123.456"}, {-0.0, "-0.0"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
               {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"}, {1e22, "1e+22"}, {2.5e-7, "2.5e-07"}};
  char text[ML_NUMBER_ROOM + 1];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    text[ml_number_write(cases[i].x, text)] = 0;
    CHECK_TEXT(text, cases[i].text);
  }
}

static void test_other_texts_are_no_numbers(void) {
  static const char *const others[] = {"",    "-",    "+",  ".",    "-.",   "e5",   "1e",  "1e+",  "1.2.3", "1 ",
                                       " 1", "0x10", "1,5", "--1", "infi", "nane", "1_0", "1e5.", "+-1",   "i"};
  double x;
  int64_t integer;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    CHECK(!ml_number_parse(others[i], others[i] + strlen(others[i]), '.', &x));
    CHECK(!ml_integer_parse(others[i], others[i] + strlen(others[i]), &integer));
  }
}

static void test_integers_are_exact_to_the_last(void) {
  static const int64_t exact[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1234567890123456789};
  char text[ML_INTEGER_ROOM];
  for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
    int64_t back = 5;
    int n = ml_integer_write(exact[i], text);
    CHECK(ml_integer_parse(text, text + n, &back));
    CHECK_INT(back, exact[i]);
  }
  static const char *const beyond[] = {"9223372036854775808", "-9223372036854775809", "99999999999999999999", "-0", "1.0", "1e3"};
  int64_t x;
  for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) CHECK(!ml_integer_parse(beyond[i], beyond[i] + strlen(beyond[i]), &x));
}

static void test_integers_that_doubles_hold(void) {
  static const int64_t held[] = {0, -1, 9007199254740992, 9007199254740994, -9007199254740992, 1000000000000000000, INT64_MIN};
  static const int64_t rounded[] = {9007199254740993, -9007199254740993, INT64_MAX, INT64_MIN + 1, 1234567890123456789};
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) CHECK(ml_double_holds(held[i]));
  for (size_t i = 0; i < sizeof rounded / sizeof *rounded; i++) CHECK(!ml_double_holds(rounded[i]));
}

static void test_times_are_read_as_written(void) {
  static const struct {
    const char *text;
    double seconds;
    const char *written;
  } cases[] = {
      {"1970-01-01", 0, "1970-01-01"},
      {"2024-02-29T13:45:06.25Z", 1709214306.25, "2024-02-29 13:45:06.25"},
      {"1900-02-28", -2203977600, "1900-02-28"},
      {"2000-02-29 00:00", 951782400, "2000-02-29"},
      {"1969-12-31 23:59:59.5", -0.5, "1969-12-31 23:59:59.5"},
      {"2024-02-29T13:45+01:00", 1709210700, "2024-02-29 12:45:00"},
      {"2024-02-29T13:45:00-0130", 1709219700, "2024-02-29 15:15:00"},
      {"9999-12-31 23:59:59", 253402300799, "9999-12-31 23:59:59"},
      {"0000-01-01", -62167219200, "0000-01-01"},
  };
  char text[ML_ISO_TIME_ROOM + 1];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double x = 1;
    CHECK(ml_iso_time_parse(cases[i].text, cases[i].text + strlen(cases[i].text), &x));
    CHECK_CLOSE(x, cases[i].seconds, 0);
    text[ml_iso_time_write(x, text)] = 0;
    CHECK_TEXT(text, cases[i].written);
  }
}

static void test_days_that_are_not_are_no_times(void) {
  static const char *const others[] = {"1900-02-29", "2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-1-1",
                                       "2024-01-01 24:00", "2024-01-01 10:60", "2024-01-01T10", "2024-01-01 10:00:00.",
                                       "2024-01-01 10:00x", "24-01-01", "2024-01-01Z", "2024-01-01 10:00+25:00", "2024-01", ""};
  double x;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    check_record(!ml_iso_time_parse(others[i], others[i] + strlen(others[i]), &x), __FILE__, __LINE__, "read: '%s'", others[i]);
}

static void test_times_read_back(void) {
  char text[ML_ISO_TIME_ROOM];
  int lost = 0;
  for (int i = 0; i < 100000; i++) { /* beyond 97 days around 1970 a double has at most nine decimals */
    double x = ((double)(int64_t)draw() / 9.3e18) * (i % 2 ? 2e9 : 6e10), back;
    if (fabs(x) < 8388608) continue;
    if (i % 3 == 0) x = floor(x);
    int n = ml_iso_time_write(x, text);
    if (!ml_iso_time_parse(text, text + n, &back) || x != back) lost++;
  }
  CHECK_INT(lost, 0);
}

int main(void) {
  test_hard_cases_are_rounded_once();
  test_random_doubles_are_read_exactly();
  test_halfway_points_are_rounded_to_even();
  test_what_is_written_reads_back();
  test_numbers_are_written_as_python_does();
  test_other_texts_are_no_numbers();
  test_integers_are_exact_to_the_last();
  test_integers_that_doubles_hold();
  test_times_are_read_as_written();
  test_days_that_are_not_are_no_times();
  test_times_read_back();
  return check_report();
}
