/* Pictures decoded ahead: the same bytes in the same order whatever the threads, failures where they belong, nothing left behind. */

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/loader.h"
#include "media/picture_write.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"

enum { FILES = 24, SIDE = 40, SIZE = 16, EACH = 4, BATCHES = FILES / EACH };

static ml_context context;
static char folder[] = "/tmp/moonlab-test-loader-XXXXXX";
static char *path[FILES];
static const ml_picture_list_options wish = {.height = SIZE, .width = SIZE};

static void put_picture(int i) {
  ml_shape shape = ml_make_shape(3, 3, SIDE, SIDE);
  ml_tensor *x;
  CHECK_OK(&context, ml_empty(&context, &shape, ML_UINT8, &x));
  uint8_t *p = ml_data(x);
  for (int k = 0; k < 3 * SIDE * SIDE; k++) p[k] = (uint8_t)(k * (i + 3) / 40);
  CHECK_OK(&context, ml_picture_write(&context, path[i], x, &(ml_picture_write_options){.quality = 90}));
  ml_release(x);
}

static void make_files(void) {
  if (!mkdtemp(folder)) abort();
  for (int i = 0; i < FILES; i++) {
    if (asprintf(&path[i], "%s/%02d.%s", folder, i, i % 3 == 0 ? "png" : "jpg") < 0) abort();
    put_picture(i);
  }
}

static void remove_files(void) {
  for (int i = 0; i < FILES; i++) {
    remove(path[i]);
    free(path[i]);
  }
  remove(folder);
}

static int threads_alive(void) {
  int count = 0;
  DIR *d = opendir("/proc/self/task");
  if (!d) abort();
  for (struct dirent *e; (e = readdir(d));) count += e->d_name[0] != '.';
  closedir(d);
  return count;
}

static const char *const *batch_paths(int b) { return (const char *const *)path + (ptrdiff_t)b * EACH; }

static ml_loader *open_loader(int threads) {
  ml_loader *l;
  CHECK_OK(&context, ml_loader_open(&context, threads, &l));
  if (!l) abort();
  return l;
}

static void ask(ml_loader *l, int b) { CHECK_OK(&context, ml_loader_ask(&context, l, batch_paths(b), EACH, &wish)); }

static ml_loader *all_asked(int threads) {
  ml_loader *l = open_loader(threads);
  for (int b = 0; b < BATCHES; b++) ask(l, b);
  return l;
}

/* The next batch is the b-th, bit for bit. */
static void check_batch(ml_loader *l, int b) {
  ml_tensor *x = NULL, *expected = NULL;
  CHECK_OK(&context, ml_loader_take(&context, l, &x));
  CHECK_OK(&context, ml_picture_list_read(&context, batch_paths(b), EACH, &wish, &expected));
  if (x && expected) {
    CHECK_TEXT(ML_SHAPE(&x->shape), "[4, 3, 16, 16]");
    CHECK(memcmp(ml_data(x), ml_data(expected), EACH * 3 * SIZE * SIZE) == 0);
  }
  ml_release(x);
  ml_release(expected);
}

static void check_fails(ml_loader *l, ml_status status, const char *start) {
  ml_tensor *x;
  context.message[0] = '\0';
  CHECK_INT(ml_loader_take(&context, l, &x), status);
  CHECK(x == NULL);
  check_record(strncmp(context.message, start, strlen(start)) == 0, __FILE__, __LINE__, "got %s, expected %s...", context.message, start);
}

static void test_batches_come_in_order_whatever_the_threads(void) {
  for (int threads = 1; threads <= 5; threads += 2) {
    ml_loader *l = all_asked(threads);
    for (int b = 0; b < BATCHES; b++) check_batch(l, b);
    for (int b = BATCHES - 1; b >= 0; b--) ask(l, b), check_batch(l, b);
    ml_loader_close(l);
  }
}

static void test_threads_live_from_the_first_request_to_the_end(void) {
  ml_threads_stop();
  int before = threads_alive(); /* a sanitizer may have one */
  ml_loader *l = open_loader(3);
  CHECK_INT(threads_alive(), before);
  ask(l, 0);
  CHECK_INT(threads_alive(), before + 3);
  ml_loader_close(l);
  CHECK_INT(threads_alive(), before);
}

static void test_closing_early_frees_what_was_not_taken(void) {
  size_t live = ml_alloc_statistics().live;
  for (int taken = 0; taken < BATCHES; taken++) {
    ml_loader *l = all_asked(2);
    for (int b = 0; b < taken; b++) check_batch(l, b);
    ml_loader_close(l);
    CHECK_INT(ml_alloc_statistics().live, live);
  }
  ml_loader_close(NULL);
}

static void test_a_missing_file_is_the_failure_of_its_batch(void) {
  remove(path[9]);
  ml_loader *l = all_asked(2);
  check_batch(l, 0);
  check_batch(l, 1);
  check_fails(l, ML_BAD_DATA, path[9]);
  check_batch(l, 3);
  ml_loader_close(l);
  put_picture(9);
}

/* Of two, the first in order, whichever was found first. */
static void test_a_damaged_file_is_named(void) {
  if (truncate(path[5], 500) != 0 || truncate(path[6], 300) != 0) abort();
  for (int turn = 0; turn < 10; turn++) {
    ml_loader *l = all_asked(3);
    check_batch(l, 0);
    check_fails(l, ML_BAD_DATA, path[5]);
    check_batch(l, 2);
    ml_loader_close(l);
  }
  put_picture(5);
  put_picture(6);
}

static void test_what_is_wrong_with_a_request_is_told_when_it_is_taken(void) {
  ml_loader *l = open_loader(1);
  CHECK_OK(&context, ml_loader_ask(&context, l, batch_paths(0), EACH, &(ml_picture_list_options){.height = 5}));
  CHECK_OK(&context, ml_loader_ask(&context, l, (const char *const[]){"/nowhere.png"}, 1, &(ml_picture_list_options){0}));
  ask(l, 0);
  check_fails(l, ML_ERROR, "read_images: a size is two positive numbers, got 5 x 0");
  check_fails(l, ML_BAD_DATA, "/nowhere.png: ");
  check_batch(l, 0);
  check_fails(l, ML_ERROR, "picture_loader: nothing was asked for");
  ml_loader_close(l);
  CHECK_FAILS(&context, ML_ERROR, "picture_loader: workers must be 1..16, got 0", ml_loader_open(&context, 0, &l));
  CHECK_FAILS(&context, ML_ERROR, "picture_loader: workers must be 1..16, got 17", ml_loader_open(&context, 17, &l));
}

/* What was decoded while the flag stood is decoded again. */
static void test_an_interrupt_ends_a_batch_and_spoils_no_other(void) {
  ml_interrupt_set(true);
  ml_loader *l = all_asked(2);
  check_fails(l, ML_INTERRUPTED, "");
  ml_interrupt_set(false);
  for (int b = 1; b < BATCHES; b++) check_batch(l, b);
  ml_loader_close(l);
}

/* One batch from first to last, with the n-th allocation of the caller's failing. */
static void run_failing(uint64_t n, size_t live) {
  ml_loader *l;
  ml_tensor *x = NULL;
  ml_alloc_fail_at(n, false);
  ml_status status = ml_loader_open(&context, 2, &l);
  if (status == ML_OK) status = ml_loader_ask(&context, l, batch_paths(0), EACH, &wish);
  if (status == ML_OK) status = ml_loader_take(&context, l, &x);
  ml_alloc_fail_at(0, false);
  if (status != ML_OK) CHECK(status == ML_OUT_OF_MEMORY && strstr(context.message, "out of memory"));
  ml_release(x);
  ml_loader_close(l);
  CHECK_INT(ml_alloc_statistics().live, live);
}

/* A message or, where take could try again, the batch; nothing is lost. A whole run makes fewer than 12. */
static void test_failing_allocations_lose_nothing(void) {
  size_t live = ml_alloc_statistics().live;
  for (uint64_t n = 1; n < 12; n++) run_failing(n, live);
}

int main(void) {
  ml_context_init(&context);
  size_t live = ml_alloc_statistics().live;
  make_files();
  test_batches_come_in_order_whatever_the_threads();
  test_threads_live_from_the_first_request_to_the_end();
  test_closing_early_frees_what_was_not_taken();
  test_a_missing_file_is_the_failure_of_its_batch();
  test_a_damaged_file_is_named();
  test_what_is_wrong_with_a_request_is_told_when_it_is_taken();
  test_an_interrupt_ends_a_batch_and_spoils_no_other();
  test_failing_allocations_lose_nothing();
  remove_files();
  CHECK_INT(ml_alloc_statistics().live, live);
  return check_report();
}
