/* Some rows of a .npy file, for arrays that are larger than memory. See npy.h. Rows that follow one another are read at once. */

#include "tensor/io/npy.h"

#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/stream.h"

struct ml_npy_file {
  ml_file file;
  ml_npy_header header;
  int64_t begin; /* of the elements in the file */
  int64_t rows, row_count; /* numbers of a row */
  char path[];   /* as the caller gave it */
};

static ml_status refuse(ml_context *c, const char *path, const ml_npy_header *h, ml_compression compression) {
  if (compression != ML_PLAIN) return ml_file_fail(c, path, "is compressed: its rows can't be read one by one; unpack it");
  if (h->fortran && h->shape.ndim > 1)
    return ml_file_fail(c, path, "is in Fortran order: its rows don't stand together; save np.ascontiguousarray(x)");
  if (h->shape.ndim < 1) return ml_file_fail(c, path, "is a single number: it has no rows");
  return ML_OK;
}

/* The header, where its elements begin, and whether rows can be read. */
static ml_status read_head(ml_context *c, ml_npy_file *f) {
  ml_stream *stream;
  ML_TRY(ml_stream_open(c, f->path, &stream));
  ml_npy_source s = ml_npy_stream_source(stream);
  ml_status status = ml_npy_header_read(c, &s, &f->header);
  if (status == ML_OK) status = refuse(c, f->path, &f->header, ml_stream_compression(stream));
  f->begin = ml_stream_given(stream);
  ml_stream_close(stream);
  return status;
}

ml_status ml_npy_open(ml_context *c, const char *path, ml_npy_file **out) {
  void *room;
  size_t size = sizeof(ml_npy_file) + strlen(path) + 1;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, size, &room));
  ml_npy_file *f = room;
  memset(f, 0, sizeof *f);
  f->file.fd = -1;
  strcpy(f->path, path);
  ml_status status = read_head(c, f);
  if (status == ML_OK) status = ml_file_open(c, f->path, &f->file);
  if (status != ML_OK) {
    ml_npy_close(f);
    return status;
  }
  f->rows = f->header.shape.size[0];
  f->row_count = f->rows > 0 ? f->header.count / f->rows : 0;
  *out = f;
  return ML_OK;
}

void ml_npy_close(ml_npy_file *f) {
  if (!f) return;
  ml_file_close(&f->file);
  ml_free(f, sizeof *f + strlen(f->path) + 1);
}

const ml_shape *ml_npy_shape(const ml_npy_file *f) { return &f->header.shape; }
ml_dtype ml_npy_dtype(const ml_npy_file *f) { return f->header.dtype; }

static ml_status check_rows(ml_context *c, const ml_npy_file *f, const ml_tensor *rows) {
  if (rows->dtype != ML_INT64 || rows->shape.ndim != 1)
    return ml_fail(c, "rows: positions must be int64 [B], got %s %s", ml_dtype_name(rows->dtype), ML_SHAPE(&rows->shape));
  const int64_t *at = ml_data(rows);
  for (int64_t i = 0; i < rows->shape.size[0]; i++)
    if (at[i] < 1 || at[i] > f->rows)
      return ml_fail(c, "rows: position %lld of %s is not in 1..%lld", (long long)at[i], f->path, (long long)f->rows);
  return ML_OK;
}

/* The bytes of the rows, one after the other. */
static ml_status gather(ml_context *c, const ml_npy_file *f, const int64_t *at, int64_t n, char *to) {
  int64_t bytes = f->row_count * f->header.width;
  for (int64_t i = 0, run; i < n; i += run) {
    for (run = 1; i + run < n && at[i + run] == at[i] + run;) run++;
    ML_TRY(ml_file_read(c, &f->file, f->begin + (at[i] - 1) * bytes, to, (size_t)(run * bytes)));
    to += run * bytes;
  }
  return ML_OK;
}

ml_status ml_npy_rows(ml_context *c, const ml_npy_file *f, const ml_tensor *rows, ml_tensor **out) {
  ml_npy_header h = f->header;
  ml_tensor *plain = NULL;
  *out = NULL;
  ML_TRY(ml_contiguous_unrecorded(c, rows, &plain));
  ml_status status = check_rows(c, f, plain);
  h.shape.size[0] = plain->shape.size[0];
  h.count = h.shape.size[0] * f->row_count;
  if (status == ML_OK) status = ml_empty(c, &h.shape, h.dtype, out);
  if (status == ML_OK && h.count > 0) {
    char *to = ml_data(*out), *from = to + h.count * ((int64_t)ml_dtype_size(h.dtype) - h.width);
    status = gather(c, f, ml_data(plain), h.shape.size[0], from);
    ml_npy_source s = {.path = f->path};
    if (status == ML_OK) status = ml_npy_convert(c, &s, &h, to, (unsigned char *)from);
  }
  ml_release(plain);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  return status;
}
