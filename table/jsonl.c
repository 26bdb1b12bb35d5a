/* Reading JSON Lines, block by block. See jsonl.h.
 *
 * All rows at once are read in one pass, types and all (records.h); rows in pieces by a pass that only looks, after which the types
 * stand. Blocks and pieces are cut by size, so that nothing depends on the number of threads. */

#include "table/jsonl_parts.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

enum { LEARN = 64, LEARN_MOST = 1 << 20 };

static ml_status changed(ml_context *c, const ml_jsonl *r) { return ml_file_fail(c, r->path, "was changed while it was read"); }

/* Passes ------------------------------------------------------------------------------------------------------------ */

/* What is wrong with the line that begins where the piece stopped. */
static ml_status wrong_line(ml_context *c, const ml_jsonl *r, const json_piece *p) {
  const char *line = r->buffer + p->stop, *end = json_line_end(line, r->buffer + p->end), *at = r->buffer + p->wrong_at;
  int64_t number = r->line + p->first_line + p->lines + 1;
  const char *wrong = at == end ? "the line ends within an object; JSON Lines has one object a line" : p->wrong;
  return ml_fail_as(c, ML_BAD_DATA, "%.1000s:%lld:%lld: %s%s", r->path, (long long)number, (long long)(at - line) + 1, wrong,
                    number == 1 && *line == '[' ? "; this is a list, JSON Lines has one object a line" : "");
}

/* Rows that this pass may give in all. */
static int64_t expect_rows(const ml_jsonl *r, int64_t rows) {
  const json_piece *last = &r->work.piece[r->work.pieces - 1];
  double bytes = (double)r->offset + (double)(last->stop - r->begin);
  double all = bytes > 0 ? (double)rows * ml_stream_estimate(r->stream) / bytes * 1.02 + 64 : 0;
  return all < 1e15 ? (int64_t)all : 0;
}

/* The rows of a block that was parsed. limit: how many the pass gives in all; negative: nobody knows. */
static ml_status take_rows(ml_context *c, ml_jsonl *r, int64_t limit) {
  int64_t rows = r->records.chunk + r->work.rows;
  r->records.bytes = r->offset + (r->end - r->begin);
  if (!r->scanned) ML_TRY(json_see(c, r));
  if (!r->storing) return ML_OK;
  if (!r->scanned) records_retype(&r->records);
  return json_store(c, r, limit < 0 ? expect_rows(r, rows) : limit);
}

/* The lines up to `end`, or some of them. */
static ml_status read_block(ml_context *c, ml_jsonl *r, uint32_t end, int64_t limit) {
  if (r->names.count == 0) {
    ML_TRY(json_work_begin(c, r, end));
    ML_TRY(json_learn(c, r, end, LEARN));
  }
  ML_TRY(json_parse(c, r, end));
  const json_piece *last = &r->work.piece[r->work.pieces - 1];
  if (r->work.rows > 0) ML_TRY(take_rows(c, r, limit));
  if (last->wrong) return wrong_line(c, r, last);
  if (last->new_name && r->scanned) return changed(c, r);
  json_consume(r, last->stop, last->first_line + last->lines, r->work.rows);
  if (!last->new_name) {
    r->learn = LEARN;
    return ML_OK;
  }
  ML_TRY(json_learn(c, r, end, r->learn));
  if (r->learn < LEARN_MOST) r->learn *= 2;
  return ML_OK;
}

/* Rows until there are `limit` of them in this pass (negative: no limit), or no more. */
static ml_status run_pass(ml_context *c, ml_jsonl *r, int64_t limit) {
  int64_t before = r->row;
  for (;;) {
    uint32_t end;
    if (limit >= 0 && r->row - before >= limit) return ML_OK;
    ML_TRY(json_next_lines(c, r, limit < 0 ? -1 : limit - (r->row - before), &end));
    if (end == r->begin) return ML_OK;
    ML_TRY(read_block(c, r, end, limit));
  }
}

/* A name is a column where it has values; one that is always null as well, unless objects stand there otherwise. */
static ml_status finish_scan(ml_context *c, ml_jsonl *r) {
  records *all = &r->records;
  for (int k = 0; k < all->count; k++) {
    record_field *f = &all->field[k];
    int64_t values = 0;
    for (int kind = RECORD_INTEGER; kind < RECORD_KINDS; kind++) values += f->seen[kind];
    f->is_column = values > 0 || (f->seen[RECORD_MISSING] > 0 && !f->has_objects);
  }
  ML_TRY(records_decide(c, all));
  all->bytes = r->offset;
  all->rows = r->row;
  r->scanned = true;
  return ML_OK;
}

ml_status ml_jsonl_scan(ml_context *c, ml_jsonl *r) {
  if (r->scanned) return ML_OK;
  if (r->offset != 0 || r->row != 0) ML_TRY(json_start(c, r));
  records_forget(&r->records);
  r->storing = r->reporting = false;
  ML_TRY(run_pass(c, r, -1));
  ML_TRY(finish_scan(c, r));
  return json_start(c, r);
}

/* The columns that turned to text late, from the beginning again. */
static ml_status store_lost(ml_context *c, ml_jsonl *r) {
  int lost = 0;
  for (int k = 0; k < r->records.count; k++) lost += r->records.field[k].lost && r->records.field[k].wanted;
  if (lost == 0) return ML_OK;
  records_begin(&r->records, true);
  r->reporting = false;
  ML_TRY(json_seek(c, r, 0, 0, 0));
  ML_TRY(run_pass(c, r, r->records.rows));
  return r->row == r->records.rows ? ML_OK : changed(c, r);
}

static ml_status store_rows(ml_context *c, ml_jsonl *r, int64_t rows) {
  r->storing = r->reporting = true;
  if (r->row != r->records.stored) ML_TRY(json_seek(c, r, r->given_offset, r->given_line, r->records.stored));
  if (r->scanned) {
    ML_TRY(run_pass(c, r, rows));
    return r->records.chunk == rows ? ML_OK : changed(c, r);
  }
  records_forget(&r->records);
  ML_TRY(run_pass(c, r, -1));
  ML_TRY(finish_scan(c, r));
  return store_lost(c, r);
}

static ml_status write_rows(ml_context *c, void *reader, int64_t rows) {
  ml_jsonl *r = reader;
  ml_status status = store_rows(c, r, rows);
  if (status != ML_OK) r->row = -1;
  return status;
}

ml_status ml_jsonl_read(ml_context *c, ml_jsonl *r, int64_t max_rows, ml_table *out, bool *any) {
  *any = false;
  if (max_rows >= 0) ML_TRY(ml_jsonl_scan(c, r));
  ML_TRY(records_read(c, &r->records, max_rows, write_rows, r, out, any));
  r->given_offset = r->offset;
  r->given_line = r->line;
  return ML_OK;
}

/* Opening ----------------------------------------------------------------------------------------------------------- */

static ml_status set_up(ml_context *c, ml_jsonl *r, const char *path, const record_options *o) {
  void *room;
  size_t bytes = strlen(path) + 1;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  r->path = memcpy(room, path, bytes);
  r->path_bytes = bytes;
  ML_TRY(records_init(c, &r->records, r->path, o));
  return json_start(c, r);
}

ml_status ml_jsonl_open(ml_context *c, const char *path, const record_options *o, ml_jsonl **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_jsonl), &room));
  ml_jsonl *r = room;
  *r = (ml_jsonl){.learn = LEARN};
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
  json_work_free(&r->work);
  records_free(&r->records);
  json_names_free(&r->names);
  ml_free(r->buffer, r->room);
  ml_free(r->path, r->path_bytes);
  ml_free(r, sizeof *r);
}

const records *ml_jsonl_records(const ml_jsonl *r) { return &r->records; }
int64_t ml_jsonl_file_size(const ml_jsonl *r) { return r->file_size; }
