/* The text that is being worked on: what follows in the file, from the next row on. */

#include <string.h>

#include "table/csv_parts.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

/* Room for text between the margins. */
static size_t text_room(const csv_buffer *b) { return b->room_bytes - CSV_FRONT - CSV_BACK; }

static ml_status grow(ml_context *c, ml_csv *r) {
  csv_buffer *b = &r->buffer;
  void *room;
  /* no more than the file can hold, one byte for the newline at its end, and in Latin-1 two for one */
  int64_t bound = ml_stream_bound(r->stream), size = b->room ? (int64_t)text_room(b) * 2 : CSV_BLOCK;
  if (bound < INT64_MAX / 4 && size > 2 * bound + 64) size = 2 * bound + 64;
  if (b->room && size <= (int64_t)text_room(b)) size = (int64_t)text_room(b) + CSV_BLOCK;
  if (size > INT32_MAX) return csv_fail_at(c, r, b->begin, "a row longer than 2 GB begins here");
  size_t bytes = (size_t)size + CSV_FRONT + CSV_BACK;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  memset(room, 0, CSV_FRONT);
  if (b->room) memcpy((char *)room + CSV_FRONT, b->room + b->begin, b->end - b->begin);
  ml_free(b->room, b->room_bytes);
  b->room = room;
  b->room_bytes = bytes;
  b->end = CSV_FRONT + (b->end - b->begin);
  b->begin = CSV_FRONT;
  return ML_OK;
}

/* n bytes at `from`, each a character, as UTF-8 at `to`; the end. The source may stand behind, in the second half. */
static char *latin_1_to_utf_8(const unsigned char *from, size_t n, char *to) {
  for (size_t i = 0; i < n; i++) {
    unsigned char byte = from[i];
    if (byte < 128) {
      *to++ = (char)byte;
    } else {
      *to++ = (char)(0xc0 | byte >> 6);
      *to++ = (char)(0x80 | (byte & 63));
    }
  }
  return to;
}

/* The last line ends with a newline too. */
void csv_end_text(ml_csv *r) {
  csv_buffer *b = &r->buffer;
  char newline = r->dialect.newline;
  if (b->ended && newline && b->end > b->begin && b->room[b->end - 1] != newline) b->room[b->end++] = newline;
}

ml_status csv_fill(ml_context *c, ml_csv *r) {
  csv_buffer *b = &r->buffer;
  if (b->ended) return ML_OK;
  if (b->room && b->begin > CSV_FRONT) {
    memmove(b->room + CSV_FRONT, b->room + b->begin, b->end - b->begin);
    b->end = CSV_FRONT + (b->end - b->begin);
    b->begin = CSV_FRONT;
  }
  if (!b->room || b->end - CSV_FRONT + 1 >= text_room(b)) ML_TRY(grow(c, r));
  size_t room = text_room(b) - (b->end - CSV_FRONT) - 1, asked = r->latin_1 ? room / 2 : room, got;
  if (asked == 0) return grow(c, r);
  char *to = b->room + b->end, *raw = to + (room - asked);
  ML_TRY(ml_stream_read(c, r->stream, raw, asked, &got));
  to = r->latin_1 ? latin_1_to_utf_8((unsigned char *)raw, got, to) : to + got;
  b->end = (uint32_t)(to - b->room);
  b->ended = got < asked;
  csv_end_text(r);
  memset(b->room + b->end, 0, CSV_BACK - 1);
  return ML_OK;
}

static ml_status open_again(ml_context *c, ml_csv *r) {
  csv_buffer *b = &r->buffer;
  ml_stream_close(r->stream);
  r->stream = NULL;
  ML_TRY(ml_stream_open(c, r->path, &r->stream));
  b->begin = b->end = CSV_FRONT;
  b->ended = false;
  b->consumed = 0;
  return ML_OK;
}

ml_status csv_seek(ml_context *c, ml_csv *r, int64_t offset, int64_t line) {
  csv_buffer *b = &r->buffer;
  if (!r->stream || offset < b->consumed - (b->begin - CSV_FRONT)) ML_TRY(open_again(c, r));
  while (offset > b->consumed + (b->end - b->begin)) {
    csv_consume(r, b->end, 0);
    if (b->ended) return ml_file_fail(c, r->path, "changed while it was read");
    ML_TRY(csv_fill(c, r));
  }
  b->begin = (uint32_t)(b->begin + (offset - b->consumed));
  b->consumed = offset;
  b->line = line;
  return ML_OK;
}

void csv_consume(ml_csv *r, uint32_t to, int64_t lines) {
  r->buffer.consumed += to - r->buffer.begin;
  r->buffer.begin = to;
  r->buffer.line += lines;
}

int64_t csv_count_lines(const ml_csv *r, uint32_t from, uint32_t to) {
  const char *p = r->buffer.room + from, *end = r->buffer.room + to;
  int64_t lines = 0;
  while (p < end && (p = memchr(p, r->dialect.newline, (size_t)(end - p)))) lines++, p++;
  return lines;
}

ml_status csv_fail_at(ml_context *c, const ml_csv *r, uint32_t at, const char *what) {
  return ml_fail_as(c, ML_BAD_DATA, "%.1000s:%lld: %s", r->path,
                    (long long)(r->buffer.line + csv_count_lines(r, r->buffer.begin, at)), what);
}

ml_status csv_check_rest(ml_context *c, const ml_csv *r) {
  const csv_buffer *b = &r->buffer;
  const char *field = csv_unclosed_field(&r->dialect, b->room + b->begin, b->room + b->end);
  if (!field) return ML_OK;
  return csv_fail_at(c, r, (uint32_t)(field - b->room),
                     "a quote opens here and is never closed; if quotes are plain characters here, say quote = false");
}

void csv_buffer_free(csv_buffer *b) {
  ml_free(b->room, b->room_bytes);
  *b = (csv_buffer){0};
}
