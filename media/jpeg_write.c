/* See jpeg_write.h. As in reading, libjpeg's failures jump back to `guarded`, over its own frames and those of this file. */

#include "media/jpeg_write.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum { BUFFER = 1 << 14 };

typedef struct writing {
  struct jpeg_compress_struct j;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr to;
  ml_context *c;
  const char *path;
  const ml_tensor *x;
  int quality;
  ml_sink *sink;
  ml_status status;
  jmp_buf back;
  JOCTET buffer[BUFFER];
} writing;

static writing *writing_of(void *cinfo) { return ((j_common_ptr)cinfo)->client_data; }

static void on_error(j_common_ptr cinfo) {
  writing *w = writing_of(cinfo);
  char text[JMSG_LENGTH_MAX];
  cinfo->err->format_message(cinfo, text);
  w->status = cinfo->err->msg_code == JERR_OUT_OF_MEMORY
                  ? ml_fail_as(w->c, ML_OUT_OF_MEMORY, "out of memory while writing %.1000s", w->path)
                  : ml_file_fail(w->c, w->path, "can't be written as JPEG: %s", text);
  longjmp(w->back, 1);
}

static void no_message(j_common_ptr cinfo, int level) {
  (void)cinfo;
  (void)level;
}

static void begin_buffer(j_compress_ptr j) {
  j->dest->next_output_byte = writing_of(j)->buffer;
  j->dest->free_in_buffer = BUFFER;
}

static void give(writing *w, size_t bytes) {
  w->status = ml_sink_write(w->c, w->sink, w->buffer, bytes);
  if (w->status != ML_OK) longjmp(w->back, 1);
}

static boolean empty_buffer(j_compress_ptr j) {
  give(writing_of(j), BUFFER);
  begin_buffer(j);
  return TRUE;
}

static void end_buffer(j_compress_ptr j) { give(writing_of(j), BUFFER - j->dest->free_in_buffer); }

static void write_picture(writing *w) {
  const ml_shape *s = &w->x->shape;
  int channels = s->ndim == 3 ? (int)s->size[2] : 1;
  w->j.err = jpeg_std_error(&w->errors);
  w->errors.error_exit = on_error;
  w->errors.emit_message = no_message;
  w->j.client_data = w;
  w->to = (struct jpeg_destination_mgr){
      .init_destination = begin_buffer, .empty_output_buffer = empty_buffer, .term_destination = end_buffer};
  jpeg_create_compress(&w->j);
  w->j.dest = &w->to;
  w->j.image_height = (JDIMENSION)s->size[0];
  w->j.image_width = (JDIMENSION)s->size[1];
  w->j.input_components = channels;
  w->j.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&w->j);
  jpeg_set_quality(&w->j, w->quality, TRUE);
  jpeg_start_compress(&w->j, TRUE);
  for (int64_t i = 0; i < s->size[0]; i++) {
    JSAMPROW row = (JSAMPROW)ml_data(w->x) + i * s->size[1] * channels;
    jpeg_write_scanlines(&w->j, &row, 1);
  }
  jpeg_finish_compress(&w->j);
}

static void guarded(writing *w) {
  if (setjmp(w->back) == 0) write_picture(w);
}

ml_status ml_jpeg_write(ml_context *c, const char *path, const ml_tensor *x, int quality, ml_sink *sink) {
  writing w;
  memset(&w, 0, offsetof(writing, back));
  w.c = c, w.path = path, w.x = x, w.quality = quality, w.sink = sink;
  guarded(&w);
  jpeg_destroy_compress(&w.j);
  return w.status;
}
