/* Finding separators, quotes and newlines, 64 bytes at a time. */
#ifndef ML_CSV_SCAN_H
#define ML_CSV_SCAN_H

#include "table/csv_index.h"

typedef struct csv_scan {
  csv_cursor cursor; /* as for csv_begin_rows */
  uint32_t begin, end;
  char separator, newline, quote; /* quote 0: there are none */
  /* results */
  uint32_t stop;  /* behind the last whole row */
  int64_t lines;  /* newlines in begin .. end, in quotes too */
  bool odd;       /* a quote stands where none may, or the end is in quotes: the entries can't be trusted */
  bool inside;    /* the end is in quotes */
  bool full;      /* the entries' room was used up */
  bool has_zero;  /* a zero byte */
  bool has_high;  /* a byte above 127 */
} csv_scan;

typedef struct csv_kernel {
  bool (*quotes_are_odd)(const char *text, uint32_t begin, uint32_t end, char quote);
  void (*scan)(csv_scan *s);
} csv_kernel;

/* The bytes from begin & ~63 to the next multiple of 64 after end must be readable. */

#endif
