/* The text of JSON Lines: what follows in the file, from the next line on. */

#include "table/jsonl_parts.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

ml_status json_start(ml_context *c, ml_jsonl *r) {
  ml_stream_close(r->stream);
  r->stream = NULL;
  r->begin = r->end = JSON_FRONT;
  r->ended = false;
  r->offset = r->line = 0;
  r->row = -1;
  ML_TRY(ml_stream_open(c, r->path, &r->stream));
  r->file_size = ml_stream_file_size(r->stream);
  r->row = 0;
  return ML_OK;
}

/* Room for more text: twice as much, but no more than the file can hold and a byte by which its end shows. */
static ml_status grow(ml_context *c, ml_jsonl *r) {
  void *room;
  int64_t bound = ml_stream_bound(r->stream), left = r->end - r->begin, size = r->buffer ? 2 * (int64_t)(r->room - JSON_FRONT) : JSON_BLOCK;
  if (size > bound + 1) size = bound + 1;
  if (size <= left) size = left + JSON_BLOCK;
  if (size > INT32_MAX) return ml_file_fail(c, r->path, "has a line longer than 2 GB, line %lld", (long long)r->line + 1);
  size_t bytes = (size_t)size + JSON_FRONT;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  memset(room, 0, JSON_FRONT);
  if (left > 0) memcpy((char *)room + JSON_FRONT, r->buffer + r->begin, (size_t)left);
  ml_free(r->buffer, r->room);
  r->buffer = room;
  r->room = bytes;
  r->end = JSON_FRONT + (uint32_t)left;
  r->begin = JSON_FRONT;
  return ML_OK;
}

/* More content behind what there is, which moves to the front. */
static ml_status fill(ml_context *c, ml_jsonl *r) {
  size_t got;
  uint32_t left = r->end - r->begin;
  if (!r->buffer || JSON_FRONT + left == r->room) ML_TRY(grow(c, r));
  memmove(r->buffer + JSON_FRONT, r->buffer + r->begin, left);
  r->begin = JSON_FRONT;
  r->end = JSON_FRONT + left;
  ML_TRY(ml_stream_read(c, r->stream, r->buffer + r->end, r->room - r->end, &got));
  r->ended = got < r->room - r->end;
  r->end += (uint32_t)got;
  if (r->offset == 0 && r->end - r->begin >= 3 && memcmp(r->buffer + r->begin, "\xef\xbb\xbf", 3) == 0)
    json_consume(r, r->begin + 3, 0, 0); /* a byte order mark */
  return ML_OK;
}

void json_consume(ml_jsonl *r, uint32_t to, int64_t lines, int64_t rows) {
  r->offset += to - r->begin;
  r->begin = to;
  r->line += lines;
  r->row += rows;
}

ml_status json_seek(ml_context *c, ml_jsonl *r, int64_t offset, int64_t line, int64_t row) {
  ML_TRY(json_start(c, r));
  r->row = -1;
  while (offset - r->offset > r->end - r->begin) {
    json_consume(r, r->end, 0, 0);
    if (r->ended) return ml_file_fail(c, r->path, "was changed while it was read");
    ML_TRY(fill(c, r));
  }
  json_consume(r, r->begin + (uint32_t)(offset - r->offset), 0, 0);
  r->line = line;
  r->row = row;
  return ML_OK;
}

/* Behind so many lines of whole ones. */
static uint32_t behind_lines(const ml_jsonl *r, uint32_t end, int64_t lines) {
  const char *at = r->buffer + r->begin, *stop = r->buffer + end;
  for (; lines > 0 && at < stop; lines--) {
    at = json_line_end(at, stop);
    at += at < stop;
  }
  return (uint32_t)(at - r->buffer);
}

ml_status json_next_lines(ml_context *c, ml_jsonl *r, int64_t max_lines, uint32_t *end) {
  if (!r->ended && r->end - r->begin < JSON_BLOCK / 2) ML_TRY(fill(c, r));
  const char *newline;
  while (!(newline = r->end > r->begin ? memrchr(r->buffer + r->begin, '\n', r->end - r->begin) : NULL) && !r->ended) ML_TRY(fill(c, r));
  *end = r->ended ? r->end : (uint32_t)(newline - r->buffer) + 1;
  if (max_lines >= 0) *end = behind_lines(r, *end, max_lines);
  return ML_OK;
}

bool json_is_blank(const char *line, const char *end) {
  while (line < end && (*line == ' ' || *line == '\t' || *line == '\r')) line++;
  return line == end;
}
