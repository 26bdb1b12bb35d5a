/* What every reader and writer of tables shares. See table.h. */

#include "table/table.h"

#include <string.h>

#include "tensor/alloc.h"

const char *ml_column_type_name(ml_column_type type) {
  static const char *const names[ML_COLUMN_TYPES] = {"number", "time", "integer", "boolean", "text"};
  return names[type];
}

ml_status ml_table_init(ml_context *c, int columns, ml_table *out) {
  void *room;
  size_t bytes = (size_t)columns * sizeof(ml_column);
  *out = (ml_table){0};
  if (columns == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  memset(room, 0, bytes);
  out->columns = columns;
  out->column = room;
  return ML_OK;
}

ml_status ml_column_set_name(ml_context *c, ml_column *column, const char *name, size_t length) {
  void *room;
  ML_TRY(ml_alloc_checked(c, length + 1, &room));
  if (column->name) ml_free(column->name, column->name_length + 1);
  column->name = room;
  column->name_length = length;
  memcpy(column->name, name, length);
  column->name[length] = 0;
  return ML_OK;
}

void ml_table_free(ml_table *t) {
  for (int i = 0; i < t->columns; i++) {
    ml_column *column = &t->column[i];
    if (column->name) ml_free(column->name, column->name_length + 1);
    ml_release(column->values);
    ml_release(column->bytes);
    ml_release(column->ends);
    ml_release(column->missing);
  }
  ml_free(t->column, (size_t)t->columns * sizeof(ml_column));
  *t = (ml_table){0};
}
