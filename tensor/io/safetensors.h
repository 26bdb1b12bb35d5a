/* Safetensors files: a JSON header with the type, shape and place of each named tensor, then their bytes. Reading one
 * runs no code. Format: https://github.com/huggingface/safetensors#format */
#ifndef ML_SAFETENSORS_H
#define ML_SAFETENSORS_H

#include "tensor/tensor.h"

typedef struct ml_text {
  const char *text;
  size_t length; /* zero bytes may be part of it; another one that does not count stands behind it */
} ml_text;

typedef struct ml_named_tensor {
  ml_text name;
  ml_tensor *tensor;
} ml_named_tensor;

typedef struct ml_text_pair {
  ml_text key, value;
} ml_text_pair;

/* What a file holds. */
typedef struct ml_safetensors {
  int64_t count, capacity;
  ml_named_tensor *tensors; /* in the order of the header */
  int64_t metadata_count, metadata_capacity;
  ml_text_pair *metadata;
  char *header; /* names and metadata point into it */
  size_t header_bytes;
} ml_safetensors;

/* Types on file: BOOL U8 I32 I64 F32 F64, and F16 and BF16, which become float32. Everything in the header is checked
 * against the size of the file before a tensor is allocated. On failure *out is empty. */
ML_CHECKED ml_status ml_safetensors_load(ml_context *c, const char *path, ml_safetensors *out);
void ml_safetensors_free(ml_safetensors *s); /* a zeroed one is fine */

/* Writes the tensors (any strides) under their names, in this order, or leaves the old file as it was. */
ML_CHECKED ml_status ml_safetensors_save(ml_context *c, const char *path, const ml_named_tensor *list, int64_t count,
                                         const ml_text_pair *metadata, int64_t metadata_count);

#endif
