/* The content of a file, plain or compressed. See stream.h. What is compressed and long is decompressed ahead, in a thread.
 *
 * A compressed file does not say reliably how much it holds, but the formats have a best ratio: 1032:1 for deflate; for
 * Zstandard a block of at most 128 KiB in 4 bytes. What a header claims is held against that bound. */

#include "tensor/io/stream.h"

#include <string.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY /* for an allocator of one's own */
#include <zstd.h>
#include <zstd_errors.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/stream_ahead.h"
#include "tensor/parallel.h"

enum {
  PIECE = 1 << 20,      /* bytes between two looks at the interrupt flag: 3 ms of inflating */
  BUFFER = 1 << 16,     /* compressed bytes read at once */
  DEFLATE_RATIO = 1032, /* the best that deflate can do */
  ZSTD_RATIO = 32768,   /* the best that Zstandard can do: 128 KiB in 4 bytes */
  GZIP_WINDOW = 15 + 16,
  ZSTD_WINDOW_LOG = 27, /* 128 MiB: what zstd itself takes without being asked for more */
};

#define WAY_OUT "; fetch it again"

struct ml_stream {
  ml_file file;
  ml_compression compression;
  bool ended;    /* the compressed data is through, its checksum right */
  int64_t at;    /* bytes of the file read so far */
  int64_t taken; /* of those, what the content handed out so far was made of, or some more */
  int64_t given; /* bytes of content handed out so far */
  ml_ahead *ahead; /* does the decompressing; NULL: not yet. It has what follows to itself, and `ended` and `at` */
  z_stream z;
  ZSTD_DCtx *zstd;
  ZSTD_inBuffer waiting; /* Zstandard's input; zlib keeps its own */
  unsigned char buffer[BUFFER];
};

/* The allocator in the forms of Zstandard and zlib. */
static void *zstd_alloc(void *opaque, size_t bytes) {
  (void)opaque;
  return ml_ahead_alloc(bytes);
}

static void *zlib_alloc(void *opaque, unsigned items, unsigned size) {
  (void)opaque;
  return ml_ahead_alloc((size_t)items * size);
}

static void free_memory(void *opaque, void *address) {
  (void)opaque;
  ml_ahead_free(address);
}

/* Opening --------------------------------------------------------------------------------------------------------- */

static ml_status out_of_memory(ml_context *c, const ml_stream *s) {
  return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", s->file.path);
}

static ml_status tell_compression(ml_context *c, ml_stream *s) {
  unsigned char magic[4] = {0};
  size_t count = s->file.size < 4 ? (size_t)s->file.size : 4;
  if (count > 0) ML_TRY(ml_file_read(c, &s->file, 0, magic, count));
  if (count >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
    s->compression = ML_GZIP;
  else if (count == 4 && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
    s->compression = ML_ZSTD;
  return ML_OK;
}

static ml_status begin_decompression(ml_context *c, ml_stream *s) {
  if (s->compression == ML_GZIP) {
    s->z.zalloc = zlib_alloc;
    s->z.zfree = free_memory;
    if (inflateInit2(&s->z, GZIP_WINDOW) != Z_OK) return out_of_memory(c, s);
  }
  if (s->compression == ML_ZSTD) {
    s->zstd = ZSTD_createDCtx_advanced((ZSTD_customMem){zstd_alloc, free_memory, NULL});
    if (!s->zstd) return out_of_memory(c, s);
    ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
  }
  return ML_OK;
}

ml_status ml_stream_open(ml_context *c, const char *path, ml_stream **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_stream), &room));
  ml_stream *s = room;
  memset(s, 0, offsetof(ml_stream, buffer));
  s->file.fd = -1;
  ml_status status = ml_file_open(c, path, &s->file);
  if (status == ML_OK) status = tell_compression(c, s);
  if (status == ML_OK) status = begin_decompression(c, s);
  if (status == ML_OK)
    *out = s;
  else
    ml_stream_close(s);
  return status;
}

void ml_stream_close(ml_stream *s) {
  if (!s) return;
  ml_ahead_stop(s->ahead);
  if (s->compression == ML_GZIP) inflateEnd(&s->z);
  ZSTD_freeDCtx(s->zstd);
  ml_file_close(&s->file);
  ml_free(s, sizeof *s);
}

/* Reading --------------------------------------------------------------------------------------------------------- */

/* The next compressed bytes into the buffer; *count 0 at the end of the file. */
static ml_status refill(ml_context *c, ml_stream *s, size_t *count) {
  int64_t rest = s->file.size - s->at;
  *count = rest < BUFFER ? (size_t)rest : BUFFER;
  if (*count == 0) return ML_OK;
  ML_TRY(ml_file_read(c, &s->file, s->at, s->buffer, *count));
  s->at += (int64_t)*count;
  return ML_OK;
}

static ml_status cut_short(ml_context *c, const ml_stream *s) {
  return ml_file_fail(c, s->file.path, "is cut short: its compressed data ends in the middle, after %lld bytes" WAY_OUT,
                      (long long)s->file.size);
}

/* After the end of a gzip member: another one may follow, and nothing else. */
static ml_status next_member(ml_context *c, ml_stream *s) {
  if (s->z.avail_in == 0) {
    size_t count;
    ML_TRY(refill(c, s, &count));
    s->z.next_in = s->buffer;
    s->z.avail_in = (unsigned)count;
  }
  if (s->z.avail_in == 0) {
    s->ended = true;
  } else if (*s->z.next_in == 0x1f && inflateReset(&s->z) == Z_OK) {
    return ML_OK;
  } else {
    return ml_file_fail(c, s->file.path, "has %lld bytes behind the end of its compressed data" WAY_OUT,
                        (long long)(s->file.size - s->at + s->z.avail_in));
  }
  return ML_OK;
}

static ml_status inflate_some(ml_context *c, ml_stream *s, void *to, size_t bytes, size_t *got) {
  s->z.next_out = to;
  s->z.avail_out = (unsigned)bytes;
  while (s->z.avail_out > 0 && !s->ended) {
    if (s->z.avail_in == 0) {
      size_t count;
      ML_TRY(refill(c, s, &count));
      if (count == 0) return cut_short(c, s);
      s->z.next_in = s->buffer;
      s->z.avail_in = (unsigned)count;
    }
    int code = inflate(&s->z, Z_NO_FLUSH);
    if (code == Z_STREAM_END) ML_TRY(next_member(c, s));
    if (code == Z_MEM_ERROR) return out_of_memory(c, s);
    if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END)
      return ml_file_fail(c, s->file.path, "is damaged: its compressed data is wrong before byte %lld (%s)" WAY_OUT,
                          (long long)(s->at - s->z.avail_in), s->z.msg ? s->z.msg : "no gzip stream");
  }
  *got = bytes - s->z.avail_out;
  return ML_OK;
}

/* s->ended: no frame is open, so that the file may end here. The library does not take the last byte of input before it has
 * given all of the content. */
static ml_status unzstd_some(ml_context *c, ml_stream *s, void *to, size_t bytes, size_t *got) {
  ZSTD_outBuffer out = {to, bytes, 0};
  while (out.pos < bytes) {
    if (s->waiting.pos == s->waiting.size) {
      size_t count;
      ML_TRY(refill(c, s, &count));
      if (count == 0 && !s->ended) return cut_short(c, s);
      if (count == 0) break;
      s->waiting = (ZSTD_inBuffer){s->buffer, count, 0};
    }
    size_t code = ZSTD_decompressStream(s->zstd, &out, &s->waiting);
    if (ZSTD_isError(code)) {
      if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) return out_of_memory(c, s);
      return ml_file_fail(c, s->file.path, "is damaged: its compressed data is wrong before byte %lld (%s)" WAY_OUT,
                          (long long)(s->at - (int64_t)(s->waiting.size - s->waiting.pos)), ZSTD_getErrorName(code));
    }
    s->ended = code == 0;
  }
  *got = out.pos;
  return ML_OK;
}

static ml_status plain_some(ml_context *c, ml_stream *s, void *to, size_t bytes, size_t *got) {
  int64_t rest = s->file.size - s->at;
  *got = (int64_t)bytes < rest ? bytes : (size_t)rest;
  if (*got > 0) ML_TRY(ml_file_read(c, &s->file, s->at, to, *got));
  s->at += (int64_t)*got;
  return ML_OK;
}

static ml_status some(ml_context *c, void *stream, void *to, size_t bytes, size_t *got, int64_t *taken) {
  ml_stream *s = stream;
  switch (s->compression) {
  case ML_PLAIN: ML_TRY(plain_some(c, s, to, bytes, got)); break;
  case ML_GZIP: ML_TRY(inflate_some(c, s, to, bytes, got)); break;
  case ML_ZSTD: ML_TRY(unzstd_some(c, s, to, bytes, got)); break;
  }
  *taken = s->at;
  return ML_OK;
}

static ml_status next_piece(ml_context *c, ml_stream *s, void *to, size_t bytes, size_t *got) {
  if (!s->ahead && s->compression != ML_PLAIN && s->given >= PIECE && !s->ended && ml_threads() > 1) ML_TRY(ml_ahead_start(c, some, s, &s->ahead));
  if (s->ahead) return ml_ahead_read(c, s->ahead, to, bytes, got, &s->taken);
  return some(c, s, to, bytes, got, &s->taken);
}

ml_status ml_stream_read(ml_context *c, ml_stream *s, void *to, size_t bytes, size_t *got) {
  *got = 0;
  while (*got < bytes) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", s->file.path);
    size_t piece = bytes - *got < PIECE ? bytes - *got : PIECE, part = 0;
    ML_TRY(next_piece(c, s, (char *)to + *got, piece, &part));
    *got += part;
    s->given += (int64_t)part;
    if (part < piece) break;
  }
  return ML_OK;
}

ml_status ml_stream_exactly(ml_context *c, ml_stream *s, void *to, size_t bytes, const char *what) {
  size_t got;
  ML_TRY(ml_stream_read(c, s, to, bytes, &got));
  if (got == bytes) return ML_OK;
  return ml_file_fail(c, s->file.path, "is cut short: %s ends after %lld bytes" WAY_OUT, what, (long long)s->given);
}

ml_compression ml_stream_compression(const ml_stream *s) { return s->compression; }
const char *ml_stream_path(const ml_stream *s) { return s->file.path; }
int64_t ml_stream_file_size(const ml_stream *s) { return s->file.size; }
int64_t ml_stream_file_taken(const ml_stream *s) { return s->taken; }
int64_t ml_stream_given(const ml_stream *s) { return s->given; }

double ml_stream_estimate(const ml_stream *s) {
  double size = (double)s->file.size, taken = (double)s->taken, given = (double)s->given;
  if (s->compression == ML_PLAIN || taken <= 0) return size;
  return taken >= size ? given : given * size / taken * 1.05;
}

int64_t ml_stream_bound(const ml_stream *s) {
  int64_t ratio = s->compression == ML_GZIP ? DEFLATE_RATIO : s->compression == ML_ZSTD ? ZSTD_RATIO : 1, bound;
  return __builtin_mul_overflow(s->file.size, ratio, &bound) ? INT64_MAX : bound;
}
