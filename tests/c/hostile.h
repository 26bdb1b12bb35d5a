/* What the tests of file readers share: a scratch file, and what a bad disk, a bad network or a bad person does to it. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/parallel.h"
#include "tests/c/check.h"

static ml_context context, *const c = &context;
static char scratch[] = "/tmp/moonlab-test-file-XXXXXX";

static bool scratch_make(void) {
  ml_context_init(c);
  int fd = mkstemp(scratch);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static void put_file(const void *data, size_t count) {
  FILE *f = fopen(scratch, "wb");
  if (count > 0) fwrite(data, 1, count, f);
  fclose(f);
}

/* Growing bytes ---------------------------------------------------------------------------------------------------- */

typedef struct bytes {
  unsigned char *data;
  size_t count, room;
} bytes;

__attribute__((unused)) static void add(bytes *b, const void *data, size_t count) {
  if (b->count + count > b->room) {
    b->room = 2 * (b->count + count);
    b->data = realloc(b->data, b->room);
  }
  if (count > 0) memcpy(b->data + b->count, data, count);
  b->count += count;
}
__attribute__((unused)) static void add_text(bytes *b, const char *text) { add(b, text, strlen(text)); }
/* Little-endian. */
__attribute__((unused)) static void add_number(bytes *b, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; i++) add(b, &(unsigned char){(unsigned char)(i < 8 ? value >> 8 * i : 0)}, 1);
}
__attribute__((unused)) static void free_bytes(bytes *b) {
  free(b->data);
  *b = (bytes){0};
}

/* window_bits as zlib's: 31 a gzip member, -15 bare deflate. */
__attribute__((unused)) static bytes deflated(const void *data, size_t count, int window_bits) {
  z_stream z;
  memset(&z, 0, sizeof z);
  if (deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  bytes b = {.room = deflateBound(&z, count) + 64};
  b.data = malloc(b.room);
  z.next_in = (unsigned char *)data;
  z.avail_in = (unsigned)count;
  z.next_out = b.data;
  z.avail_out = (unsigned)b.room;
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
  b.count = b.room - z.avail_out;
  deflateEnd(&z);
  return b;
}

/* What must hold whatever was read ---------------------------------------------------------------------------------- */

/* Reads the scratch file and gives back all it got. */
typedef ml_status (*hostile_reader)(void);

/* The reading fails with this behind the path, and leaves nothing. */
__attribute__((unused)) static void fails_with(hostile_reader read, const char *message) {
  char expected[ML_MESSAGE_SIZE];
  size_t live = ml_alloc_statistics().live;
  snprintf(expected, sizeof expected, "%s:%s%s", scratch, message[0] >= '0' && message[0] <= '9' ? "" : " ", message);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read());
  CHECK_INT(ml_alloc_statistics().live, live);
}

/* Right, or an error that names the file; no byte kept, and no more than `most` bytes held at any time. */
__attribute__((unused)) static ml_status survives(hostile_reader read, size_t most, const char *what, size_t where) {
  size_t live = ml_alloc_statistics().live;
  ml_alloc_reset_peak();
  c->message[0] = '\0';
  ml_status status = read();
  check_record(status == ML_OK || status == ML_BAD_DATA, __FILE__, __LINE__, "%s %zu: status %d, %s", what, where,
               (int)status, c->message);
  check_record(status == ML_OK || strncmp(c->message, scratch, sizeof scratch - 1) == 0, __FILE__, __LINE__,
               "%s %zu: the message is '%s'", what, where, c->message);
  check_record(ml_alloc_statistics().live == live, __FILE__, __LINE__, "%s %zu: %zd bytes kept", what, where,
               (ssize_t)(ml_alloc_statistics().live - live));
  check_record(ml_alloc_statistics().peak - live <= most, __FILE__, __LINE__, "%s %zu: %zu bytes held", what, where,
               ml_alloc_statistics().peak - live);
  return status;
}

/* Cut after each number of bytes; how many of the cut files were read without an error. */
__attribute__((unused)) static int hostile_cuts(const bytes *b, hostile_reader read, size_t most) {
  int right = 0;
  for (size_t n = 0; n < b->count; n++) {
    put_file(b->data, n);
    if (survives(read, most, "cut after", n) == ML_OK) right++;
  }
  return right;
}

/* Each of the first `bits` bits flipped, or every `step`-th; how many were read without an error. */
__attribute__((unused)) static int hostile_flips(const bytes *b, hostile_reader read, size_t most, size_t step) {
  int right = 0;
  for (size_t bit = 0; bit < 8 * b->count; bit += step) {
    b->data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    put_file(b->data, b->count);
    if (survives(read, most, "flipped bit", bit) == ML_OK) right++;
    b->data[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  return right;
}

/* The n-th allocation fails, for each n, once and for ever: an error, nothing kept, and the next reading is right. Gives
 * the number of allocations. */
__attribute__((unused)) static int hostile_allocations(hostile_reader read) {
  int count = 0;
  CHECK_OK(c, read());
  for (int for_ever = 0; for_ever < 2; for_ever++) {
    for (int n = 1;; n++) {
      size_t live = ml_alloc_statistics().live;
      c->message[0] = '\0';
      ml_alloc_fail_at((uint64_t)n, for_ever);
      ml_status status = read();
      ml_alloc_fail_at(0, false);
      check_record(ml_alloc_statistics().live == live, __FILE__, __LINE__, "allocation %d: %zd bytes kept", n,
                   (ssize_t)(ml_alloc_statistics().live - live));
      count = n - 1;
      if (status == ML_OK) break;
      check_record(status == ML_OUT_OF_MEMORY && strstr(c->message, "out of memory") != NULL, __FILE__, __LINE__,
                   "allocation %d: status %d, %s", n, (int)status, c->message);
      CHECK_OK(c, read());
    }
  }
  return count;
}

/* The n-th read of the disk fails, for each n; gives the number of reads. */
__attribute__((unused)) static int hostile_reads(hostile_reader read) {
  for (int n = 1;; n++) {
    size_t live = ml_alloc_statistics().live;
    ml_file_fail_at(ML_FILE_READ, (uint64_t)n, 5);
    c->message[0] = '\0';
    ml_status status = read();
    ml_file_fail_at(ML_FILE_READ, 0, 0);
    CHECK_INT(ml_alloc_statistics().live, live);
    if (status == ML_OK) return n - 1;
    check_record(status == ML_BAD_DATA && strstr(c->message, "can't be read: Input/output error") != NULL, __FILE__,
                 __LINE__, "read %d: status %d, %s", n, (int)status, c->message);
  }
}

__attribute__((unused)) static void hostile_open_and_interrupt(hostile_reader read) {
  ml_file_fail_at(ML_FILE_OPEN, 1, 13);
  fails_with(read, "can't be opened: Permission denied");
  ml_file_fail_at(ML_FILE_OPEN, 0, 0);
  size_t live = ml_alloc_statistics().live;
  ml_interrupt_set(true);
  CHECK_INT(read(), ML_INTERRUPTED);
  ml_interrupt_set(false);
  CHECK_INT(ml_alloc_statistics().live, live);
  CHECK_OK(c, read());
}

#endif
