/* Files are read exactly and written whole or not at all, whichever step fails. */

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tensor/alloc.h"
#include "tests/c/whole_file.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"

static ml_context context;
static char folder[] = "/tmp/moonlab-test-file-XXXXXX";

/* A path inside the folder of this test. */
static const char *in_folder(const char *name) {
  static char path[4][512];
  static int turn;
  turn = (turn + 1) % 4;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static int files_in_folder(void) {
  int count = 0;
  DIR *d = opendir(folder);
  if (!d) return -1;
  for (struct dirent *e; (e = readdir(d));) count += e->d_name[0] != '.';
  closedir(d);
  return count;
}

typedef struct content {
  const char *data;
  size_t bytes;
  int times;
} content;

static ml_status write_content(ml_context *c, ml_sink *sink, void *arg) {
  const content *what = arg;
  for (int i = 0; i < what->times; i++) ML_TRY(ml_sink_write(c, sink, what->data, what->bytes));
  return ML_OK;
}

static ml_status write_text(const char *path, const char *text) {
  content what = {text, strlen(text), 1};
  return ml_file_write_atomic(&context, path, write_content, &what);
}

static void check_content(const char *path, const char *expected) {
  void *data;
  size_t bytes;
  CHECK_OK(&context, read_whole(&context, path, 1 << 20, &data, &bytes));
  CHECK_INT(bytes, strlen(expected));
  if (data) CHECK_TEXT(data, expected);
  ml_free(data, data ? bytes + 1 : 0);
}

static void test_a_file_is_written_and_read(void) {
  CHECK_OK(&context, write_text(in_folder("a"), "first"));
  check_content(in_folder("a"), "first");
  CHECK_OK(&context, write_text(in_folder("a"), "second, longer"));
  check_content(in_folder("a"), "second, longer");
  CHECK_OK(&context, write_text(in_folder("a"), ""));
  check_content(in_folder("a"), "");
  CHECK_INT(files_in_folder(), 1);
}

static void test_large_pieces_and_many_small_ones_arrive(void) {
  enum { LARGE = 300000 };
  char *large = malloc(LARGE);
  for (int i = 0; i < LARGE; i++) large[i] = (char)(i * 7);
  content what = {large, LARGE, 3};
  CHECK_OK(&context, ml_file_write_atomic(&context, in_folder("large"), write_content, &what));
  content small = {large, 1001, 299};
  CHECK_OK(&context, ml_file_write_atomic(&context, in_folder("small"), write_content, &small));
  void *data;
  size_t bytes;
  CHECK_OK(&context, read_whole(&context, in_folder("large"), 3 * LARGE, &data, &bytes));
  CHECK_INT(bytes, 3 * LARGE);
  for (int i = 0; i < 3; i++) CHECK(memcmp((char *)data + i * LARGE, large, LARGE) == 0);
  ml_free(data, bytes + 1);
  CHECK_OK(&context, read_whole(&context, in_folder("small"), 1 << 20, &data, &bytes));
  CHECK_INT(bytes, 1001 * 299);
  for (int i = 0; i < 299; i++) CHECK(memcmp((char *)data + i * 1001, large, 1001) == 0);
  ml_free(data, bytes + 1);
  free(large);
  unlink(in_folder("large"));
  unlink(in_folder("small"));
}

/* Each step of saving fails in turn: the message says path and reason, the old file is as it was, nothing is left. */
static void test_a_failure_at_each_step_keeps_the_old_file(void) {
  static const struct {
    ml_file_step step;
    uint64_t n;
    int error;
    const char *reason;
  } fault[] = {
      {ML_FILE_OPEN, 1, EACCES, "Permission denied"},      {ML_FILE_WRITE, 1, ENOSPC, "No space left on device"},
      {ML_FILE_WRITE, 2, EIO, "Input/output error"},       {ML_FILE_FSYNC, 1, EIO, "Input/output error"},
      {ML_FILE_CLOSE, 1, EDQUOT, "Disk quota exceeded"},   {ML_FILE_OPEN, 2, EMFILE, "Too many open files"},
      {ML_FILE_RENAME, 1, EROFS, "Read-only file system"},
  };
  static char data[200000];
  content what = {data, sizeof data / 2, 2};
  const char *path = in_folder("kept");
  char expected[600];
  for (size_t i = 0; i < sizeof fault / sizeof *fault; i++) {
    CHECK_OK(&context, write_text(path, "old"));
    int before = files_in_folder();
    snprintf(expected, sizeof expected, "%s: can't be written: %s", path, fault[i].reason);
    ml_file_fail_at(fault[i].step, fault[i].n, fault[i].error);
    CHECK_FAILS(&context, ML_BAD_DATA, expected, ml_file_write_atomic(&context, path, write_content, &what));
    ml_file_fail_at(fault[i].step, 0, 0);
    check_content(path, "old");
    CHECK_INT(files_in_folder(), before);
  }
  unlink(path);
  /* The same when there was no old file: none appears. */
  int before = files_in_folder();
  ml_file_fail_at(ML_FILE_WRITE, 2, ENOSPC);
  snprintf(expected, sizeof expected, "%s: can't be written: No space left on device", path);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, ml_file_write_atomic(&context, path, write_content, &what));
  CHECK_INT(files_in_folder(), before);
}

static void test_an_unsynced_folder_is_told(void) {
  char expected[600];
  const char *path = in_folder("unsynced");
  snprintf(
      expected, sizeof expected,
      "%s: was written, but its folder can't be synced (Input/output error): a power cut may bring the old one back",
      path);
  ml_file_fail_at(ML_FILE_FSYNC, 2, EIO);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, write_text(path, "new"));
  check_content(path, "new");
  unlink(path);
}

/* A real full disk: the limit on the size of files stops write() in the middle. */
static void test_a_file_that_does_not_fit_leaves_nothing(void) {
  static char data[100000];
  content what = {data, sizeof data, 5};
  const char *path = in_folder("big");
  char expected[600];
  CHECK_OK(&context, write_text(path, "old"));
  int before = files_in_folder();
  struct rlimit old, limit;
  getrlimit(RLIMIT_FSIZE, &old);
  limit = old;
  limit.rlim_cur = 150000;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  snprintf(expected, sizeof expected, "%s: can't be written: File too large", path);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, ml_file_write_atomic(&context, path, write_content, &what));
  setrlimit(RLIMIT_FSIZE, &old);
  check_content(path, "old");
  CHECK_INT(files_in_folder(), before);
  unlink(path);
}

static ml_status failing_writer(ml_context *c, ml_sink *sink, void *arg) {
  (void)arg;
  ML_TRY(ml_sink_write(c, sink, "half", 4));
  return ml_fail(c, "the writer's own reason");
}
static void test_a_failing_writer_leaves_nothing(void) {
  const char *path = in_folder("writer");
  int before = files_in_folder();
  CHECK_FAILS(&context, ML_ERROR, "the writer's own reason",
              ml_file_write_atomic(&context, path, failing_writer, NULL));
  CHECK_INT(files_in_folder(), before);
}

static void test_an_interrupt_does_not_stop_saving(void) {
  const char *path = in_folder("interrupted");
  ml_interrupt_set(true);
  CHECK_OK(&context, write_text(path, "saved"));
  void *data;
  size_t bytes;
  char expected[600];
  snprintf(expected, sizeof expected, "interrupted while reading %s", path);
  CHECK_FAILS(&context, ML_INTERRUPTED, expected, read_whole(&context, path, 100, &data, &bytes));
  ml_interrupt_set(false);
  check_content(path, "saved");
  unlink(path);
}

static void test_what_is_no_regular_file_is_refused(void) {
  void *data;
  size_t bytes;
  char expected[600];
  CHECK_FAILS(&context, ML_BAD_DATA, "/dev/zero: is not a regular file",
              read_whole(&context, "/dev/zero", 100, &data, &bytes));
  CHECK_FAILS(&context, ML_BAD_DATA, "/tmp: is a folder, not a file",
              read_whole(&context, "/tmp", 100, &data, &bytes));
  const char *pipe_path = in_folder("pipe");
  CHECK_INT(mkfifo(pipe_path, 0600), 0);
  snprintf(expected, sizeof expected, "%s: is not a regular file", pipe_path);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, read_whole(&context, pipe_path, 100, &data, &bytes));
  CHECK_FAILS(&context, ML_BAD_DATA, expected, write_text(pipe_path, "x"));
  unlink(pipe_path);
  CHECK_FAILS(&context, ML_BAD_DATA, "/dev/full: is not a regular file", write_text("/dev/full", "x"));
  CHECK_FAILS(&context, ML_BAD_DATA, "/tmp: is a folder, not a file", write_text("/tmp", "x"));
  CHECK_FAILS(&context, ML_BAD_DATA, "/tmp/: does not name a file", write_text("/tmp/", "x"));
  CHECK_FAILS(&context, ML_BAD_DATA, ": does not name a file", write_text("", "x"));
  const char *missing = in_folder("no-folder/x");
  snprintf(expected, sizeof expected, "%s: can't be written: its folder does not exist", missing);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, write_text(missing, "x"));
  snprintf(expected, sizeof expected, "%s: can't be opened: No such file or directory", missing);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, read_whole(&context, missing, 100, &data, &bytes));
}

static void test_a_file_beyond_the_limit_is_refused(void) {
  const char *path = in_folder("limit");
  char expected[600];
  void *data;
  size_t bytes;
  CHECK_OK(&context, write_text(path, "123456"));
  snprintf(expected, sizeof expected, "%s: has 6 bytes; at most 5 are read", path);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, read_whole(&context, path, 5, &data, &bytes));
  CHECK(data == NULL);
  ml_file_fail_at(ML_FILE_READ, 1, EIO);
  snprintf(expected, sizeof expected, "%s: can't be read: Input/output error", path);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, read_whole(&context, path, 6, &data, &bytes));
  unlink(path);
}

static void test_a_link_and_the_permissions_stay(void) {
  const char *file = in_folder("behind"), *link_path = in_folder("link");
  struct stat s;
  CHECK_OK(&context, write_text(file, "old"));
  CHECK_INT(chmod(file, 0640), 0);
  CHECK_INT(symlink(file, link_path), 0);
  CHECK_OK(&context, write_text(link_path, "new"));
  check_content(file, "new");
  CHECK_INT(lstat(link_path, &s), 0);
  CHECK(S_ISLNK(s.st_mode));
  CHECK_INT(stat(file, &s), 0);
  CHECK_INT(s.st_mode & 0777, 0640);
  unlink(link_path);
  unlink(file);
}

/* A long path keeps its end and the reason in the message. */
static void test_a_long_path_does_not_hide_the_reason(void) {
  static char path[4000];
  memset(path, 'x', sizeof path - 1);
  path[0] = '/';
  void *data;
  size_t bytes;
  CHECK(read_whole(&context, path, 5, &data, &bytes) == ML_BAD_DATA);
  CHECK(strstr(context.message, "x: can't be opened: File name too long") != NULL);
}

int main(void) {
  ml_context_init(&context);
  if (!mkdtemp(folder)) return 1;
  size_t live = ml_alloc_statistics().live;
  test_a_file_is_written_and_read();
  test_large_pieces_and_many_small_ones_arrive();
  test_a_failure_at_each_step_keeps_the_old_file();
  test_an_unsynced_folder_is_told();
  test_a_file_that_does_not_fit_leaves_nothing();
  test_a_failing_writer_leaves_nothing();
  test_an_interrupt_does_not_stop_saving();
  test_what_is_no_regular_file_is_refused();
  test_a_file_beyond_the_limit_is_refused();
  test_a_link_and_the_permissions_stay();
  test_a_long_path_does_not_hide_the_reason();
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(in_folder("a"));
  CHECK_INT(rmdir(folder), 0);
  return check_report();
}
