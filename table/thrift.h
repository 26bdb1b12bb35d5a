/* Reading Thrift's compact protocol: structs of numbered fields, as the metadata of Parquet files have them.
 *
 * Failures stick: after the first one every call gives zeros and no further fields, and `problem` says what was wrong. So a caller
 * reads a whole struct and looks once. */
#ifndef ML_THRIFT_H
#define ML_THRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ml_thrift {
  const uint8_t *at, *end;
  const char *problem; /* NULL: none so far */
  bool cut;            /* the problem is that the bytes end: more of them may mend it */
  int depth;           /* structs and lists that are open */
} ml_thrift;

typedef enum ml_thrift_type {
  ML_THRIFT_TRUE = 1,
  ML_THRIFT_FALSE,
  ML_THRIFT_BYTE,
  ML_THRIFT_I16,
  ML_THRIFT_I32,
  ML_THRIFT_I64,
  ML_THRIFT_DOUBLE,
  ML_THRIFT_BINARY,
  ML_THRIFT_LIST,
  ML_THRIFT_SET,
  ML_THRIFT_MAP,
  ML_THRIFT_STRUCT,
  ML_THRIFT_UUID,
} ml_thrift_type;

/* A field's header; all zero before the first field of a struct. */
typedef struct ml_thrift_field {
  int id;
  int type;
} ml_thrift_field;

typedef struct ml_thrift_bytes {
  const uint8_t *at;
  size_t count;
} ml_thrift_bytes;

void ml_thrift_begin(ml_thrift *t, const void *bytes, size_t count);
/* To the next field of the open struct; false at its end or after a problem. Each field must be read or skipped. */
bool ml_thrift_next(ml_thrift *t, ml_thrift_field *f);
void ml_thrift_skip(ml_thrift *t, const ml_thrift_field *f);

/* The value of the field, which must have the type that is asked for. */
bool ml_thrift_bool(ml_thrift *t, const ml_thrift_field *f);
int64_t ml_thrift_integer(ml_thrift *t, const ml_thrift_field *f); /* of any width */
int32_t ml_thrift_int32(ml_thrift *t, const ml_thrift_field *f);
ml_thrift_bytes ml_thrift_binary(ml_thrift *t, const ml_thrift_field *f);
/* A struct: its fields follow. */
bool ml_thrift_enter(ml_thrift *t, const ml_thrift_field *f);
/* How many elements follow, each of this type: no more than there are bytes. Structs are entered by ml_thrift_element. */
int64_t ml_thrift_list(ml_thrift *t, const ml_thrift_field *f, ml_thrift_type element);
bool ml_thrift_element(ml_thrift *t);

#endif
