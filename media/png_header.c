/* The header of a PNG, chunk by chunk up to the pixels: size, kind of colour, transparency, orientation. Checksums are libpng's task. */

#include <string.h>

#include "media/decoding.h"
#include "media/exif.h"
#include "tensor/io/file.h"

#define WAY_OUT "; fetch it again"

enum { SIGNATURE = 8, LENGTH_AND_TYPE = 8, CHECKSUM = 4, IHDR_SIZE = 13, DEFLATE_RATIO = 1032 };
enum { COLOUR_GRAY = 0, COLOUR_RGB = 2, COLOUR_PALETTE = 3, COLOUR_GRAY_ALPHA = 4, COLOUR_RGBA = 6 };

typedef struct chunk {
  const uint8_t *type; /* 4 letters */
  const uint8_t *data;
  size_t size;
} chunk;

static uint32_t big_endian(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

static bool is(const chunk *k, const char *type) { return memcmp(k->type, type, 4) == 0; }

static ml_status cut_short(ml_context *c, const ml_picture_bytes *f) {
  return ml_file_fail(c, f->name, "is cut short: its header ends after %zu bytes" WAY_OUT, f->size);
}

/* Of IDAT only the type has to be there. */
static ml_status next_chunk(ml_context *c, const ml_picture_bytes *f, size_t *at, chunk *k) {
  if (f->size - *at < LENGTH_AND_TYPE) return cut_short(c, f);
  *k = (chunk){f->data + *at + 4, f->data + *at + LENGTH_AND_TYPE, big_endian(f->data + *at)};
  if (is(k, "IDAT")) return ML_OK;
  size_t rest = f->size - *at - LENGTH_AND_TYPE;
  if (rest < CHECKSUM || rest - CHECKSUM < k->size) return cut_short(c, f);
  *at += LENGTH_AND_TYPE + k->size + CHECKSUM;
  return ML_OK;
}

static ml_status read_size(ml_context *c, const ml_picture_bytes *f, const chunk *k, ml_picture_header *out) {
  static const struct {
    ml_layout layout;
    int values;
  } colour[] = {[COLOUR_GRAY] = {ML_GRAY, 1},
                [COLOUR_RGB] = {ML_RGB, 3},
                [COLOUR_PALETTE] = {ML_RGB, 1},
                [COLOUR_GRAY_ALPHA] = {ML_GRAY_ALPHA, 2},
                [COLOUR_RGBA] = {ML_RGBA, 4}};
  if (!is(k, "IHDR") || k->size != IHDR_SIZE) return ml_file_fail(c, f->name, "is damaged: a PNG begins with IHDR, 13 bytes" WAY_OUT);
  int depth = k->data[8], kind = k->data[9];
  if (kind > COLOUR_RGBA || colour[kind].layout == 0 || depth < 1 || depth > 16)
    return ml_file_fail(c, f->name, "is damaged: its header names colour type %d with %d bits" WAY_OUT, kind, depth);
  out->width = big_endian(k->data);
  out->height = big_endian(k->data + 4);
  out->layout = colour[kind].layout;
  out->most = (int64_t)f->size * DEFLATE_RATIO * 8 / (depth * colour[kind].values);
  return ML_OK;
}

ml_status ml_png_header(ml_context *c, const ml_picture_bytes *f, ml_picture_header *out) {
  *out = (ml_picture_header){.orientation = 1};
  size_t at = SIGNATURE;
  chunk k;
  if (f->size < SIGNATURE) return cut_short(c, f);
  ML_TRY(next_chunk(c, f, &at, &k));
  ML_TRY(read_size(c, f, &k, out));
  while (!is(&k, "IDAT")) {
    ML_TRY(next_chunk(c, f, &at, &k));
    if (is(&k, "IEND")) return ml_file_fail(c, f->name, "is damaged: it ends before its pixels begin" WAY_OUT);
    if (is(&k, "tRNS") && out->layout == ML_GRAY) out->layout = ML_GRAY_ALPHA;
    if (is(&k, "tRNS") && out->layout == ML_RGB) out->layout = ML_RGBA;
    if (is(&k, "eXIf")) out->orientation = ml_exif_orientation(k.data, k.size);
  }
  return ML_OK;
}
