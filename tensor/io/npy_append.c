/* A .npy file that grows by rows. See npy.h. The header has room for any number of rows: it is padded to 64 bytes, and is written once
 * more when the number is known. */

#include "tensor/io/npy.h"

#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"

struct ml_npy_writer {
  ml_file file;
  ml_shape shape; /* size[0]: the rows so far */
  ml_dtype dtype;
  int64_t begin; /* of the elements in the file */
  bool finished;
  char path[];
};

/* The header for so many rows; its length does not depend on them. */
static size_t header_for(const ml_npy_writer *w, int64_t rows, char out[ML_NPY_HEADER_SIZE]) {
  ml_shape shape = w->shape, longest = w->shape;
  shape.size[0] = rows;
  longest.size[0] = INT64_MAX;
  char other[ML_NPY_HEADER_SIZE];
  size_t length = ml_npy_header_write(&shape, w->dtype, out), most = ml_npy_header_write(&longest, w->dtype, other);
  if (length == most) return most;
  memset(out + length - 1, ' ', most - length);
  out[most - 1] = '\n';
  out[8] = (char)((most - 10) & 255);
  out[9] = (char)((most - 10) >> 8);
  return most;
}

static ml_status write_header(ml_context *c, ml_npy_writer *w, int64_t rows) {
  char header[ML_NPY_HEADER_SIZE];
  size_t length = header_for(w, rows, header);
  w->begin = (int64_t)length;
  return ml_file_write(c, &w->file, 0, header, length);
}

ml_status ml_npy_create(ml_context *c, const char *path, const ml_shape *row, ml_dtype dtype, ml_npy_writer **out) {
  void *room;
  *out = NULL;
  if (row->ndim >= ML_MAX_DIMS) return ml_fail(c, "create_npy: rows have %d dimensions, at most %d are possible", row->ndim, ML_MAX_DIMS - 1);
  ML_TRY(ml_alloc_checked(c, sizeof(ml_npy_writer) + strlen(path) + 1, &room));
  ml_npy_writer *w = room;
  memset(w, 0, sizeof *w);
  w->file.fd = -1;
  w->dtype = dtype;
  w->shape.ndim = row->ndim + 1;
  memcpy(w->shape.size + 1, row->size, (size_t)row->ndim * sizeof row->size[0]);
  strcpy(w->path, path);
  ml_status status = ml_file_create(c, w->path, &w->file);
  if (status == ML_OK) status = write_header(c, w, 0);
  if (status != ML_OK) {
    ml_npy_writer_close(w);
    return status;
  }
  *out = w;
  return ML_OK;
}

void ml_npy_writer_close(ml_npy_writer *w) {
  if (!w) return;
  ml_file_close(&w->file);
  ml_free(w, sizeof *w + strlen(w->path) + 1);
}

static ml_status check_rows(ml_context *c, const ml_npy_writer *w, const ml_tensor *x) {
  bool fits = x->dtype == w->dtype && x->shape.ndim == w->shape.ndim;
  for (int i = 1; fits && i < w->shape.ndim; i++) fits = x->shape.size[i] == w->shape.size[i];
  if (w->finished) return ml_fail(c, "append: %s is finished", w->path);
  if (!fits) return ml_fail(c, "append: the rows of %s are %s like %s, got %s %s", w->path, ml_dtype_name(w->dtype), ML_SHAPE(&w->shape), ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
  if (!x->storage) return ml_fail(c, "append: the tensor has no values");
  return ML_OK;
}

ml_status ml_npy_append(ml_context *c, ml_npy_writer *w, const ml_tensor *x) {
  ml_tensor *plain = NULL;
  ML_TRY(check_rows(c, w, x));
  if (ml_count(x) == 0) {
    w->shape.size[0] += x->shape.size[0];
    return ML_OK;
  }
  ML_TRY(ml_contiguous_unrecorded(c, x, &plain));
  size_t bytes = (size_t)ml_count(plain) * ml_dtype_size(w->dtype);
  int64_t row = (int64_t)bytes / plain->shape.size[0];
  ml_status status = ml_file_write(c, &w->file, w->begin + w->shape.size[0] * row, ml_data(plain), bytes);
  if (status == ML_OK) w->shape.size[0] += plain->shape.size[0];
  ml_release(plain);
  return status;
}

ml_status ml_npy_finish(ml_context *c, ml_npy_writer *w) {
  if (w->finished) return ML_OK;
  ML_TRY(ml_file_sync(c, &w->file)); /* the rows are there before the header says so */
  ML_TRY(write_header(c, w, w->shape.size[0]));
  ML_TRY(ml_file_sync(c, &w->file));
  w->finished = true;
  return ML_OK;
}
