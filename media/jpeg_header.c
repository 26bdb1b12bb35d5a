/* The header of a JPEG, segment by segment up to the pixels: size, kind of colour, orientation. Reads nothing else, so that a picture's
 * size costs microseconds; libjpeg reads the same header again and must agree. */

#include <string.h>

#include "media/decoding.h"
#include "media/exif.h"
#include "tensor/io/file.h"

#define WAY_OUT "; fetch it again"

enum { SOF0 = 0xc0, SOF2 = 0xc2, SOF15 = 0xcf, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc, RST0 = 0xd0, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP1 = 0xe1, TEM = 0x01 };

typedef struct segment {
  int marker;
  const uint8_t *data; /* behind the length */
  size_t size;
} segment;

static ml_status cut_short(ml_context *c, const ml_picture_bytes *f) {
  return ml_file_fail(c, f->name, "is cut short: its header ends after %zu bytes" WAY_OUT, f->size);
}

/* The next marker from *at on. libjpeg, too, skips what stands between segments. */
static ml_status next_marker(ml_context *c, const ml_picture_bytes *f, size_t *at, int *marker) {
  size_t i = *at;
  while (i < f->size && f->data[i] != 0xff) i++;
  while (i < f->size && f->data[i] == 0xff) i++;
  if (i >= f->size) return cut_short(c, f);
  *marker = f->data[i];
  *at = i + 1;
  return ML_OK;
}

static bool stands_alone(int marker) {
  return marker == 0 || marker == TEM || (marker >= RST0 && marker <= SOI) || marker == EOI;
}

static ml_status next_segment(ml_context *c, const ml_picture_bytes *f, size_t *at, segment *s) {
  *s = (segment){0};
  ML_TRY(next_marker(c, f, at, &s->marker));
  if (stands_alone(s->marker)) return ML_OK;
  if (f->size - *at < 2) return cut_short(c, f);
  size_t length = (size_t)f->data[*at] << 8 | f->data[*at + 1];
  if (length < 2)
    return ml_file_fail(c, f->name, "is damaged: a segment of its header (ff %02x) claims a length of %zu" WAY_OUT,
                        (unsigned)s->marker, length);
  if (f->size - *at < length) return cut_short(c, f);
  s->data = f->data + *at + 2;
  s->size = length - 2;
  *at += length;
  return ML_OK;
}

static bool is_frame(int marker) {
  return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* Each component codes at least a bit for each of its blocks of 8 x 8, and one of them has the finest blocks. */
static int64_t most_pixels(const ml_picture_bytes *f, const uint8_t *component, int components) {
  int h = 1, v = 1, finest = 1;
  for (int i = 0; i < components; i++) {
    int a = component[3 * i + 1] >> 4, b = component[3 * i + 1] & 15;
    h = a > h ? a : h;
    v = b > v ? b : v;
    finest = a * b > finest ? a * b : finest;
  }
  int64_t blocks = 8 * (int64_t)f->size;
  return (blocks / finest + 1) * 64 * h * v;
}

static ml_status read_frame(ml_context *c, const ml_picture_bytes *f, const segment *s, ml_picture_header *out) {
  if (s->marker > SOF2)
    return ml_file_fail(c, f->name, "is a JPEG of a kind that is not read (%s, ff %02x); save it as an ordinary one",
                        s->marker >= 0xc9 ? "arithmetic coding" : "lossless or hierarchical", (unsigned)s->marker);
  if (s->size < 6) return cut_short(c, f);
  int bits = s->data[0], components = s->data[5];
  if (bits != 8) return ml_file_fail(c, f->name, "is a JPEG with %d bits a value; 8 are read", bits);
  if (components != 1 && components != 3 && components != 4)
    return ml_file_fail(c, f->name, "is a JPEG with %d components; 1, 3 and 4 are read", components);
  if (s->size < 6 + 3 * (size_t)components) return cut_short(c, f);
  out->height = s->data[1] << 8 | s->data[2];
  out->width = s->data[3] << 8 | s->data[4];
  out->layout = components == 1 ? ML_GRAY : components == 3 ? ML_RGB : ML_CMYK;
  out->most = most_pixels(f, s->data + 6, components);
  return ML_OK;
}

static int orientation_in(const segment *s) {
  static const char name[6] = "Exif\0";
  if (s->marker != APP1 || s->size < sizeof name || memcmp(s->data, name, sizeof name) != 0) return 0;
  return ml_exif_orientation(s->data + sizeof name, s->size - sizeof name);
}

ml_status ml_jpeg_header(ml_context *c, const ml_picture_bytes *f, ml_picture_header *out) {
  *out = (ml_picture_header){.jpeg = true};
  for (size_t at = 2;;) {
    segment s;
    ML_TRY(next_segment(c, f, &at, &s));
    if (s.marker == EOI) return ml_file_fail(c, f->name, "is damaged: it ends before its pixels begin" WAY_OUT);
    if (s.marker == SOS) break;
    if (is_frame(s.marker) && out->layout == 0) ML_TRY(read_frame(c, f, &s, out));
    if (out->orientation == 0) out->orientation = orientation_in(&s);
  }
  if (out->layout == 0) return ml_file_fail(c, f->name, "is damaged: its pixels begin before their size is told" WAY_OUT);
  if (out->orientation == 0) out->orientation = 1;
  return ML_OK;
}
