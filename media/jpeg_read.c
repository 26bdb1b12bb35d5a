/* JPEG to pixels, by libjpeg. The library reports a failure by a function that must not return: it jumps back to `guarded`, over
 * frames of libjpeg and this file alone.
 *
 * The pixels are those of Pillow: the accurate integer DCT, smooth upsampling. */

#include <setjmp.h>
#include <string.h>

#include "media/jpeg_memory.h" /* with <stdio.h>, which jpeglib.h needs before it */

#include <jerror.h>

#include "media/decoding.h"
#include "tensor/io/file.h"

#define WAY_OUT "; fetch it again"

enum { MOST_SCANS = 100, LEAST_SCANS = 16, ROWS = 8 };
#define MOST_WORK ((int64_t)1 << 32) /* pixels times scans, beyond which a file may have LEAST_SCANS alone */

typedef struct reading {
  struct jpeg_decompress_struct d;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  ml_jpeg_memory memory;
  jmp_buf back;
  ml_decoding *job;
} reading;

static reading *reading_of(void *cinfo) { return ((j_common_ptr)cinfo)->client_data; }

/* What libjpeg calls ------------------------------------------------------------------------------------------------ */

static void leave(reading *r) { longjmp(r->back, 1); }

/* Whether the file's own end mark is missing from here on: what libjpeg finds instead is that of the padding. */
static bool lacks_end(const reading *r) {
  static const uint8_t mark[] = {0xff, 0xd9};
  if (r->source.bytes_in_buffer < ML_PICTURE_PADDING) return true;
  return !memmem(r->source.next_input_byte, r->source.bytes_in_buffer - ML_PICTURE_PADDING, mark, sizeof mark);
}

static void cut_short(reading *r) {
  char text[100];
  snprintf(text, sizeof text, "is cut short: its data ends in the middle, after %zu bytes", r->job->file.size);
  if (!ml_decoding_damaged(r->job, text)) leave(r);
}

static void on_error(j_common_ptr cinfo) {
  reading *r = reading_of(cinfo);
  ml_decoding *d = r->job;
  char text[JMSG_LENGTH_MAX];
  cinfo->err->format_message(cinfo, text);
  if (cinfo->err->msg_code == JERR_OUT_OF_MEMORY)
    ml_decoding_fails(d, ml_fail_as(d->c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", d->file.name));
  else
    ml_decoding_fails(d, ml_file_fail(d->c, d->file.name, "is damaged: %s" WAY_OUT, text));
  leave(r);
}

/* level -1: a warning, that data is lost. A version number that libjpeg does not know is none. */
static void on_message(j_common_ptr cinfo, int level) {
  reading *r = reading_of(cinfo);
  char message[JMSG_LENGTH_MAX], text[JMSG_LENGTH_MAX + 20];
  if (level >= 0 || cinfo->err->msg_code == JWRN_JFIF_MAJOR) return;
  if (lacks_end(r)) {
    cut_short(r);
    return;
  }
  cinfo->err->format_message(cinfo, message);
  snprintf(text, sizeof text, "is damaged: %s", message);
  if (!ml_decoding_damaged(r->job, text)) leave(r);
}

static void no_output(j_common_ptr cinfo) { (void)cinfo; }
static void nothing(j_decompress_ptr d) { (void)d; }

static void no_more(reading *r) {
  ml_decoding *d = r->job;
  ml_decoding_fails(d, ml_file_fail(d->c, d->file.name, "is cut short: its data ends in the middle, after %zu bytes" WAY_OUT,
                                    d->file.size));
  leave(r);
}

static boolean fill_buffer(j_decompress_ptr d) {
  no_more(reading_of(d));
  return FALSE;
}

static void skip_bytes(j_decompress_ptr d, long count) {
  if (count <= 0) return;
  if ((unsigned long)count > d->src->bytes_in_buffer) no_more(reading_of(d));
  d->src->next_input_byte += count;
  d->src->bytes_in_buffer -= (size_t)count;
}

/* Between rows of blocks: interrupts, and files that paint the same pixels over and over. */
static void on_progress(j_common_ptr cinfo) {
  reading *r = reading_of(cinfo);
  ml_decoding *d = r->job;
  if (!ml_decoding_poll(d)) leave(r);
  int64_t pixels = d->header.height * d->header.width, most = MOST_WORK / pixels;
  most = most > MOST_SCANS ? MOST_SCANS : most < LEAST_SCANS ? LEAST_SCANS : most;
  if (r->d.input_scan_number <= most) return;
  ml_decoding_fails(d, ml_file_fail(d->c, d->file.name, "has more than %d scans: it is not read, since it would take very long",
                                    (int)most));
  leave(r);
}

/* Steps -------------------------------------------------------------------------------------------------------------- */

static void begin(reading *r) {
  r->d.err = jpeg_std_error(&r->errors);
  r->errors.error_exit = on_error;
  r->errors.emit_message = on_message;
  r->errors.output_message = no_output;
  r->d.client_data = r;
  r->progress.progress_monitor = on_progress;
  r->source = (struct jpeg_source_mgr){
      .next_input_byte = r->job->file.data,
      .bytes_in_buffer = r->job->file.size + ML_PICTURE_PADDING,
      .init_source = nothing,
      .fill_input_buffer = fill_buffer,
      .skip_input_data = skip_bytes,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = nothing,
  };
  jpeg_create_decompress(&r->d);
  ml_jpeg_memory_install(&r->memory, (j_common_ptr)&r->d, r->job->arena);
  r->d.src = &r->source;
  r->d.progress = &r->progress;
}

/* libjpeg's view of the header against the one that memory was taken for. */
static void check_size(reading *r) {
  ml_decoding *d = r->job;
  int bytes = ml_layout_bytes(d->header.layout);
  if (r->d.output_height == d->height && r->d.output_width == d->width && r->d.output_components == bytes) return;
  ml_decoding_fails(d, ml_file_fail(d->c, d->file.name, "is damaged: its header tells two sizes" WAY_OUT));
  leave(r);
}

static void read_header(reading *r) {
  ml_decoding *d = r->job;
  jpeg_read_header(&r->d, TRUE);
  r->d.out_color_space = d->header.layout == ML_GRAY  ? JCS_GRAYSCALE
                         : d->header.layout == ML_RGB ? JCS_RGB
                                                      : JCS_CMYK;
  r->d.dct_method = JDCT_ISLOW;
  r->d.scale_num = 1;
  r->d.scale_denom = (unsigned)d->scale;
  jpeg_start_decompress(&r->d);
  check_size(r);
}

/* Straight into the result. */
static void read_in_place(reading *r) {
  ml_decoding *d = r->job;
  while (d->rows < d->height) {
    JSAMPROW row[ROWS];
    int count = 0;
    for (; count < ROWS && d->rows + count < d->height; count++) row[count] = ml_canvas_row(&d->to, d->rows + count);
    d->rows += jpeg_read_scanlines(&r->d, row, (JDIMENSION)count);
  }
}

static void read_converted(reading *r) {
  ml_decoding *d = r->job;
  JSAMPROW line = r->memory.manager.alloc_large((j_common_ptr)&r->d, JPOOL_IMAGE, (size_t)d->width * (size_t)r->d.output_components);
  while (d->rows < d->height) {
    jpeg_read_scanlines(&r->d, &line, 1);
    ml_canvas_store(&d->to, d->rows++, line);
  }
}

static void read_picture(reading *r) {
  begin(r);
  read_header(r);
  if (ml_canvas_is_plain(&r->job->to))
    read_in_place(r);
  else
    read_converted(r);
  jpeg_finish_decompress(&r->d);
  if (r->source.bytes_in_buffer < ML_PICTURE_PADDING) cut_short(r);
}

static void guarded(reading *r) {
  if (setjmp(r->back) == 0) read_picture(r);
}

ml_status ml_jpeg_decode(ml_decoding *d) {
  reading r;
  memset(&r, 0, offsetof(reading, back));
  r.job = d;
  guarded(&r);
  ml_jpeg_memory_remove(&r.memory, (j_common_ptr)&r.d);
  jpeg_destroy_decompress(&r.d);
  return ml_decoding_end(d);
}
