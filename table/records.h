/* Rows whose fields have names and values of any type, as JSON Lines and SQLite have them, on their way into a table of typed
 * columns. A reader goes through all rows to see the values (records_see), after which the types are decided, and stores them
 * (records_read) so many rows at a time. Or it does both at once: the columns are stored as the types are so far and widened
 * (records_retype) where a later row does not fit; one that turns to text late is lost, and stored by another pass.
 *
 * The type of a column, unless it is declared: integer if all its values are; number if some are fractions; boolean or time if
 * all are; otherwise text, where what is no text stands as it is written. An integer that would be rounded, beside fractions or
 * beyond 64 bits, makes it text. A column that never has a value is a number. */
#ifndef ML_RECORDS_H
#define ML_RECORDS_H

#include "table/number.h"
#include "table/table.h"

typedef enum record_kind {
  RECORD_MISSING,
  RECORD_INTEGER,
  RECORD_LONG, /* an integer that a double would round */
  RECORD_HUGE, /* an integer that 64 bits do not hold: only its text keeps it */
  RECORD_NUMBER,
  RECORD_BOOLEAN,
  RECORD_TIME, /* a text that is a time */
  RECORD_TEXT,
  RECORD_OTHER, /* has only a text, as a list in JSON */
  RECORD_KINDS,
} record_kind;

typedef struct record_value {
  record_kind kind;
  int64_t integer;
  double number; /* of integers as well; of times in seconds */
  bool boolean;
  const char *text; /* as it is written; not of RECORD_MISSING. NULL: made from the number where it is needed */
  size_t length;
} record_value;

enum { RECORD_EXAMPLE = 48 };

/* The beginning of a text, to be shown. */
typedef struct record_example {
  int64_t line;
  size_t length;
  char text[RECORD_EXAMPLE];
} record_example;

typedef struct record_field {
  char *name; /* owned; a zero byte stands behind it */
  size_t name_length;
  bool wanted, declared, is_column;
  bool has_objects; /* set by the reader, as is_column */
  ml_column_type type;
  int64_t seen[RECORD_KINDS];
  record_example *first[RECORD_KINDS]; /* of each kind, NULL: none yet */
  /* of the rows that are being stored: */
  bool stores;   /* by this pass */
  bool lost;     /* turned to text after values had been stored otherwise: another pass is needed */
  ml_tensor *values, *ends, *missing, *bytes;
  int64_t filled; /* rows that are values or missing */
  int64_t used;   /* bytes of text */
  int64_t given;  /* values */
} record_field;

typedef struct record_problem {
  int64_t line, row;
  int field; /* -1: of the whole row */
  record_example found;
  const char *wanted; /* "a number" */
} record_problem;

typedef struct record_wish {
  const char *name;
  size_t length;
  bool has_type; /* else it is a wanted column */
  ml_column_type type;
} record_wish;

typedef struct record_options {
  const record_wish *wishes;
  int wish_count;
  bool choose;  /* columns other than the wanted ones are left out */
  bool collect; /* problems are kept, and the cells missing */
} record_options;

typedef struct records {
  const char *path; /* for messages */
  record_field *field;
  int count;
  size_t field_room; /* in bytes */
  int *texts; /* the fields of type text that are stored: their rows end together */
  int text_count, texts_room;
  record_wish *wishes; /* copies */
  char *wish_names;
  size_t wish_bytes;
  record_options options;
  int64_t rows;    /* of all; known when all were seen */
  int64_t stored;  /* of those, stored so far */
  int64_t bytes;   /* of content */
  int64_t chunk;   /* rows that are being stored: there is room for them */
  record_problem *problem;
  int64_t problems, kept; /* all; those that are kept */
  size_t problem_room;    /* in bytes */
} records;

/* Where a value stands. line 0: only the row is known. column in bytes, from 1. */
typedef struct record_place {
  int64_t row, line, column;
} record_place;

/* Copies the options. */
ML_CHECKED ml_status records_init(ml_context *c, records *r, const char *path, const record_options *o);
void records_free(records *r);

/* The kind of an integer; of a text, which for a time gives its seconds. */
static inline record_kind records_kind_of_integer(int64_t x) { return ml_double_holds(x) ? RECORD_INTEGER : RECORD_LONG; }
record_kind records_kind_of_text(const char *text, size_t length, double *seconds);

/* Adds a field; *out is its number. The name must be new. */
ML_CHECKED ml_status records_add(ml_context *c, records *r, const char *name, size_t length, int *out);
ML_CHECKED ml_status records_see(ml_context *c, records *r, int field, const record_value *v, int64_t line);
/* No value was seen. */
void records_forget(records *r);
/* The type that fits all values seen. */
ml_column_type records_natural_type(const record_field *f);
/* All rows were seen: decides the types and checks that the wanted columns are there. is_column is set by the reader before. */
ML_CHECKED ml_status records_decide(ml_context *c, records *r);

/* Before rows are stored from the first of a chunk on: all wanted fields are, or again = true: the lost ones alone. */
void records_begin(records *r, bool again);
/* All so far were seen: gives the fields the types that fit. */
void records_retype(records *r);
/* Room for `rows` rows in all: those beyond the rows so far are missing. As many as `expected` may come. */
ML_CHECKED ml_status records_reserve(ml_context *c, records *r, int64_t rows, int64_t expected);
/* Room for so many more bytes of text in a field. */
ML_CHECKED ml_status records_reserve_text(ml_context *c, records *r, record_field *f, int64_t more);
/* at: the row's position among the chunk's, from 0. Values of a row, in any order, then the end of the row. */
ML_CHECKED ml_status records_store(ml_context *c, records *r, int field, int64_t at, const record_value *v, const record_place *place);
void records_end_row(records *r, int64_t at);
/* For a field that is no text; neither counts nor reports. False: the value is not of the field's type, and missing. Any thread. */
bool records_put(record_field *f, int64_t at, const record_value *v);
/* For a value that could not be put. */
ML_CHECKED ml_status records_wrong_type(ml_context *c, records *r, int field, const record_value *v, const record_place *place);

/* Stores rows, at most so many (negative: all), those behind the first r->stored. */
typedef ml_status (*records_writer)(ml_context *c, void *reader, int64_t rows);
/* The next rows as a table, at most max_rows (negative: all); *any false at the end. After a failure nothing of them was read. */
ML_CHECKED ml_status records_read(ml_context *c, records *r, int64_t max_rows, records_writer write, void *reader, ml_table *out, bool *any);

/* Fails, or keeps the problem where problems are collected. field -1: of the whole row. */
ML_CHECKED ml_status records_problem(ml_context *c, records *r, int field, const record_place *place, const char *text, size_t length,
                                     const char *wanted);

/* The type that most values of a column of text have, where those are more than half and not all text; how many others there
 * are. Of numbers alone, those that they would not hold are the others, however many, and *why says what they are; else NULL.
 * ML_COLUMN_TYPES: none. */
ml_column_type records_most(const record_field *f, int64_t *others, const record_example **first, const char **why);

#endif
