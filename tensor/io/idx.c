/* Reading IDX files. See idx.h. The header is held against the size of the file before a byte is allocated; the elements go
 * straight into the tensor. */

#include "tensor/io/idx.h"

#include <string.h>

#include "tensor/io/file.h"
#include "tensor/io/stream.h"

#define WAY_OUT "; fetch it again"

typedef struct idx_header {
  ml_shape shape;
  ml_dtype dtype;
  size_t width;   /* bytes of an element in the file */
  int64_t count;  /* elements */
  int64_t length; /* bytes of the header */
} idx_header;

/* After the last element the content must end. */
static ml_status expect_end(ml_context *c, ml_stream *s, const idx_header *h) {
  unsigned char extra;
  size_t got;
  ML_TRY(ml_stream_read(c, s, &extra, 1, &got));
  if (got == 0) return ML_OK;
  return ml_file_fail(c, ml_stream_path(s), "holds more than the %lld elements of %s that its header announces" WAY_OUT,
                      (long long)h->count, ML_SHAPE(&h->shape));
}

/* The header ------------------------------------------------------------------------------------------------------ */

static ml_status element_type(ml_context *c, const char *path, int code, idx_header *h) {
  switch (code) {
  case 0x08: h->dtype = ML_UINT8, h->width = 1; return ML_OK;
  case 0x0b: h->dtype = ML_INT32, h->width = 2; return ML_OK;
  case 0x0c: h->dtype = ML_INT32, h->width = 4; return ML_OK;
  case 0x0d: h->dtype = ML_FLOAT32, h->width = 4; return ML_OK;
  case 0x0e: h->dtype = ML_FLOAT64, h->width = 8; return ML_OK;
  case 0x09: return ml_file_fail(c, path, "holds signed bytes (type code 09), which no tensor type can hold");
  default:
    return ml_file_fail(c, path,
                        "has the unknown type code %02x; known are 08 (uint8), 0b (int16), 0c (int32), 0d (float32), "
                        "0e (float64)",
                        (unsigned)code);
  }
}

/* Multiplies up the elements; fails before 2^62 bytes, so that no later sum overflows. */
static ml_status count_elements(ml_context *c, const char *path, idx_header *h) {
  int64_t bytes = 8; /* as the widest tensor type */
  h->count = 1;
  for (int i = 0; i < h->shape.ndim; i++) {
    int64_t size = h->shape.size[i];
    if (size == 0) return ml_file_fail(c, path, "is empty: its header announces the shape %s", ML_SHAPE(&h->shape));
    if (__builtin_mul_overflow(bytes, size, &bytes) || bytes > INT64_MAX / 2)
      return ml_file_fail(c, path, "is damaged: its header announces the shape %s, more than any file holds" WAY_OUT,
                          ML_SHAPE(&h->shape));
    h->count *= size;
  }
  return ML_OK;
}

static ml_status check_against_size(ml_context *c, const ml_stream *s, const idx_header *h) {
  int64_t needed = h->length + h->count * (int64_t)h->width;
  int64_t size = ml_stream_file_size(s);
  const char *path = ml_stream_path(s);
  bool plain = ml_stream_compression(s) == ML_PLAIN;
  if (!plain && needed > ml_stream_bound(s))
    return ml_file_fail(c, path,
                        "is cut short or damaged: its header announces %s, %lld bytes, which %lld compressed bytes "
                        "can't hold" WAY_OUT,
                        ML_SHAPE(&h->shape), (long long)needed, (long long)size);
  if (plain && size < needed)
    return ml_file_fail(c, path, "is cut short: its header announces %s, %lld bytes, but it has %lld" WAY_OUT,
                        ML_SHAPE(&h->shape), (long long)needed, (long long)size);
  if (plain && size > needed)
    return ml_file_fail(c, path, "has %lld bytes behind the %lld that its header announces for %s" WAY_OUT,
                        (long long)(size - needed), (long long)needed, ML_SHAPE(&h->shape));
  return ML_OK;
}

static ml_status read_header(ml_context *c, ml_stream *s, idx_header *h) {
  const char *path = ml_stream_path(s);
  unsigned char magic[4], size[4];
  if (ml_stream_file_size(s) == 0) return ml_file_fail(c, path, "is empty" WAY_OUT);
  ML_TRY(ml_stream_exactly(c, s, magic, 4, "the header"));
  if (magic[0] != 0 || magic[1] != 0)
    return ml_file_fail(c, path, "is not an IDX file: it begins with %02x %02x %02x %02x, expected 00 00", magic[0],
                        magic[1], magic[2], magic[3]);
  ML_TRY(element_type(c, path, magic[2], h));
  if (magic[3] < 1 || magic[3] > ML_MAX_DIMS)
    return ml_file_fail(c, path, "is damaged: its header announces %d dimensions, expected 1 to %d" WAY_OUT, magic[3],
                        ML_MAX_DIMS);
  h->shape.ndim = magic[3];
  for (int i = 0; i < h->shape.ndim; i++) {
    ML_TRY(ml_stream_exactly(c, s, size, 4, "the header"));
    h->shape.size[i] = (int64_t)size[0] << 24 | size[1] << 16 | size[2] << 8 | size[3];
  }
  h->length = 4 + 4 * (int64_t)h->shape.ndim;
  ML_TRY(count_elements(c, path, h));
  return check_against_size(c, s, h);
}

/* The elements ---------------------------------------------------------------------------------------------------- */

/* n elements of `width` bytes, big-endian, to the host's order in place. int16: they stand in the second half of a
 * block for n int32; reading stays ahead of writing. */
static void to_host(void *data, int64_t n, size_t width) {
  uint32_t *word = data;
  uint64_t *twice = data;
  const unsigned char *half = (const unsigned char *)data + 2 * n;
  switch (width) {
  case 2:
    for (int64_t i = 0; i < n; i++) word[i] = (uint32_t)(int32_t)(int16_t)(half[2 * i] << 8 | half[2 * i + 1]);
    break;
  case 4:
    for (int64_t i = 0; i < n; i++) word[i] = __builtin_bswap32(word[i]);
    break;
  case 8:
    for (int64_t i = 0; i < n; i++) twice[i] = __builtin_bswap64(twice[i]);
    break;
  }
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "to_host swaps bytes");

static ml_status read_elements(ml_context *c, ml_stream *s, const idx_header *h, ml_tensor *x) {
  int64_t bytes = h->count * (int64_t)h->width;
  int64_t all = h->count * (int64_t)ml_dtype_size(h->dtype);
  char *to = (char *)ml_data(x) + (all - bytes);
  ML_TRY(ml_stream_exactly(c, s, to, (size_t)bytes, ML_SHAPE(&h->shape)));
  ML_TRY(expect_end(c, s, h));
  to_host(ml_data(x), h->count, h->width);
  return ML_OK;
}

ml_status ml_idx_peek(ml_context *c, const char *path, ml_shape *shape, ml_dtype *dtype) {
  ml_stream *s;
  idx_header h;
  ML_TRY(ml_stream_open(c, path, &s));
  ml_status status = read_header(c, s, &h);
  ml_stream_close(s);
  ML_TRY(status);
  *shape = h.shape;
  *dtype = h.dtype;
  return ML_OK;
}

ml_status ml_idx_read(ml_context *c, const char *path, ml_tensor **out) {
  ml_stream *s;
  idx_header h;
  *out = NULL;
  ML_TRY(ml_stream_open(c, path, &s));
  ml_status status = read_header(c, s, &h);
  if (status == ML_OK) status = ml_empty(c, &h.shape, h.dtype, out);
  if (status == ML_OK) status = read_elements(c, s, &h, *out);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  ml_stream_close(s);
  return status;
}
