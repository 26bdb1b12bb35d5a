/* The elements of .npy arrays. See npy.h. They are read straight into the tensor's memory: narrow ones into its end, from
 * where they are widened forwards; reading stays ahead of writing. */

#include "tensor/io/npy.h"

#include <string.h>

#include "tensor/io/file.h"
#include "tensor/io/half.h"
#include "tensor/io/stream.h"
#include "tensor/parallel.h"

enum { PIECE = 1 << 20 }; /* numbers between two looks at the interrupt flag */

/* Numbers ---------------------------------------------------------------------------------------------------------- */

static uint64_t load(const unsigned char *at, int width) {
  uint16_t two;
  uint32_t four;
  uint64_t eight;
  switch (width) {
  case 1: return *at;
  case 2: memcpy(&two, at, 2); return two;
  case 4: memcpy(&four, at, 4); return four;
  default: memcpy(&eight, at, 8); return eight;
  }
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are read as they stand");

static void swap_bytes(unsigned char *x, int64_t n, int width) {
  for (int64_t i = 0; i < n; i++, x += width) {
    uint64_t word = __builtin_bswap64(load(x, width)) >> (64 - 8 * width);
    memcpy(x, &word, (size_t)width);
  }
}

/* from: numbers of h->width bytes; to: as wide as the tensor's type, before or at `from`. */
static void widen(const ml_npy_header *h, const unsigned char *from, int64_t n, void *to) {
  int unused = 64 - 8 * h->width;
  for (int64_t i = 0; i < n; i++, from += h->width) {
    uint64_t word = load(from, h->width);
    int64_t value = h->kind == 'i' ? (int64_t)(word << unused) >> unused : (int64_t)word;
    if (h->dtype == ML_FLOAT32)
      ((uint32_t *)to)[i] = ml_half_to_float((uint16_t)word);
    else if (h->dtype == ML_INT32)
      ((int32_t *)to)[i] = (int32_t)value;
    else
      ((int64_t *)to)[i] = value;
  }
}

static ml_status check_values(ml_context *c, const ml_npy_source *s, const ml_npy_header *h, unsigned char *x, int64_t n, int64_t before) {
  for (int64_t i = 0; h->kind == 'b' && i < n; i++)
    if (x[i] > 1)
      return ml_npy_fail(c, s, "is damaged: element %lld of its booleans is the byte %d, expected 0 or 1; fetch it again",
                         (long long)(before + i + 1), x[i]);
  for (int64_t i = 0; h->kind == 'u' && h->width == 8 && i < n; i++)
    if (load(x + 8 * i, 8) > INT64_MAX)
      return ml_npy_fail(c, s, "holds %llu (uint64), which no int64 can hold, as element %lld; save it as float64: x.astype('float64')",
                         (unsigned long long)load(x + 8 * i, 8), (long long)(before + i + 1));
  return ML_OK;
}

ml_status ml_npy_convert(ml_context *c, const ml_npy_source *s, const ml_npy_header *h, char *to, unsigned char *from) {
  int64_t wide = (int64_t)ml_dtype_size(h->dtype);
  for (int64_t begin = 0; begin < h->count; begin += PIECE) {
    int64_t n = h->count - begin < PIECE ? h->count - begin : PIECE;
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", s->path);
    unsigned char *at = from + begin * h->width;
    if (h->big && h->width > 1) swap_bytes(at, n, h->width);
    ML_TRY(check_values(c, s, h, at, n, begin));
    if (wide > h->width) widen(h, at, n, to + begin * wide);
  }
  return ML_OK;
}

/* Arrays ----------------------------------------------------------------------------------------------------------- */

static ml_status expect_end(ml_context *c, ml_npy_source *s, const ml_npy_header *h) {
  unsigned char extra;
  size_t got;
  ML_TRY(s->read(c, s->from, &extra, 1, &got));
  if (got == 0) return ML_OK;
  return ml_npy_fail(c, s, "holds more than the %lld bytes that its header announces for %s; an array a file is read",
                     (long long)(h->count * h->width), ML_SHAPE(&h->shape));
}

static ml_status read_elements(ml_context *c, ml_npy_source *s, const ml_npy_header *h, const ml_tensor *x) {
  int64_t bytes = h->count * h->width, all = h->count * (int64_t)ml_dtype_size(h->dtype);
  char *to = h->count > 0 ? ml_data(x) : NULL;
  unsigned char *from = h->count > 0 ? (unsigned char *)to + (all - bytes) : NULL;
  ML_TRY(ml_npy_exactly(c, s, from, (size_t)bytes));
  ML_TRY(expect_end(c, s, h));
  return ml_npy_convert(c, s, h, to, from);
}

/* How the file's elements stand: in Fortran order the first dimension varies fastest (of a complex array, behind its
 * parts). A view of them in the array's own shape. */
static ml_status fortran_view(ml_context *c, const ml_tensor *x, const ml_npy_header *h, ml_tensor **out) {
  ML_TRY(ml_alias(c, x, out));
  int dims = h->shape.ndim;
  int64_t stride = 1;
  (*out)->shape = h->shape;
  if (h->kind == 'c') {
    (*out)->stride[--dims] = 1;
    stride = 2;
  }
  for (int d = 0; d < dims; d++) {
    (*out)->stride[d] = stride;
    stride *= h->shape.size[d];
  }
  return ML_OK;
}

static ml_status in_c_order(ml_context *c, const ml_npy_header *h, ml_tensor **x) {
  ml_tensor *view = NULL, *plain = NULL;
  ML_TRY(fortran_view(c, *x, h, &view));
  ml_status status = ml_contiguous_unrecorded(c, view, &plain);
  ml_release(view);
  ML_TRY(status);
  ml_release(*x);
  *x = plain;
  return ML_OK;
}

ml_status ml_npy_from(ml_context *c, ml_npy_source *s, ml_tensor **out) {
  ml_npy_header h;
  *out = NULL;
  ML_TRY(ml_npy_header_read(c, s, &h));
  ML_TRY(ml_empty(c, &h.shape, h.dtype, out));
  ml_status status = read_elements(c, s, &h, *out);
  if (status == ML_OK && h.fortran && h.count > 0) status = in_c_order(c, &h, out);
  if (status == ML_OK) return ML_OK;
  ml_release(*out);
  *out = NULL;
  return status;
}

/* Files ------------------------------------------------------------------------------------------------------------ */

static ml_status from_stream(ml_context *c, void *from, void *to, size_t bytes, size_t *got) {
  return ml_stream_read(c, from, to, bytes, got);
}

ml_npy_source ml_npy_stream_source(ml_stream *s) {
  return (ml_npy_source){.path = ml_stream_path(s), .bound = ml_stream_bound(s), .exact = ml_stream_compression(s) == ML_PLAIN,
                         .read = from_stream, .from = s};
}

ml_status ml_npy_read(ml_context *c, const char *path, ml_tensor **out) {
  ml_stream *stream;
  *out = NULL;
  ML_TRY(ml_stream_open(c, path, &stream));
  ml_npy_source s = ml_npy_stream_source(stream);
  ml_status status = ml_npy_from(c, &s, out);
  ml_stream_close(stream);
  return status;
}

ml_status ml_npy_peek(ml_context *c, const char *path, ml_shape *shape, ml_dtype *dtype) {
  ml_stream *stream;
  ml_npy_header h;
  ML_TRY(ml_stream_open(c, path, &stream));
  ml_npy_source s = ml_npy_stream_source(stream);
  ml_status status = ml_npy_header_read(c, &s, &h);
  ml_stream_close(stream);
  ML_TRY(status);
  *shape = h.shape;
  *dtype = h.dtype;
  return ML_OK;
}

static ml_status write_file(ml_context *c, ml_sink *sink, void *arg) {
  const ml_tensor *x = arg;
  char header[ML_NPY_HEADER_SIZE];
  ML_TRY(ml_sink_write(c, sink, header, ml_npy_header_write(&x->shape, (ml_dtype)x->dtype, header)));
  if (ml_count(x) == 0) return ML_OK;
  return ml_sink_write(c, sink, ml_data(x), (size_t)ml_count(x) * ml_dtype_size((ml_dtype)x->dtype));
}

ml_status ml_npy_write(ml_context *c, const char *path, const ml_tensor *x) {
  ml_tensor *plain = NULL;
  if (!x->storage) return ml_fail(c, "save: the tensor has no values yet; build the model before it is saved");
  ML_TRY(ml_contiguous_unrecorded(c, x, &plain));
  ml_status status = ml_file_write_atomic(c, path, write_file, plain);
  ml_release(plain);
  return status;
}
