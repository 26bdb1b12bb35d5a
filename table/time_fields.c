/* Calendar fields of seconds. See time_fields.h. */

#include "table/time_fields.h"

#include <math.h>

#include "table/calendar.h"
#include "tensor/parallel.h"

enum { DAY = ML_DAY_SECONDS, GRAIN = 8192 };

static const double LATEST = 200000.0 * 365.2425 * DAY;

static int64_t day_of_year(ml_date d) {
  static const int16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return before[d.month - 1] + d.day + (d.month > 2 && ml_leap_year(d.year));
}

static int64_t field_of(double seconds, ml_time_field field) {
  double days = floor(seconds / DAY);
  int64_t day = (int64_t)days, second = (int64_t)floor(seconds - days * DAY);
  switch (field) {
  case ML_TIME_YEAR: return ml_date_of_day(day).year;
  case ML_TIME_MONTH: return ml_date_of_day(day).month;
  case ML_TIME_DAY: return ml_date_of_day(day).day;
  case ML_TIME_HOUR: return second / 3600;
  case ML_TIME_MINUTE: return second / 60 % 60;
  case ML_TIME_SECOND: return second % 60;
  case ML_TIME_WEEKDAY: return ((day + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
  default: return day_of_year(ml_date_of_day(day));
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
