/* Calendar fields of times, which are seconds since 1970-01-01 00:00:00 UTC in the Gregorian calendar, forwards and backwards. */
#ifndef ML_TIME_FIELDS_H
#define ML_TIME_FIELDS_H

#include "tensor/tensor.h"

typedef enum ml_time_field {
  ML_TIME_YEAR,
  ML_TIME_MONTH,
  ML_TIME_DAY,
  ML_TIME_HOUR,
  ML_TIME_MINUTE,
  ML_TIME_SECOND,
  ML_TIME_WEEKDAY, /* 1: Monday */
  ML_TIME_DAY_OF_YEAR,
  ML_TIME_FIELDS,
} ml_time_field;

/* seconds: float64 [n]. values: int64 [n]; missing: bool [n], where seconds are not finite or out of the years -200000 to 200000. */
ML_CHECKED ml_status ml_time_fields(ml_context *c, const ml_tensor *seconds, ml_time_field field, ml_tensor **values,
                                    ml_tensor **missing);

#endif
