/* What the files of the Parquet reader share: a file's metadata, a page on its way through decoding. */
#ifndef ML_PARQUET_PARTS_H
#define ML_PARQUET_PARTS_H

#include "table/parquet.h"
#include "table/parquet_runs.h"
#include "table/thrift.h"
#include "tensor/io/file.h"

/* Numbers as the format has them. */
typedef enum parquet_physical {
  PARQUET_BOOLEAN,
  PARQUET_INT32,
  PARQUET_INT64,
  PARQUET_INT96,
  PARQUET_FLOAT,
  PARQUET_DOUBLE,
  PARQUET_BYTE_ARRAY,
  PARQUET_FIXED,
  PARQUET_PHYSICALS,
} parquet_physical;

typedef enum parquet_encoding {
  PARQUET_PLAIN = 0,
  PARQUET_PLAIN_DICTIONARY = 2,
  PARQUET_RLE = 3,
  PARQUET_BIT_PACKED = 4,
  PARQUET_DELTA_BINARY_PACKED = 5,
  PARQUET_DELTA_LENGTH = 6,
  PARQUET_DELTA_BYTE_ARRAY = 7,
  PARQUET_RLE_DICTIONARY = 8,
  PARQUET_BYTE_STREAM_SPLIT = 9,
} parquet_encoding;

typedef enum parquet_codec {
  PARQUET_UNCOMPRESSED = 0,
  PARQUET_SNAPPY = 1,
  PARQUET_GZIP = 2,
  PARQUET_LZO = 3,
  PARQUET_BROTLI = 4,
  PARQUET_LZ4 = 5,
  PARQUET_ZSTD = 6,
  PARQUET_LZ4_RAW = 7,
  PARQUET_CODECS,
} parquet_codec;

/* How a stored value becomes one of ours. */
typedef enum parquet_kind {
  KIND_INT32,
  KIND_UINT32,
  KIND_INT64,
  KIND_UINT64,
  KIND_FLOAT,
  KIND_DOUBLE,
  KIND_FLOAT16,
  KIND_TIME32, /* a count of 1 / per_second s */
  KIND_TIME64,
  KIND_DATE,
  KIND_INT96,
  KIND_DECIMAL32,
  KIND_DECIMAL64,
  KIND_DECIMAL_BYTES,
  KIND_BOOLEAN,
  KIND_TEXT,
  KIND_UUID,
} parquet_kind;

enum {
  PARQUET_DESCRIPTION = 64,
  PARQUET_DECIMAL_BYTES = 32, /* of the widest decimal: 76 digits */
  PARQUET_PROBLEM = 160,
};

/* A leaf of the schema. */
typedef struct parquet_column {
  char *name;
  size_t name_length;
  parquet_physical physical;
  int32_t width; /* bytes of a stored value; 0: BYTE_ARRAY, each has its own length; BOOLEAN: 0 */
  parquet_kind kind;
  ml_column_type type;
  int32_t scale;      /* decimals: digits behind the point */
  int64_t per_second; /* times */
  int max_level;      /* the definition level of a value that is there; 0: none can be missing */
  const char *left_out;
  bool chosen;
  char stored[PARQUET_DESCRIPTION];
} parquet_column;

/* One column in one row group. */
typedef struct parquet_chunk {
  int64_t values;
  int64_t begin, end; /* its bytes in the file; the first page begins there */
  int64_t missing;    /* -1: the file does not say */
  uint8_t physical, codec;
  bool elsewhere; /* in another file, or encrypted */
} parquet_chunk;

typedef struct parquet_footer {
  int64_t rows;
  int columns;
  size_t column_room; /* entries allocated */
  parquet_column *column;
  int groups;
  int64_t *group_rows;  /* [groups] */
  parquet_chunk *chunk; /* [groups * columns] */
} parquet_footer;

/* What the schema says of a leaf before it is understood. */
typedef struct parquet_leaf {
  int physical, width, converted, scale, precision;
  int logical;           /* the field of LogicalType that is set; 0: none */
  int unit;              /* of a time: 1 milliseconds, 2 microseconds, 3 nanoseconds */
  int bits;              /* of an integer */
  bool is_signed;
} parquet_leaf;

/* parquet_footer.c */
ML_CHECKED ml_status parquet_footer_read(ml_context *c, const ml_file *f, parquet_footer *out);
void parquet_footer_free(parquet_footer *f);

/* parquet_type.c: physical, kind, type, left_out and so on of a column. */
void parquet_type_find(const parquet_leaf *leaf, parquet_column *column);
const char *parquet_codec_name(int codec);
const char *parquet_encoding_name(int encoding);

/* A dictionary, its values made ours once. */
typedef struct parquet_dictionary {
  int32_t count;
  uint64_t *words;        /* values of 8 bytes */
  ml_thrift_bytes *text;  /* or texts, which point into page */
  uint8_t *page;
  size_t page_bytes;
} parquet_dictionary;

/* A page's header. */
typedef struct parquet_header {
  int type; /* 0 data, 1 index, 2 dictionary, 3 data of version 2 */
  int32_t plain_bytes, packed_bytes;
  bool has_crc;
  uint32_t crc;
  int32_t values, missing, rows; /* missing, rows: version 2 */
  int encoding, level_encoding;
  int32_t level_bytes; /* version 2: definition levels, which are not compressed */
  bool compressed;
} parquet_header;

/* A page that is being decoded. Pool threads fill what is marked. */
typedef struct parquet_page {
  const parquet_column *column;
  const parquet_dictionary *dictionary; /* NULL: the chunk has none */
  parquet_header header;
  int codec;
  int slot;        /* of the cursor that it belongs to */
  int64_t row;     /* its first row, counted in the row group from 1 */
  int64_t group;   /* from 1 */
  int64_t offset;  /* of its bytes in the file, behind the header */
  uint8_t *packed; /* as stored */
  uint8_t *plain;  /* NULL: it is stored uncompressed */

  const uint8_t *levels, *levels_end; /* filled: definition levels */
  const uint8_t *values, *values_end; /* filled */

  int64_t at;       /* where its rows stand in these: */
  uint64_t *words;  /* values of 8 bytes */
  uint8_t *flags;   /* boolean values */
  int64_t *ends;    /* text */
  uint8_t *missing; /* NULL: marked by NaN */
  int64_t text_bytes; /* filled: bytes of text in all its rows */
  uint8_t *text;      /* room for them */
  int64_t text_at;    /* bytes of text before them */

  int64_t absent;                   /* filled: missing values */
  char problem[PARQUET_PROBLEM];    /* filled; empty: none */
  bool unread;                      /* filled: the problem is the disk's */
  bool refused;                     /* filled: the problem is that a sound value has no place here */
} parquet_page;

/* Write down the problem, unless there is one already: the page is damaged, or holds what is not read. They give false. Any thread. */
bool parquet_problem(parquet_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool parquet_refuse(parquet_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* parquet_header.c: the header of the page at `at`, whose chunk ends at `end`, and how long it is. What it announces fits into the
 * chunk. NULL or, in *problem, what is wrong with it. */
ML_CHECKED ml_status parquet_header_read(ml_context *c, const ml_file *f, int codec, int64_t at, int64_t end, parquet_header *out,
                                         int64_t *bytes, const char **problem);

/* A column as it is filled row by row. */
typedef struct parquet_store {
  ml_column_type type;
  int64_t rows, room;      /* filled, and allocated */
  int64_t text, text_room; /* the same for bytes of text */
  ml_tensor *values, *bytes, *ends, *missing; /* as in ml_column; NULL: it does not need this one, or not yet */
  bool any_missing;
} parquet_store;

/* parquet_store.c */
ML_CHECKED ml_status parquet_store_begin(ml_context *c, const parquet_column *column, int64_t rows, parquet_store *out);
/* Where the next rows of a page go. */
void parquet_store_offer(parquet_store *s, parquet_page *p);
/* Room for so many more bytes of text. */
ML_CHECKED ml_status parquet_store_text(ml_context *c, parquet_store *s, int64_t bytes);
/* Appends n rows of another one, from a row on. */
ML_CHECKED ml_status parquet_store_append(ml_context *c, parquet_store *to, const parquet_store *from, int64_t row, int64_t n);
/* Moves what is filled into a column; the store is empty then. */
ML_CHECKED ml_status parquet_store_finish(ml_context *c, parquet_store *s, ml_column *out);
void parquet_store_free(parquet_store *s);

/* parquet_unpack.c: bytes of scratch for each thread; from the bytes as stored to levels and values. */
size_t parquet_unpack_scratch(void);
bool parquet_unpack(parquet_page *p, void *scratch);

/* parquet_convert.c: n stored values of column->width bytes to words. */
bool parquet_convert(parquet_page *p, const parquet_column *column, const uint8_t *from, int64_t n, uint64_t *to);
/* A decimal of so many bytes, the most significant first. */
bool parquet_decimal(parquet_page *p, const parquet_column *column, ml_thrift_bytes from, uint64_t *to);

/* parquet_values.c: all values but text. */
void parquet_values_decode(parquet_page *p);
/* parquet_text.c: first the lengths, then, with room made, the bytes. */
void parquet_text_measure(parquet_page *p);
void parquet_text_copy(parquet_page *p);
bool parquet_is_utf8(const uint8_t *text, size_t count);

/* parquet_dictionary.c: the unpacked dictionary page p into out. */
ML_CHECKED ml_status parquet_dictionary_fill(ml_context *c, parquet_page *p, parquet_dictionary *out);
void parquet_dictionary_free(parquet_dictionary *d);
/* The next n positions in the dictionary of page p, all within it. */
bool parquet_positions(parquet_page *p, parquet_runs *r, int64_t n, uint32_t *position);

#endif
