/* The different values of a column, numbered from 1 in the order in which they first appear. */
#ifndef ML_DISTINCT_H
#define ML_DISTINCT_H

#include "table/text.h"

/* What is found: the caller releases both tensors, on failure too. */
typedef struct ml_distinct {
  ml_tensor *codes; /* int64 [n]: the number of each row's value; 0: missing */
  ml_tensor *firsts; /* int64 [k]: the row, from 1, in which each value appears first. NULL: there are more than the limit */
} ml_distinct;

/* limit: the most different values that are of use; negative: none. */
ML_CHECKED ml_status ml_distinct_text(ml_context *c, const ml_text_rows *x, int64_t limit, ml_distinct *out);
/* values: float64, int64 or bool [n]; NaN is missing, 0 and -0 are one value. missing: bool [n] or NULL. */
ML_CHECKED ml_status ml_distinct_values(ml_context *c, const ml_tensor *values, const ml_tensor *missing, int64_t limit,
                                        ml_distinct *out);

#endif
