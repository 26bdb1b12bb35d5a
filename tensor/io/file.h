/* Files, whole and safe: regular ones only, read with exact lengths, written so that either the old or the new content
 * stands there, whatever fails. Every failure is ML_BAD_DATA and reads "PATH: what is wrong". */
#ifndef ML_FILE_H
#define ML_FILE_H

#include "tensor/context.h"

typedef struct ml_file {
  int fd;
  const char *path; /* the caller's; must outlive this */
  int64_t size;
} ml_file;

/* Refuses folders, devices and pipes. */
ML_CHECKED ml_status ml_file_open(ml_context *c, const char *path, ml_file *out);
/* Exactly `bytes` bytes from `offset` on; looks at the interrupt flag as it goes. */
ML_CHECKED ml_status ml_file_read(ml_context *c, const ml_file *f, int64_t offset, void *to, size_t bytes);
/* An empty file in the place of whatever stands there; what is written into it is seen at once, unlike with ml_file_write_atomic. */
ML_CHECKED ml_status ml_file_create(ml_context *c, const char *path, ml_file *out);
/* Looks at the interrupt flag as it goes. */
ML_CHECKED ml_status ml_file_write(ml_context *c, ml_file *f, int64_t offset, const void *from, size_t bytes);
/* Its bytes are on the disk. */
ML_CHECKED ml_status ml_file_sync(ml_context *c, const ml_file *f);
void ml_file_close(ml_file *f);

/* Where a writer puts its bytes. */
typedef struct ml_sink ml_sink;
ML_CHECKED ml_status ml_sink_write(ml_context *c, ml_sink *sink, const void *data, size_t bytes);

typedef ml_status (*ml_file_writer)(ml_context *c, ml_sink *sink, void *arg);

/* Writes path anew with what `writer` gives: into a temporary file in the same folder, which is synced and takes the
 * name only when all of it is on the disk. On failure the temporary file is removed and the old file is as it was.
 * A symbolic link stays; the file behind it is replaced. The interrupt flag is not looked at: a checkpoint written
 * because somebody pressed ^C must not fail because of that. */
ML_CHECKED ml_status ml_file_write_atomic(ml_context *c, const char *path, ml_file_writer writer, void *arg);

/* ML_BAD_DATA with the message "PATH: ...". A very long path loses its beginning, so that the reason stays. */
ML_CHECKED ml_status ml_file_fail(ml_context *c, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fault injection: the n-th call of this kind from now fails with this errno (1: the next). 0: off. */
typedef enum ml_file_step {
  ML_FILE_OPEN,
  ML_FILE_READ,
  ML_FILE_WRITE,
  ML_FILE_FSYNC,
  ML_FILE_CLOSE,
  ML_FILE_RENAME,
  ML_FILE_STEPS,
} ml_file_step;
void ml_file_fail_at(ml_file_step step, uint64_t n, int error);

#endif
