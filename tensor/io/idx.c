/* Reading IDX files, plain or gzip. See idx.h.
 *
 * A gzip file does not say reliably how much it inflates to, but deflate never does better than 1032:1, so a header
 * that claims more than that is refused before a byte is allocated. The elements are inflated straight into the tensor,
 * a piece at a time, and the checksum at the end is zlib's to check. */

#include "tensor/io/idx.h"

#include <string.h>
#include <zlib.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"

enum {
  PIECE = 1 << 20,      /* bytes between two looks at the interrupt flag: 3 ms of inflating */
  BUFFER = 1 << 16,     /* compressed bytes read at once */
  DEFLATE_RATIO = 1032, /* the best that deflate can do */
  GZIP_WINDOW = 15 + 16,
  ZLIB_PREFIX = 64, /* before each block for zlib: its size */
};

#define WAY_OUT "; fetch it or install its package again"

typedef struct idx_source {
  ml_file file;
  bool gzip;
  bool ended;    /* the compressed stream is through, its checksum right */
  int64_t taken; /* bytes of the file read so far */
  int64_t given; /* bytes of content handed out so far */
  z_stream z;
  unsigned char buffer[BUFFER];
} idx_source;

typedef struct idx_header {
  ml_shape shape;
  ml_dtype dtype;
  size_t width;   /* bytes of an element in the file */
  int64_t count;  /* elements */
  int64_t length; /* bytes of the header */
} idx_header;

/* zlib's memory comes from our allocator, so that limits and fault injection see it. */
static void *zlib_alloc(void *opaque, unsigned items, unsigned size) {
  (void)opaque;
  size_t bytes = (size_t)items * size + ZLIB_PREFIX;
  char *block = ml_alloc(bytes);
  if (!block) return NULL;
  memcpy(block, &bytes, sizeof bytes);
  return block + ZLIB_PREFIX;
}

static void zlib_free(void *opaque, void *address) {
  (void)opaque;
  if (!address) return;
  char *block = (char *)address - ZLIB_PREFIX;
  size_t bytes;
  memcpy(&bytes, block, sizeof bytes);
  ml_free(block, bytes);
}

/* The bytes of the content --------------------------------------------------------------------------------------- */

static ml_status source_open(ml_context *c, const char *path, idx_source *s) {
  s->gzip = s->ended = false;
  s->taken = s->given = 0;
  memset(&s->z, 0, sizeof s->z);
  ML_TRY(ml_file_open(c, path, &s->file));
  unsigned char magic[2] = {0, 0};
  if (s->file.size >= 2) {
    ml_status status = ml_file_read(c, &s->file, 0, magic, 2);
    if (status != ML_OK) {
      ml_file_close(&s->file);
      return status;
    }
  }
  if (magic[0] != 0x1f || magic[1] != 0x8b) return ML_OK;
  s->z.zalloc = zlib_alloc;
  s->z.zfree = zlib_free;
  if (inflateInit2(&s->z, GZIP_WINDOW) != Z_OK) {
    ml_file_close(&s->file);
    return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", path);
  }
  s->gzip = true;
  return ML_OK;
}

static void source_close(idx_source *s) {
  if (s->gzip) inflateEnd(&s->z);
  ml_file_close(&s->file);
}

/* Inflates until `bytes` bytes are there or the compressed stream has ended; *got says how many there are. */
static ml_status inflate_some(ml_context *c, idx_source *s, void *to, size_t bytes, size_t *got) {
  s->z.next_out = to;
  s->z.avail_out = (unsigned)bytes;
  while (s->z.avail_out > 0 && !s->ended) {
    if (s->z.avail_in == 0) {
      int64_t rest = s->file.size - s->taken;
      size_t piece = rest < BUFFER ? (size_t)rest : BUFFER;
      if (piece == 0)
        return ml_file_fail(c, s->file.path,
                            "is cut short: its compressed data ends in the middle, after %lld bytes" WAY_OUT,
                            (long long)s->file.size);
      ML_TRY(ml_file_read(c, &s->file, s->taken, s->buffer, piece));
      s->taken += (int64_t)piece;
      s->z.next_in = s->buffer;
      s->z.avail_in = (unsigned)piece;
    }
    int code = inflate(&s->z, Z_NO_FLUSH);
    if (code == Z_STREAM_END)
      s->ended = true;
    else if (code == Z_MEM_ERROR)
      return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", s->file.path);
    else if (code != Z_OK && code != Z_BUF_ERROR)
      return ml_file_fail(c, s->file.path, "is damaged: its compressed data is wrong before byte %lld (%s)" WAY_OUT,
                          (long long)(s->taken - s->z.avail_in), s->z.msg ? s->z.msg : "no gzip stream");
  }
  *got = bytes - s->z.avail_out;
  return ML_OK;
}

/* Exactly `bytes` bytes (at most PIECE) of content. */
static ml_status source_read(ml_context *c, idx_source *s, void *to, size_t bytes, const char *what) {
  if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", s->file.path);
  size_t got = bytes;
  if (s->gzip) {
    ML_TRY(inflate_some(c, s, to, bytes, &got));
  } else {
    if ((int64_t)bytes > s->file.size - s->taken)
      got = (size_t)(s->file.size - s->taken);
    else
      ML_TRY(ml_file_read(c, &s->file, s->taken, to, bytes));
    s->taken += (int64_t)got;
  }
  s->given += (int64_t)got;
  if (got == bytes) return ML_OK;
  return ml_file_fail(c, s->file.path, "is cut short: %s ends after %lld bytes" WAY_OUT, what, (long long)s->given);
}

/* After the last element: the compressed stream must end here, and the file with it. */
static ml_status source_finish(ml_context *c, idx_source *s, const idx_header *h) {
  if (!s->gzip) return ML_OK; /* its size was compared with the header */
  unsigned char extra;
  size_t got;
  ML_TRY(inflate_some(c, s, &extra, 1, &got));
  if (got > 0)
    return ml_file_fail(c, s->file.path, "holds more than the %lld elements of %s that its header announces" WAY_OUT,
                        (long long)h->count, ML_SHAPE(&h->shape));
  int64_t behind = s->file.size - s->taken + s->z.avail_in;
  if (behind > 0)
    return ml_file_fail(c, s->file.path, "has %lld bytes behind the end of its compressed data" WAY_OUT,
                        (long long)behind);
  return ML_OK;
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

static ml_status check_against_size(ml_context *c, const idx_source *s, const idx_header *h) {
  int64_t needed = h->length + h->count * (int64_t)h->width;
  int64_t size = s->file.size;
  const char *path = s->file.path;
  if (s->gzip && needed / DEFLATE_RATIO > size)
    return ml_file_fail(c, path,
                        "is cut short or damaged: its header announces %s, %lld bytes, which %lld compressed bytes "
                        "can't hold" WAY_OUT,
                        ML_SHAPE(&h->shape), (long long)needed, (long long)size);
  if (!s->gzip && size < needed)
    return ml_file_fail(c, path, "is cut short: its header announces %s, %lld bytes, but it has %lld" WAY_OUT,
                        ML_SHAPE(&h->shape), (long long)needed, (long long)size);
  if (!s->gzip && size > needed)
    return ml_file_fail(c, path, "has %lld bytes behind the %lld that its header announces for %s" WAY_OUT,
                        (long long)(size - needed), (long long)needed, ML_SHAPE(&h->shape));
  return ML_OK;
}

static ml_status read_header(ml_context *c, idx_source *s, idx_header *h) {
  const char *path = s->file.path;
  unsigned char magic[4], size[4];
  if (s->file.size == 0) return ml_file_fail(c, path, "is empty" WAY_OUT);
  ML_TRY(source_read(c, s, magic, 4, "the header"));
  if (magic[0] != 0 || magic[1] != 0)
    return ml_file_fail(c, path, "is not an IDX file: it begins with %02x %02x %02x %02x, expected 00 00", magic[0],
                        magic[1], magic[2], magic[3]);
  ML_TRY(element_type(c, path, magic[2], h));
  if (magic[3] < 1 || magic[3] > ML_MAX_DIMS)
    return ml_file_fail(c, path, "is damaged: its header announces %d dimensions, expected 1 to %d" WAY_OUT, magic[3],
                        ML_MAX_DIMS);
  h->shape.ndim = magic[3];
  for (int i = 0; i < h->shape.ndim; i++) {
    ML_TRY(source_read(c, s, size, 4, "the header"));
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

static ml_status read_elements(ml_context *c, idx_source *s, const idx_header *h, ml_tensor *x) {
  int64_t bytes = h->count * (int64_t)h->width;
  int64_t all = h->count * (int64_t)ml_dtype_size(h->dtype);
  char *to = (char *)ml_data(x) + (all - bytes);
  for (int64_t done = 0; done < bytes;) {
    size_t piece = bytes - done < PIECE ? (size_t)(bytes - done) : PIECE;
    ML_TRY(source_read(c, s, to + done, piece, ML_SHAPE(&h->shape)));
    done += (int64_t)piece;
  }
  ML_TRY(source_finish(c, s, h));
  to_host(ml_data(x), h->count, h->width);
  return ML_OK;
}

ml_status ml_idx_peek(ml_context *c, const char *path, ml_shape *shape, ml_dtype *dtype) {
  idx_source s;
  idx_header h;
  ML_TRY(source_open(c, path, &s));
  ml_status status = read_header(c, &s, &h);
  source_close(&s);
  ML_TRY(status);
  *shape = h.shape;
  *dtype = h.dtype;
  return ML_OK;
}

ml_status ml_idx_read(ml_context *c, const char *path, ml_tensor **out) {
  idx_source s;
  idx_header h;
  *out = NULL;
  ML_TRY(source_open(c, path, &s));
  ml_status status = read_header(c, &s, &h);
  if (status == ML_OK) status = ml_empty(c, &h.shape, h.dtype, out);
  if (status == ML_OK) status = read_elements(c, &s, &h, *out);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  source_close(&s);
  return status;
}
