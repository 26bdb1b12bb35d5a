/* Reading safetensors files. See safetensors.h.
 *
 *     8 bytes    N, the length of the header, little-endian
 *     N bytes    {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {...}}
 *     the rest   the elements, little-endian, in C order; offsets count from here
 *
 * The header is a stranger's: the tensors must cover the rest exactly, without gap or overlap, each as long as its
 * shape says, so that all memory taken is at most twice the size of the file. */

#include "tensor/io/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/half.h"
#include "tensor/io/json_reader.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are read as they stand");

static const int64_t header_limit = 100000000; /* that of the reference implementation */

typedef enum conversion { AS_IT_IS, FROM_F16, FROM_BF16 } conversion;

typedef struct file_type {
  const char *name;
  int64_t width; /* bytes of an element in the file */
  ml_dtype dtype;
  conversion conversion;
} file_type;

static const file_type file_types[] = {
    {"F32", 4, ML_FLOAT32, AS_IT_IS}, {"F64", 8, ML_FLOAT64, AS_IT_IS},   {"I64", 8, ML_INT64, AS_IT_IS},
    {"I32", 4, ML_INT32, AS_IT_IS},   {"U8", 1, ML_UINT8, AS_IT_IS},      {"BOOL", 1, ML_BOOL, AS_IT_IS},
    {"F16", 2, ML_FLOAT32, FROM_F16}, {"BF16", 2, ML_FLOAT32, FROM_BF16},
};

typedef struct entry {
  ml_text name;
  const file_type *type;
  ml_shape shape;
  int64_t begin, end;
} entry;

typedef struct loader {
  ml_context *c;
  ml_file file;
  int64_t data_at, data_bytes; /* where the elements begin in the file, and how long they are */
  entry *entries;
  const entry **order; /* for sorting */
  int64_t count, capacity;
  bool has_metadata;
  ml_safetensors *out;
} loader;

/* A name for a message: short, and without what would upset a terminal. */
typedef struct shown_name {
  char text[96];
} shown_name;

static shown_name show(ml_text name) {
  shown_name s;
  size_t n = 0;
  for (; n < name.length && n < 80; n++) {
    char ch = name.text[n];
    s.text[n] = (unsigned char)ch < 0x20 || ch == 0x7f ? '?' : ch;
  }
  strcpy(s.text + n, n < name.length ? "..." : "");
  return s;
}
#define SHOW(name) (show(name).text) /* lives to the end of the statement */

/* Room for one more element. */
static ml_status grow(ml_context *c, void **block, int64_t count, int64_t *capacity, size_t width) {
  if (count < *capacity) return ML_OK;
  int64_t larger = *capacity == 0 ? 16 : 2 * *capacity;
  void *moved;
  ML_TRY(ml_alloc_checked(c, (size_t)larger * width, &moved));
  if (count > 0) memcpy(moved, *block, (size_t)count * width);
  ml_free(*block, (size_t)*capacity * width);
  *block = moved;
  *capacity = larger;
  return ML_OK;
}

/* The header ------------------------------------------------------------------------------------------------------- */

static ml_status wrong_header(const loader *l, const ml_json *j) {
  return ml_file_fail(l->c, l->file.path, "has a damaged header: %s at byte %lld", j->wrong,
                      (long long)(j->at - j->begin) + 8);
}

static bool text_is(ml_json_text t, const char *word) {
  return t.length == strlen(word) && memcmp(t.text, word, t.length) == 0;
}

static ml_text as_text(ml_json_text t) { return (ml_text){t.text, t.length}; }

static ml_status find_type(const loader *l, ml_text name, ml_json_text dtype, const file_type **out) {
  for (size_t i = 0; i < sizeof file_types / sizeof *file_types; i++) {
    if (!text_is(dtype, file_types[i].name)) continue;
    *out = &file_types[i];
    return ML_OK;
  }
  return ml_file_fail(
      l->c, l->file.path,
      "tensor '%s' has the type '%s', which can't be loaded; known are F32 F64 F16 BF16 I64 I32 U8 BOOL", SHOW(name),
      SHOW(as_text(dtype)));
}

static bool parse_shape(ml_json *j, ml_shape *shape) {
  bool first = true;
  shape->ndim = 0;
  if (!ml_json_take(j, '[')) return false;
  while (ml_json_more(j, ']', &first)) {
    if (shape->ndim == ML_MAX_DIMS) return ml_json_fail(j, "a shape of more than 8 dimensions");
    if (!ml_json_size(j, &shape->size[shape->ndim++])) return false;
  }
  return !j->wrong;
}

static bool parse_offsets(ml_json *j, entry *e) {
  return ml_json_take(j, '[') && ml_json_size(j, &e->begin) && ml_json_take(j, ',') && ml_json_size(j, &e->end) &&
         (ml_json_next_is(j, ']') ? ml_json_take(j, ']') : ml_json_fail(j, "expected ']'"));
}

/* The object behind a name. Members that nobody knows are skipped, as the reference does. */
static bool parse_members(ml_json *j, entry *e, ml_json_text *dtype) {
  bool first = true, has_shape = false, has_offsets = false;
  ml_json_text key;
  dtype->text = NULL;
  if (!ml_json_take(j, '{')) return false;
  while (ml_json_more(j, '}', &first)) {
    if (!ml_json_key(j, &key)) return false;
    if (text_is(key, "dtype")) {
      if (dtype->text) return ml_json_fail(j, "two dtypes");
      if (!ml_json_string(j, dtype)) return false;
    } else if (text_is(key, "shape")) {
      if (has_shape) return ml_json_fail(j, "two shapes");
      if (!parse_shape(j, &e->shape)) return false;
      has_shape = true;
    } else if (text_is(key, "data_offsets")) {
      if (has_offsets) return ml_json_fail(j, "two data_offsets");
      if (!parse_offsets(j, e)) return false;
      has_offsets = true;
    } else if (!ml_json_skip(j, 1)) {
      return false;
    }
  }
  if (j->wrong) return false;
  if (!dtype->text) return ml_json_fail(j, "a tensor without dtype");
  if (!has_shape) return ml_json_fail(j, "a tensor without shape");
  return has_offsets || ml_json_fail(j, "a tensor without data_offsets");
}

/* The shape, the type and the two offsets say the same, and lie inside the file. */
static ml_status check_entry(const loader *l, const entry *e) {
  int64_t bytes = e->type->width;
  bool absurd = false;
  for (int i = 0; i < e->shape.ndim; i++) absurd |= __builtin_mul_overflow(bytes, e->shape.size[i], &bytes);
  if (absurd)
    return ml_file_fail(l->c, l->file.path, "tensor '%s' has the shape %s, more than any file holds", SHOW(e->name),
                        ML_SHAPE(&e->shape));
  if (e->begin > e->end || e->end > l->data_bytes)
    return ml_file_fail(l->c, l->file.path,
                        "tensor '%s' should stand at bytes %lld to %lld of %lld; the file is cut short or damaged",
                        SHOW(e->name), (long long)e->begin, (long long)e->end, (long long)l->data_bytes);
  if (bytes != e->end - e->begin)
    return ml_file_fail(l->c, l->file.path, "tensor '%s' has %lld bytes, but %s of %s takes %lld", SHOW(e->name),
                        (long long)(e->end - e->begin), ML_SHAPE(&e->shape), e->type->name, (long long)bytes);
  return ML_OK;
}

static ml_status parse_entry(loader *l, ml_json *j, ml_text name) {
  entry e = {.name = name};
  ml_json_text dtype;
  if (!parse_members(j, &e, &dtype)) return wrong_header(l, j);
  ML_TRY(find_type(l, name, dtype, &e.type));
  ML_TRY(check_entry(l, &e));
  void *block = l->entries;
  ML_TRY(grow(l->c, &block, l->count, &l->capacity, sizeof e));
  l->entries = block;
  l->entries[l->count++] = e;
  return ML_OK;
}

static ml_status parse_metadata(loader *l, ml_json *j) {
  bool first = true;
  ml_json_text key, value;
  ml_safetensors *out = l->out;
  if (l->has_metadata) ml_json_fail(j, "a second __metadata__");
  l->has_metadata = true;
  if (!ml_json_take(j, '{')) return wrong_header(l, j);
  while (ml_json_more(j, '}', &first)) {
    if (!ml_json_key(j, &key) || !ml_json_string(j, &value)) return wrong_header(l, j);
    void *block = out->metadata;
    ML_TRY(grow(l->c, &block, out->metadata_count, &out->metadata_capacity, sizeof *out->metadata));
    out->metadata = block;
    out->metadata[out->metadata_count++] = (ml_text_pair){as_text(key), as_text(value)};
  }
  return j->wrong ? wrong_header(l, j) : ML_OK;
}

static ml_status parse_header(loader *l) {
  ml_json j = ml_json_begin(l->out->header, l->out->header_bytes);
  ml_json_text name;
  bool first = true;
  if (!ml_json_take(&j, '{')) return wrong_header(l, &j);
  while (ml_json_more(&j, '}', &first)) {
    if (!ml_json_key(&j, &name)) return wrong_header(l, &j);
    if (text_is(name, "__metadata__"))
      ML_TRY(parse_metadata(l, &j));
    else
      ML_TRY(parse_entry(l, &j, as_text(name)));
  }
  return ml_json_end(&j) ? ML_OK : wrong_header(l, &j);
}

static ml_status read_header(loader *l) {
  unsigned char prefix[8];
  int64_t size = l->file.size;
  const char *path = l->file.path;
  if (size < 8)
    return ml_file_fail(l->c, path, "is not a safetensors file: it has %lld bytes, its first number alone takes 8",
                        (long long)size);
  ML_TRY(ml_file_read(l->c, &l->file, 0, prefix, 8));
  uint64_t length;
  memcpy(&length, prefix, 8);
  if (length > (uint64_t)header_limit)
    return ml_file_fail(l->c, path,
                        "is not a safetensors file: its header would have %llu bytes, at most %lld are read",
                        (unsigned long long)length, (long long)header_limit);
  if ((int64_t)length > size - 8)
    return ml_file_fail(l->c, path, "is cut short: its header has %llu bytes, but only %lld follow",
                        (unsigned long long)length, (long long)(size - 8));
  void *block;
  ML_TRY(ml_alloc_checked(l->c, (size_t)length + 1, &block));
  l->out->header = block;
  l->out->header_bytes = (size_t)length;
  ML_TRY(ml_file_read(l->c, &l->file, 8, block, (size_t)length));
  l->data_at = 8 + (int64_t)length;
  l->data_bytes = size - l->data_at;
  return parse_header(l);
}

/* All tensors together --------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
  ml_text x = (*(const entry *const *)a)->name, y = (*(const entry *const *)b)->name;
  int order = memcmp(x.text, y.text, x.length < y.length ? x.length : y.length);
  return order != 0 ? order : (x.length > y.length) - (x.length < y.length);
}

static int by_place(const void *a, const void *b) {
  const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
  if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

static ml_status check_names(const loader *l) {
  qsort(l->order, (size_t)l->count, sizeof *l->order, by_name);
  for (int64_t i = 1; i < l->count; i++)
    if (by_name(&l->order[i - 1], &l->order[i]) == 0)
      return ml_file_fail(l->c, l->file.path, "two tensors are called '%s'", SHOW(l->order[i]->name));
  return ML_OK;
}

static ml_status check_places(const loader *l) {
  if (l->count > 0) qsort(l->order, (size_t)l->count, sizeof *l->order, by_place);
  int64_t end = 0;
  for (int64_t i = 0; i < l->count; i++) {
    const entry *e = l->order[i];
    if (e->begin < end)
      return ml_file_fail(l->c, l->file.path, "tensors '%s' and '%s' overlap", SHOW(l->order[i - 1]->name),
                          SHOW(e->name));
    if (e->begin > end)
      return ml_file_fail(l->c, l->file.path, "bytes %lld to %lld before tensor '%s' belong to no tensor",
                          (long long)end, (long long)e->begin, SHOW(e->name));
    end = e->end;
  }
  if (end == l->data_bytes) return ML_OK;
  return ml_file_fail(l->c, l->file.path, "has %lld bytes behind the last tensor", (long long)(l->data_bytes - end));
}

static ml_status check_together(loader *l) {
  if (l->count == 0) return check_places(l);
  void *block;
  size_t bytes = (size_t)l->count * sizeof *l->order;
  ML_TRY(ml_alloc_checked(l->c, bytes, &block));
  l->order = block;
  for (int64_t i = 0; i < l->count; i++) l->order[i] = &l->entries[i];
  ml_status status = check_names(l);
  if (status == ML_OK) status = check_places(l);
  ml_free(block, bytes);
  l->order = NULL;
  return status;
}

/* The elements ----------------------------------------------------------------------------------------------------- */

/* n words of 16 bits stand in the second half of n floats: reading stays ahead of writing. */
static void widen(uint32_t *x, int64_t n, conversion how) {
  const char *half = (const char *)x + 2 * n;
  for (int64_t i = 0; i < n; i++) {
    uint16_t h;
    memcpy(&h, half + 2 * i, 2);
    x[i] = how == FROM_F16 ? ml_half_to_float(h) : (uint32_t)h << 16;
  }
}

static ml_status check_booleans(const loader *l, const entry *e, const uint8_t *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (x[i] > 1)
      return ml_file_fail(l->c, l->file.path, "tensor '%s' holds the byte %d where a BOOL is 0 or 1", SHOW(e->name),
                          x[i]);
  return ML_OK;
}

static ml_status load_tensor(const loader *l, const entry *e, ml_tensor **out) {
  ML_TRY(ml_empty(l->c, &e->shape, e->type->dtype, out));
  int64_t count = ml_count(*out), bytes = e->end - e->begin;
  if (count == 0) return ML_OK;
  char *to = (char *)ml_data(*out) + count * (int64_t)ml_dtype_size(e->type->dtype) - bytes;
  ML_TRY(ml_file_read(l->c, &l->file, l->data_at + e->begin, to, (size_t)bytes));
  if (e->type->conversion != AS_IT_IS) widen(ml_data(*out), count, e->type->conversion);
  return e->type->dtype == ML_BOOL ? check_booleans(l, e, ml_data(*out), count) : ML_OK;
}

static ml_status load_tensors(loader *l) {
  ml_safetensors *out = l->out;
  if (l->count == 0) return ML_OK;
  void *block;
  ML_TRY(ml_alloc_checked(l->c, (size_t)l->count * sizeof *out->tensors, &block));
  out->tensors = block;
  out->capacity = l->count;
  for (; out->count < l->count; out->count++) {
    const entry *e = &l->entries[out->count];
    ml_tensor *x = NULL;
    ml_status status = load_tensor(l, e, &x);
    if (status != ML_OK) {
      ml_release(x);
      return status;
    }
    out->tensors[out->count] = (ml_named_tensor){e->name, x};
  }
  return ML_OK;
}

void ml_safetensors_free(ml_safetensors *s) {
  for (int64_t i = 0; i < s->count; i++) ml_release(s->tensors[i].tensor);
  ml_free(s->tensors, (size_t)s->capacity * sizeof *s->tensors);
  ml_free(s->metadata, (size_t)s->metadata_capacity * sizeof *s->metadata);
  ml_free(s->header, s->header_bytes + 1);
  *s = (ml_safetensors){0};
}

ml_status ml_safetensors_load(ml_context *c, const char *path, ml_safetensors *out) {
  *out = (ml_safetensors){0};
  loader l = {.c = c, .out = out};
  ML_TRY(ml_file_open(c, path, &l.file));
  ml_status status = read_header(&l);
  if (status == ML_OK) status = check_together(&l);
  if (status == ML_OK) status = load_tensors(&l);
  ml_file_close(&l.file);
  ml_free(l.entries, (size_t)l.capacity * sizeof *l.entries);
  if (status != ML_OK) ml_safetensors_free(out);
  return status;
}
