/* Many pictures at once. Each file is read, decoded and resized by one thread, with an arena and a place for messages of that thread's
 * own; its pixels go straight to their place in the result. */

#include "media/picture_list.h"

#include <stdatomic.h>
#include <string.h>

#include "media/decoding.h"
#include "media/resize.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"

/* What a thread works with. */
typedef struct worker {
  ml_context context;
  ml_arena arena;
} worker;

typedef struct list {
  const char *const *paths;
  ml_picture_read_options options;
  bool resizes;
  ml_picture_fit fit;
  int64_t height, width;
  int64_t bytes; /* of a picture in the result */
  uint8_t *pixels;
  worker *workers;
  _Atomic int64_t failed; /* the first file that is known to fail; behind it nothing more is done */
} list;

static ml_status size_differs(const ml_decoding *d, const list *l) {
  return ml_file_fail(d->c, d->file.name,
                      "is %lld x %lld, but %.500s is %lld x %lld: name a size that all are brought to, as in size = {%lld, %lld}",
                      (long long)ml_decoding_height(d), (long long)ml_decoding_width(d), l->paths[0], (long long)l->height,
                      (long long)l->width, (long long)l->height, (long long)l->width);
}

static int64_t max_of(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t min_of(int64_t a, int64_t b) { return a < b ? a : b; }

/* One side of a picture, scaled as the other one is from `of` to `to`: rounded to the nearest, at least 1. */
static int64_t scaled(int64_t side, int64_t to, int64_t of) { return max_of((side * to + of / 2) / of, 1); }

/* The size that an h x w picture is resized to, before it is cut or gets a border. */
static void fitted(const list *l, int64_t h, int64_t w, int64_t *rows, int64_t *columns) {
  *rows = l->height, *columns = l->width;
  if (l->fit == ML_FIT_SQUASH) return;
  bool by_height = l->height * w >= l->width * h; /* whether covering the height covers the width */
  if (l->fit == ML_FIT_PAD) by_height = !by_height;
  if (by_height)
    *columns = l->fit == ML_FIT_CROP ? max_of(scaled(w, l->height, h), l->width) : min_of(scaled(w, l->height, h), l->width);
  else
    *rows = l->fit == ML_FIT_CROP ? max_of(scaled(h, l->width, w), l->height) : min_of(scaled(h, l->width, w), l->height);
}

/* The middle of x [rows, columns, C] into the middle of y [H, W, C]; what x does not cover is black. */
static void centre(const list *l, const uint8_t *x, int64_t rows, int64_t columns, uint8_t *y) {
  int64_t channels = l->options.channels, h = min_of(rows, l->height), w = min_of(columns, l->width);
  const uint8_t *from = x + ((rows - h) / 2 * columns + (columns - w) / 2) * channels;
  uint8_t *to = y + ((l->height - h) / 2 * l->width + (l->width - w) / 2) * channels;
  if (h < l->height || w < l->width) memset(y, 0, (size_t)l->bytes);
  for (int64_t i = 0; i < h; i++) memcpy(to + i * l->width * channels, from + i * columns * channels, (size_t)(w * channels));
}

/* Decoded beside, then resized to y. */
static ml_status read_resized(ml_decoding *d, const list *l, uint8_t *y) {
  int64_t h = ml_decoding_height(d), w = ml_decoding_width(d), rows, columns;
  ml_resize resize;
  fitted(l, h, w, &rows, &columns);
  bool whole = rows == l->height && columns == l->width;
  uint8_t *x = ml_arena_take(d->arena, (size_t)(h * w * d->channels));
  uint8_t *z = whole ? y : ml_arena_take(d->arena, (size_t)(rows * columns * d->channels));
  if (!x || !z || !ml_resize_plan(d->arena, h, w, rows, columns, d->channels, ML_BILINEAR, &resize))
    return ml_fail_as(d->c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", d->file.name);
  ML_TRY(ml_decoding_run(d, x));
  ml_resize_run(&resize, x, z);
  if (!whole) centre(l, z, rows, columns, y);
  return ML_OK;
}

static ml_status read_one(ml_context *c, ml_arena *arena, const list *l, int64_t i) {
  ml_decoding d = {.c = c, .arena = arena};
  uint8_t *y = l->pixels + i * l->bytes;
  ML_TRY(ml_decoding_load(&d, l->paths[i], &l->options));
  ML_TRY(ml_decoding_plan(&d, &l->options));
  if (ml_decoding_height(&d) == l->height && ml_decoding_width(&d) == l->width) return ml_decoding_run(&d, y);
  return l->resizes ? read_resized(&d, l, y) : size_differs(&d, l);
}

static void note_failure(list *l, int64_t i) {
  int64_t before = atomic_load(&l->failed);
  while (i < before && !atomic_compare_exchange_weak(&l->failed, &before, i)) {
  }
}

static void read_some(void *arg, int64_t begin, int64_t end) {
  list *l = arg;
  worker *own = &l->workers[ml_thread_index()];
  for (int64_t i = begin; i < end; i++) {
    if (i > atomic_load(&l->failed)) return;
    if (read_one(&own->context, &own->arena, l, i) != ML_OK) note_failure(l, i);
    ml_arena_reset(&own->arena);
  }
}

/* The message of a file that failed on some thread: it fails again, here. */
static ml_status fail_again(ml_context *c, const list *l, int64_t i) {
  ml_arena arena = {0};
  ml_status status = read_one(c, &arena, l, i);
  ml_arena_drop(&arena);
  if (status == ML_OK) return ml_file_fail(c, l->paths[i], "could not be read, and then it could: read the pictures again");
  return status;
}

static ml_status read_all(ml_context *c, list *l, int64_t count) {
  int threads = ml_threads();
  size_t bytes = (size_t)threads * sizeof(worker), room = ml_alloc_room();
  void *block;
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  l->workers = block;
  for (int k = 0; k < threads; k++) {
    ml_context_init(&l->workers[k].context);
    l->workers[k].arena = (ml_arena){.threads = true, .limit = room == SIZE_MAX ? 0 : room / (size_t)threads + 1};
  }
  atomic_init(&l->failed, count);
  ml_status status = ml_parallel_for(c, count, 1, read_some, l);
  for (int k = 0; k < threads; k++) ml_arena_drop(&l->workers[k].arena);
  ml_free(block, bytes);
  ML_TRY(status);
  return l->failed < count ? fail_again(c, l, l->failed) : ML_OK;
}

/* Without a size: that of the first. */
static ml_status choose_size(ml_context *c, const ml_picture_list_options *o, list *l) {
  ml_picture_size first;
  l->height = o->height, l->width = o->width;
  l->resizes = o->height > 0 || o->width > 0;
  if (l->resizes && (o->height < 1 || o->width < 1))
    return ml_fail(c, "read_images: a size is two positive numbers, got %lld x %lld", (long long)o->height, (long long)o->width);
  if (l->resizes) return ML_OK;
  ML_TRY(ml_picture_peek(c, l->paths[0], &first));
  l->height = first.height, l->width = first.width;
  return ML_OK;
}

static ml_status make_result(ml_context *c, const list *l, int64_t count, ml_tensor **out) {
  int64_t channels = l->options.channels, bytes;
  if (__builtin_mul_overflow(l->bytes, count, &bytes))
    return ml_fail(c, "read_images: %lld pictures of %lld x %lld are too many", (long long)count, (long long)l->height, (long long)l->width);
  ml_shape shape = ml_make_shape(4, count, l->height, l->width, channels);
  ML_TRY(ml_empty(c, &shape, ML_UINT8, out));
  (*out)->shape = ml_make_shape(4, count, channels, l->height, l->width);
  (*out)->stride[1] = 1;
  (*out)->stride[2] = l->width * channels;
  (*out)->stride[3] = channels;
  return ML_OK;
}

ml_status ml_picture_list_read(ml_context *c, const char *const *paths, int64_t count, const ml_picture_list_options *o,
                               ml_tensor **out) {
  list l = {.paths = paths, .fit = o->fit};
  *out = NULL;
  if (count < 1) return ml_fail(c, "read_images: there are no paths");
  ML_TRY(choose_size(c, o, &l));
  l.options = (ml_picture_read_options){.channels = o->channels ? o->channels : 3, .max_pixels = o->max_pixels};
  if (l.resizes && !o->whole) l.options.height = l.height, l.options.width = l.width;
  if (__builtin_mul_overflow(l.height, l.width, &l.bytes) || l.bytes > INT32_MAX / 4)
    return ml_fail(c, "read_images: pictures of %lld x %lld are too large", (long long)l.height, (long long)l.width);
  l.bytes *= l.options.channels;
  ML_TRY(make_result(c, &l, count, out));
  l.pixels = ml_data(*out);
  ml_status status = read_all(c, &l, count);
  if (status == ML_OK) return ML_OK;
  ml_release(*out);
  *out = NULL;
  return status;
}
