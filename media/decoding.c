/* What happens to a picture whatever its format. See decoding.h. */

#include "media/decoding.h"

#include <stdio.h>
#include <string.h>

#include "tensor/io/file.h"
#include "tensor/parallel.h"

#define WAY_OUT "; fetch it again"

enum {
  DECODER_MEMORY = 32 << 20, /* what a library needs beside the pixels */
  BYTES_A_PIXEL = 16,        /* a progressive JPEG's coefficients: 8 with 4 components, and their edges */
};
#define MOST_PIXELS ((int64_t)1 << 28)

/* Failures ----------------------------------------------------------------------------------------------------------- */

bool ml_decoding_fails(ml_decoding *d, ml_status status) {
  d->status = status;
  return false;
}

bool ml_decoding_damaged(ml_decoding *d, const char *what) {
  if (!d->damage) return ml_decoding_fails(d, ml_file_fail(d->c, d->file.name, "%s" WAY_OUT, what));
  if (d->damage[0] == '\0') snprintf(d->damage, ML_PICTURE_DAMAGE, "%s", what);
  return true;
}

bool ml_decoding_poll(ml_decoding *d) {
  if (!ml_interrupted()) return true;
  return ml_decoding_fails(d, ml_fail_as(d->c, ML_INTERRUPTED, "interrupted while reading %.1000s", d->file.name));
}

/* The message of a failure without the file's name in front and the advice behind. */
static void keep_reason(ml_decoding *d) {
  const char *reason = strstr(d->c->message, ": is "), *advice = strstr(d->c->message, WAY_OUT);
  reason = reason ? reason + 2 : d->c->message;
  if (d->damage[0] == '\0')
    snprintf(d->damage, ML_PICTURE_DAMAGE, "%.*s", advice ? (int)(advice - reason) : ML_PICTURE_DAMAGE, reason);
}

ml_status ml_decoding_end(ml_decoding *d) {
  if (d->status != ML_BAD_DATA || !d->damage || d->rows == 0) return d->status;
  keep_reason(d);
  return d->status = ML_OK;
}

/* Bytes -------------------------------------------------------------------------------------------------------------- */

static ml_status out_of_memory(ml_context *c, const char *name) {
  return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", name);
}

static ml_status take_bytes(ml_decoding *d, const char *name, size_t size, void **out) {
  uint8_t *block = size < SIZE_MAX / 2 ? ml_arena_take(d->arena, size + ML_PICTURE_PADDING) : NULL;
  if (!block) return out_of_memory(d->c, name);
  for (size_t i = 0; i < ML_PICTURE_PADDING; i += 2) block[size + i] = 0xff, block[size + i + 1] = 0xd9;
  d->file = (ml_picture_bytes){name, block, size};
  *out = block;
  return ML_OK;
}

static int64_t most_pixels(const ml_picture_read_options *o) { return o->max_pixels > 0 ? o->max_pixels : MOST_PIXELS; }

/* The largest file that may hold so many pixels: 16 bits in 4 channels, stored, and much text. */
static int64_t most_bytes(int64_t pixels) {
  int64_t bytes;
  return __builtin_mul_overflow(pixels, (int64_t)16, &bytes) || bytes > INT64_MAX / 2 ? INT64_MAX : bytes + DECODER_MEMORY;
}

ml_status ml_decoding_load(ml_decoding *d, const char *path, const ml_picture_read_options *o) {
  ml_file f;
  void *bytes;
  ML_TRY(ml_file_open(d->c, path, &f));
  ml_status status = ML_OK;
  if (f.size > most_bytes(most_pixels(o)))
    status = ml_file_fail(d->c, path, "has %lld bytes, too many for a picture of at most %lld pixels", (long long)f.size,
                          (long long)most_pixels(o));
  if (status == ML_OK) status = take_bytes(d, path, (size_t)f.size, &bytes);
  if (status == ML_OK && f.size > 0) status = ml_file_read(d->c, &f, 0, bytes, (size_t)f.size);
  ml_file_close(&f);
  return status;
}

ml_status ml_decoding_copy(ml_decoding *d, const void *data, size_t size, const char *name) {
  void *bytes;
  ML_TRY(take_bytes(d, name, size, &bytes));
  if (size > 0) memcpy(bytes, data, size);
  return ML_OK;
}

/* Plan --------------------------------------------------------------------------------------------------------------- */

ml_status ml_picture_header_of(ml_context *c, const ml_picture_bytes *f, ml_picture_header *out) {
  const uint8_t *p = f->data;
  if (f->size == 0) return ml_file_fail(c, f->name, "is empty" WAY_OUT);
  if (f->size >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0) return ml_jpeg_header(c, f, out);
  if (f->size >= 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0) return ml_png_header(c, f, out);
  if (f->size < 8) return ml_file_fail(c, f->name, "is no picture: it has %zu bytes" WAY_OUT, f->size);
  return ml_file_fail(c, f->name, "is no picture that can be read: it begins with %02x %02x %02x %02x; PNG (89 50 4e 47) and JPEG "
                      "(ff d8 ff) are read", p[0], p[1], p[2], p[3]);
}

static ml_status check_size(const ml_decoding *d, const ml_picture_read_options *o) {
  const ml_picture_header *h = &d->header;
  int64_t pixels, most = most_pixels(o);
  if (h->height <= 0 || h->width <= 0)
    return ml_file_fail(d->c, d->file.name, "is damaged: its header announces %lld x %lld pixels" WAY_OUT, (long long)h->height,
                        (long long)h->width);
  if (__builtin_mul_overflow(h->height, h->width, &pixels) || pixels > most)
    return ml_file_fail(d->c, d->file.name, "has %lld x %lld pixels; at most %lld are read", (long long)h->height,
                        (long long)h->width, (long long)most);
  if (pixels > h->most && !d->damage)
    return ml_file_fail(d->c, d->file.name,
                        "is cut short or damaged: its header announces %lld x %lld pixels, which %zu bytes can't hold" WAY_OUT,
                        (long long)h->height, (long long)h->width, d->file.size);
  return ML_OK;
}

static int64_t divided(int64_t size, int scale) { return (size + scale - 1) / scale; }

/* The largest divisor that leaves a size not below what is wanted. */
static int scale_for(const ml_picture_header *h, const ml_picture_read_options *o) {
  bool turns = ml_orientation_turns(h->orientation);
  int64_t height = turns ? o->width : o->height, width = turns ? o->height : o->width;
  int scale = 8;
  if (!h->jpeg || (height <= 0 && width <= 0)) return 1;
  while (scale > 1 && (divided(h->height, scale) < height || divided(h->width, scale) < width)) scale /= 2;
  return scale;
}

ml_status ml_decoding_plan(ml_decoding *d, const ml_picture_read_options *o) {
  d->damage = o->damage;
  if (d->damage) d->damage[0] = '\0';
  if (o->channels != 0 && o->channels != 1 && o->channels != 3 && o->channels != 4)
    return ml_fail(d->c, "a picture is read with 1 (gray), 3 (colour) or 4 channels (colour and alpha), or 0 for those it has; got %d",
                   o->channels);
  ML_TRY(ml_picture_header_of(d->c, &d->file, &d->header));
  ML_TRY(check_size(d, o));
  d->scale = scale_for(&d->header, o);
  d->height = divided(d->header.height, d->scale);
  d->width = divided(d->header.width, d->scale);
  d->channels = o->channels ? o->channels : ml_layout_channels(d->header.layout);
  return ML_OK;
}

/* Run ---------------------------------------------------------------------------------------------------------------- */

/* The arena's cap for this picture, unless the caller has a lower one. */
static void cap_memory(ml_decoding *d) {
  size_t pixels = (size_t)(d->header.height * d->header.width), room = DECODER_MEMORY + pixels * BYTES_A_PIXEL;
  size_t cap = d->arena->taken + room;
  if (d->arena->limit == 0 || cap < d->arena->limit) d->arena->limit = cap;
}

ml_status ml_decoding_run(ml_decoding *d, uint8_t *pixels) {
  size_t limit = d->arena->limit, line = (size_t)d->width * (size_t)d->channels;
  d->to = ml_canvas_of(pixels, d->height, d->width, d->channels, d->header.layout, d->header.orientation);
  d->rows = 0;
  d->status = ML_OK;
  cap_memory(d);
  d->to.line = ml_arena_take(d->arena, line);
  if (!d->to.line) {
    d->arena->limit = limit;
    return out_of_memory(d->c, d->file.name);
  }
  if (d->damage) memset(pixels, 0, line * (size_t)d->height);
  ml_status status = d->header.jpeg ? ml_jpeg_decode(d) : ml_png_decode(d);
  d->arena->limit = limit;
  return status;
}
