/* Tensors of columns that grow while rows are read into them. Each gets room for as many rows as the file seems to hold: pages that
 * are not touched cost nothing, and at the end the tensor is told its size. */
#ifndef ML_COLUMN_ROOM_H
#define ML_COLUMN_ROOM_H

#include "table/table.h"

/* Of the values; of a text's ends. */
extern const ml_dtype column_dtype[ML_COLUMN_TYPES];
/* Whether missing values are marked in a mask, rather than a NaN. */
static inline bool column_has_mask(ml_column_type type) { return type != ML_COLUMN_NUMBER && type != ML_COLUMN_TIME; }

/* Room for `needed` elements in *x (NULL: a new one), of which `used` are kept; `wanted` ones where it has to grow. */
ML_CHECKED ml_status column_ensure(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t needed, int64_t wanted, int64_t used);
/* Tells a tensor that it has n elements; one that is mostly air is copied. */
ML_CHECKED ml_status column_settle(ml_context *c, ml_tensor **x, ml_dtype dtype, int64_t n);
/* The first rows of an integer column become numbers, in their place; missing: NULL, or marks. */
void column_to_numbers(ml_tensor *values, const bool *missing, int64_t rows);

/* Missing cells take room too: a table may have 64 bytes of columns for one of content, or 256 MB. More is a file in which nearly all
 * cells are missing, and is to be refused before the columns are made. */
bool column_room_allows(int64_t columns, int64_t rows, int64_t content);

#endif
