/* Room for the work on a block of JSON Lines. */

#include "table/jsonl_parts.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

void json_work_free(json_work *w) {
  ml_free(w->piece, w->piece_room);
  ml_free(w->tape, w->tape_room);
  ml_free(w->tally, w->tally_room);
  ml_free(w->apart, w->apart_room);
  ml_free(w->marks, w->marks_list);
  ml_free(w->marks_room, w->marks_bytes);
  *w = (json_work){0};
}

/* A block of at least so many bytes; what stood in it is gone. */
static ml_status ensure(ml_context *c, void **block, size_t *room, size_t bytes) {
  void *larger;
  if (*room >= bytes) return ML_OK;
  ML_TRY(ml_alloc_checked(c, bytes, &larger));
  ml_free(*block, *room);
  *block = larger;
  *room = bytes;
  return ML_OK;
}

/* Marks of all threads for all names so far and as many again. */
static ml_status make_marks(ml_context *c, ml_jsonl *r) {
  json_work *w = &r->work;
  int threads = ml_threads(), count = r->names.count > r->records.count ? r->names.count : r->records.count;
  void *list = w->marks;
  if (threads == w->threads && count <= w->mark_count) return ML_OK;
  w->threads = w->mark_count = 0;
  count = 2 * count + 16;
  size_t one = (size_t)count * (2 * sizeof(int64_t) + sizeof(int));
  ML_TRY(ensure(c, &list, &w->marks_list, (size_t)threads * sizeof(json_marks)));
  w->marks = list;
  ML_TRY(ensure(c, &w->marks_room, &w->marks_bytes, (size_t)threads * one));
  memset(w->marks_room, 0, (size_t)threads * 2 * (size_t)count * sizeof(int64_t));
  int64_t *at = w->marks_room;
  int *next = (int *)(void *)(at + (size_t)threads * 2 * (size_t)count);
  memset(next, 0xff, (size_t)threads * (size_t)count * sizeof(int));
  for (int i = 0; i < threads; i++, at += 2 * count, next += count)
    w->marks[i] = (json_marks){.of_field = at, .of_node = at + count, .next = next};
  w->threads = threads;
  w->mark_count = count;
  return ML_OK;
}

/* Pieces of equal size, moved to the beginnings of lines; a line over several pieces leaves those in its middle empty. */
static void cut(ml_jsonl *r, uint32_t end, size_t bytes) {
  json_work *w = &r->work;
  uint32_t begin = r->begin;
  for (w->pieces = 0; begin < end;) {
    uint32_t stop = end - begin > bytes ? begin + (uint32_t)bytes : end;
    if (stop < end) {
      const char *line = json_line_end(r->buffer + stop, r->buffer + end);
      stop = (uint32_t)(line - r->buffer) + 1;
      if (stop > end) stop = end;
    }
    w->piece[w->pieces++] = (json_piece){.begin = begin, .end = stop, .stop = begin};
    begin = stop;
  }
}

ml_status json_work_begin(ml_context *c, ml_jsonl *r, uint32_t end) {
  json_work *w = &r->work;
  size_t text = end - r->begin, fields = (size_t)r->records.count;
  size_t bytes = fields > 512 ? 128 * fields : JSON_PIECE; /* so that tallies stay small beside the text */
  size_t most = text / bytes + 1;
  void *piece = w->piece, *tape = w->tape, *tally = w->tally, *apart = w->apart;
  ML_TRY(ensure(c, &piece, &w->piece_room, most * sizeof *w->piece));
  w->piece = piece;
  cut(r, end, bytes);
  ML_TRY(ensure(c, &tape, &w->tape_room, (text / JSON_VALUE + 3 * most) * sizeof *w->tape));
  w->tape = tape;
  ML_TRY(ensure(c, &tally, &w->tally_room, (size_t)w->pieces * fields * sizeof *w->tally));
  w->tally = tally;
  ML_TRY(ensure(c, &apart, &w->apart_room, end));
  w->apart = apart;
  for (int i = 0; i < w->pieces; i++) {
    json_piece *p = &w->piece[i];
    p->tape = w->tape + (p->begin - r->begin) / JSON_VALUE + 3 * (size_t)i;
    p->room = (p->end - p->begin) / JSON_VALUE + 2;
    p->tally = w->tally + (size_t)i * fields;
  }
  return make_marks(c, r);
}
