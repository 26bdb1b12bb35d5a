/* Writing safetensors files. See safetensors.h.
 *
 * The header lists the tensors as given. Their elements stand in order of width, the widest first, each aligned to its
 * type: the format allows no gaps, and others map the file and want aligned numbers. The header is filled up with
 * spaces to a multiple of 8. */

#include "tensor/io/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/utf8.h"

static const char *const type_names[ML_DTYPES] = {
    [ML_BOOL] = "BOOL", [ML_UINT8] = "U8",    [ML_INT32] = "I32",
    [ML_INT64] = "I64", [ML_FLOAT32] = "F32", [ML_FLOAT64] = "F64",
};

enum { WIDTHS = 3 };
static const size_t widths[WIDTHS] = {8, 4, 1}; /* of the types above: the order of the elements in the file */

/* The text of the header as it grows. */
typedef struct text {
  char *data;
  size_t used, capacity;
} text;

typedef struct saver {
  const ml_named_tensor *list;
  int64_t count;
  text header;
} saver;

static size_t width_of(const ml_tensor *x) { return ml_dtype_size((ml_dtype)x->dtype); }
static size_t bytes_of(const ml_tensor *x) { return (size_t)ml_count(x) * width_of(x); }

/* Names ------------------------------------------------------------------------------------------------------------ */

static bool is_utf8(ml_text t) { return ml_utf8_valid(t.text, t.length) == t.length; }

static int by_name(const void *a, const void *b) {
  ml_text x = (*(const ml_named_tensor *const *)a)->name, y = (*(const ml_named_tensor *const *)b)->name;
  int order = memcmp(x.text, y.text, x.length < y.length ? x.length : y.length);
  return order != 0 ? order : (x.length > y.length) - (x.length < y.length);
}

static ml_status check_unique(ml_context *c, const ml_named_tensor *list, int64_t count) {
  if (count < 2) return ML_OK;
  void *block;
  size_t bytes = (size_t)count * sizeof(ml_named_tensor *);
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  const ml_named_tensor **order = block;
  for (int64_t i = 0; i < count; i++) order[i] = &list[i];
  qsort(order, (size_t)count, sizeof *order, by_name);
  ml_status status = ML_OK;
  for (int64_t i = 1; i < count && status == ML_OK; i++)
    if (by_name(&order[i - 1], &order[i]) == 0)
      status = ml_fail(c, "save: two tensors are called '%.80s'", order[i]->name.text);
  ml_free(block, bytes);
  return status;
}

static ml_status check_list(ml_context *c, const ml_named_tensor *list, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    ml_text name = list[i].name;
    if (!is_utf8(name)) return ml_fail(c, "save: the name of tensor %lld is not valid UTF-8", (long long)i + 1);
    if (strcmp(name.text, "__metadata__") == 0)
      return ml_fail(c, "save: a tensor can't be called '__metadata__': the format keeps that name for itself");
    if (!list[i].tensor->storage)
      return ml_fail(c, "save: '%.80s' has no values yet; build the model before it is saved", name.text);
  }
  return check_unique(c, list, count);
}

/* The header ------------------------------------------------------------------------------------------------------- */

static ml_status put(ml_context *c, text *t, const char *data, size_t bytes) {
  if (t->capacity - t->used < bytes) {
    size_t larger = 2 * (t->capacity + bytes) + 512;
    void *moved;
    ML_TRY(ml_alloc_checked(c, larger, &moved));
    if (t->used > 0) memcpy(moved, t->data, t->used);
    ml_free(t->data, t->capacity);
    t->data = moved;
    t->capacity = larger;
  }
  memcpy(t->data + t->used, data, bytes);
  t->used += bytes;
  return ML_OK;
}

static ml_status put_word(ml_context *c, text *t, const char *word) { return put(c, t, word, strlen(word)); }

static ml_status put_number(ml_context *c, text *t, int64_t number) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)number);
  return put_word(c, t, digits);
}

static ml_status put_string(ml_context *c, text *t, ml_text s) {
  ML_TRY(put_word(c, t, "\""));
  for (size_t i = 0; i < s.length; i++) {
    unsigned char ch = (unsigned char)s.text[i];
    char escaped[8] = {(char)ch, '\0'};
    if (ch == '"' || ch == '\\')
      snprintf(escaped, sizeof escaped, "\\%c", ch);
    else if (ch < 0x20 || ch == 0x7f)
      snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)ch);
    ML_TRY(put_word(c, t, escaped));
  }
  return put_word(c, t, "\"");
}

static ml_status put_metadata(ml_context *c, text *t, const ml_text_pair *metadata, int64_t count) {
  ML_TRY(put_word(c, t, "\"__metadata__\":{"));
  for (int64_t i = 0; i < count; i++) {
    if (!is_utf8(metadata[i].key) || !is_utf8(metadata[i].value))
      return ml_fail(c, "save: metadata '%.80s' is not valid UTF-8", metadata[i].key.text);
    if (i > 0) ML_TRY(put_word(c, t, ","));
    ML_TRY(put_string(c, t, metadata[i].key));
    ML_TRY(put_word(c, t, ":"));
    ML_TRY(put_string(c, t, metadata[i].value));
  }
  return put_word(c, t, "}");
}

static ml_status put_tensor(ml_context *c, text *t, const ml_named_tensor *named, int64_t begin) {
  const ml_tensor *x = named->tensor;
  ML_TRY(put_string(c, t, named->name));
  ML_TRY(put_word(c, t, ":{\"dtype\":\""));
  ML_TRY(put_word(c, t, type_names[x->dtype]));
  ML_TRY(put_word(c, t, "\",\"shape\":["));
  for (int i = 0; i < x->shape.ndim; i++) {
    if (i > 0) ML_TRY(put_word(c, t, ","));
    ML_TRY(put_number(c, t, x->shape.size[i]));
  }
  ML_TRY(put_word(c, t, "],\"data_offsets\":["));
  ML_TRY(put_number(c, t, begin));
  ML_TRY(put_word(c, t, ","));
  ML_TRY(put_number(c, t, begin + (int64_t)bytes_of(x)));
  return put_word(c, t, "]}");
}

/* Where each width begins in the file, behind the header. */
static void find_places(const saver *s, int64_t place[WIDTHS]) {
  int64_t at = 0;
  for (size_t w = 0; w < WIDTHS; w++) {
    place[w] = at;
    for (int64_t i = 0; i < s->count; i++)
      if (width_of(s->list[i].tensor) == widths[w]) at += (int64_t)bytes_of(s->list[i].tensor);
  }
}

static ml_status make_header(ml_context *c, saver *s, const ml_text_pair *metadata, int64_t metadata_count) {
  text *t = &s->header;
  int64_t place[WIDTHS];
  find_places(s, place);
  ML_TRY(put_word(c, t, "{"));
  if (metadata_count > 0) ML_TRY(put_metadata(c, t, metadata, metadata_count));
  for (int64_t i = 0; i < s->count; i++) {
    size_t w = 0;
    while (widths[w] != width_of(s->list[i].tensor)) w++;
    if (i > 0 || metadata_count > 0) ML_TRY(put_word(c, t, ","));
    ML_TRY(put_tensor(c, t, &s->list[i], place[w]));
    place[w] += (int64_t)bytes_of(s->list[i].tensor);
  }
  ML_TRY(put_word(c, t, "}"));
  while (t->used % 8 != 0) ML_TRY(put_word(c, t, " "));
  return ML_OK;
}

/* The file --------------------------------------------------------------------------------------------------------- */

static ml_status write_tensor(ml_context *c, ml_sink *sink, const ml_tensor *x) {
  ml_tensor *plain = NULL;
  if (ml_count(x) == 0) return ML_OK;
  ML_TRY(ml_contiguous_unrecorded(c, x, &plain));
  ml_status status = ml_sink_write(c, sink, ml_data(plain), bytes_of(plain));
  ml_release(plain);
  return status;
}

static ml_status write_file(ml_context *c, ml_sink *sink, void *arg) {
  const saver *s = arg;
  uint64_t length = s->header.used;
  ML_TRY(ml_sink_write(c, sink, &length, sizeof length));
  ML_TRY(ml_sink_write(c, sink, s->header.data, s->header.used));
  for (size_t w = 0; w < WIDTHS; w++)
    for (int64_t i = 0; i < s->count; i++)
      if (width_of(s->list[i].tensor) == widths[w]) ML_TRY(write_tensor(c, sink, s->list[i].tensor));
  return ML_OK;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they stand");

ml_status ml_safetensors_save(ml_context *c, const char *path, const ml_named_tensor *list, int64_t count,
                              const ml_text_pair *metadata, int64_t metadata_count) {
  saver s = {.list = list, .count = count};
  ML_TRY(check_list(c, list, count));
  ml_status status = make_header(c, &s, metadata, metadata_count);
  if (status == ML_OK) status = ml_file_write_atomic(c, path, write_file, &s);
  ml_free(s.header.data, s.header.capacity);
  return status;
}
