/* Calendar fields of seconds. The days of a date are counted in years that begin in March, so that the leap day is the last
 * one, in eras of 400 years (H. Hinnant, chrono-Compatible Low-Level Date Algorithms). See time_fields.h. */

#include "table/time_fields.h"

#include <math.h>

#include "tensor/parallel.h"

enum { DAY = 86400, ERA_DAYS = 146097, TO_1970 = 719468 /* from 0000-03-01 */, GRAIN = 8192 };

static const double LATEST = 200000.0 * 365.2425 * DAY;

typedef struct date {
  int64_t year, month, day;
} date;

static date date_of(int64_t days) {
  days += TO_1970;
  int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
  int64_t of_era = days - era * ERA_DAYS;
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  int64_t month = (5 * of_year + 2) / 153; /* 0: March */
  date d = {.year = year + era * 400, .month = month < 10 ? month + 3 : month - 9};
  d.day = of_year - (153 * month + 2) / 5 + 1;
  d.year += d.month <= 2;
  return d;
}

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int64_t day_of_year(date d) {
  static const int16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return before[d.month - 1] + d.day + (d.month > 2 && is_leap(d.year));
}

static int64_t field_of(double seconds, ml_time_field field) {
  double days = floor(seconds / DAY);
  int64_t day = (int64_t)days, second = (int64_t)floor(seconds - days * DAY);
  switch (field) {
  case ML_TIME_YEAR: return date_of(day).year;
  case ML_TIME_MONTH: return date_of(day).month;
  case ML_TIME_DAY: return date_of(day).day;
  case ML_TIME_HOUR: return second / 3600;
  case ML_TIME_MINUTE: return second / 60 % 60;
  case ML_TIME_SECOND: return second % 60;
  case ML_TIME_WEEKDAY: return ((day + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
  default: return day_of_year(date_of(day));
  }
}

typedef struct reading {
  const double *seconds;
  ml_time_field field;
  int64_t *values;
  bool *missing;
} reading;

static void read_fields(void *arg, int64_t begin, int64_t end) {
  const reading *r = arg;
  for (int64_t i = begin; i < end; i++) {
    r->missing[i] = !(fabs(r->seconds[i]) <= LATEST);
    r->values[i] = r->missing[i] ? 0 : field_of(r->seconds[i], r->field);
  }
}

ml_status ml_time_fields(ml_context *c, const ml_tensor *seconds, ml_time_field field, ml_tensor **values,
                         ml_tensor **missing) {
  ML_TRY(ml_empty(c, &seconds->shape, ML_INT64, values));
  ML_TRY(ml_empty(c, &seconds->shape, ML_BOOL, missing));
  reading r = {ml_f64(seconds), field, ml_data(*values), ml_data(*missing)};
  return ml_parallel_for(c, ml_count(seconds), GRAIN, read_fields, &r);
}
