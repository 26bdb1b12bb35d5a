/* Days and dates of the Gregorian calendar, also before it began. Years begin in March here, so that the leap day is the last one, in eras
 * of 400 years: Howard Hinnant, "chrono-compatible low-level date algorithms". */
#ifndef ML_CALENDAR_H
#define ML_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

enum { ML_DAY_SECONDS = 86400 };

typedef struct ml_date {
  int64_t year, month, day; /* month and day from 1 */
} ml_date;

/* Days since 1970-01-01. */
ml_date ml_date_of_day(int64_t days);
int64_t ml_day_of_date(ml_date d); /* of a date that there is */

bool ml_leap_year(int64_t year);
int ml_days_of_month(int64_t year, int64_t month);

#endif
