/* The names of columns: kept, made unique, found. */

#include <stdio.h>
#include <string.h>

#include "table/csv_parts.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

ml_status csv_name_column(ml_context *c, csv_column *column, ml_csv_text name) {
  char *copy;
  ML_TRY(csv_copy_text(c, name, &copy));
  csv_free_text(column->name, column->name_length);
  column->name = copy;
  column->name_length = name.length;
  return ML_OK;
}

int csv_find_column(const ml_csv *r, ml_csv_text name) {
  for (int k = 0; k < r->columns; k++) {
    if (r->column[k].name_length == name.length && memcmp(r->column[k].name, name.text, name.length) == 0) return k;
  }
  return -1;
}

ml_status csv_no_such_column(ml_context *c, const ml_csv *r, ml_csv_text name) {
  char list[600];
  int n = 0, shown = 0;
  for (; shown < r->columns && n < 400; shown++)
    n += snprintf(list + n, sizeof list - (size_t)n, "%s%.100s", shown ? ", " : "", r->column[shown].name);
  return ml_file_fail(c, r->path, "has no column '%.*s'; its columns are %s%s", (int)(name.length < 100 ? name.length : 100),
                      name.text, list, shown < r->columns ? ", ..." : "");
}

/* A set of names: the numbers of columns by the hash of their names. */
typedef struct names {
  const ml_csv *r;
  int *slot; /* -1: free */
  size_t slots;
} names;

static size_t hash(const char *text, size_t length) {
  uint64_t h = 14695981039346656037u;
  for (size_t i = 0; i < length; i++) h = (h ^ (unsigned char)text[i]) * 1099511628211u;
  return (size_t)(h ^ h >> 32);
}

/* Where the name stands, or the free slot where it would. */
static int *slot_of(const names *set, const char *text, size_t length) {
  for (size_t i = hash(text, length);; i++) {
    int *slot = &set->slot[i & (set->slots - 1)];
    if (*slot < 0) return slot;
    const csv_column *column = &set->r->column[*slot];
    if (column->name_length == length && memcmp(column->name, text, length) == 0) return slot;
  }
}

/* base_2, base_3, ...: the first that is free; a column without a name is column_K. */
static ml_status rename_column(ml_context *c, names *set, csv_column *column, int k) {
  char text[600], base[512];
  int length = column->name_length < 500 ? (int)column->name_length : 500;
  snprintf(base, sizeof base, "%.*s", length, column->name);
  int n = column->name_length > 0 ? 0 : snprintf(text, sizeof text, "column_%d", k + 1);
  for (int number = 2; n == 0 || *slot_of(set, text, (size_t)n) >= 0; number++)
    n = snprintf(text, sizeof text, "%s_%d", column->name_length > 0 ? base : "column", number);
  column->was = column->name;
  column->was_length = column->name_length;
  column->name = NULL;
  return csv_name_column(c, column, (ml_csv_text){text, (size_t)n});
}

static ml_status rename_all(ml_context *c, ml_csv *r, names *set) {
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    int *slot = slot_of(set, column->name, column->name_length);
    if (*slot < 0 && column->name_length > 0) *slot = k;
  }
  for (int k = 0; k < r->columns; k++) {
    csv_column *column = &r->column[k];
    if (column->name_length > 0 && *slot_of(set, column->name, column->name_length) == k) continue;
    ML_TRY(rename_column(c, set, column, k));
    *slot_of(set, column->name, column->name_length) = k;
  }
  return ML_OK;
}

ml_status csv_make_names_unique(ml_context *c, ml_csv *r) {
  void *room;
  names set = {.r = r, .slots = 16};
  while (set.slots < 4 * (size_t)r->columns) set.slots *= 2;
  ML_TRY(ml_alloc_checked(c, set.slots * sizeof *set.slot, &room));
  set.slot = room;
  memset(set.slot, 0xff, set.slots * sizeof *set.slot);
  ml_status status = rename_all(c, r, &set);
  ml_free(set.slot, set.slots * sizeof *set.slot);
  return status;
}
