/* Reading IDX files, the format of MNIST and its kin: two zero bytes, a type code, the number of dimensions, their
 * sizes as big-endian 32-bit integers, then the elements, big-endian, in C order. Plain or gzip, told apart by the
 * first bytes.
 *
 *     code 08 uint8    0b int16 -> int32    0c int32    0d float32    0e float64 */
#ifndef ML_IDX_H
#define ML_IDX_H

#include "tensor/tensor.h"

/* The whole file. Nothing is allocated before the header is checked against the size of the file; ML_BAD_DATA says what
 * was found and what was expected. */
ML_CHECKED ml_status ml_idx_read(ml_context *c, const char *path, ml_tensor **out);

/* Shape and type from the header alone. */
ML_CHECKED ml_status ml_idx_peek(ml_context *c, const char *path, ml_shape *shape, ml_dtype *dtype);

#endif
