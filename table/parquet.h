/* Reading Parquet files: flat columns, row group by row group, page by page, so that a file of any size needs little memory.
 *
 * Read are all physical types, the encodings PLAIN, dictionary, RLE, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY
 * and BYTE_STREAM_SPLIT, data pages of version 1 and 2, plain or compressed with Snappy, gzip, Zstandard or LZ4_RAW. What the types
 * become stands in parquet_type.c. The fields of a struct are columns 'address.city'; lists and maps are left out.
 *
 * The format is README.md, Encodings.md and LogicalTypes.md of apache/parquet-format. */
#ifndef ML_PARQUET_H
#define ML_PARQUET_H

#include "table/table.h"

typedef struct ml_parquet ml_parquet;

/* What a file says of one of its columns. */
typedef struct ml_parquet_column {
  const char *name; /* ends with a zero byte that does not count */
  size_t name_length;
  const char *stored;    /* "INT64 TIMESTAMP(MILLIS)" */
  const char *left_out;  /* NULL: it can be read; else why not */
  ml_column_type type;   /* if it can be read */
  int64_t missing;       /* -1: the file does not say */
  bool chosen;           /* it is read */
} ml_parquet_column;

/* Reads the footer. path is copied. On failure *out is NULL. All columns that can be read are chosen. */
ML_CHECKED ml_status ml_parquet_open(ml_context *c, const char *path, ml_parquet **out);
void ml_parquet_close(ml_parquet *p); /* NULL is fine */

int64_t ml_parquet_rows(const ml_parquet *p);
int ml_parquet_columns(const ml_parquet *p);
ml_parquet_column ml_parquet_column_at(const ml_parquet *p, int i);

/* Before the first read: these columns alone, whose positions count from 0. They come in the order of the file. */
ML_CHECKED ml_status ml_parquet_choose(ml_context *c, ml_parquet *p, const int *columns, int count);

/* The next rows, at most max_rows of them, into an empty table; it stays empty, without columns, when there are no more. After a failure the
 * reader is of no more use. */
ML_CHECKED ml_status ml_parquet_read(ml_context *c, ml_parquet *p, int64_t max_rows, ml_table *out);

#endif
