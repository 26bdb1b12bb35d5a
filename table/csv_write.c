/* Writing tables as separated values. See csv.h.
 *
 * Rows are formatted in pieces, several at once on all threads, and handed to the file in order. What a reader could take for
 * something else is quoted: separators of any kind, blanks at the ends, newlines, quotes, and texts that stand for missing values. */

#include <math.h>
#include <string.h>

#include "table/csv_cell.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"

enum {
  PIECE_CELLS = 1 << 14, /* formatted by one thread at a time */
  PIECES = 16,           /* in memory at once */
  CELL_ROOM = ML_ISO_TIME_ROOM, /* the most that a number, a time or a boolean takes */
};

typedef struct writer {
  const ml_table *t;
  char separator;
  bool no_header;
  ml_csv_text missing;
  csv_marks marks; /* what readers take for missing */
  bool quoted[256]; /* characters that want quotes */
  int64_t piece_rows, first, rows; /* the round: rows first .. first + rows - 1 */
  char *room[PIECES];              /* where each piece is written */
  size_t used[PIECES];
  int64_t bad_row[PIECES]; /* a time that can't be written, from 1; 0: there is none */
  int bad_column[PIECES];
} writer;

/* Cells ---------------------------------------------------------------------------------------------------------------------- */

static bool wants_quotes(const writer *w, const char *p, int64_t n) {
  if (n == 0 || csv_is_blank(p[0]) || csv_is_blank(p[n - 1])) return true;
  for (int64_t i = 0; i < n; i++) {
    if (w->quoted[(unsigned char)p[i]]) return true;
  }
  if (csv_is_mark(&w->marks, (csv_cell){p, n, false})) return true;
  return w->missing.length == (size_t)n && memcmp(w->missing.text, p, (size_t)n) == 0;
}

static char *put_text(const writer *w, const char *p, int64_t n, char *to) {
  if (!wants_quotes(w, p, n)) {
    memcpy(to, p, (size_t)n);
    return to + n;
  }
  *to++ = '"';
  for (int64_t i = 0; i < n; i++) {
    *to++ = p[i];
    if (p[i] == '"') *to++ = '"';
  }
  *to++ = '"';
  return to;
}

static char *put_missing(const writer *w, char *to) {
  memcpy(to, w->missing.text, w->missing.length);
  return to + w->missing.length;
}

/* Where the text of a row begins; *length: how many bytes it has. */
static const char *text_of(const ml_column *column, int64_t row, int64_t *length) {
  const int64_t *ends = ml_i64(column->ends);
  int64_t begin = row == 0 ? 0 : ends[row - 1];
  *length = ends[row] - begin;
  return (const char *)ml_data(column->bytes) + begin;
}

/* NULL: a time that has no text. */
static char *put_cell(const writer *w, const ml_column *column, int64_t row, char *to) {
  int64_t length;
  int written;
  if (column->missing && ((const bool *)ml_data(column->missing))[row]) return put_missing(w, to);
  switch (column->type) {
  case ML_COLUMN_NUMBER:
    if (isnan(ml_f64(column->values)[row])) return put_missing(w, to);
    return to + ml_number_write(ml_f64(column->values)[row], to);
  case ML_COLUMN_TIME:
    if (isnan(ml_f64(column->values)[row])) return put_missing(w, to);
    written = ml_iso_time_write(ml_f64(column->values)[row], to);
    return written > 0 ? to + written : NULL;
  case ML_COLUMN_INTEGER: return to + ml_integer_write(ml_i64(column->values)[row], to);
  case ML_COLUMN_BOOLEAN:
    if (((const bool *)ml_data(column->values))[row]) return memcpy(to, "true", 4), to + 4;
    return memcpy(to, "false", 5), to + 5;
  default: break;
  }
  const char *text = text_of(column, row, &length);
  return put_text(w, text, length, to);
}

/* Pieces --------------------------------------------------------------------------------------------------------------------- */

static void put_piece(writer *w, int64_t i) {
  const ml_table *t = w->t;
  int64_t begin = w->first + i * w->piece_rows, end = begin + w->piece_rows, last = w->first + w->rows;
  char *to = w->room[i];
  w->bad_row[i] = 0;
  for (int64_t row = begin; row < end && row < last; row++) {
    for (int k = 0; k < t->columns; k++) {
      char *behind = put_cell(w, &t->column[k], row, to);
      if (!behind && w->bad_row[i] == 0) w->bad_row[i] = row + 1, w->bad_column[i] = k;
      to = behind ? behind : to;
      *to++ = k + 1 < t->columns ? w->separator : '\n';
    }
  }
  w->used[i] = (size_t)(to - w->room[i]);
}

static void put_pieces(void *arg, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) put_piece(arg, i);
}

/* The most bytes that rows begin .. end - 1 take. */
static size_t most_bytes(const writer *w, int64_t begin, int64_t end) {
  size_t rows = (size_t)(end - begin), bytes = 0, other = w->missing.length + 3;
  for (int k = 0; k < w->t->columns; k++) {
    const ml_column *column = &w->t->column[k];
    if (column->type != ML_COLUMN_TEXT) {
      bytes += rows * (other > CELL_ROOM ? other : CELL_ROOM);
      continue;
    }
    const int64_t *ends = ml_i64(column->ends);
    bytes += rows * other + 2 * (size_t)(ends[end - 1] - (begin > 0 ? ends[begin - 1] : 0));
  }
  return bytes;
}

static ml_status fail_time(ml_context *c, const writer *w, int64_t pieces) {
  for (int64_t i = 0; i < pieces; i++) {
    if (w->bad_row[i] == 0) continue;
    return ml_fail(c, "write_csv: the time in row %lld of column '%.100s' is outside of the years 0000 to 9999",
                   (long long)w->bad_row[i], w->t->column[w->bad_column[i]].name);
  }
  return ML_OK;
}

/* Formats the round's pieces into the room, and writes them. */
static ml_status write_round(ml_context *c, ml_sink *sink, writer *w, const size_t *size, char *room) {
  int64_t pieces = ml_pieces(w->rows, w->piece_rows);
  for (int64_t i = 0; i < pieces; room += size[i++]) w->room[i] = room;
  ml_parallel_for_whole(pieces, 1, put_pieces, w);
  ML_TRY(fail_time(c, w, pieces));
  for (int64_t i = 0; i < pieces; i++) ML_TRY(ml_sink_write(c, sink, w->room[i], w->used[i]));
  return ML_OK;
}

static ml_status write_rows(ml_context *c, ml_sink *sink, writer *w) {
  size_t size[PIECES], bytes = 0;
  for (int64_t i = 0; i < ml_pieces(w->rows, w->piece_rows); i++) {
    int64_t begin = w->first + i * w->piece_rows, end = begin + w->piece_rows;
    if (end > w->first + w->rows) end = w->first + w->rows;
    size[i] = most_bytes(w, begin, end);
    bytes += size[i];
  }
  void *room;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  ml_status status = write_round(c, sink, w, size, room);
  ml_free(room, bytes);
  return status;
}

/* The file --------------------------------------------------------------------------------------------------------------------- */

static ml_status write_header(ml_context *c, ml_sink *sink, const writer *w) {
  for (int k = 0; k < w->t->columns; k++) {
    const ml_column *column = &w->t->column[k];
    size_t bytes = 2 * column->name_length + 3;
    void *room;
    ML_TRY(ml_alloc_checked(c, bytes, &room));
    char *to = put_text(w, column->name, (int64_t)column->name_length, room);
    *to++ = k + 1 < w->t->columns ? w->separator : '\n';
    ml_status status = ml_sink_write(c, sink, room, (size_t)(to - (char *)room));
    ml_free(room, bytes);
    ML_TRY(status);
  }
  return ML_OK;
}

static ml_status write_table(ml_context *c, ml_sink *sink, void *arg) {
  writer *w = arg;
  int64_t round = PIECES * w->piece_rows;
  if (!w->no_header) ML_TRY(write_header(c, sink, w));
  for (w->first = 0; w->first < w->t->rows; w->first += round) {
    w->rows = w->t->rows - w->first < round ? w->t->rows - w->first : round;
    ML_TRY(write_rows(c, sink, w));
  }
  return ML_OK;
}

static bool may_separate(char c) { return c == '\t' || (c > ' ' && c < 127 && strchr(",;|:!#$%&*/<=>@^_`~'", c)); }

static ml_status prepare(ml_context *c, const ml_table *t, const ml_csv_style *style, writer *w) {
  *w = (writer){.t = t, .separator = style->separator ? style->separator : ',', .no_header = style->no_header};
  w->missing = style->missing;
  if (t->columns == 0) return ml_fail(c, "write_csv: the table has no columns");
  if (!may_separate(w->separator))
    return ml_fail(c, "write_csv: '%c' can't separate fields; \",\", \";\", \"|\" and a tab can", w->separator);
  static const char always[] = ",;|\t\"\n\r";
  for (size_t i = 0; i + 1 < sizeof always; i++) w->quoted[(unsigned char)always[i]] = true;
  w->quoted[(unsigned char)w->separator] = true;
  w->quoted[' '] = t->columns == 1; /* else runs of blanks could be taken for separators */
  for (size_t i = 0; i < w->missing.length; i++) {
    if (w->quoted[(unsigned char)w->missing.text[i]])
      return ml_fail(c, "write_csv: the text for missing values must not hold a separator, a quote or a newline");
  }
  /* a line without anything is no row */
  if (t->columns == 1 && w->missing.length == 0) w->missing = (ml_csv_text){"NA", 2};
  w->piece_rows = PIECE_CELLS / t->columns > 0 ? PIECE_CELLS / t->columns : 1;
  return csv_marks_init(c, NULL, &w->marks);
}

ml_status ml_csv_write(ml_context *c, const char *path, const ml_table *t, const ml_csv_style *style) {
  writer w;
  ML_TRY(prepare(c, t, style, &w));
  ml_status status = ml_file_write_atomic(c, path, write_table, &w);
  csv_marks_free(&w.marks);
  return status;
}
