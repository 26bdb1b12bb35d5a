/* Cutting the text in the buffer into pieces of whole rows, and those into fields, on all threads.
 *
 * A piece begins behind the first newline after a fixed place. Whether that newline stands in quotes is told by how many quotes
 * stand before it, counted for all pieces at once. The scan of each piece then finds out whether quotes stand where they may; if
 * they do in all pieces, all beginnings were right. If not, the block is split once more, the beginnings found row by row. */

#include <string.h>

#include "table/csv_parts.h"
#include "table/kernels/csv_scan.h"
#include "tensor/alloc.h"
#include "tensor/cpu.h"
#include "tensor/io/utf8.h"
#include "tensor/kernels/isa.h"
#include "tensor/parallel.h"

ML_ISA_DECLARE(csv_kernel, csv_kernels, [1]);

typedef struct split_job {
  ml_csv *r;
  const csv_kernel *kernel;
  uint32_t limit;
} split_job;

/* Room ------------------------------------------------------------------------------------------------------------------ */

enum { INDEX_SLACK = 64, TEXT_SLACK = 64 };

void csv_work_free(ml_csv *r) {
  csv_work *w = &r->work;
  ml_free(w->piece, (size_t)w->capacity * sizeof *w->piece);
  ml_free(w->tally, (size_t)w->capacity * (size_t)r->columns * sizeof *w->tally);
  ml_free(w->index, w->index_entries * sizeof *w->index);
  ml_free(w->texts, w->text_bytes);
  *w = (csv_work){0};
}

static ml_status make_room(ml_context *c, ml_csv *r) {
  csv_work *w = &r->work;
  size_t text = r->buffer.room_bytes, entry = (size_t)r->columns + 1;
  size_t piece = r->columns > 512 ? 128 * (size_t)r->columns : CSV_PIECE; /* so that tallies stay small beside the text */
  int capacity = (int)(text / piece) + 2;
  size_t entries = text + (size_t)capacity * (INDEX_SLACK + 2 * entry), texts = text + (size_t)capacity * TEXT_SLACK;
  if (w->text_bytes == texts) return ML_OK;
  csv_work_free(r);
  void *room;
  ML_TRY(ml_alloc_checked(c, (size_t)capacity * sizeof *w->piece, &room));
  w->piece = room;
  w->capacity = capacity;
  w->piece_bytes = piece;
  ML_TRY(ml_alloc_checked(c, (size_t)capacity * (size_t)r->columns * sizeof *w->tally, &room));
  w->tally = room;
  ML_TRY(ml_alloc_checked(c, entries * sizeof *w->index, &room));
  w->index = room;
  w->index_entries = entries;
  ML_TRY(ml_alloc_checked(c, texts, &room));
  w->texts = room;
  w->text_bytes = texts;
  return ML_OK;
}

/* Each piece its part of the index and of the scratch for texts. */
static void share_room(ml_csv *r) {
  csv_work *w = &r->work;
  size_t slack = INDEX_SLACK + 2 * ((size_t)r->columns + 1);
  for (int i = 0; i < w->pieces; i++) {
    csv_piece *p = &w->piece[i];
    size_t before = p->begin - r->buffer.begin;
    p->index = w->index + before + (size_t)i * slack;
    p->index_room = p->end - p->begin + slack;
    p->text_at = (int64_t)(before + (size_t)i * TEXT_SLACK);
  }
}

/* Where pieces begin ------------------------------------------------------------------------------------------------------ */

static void count_quotes(void *arg, int64_t begin, int64_t end) {
  const split_job *job = arg;
  for (int64_t i = begin; i < end; i++) {
    csv_piece *p = &job->r->work.piece[i];
    p->parity = job->kernel->quotes_are_odd(job->r->buffer.room, p->begin, p->end, job->r->dialect.quote);
  }
}

/* Pieces of equal size, whatever stands in them. */
static void cut_evenly(ml_csv *r, uint32_t limit) {
  csv_work *w = &r->work;
  uint32_t begin = r->buffer.begin;
  w->pieces = 0;
  while (begin < limit) {
    uint32_t end = limit - begin > w->piece_bytes ? begin + (uint32_t)w->piece_bytes : limit;
    w->piece[w->pieces++] = (csv_piece){.begin = begin, .end = end};
    begin = end;
  }
}

/* Behind the first newline from `at` on that is not in quotes, where `inside` says whether `at` is. */
static uint32_t next_row(const ml_csv *r, uint32_t at, uint32_t limit, bool inside) {
  const char *text = r->buffer.room;
  for (; at < limit; at++) {
    if (text[at] == r->dialect.quote && r->dialect.quote) inside = !inside;
    else if (text[at] == r->dialect.newline && !inside) return at + 1;
  }
  return limit;
}

/* Moves the beginnings of the pieces to rows. */
static void move_to_rows(ml_csv *r, uint32_t limit) {
  csv_work *w = &r->work;
  bool inside = false;
  for (int i = 1; i < w->pieces; i++) {
    csv_piece *p = &w->piece[i];
    uint32_t reached = w->piece[i - 1].begin;
    inside = inside != w->piece[i - 1].parity;
    /* a row over several pieces leaves those in its middle empty */
    uint32_t row = reached > p->begin ? reached : next_row(r, p->begin, limit, inside);
    w->piece[i - 1].end = row;
    p->begin = row;
  }
}

/* The same for a block with quotes in strange places: row by row. */
static void find_rows_exactly(ml_csv *r, uint32_t limit) {
  csv_work *w = &r->work;
  const char *text = r->buffer.room, *at = text + r->buffer.begin;
  csv_ends ends = {.to = NULL};
  cut_evenly(r, limit);
  for (int i = 1; i < w->pieces; i++) {
    csv_piece *p = &w->piece[i];
    while (at && at < text + p->begin) at = csv_exact_row(&r->dialect, at, text + limit, &ends);
    p->begin = at ? (uint32_t)(at - text) : limit;
    w->piece[i - 1].end = p->begin;
  }
}

/* Fields ---------------------------------------------------------------------------------------------------------------- */

static csv_cursor cursor_of(const ml_csv *r, csv_piece *p) {
  csv_cursor k = {.text = r->buffer.room, .fields = r->columns, .row = p->index, .limit = p->index + p->index_room};
  csv_begin_rows(&k, p->begin);
  return k;
}

static void scan_pieces(void *arg, int64_t begin, int64_t end) {
  const split_job *job = arg;
  ml_csv *r = job->r;
  for (int64_t i = begin; i < end; i++) {
    csv_piece *p = &r->work.piece[i];
    csv_scan s = {.cursor = cursor_of(r, p), .begin = p->begin, .end = p->end, .separator = r->dialect.separator,
                  .newline = r->dialect.newline, .quote = r->dialect.quote};
    job->kernel->scan(&s);
    p->rows = s.cursor.rows;
    p->ragged = s.cursor.ragged;
    p->stop = s.stop;
    p->lines = s.lines;
    p->odd = s.odd;
    p->full = s.full;
    p->has_zero = s.has_zero;
    p->has_high = s.has_high;
  }
}

static void split_exactly(void *arg, int64_t begin, int64_t end) {
  const split_job *job = arg;
  ml_csv *r = job->r;
  const char *text = r->buffer.room;
  for (int64_t i = begin; i < end; i++) {
    csv_piece *p = &r->work.piece[i];
    csv_cursor k = cursor_of(r, p);
    const char *at = text + p->begin, *limit = text + p->end;
    p->full = p->odd = false;
    while (at < limit) {
      csv_ends ends = {.text = text, .to = k.next, .room = k.limit - k.next - (r->columns + 1)};
      const char *next = csv_exact_row(&r->dialect, at, limit, &ends);
      if (!next) break;
      p->full = ends.count > ends.room;
      if (p->full) break;
      k.row[0] = (uint32_t)(at - text) - 1;
      if (r->dialect.comment && ends.count > 0 && *at == r->dialect.comment) {
        while (*at == r->dialect.comment) at = (const char *)memchr(at, r->dialect.newline, (size_t)(limit - at)) + 1;
        k.row[0] = (uint32_t)(at - text) - 1;
      }
      k.next += ends.count;
      k.ragged = k.ragged || ends.junk;
      if (ends.count > 0) csv_end_row(&k, (uint32_t)(next - 1 - text));
      at = next;
    }
    p->rows = k.rows;
    p->ragged = k.ragged;
    p->stop = (uint32_t)(at - text);
    p->lines = csv_count_lines(r, p->begin, p->end);
    p->has_zero = memchr(text + p->begin, 0, p->end - p->begin) != NULL;
    p->has_high = true;
  }
}

/* Whether the beginnings of the pieces were right. */
static bool pieces_hold(const csv_work *w) {
  for (int i = 0; i < w->pieces; i++) {
    const csv_piece *p = &w->piece[i];
    if (p->odd) return false;
    if (i + 1 < w->pieces && p->stop != p->end && !p->full) return false;
  }
  return true;
}

ml_status csv_check_text(ml_context *c, const ml_csv *r, uint32_t from, uint32_t to) {
  const char *text = r->buffer.room, *zero = memchr(text + from, 0, to - from);
  if (zero) return csv_fail_at(c, r, (uint32_t)(zero - text), "a zero byte: this is no text file");
  size_t valid = ml_utf8_valid(text + from, to - from);
  if (valid == to - from) return ML_OK;
  return csv_fail_at(c, r, from + (uint32_t)valid, "this is no UTF-8 text; if the file is in Latin-1, say encoding = \"latin-1\"");
}

static void check_utf_8(void *arg, int64_t begin, int64_t end) {
  const split_job *job = arg;
  for (int64_t i = begin; i < end; i++) {
    csv_piece *p = &job->r->work.piece[i];
    size_t size = p->stop - p->begin;
    p->has_high = p->has_high && !job->r->latin_1 && ml_utf8_valid(job->r->buffer.room + p->begin, size) != size;
  }
}

static ml_status check_text(ml_context *c, ml_csv *r, split_job *job) {
  csv_work *w = &r->work;
  ML_TRY(ml_parallel_for(c, w->pieces, 1, check_utf_8, job));
  for (int i = 0; i < w->pieces; i++) {
    const csv_piece *p = &w->piece[i];
    if (p->has_zero || p->has_high) ML_TRY(csv_check_text(c, r, p->begin, p->stop));
  }
  return ML_OK;
}

/* Leaves out the pieces behind one that was not finished, and rows beyond max_rows. */
static void cut_rows(ml_csv *r, int64_t max_rows) {
  csv_work *w = &r->work;
  size_t entry = (size_t)r->columns + 1;
  w->rows = 0;
  for (int i = 0; i < w->pieces; i++) {
    csv_piece *p = &w->piece[i];
    bool last = p->full || p->stop != p->end;
    if (max_rows >= 0 && w->rows + p->rows >= max_rows) {
      int64_t rows = max_rows - w->rows;
      if (rows < p->rows) p->stop = p->index[(size_t)rows * entry] + 1;
      p->rows = rows;
      last = true;
    }
    p->first_row = w->rows;
    w->rows += p->rows;
    if (last) w->pieces = i + 1;
  }
}

uint32_t csv_split_stop(const ml_csv *r, int64_t *lines) {
  const csv_work *w = &r->work;
  *lines = 0;
  for (int i = 0; i < w->pieces; i++) {
    const csv_piece *p = &w->piece[i];
    *lines += p->stop == p->end ? p->lines : csv_count_lines(r, p->begin, p->stop);
  }
  return w->piece[w->pieces - 1].stop;
}

/* Few rows that are wanted need not the whole buffer split: half as many bytes again as so many rows had so far. */
static uint32_t window_end(const ml_csv *r, int64_t max_rows) {
  const csv_buffer *b = &r->buffer;
  int64_t size = b->end - b->begin, seen = b->consumed - r->data_offset;
  if (max_rows < 0 || r->rows == 0 || seen <= 0) return b->end;
  double wanted = (double)seen / (double)r->rows * (double)max_rows * 1.5 + CSV_PIECE;
  return wanted < (double)size ? b->begin + (uint32_t)wanted : b->end;
}

static ml_status split_window(ml_context *c, ml_csv *r, split_job *job) {
  csv_work *w = &r->work;
  bool exact = r->exact;
  if (!exact) {
    cut_evenly(r, job->limit);
    if (r->dialect.quote) ML_TRY(ml_parallel_for(c, w->pieces, 1, count_quotes, job));
    move_to_rows(r, job->limit);
    share_room(r);
    ML_TRY(ml_parallel_for(c, w->pieces, 1, scan_pieces, job));
    exact = !pieces_hold(w);
  }
  if (!exact) return ML_OK;
  find_rows_exactly(r, job->limit);
  share_room(r);
  return ml_parallel_for(c, w->pieces, 1, split_exactly, job);
}

ml_status csv_split(ml_context *c, ml_csv *r, int64_t max_rows) {
  csv_work *w = &r->work;
  split_job job = {.r = r, .kernel = ML_ISA_CHOOSE(csv_kernels), .limit = window_end(r, max_rows)};
  ML_TRY(make_room(c, r));
  ML_TRY(split_window(c, r, &job));
  cut_rows(r, max_rows);
  if (w->rows == 0 && job.limit < r->buffer.end) { /* a row longer than the window */
    job.limit = r->buffer.end;
    ML_TRY(split_window(c, r, &job));
    cut_rows(r, max_rows);
  }
  return check_text(c, r, &job);
}
