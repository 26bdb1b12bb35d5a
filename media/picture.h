/* Pictures from and to files: PNG and JPEG, told apart by their first bytes.
 *
 * A picture is uint8 [C, H, W], upright, a view of memory in the order H x W x C. What every file becomes:
 *   - bits: 16 become 8, (v 255 + 32767) / 65535; 1, 2 and 4 are spread over 0..255; palettes are looked up.
 *   - channels: see media/pixels.h. Transparency (alpha, tRNS) is kept with 4 channels, otherwise it lies on white.
 *   - CMYK and YCCK in JPEG count as inverted, as Adobe's programs write them and Pillow reads them.
 *   - EXIF's orientation is applied (JPEG; PNG where eXIf stands before the pixels).
 *   - Colour profiles, gamma and chromaticities are ignored: the numbers in the file are the result.
 * JPEG is decoded to the pixels that Pillow gives (accurate integer DCT, smooth chroma).
 *
 * Damage is an error that names the file: a wrong checksum, data that end early, whatever libpng or libjpeg warn of. Every failure
 * of a file is ML_BAD_DATA and reads "PATH: what is wrong". */
#ifndef ML_PICTURE_H
#define ML_PICTURE_H

#include "tensor/tensor.h"

enum { ML_PICTURE_DAMAGE = 300 };

typedef struct ml_picture_read_options {
  int channels;          /* 1 gray, 3 colour, 4 colour and alpha; 0: 1, 3 or 4 as the file has it */
  int64_t height, width; /* a JPEG is decoded at 1/8, 1/4, 1/2 or all of its size: the smallest that is not below these; 0: all */
  int64_t max_pixels;    /* of the file; 0: 2^28 */
  char *damage;          /* NULL: damage is an error. Else ML_PICTURE_DAMAGE bytes: what there is is read, what is missing is black,
                          * and this says what was wrong ("": nothing) */
} ml_picture_read_options;

ML_CHECKED ml_status ml_picture_read(ml_context *c, const char *path, const ml_picture_read_options *o, ml_tensor **out);
/* name: for messages. */
ML_CHECKED ml_status ml_picture_decode(ml_context *c, const void *bytes, size_t size, const char *name,
                                       const ml_picture_read_options *o, ml_tensor **out);

/* As the picture would be read whole, from its header alone. */
typedef struct ml_picture_size {
  int64_t height, width;
  int channels;
} ml_picture_size;
ML_CHECKED ml_status ml_picture_peek(ml_context *c, const char *path, ml_picture_size *out);

#endif
