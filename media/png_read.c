/* PNG to pixels, by libpng. A failure inside the library jumps back to `guarded`, over frames of libpng and this file alone. All memory
 * is the arena's, so that libpng's structures need no taking apart.
 *
 * Chunks that say nothing of the pixels are passed over with their checksums verified: libpng 1.6.39 would take 1 GB for a text chunk
 * that claims it in a file of 57 bytes. */

#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "media/decoding.h"
#include "tensor/io/file.h"

#define WAY_OUT "; fetch it again"

enum { POLL_BYTES = 1 << 20 };

typedef struct reading {
  png_structp png;
  png_infop info;
  size_t at;       /* in the file's bytes */
  size_t since;    /* bytes decoded since the interrupt flag was looked at */
  ml_decoding *job;
  jmp_buf back;
} reading;

static _Noreturn void leave(reading *r) { longjmp(r->back, 1); }

/* What libpng calls -------------------------------------------------------------------------------------------------- */

static png_voidp take(png_structp png, png_alloc_size_t bytes) {
  reading *r = png_get_mem_ptr(png);
  void *block = ml_arena_take(r->job->arena, bytes);
  if (block) return block;
  ml_decoding_fails(r->job, ml_fail_as(r->job->c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", r->job->file.name));
  leave(r);
}

static void give(png_structp png, png_voidp block) {
  (void)png;
  (void)block; /* goes with the arena */
}

static void on_error(png_structp png, png_const_charp message) {
  reading *r = png_get_error_ptr(png);
  ml_decoding_fails(r->job, ml_file_fail(r->job->c, r->job->file.name, "is damaged: %s" WAY_OUT, message));
  leave(r);
}

static void on_warning(png_structp png, png_const_charp message) {
  reading *r = png_get_error_ptr(png);
  char text[ML_PICTURE_DAMAGE];
  snprintf(text, sizeof text, "is damaged: %s", message);
  if (!ml_decoding_damaged(r->job, text)) leave(r);
}

static void read_bytes(png_structp png, png_bytep to, size_t count) {
  reading *r = png_get_io_ptr(png);
  const ml_picture_bytes *f = &r->job->file;
  if (count > f->size - r->at) {
    ml_decoding_fails(r->job, ml_file_fail(r->job->c, f->name, "is cut short: its data ends in the middle, after %zu bytes" WAY_OUT, f->size));
    leave(r);
  }
  memcpy(to, f->data + r->at, count);
  r->at += count;
}

/* Steps -------------------------------------------------------------------------------------------------------------- */

static void begin(reading *r) {
  static const png_byte idle[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
  r->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, r, on_error, on_warning, r, take, give);
  r->info = r->png ? png_create_info_struct(r->png) : NULL;
  if (!r->info) {
    ml_decoding_fails(r->job, ml_fail_as(r->job->c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", r->job->file.name));
    leave(r);
  }
  png_set_read_fn(r->png, r, read_bytes);
  png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, idle, (int)(sizeof idle / 5));
  png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ml_decoding_plan has checked the pixels */
}

/* Whatever the file has becomes 8 bits of gray or colour, with alpha or without. Returns how often rows come. */
static int read_header(reading *r) {
  const ml_picture_header *h = &r->job->header;
  png_read_info(r->png, r->info);
  png_set_expand(r->png);
  png_set_scale_16(r->png);
  int passes = png_set_interlace_handling(r->png);
  png_read_update_info(r->png, r->info);
  if (png_get_image_width(r->png, r->info) != h->width || png_get_image_height(r->png, r->info) != h->height ||
      png_get_channels(r->png, r->info) != h->layout || png_get_bit_depth(r->png, r->info) != 8)
    png_error(r->png, "its header tells two kinds of picture");
  return passes;
}

static void read_row(reading *r, png_bytep row) {
  size_t bytes = png_get_rowbytes(r->png, r->info);
  png_read_row(r->png, row, NULL);
  r->since += bytes;
  if (r->since < POLL_BYTES) return;
  r->since = 0;
  if (!ml_decoding_poll(r->job)) leave(r);
}

static void read_rows(reading *r) {
  ml_decoding *d = r->job;
  bool plain = ml_canvas_is_plain(&d->to);
  png_bytep line = plain ? NULL : take(r->png, png_get_rowbytes(r->png, r->info));
  for (; d->rows < d->height; d->rows++) {
    read_row(r, plain ? ml_canvas_row(&d->to, d->rows) : line);
    if (!plain) ml_canvas_store(&d->to, d->rows, line);
  }
}

/* Interlaced: each pass adds pixels to the whole picture. What a damaged file has brought is stored all the same. */
static void read_passes(reading *r, int passes, png_bytep picture) {
  ml_decoding *d = r->job;
  size_t bytes = png_get_rowbytes(r->png, r->info);
  for (int pass = 0; pass < passes; pass++)
    for (int64_t i = 0; i < d->height; i++) read_row(r, picture + (size_t)i * bytes);
  for (; d->rows < d->height; d->rows++) ml_canvas_store(&d->to, d->rows, picture + (size_t)d->rows * bytes);
}

static void read_picture(reading *r) {
  begin(r);
  int passes = read_header(r);
  if (passes == 1)
    read_rows(r);
  else
    read_passes(r, passes, take(r->png, png_get_rowbytes(r->png, r->info) * (size_t)r->job->height));
  png_read_end(r->png, NULL);
}

static void guarded(reading *r) {
  if (setjmp(r->back) == 0) read_picture(r);
}

ml_status ml_png_decode(ml_decoding *d) {
  reading r;
  memset(&r, 0, offsetof(reading, back));
  r.job = d;
  guarded(&r);
  return ml_decoding_end(d);
}
