/* The header of a page, and what of it is held against the chunk before anything is allocated. See parquet_parts.h. */

#include "table/parquet_parts.h"
#include "tensor/alloc.h"

enum {
  FIRST_LOOK = 512, /* bytes read for a header; most are below 100, but smallest and largest values of a page may stand in it */
  LOOK_FACTOR = 16,
};

static void read_data(ml_thrift *t, const ml_thrift_field *f, parquet_header *h) {
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    switch (g.id) {
    case 1: h->values = ml_thrift_int32(t, &g); break;
    case 2: h->encoding = ml_thrift_int32(t, &g); break;
    case 3: h->level_encoding = ml_thrift_int32(t, &g); break;
    default: ml_thrift_skip(t, &g);
    }
  }
}

/* repeated: bytes of repetition levels, which a flat column has not. */
static void read_data_2(ml_thrift *t, const ml_thrift_field *f, parquet_header *h, int32_t *repeated) {
  h->level_encoding = PARQUET_RLE;
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    switch (g.id) {
    case 1: h->values = ml_thrift_int32(t, &g); break;
    case 2: h->missing = ml_thrift_int32(t, &g); break;
    case 3: h->rows = ml_thrift_int32(t, &g); break;
    case 4: h->encoding = ml_thrift_int32(t, &g); break;
    case 5: h->level_bytes = ml_thrift_int32(t, &g); break;
    case 6: *repeated = ml_thrift_int32(t, &g); break;
    case 7: h->compressed = ml_thrift_bool(t, &g); break;
    default: ml_thrift_skip(t, &g);
    }
  }
}

static void read_dictionary(ml_thrift *t, const ml_thrift_field *f, parquet_header *h) {
  if (!ml_thrift_enter(t, f)) return;
  for (ml_thrift_field g = {0}; ml_thrift_next(t, &g);) {
    switch (g.id) {
    case 1: h->values = ml_thrift_int32(t, &g); break;
    case 2: h->encoding = ml_thrift_int32(t, &g); break;
    default: ml_thrift_skip(t, &g);
    }
  }
}

/* repeated: see read_data_2. */
static void read_fields(ml_thrift *t, parquet_header *h, int32_t *repeated) {
  *h = (parquet_header){.type = -1, .values = -1, .encoding = -1, .level_encoding = -1, .plain_bytes = -1, .compressed = true};
  for (ml_thrift_field f = {0}; ml_thrift_next(t, &f);) {
    switch (f.id) {
    case 1: h->type = ml_thrift_int32(t, &f); break;
    case 2: h->plain_bytes = ml_thrift_int32(t, &f); break;
    case 3: h->packed_bytes = ml_thrift_int32(t, &f); break;
    case 4:
      h->crc = (uint32_t)ml_thrift_int32(t, &f);
      h->has_crc = true;
      break;
    case 5: read_data(t, &f, h); break;
    case 7: read_dictionary(t, &f, h); break;
    case 8: read_data_2(t, &f, h, repeated); break;
    default: ml_thrift_skip(t, &f);
    }
  }
}

/* The most that a codec makes of one byte: Snappy copies 64 bytes by 3, LZ4 255 by each, deflate 1032; Zstandard repeats 128 KiB by 4. */
static int64_t best_ratio(int codec) {
  static const int64_t ratio[PARQUET_CODECS] = {
      [PARQUET_UNCOMPRESSED] = 1, [PARQUET_SNAPPY] = 22, [PARQUET_GZIP] = 1032, [PARQUET_ZSTD] = 32768, [PARQUET_LZ4_RAW] = 256};
  return ratio[codec];
}

static const char *check(const parquet_header *h, int codec, int64_t room, int32_t repeated) {
  if (h->type < 0 || h->type > 3) return "its header has an unknown type";
  if (h->packed_bytes < 0 || h->packed_bytes > room) return "it is longer than the rest of its chunk";
  if (h->plain_bytes < 0 || h->plain_bytes > h->packed_bytes * best_ratio(codec)) return "it announces more bytes than its codec can make";
  if (codec == PARQUET_UNCOMPRESSED && h->plain_bytes != h->packed_bytes) return "it is not compressed, but has two lengths";
  if (h->type == 1) return NULL;
  if (h->values < 0) return "its header announces a wrong number of values";
  if (h->type == 2 && h->encoding != PARQUET_PLAIN && h->encoding != PARQUET_PLAIN_DICTIONARY) return "the dictionary's encoding is wrong";
  if (h->type != 3) return NULL;
  if (repeated != 0) return "it has repetition levels, which a flat column has not";
  if (h->level_bytes < 0 || h->level_bytes > h->packed_bytes || h->level_bytes > h->plain_bytes) return "its levels are longer than the page";
  if (h->rows != h->values) return "it has other numbers of rows and of values";
  return !h->compressed && h->plain_bytes != h->packed_bytes ? "it is not compressed, but has two lengths" : NULL;
}

/* A header within the first `look` bytes. */
static ml_status try_read(ml_context *c, const ml_file *f, int64_t at, size_t look, parquet_header *out, ml_thrift *t,
                          int64_t *bytes, int32_t *repeated) {
  void *block;
  ML_TRY(ml_alloc_checked(c, look, &block));
  ml_status status = ml_file_read(c, f, at, block, look);
  if (status == ML_OK) {
    ml_thrift_begin(t, block, look);
    read_fields(t, out, repeated);
    *bytes = t->at - (uint8_t *)block;
  }
  ml_free(block, look);
  return status;
}

ml_status parquet_header_read(ml_context *c, const ml_file *f, int codec, int64_t at, int64_t end, parquet_header *out,
                              int64_t *bytes, const char **problem) {
  ml_thrift t;
  int32_t repeated = 0;
  for (int64_t look = FIRST_LOOK;; look *= LOOK_FACTOR) {
    bool all = look >= end - at;
    if (all) look = end - at;
    ML_TRY(try_read(c, f, at, (size_t)look, out, &t, bytes, &repeated));
    if (all || !t.cut) break;
  }
  if (t.problem)
    *problem = t.cut ? "its header is cut short" : "its header is damaged";
  else
    *problem = check(out, codec, end - at - *bytes, repeated);
  if (!*problem && out->type == 2) out->encoding = PARQUET_PLAIN; /* either name means that */
  return ML_OK;
}
