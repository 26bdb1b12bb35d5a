/* .npz files: zip archives of .npy arrays. See npy.h. */

#include "tensor/io/npy.h"

#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/utf8.h"
#include "tensor/io/zip.h"

static const char ending[] = ".npy";
enum { ENDING = sizeof ending - 1 };

/* Reading ---------------------------------------------------------------------------------------------------------- */

static ml_status from_member(ml_context *c, void *from, void *to, size_t bytes, size_t *got) {
  return ml_zip_read(c, from, to, bytes, got);
}

static ml_status read_member(ml_context *c, const ml_zip *zip, const ml_zip_member *m, ml_tensor **out) {
  ml_zip_reader *reader;
  ML_TRY(ml_zip_begin(c, zip, m, &reader));
  ml_npy_source s = {.path = zip->file.path, .member = m->name.text, .bound = m->size, .exact = true, .read = from_member, .from = reader};
  ml_status status = ml_npy_from(c, &s, out);
  ml_zip_end(reader);
  return status;
}

static ml_status check_names(ml_context *c, const ml_zip *zip) {
  for (int64_t i = 0; i < zip->count; i++) {
    ml_text name = zip->member[i].name;
    if (name.length <= ENDING || memcmp(name.text + name.length - ENDING, ending, ENDING) != 0)
      return ml_file_fail(c, zip->file.path, "holds '%.200s', which is no array: the names in a .npz file end in .npy", name.text);
  }
  return ML_OK;
}

/* The names without their ending, into a block of out's own. */
static ml_status take_names(ml_context *c, const ml_zip *zip, ml_npz *out) {
  void *room;
  if (zip->count == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, (size_t)zip->count * sizeof(ml_named_tensor), &room));
  out->tensors = room;
  out->count = zip->count;
  memset(room, 0, (size_t)zip->count * sizeof(ml_named_tensor));
  ML_TRY(ml_alloc_checked(c, zip->names_bytes, &room));
  out->names = room;
  out->names_bytes = zip->names_bytes;
  char *to = room;
  for (int64_t i = 0; i < zip->count; i++) {
    ml_text name = zip->member[i].name;
    out->tensors[i].name = (ml_text){to, name.length - ENDING};
    memcpy(to, name.text, name.length - ENDING);
    to[name.length - ENDING] = '\0';
    to += name.length - ENDING + 1;
  }
  return ML_OK;
}

ml_status ml_npz_read(ml_context *c, const char *path, ml_npz *out) {
  ml_zip zip;
  *out = (ml_npz){0};
  ML_TRY(ml_zip_open(c, path, &zip));
  ml_status status = check_names(c, &zip);
  if (status == ML_OK) status = take_names(c, &zip, out);
  for (int64_t i = 0; i < zip.count && status == ML_OK; i++) status = read_member(c, &zip, &zip.member[i], &out->tensors[i].tensor);
  ml_zip_close(&zip);
  if (status != ML_OK) ml_npz_free(out);
  return status;
}

void ml_npz_free(ml_npz *z) {
  for (int64_t i = 0; i < z->count; i++) ml_release(z->tensors[i].tensor);
  ml_free(z->tensors, (size_t)z->count * sizeof(ml_named_tensor));
  ml_free(z->names, z->names_bytes);
  *z = (ml_npz){0};
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

typedef struct npz_list {
  const ml_named_tensor *list;
  int64_t count;
} npz_list;

static ml_status add_tensor(ml_context *c, ml_zip_writer *w, const ml_named_tensor *named) {
  ml_tensor *plain = NULL;
  char header[ML_NPY_HEADER_SIZE], *name;
  void *room;
  size_t length = named->name.length + ENDING;
  ML_TRY(ml_alloc_checked(c, length, &room));
  name = room;
  memcpy(name, named->name.text, named->name.length);
  memcpy(name + named->name.length, ending, ENDING);
  ml_status status = ml_contiguous_unrecorded(c, named->tensor, &plain);
  if (status == ML_OK) {
    size_t bytes = (size_t)ml_count(plain) * ml_dtype_size((ml_dtype)plain->dtype);
    ml_zip_part parts[] = {{header, ml_npy_header_write(&plain->shape, (ml_dtype)plain->dtype, header)}, {bytes > 0 ? ml_data(plain) : NULL, bytes}};
    status = ml_zip_add(c, w, (ml_text){name, length}, parts, 2);
  }
  ml_release(plain);
  ml_free(room, length);
  return status;
}

static ml_status write_archive(ml_context *c, ml_sink *sink, void *arg) {
  const npz_list *l = arg;
  ml_zip_writer w = {.sink = sink};
  ml_status status = ML_OK;
  for (int64_t i = 0; i < l->count && status == ML_OK; i++) status = add_tensor(c, &w, &l->list[i]);
  if (status == ML_OK) status = ml_zip_finish(c, &w);
  ml_zip_writer_free(&w);
  return status;
}

static ml_status check_list(ml_context *c, const ml_named_tensor *list, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    ml_text name = list[i].name;
    if (name.length == 0 || strlen(name.text) != name.length || ml_utf8_valid(name.text, name.length) != name.length)
      return ml_fail(c, "save: the name of tensor %lld is empty or no valid UTF-8", (long long)i + 1);
    if (!list[i].tensor->storage) return ml_fail(c, "save: '%.80s' has no values yet; build the model before it is saved", name.text);
    for (int64_t k = 0; k < i; k++) /* some hundred names */
      if (strcmp(list[k].name.text, name.text) == 0) return ml_fail(c, "save: two tensors are called '%.80s'", name.text);
  }
  return ML_OK;
}

ml_status ml_npz_write(ml_context *c, const char *path, const ml_named_tensor *list, int64_t count) {
  ML_TRY(check_list(c, list, count));
  return ml_file_write_atomic(c, path, write_archive, &(npz_list){list, count});
}
