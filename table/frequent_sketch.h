/* The most frequent values, in bounded memory.
 *
 * A table of counters; when it is full, the median of the counts is taken from all, and those that have nothing left go (Misra
 * and Gries 1982; merged as Agarwal et al. 2012). A count that is told is never too large, and too small by at most `lost`,
 * which stays below 2 n / ML_FREQUENT_COUNTERS; as long as nothing went, it is 0 and all is exact. */
#ifndef ML_FREQUENT_SKETCH_H
#define ML_FREQUENT_SKETCH_H

#include "table/text.h"

enum { ML_FREQUENT_COUNTERS = 1024, ML_FREQUENT_LABEL = 48 };

typedef struct ml_frequent_entry {
  uint64_t hash;
  int64_t count;                 /* 0: free */
  int64_t length;                /* of the whole value */
  char label[ML_FREQUENT_LABEL]; /* its first bytes */
} ml_frequent_entry;

typedef struct ml_frequent_sketch {
  int64_t used, lost;
  ml_frequent_entry entry[2 * ML_FREQUENT_COUNTERS];
} ml_frequent_sketch;

/* A sketch of zeros is empty. */
void ml_frequent_sketch_push(ml_frequent_sketch *s, uint64_t hash, ml_span value);
void ml_frequent_sketch_merge(ml_frequent_sketch *s, const ml_frequent_sketch *other);
/* The `most` entries with the largest counts, in order, equal ones by their first bytes; gives how many there are. */
int ml_frequent_sketch_top(const ml_frequent_sketch *s, int most, const ml_frequent_entry **out);

#endif
