/* The content of a plain, gzip or Zstandard file arrives whole, whatever the sizes of the pieces it is asked for, and a
 * damaged file is an error. */

#include <zstd.h>

#include "tensor/io/stream.h"
#include "tests/c/hostile.h"

enum { MOST = 1 << 20 }; /* bytes that reading a small file may hold */

static size_t piece = 1000; /* how much is asked for at once */
static bytes content;       /* what the last reading gave */

static ml_status read_all(void) {
  ml_stream *s;
  static unsigned char buffer[1 << 21];
  content.count = 0;
  ML_TRY(ml_stream_open(c, scratch, &s));
  ml_status status = ML_OK;
  for (size_t got = piece; status == ML_OK && got == piece;) {
    status = ml_stream_read(c, s, buffer, piece, &got);
    if (status == ML_OK) add(&content, buffer, got);
  }
  if (status == ML_OK) CHECK_INT(ml_stream_given(s), content.count);
  if (status == ML_OK) CHECK_INT(ml_stream_file_taken(s), ml_stream_file_size(s));
  if (status == ML_OK) CHECK((int64_t)content.count <= ml_stream_bound(s));
  ml_stream_close(s);
  return status;
}

static bool content_is(const void *data, size_t count) {
  return content.count == count && (count == 0 || memcmp(content.data, data, count) == 0);
}

/* Bytes that compress a little. */
static bytes sample(size_t count) {
  bytes b = {.data = malloc(count + 1), .count = count, .room = count + 1};
  uint64_t x = 88172645463325252u;
  for (size_t i = 0; i < count; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    b.data[i] = (unsigned char)(x % 5 * (x >> 20) % 7 + 'a');
  }
  return b;
}

/* window_log 0: with the size of the content in the header, and as small a window as holds it. */
static bytes zstandard(const void *data, size_t count, bool checksum, int window_log) {
  ZSTD_CCtx *z = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, checksum);
  if (window_log)
    ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window_log);
  else
    ZSTD_CCtx_setPledgedSrcSize(z, count);
  bytes b = {.room = ZSTD_compressBound(count) + 64};
  b.data = malloc(b.room);
  ZSTD_outBuffer out = {b.data, b.room, 0};
  ZSTD_inBuffer in = {data, count / 2, 0};
  while (in.pos < in.size) ZSTD_compressStream2(z, &out, &in, ZSTD_e_continue); /* two calls: else the size is known */
  in.size = count;
  if (ZSTD_compressStream2(z, &out, &in, ZSTD_e_end) != 0) abort();
  b.count = out.pos;
  ZSTD_freeCCtx(z);
  return b;
}

static const char *const kinds[] = {"plain", "gzip", "zstd with a checksum", "zstd without"};
enum { KINDS = 4 };

static bytes packed(int kind, const void *data, size_t count) {
  if (kind == 1) return deflated(data, count, 31);
  if (kind >= 2) return zstandard(data, count, kind == 2, 0);
  bytes b = {0};
  add(&b, data, count);
  return b;
}

static void test_every_kind_gives_its_content_in_pieces_of_any_size(void) {
  static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 999, 1000, 1001, 65535, 65536, 65537, 131072, 200000};
  static const size_t pieces[] = {1, 7, 1000, 65536, 65537, 1 << 20};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    bytes plain = sample(sizes[i]);
    for (int kind = 0; kind < KINDS; kind++) {
      bytes b = packed(kind, plain.data, plain.count);
      put_file(b.data, b.count);
      for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        piece = pieces[k];
        if (piece == 1 && sizes[i] > 1001) continue;
        CHECK_OK(c, read_all());
        check_record(content_is(plain.data, plain.count), __FILE__, __LINE__, "%s, %zu bytes by %zu: wrong content",
                     kinds[kind], sizes[i], piece);
      }
      free_bytes(&b);
    }
    free_bytes(&plain);
  }
  piece = 1000;
}

static void test_a_long_content_arrives_whole(void) {
  bytes plain = sample(3 * (1 << 20) + 4321);
  for (int kind = 0; kind < KINDS; kind++) {
    bytes b = packed(kind, plain.data, plain.count);
    put_file(b.data, b.count);
    for (piece = (1 << 20) - 1; piece <= (1 << 20) + 1; piece++) {
      CHECK_OK(c, read_all());
      CHECK(content_is(plain.data, plain.count));
    }
    free_bytes(&b);
  }
  free_bytes(&plain);
  piece = 1000;
}

/* Several members or frames are one content, wherever the border between two lies in the buffer. */
static void test_members_and_frames_are_joined(void) {
  for (int kind = 1; kind < KINDS; kind++) {
    bytes file = {0}, all = {0};
    for (int i = 0; i < 40; i++) {
      bytes plain = sample(i % 4 == 3 ? 0 : (size_t)(i * 501 + 17)), b = packed(kind, plain.data, plain.count);
      add(&file, b.data, b.count);
      add(&all, plain.data, plain.count);
      free_bytes(&b);
      free_bytes(&plain);
    }
    CHECK(file.count > 65536);
    put_file(file.data, file.count);
    CHECK_OK(c, read_all());
    CHECK(content_is(all.data, all.count));
    free_bytes(&file);
    free_bytes(&all);
  }
}

/* A member that fills the buffer of 64 KiB exactly, and one byte less and more: its successor begins at the border. */
static void test_a_member_that_ends_at_the_border_of_the_buffer(void) {
  bytes tail = deflated("tail", 4, 31), noise = {0};
  uint64_t x = 1;
  for (int i = 0; i < 70000; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    add(&noise, &(unsigned char){(unsigned char)x}, 1);
  }
  int exact = 0;
  for (size_t count = 65440; count < 65530; count++) {
    bytes b = deflated(noise.data, count, 31);
    if (b.count < 65535 || b.count > 65537) {
      free_bytes(&b);
      continue;
    }
    exact += b.count == 65536;
    add(&b, tail.data, tail.count);
    put_file(b.data, b.count);
    CHECK_OK(c, read_all());
    CHECK(content.count == count + 4 && memcmp(content.data + count, "tail", 4) == 0);
    free_bytes(&b);
  }
  CHECK(exact > 0);
  free_bytes(&tail);
  free_bytes(&noise);
}

static void test_an_empty_file_has_no_content(void) {
  put_file("", 0);
  CHECK_OK(c, read_all());
  CHECK_INT(content.count, 0);
  put_file("\x1f", 1); /* half of gzip's magic is a plain file */
  CHECK_OK(c, read_all());
  CHECK(content_is("\x1f", 1));
}

static void test_a_compressed_file_cut_anywhere_is_an_error(void) {
  bytes plain = sample(1000);
  for (int kind = 1; kind < KINDS; kind++) {
    bytes b = packed(kind, plain.data, plain.count);
    int right = hostile_cuts(&b, read_all, MOST); /* before the magic is complete the file is a plain one */
    check_record(right == (kind == 1 ? 2 : 4), __FILE__, __LINE__, "%s: %d cut files were read", kinds[kind], right);
    free_bytes(&b);
  }
  free_bytes(&plain);
  bytes b = deflated("0123456789", 10, 31);
  put_file(b.data, b.count - 1);
  char expected[200];
  snprintf(expected, sizeof expected, "is cut short: its compressed data ends in the middle, after %zu bytes; fetch it again",
           b.count - 1);
  fails_with(read_all, expected);
  free_bytes(&b);
}

/* With a checksum no flipped bit gives other content; without one nothing worse than other content comes of it. */
static void test_a_flipped_bit_is_never_other_content(void) {
  bytes plain = sample(400);
  for (int kind = 1; kind < KINDS; kind++) {
    bytes b = packed(kind, plain.data, plain.count);
    for (size_t bit = 32; bit < 8 * b.count; bit++) {
      b.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
      put_file(b.data, b.count);
      ml_status status = survives(read_all, (size_t)160 << 20, kinds[kind], bit);
      if (status == ML_OK && kind < 3)
        check_record(content_is(plain.data, plain.count), __FILE__, __LINE__, "%s, bit %zu: other content", kinds[kind], bit);
      b.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free_bytes(&b);
  }
  free_bytes(&plain);
}

static void test_what_follows_the_compressed_data_is_refused(void) {
  bytes b = deflated("0123456789", 10, 31);
  add_text(&b, "xyz");
  put_file(b.data, b.count);
  fails_with(read_all, "has 3 bytes behind the end of its compressed data; fetch it again");
  free_bytes(&b);
  b = zstandard("0123456789", 10, true, 0);
  add_text(&b, "no frame");
  put_file(b.data, b.count);
  CHECK_INT(read_all(), ML_BAD_DATA);
  CHECK(strstr(c->message, "(Unknown frame descriptor); fetch it again") != NULL);
  free_bytes(&b);
}

static void test_a_wrong_checksum_is_an_error(void) {
  bytes b = zstandard("0123456789", 10, true, 0);
  b.data[b.count - 1] ^= 1;
  put_file(b.data, b.count);
  CHECK_INT(read_all(), ML_BAD_DATA);
  CHECK(strstr(c->message, "(Restored data doesn't match checksum); fetch it again") != NULL);
  free_bytes(&b);
  b = deflated("0123456789", 10, 31);
  b.data[b.count - 8] ^= 1;
  put_file(b.data, b.count);
  CHECK_INT(read_all(), ML_BAD_DATA);
  CHECK(strstr(c->message, "(incorrect data check); fetch it again") != NULL);
  free_bytes(&b);
}

/* A frame that wants a window of 256 MiB is refused before memory is asked for. */
static void test_a_window_that_is_too_large_is_refused(void) {
  bytes plain = sample(5000), b = zstandard(plain.data, plain.count, true, 28);
  put_file(b.data, b.count);
  ml_alloc_reset_peak();
  size_t before = ml_alloc_statistics().peak;
  CHECK_INT(read_all(), ML_BAD_DATA);
  CHECK(strstr(c->message, "(Frame requires too much memory for decoding); fetch it again") != NULL);
  CHECK(ml_alloc_statistics().peak - before < MOST);
  free_bytes(&b);
  free_bytes(&plain);
}

static void test_failing_calls_leave_nothing(void) {
  bytes plain = sample(70000);
  for (int kind = 0; kind < KINDS; kind++) {
    bytes b = packed(kind, plain.data, plain.count);
    put_file(b.data, b.count);
    CHECK(hostile_allocations(read_all) >= (kind == 0 ? 1 : 3));
    CHECK(hostile_reads(read_all) >= 2);
    hostile_open_and_interrupt(read_all);
    free_bytes(&b);
  }
  free_bytes(&plain);
}

/* Frames of several windows, long enough to be decompressed ahead: the thread has the reader allocate and free. */
static bytes long_members(int kind, bytes *plain) {
  bytes b = {0};
  *plain = sample(13 << 17);
  for (size_t at = 0, size = 600000; at < plain->count; at += size, size /= 2) {
    size_t count = size > 100000 && plain->count - at > size ? size : plain->count - at;
    bytes member = packed(kind, plain->data + at, count);
    add(&b, member.data, member.count);
    free_bytes(&member);
    size = count;
  }
  return b;
}

static void test_what_is_decompressed_ahead_fails_as_what_is_not(void) {
  for (int kind = 1; kind <= 2; kind++) {
    bytes plain, b = long_members(kind, &plain);
    piece = 300000;
    put_file(b.data, b.count);
    CHECK(hostile_allocations(read_all) >= 4);
    CHECK(content_is(plain.data, plain.count));
    hostile_open_and_interrupt(read_all);
    put_file(b.data, b.count - 5);
    char message[120];
    snprintf(message, sizeof message, "is cut short: its compressed data ends in the middle, after %zu bytes; fetch it again", b.count - 5);
    fails_with(read_all, message);
    b.data[b.count - 40] ^= 16;
    put_file(b.data, b.count);
    CHECK(read_all() == ML_BAD_DATA);
    free_bytes(&b);
    free_bytes(&plain);
  }
  piece = 1000;
}

static void test_a_stream_may_be_closed_while_it_runs_ahead(void) {
  bytes plain, b = long_members(2, &plain);
  static char part[1 << 19];
  put_file(b.data, b.count);
  for (int pieces = 2; pieces <= 3; pieces++) {
    ml_stream *s;
    size_t got;
    CHECK_OK(c, ml_stream_open(c, scratch, &s));
    for (int i = 0; i < pieces; i++) CHECK_OK(c, ml_stream_read(c, s, part, sizeof part, &got));
    CHECK(memcmp(part, plain.data + (pieces - 1) * sizeof part, sizeof part) == 0);
    ml_stream_close(s);
  }
  free_bytes(&b);
  free_bytes(&plain);
}

static void test_a_bomb_stays_within_its_bound(void) {
  bytes zeros = {.data = calloc(1, 8 << 20), .count = 8 << 20, .room = 8 << 20};
  for (int kind = 1; kind < KINDS; kind++) {
    bytes b = packed(kind, zeros.data, zeros.count);
    put_file(b.data, b.count);
    piece = 1 << 20;
    CHECK_OK(c, read_all()); /* compares with ml_stream_bound */
    CHECK_INT(content.count, 8 << 20);
    free_bytes(&b);
  }
  piece = 1000;
  free_bytes(&zeros);
}

int main(void) {
  if (!scratch_make()) return 1;
  size_t live = ml_alloc_statistics().live;
  test_every_kind_gives_its_content_in_pieces_of_any_size();
  test_a_long_content_arrives_whole();
  test_members_and_frames_are_joined();
  test_a_member_that_ends_at_the_border_of_the_buffer();
  test_an_empty_file_has_no_content();
  test_a_compressed_file_cut_anywhere_is_an_error();
  test_a_flipped_bit_is_never_other_content();
  test_what_follows_the_compressed_data_is_refused();
  test_a_wrong_checksum_is_an_error();
  test_a_window_that_is_too_large_is_refused();
  test_failing_calls_leave_nothing();
  ml_threads_set(2);
  test_what_is_decompressed_ahead_fails_as_what_is_not();
  test_a_stream_may_be_closed_while_it_runs_ahead();
  test_a_bomb_stays_within_its_bound();
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(scratch);
  free_bytes(&content);
  return check_report();
}
