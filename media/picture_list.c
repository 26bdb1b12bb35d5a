/* Many pictures at once. Each file is read, decoded and resized by one thread, with an arena and a place for messages of that thread's
 * own; its pixels go straight to their place in the result. */

#include "media/picture_list.h"

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

/* What a region works on. */
typedef struct region {
  ml_picture_list *list;
  int64_t from;
  worker *workers;
} region;

static ml_status size_differs(const ml_decoding *d, const ml_picture_list *l) {
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
static void fitted(const ml_picture_list *l, int64_t h, int64_t w, int64_t *rows, int64_t *columns) {
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
static void centre(const ml_picture_list *l, const uint8_t *x, int64_t rows, int64_t columns, uint8_t *y) {
  int64_t channels = l->options.channels, h = min_of(rows, l->height), w = min_of(columns, l->width);
  const uint8_t *from = x + ((rows - h) / 2 * columns + (columns - w) / 2) * channels;
  uint8_t *to = y + ((l->height - h) / 2 * l->width + (l->width - w) / 2) * channels;
  if (h < l->height || w < l->width) memset(y, 0, (size_t)l->bytes);
  for (int64_t i = 0; i < h; i++) memcpy(to + i * l->width * channels, from + i * columns * channels, (size_t)(w * channels));
}

/* Decoded beside, then resized to y. */
static ml_status read_resized(ml_decoding *d, const ml_picture_list *l, uint8_t *y) {
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

static ml_status read_one(ml_context *c, ml_arena *arena, const ml_picture_list *l, int64_t i) {
  ml_decoding d = {.c = c, .arena = arena};
  uint8_t *y = l->pixels + i * l->bytes;
  ML_TRY(ml_decoding_load(&d, l->paths[i], &l->options));
  ML_TRY(ml_decoding_plan(&d, &l->options));
  if (ml_decoding_height(&d) == l->height && ml_decoding_width(&d) == l->width) return ml_decoding_run(&d, y);
  return l->resizes ? read_resized(&d, l, y) : size_differs(&d, l);
}

static void note_failure(ml_picture_list *l, int64_t i) {
  int64_t before = atomic_load(&l->failed);
  while (i < before && !atomic_compare_exchange_weak(&l->failed, &before, i)) {
  }
}

void ml_picture_list_one(ml_context *own, ml_arena *arena, ml_picture_list *l, int64_t i) {
  if (i > atomic_load(&l->failed)) return;
  if (read_one(own, arena, l, i) != ML_OK) note_failure(l, i);
  ml_arena_reset(arena);
}

static void read_some(void *arg, int64_t begin, int64_t end) {
  const region *r = arg;
  worker *own = &r->workers[ml_thread_index()];
  for (int64_t i = begin; i < end; i++) ml_picture_list_one(&own->context, &own->arena, r->list, r->from + i);
}

/* The message of a file that failed on some thread: it fails again, here. */
static ml_status fail_again(ml_context *c, const ml_picture_list *l, int64_t i) {
  ml_arena arena = {0};
  ml_status status = read_one(c, &arena, l, i);
  ml_arena_drop(&arena);
  if (status == ML_OK) return ml_file_fail(c, l->paths[i], "could not be read, and then it could: read the pictures again");
  return status;
}

size_t ml_picture_list_room(int threads) {
  size_t room = ml_alloc_room();
  return room == SIZE_MAX ? 0 : room / (size_t)threads + 1;
}

ml_status ml_picture_list_rest(ml_context *c, ml_picture_list *l, int64_t from) {
  int threads = ml_threads();
  size_t bytes = (size_t)threads * sizeof(worker);
  void *block;
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  region r = {l, from, block};
  for (int k = 0; k < threads; k++) {
    ml_context_init(&r.workers[k].context);
    r.workers[k].arena = (ml_arena){.threads = true, .limit = ml_picture_list_room(threads)};
  }
  ml_status status = ml_parallel_for(c, l->count - from, 1, read_some, &r);
  for (int k = 0; k < threads; k++) ml_arena_drop(&r.workers[k].arena);
  ml_free(block, bytes);
  return status;
}

ml_status ml_picture_list_all(ml_context *c, ml_picture_list *l) {
  atomic_store(&l->failed, l->count);
  ML_TRY(ml_picture_list_rest(c, l, 0));
  return l->failed < l->count ? fail_again(c, l, l->failed) : ML_OK;
}

/* Without a size: that of the first. */
static ml_status choose_size(ml_context *c, const ml_picture_list_options *o, ml_picture_list *l) {
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

static ml_status make_result(ml_context *c, const ml_picture_list *l, ml_tensor **out) {
  int64_t channels = l->options.channels, count = l->count, bytes;
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

ml_status ml_picture_list_open(ml_context *c, const char *const *paths, int64_t count, const ml_picture_list_options *o,
                               ml_picture_list *l, ml_tensor **out) {
  *l = (ml_picture_list){.paths = paths, .count = count, .fit = o->fit};
  *out = NULL;
  if (count < 1) return ml_fail(c, "read_images: there are no paths");
  ML_TRY(choose_size(c, o, l));
  l->options = (ml_picture_read_options){.channels = o->channels ? o->channels : 3, .max_pixels = o->max_pixels};
  if (l->resizes && !o->whole) l->options.height = l->height, l->options.width = l->width;
  if (__builtin_mul_overflow(l->height, l->width, &l->bytes) || l->bytes > INT32_MAX / 4)
    return ml_fail(c, "read_images: pictures of %lld x %lld are too large", (long long)l->height, (long long)l->width);
  l->bytes *= l->options.channels;
  ML_TRY(make_result(c, l, out));
  l->pixels = ml_data(*out);
  atomic_init(&l->failed, count);
  return ML_OK;
}

ml_status ml_picture_list_read(ml_context *c, const char *const *paths, int64_t count, const ml_picture_list_options *o,
                               ml_tensor **out) {
  ml_picture_list l;
  ML_TRY(ml_picture_list_open(c, paths, count, o, &l, out));
  ml_status status = ml_picture_list_all(c, &l);
  if (status == ML_OK) return ML_OK;
  ml_release(*out);
  *out = NULL;
  return status;
}
