/* The content of a file from its beginning to its end: plain, gzip or Zstandard, told apart by the first bytes. What every
 * reader of a format stands on. Every failure is ML_BAD_DATA and reads "PATH: what is wrong". */
#ifndef ML_STREAM_H
#define ML_STREAM_H

#include "tensor/context.h"

typedef enum ml_compression { ML_PLAIN, ML_GZIP, ML_ZSTD } ml_compression;

typedef struct ml_stream ml_stream;

/* path must outlive the stream. On failure *out is NULL. */
ML_CHECKED ml_status ml_stream_open(ml_context *c, const char *path, ml_stream **out);
void ml_stream_close(ml_stream *s); /* NULL is fine */

/* The next `bytes` bytes of content; fewer only at the end (*got says how many; 0: there are no more). Checksums are verified
 * when the end is reached. Looks at the interrupt flag. Several gzip members or Zstandard frames count as one content. */
ML_CHECKED ml_status ml_stream_read(ml_context *c, ml_stream *s, void *to, size_t bytes, size_t *got);

/* The same, where fewer bytes are an error that names `what`. */
ML_CHECKED ml_status ml_stream_exactly(ml_context *c, ml_stream *s, void *to, size_t bytes, const char *what);

ml_compression ml_stream_compression(const ml_stream *s);
const char *ml_stream_path(const ml_stream *s);
int64_t ml_stream_file_size(const ml_stream *s);  /* bytes on the disk */
int64_t ml_stream_file_taken(const ml_stream *s); /* of those, read so far: how far the stream has come */
int64_t ml_stream_given(const ml_stream *s);      /* bytes of content handed out so far */
double ml_stream_estimate(const ml_stream *s);    /* bytes of content in the whole file, as far as can be told */
/* The most content that a file of this size can hold: a header that claims more lies, and nothing is allocated for it. */
int64_t ml_stream_bound(const ml_stream *s);

#endif
