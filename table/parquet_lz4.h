/* Decoding a block of LZ4, as Parquet's LZ4_RAW has them. */
#ifndef ML_PARQUET_LZ4_H
#define ML_PARQUET_LZ4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exactly `bytes` bytes into `to`; false where the input is damaged or holds another number of them. Behind both blocks stand
 * 16 bytes that may be read and written. */
bool ml_lz4_decode(const uint8_t *from, size_t count, uint8_t *to, size_t bytes);

#endif
