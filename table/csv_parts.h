/* What the reader of separated values (csv.h) is made of. */
#ifndef ML_CSV_PARTS_H
#define ML_CSV_PARTS_H

#include "table/csv.h"
#include "table/csv_index.h"
#include "tensor/io/stream.h"

enum {
  CSV_BLOCK = 2 << 20,  /* bytes of text held at once, as long as each row fits */
  CSV_PIECE = 64 << 10, /* bytes that one thread takes */
  CSV_FRONT = 64,       /* readable bytes before the text, and behind it */
  CSV_BACK = 128,
  CSV_EXAMPLE = 48,
};

/* How the file is written. */
typedef struct csv_dialect {
  char separator, quote, newline, decimal, comment; /* quote, comment 0: there are none */
  bool blanks; /* fields are separated by runs of blanks */
  bool trim;
} csv_dialect;

/* The buffer (csv_buffer.c) --------------------------------------------------------------------------------------------- */

typedef struct csv_buffer {
  char *room;
  size_t room_bytes;
  uint32_t begin, end; /* what is not consumed yet: room + begin .. room + end */
  bool ended;          /* the file has no more; a newline stands at the end */
  int64_t line;        /* of `begin`, from 1 */
  int64_t consumed;    /* bytes of content before `begin` */
} csv_buffer;

/* Reads on until the buffer is full or the file ends; what is consumed makes room. Grows a buffer in which nothing was consumed. */
ML_CHECKED ml_status csv_fill(ml_context *c, ml_csv *r);
/* To the place with so many bytes of content before it, where line `line` begins. */
ML_CHECKED ml_status csv_seek(ml_context *c, ml_csv *r, int64_t offset, int64_t line);
void csv_end_text(ml_csv *r);
void csv_consume(ml_csv *r, uint32_t to, int64_t lines);
int64_t csv_count_lines(const ml_csv *r, uint32_t from, uint32_t to);
/* "PATH: line N ..." for a position in the buffer. */
ML_CHECKED ml_status csv_fail_at(ml_context *c, const ml_csv *r, uint32_t at, const char *what);
/* For what is left at the end of the file and is no whole row. ML_OK: nothing is wrong with it. */
ML_CHECKED ml_status csv_check_rest(ml_context *c, const ml_csv *r);
void csv_buffer_free(csv_buffer *b);

/* Rows (csv_rows.c) ----------------------------------------------------------------------------------------------------- */

/* The ends of one row's fields. */
typedef struct csv_ends {
  const char *text; /* what positions count from */
  uint32_t *to;     /* NULL: they are only counted */
  int64_t room, count;
  bool junk; /* something stands behind a closing quote */
} csv_ends;

/* Splits one row by the rules, wherever quotes stand. What follows the row; NULL: it is not whole. */
const char *csv_exact_row(const csv_dialect *d, const char *p, const char *end, csv_ends *out);
/* Where the field begins whose quote is never closed, of a row that is not whole; NULL: there is none. */
const char *csv_unclosed_field(const csv_dialect *d, const char *p, const char *end);

/* Pieces (csv_split.c) --------------------------------------------------------------------------------------------------- */

typedef struct csv_piece {
  uint32_t begin, end;
  uint32_t stop;       /* behind its last whole row */
  uint32_t *index;
  size_t index_room;
  int64_t rows;
  int64_t first_row;   /* of those of the block */
  int64_t lines;
  int64_t text_at;     /* where its texts begin in the scratch */
  uint32_t text_used;  /* bytes there */
  bool parity, odd, full, ragged, has_zero, has_high;
} csv_piece;

/* What one column has in one piece or, summed up, in the file. */
typedef enum csv_class {
  CSV_INTEGER,
  CSV_LONG, /* an integer that a double would round */
  CSV_HUGE, /* an integer that 64 bits do not hold: text, since nothing else keeps it */
  CSV_NUMBER,
  CSV_BOOLEAN,
  CSV_TIME,
  CSV_OTHER,
  CSV_CLASSES
} csv_class;

typedef struct csv_tally {
  uint32_t count[CSV_CLASSES];
  uint32_t first[CSV_CLASSES]; /* row in the piece */
  uint32_t missing, quoted; /* marks for missing: bare ones, and those in quotes, which are text in a column of texts */
  uint32_t bad;             /* cells that are not of the declared type */
  uint32_t marked;          /* set in the mask */
  uint32_t pairs;      /* which spellings of booleans: a bit each */
  uint32_t text_bytes; 
  uint32_t text_from; /* in the scratch */
  int64_t text_base; /* bytes of the column before this piece */
} csv_tally;

/* A block's share of the work, made for a size of the buffer. */
typedef struct csv_work {
  csv_piece *piece;
  csv_tally *tally; /* [pieces][columns] */
  uint32_t *index;
  char *texts;
  size_t piece_bytes, index_entries, text_bytes;
  int capacity; /* pieces */
  int pieces;   /* now */
  int64_t rows; /* in them */
} csv_work;

/* Cuts what is in the buffer into pieces of whole rows, at most max_rows (negative: all). */
ML_CHECKED ml_status csv_split(ml_context *c, ml_csv *r, int64_t max_rows);
void csv_work_free(ml_csv *r);
/* Fails for a zero byte or what is no UTF-8 in from .. to. */
ML_CHECKED ml_status csv_check_text(ml_context *c, const ml_csv *r, uint32_t from, uint32_t to);
/* Where the block's rows end in the buffer, and the lines up to there. */
uint32_t csv_split_stop(const ml_csv *r, int64_t *lines);

/* Columns ---------------------------------------------------------------------------------------------------------------- */

/* Texts that mean that a value is missing. */
typedef struct csv_marks {
  ml_csv_text *item;
  int count;
  size_t room; /* bytes of item */
  size_t longest;
  bool empty;        /* "" is one */
  bool values;       /* one could be read as a number or a time */
  bool begins[256];  /* by the first character */
} csv_marks;

typedef struct csv_example {
  int64_t line;
  int length;
  char text[CSV_EXAMPLE];
} csv_example;

typedef enum csv_mode { CSV_SKIP, CSV_LOOK, CSV_STORE } csv_mode;

typedef struct csv_column {
  char *name, *was; /* was: NULL if it is the name */
  size_t name_length, was_length;
  bool wanted;
  bool fixed;    /* the type is declared, or found out of all rows */
  bool known;    /* some cell has told a type */
  bool declared;
  ml_column_type type;
  const csv_marks *marks;
  /* of all rows looked at */
  int64_t count[CSV_CLASSES], missing, quoted, bad;
  csv_example first[CSV_CLASSES];
  uint32_t pairs;
  /* of this pass */
  csv_mode mode;
  bool again;  /* the block is parsed a second time, as another type */
  bool lost;   /* it turned to text late: a second pass is needed */
  bool masked; /* `missing` is written up to the rows so far */
  ml_tensor *values, *bytes, *ends, *mask;
  int64_t text_bytes;
} csv_column;

typedef struct csv_problem {
  int64_t line, row;
  int column;
  uint32_t length;
  char *text;
  const char *wanted;
} csv_problem;

typedef struct csv_problems {
  csv_problem *item;
  int64_t count, room, all;
} csv_problems;

struct ml_csv {
  char *path;
  ml_stream *stream;
  csv_dialect dialect;
  csv_buffer buffer;
  csv_work work;
  bool latin_1, collect, header, exact; /* exact: quotes are never guessed */
  int64_t data_offset, data_line;       /* where the rows begin */
  int columns;
  csv_column *column;
  csv_marks *marks; /* [1 + those of single columns] */
  int mark_lists;
  int64_t rows;    /* read so far by ml_csv_read */
  int64_t counted; /* rows in all; -1: not known */
  bool finished;
  int64_t from_offset, from_line, from_problems; /* where the last reading began */
  bool failed;                                   /* and did not come to its end */
  csv_problems problems;
  /* the pass that is running */
  bool tallies;       /* what is seen counts for the schema */
  int64_t pass_rows;  /* stored so far */
  int64_t pass_limit; /* rows that it takes at most; negative: all */
  bool pass_stores;   /* columns whose type shows itself are stored from then on */
  bool pass_problems; /* problems are looked for */
  int64_t pass_begin; /* bytes of content before it */
  char wanted_fields[32];
  char hint[120]; /* what to write where the first lines are no rows, to go behind a message; "": nothing */
  uint32_t *row_ends; /* [columns]: of a row that is looked at by itself */
};

ML_CHECKED ml_status csv_copy_text(ml_context *c, ml_csv_text t, char **out); /* with a zero byte behind it */
void csv_free_text(char *text, size_t length);

/* csv_marks.c */
ML_CHECKED ml_status csv_marks_init(ml_context *c, const ml_csv_list *list, csv_marks *out);
void csv_marks_free(csv_marks *m);

/* csv_sniff.c: separator, newline, decimal of what the buffer holds. Sets what the options leave open. */
ML_CHECKED ml_status csv_sniff(ml_context *c, ml_csv *r, const ml_csv_options *o);
/* How many fields most rows of the buffer's beginning have; 0: there are none. */
int64_t csv_usual_fields(const ml_csv *r);
/* csv_hint.c: r->hint, where the buffer begins with the first row. */
void csv_find_hint(ml_csv *r);
/* csv_header.c: the columns, their names and whether there is a header. Consumes the header. */
ML_CHECKED ml_status csv_make_columns(ml_context *c, ml_csv *r, const ml_csv_options *o);

/* csv_parse.c: parses the columns of a block that have a mode; with `again`, those that are marked so. */
ML_CHECKED ml_status csv_parse_block(ml_context *c, ml_csv *r, bool again);
ML_CHECKED ml_status csv_place_texts(ml_context *c, ml_csv *r);

/* csv_store.c: room for rows in a column's tensors, and what becomes of them. */
ML_CHECKED ml_status csv_reserve(ml_context *c, ml_csv *r, csv_column *column, int64_t rows);
ML_CHECKED ml_status csv_reserve_text(ml_context *c, ml_csv *r, csv_column *column, int64_t more, int64_t rows);
/* The column gets this type; the rows before the block are converted if that can be, or were all missing. Else it is lost.
 * stored: some were not missing. */
ML_CHECKED ml_status csv_widen(ml_context *c, ml_csv *r, csv_column *column, ml_column_type type, bool stored);
ML_CHECKED ml_status csv_finish(ml_context *c, ml_csv *r, csv_column *column, ml_column *out);
void csv_mask_block(ml_csv *r, int column);
void csv_drop(csv_column *column);

/* csv_types.c: sums up a block's tallies and gives open columns the type that fits. */
ML_CHECKED ml_status csv_merge(ml_context *c, ml_csv *r);

/* csv_names.c */
ML_CHECKED ml_status csv_name_column(ml_context *c, csv_column *column, ml_csv_text name);
ML_CHECKED ml_status csv_make_names_unique(ml_context *c, ml_csv *r);
/* -1: there is none of this name. */
int csv_find_column(const ml_csv *r, ml_csv_text name);
ML_CHECKED ml_status csv_no_such_column(ml_context *c, const ml_csv *r, ml_csv_text name);

/* csv_problems.c */
ML_CHECKED ml_status csv_gather_problems(ml_context *c, ml_csv *r);
/* Before the rows of a block get room: not where nearly all of their cells would be missing. */
ML_CHECKED ml_status csv_check_sparse(ml_context *c, ml_csv *r);
/* How many columns the table will have. */
int csv_wanted_columns(const ml_csv *r);
/* Leaves out those behind the first `count` of them. */
void csv_forget_problems(csv_problems *p, int64_t count);
void csv_problems_free(csv_problems *p);

#endif
