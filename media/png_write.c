#include "media/png_write.h"

#include <png.h>

static ml_status describe(ml_context *c, const ml_tensor *x, png_image *image) {
  const ml_shape *s = &x->shape;
  bool gray = s->ndim == 2, colour = s->ndim == 3 && s->size[2] == 3, alpha = s->ndim == 3 && s->size[2] == 4;
  if (x->dtype != ML_UINT8 || !(gray || colour || alpha) || ml_count(x) == 0 || s->size[0] > 65535 || s->size[1] > 65535)
    return ml_fail(c, "png: a picture is uint8 [rows, columns] or [rows, columns, 3 or 4], up to 65535 on a side, got %s %s",
                   ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(s));
  *image = (png_image){.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)s->size[1],
                       .height = (png_uint_32)s->size[0],
                       .format = gray     ? PNG_FORMAT_GRAY
                                 : colour ? PNG_FORMAT_RGB
                                          : PNG_FORMAT_RGBA};
  return ML_OK;
}

ml_status ml_png_bound(ml_context *c, const ml_tensor *x, size_t *size) {
  png_image image;
  ML_TRY(describe(c, x, &image));
  *size = PNG_IMAGE_PNG_SIZE_MAX(image);
  return ML_OK;
}

ml_status ml_png_encode(ml_context *c, const ml_tensor *x, void *out, size_t *size) {
  png_image image;
  ML_TRY(describe(c, x, &image));
  png_alloc_size_t used = *size;
  if (!png_image_write_to_memory(&image, out, &used, 0, ml_data(x), 0, NULL)) {
    ml_status status = ml_fail(c, "png: %s", image.message);
    png_image_free(&image);
    return status;
  }
  *size = used;
  return ML_OK;
}
