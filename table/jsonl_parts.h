/* What the reader of JSON Lines (jsonl.h) is made of. */
#ifndef ML_JSONL_PARTS_H
#define ML_JSONL_PARTS_H

#include "table/jsonl.h"
#include "table/jsonl_names.h"
#include "tensor/io/stream.h"

enum {
  JSON_BLOCK = 1 << 20,  /* bytes of text held at once, as long as each line fits */
  JSON_PIECE = 64 << 10, /* bytes that one thread takes */
  JSON_FRONT = 64,       /* readable bytes before the text */
  JSON_VALUE = 5,        /* bytes of text for an entry of the tape, at least: "":1, */
};

/* What stands in a piece, one entry after the other: the beginning of a row, then its values. */
enum { JSON_ROW_BEGINS = RECORD_KINDS, JSON_OBJECT };
typedef struct json_entry {
  uint32_t field; /* of a row: its line in the piece, from 0 */
  uint8_t kind;   /* as record_kind, and the two */
  bool apart;     /* a text that had escapes: what it became stands in work.apart, at the same place */
  bool wrong;     /* a row that is no JSON from byte `integer` on, where problems are collected */
  uint32_t at, length; /* in the buffer */
  union {
    int64_t integer; /* a boolean: 0, 1 */
    double number;   /* a time: seconds */
  };
} json_entry;

/* What a field has in a piece. */
typedef struct json_tally {
  uint32_t seen[RECORD_KINDS], first[RECORD_KINDS]; /* first: the entry */
  uint32_t objects;
  uint32_t bad;   /* values that are not of the field's type */
  int64_t bytes;  /* of the values as they are written */
  int64_t to;     /* where they go in the column */
} json_tally;

typedef struct json_piece {
  uint32_t begin, end, stop; /* stop: behind its last line that was taken */
  json_entry *tape;
  json_tally *tally;
  int64_t room, entries, rows, lines, first_row, first_line; /* first: of those of the block, from 0 */
  bool new_name, any_wrong;
  const char *wrong; /* what ended it, at a byte of the buffer in the line that begins at stop */
  uint32_t wrong_at;
} json_piece;

/* What a thread knows of the line that it is in. Rows mostly have the same names in the same order, so that the name after the last one is
 * tried first. */
typedef struct json_marks {
  int64_t line, *of_field, *of_node; /* the lines in which they were last */
  int *next;                         /* the node that came after a node the last time, -1: none */
} json_marks;

typedef struct json_work {
  json_piece *piece;
  json_entry *tape;
  json_tally *tally;
  char *apart;
  json_marks *marks; /* [threads] */
  void *marks_room;
  size_t piece_room, tape_room, tally_room, apart_room, marks_bytes, marks_list; /* in bytes */
  int threads, mark_count;                                                       /* names that marks have room for */
  int pieces;                                                                    /* now */
  int64_t rows;                                                                  /* in them */
} json_work;

struct ml_jsonl {
  records records;
  json_names names;
  char *path;
  size_t path_bytes;
  int64_t file_size;
  ml_stream *stream;
  char *buffer;
  size_t room;
  uint32_t begin, end; /* what is not read yet: buffer[begin .. end) */
  bool ended;          /* the content is through */
  int64_t offset, line, row; /* bytes, lines and rows before `begin`; row -1: nobody knows */
  json_work work;
  int64_t learn;       /* lines whose names are looked at by themselves, where a new one was met */
  bool scanned;        /* all rows were seen: the types stand */
  bool storing, reporting; /* by this pass */
  int64_t given_offset, given_line; /* behind the rows that were given */
};

/* jsonl_lines.c: the text. From the beginning again: */
ML_CHECKED ml_status json_start(ml_context *c, ml_jsonl *r);
/* To a place, where line `line` (from 0) begins and so many rows are before it. */
ML_CHECKED ml_status json_seek(ml_context *c, ml_jsonl *r, int64_t offset, int64_t line, int64_t row);
/* The end of the next whole lines in the buffer, at most max_lines (negative: all); r->begin when there are no more. */
ML_CHECKED ml_status json_next_lines(ml_context *c, ml_jsonl *r, int64_t max_lines, uint32_t *end);
void json_consume(ml_jsonl *r, uint32_t to, int64_t lines, int64_t rows);
/* The end of the line that begins at p, its newline or `end`. */
static inline const char *json_line_end(const char *p, const char *end) {
  const char *newline = memchr(p, '\n', (size_t)(end - p));
  return newline ? newline : end;
}
bool json_is_blank(const char *line, const char *end);

/* jsonl_parse.c: the lines up to `end` as tapes, on all threads; work->pieces ends with the one that did not come to its end. */
ML_CHECKED ml_status json_parse(ml_context *c, ml_jsonl *r, uint32_t end);
/* Adds the names of the next lines, at most so many. */
ML_CHECKED ml_status json_learn(ml_context *c, ml_jsonl *r, uint32_t end, int64_t lines);
/* jsonl_work.c: room for that. */
ML_CHECKED ml_status json_work_begin(ml_context *c, ml_jsonl *r, uint32_t end);
void json_work_free(json_work *w);

/* jsonl_store.c: what the tapes say of the fields, and their values into the columns. */
ML_CHECKED ml_status json_see(ml_context *c, ml_jsonl *r);
ML_CHECKED ml_status json_store(ml_context *c, ml_jsonl *r, int64_t expected);

#endif
