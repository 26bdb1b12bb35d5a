/* Parquet files that are damaged, cut short or made to deceive are errors, never a crash, a leak or other values in silence. What sound
 * files hold is tested in tests/lua/test_parquet.lua. */

#include <errno.h>
#include <stdlib.h>

#include "table/parquet_lz4.h"
#include "table/snappy.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"
#include "tests/c/whole_file.h"
#include "tests/fuzz/parquet.c"

static ml_context context;
static char path[] = "/tmp/moonlab-test-parquet-XXXXXX";

#define FIXTURE(name) "tests/fixtures/parquet/" name ".parquet"

enum { LARGEST = 1 << 17 };

typedef struct bytes {
  uint8_t data[LARGEST];
  size_t count;
} bytes;
static bytes file;

static void load(const char *from) {
  void *block;
  CHECK_OK(&context, read_whole(&context, from, LARGEST, &block, &file.count));
  memcpy(file.data, block, file.count);
  ml_free(block, file.count + 1);
}

static void store(size_t count) {
  FILE *f = fopen(path, "wb");
  if (count > 0) fwrite(file.data, 1, count, f);
  fclose(f);
}

/* A sum over all that is read (FNV-1a), by which reads are compared. */
static uint64_t sum;

static void add(const ml_tensor *x) {
  if (!x) return;
  const uint8_t *at = ml_data(x);
  size_t n = (size_t)ml_count(x) * ml_dtype_size((ml_dtype)x->dtype);
  for (size_t i = 0; i < n; i++) sum = (sum ^ at[i]) * 1099511628211u;
}

static ml_status read_all(const char *from, int64_t rows) {
  ml_parquet *p;
  ml_table t = {.rows = 1};
  sum = 14695981039346656037u;
  ML_TRY(ml_parquet_open(&context, from, &p));
  ml_status status = ML_OK;
  while (status == ML_OK && t.rows > 0) {
    status = ml_parquet_read(&context, p, rows, &t);
    for (int i = 0; i < t.columns; i++) add(t.column[i].values), add(t.column[i].bytes), add(t.column[i].ends), add(t.column[i].missing);
    int64_t got = t.rows;
    ml_table_free(&t);
    t.rows = got;
  }
  ml_parquet_close(p);
  return status;
}

/* Damage -------------------------------------------------------------------------------------------------------------- */

static void test_a_file_cut_anywhere_is_an_error(void) {
  static const char *const names[] = {FIXTURE("rle"), FIXTURE("bit_packed"), FIXTURE("old")};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    load(names[k]);
    for (size_t n = 0; n < file.count; n++) {
      store(n);
      ml_status status = read_all(path, INT64_MAX);
      check_record(status == ML_BAD_DATA, __FILE__, __LINE__, "%s cut to %zu bytes: status %d", names[k], n, (int)status);
    }
  }
}

/* Bytes are missing within the file: the footer is right, what it says is not. */
static void test_a_file_without_some_of_its_bytes_is_an_error(void) {
  load(FIXTURE("checksum"));
  size_t whole = file.count;
  for (size_t at = 4; at + 200 < whole; at += 61) {
    load(FIXTURE("checksum"));
    memmove(file.data + at, file.data + at + 100, whole - at - 100);
    store(whole - 100);
    CHECK_INT(read_all(path, INT64_MAX), ML_BAD_DATA);
  }
}

/* A page's checksum covers its bytes: whatever bit of a page is turned, the values are right or it is said. */
static void test_no_bit_turns_in_silence_where_there_are_checksums(void) {
  load(FIXTURE("checksum"));
  CHECK_OK(&context, read_all(FIXTURE("checksum"), INT64_MAX));
  uint64_t right = sum;
  size_t footer = file.count - 8 - (file.data[file.count - 8] | (size_t)file.data[file.count - 7] << 8);
  int noticed = 0;
  for (size_t bit = 4 * 8; bit < footer * 8; bit += 7) {
    file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    store(file.count);
    ml_status status = read_all(path, INT64_MAX);
    noticed += status == ML_BAD_DATA;
    check_record(status == ML_BAD_DATA || (status == ML_OK && sum == right), __FILE__, __LINE__, "bit %zu: status %d, %s", bit,
                 (int)status, context.message);
    file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  CHECK(noticed > 1000);
}

/* Changes of a fixed seed to every fixture: a bit, a byte, some bytes of another place. */
static uint64_t state = 1;
static uint32_t draw(uint32_t below) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33) % below;
}

static void change(uint8_t *data, size_t count) {
  uint32_t n = (uint32_t)count, at = draw(n);
  switch (draw(4)) {
  case 0: data[at] ^= (uint8_t)(1 << draw(8)); break;
  case 1: data[at] = (uint8_t)draw(256); break;
  case 2: data[at] = draw(2) ? 255 : 0; break;
  default:
    for (uint32_t i = 0, from = draw(n), length = draw(16); i < length && at + i < n && from + i < n; i++) data[at + i] = data[from + i];
  }
}

static void test_changed_files_do_no_harm(void) {
  static const char *const names[] = {FIXTURE("plain"),   FIXTURE("plain_v2"), FIXTURE("dictionary"), FIXTURE("delta"),
                                      FIXTURE("split"),   FIXTURE("fallback"), FIXTURE("delta_bytes"), FIXTURE("delta_length"),
                                      FIXTURE("snappy"),  FIXTURE("gzip_v2"),  FIXTURE("zstd"),       FIXTURE("lz4_v2"),
                                      FIXTURE("old"),     FIXTURE("polars"),   FIXTURE("nested"),     FIXTURE("int96"),
                                      FIXTURE("rle"),     FIXTURE("empty"),    FIXTURE("bit_packed"), FIXTURE("decimal_bytes")};
  static bytes changed;
  size_t live = ml_alloc_statistics().live;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    load(names[k]);
    for (int i = 0; i < 250; i++) {
      memcpy(changed.data, file.data, file.count);
      for (uint32_t n = 1 + draw(3); n > 0; n--) change(changed.data, file.count);
      LLVMFuzzerTestOneInput(changed.data, file.count - (draw(8) == 0 ? draw((uint32_t)file.count) : 0));
    }
  }
  CHECK_INT(ml_alloc_statistics().live, live);
}

/* Failures from outside --------------------------------------------------------------------------------------------------- */

static void test_every_failing_allocation_is_said_and_nothing_leaks(void) {
  static const char *const names[] = {FIXTURE("fallback"), FIXTURE("gzip"), FIXTURE("nested")};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    CHECK_OK(&context, read_all(names[k], 30));
    uint64_t right = sum;
    for (int for_ever = 0; for_ever < 2; for_ever++) {
      size_t live = ml_alloc_statistics().live;
      ml_status status = ML_OUT_OF_MEMORY;
      uint64_t n = 1;
      for (; status == ML_OUT_OF_MEMORY; n++) {
        ml_alloc_fail_at(n, for_ever);
        status = read_all(names[k], 30);
        ml_alloc_fail_at(0, false);
        check_record(ml_alloc_statistics().live == live, __FILE__, __LINE__, "%s: allocation %d leaks", names[k], (int)n);
      }
      check_record(status == ML_OK && sum == right && n > 20, __FILE__, __LINE__, "%s: %d allocations, then status %d, %s", names[k],
                   (int)n, (int)status, context.message);
    }
  }
}

static void test_a_failing_disk_is_said(void) {
  for (uint64_t n = 1; n < 12; n++) {
    ml_file_fail_at(ML_FILE_READ, n, EIO);
    CHECK_FAILS(&context, ML_BAD_DATA, FIXTURE("rle") ": can't be read: Input/output error", read_all(FIXTURE("rle"), 10));
    ml_file_fail_at(ML_FILE_READ, 0, 0);
  }
}

static void test_an_interrupt_ends_the_reading(void) {
  ml_parquet *p;
  ml_table t;
  CHECK_OK(&context, ml_parquet_open(&context, FIXTURE("plain"), &p));
  ml_interrupt_set(true);
  CHECK_INT(ml_parquet_read(&context, p, INT64_MAX, &t), ML_INTERRUPTED);
  ml_interrupt_set(false);
  CHECK_FAILS(&context, ML_BAD_DATA, FIXTURE("plain") ": reading failed before; open it again",
              ml_parquet_read(&context, p, INT64_MAX, &t));
  ml_parquet_close(p);
}

static void test_threads_change_nothing(void) {
  static const char *const names[] = {FIXTURE("plain"), FIXTURE("dictionary_v2"), FIXTURE("delta_bytes"), FIXTURE("polars")};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    ml_threads_set(1);
    CHECK_OK(&context, read_all(names[k], INT64_MAX));
    uint64_t one = sum;
    ml_threads_set(3);
    CHECK_OK(&context, read_all(names[k], INT64_MAX));
    CHECK(sum == one);
  }
  ml_threads_set(1);
}

/* The codecs of our own ------------------------------------------------------------------------------------------------------ */

typedef bool (*decoder)(const uint8_t *from, size_t count, uint8_t *to, size_t bytes);

/* It gives this text, and from fewer bytes, or for another length, nothing. */
static void check_codec(decoder decode, const uint8_t *stored, size_t count, const char *text) {
  uint8_t from[128] = {0}, to[128];
  size_t n = strlen(text);
  memcpy(from, stored, count);
  CHECK(decode(from, count, to, n));
  CHECK(memcmp(to, text, n) == 0);
  for (size_t less = 0; less < count; less++) CHECK(!decode(from, less, to, n));
  CHECK(!decode(from, count, to, n - 1));
  CHECK(!decode(from, count, to, n + 1));
}

static void test_snappy_copies_by_all_three_kinds_of_offset(void) {
  static const uint8_t stored[] = {29, 2 << 2, 'a', 'b', 'c', 1 | 1 << 2, 3, 2 | 6 << 2, 1, 0, 3 | 3 << 2, 15, 0, 0, 0, 60 << 2, 9,
                                   '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'};
  static const uint8_t before[32] = {4, 0, 'a', 2 | 2 << 2, 2, 0}, nowhere[32] = {4, 0, 'a', 2 | 2 << 2, 0, 0};
  uint8_t to[64];
  check_codec(ml_snappy_decode, stored, sizeof stored, "abcabcabbbbbbbbabca0123456789");
  CHECK(!ml_snappy_decode(before, 6, to, 4));
  CHECK(!ml_snappy_decode(nowhere, 6, to, 4));
}

static void test_lz4_copies_and_long_lengths(void) {
  static const uint8_t stored[] = {0x30, 'a', 'b', 'c', 3, 0, 0x1f, '-', 1, 0, 3, 0x20, '.', '!'};
  static const uint8_t before[32] = {0x10, 'a', 2, 0, 0x10, 'b'};
  uint8_t to[64];
  check_codec(ml_lz4_decode, stored, sizeof stored, "abcabca-----------------------.!");
  CHECK(!ml_lz4_decode(before, 6, to, 6));
}

int main(void) {
  ml_context_init(&context);
  close(mkstemp(path));
  ml_threads_set(1); /* the files are small: waking threads would take longer than all the rest */
  test_a_file_cut_anywhere_is_an_error();
  test_a_file_without_some_of_its_bytes_is_an_error();
  test_no_bit_turns_in_silence_where_there_are_checksums();
  test_changed_files_do_no_harm();
  test_every_failing_allocation_is_said_and_nothing_leaks();
  test_a_failing_disk_is_said();
  test_an_interrupt_ends_the_reading();
  test_threads_change_nothing();
  test_snappy_copies_by_all_three_kinds_of_offset();
  test_lz4_copies_and_long_lengths();
  unlink(path);
  return check_report();
}
