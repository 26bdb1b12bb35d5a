/* Pictures into tensors. See picture.h. */

#include "media/picture.h"

#include <string.h>

#include "media/decoding.h"
#include "tensor/io/file.h"

/* Memory [H, W, C] seen as [C, H, W]. */
static ml_status channels_first(ml_context *c, int64_t height, int64_t width, int channels, ml_tensor **out) {
  ml_shape shape = ml_make_shape(3, height, width, (int64_t)channels);
  ML_TRY(ml_empty(c, &shape, ML_UINT8, out));
  (*out)->shape = ml_make_shape(3, (int64_t)channels, height, width);
  (*out)->stride[0] = 1;
  (*out)->stride[1] = width * channels;
  (*out)->stride[2] = channels;
  return ML_OK;
}

static ml_status decode(ml_decoding *d, const ml_picture_read_options *o, ml_tensor **out) {
  ML_TRY(ml_decoding_plan(d, o));
  ML_TRY(channels_first(d->c, ml_decoding_height(d), ml_decoding_width(d), d->channels, out));
  return ml_decoding_run(d, ml_data(*out));
}

/* d has its bytes, if status is ML_OK. */
static ml_status finish(ml_decoding *d, ml_status status, const ml_picture_read_options *o, ml_tensor **out) {
  if (status == ML_OK) status = decode(d, o, out);
  ml_arena_drop(d->arena);
  if (status == ML_OK) return ML_OK;
  ml_release(*out);
  *out = NULL;
  return status;
}

ml_status ml_picture_read(ml_context *c, const char *path, const ml_picture_read_options *o, ml_tensor **out) {
  ml_arena arena = {0};
  ml_decoding d = {.c = c, .arena = &arena};
  *out = NULL;
  return finish(&d, ml_decoding_load(&d, path, o), o, out);
}

ml_status ml_picture_decode(ml_context *c, const void *bytes, size_t size, const char *name,
                            const ml_picture_read_options *o, ml_tensor **out) {
  ml_arena arena = {0};
  ml_decoding d = {.c = c, .arena = &arena};
  *out = NULL;
  return finish(&d, ml_decoding_copy(&d, bytes, size, name), o, out);
}

/* Peeking ------------------------------------------------------------------------------------------------------------ */

enum { PREFIX = 1 << 16 };

/* The header from the first `size` bytes. */
static ml_status peek(ml_decoding *d, const ml_file *f, size_t size) {
  void *bytes = ml_arena_take(d->arena, size + 1);
  if (!bytes) return ml_fail_as(d->c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", f->path);
  ML_TRY(ml_file_read(d->c, f, 0, bytes, size));
  d->file = (ml_picture_bytes){f->path, bytes, size};
  return ml_picture_header_of(d->c, &d->file, &d->header);
}

/* A header is seldom longer than PREFIX; more is read when it is. */
static ml_status peek_file(ml_decoding *d, const ml_file *f) {
  size_t whole = (size_t)f->size, size = PREFIX;
  for (; size < whole; size *= 16)
    if (peek(d, f, size) == ML_OK) return ML_OK;
  return peek(d, f, whole);
}

ml_status ml_picture_peek(ml_context *c, const char *path, ml_picture_size *out) {
  ml_arena arena = {0};
  ml_decoding d = {.c = c, .arena = &arena, .scale = 1};
  ml_file f;
  ML_TRY(ml_file_open(c, path, &f));
  ml_status status = peek_file(&d, &f);
  ml_file_close(&f);
  ml_arena_drop(&arena);
  ML_TRY(status);
  d.height = d.header.height;
  d.width = d.header.width;
  *out = (ml_picture_size){ml_decoding_height(&d), ml_decoding_width(&d), ml_layout_channels(d.header.layout)};
  return ML_OK;
}
