/* JSON Lines: one JSON object a line, as a table. The columns are the names in order of first appearance; a name that a row does
 * not have, or has as null, is missing there. What stands in an object in an object gets a name with a dot ("address.city"), a
 * list becomes the text of its JSON, and so does everything that is no text in a column where texts are mixed with other things.
 * Types as records.h finds them; a number beyond the doubles' range is infinite. Objects and lists may be 16 deep; a name may
 * not stand twice in an object. Lines of white space count for nothing. Plain, gzip or Zstandard. */
#ifndef ML_JSONL_H
#define ML_JSONL_H

#include "table/records.h"

typedef struct ml_jsonl ml_jsonl;

/* The path is copied. On failure *out is NULL. */
ML_CHECKED ml_status ml_jsonl_open(ml_context *c, const char *path, const record_options *o, ml_jsonl **out);
void ml_jsonl_close(ml_jsonl *r); /* NULL is fine */
/* Goes through all rows once, unless that was done: the fields' types and counts are known then. */
ML_CHECKED ml_status ml_jsonl_scan(ml_context *c, ml_jsonl *r);
/* The next rows, at most max_rows (negative: all); *any false at the end. */
ML_CHECKED ml_status ml_jsonl_read(ml_context *c, ml_jsonl *r, int64_t max_rows, ml_table *out, bool *any);
const records *ml_jsonl_records(const ml_jsonl *r);
int64_t ml_jsonl_file_size(const ml_jsonl *r);

/* One object a row, all columns in each, null where a value is missing; numbers as the shortest text that reads back to the same
 * bits, 1e999 for infinity; times as ISO 8601 texts. */
ML_CHECKED ml_status ml_jsonl_write(ml_context *c, const char *path, const ml_table *t);

#endif
