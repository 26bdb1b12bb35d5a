/* From a page as it is stored to its levels and values: checksum, decompression, and where which begins. Runs on the pool's threads,
 * where nothing may be allocated: the libraries get their memory from a scratch block of the thread's own. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY /* for a context in memory of one's own */
#include <zstd.h>

#include "table/parquet_copy.h"
#include "table/parquet_lz4.h"
#include "table/parquet_parts.h"
#include "table/snappy.h"

enum {
  INFLATE_SCRATCH = 1 << 16, /* zlib takes 7 KiB for its state and 32 KiB for a window */
  ANY_WRAPPER = 15 + 32,     /* gzip or zlib */
};

bool parquet_problem(parquet_page *p, const char *format, ...) {
  va_list list;
  va_start(list, format);
  if (!p->problem[0]) vsnprintf(p->problem, sizeof p->problem, format, list);
  va_end(list);
  return false;
}

bool parquet_refuse(parquet_page *p, const char *format, ...) {
  va_list list;
  va_start(list, format);
  if (!p->problem[0]) {
    vsnprintf(p->problem, sizeof p->problem, format, list);
    p->refused = true;
  }
  va_end(list);
  return false;
}

size_t parquet_unpack_scratch(void) {
  size_t zstd = ZSTD_estimateDCtxSize();
  return zstd > INFLATE_SCRATCH ? zstd : INFLATE_SCRATCH;
}

/* The codecs ------------------------------------------------------------------------------------------------------- */

/* Memory that is handed out once, from a block of INFLATE_SCRATCH bytes. */
typedef struct arena {
  char *block;
  size_t used;
} arena;

static void *arena_take(void *opaque, unsigned items, unsigned size) {
  arena *a = opaque;
  size_t bytes = ((size_t)items * size + 63) & ~(size_t)63;
  if (bytes > INFLATE_SCRATCH - a->used) return NULL;
  a->used += bytes;
  return a->block + a->used - bytes;
}

static void arena_leave(void *opaque, void *block) {
  (void)opaque;
  (void)block;
}

/* One gzip member after the other until `bytes` are there. */
static bool inflate_page(ml_thrift_bytes from, uint8_t *to, size_t bytes, void *scratch) {
  arena a = {scratch, 0};
  z_stream z = {.zalloc = arena_take, .zfree = arena_leave, .opaque = &a};
  z.next_in = (unsigned char *)from.at;
  z.avail_in = (unsigned)from.count;
  z.next_out = to;
  z.avail_out = (unsigned)bytes;
  if (inflateInit2(&z, ANY_WRAPPER) != Z_OK) return false;
  int code = Z_OK;
  do {
    if (code == Z_STREAM_END) inflateReset(&z);
    code = inflate(&z, Z_FINISH);
  } while (code == Z_STREAM_END && z.avail_in > 0 && z.avail_out > 0);
  bool whole = code == Z_STREAM_END && z.avail_out == 0;
  inflateEnd(&z);
  return whole;
}

static bool unzstd_page(ml_thrift_bytes from, uint8_t *to, size_t bytes, void *scratch) {
  ZSTD_DCtx *context = ZSTD_initStaticDCtx(scratch, ZSTD_estimateDCtxSize());
  return context && ZSTD_decompressDCtx(context, to, bytes, from.at, from.count) == bytes;
}

static bool decompress(parquet_page *p, ml_thrift_bytes from, size_t bytes, void *scratch) {
  bool right = false;
  switch (p->codec) {
  case PARQUET_SNAPPY: right = ml_snappy_decode(from.at, from.count, p->plain, bytes); break;
  case PARQUET_LZ4_RAW: right = ml_lz4_decode(from.at, from.count, p->plain, bytes); break;
  case PARQUET_GZIP: right = inflate_page(from, p->plain, bytes, scratch); break;
  case PARQUET_ZSTD: right = unzstd_page(from, p->plain, bytes, scratch); break;
  }
  memset(p->plain + bytes, 0, ML_COPY_SLACK);
  return right || parquet_problem(p, "its %s data is damaged", parquet_codec_name(p->codec));
}

/* The page ----------------------------------------------------------------------------------------------------------- */

/* Version 1: the levels' length or, in the older encoding, their number says where they end. */
static bool find_levels(parquet_page *p) {
  size_t bytes = (size_t)(p->values_end - p->values), length;
  p->levels = p->levels_end = p->values;
  if (p->column->max_level == 0 || p->header.type == 2) return true;
  if (p->header.level_encoding == PARQUET_BIT_PACKED) {
    int width = 32 - __builtin_clz((unsigned)p->column->max_level);
    length = ((size_t)p->header.values * (size_t)width + 7) / 8;
  } else if (p->header.level_encoding == PARQUET_RLE) {
    if (bytes < 4) return parquet_problem(p, "it is too short for its levels");
    const uint8_t *at = p->values;
    length = at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
    p->levels += 4;
    bytes -= 4;
  } else {
    return parquet_problem(p, "its levels have the encoding %s, which is wrong", parquet_encoding_name(p->header.level_encoding));
  }
  if (length > bytes) return parquet_problem(p, "it is too short for its levels");
  p->levels_end = p->values = p->levels + length;
  return true;
}

bool parquet_unpack(parquet_page *p, void *scratch) {
  const parquet_header *h = &p->header;
  if (h->has_crc && crc32(0, p->packed, (unsigned)h->packed_bytes) != h->crc) return parquet_problem(p, "its checksum is wrong");
  size_t levels = h->type == 3 ? (size_t)h->level_bytes : 0; /* no longer than the page: see parquet_header_read */
  ml_thrift_bytes rest = {p->packed + levels, (size_t)h->packed_bytes - levels};
  size_t bytes = (size_t)h->plain_bytes - levels;
  if (p->plain && bytes + rest.count > 0 && !decompress(p, rest, bytes, scratch)) return false;
  p->values = p->plain ? p->plain : rest.at;
  p->values_end = p->values + bytes;
  p->levels = p->packed;
  p->levels_end = p->packed + levels;
  return h->type == 3 || find_levels(p);
}
