/* Questions to rows of text: how they compare, how long they are. See text.h. */

#include "table/text.h"

#include "tensor/parallel.h"

static bool holds(ml_text_relation relation, ml_span a, ml_span b) {
  switch (relation) {
  case ML_TEXT_EQ: return a.length == b.length && memcmp(a.text, b.text, (size_t)a.length) == 0;
  case ML_TEXT_LT: return ml_span_compare(a, b) < 0;
  case ML_TEXT_LE: return ml_span_compare(a, b) <= 0;
  case ML_TEXT_STARTS: return a.length >= b.length && memcmp(a.text, b.text, (size_t)b.length) == 0;
  case ML_TEXT_ENDS:
    return a.length >= b.length && memcmp(a.text + a.length - b.length, b.text, (size_t)b.length) == 0;
  default: return memmem(a.text, (size_t)a.length, b.text, (size_t)b.length) != NULL;
  }
}

typedef struct comparing {
  const ml_text_rows *x, *y;
  ml_text_relation relation;
  bool *out;
} comparing;

static void compare_rows(void *arg, int64_t begin, int64_t end) {
  const comparing *a = arg;
  for (int64_t i = begin; i < end; i++) {
    int64_t left = a->x->rows == 1 ? 0 : i, right = a->y->rows == 1 ? 0 : i;
    a->out[i] = !ml_text_missing(a->x, left) && !ml_text_missing(a->y, right) &&
                holds(a->relation, ml_text_row(a->x, left), ml_text_row(a->y, right));
  }
}

ml_status ml_text_compare(ml_context *c, const ml_text_rows *x, const ml_text_rows *y, ml_text_relation relation,
                          ml_tensor **out) {
  if (x->rows != y->rows && x->rows != 1 && y->rows != 1)
    return ml_fail(c, "compare: %lld rows and %lld", (long long)x->rows, (long long)y->rows);
  int64_t rows = x->rows == 1 ? y->rows : x->rows;
  ml_shape shape = ml_make_shape(1, rows);
  ML_TRY(ml_empty(c, &shape, ML_BOOL, out));
  comparing a = {x, y, relation, ml_data(*out)};
  return ml_parallel_for(c, rows, ML_TEXT_GRAIN, compare_rows, &a);
}

typedef struct counting {
  const ml_text_rows *x;
  int64_t *out;
} counting;

/* Bytes that continue a character do not count. */
static void count_rows(void *arg, int64_t begin, int64_t end) {
  const counting *a = arg;
  for (int64_t i = begin; i < end; i++) {
    ml_span s = ml_text_row(a->x, i);
    int64_t count = 0;
    for (int64_t k = 0; k < s.length; k++) count += ((unsigned char)s.text[k] & 0xC0) != 0x80;
    a->out[i] = count;
  }
}

ml_status ml_text_length(ml_context *c, const ml_text_rows *x, ml_tensor **out) {
  ml_shape shape = ml_make_shape(1, x->rows);
  ML_TRY(ml_empty(c, &shape, ML_INT64, out));
  counting a = {x, ml_data(*out)};
  return ml_parallel_for(c, x->rows, ML_TEXT_GRAIN, count_rows, &a);
}
