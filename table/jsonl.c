/* Reading JSON Lines. See jsonl.h. */

#include "table/jsonl.h"

#include <string.h>

#include "table/jsonl_names.h"
#include "table/number.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/json_reader.h"
#include "tensor/io/stream.h"
#include "tensor/io/utf8.h"
#include "tensor/parallel.h"

enum { BLOCK = 1 << 20, LINES_BETWEEN = 1024 /* looks at the interrupt flag */ };

struct ml_jsonl {
  records records;
  json_names names;
  char *path;
  size_t path_bytes;
  int64_t file_size;
  ml_stream *stream;
  char *buffer;
  size_t room, begin, end; /* what is not read yet: buffer[begin .. end) */
  bool ended;              /* the content is through */
  bool storing;            /* the second time through */
  int64_t line, row;       /* of the line that is read, from 1; rows before it */
};

/* Lines ------------------------------------------------------------------------------------------------------------- */

static ml_status start(ml_context *c, ml_jsonl *r) {
  ml_stream_close(r->stream);
  r->stream = NULL;
  r->begin = r->end = 0;
  r->ended = false;
  r->line = r->row = 0;
  ML_TRY(ml_stream_open(c, r->path, &r->stream));
  r->file_size = ml_stream_file_size(r->stream);
  return ML_OK;
}

/* More content behind what there is, which moves to the front; a line that fills the buffer gets one of twice the size. */
static ml_status refill(ml_context *c, ml_jsonl *r) {
  size_t left = r->end - r->begin, got;
  if (left == r->room) {
    void *moved;
    size_t room = r->room ? 2 * r->room : BLOCK;
    ML_TRY(ml_alloc_checked(c, room, &moved));
    if (left > 0) memcpy(moved, r->buffer + r->begin, left);
    ml_free(r->buffer, r->room);
    r->buffer = moved;
    r->room = room;
  } else if (left > 0) {
    memmove(r->buffer, r->buffer + r->begin, left);
  }
  r->begin = 0;
  r->end = left;
  ML_TRY(ml_stream_read(c, r->stream, r->buffer + left, r->room - left, &got));
  r->end += got;
  r->ended = r->end < r->room;
  return ML_OK;
}

/* The next line without its end; *line NULL when there is none. */
static ml_status next_line(ml_context *c, ml_jsonl *r, char **line, size_t *length) {
  size_t looked = 0;
  char *newline = NULL;
  for (;;) {
    size_t left = r->end - r->begin;
    if (left > looked) newline = memchr(r->buffer + r->begin + looked, '\n', left - looked);
    if (newline || r->ended) break;
    looked = left;
    ML_TRY(refill(c, r));
  }
  size_t left = r->end - r->begin;
  *line = left > 0 ? r->buffer + r->begin : NULL;
  *length = newline ? (size_t)(newline - *line) : left;
  r->begin += *length + (newline != NULL);
  if (*line) r->line++;
  if (r->line == 1 && *length >= 3 && memcmp(*line, "\xef\xbb\xbf", 3) == 0) *line += 3, *length -= 3; /* a byte order mark */
  return ML_OK;
}

static bool is_blank(const char *line, size_t length) {
  size_t i = 0;
  while (i < length && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')) i++;
  return i == length;
}

/* Values ------------------------------------------------------------------------------------------------------------ */

/* value: what it comes to is wanted, besides whether it is an integer. */
static bool read_number(ml_json *j, bool value, record_value *v) {
  ml_json_text text;
  bool whole;
  if (!ml_json_number(j, &text, &whole)) return false;
  v->text = text.text;
  v->length = text.length;
  if (whole && ml_integer_parse(text.text, text.text + text.length, &v->integer)) {
    v->kind = RECORD_INTEGER;
    v->number = (double)v->integer;
    return true;
  }
  v->kind = RECORD_NUMBER;
  return !value || ml_number_parse(text.text, text.text + text.length, '.', &v->number) || ml_json_fail(j, "expected a number");
}

static bool read_value(ml_json *j, int depth, bool value, record_value *v) {
  ml_json_text text;
  *v = (record_value){.kind = RECORD_OTHER};
  if (ml_json_next_is(j, '"')) {
    v->kind = RECORD_TEXT;
    if (!ml_json_string(j, &text)) return false;
  } else if (ml_json_next_is(j, '[')) {
    if (!ml_json_raw(j, depth, &text)) return false;
  } else if (j->at < j->end && (*j->at == 't' || *j->at == 'f' || *j->at == 'n')) {
    v->kind = *j->at == 'n' ? RECORD_MISSING : RECORD_BOOLEAN;
    v->boolean = *j->at == 't';
    if (!ml_json_raw(j, depth, &text)) return false;
  } else {
    if (j->at < j->end && *j->at != '-' && (*j->at < '0' || *j->at > '9')) return ml_json_fail(j, "expected a value");
    return read_number(j, value, v);
  }
  v->text = text.text;
  v->length = text.length;
  return true;
}

/* Rows -------------------------------------------------------------------------------------------------------------- */

/* What reading a row says besides what is wrong with its JSON. */
static ml_status take_value(ml_context *c, ml_jsonl *r, ml_json *j, int node, int depth, const char *where) {
  json_node *k = &r->names.node[node];
  record_field *f = &r->records.field[k->field];
  record_value v;
  record_place place = {r->row + 1, r->line, j->at - j->begin + 1};
  if (f->last_row == r->row) {
    j->at = (char *)where;
    return ml_json_fail(j, "a name that this object has already"), ML_OK;
  }
  f->last_row = r->row;
  if (!read_value(j, depth, r->storing && f->wanted, &v)) return ML_OK;
  k->has_values = k->has_values || v.kind != RECORD_MISSING;
  if (!r->storing) return records_see(c, &r->records, k->field, &v, r->line);
  return records_store(c, &r->records, k->field, r->row - r->records.stored, &v, &place);
}

static ml_status take_object(ml_context *c, ml_jsonl *r, ml_json *j, int parent, int depth) {
  ml_json_text name;
  bool first = true;
  if (depth > ML_JSON_DEPTH) return ml_json_fail(j, "nested too deeply"), ML_OK;
  if (!ml_json_take(j, '{')) return ML_OK;
  while (ml_json_more(j, '}', &first)) {
    int node;
    ml_json_next_is(j, '"');
    char *where = j->at;
    if (!ml_json_key(j, &name)) return ML_OK;
    ML_TRY(json_names_find(c, &r->names, &r->records, parent, name.text, name.length, !r->storing, &node));
    if (node < 0) return ml_file_fail(c, r->path, "was changed while it was read");
    if (!ml_json_next_is(j, '{')) {
      ML_TRY(take_value(c, r, j, node, depth + 1, where));
    } else if (r->names.node[node].last_row == r->row) {
      j->at = where;
      return ml_json_fail(j, "a name that this object has already"), ML_OK;
    } else {
      r->names.node[node].last_row = r->row;
      r->names.node[node].has_objects = true;
      ML_TRY(take_object(c, r, j, node, depth + 1));
    }
    if (j->wrong) return ML_OK;
  }
  return ML_OK;
}

/* What is wrong with the line at a byte of it: an error, or a problem that is kept and a row of which the rest is missing. The
 * first time through nothing is kept, the second time all comes again. begins: as the line does, before it was changed. */
static ml_status wrong_line(ml_context *c, ml_jsonl *r, const char *begins, size_t length, size_t at, const char *wrong) {
  record_place place = {r->row + 1, r->line, (int64_t)at + 1};
  if (!r->records.options.collect)
    return ml_fail_as(c, ML_BAD_DATA, "%.1000s:%lld:%lld: %s%s", r->path, (long long)r->line, (long long)at + 1, wrong,
                      r->line == 1 && length > 0 && begins[0] == '[' ? "; this is a list, JSON Lines has one object a line" : "");
  return r->storing ? records_problem(c, &r->records, -1, &place, begins, length, "one JSON object") : ML_OK;
}

static ml_status take_line(ml_context *c, ml_jsonl *r, char *line, size_t length) {
  char begins[RECORD_EXAMPLE + 1];
  size_t valid = ml_utf8_valid(line, length), shown = length < sizeof begins ? length : sizeof begins;
  memcpy(begins, line, shown);
  if (valid < length) return wrong_line(c, r, begins, shown, valid, "this is no valid UTF-8");
  ml_json j = ml_json_begin(line, length);
  r->names.last = -1;
  ML_TRY(take_object(c, r, &j, JSON_ROW, 1));
  if (!j.wrong) ml_json_end(&j);
  if (!j.wrong) return ML_OK;
  size_t at = (size_t)(j.at - line);
  return wrong_line(c, r, begins, shown, at, at == length ? "the line ends within an object; JSON Lines has one object a line" : j.wrong);
}

/* The next row, if there is one. */
static ml_status next_row(ml_context *c, ml_jsonl *r, bool *any) {
  char *line;
  size_t length;
  *any = false;
  do {
    ML_TRY(next_line(c, r, &line, &length));
    if (!line) return ML_OK;
    if (r->line % LINES_BETWEEN == 1 && ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", r->path);
  } while (is_blank(line, length));
  *any = true;
  ML_TRY(take_line(c, r, line, length));
  if (r->storing) records_end_row(&r->records, r->row - r->records.stored);
  r->row++;
  return ML_OK;
}

/* The whole --------------------------------------------------------------------------------------------------------- */

/* No row has any name yet. */
static void forget_rows(ml_jsonl *r) {
  for (int k = 0; k < r->records.count; k++) r->records.field[k].last_row = -1;
  for (int i = 0; i < r->names.count; i++) r->names.node[i].last_row = -1;
}

/* After a scan that was interrupted: nothing was seen. */
static void forget_values(ml_jsonl *r) {
  for (int k = 0; k < r->records.count; k++) memset(r->records.field[k].seen, 0, sizeof r->records.field[k].seen);
  forget_rows(r);
}

/* A name is a column where it has values; one that is always null as well, unless objects stand there otherwise. */
static void find_columns(ml_jsonl *r) {
  for (int i = 0; i < r->names.count; i++) {
    const json_node *k = &r->names.node[i];
    record_field *f = &r->records.field[k->field];
    if (k->parent == JSON_FULL) continue;
    f->is_column = f->is_column || k->has_values || (!k->has_objects && f->seen[RECORD_MISSING] > 0);
  }
}

ml_status ml_jsonl_scan(ml_context *c, ml_jsonl *r) {
  bool any = true;
  if (r->storing) return ML_OK;
  if (r->line > 0) ML_TRY(start(c, r));
  forget_values(r);
  while (any) ML_TRY(next_row(c, r, &any));
  r->records.bytes = ml_stream_given(r->stream);
  find_columns(r);
  r->records.rows = r->row;
  ML_TRY(records_decide(c, &r->records));
  forget_rows(r);
  ML_TRY(start(c, r));
  r->storing = true;
  return ML_OK;
}

/* After a reading that was interrupted: back to behind the last row that was given. */
static ml_status return_to(ml_context *c, ml_jsonl *r, int64_t row) {
  if (r->stream && r->row == row) return ML_OK;
  ML_TRY(start(c, r));
  forget_rows(r);
  while (r->row < row) {
    char *line;
    size_t length;
    ML_TRY(next_line(c, r, &line, &length));
    if (!line) return ml_file_fail(c, r->path, "was changed while it was read");
    r->row += !is_blank(line, length);
  }
  return ML_OK;
}

static ml_status store_rows(ml_context *c, ml_jsonl *r) {
  bool any;
  ML_TRY(return_to(c, r, r->records.stored));
  if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", r->path);
  for (int64_t i = 0; i < r->records.chunk; i++) {
    ML_TRY(next_row(c, r, &any));
    if (!any) return ml_file_fail(c, r->path, "was changed while it was read");
  }
  return ML_OK;
}

static ml_status write_rows(ml_context *c, void *reader) {
  ml_jsonl *r = reader;
  ml_status status = store_rows(c, r);
  if (status != ML_OK) r->row = -1;
  return status;
}

ml_status ml_jsonl_read(ml_context *c, ml_jsonl *r, int64_t max_rows, ml_table *out, bool *any) {
  *any = false;
  ML_TRY(ml_jsonl_scan(c, r));
  return records_read(c, &r->records, max_rows, write_rows, r, out, any);
}

static ml_status set_up(ml_context *c, ml_jsonl *r, const char *path, const record_options *o) {
  void *room;
  size_t bytes = strlen(path) + 1;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  r->path = memcpy(room, path, bytes);
  r->path_bytes = bytes;
  ML_TRY(records_init(c, &r->records, r->path, o));
  return start(c, r);
}

ml_status ml_jsonl_open(ml_context *c, const char *path, const record_options *o, ml_jsonl **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_jsonl), &room));
  ml_jsonl *r = room;
  *r = (ml_jsonl){.names.last = -1};
  ml_status status = set_up(c, r, path, o);
  if (status == ML_OK)
    *out = r;
  else
    ml_jsonl_close(r);
  return status;
}

void ml_jsonl_close(ml_jsonl *r) {
  if (!r) return;
  ml_stream_close(r->stream);
  records_free(&r->records);
  json_names_free(&r->names);
  ml_free(r->buffer, r->room);
  ml_free(r->path, r->path_bytes);
  ml_free(r, sizeof *r);
}

const records *ml_jsonl_records(const ml_jsonl *r) { return &r->records; }
int64_t ml_jsonl_file_size(const ml_jsonl *r) { return r->file_size; }
