/* The orientation of a camera's picture, from its EXIF data. */
#ifndef ML_EXIF_H
#define ML_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* tiff: the data behind "Exif\0\0" in a JPEG, or the content of a PNG's eXIf. 1..8, of the first directory's tag 274; 1 (upright) where
 * there is none or what stands there makes no sense: a wrong remark on a picture is no reason not to read it. */
int ml_exif_orientation(const uint8_t *tiff, size_t size);

#endif
