/* SHA-256 of a file's bytes: what a run's record says of the data it read. */
#ifndef ML_SHA256_H
#define ML_SHA256_H

#include "tensor/context.h"

enum { ML_SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the end */

typedef struct ml_sha256 {
  uint32_t state[8];
  uint64_t bytes; /* taken in so far */
  uint8_t block[64];
} ml_sha256;

void ml_sha256_start(ml_sha256 *s);
void ml_sha256_add(ml_sha256 *s, const void *data, size_t bytes);
void ml_sha256_end(ml_sha256 *s, char text[ML_SHA256_TEXT]);

/* Of a whole file, as it stands on the disk (a .gz is not unpacked). ML_BAD_DATA where it can't be read. */
ML_CHECKED ml_status ml_sha256_file(ml_context *c, const char *path, char text[ML_SHA256_TEXT]);

#endif
