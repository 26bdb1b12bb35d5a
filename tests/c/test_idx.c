/* IDX files load exactly, and whatever is wrong with one is an error that says what. */

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/idx.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/idx.c"

static ml_context context;
static char path[] = "/tmp/moonlab-test-idx-XXXXXX";

typedef struct bytes {
  unsigned char data[8192];
  size_t count;
} bytes;

static void put_file(const void *data, size_t count) {
  FILE *f = fopen(path, "wb");
  if (count > 0) fwrite(data, 1, count, f);
  fclose(f);
}

static void append(bytes *b, const void *data, size_t count) {
  memcpy(b->data + b->count, data, count);
  b->count += count;
}

/* The header of an IDX file. */
static bytes header(int type, int ndim, const uint32_t *size) {
  bytes b = {.count = 0};
  append(&b, (unsigned char[]){0, 0, (unsigned char)type, (unsigned char)ndim}, 4);
  for (int i = 0; i < ndim; i++) {
    unsigned char big[4] = {(unsigned char)(size[i] >> 24), (unsigned char)(size[i] >> 16),
                            (unsigned char)(size[i] >> 8), (unsigned char)size[i]};
    append(&b, big, 4);
  }
  return b;
}

static bytes gzipped(const bytes *plain) {
  bytes b = {.count = 0};
  z_stream z;
  memset(&z, 0, sizeof z);
  if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  z.next_in = (unsigned char *)plain->data;
  z.avail_in = (unsigned)plain->count;
  z.next_out = b.data;
  z.avail_out = sizeof b.data;
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
  b.count = sizeof b.data - z.avail_out;
  deflateEnd(&z);
  return b;
}

/* Two small pictures, [2, 3, 4], 0..23 times 11. */
static bytes pictures(void) {
  bytes b = header(8, 3, (uint32_t[]){2, 3, 4});
  for (int i = 0; i < 24; i++) append(&b, &(unsigned char){(unsigned char)(11 * i)}, 1);
  return b;
}

static ml_status read_status(void) {
  ml_tensor *x;
  ml_status status = ml_idx_read(&context, path, &x);
  ml_release(x);
  return status;
}

/* Both reading and peeking fail, with this message behind the path. */
static void fails_with(const char *message) {
  char expected[1000];
  snprintf(expected, sizeof expected, "%s: %s", path, message);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, read_status());
}
static void header_fails_with(const char *message) {
  ml_shape shape;
  ml_dtype dtype;
  char expected[1000];
  snprintf(expected, sizeof expected, "%s: %s", path, message);
  fails_with(message);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, ml_idx_peek(&context, path, &shape, &dtype));
}

#define WAY_OUT "; fetch it again"

static void check_pictures(void) {
  ml_tensor *x;
  ml_shape shape;
  ml_dtype dtype;
  CHECK_OK(&context, ml_idx_peek(&context, path, &shape, &dtype));
  CHECK_TEXT(ML_SHAPE(&shape), "[2, 3, 4]");
  CHECK_INT(dtype, ML_UINT8);
  CHECK_OK(&context, ml_idx_read(&context, path, &x));
  if (!x) return;
  CHECK_TEXT(ML_SHAPE(&x->shape), "[2, 3, 4]");
  CHECK_INT(x->dtype, ML_UINT8);
  for (int i = 0; i < 24; i++) CHECK_INT(((uint8_t *)ml_data(x))[i], (11 * i) & 255);
  ml_release(x);
}

static void test_plain_and_gzip_give_the_same(void) {
  bytes plain = pictures(), gz = gzipped(&plain);
  put_file(plain.data, plain.count);
  check_pictures();
  put_file(gz.data, gz.count);
  check_pictures();
}

/* Elements wider than a byte arrive in the host's order. */
static void test_wide_types_are_turned(void) {
  static const unsigned char shorts[] = {0x00, 0x01, 0xff, 0xfe, 0x7f, 0xff, 0x80, 0x00, 0x12, 0x34};
  static const unsigned char ints[] = {0x00, 0x01, 0x02, 0x03, 0xff, 0xff, 0xff, 0xff};
  static const unsigned char floats[] = {0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0};
  static const unsigned char doubles[] = {0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0x00, 0, 0, 0, 0, 0, 0};
  static const struct {
    int type;
    uint32_t count;
    const unsigned char *data;
    size_t length;
    ml_dtype dtype;
    double value[5];
  } wide[] = {
      {0x0b, 5, shorts, sizeof shorts, ML_INT32, {1, -2, 32767, -32768, 0x1234}},
      {0x0c, 2, ints, sizeof ints, ML_INT32, {0x010203, -1}},
      {0x0d, 2, floats, sizeof floats, ML_FLOAT32, {1, -2.5}},
      {0x0e, 2, doubles, sizeof doubles, ML_FLOAT64, {1.5, -2}},
  };
  for (size_t k = 0; k < sizeof wide / sizeof *wide; k++) {
    for (int compressed = 0; compressed < 2; compressed++) {
      bytes b = header(wide[k].type, 1, &wide[k].count);
      append(&b, wide[k].data, wide[k].length);
      if (compressed) b = gzipped(&b);
      put_file(b.data, b.count);
      ml_tensor *x;
      CHECK_OK(&context, ml_idx_read(&context, path, &x));
      if (!x) continue;
      CHECK_INT(x->dtype, wide[k].dtype);
      for (uint32_t i = 0; i < wide[k].count; i++) {
        double value = x->dtype == ML_INT32     ? (double)((int32_t *)ml_data(x))[i]
                       : x->dtype == ML_FLOAT32 ? (double)ml_f32(x)[i]
                                                : ml_f64(x)[i];
        CHECK_CLOSE(value, wide[k].value[i], 0);
      }
      ml_release(x);
    }
  }
}

static void test_a_file_of_several_pieces_arrives_whole(void) {
  enum { COUNT = 3 * (1 << 20) + 12345 };
  uint32_t size = COUNT;
  bytes b = header(8, 1, &size);
  gzFile f = gzopen(path, "wb1");
  gzwrite(f, b.data, (unsigned)b.count);
  unsigned char *data = malloc(COUNT);
  for (int i = 0; i < COUNT; i++) data[i] = (unsigned char)(i * 2654435761u >> 13);
  gzwrite(f, data, COUNT);
  gzclose(f);
  ml_tensor *x;
  CHECK_OK(&context, ml_idx_read(&context, path, &x));
  if (x) CHECK(memcmp(ml_data(x), data, COUNT) == 0);
  ml_release(x);
  free(data);
}

static void test_wrong_headers_are_named(void) {
  bytes b = pictures();
  put_file("", 0);
  header_fails_with("is empty" WAY_OUT);
  put_file("\x89PNG\r\n", 6);
  header_fails_with("is not an IDX file: it begins with 89 50 4e 47, expected 00 00");
  put_file(b.data, 3);
  header_fails_with("is cut short: the header ends after 3 bytes" WAY_OUT);
  put_file(b.data, 15);
  header_fails_with("is cut short: the header ends after 15 bytes" WAY_OUT);
  b.data[2] = 9;
  put_file(b.data, b.count);
  header_fails_with("holds signed bytes (type code 09), which no tensor type can hold");
  b.data[2] = 0x42;
  put_file(b.data, b.count);
  header_fails_with("has the unknown type code 42; known are 08 (uint8), 0b (int16), 0c (int32), 0d (float32), "
                    "0e (float64)");
  b = pictures();
  b.data[3] = 0;
  put_file(b.data, b.count);
  header_fails_with("is damaged: its header announces 0 dimensions, expected 1 to 8" WAY_OUT);
  b.data[3] = 9;
  put_file(b.data, b.count);
  header_fails_with("is damaged: its header announces 9 dimensions, expected 1 to 8" WAY_OUT);
  b = header(8, 2, (uint32_t[]){3, 0});
  put_file(b.data, b.count);
  header_fails_with("is empty: its header announces the shape [3, 0]");
}

static void test_sizes_are_compared_before_anything_is_allocated(void) {
  bytes b = pictures();
  put_file(b.data, b.count - 1);
  header_fails_with("is cut short: its header announces [2, 3, 4], 40 bytes, but it has 39" WAY_OUT);
  append(&b, "xyz", 3);
  put_file(b.data, b.count);
  header_fails_with("has 3 bytes behind the 40 that its header announces for [2, 3, 4]" WAY_OUT);

  b = header(8, 3, (uint32_t[]){4000000000u, 4000000000u, 4000000000u});
  put_file(b.data, b.count);
  header_fails_with("is damaged: its header announces the shape [4000000000, 4000000000, 4000000000], more than any "
                    "file holds" WAY_OUT);
  b = header(0x0e, 2, (uint32_t[]){2000000000u, 2});
  put_file(b.data, b.count);
  header_fails_with("is cut short: its header announces [2000000000, 2], 32000000012 bytes, but it has 12" WAY_OUT);

  b = header(8, 1, (uint32_t[]){4000000000u});
  bytes gz = gzipped(&b);
  char expected[400];
  snprintf(expected, sizeof expected,
           "is cut short or damaged: its header announces [4000000000], 4000000008 bytes, which %zu compressed bytes "
           "can't hold" WAY_OUT,
           gz.count);
  put_file(gz.data, gz.count);
  ml_alloc_reset_peak();
  size_t before = ml_alloc_statistics().peak;
  header_fails_with(expected);
  CHECK(ml_alloc_statistics().peak - before < 1 << 20);
}

/* Every byte of a small gzip file is needed. */
static void test_a_gzip_file_cut_anywhere_is_an_error(void) {
  bytes plain = pictures(), gz = gzipped(&plain);
  for (size_t n = 0; n < gz.count; n++) {
    put_file(gz.data, n);
    ml_status status = read_status();
    check_record(status == ML_BAD_DATA, __FILE__, __LINE__, "cut after %zu bytes: status %d", n, (int)status);
    CHECK(strncmp(context.message, path, sizeof path - 1) == 0);
  }
  char expected[200];
  put_file(gz.data, gz.count - 1);
  snprintf(expected, sizeof expected, "is cut short: its compressed data ends in the middle, after %zu bytes" WAY_OUT,
           gz.count - 1);
  fails_with(expected);
}

/* A flipped bit is an error, except where gzip keeps no data (time and system in its header, what fills up the last
 * byte before the checksum): there the content must be right. */
static void test_a_flipped_bit_is_never_wrong_data(void) {
  bytes plain = pictures(), gz = gzipped(&plain);
  int errors = 0;
  for (size_t bit = 0; bit < 8 * gz.count; bit++) {
    bytes b = gz;
    b.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    put_file(b.data, b.count);
    ml_tensor *x;
    ml_status status = ml_idx_read(&context, path, &x);
    if (status == ML_OK) {
      bool idle = bit / 8 < 10 || bit / 8 == gz.count - 9;
      check_record(idle && memcmp(ml_data(x), plain.data + 16, 24) == 0, __FILE__, __LINE__,
                   "bit %zu flipped: read, and wrong or not where it may be", bit);
    } else {
      CHECK_INT(status, ML_BAD_DATA);
      errors++;
    }
    ml_release(x);
  }
  CHECK(errors >= 8 * ((int)gz.count - 11));
  for (size_t bit = 0; bit < 8 * 16; bit++) { /* the header of a plain file */
    bytes b = plain;
    b.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    put_file(b.data, b.count);
    CHECK_INT(read_status(), ML_BAD_DATA);
  }
}

static void test_what_follows_compressed_data_is_refused(void) {
  bytes plain = pictures();
  bytes gz = gzipped(&plain);
  append(&gz, "xy", 2);
  put_file(gz.data, gz.count);
  fails_with("has 2 bytes behind the end of its compressed data" WAY_OUT);
  append(&plain, "x", 1);
  gz = gzipped(&plain);
  put_file(gz.data, gz.count);
  fails_with("holds more than the 24 elements of [2, 3, 4] that its header announces" WAY_OUT);
  plain.count -= 3;
  gz = gzipped(&plain);
  put_file(gz.data, gz.count);
  fails_with("is cut short: [2, 3, 4] ends after 38 bytes" WAY_OUT);
}

static void test_a_wrong_checksum_is_an_error(void) {
  bytes plain = pictures(), gz = gzipped(&plain);
  gz.data[gz.count - 8] ^= 1;
  put_file(gz.data, gz.count);
  char expected[200];
  snprintf(expected, sizeof expected,
           "is damaged: its compressed data is wrong before byte %zu (incorrect data check)" WAY_OUT, gz.count - 4);
  fails_with(expected);
}

static void test_an_interrupt_stops_reading(void) {
  bytes plain = pictures();
  put_file(plain.data, plain.count);
  ml_interrupt_set(true);
  CHECK_INT(read_status(), ML_INTERRUPTED);
  ml_interrupt_set(false);
  CHECK_INT(read_status(), ML_OK);
}

/* The n-th allocation fails, for each n: an error, nothing is kept, and the next reading is right. */
static void test_failing_allocations_leave_nothing(void) {
  bytes plain = pictures(), gz = gzipped(&plain);
  put_file(gz.data, gz.count);
  for (int for_ever = 0; for_ever < 2; for_ever++) {
    for (uint64_t n = 1;; n++) {
      size_t live = ml_alloc_statistics().live;
      context.message[0] = '\0';
      ml_alloc_fail_at(n, for_ever);
      ml_status status = read_status();
      ml_alloc_fail_at(0, false);
      CHECK_INT(ml_alloc_statistics().live, live);
      if (status == ML_OK) {
        CHECK(n > 4);
        break;
      }
      CHECK_INT(status, ML_OUT_OF_MEMORY);
      CHECK(strncmp(context.message, "out of memory", 13) == 0);
      check_pictures();
    }
  }
}

static void test_failing_reads_are_named(void) {
  bytes plain = pictures();
  put_file(plain.data, plain.count);
  ml_file_fail_at(ML_FILE_OPEN, 1, 13);
  fails_with("can't be opened: Permission denied");
  for (uint64_t n = 1; n <= 4; n++) {
    ml_file_fail_at(ML_FILE_READ, n, 5);
    fails_with("can't be read: Input/output error");
  }
  ml_file_fail_at(ML_FILE_READ, 0, 0);
}

int main(void) {
  ml_context_init(&context);
  int fd = mkstemp(path);
  if (fd < 0) return 1;
  close(fd);
  size_t live = ml_alloc_statistics().live;
  test_plain_and_gzip_give_the_same();
  test_wide_types_are_turned();
  test_a_file_of_several_pieces_arrives_whole();
  test_wrong_headers_are_named();
  test_sizes_are_compared_before_anything_is_allocated();
  test_a_gzip_file_cut_anywhere_is_an_error();
  test_a_flipped_bit_is_never_wrong_data();
  test_what_follows_compressed_data_is_refused();
  test_a_wrong_checksum_is_an_error();
  test_an_interrupt_stops_reading();
  test_failing_allocations_leave_nothing();
  test_failing_reads_are_named();
  fuzz_corpus("tests/fuzz/corpus/idx", 3000);
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(path);
  return check_report();
}
