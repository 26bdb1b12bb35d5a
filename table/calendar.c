/* Days and dates. See calendar.h. */

#include "table/calendar.h"

enum { ERA_DAYS = 146097, TO_1970 = 719468 /* from 0000-03-01 */ };

ml_date ml_date_of_day(int64_t days) {
  days += TO_1970;
  int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS, of_era = days - era * ERA_DAYS;
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100), part = (5 * of_year + 2) / 153; /* 0: March */
  int64_t month = part < 10 ? part + 3 : part - 9;
  return (ml_date){.year = era * 400 + year + (month <= 2), .month = month, .day = of_year - (153 * part + 2) / 5 + 1};
}

int64_t ml_day_of_date(ml_date d) {
  int64_t year = d.year - (d.month <= 2), era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
  return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - TO_1970;
}

bool ml_leap_year(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int ml_days_of_month(int64_t year, int64_t month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && ml_leap_year(year));
}
