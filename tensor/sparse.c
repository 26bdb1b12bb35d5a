#include "tensor/sparse.h"

#include "tensor/alloc.h"
#include "tensor/parallel.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 512 }; /* of a piece */

static const int64_t *starts(const ml_sparse *x) { return ml_i64(x->start); }
static const int32_t *columns(const ml_sparse *x) { return ml_data(x->index); }

void ml_sparse_free(ml_sparse *x) {
  ml_release(x->start);
  ml_release(x->index);
  ml_release(x->value);
  *x = (ml_sparse){0};
}

/* Making ------------------------------------------------------------------------------------------------------------------ */

static ml_status check_size(ml_context *c, int64_t p) {
  return p <= INT32_MAX ? ML_OK : ml_fail(c, "sparse: %lld columns; there may be %lld", (long long)p, (long long)INT32_MAX);
}

static ml_status new_vector(ml_context *c, int64_t n, ml_dtype dtype, ml_tensor **out) {
  ml_shape shape = ml_make_shape(1, n);
  return ml_empty(c, &shape, dtype, out);
}

/* The starts of n rows, all 0. */
static ml_status begin(ml_context *c, int64_t n, int64_t p, ml_sparse *out) {
  *out = (ml_sparse){.n = n, .p = p};
  ML_TRY(check_size(c, p));
  ml_shape shape = ml_make_shape(1, n + 1);
  return ml_zeros(c, &shape, ML_INT64, &out->start);
}

/* start[i + 1] holds the entries of row i: makes them starts, and room for the entries. */
static ml_status make_room(ml_context *c, ml_sparse *x) {
  int64_t *start = ml_i64(x->start);
  for (int64_t i = 0; i < x->n; i++) start[i + 1] += start[i];
  ML_TRY(new_vector(c, start[x->n], ML_INT32, &x->index));
  return new_vector(c, start[x->n], ML_FLOAT64, &x->value);
}

static ml_status ended(ml_status status, ml_sparse *x) {
  if (status != ML_OK) ml_sparse_free(x);
  return status;
}

/* Of entries ------------------------------------------------------------------------------------------------------------------ */

typedef struct entry {
  int32_t column;
  uint32_t order; /* among the entries of its row, as they were given */
  double value;
} entry;

static int by_column(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->column != y->column) return x->column < y->column ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* Sorts the m entries of a row, adds up those of one column in the order in which they were given, leaves out zeros; how many are left. */
static int64_t tidy(entry *e, int64_t m) {
  bool rising = true;
  for (int64_t k = 0; k < m; k++) {
    e[k].order = (uint32_t)k;
    rising = rising && (k == 0 || e[k - 1].column < e[k].column);
  }
  if (!rising) qsort(e, (size_t)m, sizeof *e, by_column);
  int64_t kept = 0;
  for (int64_t k = 0; k < m;) {
    entry sum = e[k++];
    while (k < m && e[k].column == sum.column) sum.value += e[k++].value;
    if (sum.value != 0) e[kept++] = sum;
  }
  return kept;
}

static ml_status check_entries(ml_context *c, const ml_sparse_entry_list *list) {
  const int64_t *row = ml_i64(list->row), *column = ml_i64(list->column);
  for (int64_t k = 0; k < ml_count(list->row); k++) {
    if (row[k] < 1 || row[k] > list->n) return ml_fail(c, "sparse: entry %lld is in row %lld of %lld", (long long)k + 1, (long long)row[k], (long long)list->n);
    if (column[k] < 1 || column[k] > list->p)
      return ml_fail(c, "sparse: entry %lld is in column %lld of %lld", (long long)k + 1, (long long)column[k], (long long)list->p);
  }
  return ML_OK;
}

/* Each row's entries together, from first[row]; tidied, their number in start[row + 1]. first: n + 1 numbers. */
static void group_by_rows(const ml_sparse_entry_list *list, int64_t *first, entry *e, int64_t *start) {
  const int64_t *row = ml_i64(list->row), *column = ml_i64(list->column), m = ml_count(list->row);
  memset(first, 0, (size_t)(list->n + 1) * sizeof *first);
  for (int64_t k = 0; k < m; k++) first[row[k]]++;
  for (int64_t i = 0; i < list->n; i++) first[i + 1] += first[i];
  for (int64_t k = m - 1; k >= 0; k--) { /* from behind: entries of a row keep their order, and first[row] ends where it begins */
    e[--first[row[k]]] = (entry){.column = (int32_t)(column[k] - 1), .value = list->value ? ml_f64(list->value)[k] : 1};
  }
  for (int64_t i = 0; i < list->n; i++) {
    int64_t end = i + 1 < list->n ? first[i + 2] : m;
    start[i + 1] = tidy(e + first[i + 1], end - first[i + 1]);
  }
}

static ml_status of_entries(ml_context *c, const ml_sparse_entry_list *list, int64_t *first, entry *e, ml_sparse *out) {
  ML_TRY(begin(c, list->n, list->p, out));
  ML_TRY(check_entries(c, list));
  group_by_rows(list, first, e, ml_i64(out->start));
  ML_TRY(make_room(c, out));
  int32_t *index = ml_data(out->index);
  double *value = ml_f64(out->value);
  for (int64_t i = 0; i < list->n; i++) {
    const entry *from = e + first[i + 1];
    for (int64_t k = starts(out)[i]; k < starts(out)[i + 1]; k++, from++) index[k] = from->column, value[k] = from->value;
  }
  return ML_OK;
}

ml_status ml_sparse_of_entries(ml_context *c, const ml_sparse_entry_list *list, ml_sparse *out) {
  size_t m = (size_t)ml_count(list->row), bytes = (size_t)(list->n + 2) * sizeof(int64_t) + (m + 1) * sizeof(entry);
  void *memory = NULL;
  ML_TRY(ml_alloc_checked(c, bytes, &memory));
  entry *e = memory;
  ml_status status = ended(of_entries(c, list, (int64_t *)(e + m + 1), e, out), out);
  ml_free(memory, bytes);
  return status;
}

/* One in a row ------------------------------------------------------------------------------------------------------------------ */

static ml_status one_hot(ml_context *c, const ml_tensor *number, int64_t p, ml_sparse *out) {
  int64_t n = ml_count(number);
  const int64_t *place = ml_i64(number);
  ML_TRY(begin(c, n, p, out));
  for (int64_t i = 0; i < n; i++) {
    if (place[i] < 0 || place[i] > p) return ml_fail(c, "sparse: row %lld is in column %lld of %lld", (long long)i + 1, (long long)place[i], (long long)p);
    ml_i64(out->start)[i + 1] = place[i] > 0;
  }
  ML_TRY(make_room(c, out));
  int32_t *index = ml_data(out->index);
  for (int64_t i = 0, at = 0; i < n; i++)
    if (place[i] > 0) index[at++] = (int32_t)(place[i] - 1);
  return ml_fill(c, out->value, 1);
}

ml_status ml_sparse_one_hot(ml_context *c, const ml_tensor *number, int64_t p, ml_sparse *out) { return ended(one_hot(c, number, p, out), out); }

/* Side by side ------------------------------------------------------------------------------------------------------------------ */

typedef struct joining {
  int count;
  const ml_sparse_part *part;
  ml_sparse *out;
} joining;

static int64_t width(const ml_sparse_part *part) { return part->sparse ? part->sparse->p : ml_size(part->dense, 1); }

static void count_body(void *arg, int64_t first, int64_t end) {
  const joining *j = arg;
  int64_t *start = ml_i64(j->out->start);
  for (int64_t i = first; i < end; i++)
    for (int a = 0; a < j->count; a++) {
      const ml_sparse_part *part = &j->part[a];
      if (part->sparse) {
        start[i + 1] += starts(part->sparse)[i + 1] - starts(part->sparse)[i];
      } else {
        int64_t k = width(part);
        const double *row = ml_f64(part->dense) + i * k;
        for (int64_t l = 0; l < k; l++) start[i + 1] += row[l] != 0;
      }
    }
}

static void join_body(void *arg, int64_t first, int64_t end) {
  const joining *j = arg;
  int32_t *index = ml_data(j->out->index);
  double *value = ml_f64(j->out->value);
  for (int64_t i = first; i < end; i++) {
    int64_t at = starts(j->out)[i], before = 0;
    for (int a = 0; a < j->count; a++) {
      const ml_sparse_part *part = &j->part[a];
      int64_t k = width(part);
      if (part->sparse) {
        for (int64_t l = starts(part->sparse)[i]; l < starts(part->sparse)[i + 1]; l++, at++)
          index[at] = (int32_t)before + columns(part->sparse)[l], value[at] = ml_f64(part->sparse->value)[l];
      } else {
        const double *row = ml_f64(part->dense) + i * k;
        for (int64_t l = 0; l < k; l++)
          if (row[l] != 0) index[at] = (int32_t)(before + l), value[at++] = row[l];
      }
      before += k;
    }
  }
}

static ml_status join(ml_context *c, joining *j, int64_t n, int64_t p) {
  ML_TRY(begin(c, n, p, j->out));
  ML_TRY(ml_parallel_for(c, n, ROWS, count_body, j));
  ML_TRY(make_room(c, j->out));
  return ml_parallel_for(c, n, ROWS, join_body, j);
}

ml_status ml_sparse_join(ml_context *c, int count, const ml_sparse_part *part, ml_sparse *out) {
  int64_t n = part[0].sparse ? part[0].sparse->n : ml_size(part[0].dense, 0), p = 0;
  for (int a = 0; a < count; a++) {
    int64_t rows = part[a].sparse ? part[a].sparse->n : ml_size(part[a].dense, 0);
    if (rows != n) return ml_fail(c, "sparse: part %d has %lld rows, the first %lld", a + 1, (long long)rows, (long long)n);
    p += width(&part[a]);
  }
  joining j = {.count = count, .part = part, .out = out};
  return ended(join(c, &j, n, p), out);
}

/* Some rows ------------------------------------------------------------------------------------------------------------------ */

typedef struct copying {
  const ml_sparse *x;
  const int64_t *row;
  ml_sparse *out;
} copying;

static void select_body(void *arg, int64_t first, int64_t end) {
  const copying *w = arg;
  int32_t *index = ml_data(w->out->index);
  double *value = ml_f64(w->out->value);
  for (int64_t i = first; i < end; i++) {
    int64_t from = starts(w->x)[w->row[i] - 1], to = starts(w->out)[i], count = starts(w->out)[i + 1] - to;
    memcpy(index + to, columns(w->x) + from, (size_t)count * sizeof *index);
    memcpy(value + to, ml_f64(w->x->value) + from, (size_t)count * sizeof *value);
  }
}

static ml_status select_rows(ml_context *c, const ml_sparse *x, const ml_tensor *rows, ml_sparse *out) {
  int64_t m = ml_count(rows);
  const int64_t *row = ml_i64(rows);
  ML_TRY(begin(c, m, x->p, out));
  for (int64_t i = 0; i < m; i++) {
    if (row[i] < 1 || row[i] > x->n) return ml_fail(c, "sparse: row %lld of %lld", (long long)row[i], (long long)x->n);
    ml_i64(out->start)[i + 1] = starts(x)[row[i]] - starts(x)[row[i] - 1];
  }
  ML_TRY(make_room(c, out));
  return ml_parallel_for(c, m, ROWS, select_body, &(copying){.x = x, .row = row, .out = out});
}

ml_status ml_sparse_select(ml_context *c, const ml_sparse *x, const ml_tensor *rows, ml_sparse *out) {
  return ended(select_rows(c, x, rows, out), out);
}

/* Other values ------------------------------------------------------------------------------------------------------------------ */

ml_status ml_sparse_with_values(ml_context *c, const ml_sparse *x, ml_tensor *value, ml_sparse *out) {
  if (value->dtype != ML_FLOAT64 || !ml_is_contiguous(value) || ml_count(value) != ml_sparse_entries(x))
    return ml_fail(c, "sparse: there are %lld entries; their values are a float64 tensor of as many", (long long)ml_sparse_entries(x));
  *out = (ml_sparse){.n = x->n, .p = x->p, .start = ml_retain(x->start), .index = ml_retain(x->index), .value = ml_retain(value)};
  return ML_OK;
}

ml_status ml_sparse_scale(ml_context *c, const ml_sparse *x, const double *by_row, const double *by_columns, ml_sparse *out) {
  ml_tensor *value = NULL;
  ML_TRY(new_vector(c, ml_sparse_entries(x), ML_FLOAT64, &value));
  double *to = ml_f64(value);
  for (int64_t i = 0; i < x->n; i++)
    for (int64_t k = starts(x)[i]; k < starts(x)[i + 1]; k++)
      to[k] = ml_f64(x->value)[k] * (by_row ? by_row[i] : 1) * (by_columns ? by_columns[columns(x)[k]] : 1);
  ml_status status = ml_sparse_with_values(c, x, value, out);
  ml_release(value);
  return status;
}

/* What it is to others ---------------------------------------------------------------------------------------------------------- */

typedef struct spreading {
  const ml_sparse *x;
  ml_tensor *y;
} spreading;

static void densify_body(void *arg, int64_t first, int64_t end) {
  const spreading *w = arg;
  const ml_sparse *x = w->x;
  bool wide = w->y->dtype == ML_FLOAT64;
  size_t row = (size_t)x->p * (wide ? sizeof(double) : sizeof(float));
  memset((char *)ml_data(w->y) + (size_t)first * row, 0, (size_t)(end - first) * row);
  for (int64_t i = first; i < end; i++)
    for (int64_t k = starts(x)[i]; k < starts(x)[i + 1]; k++) {
      int64_t at = i * x->p + columns(x)[k];
      if (wide) ml_f64(w->y)[at] = ml_f64(x->value)[k];
      else ml_f32(w->y)[at] = (float)ml_f64(x->value)[k];
    }
}

ml_status ml_sparse_densify(ml_context *c, const ml_sparse *x, ml_tensor *y) {
  return ml_parallel_for(c, x->n, ROWS, densify_body, &(spreading){.x = x, .y = y});
}

typedef struct product {
  const ml_sparse *x;
  int64_t outputs;
  const double *w;
  double *y;
} product;

static void product_body(void *arg, int64_t first, int64_t end) {
  const product *w = arg;
  const ml_sparse *x = w->x;
  for (int64_t i = first; i < end; i++)
    for (int64_t l = 0; l < w->outputs; l++) {
      double sum = 0;
      for (int64_t k = starts(x)[i]; k < starts(x)[i + 1]; k++) sum += ml_f64(x->value)[k] * w->w[l * x->p + columns(x)[k]];
      w->y[i * w->outputs + l] = sum;
    }
}

ml_status ml_sparse_product(ml_context *c, const ml_sparse *x, int64_t outputs, const double *w, double *y) {
  return ml_parallel_for(c, x->n, ROWS, product_body, &(product){.x = x, .outputs = outputs, .w = w, .y = y});
}

void ml_sparse_sum_groups(const ml_sparse *x, const int64_t *group, const double *weight, int64_t groups, double *sums) {
  memset(sums, 0, (size_t)(groups * x->p) * sizeof *sums);
  for (int64_t i = 0; i < x->n; i++) {
    double *to = sums + (group ? group[i] - 1 : 0) * x->p, w = weight ? weight[i] : 1;
    for (int64_t k = starts(x)[i]; k < starts(x)[i + 1]; k++) to[columns(x)[k]] += w * ml_f64(x->value)[k];
  }
}
