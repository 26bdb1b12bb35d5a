/* Pictures as PNG files in memory, by libpng's simple interface. */
#ifndef ML_PNG_WRITE_H
#define ML_PNG_WRITE_H

#include "tensor/tensor.h"

/* An upper bound of the bytes that x, uint8 [H, W] (gray), [H, W, 3] (red, green, blue) or [H, W, 4] (and alpha), takes as a PNG. */
ML_CHECKED ml_status ml_png_bound(ml_context *c, const ml_tensor *x, size_t *size);

/* Writes it to `out`, which has *size bytes of room; *size is then what was used. x is contiguous. */
ML_CHECKED ml_status ml_png_encode(ml_context *c, const ml_tensor *x, void *out, size_t *size);

#endif
