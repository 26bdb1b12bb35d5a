/* Tables in files of separated values: reading and writing.
 *
 * Reading has the types found out of all rows: a column is integer, else number, boolean or time if all its cells are, else text. An
 * integer that would be rounded, beside fractions or beyond 64 bits, makes it text.
 * A whole file is read in one pass: each block is parsed as the types are so far, and where a later row does not fit, the column
 * is widened in place or, if it turns to text late, read a second time, alone.
 *
 * Rows with fewer fields than there are columns are problems; where those are collected, their missing cells take room as others
 * do, up to 64 bytes of columns for a byte of the file, or 256 MB: a file beyond that is refused. */
#ifndef ML_CSV_H
#define ML_CSV_H

#include "table/table.h"

typedef struct ml_csv_text {
  const char *text;
  size_t length;
} ml_csv_text;

typedef struct ml_csv_list {
  const ml_csv_text *item;
  int count;
} ml_csv_list;

/* What is said of one column. */
typedef struct ml_csv_wish {
  ml_csv_text column;
  bool has_type;
  ml_column_type type;
  const ml_csv_list *missing; /* NULL: as all others */
} ml_csv_wish;

enum { ML_CSV_BLANKS = ' ' /* the separator: runs of spaces and tabs */ };

/* Zeros: found out, or the default. */
typedef struct ml_csv_options {
  int separator;
  bool no_quotes; /* '"' is a character as any other */
  int quote;      /* 0: '"' */
  int decimal;
  int comment;
  int header; /* 1: there is one; -1: there is none */
  const ml_csv_list *names;
  const ml_csv_list *columns; /* the wanted ones */
  const ml_csv_list *missing;
  const ml_csv_wish *wishes;
  int wish_count;
  bool keep_blanks; /* around unquoted fields */
  bool latin_1;
  bool collect; /* problems are kept, and the cells missing */
  int64_t skip; /* lines before anything else */
} ml_csv_options;

typedef struct ml_csv ml_csv;

/* Opens a file, plain or compressed, and looks at its beginning. Nothing of path and options is kept. */
ML_CHECKED ml_status ml_csv_open(ml_context *c, const char *path, const ml_csv_options *o, ml_csv **out);
void ml_csv_close(ml_csv *r); /* NULL is fine */

/* Goes through all rows and fixes the types of the columns. Does nothing the second time. Reading then goes on where it was. */
ML_CHECKED ml_status ml_csv_scan(ml_context *c, ml_csv *r);
/* The next rows, at most max_rows (negative: all). *any is false at the end, and the table untouched. */
ML_CHECKED ml_status ml_csv_read(ml_context *c, ml_csv *r, int64_t max_rows, ml_table *out, bool *any);

typedef struct ml_csv_facts {
  bool header;
  char separator, decimal;
  int64_t rows;  /* -1: not counted yet */
  int64_t bytes; /* of the file */
  int columns;
  const char *hint; /* what to write where the first lines are no rows, with "; " in front, or "" */
} ml_csv_facts;
ml_csv_facts ml_csv_facts_of(const ml_csv *r);

typedef struct ml_csv_column_facts {
  ml_csv_text name, was; /* was: what the header says, where that had to be changed */
  bool wanted;
  ml_column_type type;
  int64_t rows, missing; /* looked at */
  int64_t others;        /* of a text: cells that are none of what most of them are */
  ml_column_type most;
  int64_t other_line; /* of the first of them */
  ml_csv_text other_text;
  const char *why; /* what they are, where all others are numbers: integers that numbers do not hold. NULL: something else */
} ml_csv_column_facts;
ml_csv_column_facts ml_csv_column_facts_of(const ml_csv *r, int column);

typedef struct ml_csv_problem {
  int64_t line, row;
  int column;         /* -1: of the whole row */
  ml_csv_text text;   /* what was found */
  const char *wanted; /* "a number" */
} ml_csv_problem;
/* How many are kept, and of how many. */
int64_t ml_csv_problem_count(const ml_csv *r, int64_t *all);
ml_csv_problem ml_csv_problem_at(const ml_csv *r, int64_t i);

/* Writing ---------------------------------------------------------------------------------------------------------- */

typedef struct ml_csv_style {
  char separator; /* 0: ',' */
  bool no_header;
  ml_csv_text missing;
} ml_csv_style;

/* Writes a table so that reading gives it back. Either all of it stands in the file at the end, or what was there before. */
ML_CHECKED ml_status ml_csv_write(ml_context *c, const char *path, const ml_table *t, const ml_csv_style *style);

#endif
