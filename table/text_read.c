/* Rows of text as numbers and times, and the other way. See text.h. */

#include "table/text.h"

#include <math.h>

#include "table/iso_time.h"
#include "table/number.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"

/* Reading ---------------------------------------------------------------------------------------------------------- */

static bool number_of(ml_span s, double *out) { return ml_number_parse(s.text, s.text + s.length, '.', out); }
static bool time_of(ml_span s, double *out) { return ml_iso_time_parse(s.text, s.text + s.length, out); }

typedef struct reading {
  const ml_text_rows *x;
  bool (*read)(ml_span s, double *out);
  double *out;
  int64_t *bad; /* of each piece: its first row that is neither blank nor read, -1 if there is none */
} reading;

static void read_rows(void *arg, int64_t begin, int64_t end) {
  const reading *r = arg;
  int64_t bad = -1;
  for (int64_t i = begin; i < end; i++) {
    r->out[i] = NAN;
    if (ml_text_missing(r->x, i)) continue;
    ml_span s = ml_span_trimmed(ml_text_row(r->x, i));
    if (s.length == 0 || r->read(s, &r->out[i])) continue;
    r->out[i] = NAN;
    if (bad < 0) bad = i;
  }
  r->bad[begin / ML_TEXT_GRAIN] = bad;
}

ml_status ml_text_read(ml_context *c, const ml_text_rows *x, bool times, ml_tensor **out, int64_t *bad) {
  ml_shape shape = ml_make_shape(1, x->rows);
  int64_t pieces = ml_pieces(x->rows, ML_TEXT_GRAIN);
  size_t bytes = (size_t)pieces * sizeof(int64_t) + 1;
  void *room;
  ML_TRY(ml_empty(c, &shape, ML_FLOAT64, out));
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  reading r = {x, times ? time_of : number_of, ml_data(*out), room};
  ml_status status = ml_parallel_for(c, x->rows, ML_TEXT_GRAIN, read_rows, &r);
  *bad = -1;
  for (int64_t i = pieces - 1; status == ML_OK && i >= 0; i--) *bad = r.bad[i] >= 0 ? r.bad[i] : *bad;
  ml_free(room, bytes);
  return status;
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

typedef struct writing {
  const ml_column *x;
  const bool *missing;
} writing;

/* The value in row i into `to`; how long it is, negative where it is missing or a time that has no four digits for its year. */
static int write_value(const ml_column *x, int64_t i, char *to) {
  double value = 0;
  if (x->type == ML_COLUMN_NUMBER || x->type == ML_COLUMN_TIME) value = ml_f64(x->values)[i];
  if (value != value) return -1;
  switch (x->type) {
  case ML_COLUMN_NUMBER: return ml_number_write(value, to);
  case ML_COLUMN_INTEGER: return ml_integer_write(ml_i64(x->values)[i], to);
  case ML_COLUMN_BOOLEAN: return (int)(stpcpy(to, ((const bool *)ml_data(x->values))[i] ? "true" : "false") - to);
  default: {
    int length = ml_iso_time_write(value, to);
    return length > 0 ? length : -1;
  }
  }
}

static int64_t write_row(const void *arg, int64_t row, char *out) {
  const writing *w = arg;
  char room[ML_ISO_TIME_ROOM + ML_NUMBER_ROOM]; /* enough for either */
  if (w->missing && w->missing[row]) return -1;
  int length = write_value(w->x, row, room);
  if (out) memcpy(out, room, (size_t)length);
  return length;
}

ml_status ml_text_of_column(ml_context *c, const ml_column *x, ml_column *out) {
  writing w = {x, x->missing ? ml_data(x->missing) : NULL};
  return ml_text_make(c, ml_count(x->values), write_row, &w, out);
}
