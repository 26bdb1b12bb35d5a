/* Batches of pictures. See pictures.h.
 *
 * A byte has 256 values, so normalising is a table for each channel: exact, and cheaper than the arithmetic. Flipping
 * and shifting only change where a row of pixels is read from. */

#include "media/picture_batch.h"

#include <math.h>

#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

enum {
  LEVELS = 256,
  GRAIN_PIXELS = 1 << 14, /* 15 us: less is not worth a second thread */
};

/* What all pictures of a batch share. */
typedef struct batch {
  const uint8_t *pictures;
  int64_t stride[4]; /* of picture, channel, line, pixel */
  const int64_t *rows, *ids;
  int64_t channels, height, width;
  const float *table; /* [tables, 256] */
  int64_t tables;     /* 1 or channels */
  bool flip;
  int64_t shift;
  uint64_t stream; /* of (key, epoch) */
  float *y;        /* [B, C, H, W] */
} batch;

/* How one picture is changed. */
typedef struct change {
  bool flip;
  int64_t down, right;
} change;

/* One of -shift..shift from a random word. */
static int64_t shift_by(uint32_t word, int64_t shift) {
  return (int64_t)((uint64_t)word * (uint64_t)(2 * shift + 1) >> 32) - shift;
}

static change draw(const batch *b, int64_t id) {
  uint32_t word[4];
  if (!b->flip && b->shift == 0) return (change){false, 0, 0};
  ml_philox(b->stream, (uint64_t)id, word);
  return (change){b->flip && word[0] >> 31, shift_by(word[1], b->shift), shift_by(word[2], b->shift)};
}

/* x: the first pixel of a line, to be read in steps; y: width results, of which black stands left of `from` and from
 * `to` on. */
static void write_line(const uint8_t *x, int64_t step, const float *table, int64_t from, int64_t to, int64_t width,
                       float *y) {
  for (int64_t j = 0; j < from; j++) y[j] = table[0];
  int64_t i = from;
  for (; i + 4 <= to; i += 4, x += 4 * step) { /* four loads under way at once: a fifth less time */
    float a = table[x[0]], b = table[x[step]], c = table[x[2 * step]], d = table[x[3 * step]];
    y[i] = a, y[i + 1] = b, y[i + 2] = c, y[i + 3] = d;
  }
  for (; i < to; i++, x += step) y[i] = table[*x];
  for (; i < width; i++) y[i] = table[0];
}

/* One channel. x: [H, W] with the batch's strides; y: [H, W]. Shifted right by r, pixel j shows what stood at j - r;
 * the flip comes first, so what stood at j - r is pixel W-1 - (j - r) of x. */
static void write_channel(const batch *b, const uint8_t *x, const float *table, change how, float *y) {
  int64_t w = b->width, h = b->height;
  int64_t from = how.right > 0 ? how.right : 0, to = how.right < 0 ? w + how.right : w;
  int64_t first = from - how.right;
  int64_t step = how.flip ? -b->stride[3] : b->stride[3];
  if (how.flip) first = w - 1 - first;
  for (int64_t i = 0; i < h; i++) {
    int64_t line = i - how.down;
    if (line < 0 || line >= h)
      write_line(x, 0, table, w, w, w, y + i * w);
    else
      write_line(x + line * b->stride[2] + first * b->stride[3], step, table, from, to, w, y + i * w);
  }
}

/* The pictures of a batch lie far apart: the next one comes into the cache while this one is worked on. */
static void fetch_ahead(const batch *b, int64_t row) {
  const uint8_t *x = b->pictures + (row - 1) * b->stride[0];
  for (int64_t at = 0; at < b->channels * b->height * b->width; at += 64) __builtin_prefetch(x + at);
}

static void write_pictures(void *arg, int64_t begin, int64_t end) {
  const batch *b = arg;
  int64_t plane = b->height * b->width;
  for (int64_t i = begin; i < end; i++) {
    int64_t row = b->rows[i];
    if (i + 1 < end) fetch_ahead(b, b->rows[i + 1]);
    change how = draw(b, b->ids[i]);
    const uint8_t *x = b->pictures + (row - 1) * b->stride[0];
    for (int64_t k = 0; k < b->channels; k++) {
      const float *table = b->table + (b->tables == 1 ? 0 : k * LEVELS);
      write_channel(b, x + k * b->stride[1], table, how, b->y + (i * b->channels + k) * plane);
    }
  }
}

/* Arguments -------------------------------------------------------------------------------------------------------- */

static ml_status check_values(ml_context *c, const char *name, const double *value, int count, int64_t channels,
                              bool positive) {
  if (count != 1 && count != channels)
    return ml_fail(c, "picture_batch: %s has %d values, the pictures have %lld channels", name, count,
                   (long long)channels);
  for (int i = 0; i < count; i++) {
    if (!isfinite(value[i])) return ml_fail(c, "picture_batch: %s must be finite, got %g", name, value[i]);
    if (positive && value[i] <= 0) return ml_fail(c, "picture_batch: %s must be above 0, got %g", name, value[i]);
  }
  return ML_OK;
}

static ml_status check_tensors(ml_context *c, const ml_tensor *pictures, const ml_tensor *rows, const ml_tensor *ids) {
  if (!pictures->storage || !rows->storage || (ids && !ids->storage)) return ml_fail(c, "picture_batch: a tensor without values");
  if (pictures->dtype != ML_UINT8)
    return ml_fail(c, "picture_batch: pictures must be uint8, got %s", ml_dtype_name((ml_dtype)pictures->dtype));
  if (pictures->shape.ndim != 3 && pictures->shape.ndim != 4)
    return ml_fail(c, "picture_batch: pictures must be [N, H, W] or [N, C, H, W], got %s", ML_SHAPE(&pictures->shape));
  if (rows->dtype != ML_INT64)
    return ml_fail(c, "picture_batch: rows must be int64, got %s", ml_dtype_name((ml_dtype)rows->dtype));
  if (rows->shape.ndim != 1) return ml_fail(c, "picture_batch: rows must be a list, got %s", ML_SHAPE(&rows->shape));
  if (ids && (ids->dtype != ML_INT64 || !ml_shape_equal(&ids->shape, &rows->shape)))
    return ml_fail(c, "picture_batch: ids must be int64 %s, got %s %s", ML_SHAPE(&rows->shape), ml_dtype_name((ml_dtype)ids->dtype),
                   ML_SHAPE(&ids->shape));
  return ML_OK;
}

static ml_status check_rows(ml_context *c, const int64_t *row, int64_t count, int64_t pictures) {
  for (int64_t i = 0; i < count; i++)
    if (row[i] < 1 || row[i] > pictures)
      return ml_fail(c, "picture_batch: row %lld (number %lld of the batch) is outside 1..%lld", (long long)row[i],
                     (long long)i + 1, (long long)pictures);
  return ML_OK;
}

static ml_status check_options(ml_context *c, const ml_picture_options *o, const batch *b) {
  int64_t largest = (b->height < b->width ? b->height : b->width) - 1; /* something of the picture stays */
  ML_TRY(check_values(c, "mean", o->mean, o->means, b->channels, false));
  ML_TRY(check_values(c, "std", o->deviation, o->deviations, b->channels, true));
  if (o->shift < 0 || o->shift > largest)
    return ml_fail(c, "picture_batch: shift must be 0..%lld for pictures of %lld x %lld, got %lld", (long long)largest,
                   (long long)b->height, (long long)b->width, (long long)o->shift);
  return ML_OK;
}

/* The pair of functions -------------------------------------------------------------------------------------------- */

static void fill_table(const ml_picture_options *o, int64_t tables, float *table) {
  for (int64_t k = 0; k < tables; k++) {
    double mean = o->mean[o->means == 1 ? 0 : k], deviation = o->deviation[o->deviations == 1 ? 0 : k];
    for (int v = 0; v < LEVELS; v++) table[k * LEVELS + v] = (float)((v / 255.0 - mean) / deviation);
  }
}

static ml_status run(ml_context *c, batch *b, const ml_picture_options *o, const ml_tensor *rows, ml_tensor **out) {
  int64_t count = ml_size(rows, 0), pixels = b->channels * b->height * b->width;
  ml_shape shape = ml_make_shape(4, count, b->channels, b->height, b->width);
  b->tables = o->means == 1 && o->deviations == 1 ? 1 : b->channels;
  size_t bytes = (size_t)b->tables * LEVELS * sizeof(float);
  void *table;
  ML_TRY(ml_empty(c, &shape, ML_FLOAT32, out));
  if (ml_count(*out) == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, bytes, &table));
  fill_table(o, b->tables, table);
  b->table = table;
  b->y = ml_f32(*out);
  int64_t grain = GRAIN_PIXELS / pixels > 1 ? GRAIN_PIXELS / pixels : 1;
  ml_status status = ml_parallel_for(c, count, grain, write_pictures, b);
  ml_free(table, bytes);
  return status;
}

ml_status ml_picture_batch(ml_context *c, const ml_tensor *pictures, const ml_tensor *rows,
                           const ml_picture_options *options, ml_tensor **out) {
  *out = NULL;
  ML_TRY(check_tensors(c, pictures, rows, options->ids));
  int n = pictures->shape.ndim;
  bool deep = n == 4;
  batch b = {
      .pictures = ml_data(pictures),
      .stride = {pictures->stride[0], deep ? pictures->stride[1] : 0, pictures->stride[n - 2], pictures->stride[n - 1]},
      .channels = deep ? ml_size(pictures, 1) : 1,
      .height = ml_size(pictures, n - 2),
      .width = ml_size(pictures, n - 1),
      .flip = options->flip,
      .shift = options->shift,
      .stream = ml_random_key(options->key, (uint64_t)options->epoch),
  };
  ML_TRY(check_options(c, options, &b));
  ml_tensor *plain = NULL, *ids = NULL;
  ML_TRY(ml_contiguous_unrecorded(c, rows, &plain));
  b.rows = ml_i64(plain);
  ml_status status = ml_contiguous_unrecorded(c, options->ids ? options->ids : rows, &ids);
  if (status == ML_OK) b.ids = ml_i64(ids), status = check_rows(c, b.rows, ml_size(plain, 0), ml_size(pictures, 0));
  if (status == ML_OK) status = run(c, &b, options, plain, out);
  ml_release(plain);
  ml_release(ids);
  if (status != ML_OK) {
    ml_release(*out);
    *out = NULL;
  }
  return status;
}
