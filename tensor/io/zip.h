/* Zip archives, as .npz files are: members stored or deflated, zip64 where it is needed. Reading trusts the central
 * directory alone, and that only as far as it fits into the file: members lie behind one another without overlap, unpack
 * to no more than deflate can do, and have the CRC that is written. */
#ifndef ML_ZIP_H
#define ML_ZIP_H

#include "tensor/io/file.h"
#include "tensor/io/safetensors.h" /* ml_text */

typedef struct ml_zip_member {
  ml_text name; /* valid UTF-8 without zero bytes; each but once */
  bool deflated;
  uint32_t crc;
  int64_t place; /* of its local header */
  int64_t packed, size;
} ml_zip_member;

typedef struct ml_zip {
  ml_file file;
  int64_t count;
  ml_zip_member *member; /* in the directory's order */
  char *names;
  size_t member_bytes, names_bytes;
  int64_t directory; /* where the central directory begins: members end there */
} ml_zip;

/* path must outlive it. On failure *out is closed. */
ML_CHECKED ml_status ml_zip_open(ml_context *c, const char *path, ml_zip *out);
void ml_zip_close(ml_zip *z); /* a zeroed one with fd -1 is fine */

typedef struct ml_zip_reader ml_zip_reader;
ML_CHECKED ml_status ml_zip_begin(ml_context *c, const ml_zip *z, const ml_zip_member *m, ml_zip_reader **out);
/* The next bytes; fewer only at the end, where length and CRC are verified. */
ML_CHECKED ml_status ml_zip_read(ml_context *c, ml_zip_reader *r, void *to, size_t bytes, size_t *got);
void ml_zip_end(ml_zip_reader *r); /* NULL is fine */

/* Writing, into a file that is being written (file.h). Members are stored. */
typedef struct ml_zip_written {
  char *name; /* owned */
  size_t name_length;
  uint32_t crc;
  uint64_t place, size;
} ml_zip_written;

typedef struct ml_zip_writer {
  ml_sink *sink;
  uint64_t at;
  int64_t count;
  size_t room; /* in bytes */
  ml_zip_written *member;
  bool always_64; /* for tests: zip64 where it is not needed */
} ml_zip_writer;

typedef struct ml_zip_part {
  const void *data;
  size_t bytes;
} ml_zip_part;

/* One member, whose bytes are those of the parts. */
ML_CHECKED ml_status ml_zip_add(ml_context *c, ml_zip_writer *w, ml_text name, const ml_zip_part *part, int parts);
ML_CHECKED ml_status ml_zip_finish(ml_context *c, ml_zip_writer *w);
void ml_zip_writer_free(ml_zip_writer *w);

#endif
