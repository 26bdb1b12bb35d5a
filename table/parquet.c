/* Reading Parquet files. See parquet.h.
 *
 * Each column has a cursor that goes through its pages on its own. Rows are read in rounds: the calling thread finds the next pages,
 * checks their headers and makes room; the pool then reads, unpacks and decodes all of them at once, each into its own place. What must be known first is known from the headers, but the length of text: so that is measured in one step and
 * copied in another. A page of which only the first rows are wanted is decoded whole, and its other rows wait for the next call. */

#include "table/parquet.h"

#include <stdio.h>
#include <string.h>

#include "table/parquet_copy.h"
#include "table/parquet_parts.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

enum {
  PAGES = 256,             /* in a round */
  ROUND_BYTES = 32 << 20,  /* of pages in a round, once there is one */
};

#define WAY_OUT "; fetch it again"

/* A column on its way. */
typedef struct cursor {
  int column;
  int group;           /* of the open chunk, from 0; -1 before the first */
  int64_t at, end;     /* bytes of the chunk that are still to be read */
  int64_t left;        /* rows of it that no page has been found for */
  bool has_dictionary;
  parquet_dictionary dictionary;
  parquet_store out;   /* the rows that are being read */
  parquet_store rest;  /* of the last page: rows that wait for the next call, from `rest_from` on */
  int64_t rest_from;
} cursor;

struct ml_parquet {
  ml_file file;
  char *path;
  size_t path_bytes;
  parquet_footer footer;
  int64_t given; /* rows */
  bool failed;
  int cursors, cursor_room;
  cursor *cursor;
  int pages;
  parquet_page page[PAGES];
  bool to_rest[PAGES]; /* the page is decoded into the cursor's rest */
  char *scratch;       /* scratch_bytes for each thread, while rows are read */
  size_t scratch_bytes;
};

/* Opening ---------------------------------------------------------------------------------------------------------------- */

static ml_status make_cursors(ml_context *c, ml_parquet *p) {
  void *room;
  size_t bytes = (size_t)p->footer.columns * sizeof(cursor);
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  memset(room, 0, bytes);
  p->cursor = room;
  p->cursor_room = p->footer.columns;
  for (int i = 0; i < p->footer.columns; i++)
    if (p->footer.column[i].chosen) p->cursor[p->cursors++] = (cursor){.column = i, .group = -1};
  return ML_OK;
}

static ml_status open_file(ml_context *c, const char *path, ml_parquet *p) {
  void *room;
  size_t bytes = strlen(path) + 1;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  memcpy(room, path, bytes);
  p->path = room;
  p->path_bytes = bytes;
  ML_TRY(ml_file_open(c, p->path, &p->file));
  ML_TRY(parquet_footer_read(c, &p->file, &p->footer));
  return make_cursors(c, p);
}

ml_status ml_parquet_open(ml_context *c, const char *path, ml_parquet **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_parquet), &room));
  memset(room, 0, sizeof(ml_parquet));
  ml_parquet *p = room;
  p->file.fd = -1;
  ml_status status = open_file(c, path, p);
  if (status == ML_OK)
    *out = p;
  else
    ml_parquet_close(p);
  return status;
}

static void free_pages(ml_parquet *p) {
  for (int i = 0; i < p->pages; i++) {
    parquet_page *page = &p->page[i];
    ml_free(page->packed, (size_t)page->header.packed_bytes + ML_COPY_SLACK);
    ml_free(page->plain, (size_t)page->header.plain_bytes + ML_COPY_SLACK);
  }
  p->pages = 0;
}

static void free_scratch(ml_parquet *p) {
  ml_free(p->scratch, p->scratch_bytes);
  p->scratch = NULL;
}

void ml_parquet_close(ml_parquet *p) {
  if (!p) return;
  free_pages(p);
  free_scratch(p);
  for (int i = 0; i < p->cursors; i++) {
    parquet_dictionary_free(&p->cursor[i].dictionary);
    parquet_store_free(&p->cursor[i].out);
    parquet_store_free(&p->cursor[i].rest);
  }
  ml_free(p->cursor, (size_t)p->cursor_room * sizeof(cursor));
  parquet_footer_free(&p->footer);
  ml_file_close(&p->file);
  ml_free(p->path, p->path_bytes);
  ml_free(p, sizeof *p);
}

/* What the file says ------------------------------------------------------------------------------------------------------- */

int64_t ml_parquet_rows(const ml_parquet *p) { return p->footer.rows; }
int ml_parquet_columns(const ml_parquet *p) { return p->footer.columns; }

static int64_t count_missing(const parquet_footer *f, int i) {
  int64_t missing = 0;
  if (f->column[i].left_out) return -1;
  if (f->column[i].max_level == 0) return 0;
  for (int g = 0; g < f->groups; g++) {
    const parquet_chunk *k = &f->chunk[(size_t)g * (size_t)f->columns + (size_t)i];
    if (k->missing < 0) return -1;
    missing += k->missing;
  }
  return missing;
}

ml_parquet_column ml_parquet_column_at(const ml_parquet *p, int i) {
  const parquet_column *column = &p->footer.column[i];
  return (ml_parquet_column){.name = column->name,
                             .name_length = column->name_length,
                             .stored = column->stored,
                             .left_out = column->left_out,
                             .type = column->type,
                             .missing = count_missing(&p->footer, i),
                             .chosen = column->chosen};
}

ml_status ml_parquet_choose(ml_context *c, ml_parquet *p, const int *columns, int count) {
  parquet_footer *f = &p->footer;
  for (int i = 0; i < f->columns; i++) f->column[i].chosen = false;
  for (int i = 0; i < count; i++) {
    parquet_column *column = &f->column[columns[i]];
    if (column->left_out)
      return ml_file_fail(c, p->path, "column '%.200s' (%s) can't be read: %s", column->name, column->stored, column->left_out);
    column->chosen = true;
  }
  p->cursors = 0;
  for (int i = 0; i < f->columns; i++)
    if (f->column[i].chosen) p->cursor[p->cursors++] = (cursor){.column = i, .group = -1};
  return ML_OK;
}

/* Finding pages ------------------------------------------------------------------------------------------------------------ */

static const parquet_column *column_of(const ml_parquet *p, const cursor *k) { return &p->footer.column[k->column]; }

static const parquet_chunk *chunk_of(const ml_parquet *p, const cursor *k) {
  return &p->footer.chunk[(size_t)k->group * (size_t)p->footer.columns + (size_t)k->column];
}

static ml_status damaged(ml_context *c, const ml_parquet *p, const cursor *k, int64_t row, const char *what) {
  return ml_file_fail(c, p->path, "row group %d, column '%.200s', page of row %lld: %s" WAY_OUT, k->group + 1,
                      column_of(p, k)->name, (long long)row, what);
}

static ml_status page_failed(ml_context *c, const ml_parquet *p, const parquet_page *page) {
  const cursor *k = &p->cursor[page->slot];
  char what[PARQUET_PROBLEM + 32];
  if (page->unread) return ml_file_fail(c, p->path, "%s", page->problem);
  snprintf(what, sizeof what, "%s%s", page->header.type == 2 && !page->refused ? "in its dictionary " : "", page->problem);
  if (!page->refused) return damaged(c, p, k, page->row, what);
  return ml_file_fail(c, p->path, "row group %d, column '%.200s': %s", k->group + 1, column_of(p, k)->name, what);
}

static int64_t next_row(const ml_parquet *p, const cursor *k) { return chunk_of(p, k)->values - k->left + 1; }

/* To the next row group that has rows. */
static ml_status open_chunk(ml_context *c, ml_parquet *p, cursor *k) {
  do k->group++;
  while (p->footer.group_rows[k->group] == 0);
  const parquet_chunk *chunk = chunk_of(p, k);
  k->at = chunk->begin;
  k->end = chunk->end;
  k->left = chunk->values;
  k->has_dictionary = false;
  parquet_dictionary_free(&k->dictionary);
  if (chunk->codec < PARQUET_CODECS && chunk->codec != PARQUET_LZO && chunk->codec != PARQUET_BROTLI && chunk->codec != PARQUET_LZ4)
    return ML_OK;
  return ml_file_fail(c, p->path, "row group %d, column '%.200s': it is compressed with %s, which is not read; write it with Zstandard or Snappy",
                      k->group + 1, column_of(p, k)->name, parquet_codec_name(chunk->codec));
}

/* Room for the page behind its header, and to unpack it. On failure free_pages gives both back. */
static ml_status make_room(ml_context *c, cursor *k, parquet_page *page) {
  const parquet_header *h = &page->header;
  void *room;
  bool unpacks = page->codec != PARQUET_UNCOMPRESSED && h->compressed;
  ML_TRY(ml_alloc_checked(c, (size_t)h->packed_bytes + ML_COPY_SLACK, &room));
  page->packed = room;
  memset(page->packed + h->packed_bytes, 0, ML_COPY_SLACK);
  page->offset = k->at;
  k->at += h->packed_bytes;
  if (!unpacks) return ML_OK;
  ML_TRY(ml_alloc_checked(c, (size_t)h->plain_bytes + ML_COPY_SLACK, &room));
  page->plain = room;
  return ML_OK;
}

/* The dictionary takes over the page's memory, where its text stands. */
static ml_status read_dictionary(ml_context *c, ml_parquet *p, cursor *k, parquet_page *page) {
  parquet_dictionary *d = &k->dictionary;
  int64_t row = next_row(p, k);
  if (k->has_dictionary || k->left < chunk_of(p, k)->values) return damaged(c, p, k, row, "a dictionary stands in the wrong place");
  ML_TRY(make_room(c, k, page));
  ML_TRY(ml_file_read(c, &p->file, page->offset, page->packed, (size_t)page->header.packed_bytes));
  if (parquet_unpack(page, p->scratch)) ML_TRY(parquet_dictionary_fill(c, page, d));
  if (page->problem[0]) return page_failed(c, p, page);
  uint8_t **kept = page->plain ? &page->plain : &page->packed;
  d->page = *kept;
  d->page_bytes = (size_t)(page->plain ? page->header.plain_bytes : page->header.packed_bytes) + ML_COPY_SLACK;
  *kept = NULL;
  k->has_dictionary = true;
  return ML_OK;
}

/* The next page of the open chunk into p->page[p->pages], which counts from then on if it has rows. */
static ml_status find_page(ml_context *c, ml_parquet *p, int slot, int64_t *bytes) {
  cursor *k = &p->cursor[slot];
  parquet_page *page = &p->page[p->pages];
  const char *problem;
  int64_t head, row = next_row(p, k);
  if (k->at == k->end) return damaged(c, p, k, row, "it is not there: the pages have fewer rows than the row group");
  *page = (parquet_page){.column = column_of(p, k), .codec = chunk_of(p, k)->codec, .slot = slot, .row = row, .group = k->group + 1};
  ML_TRY(parquet_header_read(c, &p->file, page->codec, k->at, k->end, &page->header, &head, &problem));
  if (problem) return damaged(c, p, k, row, problem);
  k->at += head;
  if (page->header.type == 1) {
    k->at += page->header.packed_bytes;
    return ML_OK;
  }
  p->pages++;
  *bytes += (int64_t)page->header.packed_bytes + page->header.plain_bytes;
  if (page->header.type == 2) {
    ML_TRY(read_dictionary(c, p, k, page));
    p->pages--;
    ml_free(page->packed, (size_t)page->header.packed_bytes + ML_COPY_SLACK);
    return ML_OK;
  }
  if (page->header.values > k->left) return damaged(c, p, k, row, "its pages have more rows than the row group");
  ML_TRY(make_room(c, k, page));
  page->dictionary = k->has_dictionary ? &k->dictionary : NULL;
  k->left -= page->header.values;
  return ML_OK;
}

/* Where the page just found is decoded to. */
static ml_status place_page(ml_context *c, ml_parquet *p, cursor *k) {
  parquet_page *page = &p->page[p->pages - 1];
  bool surplus = page->header.values > k->out.room - k->out.rows;
  p->to_rest[p->pages - 1] = surplus;
  if (!surplus) {
    parquet_store_offer(&k->out, page);
    return ML_OK;
  }
  parquet_store_free(&k->rest);
  ML_TRY(parquet_store_begin(c, page->column, page->header.values, &k->rest));
  k->rest_from = 0;
  parquet_store_offer(&k->rest, page);
  return ML_OK;
}

/* Pages of one column for this round: no further than its chunk, whose dictionary they share. Whether it has all the rows then. */
static ml_status gather(ml_context *c, ml_parquet *p, int slot, int64_t *bytes, bool *whole) {
  cursor *k = &p->cursor[slot];
  *whole = k->out.rows == k->out.room;
  if (*whole) return ML_OK;
  if (k->left == 0) ML_TRY(open_chunk(c, p, k));
  while (k->left > 0 && !*whole && p->pages < PAGES && (*bytes < ROUND_BYTES || p->pages == 0)) {
    int before = p->pages;
    ML_TRY(find_page(c, p, slot, bytes));
    if (p->pages == before) continue;
    ML_TRY(place_page(c, p, k));
    *whole = p->to_rest[before] || k->out.rows == k->out.room;
  }
  return ML_OK;
}

/* Decoding them ------------------------------------------------------------------------------------------------------------ */

static bool is_text(const parquet_page *page) { return page->column->type == ML_COLUMN_TEXT; }

/* Reads the bytes; messages stand in a context of the page's own, without the path in front. */
static bool read_page(const ml_parquet *p, parquet_page *page) {
  ml_context c;
  size_t prefix = strlen(p->path) + 2;
  ml_context_init(&c);
  if (ml_file_read(&c, &p->file, page->offset, page->packed, (size_t)page->header.packed_bytes) == ML_OK) return true;
  return parquet_refuse(page, "%s", prefix < strlen(c.message) ? c.message + prefix : "can't be read");
}

static void decode_pages(void *arg, int64_t begin, int64_t end) {
  ml_parquet *p = arg;
  size_t each = parquet_unpack_scratch();
  for (int64_t i = begin; i < end; i++) {
    parquet_page *page = &p->page[i];
    page->unread = !read_page(p, page);
    if (page->unread || !parquet_unpack(page, p->scratch + (size_t)ml_thread_index() * each)) continue;
    if (is_text(page))
      parquet_text_measure(page);
    else
      parquet_values_decode(page);
    if (page->header.type == 3 && page->absent != page->header.missing && page->column->max_level > 0)
      parquet_problem(page, "it announces %d missing values, but has %lld", page->header.missing, (long long)page->absent);
  }
}

static void copy_pages(void *arg, int64_t begin, int64_t end) {
  ml_parquet *p = arg;
  for (int64_t i = begin; i < end; i++)
    if (is_text(&p->page[i])) parquet_text_copy(&p->page[i]);
}

/* The first problem in the order of columns and rows, whatever thread found it. */
static ml_status check_pages(ml_context *c, const ml_parquet *p) {
  for (int i = 0; i < p->pages; i++) {
    if (p->page[i].problem[0]) return page_failed(c, p, &p->page[i]);
  }
  return ML_OK;
}

static parquet_store *store_of(ml_parquet *p, int i) {
  cursor *k = &p->cursor[p->page[i].slot];
  return p->to_rest[i] ? &k->rest : &k->out;
}

static void place_text(ml_parquet *p, int i) {
  parquet_store *s = store_of(p, i);
  p->page[i].text_at = s->text;
  s->text += p->page[i].text_bytes;
}

/* Room for the text of all pages, and where each one's begins. */
static ml_status make_text_room(ml_context *c, ml_parquet *p) {
  for (int i = 0; i < p->pages; i++) {
    int64_t total = 0;
    if (!is_text(&p->page[i])) continue;
    for (int j = i; j < p->pages && store_of(p, j) == store_of(p, i); j++) total += p->page[j].text_bytes;
    ML_TRY(parquet_store_text(c, store_of(p, i), total));
    place_text(p, i);
  }
  for (int i = 0; i < p->pages; i++) {
    const ml_tensor *bytes = store_of(p, i)->bytes;
    if (is_text(&p->page[i]) && bytes) p->page[i].text = (uint8_t *)ml_data(bytes) + p->page[i].text_at;
  }
  return ML_OK;
}

/* Rows of the pages that were decoded whole, as many as are wanted. */
static ml_status take_from_rests(ml_context *c, ml_parquet *p) {
  for (int i = 0; i < p->cursors; i++) {
    cursor *k = &p->cursor[i];
    int64_t wanted = k->out.room - k->out.rows, there = k->rest.rows - k->rest_from;
    int64_t n = wanted < there ? wanted : there;
    ML_TRY(parquet_store_append(c, &k->out, &k->rest, k->rest_from, n));
    k->rest_from += n;
    if (k->rest.rows > 0 && k->rest_from == k->rest.rows) parquet_store_free(&k->rest), k->rest_from = 0;
  }
  return ML_OK;
}

static ml_status run_round(ml_context *c, ml_parquet *p) {
  ML_TRY(ml_parallel_for(c, p->pages, 1, decode_pages, p));
  ML_TRY(check_pages(c, p));
  ML_TRY(make_text_room(c, p));
  ML_TRY(ml_parallel_for(c, p->pages, 1, copy_pages, p));
  ML_TRY(check_pages(c, p));
  for (int i = 0; i < p->pages; i++) store_of(p, i)->any_missing |= p->page[i].absent > 0;
  free_pages(p);
  return take_from_rests(c, p);
}

/* Reading ------------------------------------------------------------------------------------------------------------------- */

static ml_status begin_rows(ml_context *c, ml_parquet *p, int64_t rows) {
  void *room;
  size_t bytes = parquet_unpack_scratch() * (size_t)ml_threads();
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  p->scratch = room;
  p->scratch_bytes = bytes;
  for (int i = 0; i < p->cursors; i++) ML_TRY(parquet_store_begin(c, column_of(p, &p->cursor[i]), rows, &p->cursor[i].out));
  return take_from_rests(c, p);
}

/* Columns one after the other into rounds, until all have their rows. */
static ml_status read_rows(ml_context *c, ml_parquet *p) {
  int first = 0; /* the first column that is not whole */
  while (first < p->cursors) {
    int64_t bytes = 0;
    bool whole;
    int slot = first;
    for (; slot < p->cursors && p->pages < PAGES && (bytes < ROUND_BYTES || p->pages == 0); slot++) {
      ML_TRY(gather(c, p, slot, &bytes, &whole));
      if (whole && slot == first) first++;
    }
    if (p->pages > 0) ML_TRY(run_round(c, p));
  }
  return ML_OK;
}

static ml_status finish_rows(ml_context *c, ml_parquet *p, ml_table *out) {
  for (int i = 0; i < p->cursors; i++) {
    const parquet_column *column = column_of(p, &p->cursor[i]);
    ML_TRY(ml_column_set_name(c, &out->column[i], column->name, column->name_length));
    ML_TRY(parquet_store_finish(c, &p->cursor[i].out, &out->column[i]));
  }
  return ML_OK;
}

ml_status ml_parquet_read(ml_context *c, ml_parquet *p, int64_t max_rows, ml_table *out) {
  int64_t left = p->footer.rows - p->given, rows = max_rows < left ? max_rows : left;
  *out = (ml_table){0};
  if (p->failed) return ml_file_fail(c, p->path, "reading failed before; open it again");
  if (rows <= 0) return ML_OK;
  p->failed = true;
  ML_TRY(ml_table_init(c, p->cursors, out));
  out->rows = rows;
  ml_status status = begin_rows(c, p, rows);
  if (status == ML_OK) status = read_rows(c, p);
  if (status == ML_OK) status = finish_rows(c, p, out);
  free_pages(p);
  free_scratch(p);
  if (status != ML_OK) {
    ml_table_free(out);
    return status;
  }
  p->failed = false;
  p->given += rows;
  return ML_OK;
}
