#include "media/picture_write.h"

#include <string.h>
#include <strings.h>

#include "media/jpeg_write.h"
#include "media/png_write.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

typedef struct job {
  const char *path;
  const ml_tensor *x; /* [H, W] or [H, W, C], contiguous */
  int quality;
} job;

static ml_status write_png(ml_context *c, ml_sink *sink, void *arg) {
  const job *j = arg;
  size_t room, size;
  void *bytes;
  ML_TRY(ml_png_bound(c, j->x, &room));
  ML_TRY(ml_alloc_checked(c, room, &bytes));
  size = room;
  ml_status status = ml_png_encode(c, j->x, bytes, &size);
  if (status == ML_OK) status = ml_sink_write(c, sink, bytes, size);
  ml_free(bytes, room);
  return status;
}

static ml_status write_jpeg(ml_context *c, ml_sink *sink, void *arg) {
  const job *j = arg;
  return ml_jpeg_write(c, j->path, j->x, j->quality, sink);
}

static bool ends_in(const char *path, const char *ending) {
  size_t length = strlen(path), n = strlen(ending);
  return length > n && strcasecmp(path + length - n, ending) == 0;
}

static ml_status choose(ml_context *c, const char *path, int64_t channels, ml_file_writer *out) {
  bool jpeg = ends_in(path, ".jpg") || ends_in(path, ".jpeg");
  *out = jpeg ? write_jpeg : write_png;
  if (!jpeg && !ends_in(path, ".png")) return ml_fail(c, "write_image: %.1000s must end in .png, .jpg or .jpeg", path);
  if (jpeg && channels == 4)
    return ml_fail(c, "write_image: a JPEG has no transparency: give %.1000s 3 channels, or write a .png", path);
  return ML_OK;
}

static ml_status check(ml_context *c, const ml_tensor *x) {
  int n = x->shape.ndim;
  bool right = n == 2 || (n == 3 && (ml_size(x, 0) == 1 || ml_size(x, 0) == 3 || ml_size(x, 0) == 4));
  if (right && x->dtype == ML_UINT8 && x->storage && ml_count(x) > 0) return ML_OK;
  return ml_fail(c, "write_image: a picture is uint8 [H, W] or [C, H, W] with 1, 3 or 4 channels, got %s %s",
                 ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
}

/* [H, W] of one channel, [H, W, C] of more, row-major. */
static ml_status channels_last(ml_context *c, const ml_tensor *x, ml_tensor **out) {
  ml_tensor *view;
  int n = x->shape.ndim;
  ML_TRY(ml_alias(c, x, &view));
  if (n == 3) {
    int64_t channels = ml_size(x, 0);
    view->shape = channels == 1 ? ml_make_shape(2, ml_size(x, 1), ml_size(x, 2))
                                : ml_make_shape(3, ml_size(x, 1), ml_size(x, 2), channels);
    view->stride[0] = x->stride[1];
    view->stride[1] = x->stride[2];
    view->stride[2] = x->stride[0];
  }
  ml_status status = ml_contiguous_unrecorded(c, view, out);
  ml_release(view);
  return status;
}

ml_status ml_picture_write(ml_context *c, const char *path, const ml_tensor *x, const ml_picture_write_options *o) {
  ml_file_writer writer;
  ml_tensor *flat;
  int quality = o->quality ? o->quality : ML_JPEG_QUALITY;
  ML_TRY(check(c, x));
  ML_TRY(choose(c, path, x->shape.ndim == 3 ? ml_size(x, 0) : 1, &writer));
  if (quality < 1 || quality > 100) return ml_fail(c, "write_image: quality is 1 to 100, got %d", quality);
  ML_TRY(channels_last(c, x, &flat));
  ml_status status = ml_file_write_atomic(c, path, writer, &(job){path, flat, quality});
  ml_release(flat);
  return status;
}
