/* Tables out of SQLite databases, which are read and never written: a table or view, or what a select gives. The types are those of
 * the values in all rows (records.h); a BLOB is an error unless its column is not wanted. The database stands still while a reader
 * is open: all rows are of one state. Only select is allowed in a query; nothing is attached, no extension is loaded. */
#ifndef ML_SQLITE_H
#define ML_SQLITE_H

#include "table/records.h"

typedef struct ml_sqlite ml_sqlite;

typedef struct ml_sqlite_parameter {
  const char *name; /* with or without its ':', '@' or '$'; NULL: the next one by position */
  record_value value;
} ml_sqlite_parameter;

typedef struct ml_sqlite_source {
  const char *table; /* or */
  const char *query;
  const ml_sqlite_parameter *parameters;
  int count;
} ml_sqlite_source;

/* Nothing of the arguments is kept. On failure *out is NULL. */
ML_CHECKED ml_status ml_sqlite_open(ml_context *c, const char *path, const ml_sqlite_source *from, const record_options *o, ml_sqlite **out);
void ml_sqlite_close(ml_sqlite *s); /* NULL is fine */
ML_CHECKED ml_status ml_sqlite_scan(ml_context *c, ml_sqlite *s);
ML_CHECKED ml_status ml_sqlite_read(ml_context *c, ml_sqlite *s, int64_t max_rows, ml_table *out, bool *any);
const records *ml_sqlite_records(const ml_sqlite *s);
int64_t ml_sqlite_file_size(const ml_sqlite *s);

/* The query that gives the names of all tables and views, in the order in which they were made. */
#define ML_SQLITE_TABLES                                                                                               \
  "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by rowid"

#endif
