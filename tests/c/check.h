/* What the C tests share: a check that fails says where and what, and the program goes on. The last line of each
 * program is "N passed, N failed"; it returns check_report(). */
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tensor/context.h"

static int checks_passed, checks_failed;

__attribute__((unused, format(printf, 4, 5))) static void check_record(bool right, const char *file, int line,
                                                                       const char *format, ...) {
  if (right) {
    checks_passed++;
    return;
  }
  checks_failed++;
  fprintf(stderr, "FAIL %s:%d: ", file, line);
  va_list list;
  va_start(list, format);
  vfprintf(stderr, format, list);
  va_end(list);
  fputc('\n', stderr);
}

__attribute__((unused)) static int check_report(void) {
  printf("%d passed, %d failed\n", checks_passed, checks_failed);
  return checks_failed == 0 ? 0 : 1;
}

#define CHECK(condition) check_record((condition), __FILE__, __LINE__, "not so: %s", #condition)

#define CHECK_INT(value, expected)                                                                                     \
  do {                                                                                                                 \
    long long check_value_ = (long long)(value), check_expected_ = (long long)(expected);                              \
    check_record(check_value_ == check_expected_, __FILE__, __LINE__, "%s: got %lld, expected %lld", #value,           \
                 check_value_, check_expected_);                                                                       \
  } while (0)

/* |value - expected| <= tolerance; a NaN never is. */
#define CHECK_CLOSE(value, expected, tolerance)                                                                        \
  do {                                                                                                                 \
    double check_value_ = (double)(value), check_expected_ = (double)(expected);                                       \
    double check_off_ = check_value_ - check_expected_;                                                                \
    check_record(check_off_ <= (tolerance) && -check_off_ <= (tolerance), __FILE__, __LINE__,                          \
                 "%s: got %.17g, expected %.17g", #value, check_value_, check_expected_);                              \
  } while (0)

#define CHECK_TEXT(value, expected)                                                                                    \
  do {                                                                                                                 \
    const char *check_value_ = (value), *check_expected_ = (expected);                                                 \
    check_record(strcmp(check_value_, check_expected_) == 0, __FILE__, __LINE__, "got      %s\n  expected %s",         \
                 check_value_, check_expected_);                                                                       \
  } while (0)

/* The call succeeds in the context c. */
#define CHECK_OK(c, call)                                                                                              \
  do {                                                                                                                 \
    ml_status check_status_ = (call);                                                                                  \
    check_record(check_status_ == ML_OK, __FILE__, __LINE__, "%s: %s", #call, (c)->message);                           \
  } while (0)

/* The call fails with this status and this message, compared whole. */
#define CHECK_FAILS(c, status, expected, call)                                                                         \
  do {                                                                                                                 \
    (c)->message[0] = '\0';                                                                                            \
    ml_status check_status_ = (call);                                                                                  \
    check_record(check_status_ == (status), __FILE__, __LINE__, "%s: status %d, expected %d", #call,                   \
                 (int)check_status_, (int)(status));                                                                   \
    CHECK_TEXT((c)->message, expected);                                                                                \
  } while (0)

#endif
