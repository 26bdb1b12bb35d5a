/* The footer of a Parquet file: schema and row groups. It stands at the end, before its length and "PAR1".
 *
 * What it announces is held against the file before anything else believes it: each chunk of a column lies in the file, the
 * chunks together are no longer than the file, rows add up, and no column has more than ROWS_PER_BYTE rows for each byte stored: pages
 * of equal values are small, but a few bytes must not claim all memory. */

#include <string.h>

#include "table/parquet_parts.h"
#include "tensor/alloc.h"

enum {
  MAGIC = 4,
  TAIL = 8, /* the footer's length and the magic */
  ROWS_PER_BYTE = 1 << 16,
  MAX_STRUCTS = 24, /* nested in each other */
  MAX_NAME = 1 << 16,
};

#define WAY_OUT "; fetch it again"

typedef struct reading {
  ml_context *c;
  const ml_file *file;
  ml_thrift t;
  parquet_footer *out;
  size_t footer_bytes;
} reading;

static ml_status damaged(const reading *r, const char *what) {
  return ml_file_fail(r->c, r->file->path, "is damaged: its footer %s" WAY_OUT, what);
}

static ml_status check(const reading *r) { return r->t.problem ? damaged(r, r->t.problem) : ML_OK; }

/* Allocates n entries of some size, cleared. There are never more of them than the footer has bytes. */
static ml_status room(const reading *r, size_t n, size_t size, void *out) {
  void *block;
  ML_TRY(ml_alloc_checked(r->c, n * size, &block));
  memset(block, 0, n * size);
  *(void **)out = block;
  return ML_OK;
}

/* The schema -------------------------------------------------------------------------------------------------------- */

/* An element of the tree, which stands in the list before its children. */
typedef struct element {
  parquet_leaf leaf;
  int repetition, children;
  ml_thrift_bytes name;
} element;

/* A group that is open. */
typedef struct group {
  int64_t left; /* children that are to come */
  int level;
  bool repeated;
  size_t name_length; /* of the names so far, with points */
} group;

typedef struct tree {
  group open[MAX_STRUCTS];
  int depth;
  char name[MAX_NAME];
} tree;

static int read_unit(ml_thrift *t, const ml_thrift_field *f) {
  int unit = 0;
  if (!ml_thrift_enter(t, f)) return 0;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g); ml_thrift_skip(t, &g))
    if (g.id >= 1 && g.id <= 3) unit = g.id;
  return unit;
}

/* The struct of one logical type. */
static void read_parameters(ml_thrift *t, const ml_thrift_field *f, parquet_leaf *leaf) {
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    if (f->id == 5 && g.id == 1)
      leaf->scale = ml_thrift_int32(t, &g);
    else if (f->id == 5 && g.id == 2)
      leaf->precision = ml_thrift_int32(t, &g);
    else if ((f->id == 7 || f->id == 8) && g.id == 2)
      leaf->unit = read_unit(t, &g);
    else if (f->id == 10 && g.id == 1)
      leaf->bits = ml_thrift_int32(t, &g);
    else if (f->id == 10 && g.id == 2)
      leaf->is_signed = ml_thrift_bool(t, &g);
    else
      ml_thrift_skip(t, &g);
  }
}

static void read_logical(ml_thrift *t, const ml_thrift_field *f, parquet_leaf *leaf) {
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    leaf->logical = g.id;
    read_parameters(t, &g, leaf);
  }
}

static element read_element(ml_thrift *t) {
  element e = {.leaf = {.physical = -1, .converted = -1}};
  if (!ml_thrift_element(t)) return e;
  for (ml_thrift_field f = {0}; ml_thrift_next(t, &f);) {
    switch (f.id) {
    case 1: e.leaf.physical = ml_thrift_int32(t, &f); break;
    case 2: e.leaf.width = ml_thrift_int32(t, &f); break;
    case 3: e.repetition = ml_thrift_int32(t, &f); break;
    case 4: e.name = ml_thrift_binary(t, &f); break;
    case 5: e.children = ml_thrift_int32(t, &f); break;
    case 6: e.leaf.converted = ml_thrift_int32(t, &f); break;
    case 7: e.leaf.scale = ml_thrift_int32(t, &f); break;
    case 8: e.leaf.precision = ml_thrift_int32(t, &f); break;
    case 10: read_logical(t, &f, &e.leaf); break;
    default: ml_thrift_skip(t, &f);
    }
  }
  return e;
}

/* A name without zero bytes: messages end there. */
static ml_status set_name(const reading *r, const tree *tr, size_t length, parquet_column *column) {
  if (memchr(tr->name, 0, length)) return damaged(r, "has a column whose name holds a zero byte");
  void *block;
  ML_TRY(ml_alloc_checked(r->c, length + 1, &block));
  memcpy(block, tr->name, length);
  column->name = block;
  column->name[length] = 0;
  column->name_length = length;
  return ML_OK;
}

static ml_status add_leaf(const reading *r, const tree *tr, const element *e, size_t length, int level, bool repeated) {
  if (e->leaf.physical < 0 || e->leaf.physical >= PARQUET_PHYSICALS) return damaged(r, "has a column of an unknown type");
  parquet_column *column = &r->out->column[r->out->columns];
  ML_TRY(set_name(r, tr, length, column));
  r->out->columns++;
  column->max_level = level;
  parquet_type_find(&e->leaf, column);
  if (repeated) column->left_out = "it is part of a list or map";
  column->chosen = !column->left_out;
  return ML_OK;
}

/* Takes an element at its place in the tree. */
static ml_status add_element(const reading *r, tree *tr, const element *e) {
  while (tr->depth > 1 && tr->open[tr->depth - 1].left == 0) tr->depth--;
  group *parent = &tr->open[tr->depth - 1];
  if (parent->left == 0) return damaged(r, "has more columns than its schema announces");
  if (e->repetition < 0 || e->repetition > 2 || e->children < 0) return damaged(r, "has a wrong schema");
  parent->left--;
  size_t length = parent->name_length;
  if (e->name.count >= MAX_NAME || length + 1 + e->name.count >= MAX_NAME)
    return damaged(r, "has a name of more than 65,535 bytes");
  if (length > 0) tr->name[length++] = '.';
  if (e->name.count > 0) memcpy(tr->name + length, e->name.at, e->name.count);
  length += e->name.count;
  int level = parent->level + (e->repetition != 0);
  bool repeated = parent->repeated || e->repetition == 2;
  if (e->children == 0) return add_leaf(r, tr, e, length, level, repeated);
  if (tr->depth == MAX_STRUCTS) return damaged(r, "is nested too deeply");
  tr->open[tr->depth++] = (group){e->children, level, repeated, length};
  return ML_OK;
}

static ml_status read_tree(reading *r, tree *tr, int64_t count) {
  element root = read_element(&r->t);
  ML_TRY(check(r));
  if (root.children < 0) return damaged(r, "has a wrong schema");
  tr->depth = 1;
  tr->open[0] = (group){.left = root.children};
  for (int64_t i = 1; i < count; i++) {
    element e = read_element(&r->t);
    ML_TRY(check(r));
    ML_TRY(add_element(r, tr, &e));
  }
  for (int i = 0; i < tr->depth; i++)
    if (tr->open[i].left > 0) return damaged(r, "has fewer columns than its schema announces");
  return ML_OK;
}

static ml_status read_schema(reading *r, const ml_thrift_field *f) {
  int64_t count = ml_thrift_list(&r->t, f, ML_THRIFT_STRUCT);
  ML_TRY(check(r));
  if (r->out->column || count == 0) return damaged(r, "has no schema, or two");
  ML_TRY(room(r, (size_t)count, sizeof(parquet_column), &r->out->column));
  r->out->column_room = (size_t)count;
  void *tr;
  ML_TRY(ml_alloc_checked(r->c, sizeof(tree), &tr));
  ml_status status = read_tree(r, tr, count);
  ml_free(tr, sizeof(tree));
  return status;
}

/* Row groups -------------------------------------------------------------------------------------------------------- */

static void read_statistics(ml_thrift *t, const ml_thrift_field *f, parquet_chunk *chunk) {
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    if (g.id == 3)
      chunk->missing = ml_thrift_integer(t, &g);
    else
      ml_thrift_skip(t, &g);
  }
}

/* ColumnMetaData. The first page is the dictionary, where there is one; some writers leave 0 for none. */
static void read_chunk_metadata(ml_thrift *t, const ml_thrift_field *f, parquet_chunk *chunk) {
  int64_t data = 0, dictionary = 0, bytes = 0;
  int physical = 255, codec = 255;
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    switch (g.id) {
    case 1: physical = ml_thrift_int32(t, &g); break;
    case 4: codec = ml_thrift_int32(t, &g); break;
    case 5: chunk->values = ml_thrift_integer(t, &g); break;
    case 7: bytes = ml_thrift_integer(t, &g); break;
    case 9: data = ml_thrift_integer(t, &g); break;
    case 11: dictionary = ml_thrift_integer(t, &g); break;
    case 12: read_statistics(t, &g, chunk); break;
    default: ml_thrift_skip(t, &g);
    }
  }
  chunk->physical = physical >= 0 && physical < 255 ? (uint8_t)physical : 255;
  chunk->codec = codec >= 0 && codec < 255 ? (uint8_t)codec : 255;
  chunk->begin = dictionary > 0 && dictionary < data ? dictionary : data;
  if (__builtin_add_overflow(chunk->begin, bytes, &chunk->end)) chunk->end = -1;
}

static void read_chunk(ml_thrift *t, parquet_chunk *chunk) {
  *chunk = (parquet_chunk){.missing = -1, .physical = 255, .end = -1};
  if (!ml_thrift_element(t)) return;
  for (ml_thrift_field f = {0}; ml_thrift_next(t, &f);) {
    if (f.id == 3) {
      read_chunk_metadata(t, &f, chunk);
    } else {
      if (f.id == 1 || f.id == 8 || f.id == 9) chunk->elsewhere = true;
      ml_thrift_skip(t, &f);
    }
  }
}

static ml_status read_chunks(reading *r, const ml_thrift_field *f, int at) {
  int64_t count = ml_thrift_list(&r->t, f, ML_THRIFT_STRUCT);
  ML_TRY(check(r));
  if (count != r->out->columns) return damaged(r, "has a row group with another number of columns than the schema");
  for (int i = 0; i < r->out->columns; i++) read_chunk(&r->t, &r->out->chunk[(size_t)at * (size_t)count + (size_t)i]);
  return check(r);
}

static ml_status read_group(reading *r, int at) {
  ml_thrift *t = &r->t;
  bool chunks = r->out->columns == 0;
  if (!ml_thrift_element(t)) return check(r);
  for (ml_thrift_field f = {0}; ml_thrift_next(t, &f);) {
    if (f.id == 1) {
      ML_TRY(read_chunks(r, &f, at));
      chunks = true;
    } else if (f.id == 3) {
      r->out->group_rows[at] = ml_thrift_integer(t, &f);
    } else {
      ml_thrift_skip(t, &f);
    }
  }
  ML_TRY(check(r));
  return chunks ? ML_OK : damaged(r, "has a row group without columns");
}

static ml_status read_groups(reading *r, const ml_thrift_field *f) {
  parquet_footer *out = r->out;
  int64_t count = ml_thrift_list(&r->t, f, ML_THRIFT_STRUCT);
  ML_TRY(check(r));
  if (!out->column || out->group_rows) return damaged(r, "has its parts in a wrong order");
  if (count == 0) return ML_OK;
  size_t chunks = (size_t)count * (size_t)out->columns; /* both are below 2^32: each takes a byte of the footer */
  if (chunks > r->footer_bytes) return damaged(r, "is too short for its row groups");
  ML_TRY(room(r, (size_t)count, sizeof(int64_t), &out->group_rows));
  out->groups = (int)count;
  ML_TRY(room(r, chunks, sizeof(parquet_chunk), &out->chunk));
  for (int i = 0; i < out->groups; i++) ML_TRY(read_group(r, i));
  return ML_OK;
}

/* The whole ------------------------------------------------------------------------------------------------------------ */

static ml_status chunk_damaged(const reading *r, int g, int column, const char *what) {
  return ml_file_fail(r->c, r->file->path, "row group %d, column '%.200s': %s" WAY_OUT, g + 1,
                      r->out->column[column].name, what);
}

static ml_status check_chunk(const reading *r, int g, int i, int64_t *bytes) {
  const parquet_column *column = &r->out->column[i];
  const parquet_chunk *k = &r->out->chunk[(size_t)g * (size_t)r->out->columns + (size_t)i];
  if (k->elsewhere) return chunk_damaged(r, g, i, "it is encrypted or stands in another file, which is not read");
  if (k->values == 0 && r->out->group_rows[g] == 0) return ML_OK; /* no pages, wherever they are said to be */
  if (k->physical != column->physical) return chunk_damaged(r, g, i, "its type is not that of the schema");
  if (k->begin < MAGIC || k->end < k->begin || k->end > r->file->size - TAIL)
    return chunk_damaged(r, g, i, "it does not lie within the file");
  *bytes += k->end - k->begin;
  if (column->left_out) return ML_OK;
  if (k->values != r->out->group_rows[g]) return chunk_damaged(r, g, i, "it has another number of values than the row group has rows");
  if (k->values > 0 && k->values / ROWS_PER_BYTE >= k->end - k->begin)
    return chunk_damaged(r, g, i, "it announces more values than its bytes can hold");
  if (k->missing < -1 || k->missing > k->values) return chunk_damaged(r, g, i, "it announces a wrong number of missing values");
  return ML_OK;
}

static ml_status check_groups(const reading *r) {
  const parquet_footer *out = r->out;
  int64_t rows = 0, bytes = 0; /* of all chunks: no more than the file has, so that together they can't claim more either */
  for (int g = 0; g < out->groups; g++) {
    if (out->group_rows[g] < 0 || __builtin_add_overflow(rows, out->group_rows[g], &rows))
      return damaged(r, "announces a wrong number of rows");
    for (int i = 0; i < out->columns; i++) ML_TRY(check_chunk(r, g, i, &bytes));
    if (bytes > r->file->size) return damaged(r, "announces more bytes than the file has");
  }
  if (rows != out->rows || rows < 0) return damaged(r, "announces another number of rows than its row groups have");
  if (out->columns == 0 && rows > 0) return damaged(r, "announces rows without columns");
  return ML_OK;
}

static ml_status read_metadata(reading *r) {
  ml_thrift *t = &r->t;
  bool rows = false;
  for (ml_thrift_field f = {0}; ml_thrift_next(t, &f);) {
    switch (f.id) {
    case 2: ML_TRY(read_schema(r, &f)); break;
    case 3:
      r->out->rows = ml_thrift_integer(t, &f);
      rows = true;
      break;
    case 4: ML_TRY(read_groups(r, &f)); break;
    default: ml_thrift_skip(t, &f);
    }
  }
  ML_TRY(check(r));
  if (!r->out->column || !rows) return damaged(r, "has no schema");
  return check_groups(r);
}

/* The length of the footer, from the end of the file. */
static ml_status find_footer(ml_context *c, const ml_file *f, int64_t *bytes) {
  unsigned char head[MAGIC], tail[TAIL];
  if (f->size == 0) return ml_file_fail(c, f->path, "is empty" WAY_OUT);
  if (f->size < MAGIC + TAIL) return ml_file_fail(c, f->path, "is no Parquet file: it has %lld bytes", (long long)f->size);
  ML_TRY(ml_file_read(c, f, 0, head, MAGIC));
  ML_TRY(ml_file_read(c, f, f->size - TAIL, tail, TAIL));
  if (memcmp(head, "PARE", 4) == 0) return ml_file_fail(c, f->path, "is encrypted, which is not read");
  if (memcmp(head, "PAR1", 4) != 0) return ml_file_fail(c, f->path, "is no Parquet file: it does not begin with PAR1");
  if (memcmp(tail + 4, "PAR1", 4) != 0)
    return ml_file_fail(c, f->path, "is cut short: it does not end with PAR1, as a Parquet file does" WAY_OUT);
  *bytes = (int64_t)tail[0] | (int64_t)tail[1] << 8 | (int64_t)tail[2] << 16 | (int64_t)tail[3] << 24;
  if (*bytes > f->size - MAGIC - TAIL)
    return ml_file_fail(c, f->path, "is damaged: its footer of %lld bytes is longer than the file" WAY_OUT, (long long)*bytes);
  return ML_OK;
}

ml_status parquet_footer_read(ml_context *c, const ml_file *f, parquet_footer *out) {
  int64_t bytes = 0;
  void *block;
  *out = (parquet_footer){0};
  ML_TRY(find_footer(c, f, &bytes));
  ML_TRY(ml_alloc_checked(c, (size_t)bytes + 1, &block));
  reading r = {.c = c, .file = f, .out = out, .footer_bytes = (size_t)bytes};
  ml_status status = ml_file_read(c, f, f->size - TAIL - bytes, block, (size_t)bytes);
  ml_thrift_begin(&r.t, block, (size_t)bytes);
  if (status == ML_OK) status = read_metadata(&r);
  ml_free(block, (size_t)bytes + 1);
  if (status != ML_OK) parquet_footer_free(out);
  return status;
}

void parquet_footer_free(parquet_footer *f) {
  for (int i = 0; i < f->columns; i++) ml_free(f->column[i].name, f->column[i].name_length + 1);
  ml_free(f->column, f->column_room * sizeof(parquet_column));
  ml_free(f->group_rows, (size_t)f->groups * sizeof(int64_t));
  ml_free(f->chunk, (size_t)f->groups * (size_t)f->columns * sizeof(parquet_chunk));
  *f = (parquet_footer){0};
}
