/* Columns made of the rows of others, in two passes: how long each row is, then its bytes. See text.h. */

#include "table/text.h"

#include "tensor/parallel.h"

typedef struct making {
  ml_text_function f;
  const void *arg;
  int64_t *ends;
  bool *missing;
  char *bytes;
} making;

static void measure(void *arg, int64_t begin, int64_t end) {
  const making *m = arg;
  for (int64_t i = begin; i < end; i++) {
    int64_t length = m->f(m->arg, i, NULL);
    m->missing[i] = length < 0;
    m->ends[i] = length < 0 ? 0 : length;
  }
}

static void fill(void *arg, int64_t begin, int64_t end) {
  const making *m = arg;
  for (int64_t i = begin; i < end; i++) {
    if (!m->missing[i]) m->f(m->arg, i, m->bytes + (i > 0 ? m->ends[i - 1] : 0));
  }
}

/* Lengths become ends; false where their sum is out of range. *any: whether a row is missing. */
static bool sum_up(const making *m, int64_t rows, bool *any) {
  int64_t total = 0;
  *any = false;
  for (int64_t i = 0; i < rows; i++) {
    if (__builtin_add_overflow(total, m->ends[i], &total)) return false;
    m->ends[i] = total;
    *any |= m->missing[i];
  }
  return true;
}

ml_status ml_text_make(ml_context *c, int64_t rows, ml_text_function f, const void *arg, ml_column *out) {
  ml_shape shape = ml_make_shape(1, rows);
  out->type = ML_COLUMN_TEXT;
  ML_TRY(ml_empty(c, &shape, ML_INT64, &out->ends));
  ML_TRY(ml_empty(c, &shape, ML_BOOL, &out->missing));
  making m = {.f = f, .arg = arg, .ends = ml_data(out->ends), .missing = ml_data(out->missing)};
  ML_TRY(ml_parallel_for(c, rows, ML_TEXT_GRAIN, measure, &m));
  bool any;
  if (!sum_up(&m, rows, &any)) return ml_fail_as(c, ML_OUT_OF_MEMORY, "text: the result has more bytes than can be counted");
  shape = ml_make_shape(1, rows > 0 ? m.ends[rows - 1] : 0);
  ML_TRY(ml_empty(c, &shape, ML_UINT8, &out->bytes));
  m.bytes = ml_data(out->bytes);
  ML_TRY(ml_parallel_for(c, rows, ML_TEXT_GRAIN, fill, &m));
  if (any) return ML_OK;
  ml_release(out->missing);
  out->missing = NULL;
  return ML_OK;
}

/* Gathering -------------------------------------------------------------------------------------------------------- */

typedef struct gathering {
  const ml_text_rows *x;
  const int64_t *positions;
} gathering;

static int64_t gather_row(const void *arg, int64_t row, char *out) {
  const gathering *g = arg;
  int64_t i = g->positions[row] - 1;
  if (i < 0 || ml_text_missing(g->x, i)) return -1;
  ml_span span = ml_text_row(g->x, i);
  if (out) memcpy(out, span.text, (size_t)span.length);
  return span.length;
}

ml_status ml_text_gather(ml_context *c, const ml_text_rows *x, const ml_tensor *positions, ml_column *out) {
  gathering g = {x, ml_data(positions)};
  int64_t n = ml_count(positions);
  for (int64_t i = 0; i < n; i++) {
    if (g.positions[i] < 0 || g.positions[i] > x->rows)
      return ml_fail(c, "rows: position %lld at [%lld] is not in 1..%lld", (long long)g.positions[i], (long long)i + 1,
                     (long long)x->rows);
  }
  return ml_text_make(c, n, gather_row, &g, out);
}

/* Joining ---------------------------------------------------------------------------------------------------------- */

typedef struct joining {
  const ml_text_rows *x, *y;
} joining;

static int64_t join_row(const void *arg, int64_t row, char *out) {
  const joining *j = arg;
  int64_t a = j->x->rows == 1 ? 0 : row, b = j->y->rows == 1 ? 0 : row;
  if (ml_text_missing(j->x, a) || ml_text_missing(j->y, b)) return -1;
  ml_span left = ml_text_row(j->x, a), right = ml_text_row(j->y, b);
  if (out) {
    memcpy(out, left.text, (size_t)left.length);
    memcpy(out + left.length, right.text, (size_t)right.length);
  }
  return left.length + right.length;
}

ml_status ml_text_concat(ml_context *c, const ml_text_rows *x, const ml_text_rows *y, ml_column *out) {
  joining j = {x, y};
  if (x->rows != y->rows && x->rows != 1 && y->rows != 1)
    return ml_fail(c, "concat: %lld rows and %lld", (long long)x->rows, (long long)y->rows);
  return ml_text_make(c, x->rows == 1 ? y->rows : x->rows, join_row, &j, out);
}
