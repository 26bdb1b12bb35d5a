/* One picture on its way from bytes to pixels: what the decoders of PNG and JPEG and their callers share. */
#ifndef ML_DECODING_H
#define ML_DECODING_H

#include "media/arena.h"
#include "media/picture.h"
#include "media/pixels.h"

/* A file's bytes, or the first of them. */
typedef struct ml_picture_bytes {
  const char *name; /* for messages */
  const uint8_t *data;
  size_t size;
} ml_picture_bytes;

/* Behind the bytes that a decoder gets stand so many more, end marks of a JPEG: libjpeg decodes the last 5 KB of its buffer twice as
 * slowly, which for small pictures is all of it. */
enum { ML_PICTURE_PADDING = 8192 };

/* What stands in front of the pixels. */
typedef struct ml_picture_header {
  bool jpeg;
  int64_t height, width; /* as stored */
  ml_layout layout;      /* that the decoder gives */
  int orientation;       /* 1..8 */
  int64_t most;          /* pixels that so many bytes can hold at best */
} ml_picture_header;

typedef struct ml_decoding {
  ml_context *c; /* used for messages alone */
  ml_arena *arena;
  ml_picture_bytes file;
  ml_picture_header header;
  char *damage;
  int channels;
  int scale;             /* 1, 2, 4, 8: what a JPEG's size is divided by */
  int64_t height, width; /* decoded, before the orientation is applied */
  ml_canvas to;
  int64_t rows;     /* decoded so far */
  ml_status status; /* of what failed inside the library */
} ml_decoding;

/* The header from the first bytes: told by them, then each format's. */
ML_CHECKED ml_status ml_picture_header_of(ml_context *c, const ml_picture_bytes *f, ml_picture_header *out);
ML_CHECKED ml_status ml_jpeg_header(ml_context *c, const ml_picture_bytes *f, ml_picture_header *out);
ML_CHECKED ml_status ml_png_header(ml_context *c, const ml_picture_bytes *f, ml_picture_header *out);
/* The pixels to d->to. */
ML_CHECKED ml_status ml_jpeg_decode(ml_decoding *d);
ML_CHECKED ml_status ml_png_decode(ml_decoding *d);

/* A decoder's steps. Each gives false when decoding has to stop; d->status then says why. */
bool ml_decoding_fails(ml_decoding *d, ml_status status); /* always false */
bool ml_decoding_damaged(ml_decoding *d, const char *what);
bool ml_decoding_poll(ml_decoding *d);
/* After the decoder stopped with a fatal error: with rows decoded and damage allowed that is damage. */
ML_CHECKED ml_status ml_decoding_end(ml_decoding *d);

/* From a path to pixels. The arena is the caller's; the context may be any thread's own. */
ML_CHECKED ml_status ml_decoding_load(ml_decoding *d, const char *path, const ml_picture_read_options *o); /* the bytes */
ML_CHECKED ml_status ml_decoding_copy(ml_decoding *d, const void *bytes, size_t size, const char *name);
ML_CHECKED ml_status ml_decoding_plan(ml_decoding *d, const ml_picture_read_options *o); /* header, sizes, channels */
ML_CHECKED ml_status ml_decoding_run(ml_decoding *d, uint8_t *pixels); /* as to be seen: ml_decoding_height x _width x channels */

static inline int64_t ml_decoding_height(const ml_decoding *d) {
  return ml_orientation_turns(d->header.orientation) ? d->width : d->height;
}
static inline int64_t ml_decoding_width(const ml_decoding *d) {
  return ml_orientation_turns(d->header.orientation) ? d->height : d->width;
}

#endif
