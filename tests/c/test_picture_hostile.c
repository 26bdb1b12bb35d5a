/* Whatever is wrong with a picture is an error that names it, found without much memory or time. */

#include <unistd.h>
#include <zlib.h>

#include "media/picture.h"
#include "tensor/alloc.h"
#include "tensor/parallel.h"
#include "tests/c/picture_fixtures.h"

enum { MOST = 8192 };

typedef struct bytes {
  uint8_t data[MOST];
  size_t count;
} bytes;

static bytes file_of(const char *name) {
  const ml_tensor *x = fixture(name);
  bytes b = {.count = (size_t)ml_count(x)};
  if (b.count > MOST) abort();
  memcpy(b.data, ml_data(x), b.count);
  return b;
}

static void append(bytes *b, const void *data, size_t count) {
  if (b->count + count > MOST) abort();
  memcpy(b->data + b->count, data, count);
  b->count += count;
}

static ml_status decode(const void *data, size_t count, const ml_picture_read_options *o) {
  ml_tensor *x;
  context.message[0] = '\0';
  ml_status status = ml_picture_decode(&context, data, count, "hostile", o, &x);
  check_record((status == ML_OK) == (x != NULL), __FILE__, __LINE__, "a status without its result");
  ml_release(x);
  return status;
}

static const ml_picture_read_options strict = {0};

#define FAILS(b, expected) CHECK_FAILS(&context, ML_BAD_DATA, expected, decode((b).data, (b).count, &strict))

/* PNG by hand ------------------------------------------------------------------------------------------------------- */

static void append_big(bytes *b, uint32_t v) {
  append(b, (uint8_t[]){(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v}, 4);
}

static void append_chunk(bytes *b, const char *type, const void *data, size_t count) {
  append_big(b, (uint32_t)count);
  size_t from = b->count;
  append(b, type, 4);
  append(b, data, count);
  append_big(b, (uint32_t)crc32(0, b->data + from, (unsigned)(4 + count)));
}

static bytes png_header(uint32_t width, uint32_t height) {
  bytes b = {.count = 0}, h = {.count = 0};
  append(&b, "\x89PNG\r\n\x1a\n", 8);
  append_big(&h, width);
  append_big(&h, height);
  append(&h, "\x08\0\0\0\0", 5);
  append_chunk(&b, "IHDR", h.data, h.count);
  return b;
}

/* Tests -------------------------------------------------------------------------------------------------------------- */

static const char *const cut[] = {"png_rgb_8", "png_palette_4_interlaced", "png_gray_16_trns", "png_many_chunks", "jpeg_420",
                                  "jpeg_gray_progressive", "jpeg_cmyk", "jpeg_restarts", "jpeg_orientation_6"};

static void test_a_file_cut_anywhere_is_an_error(void) {
  for (size_t k = 0; k < sizeof cut / sizeof *cut; k++) {
    bytes b = file_of(cut[k]);
    for (size_t n = 0; n < b.count; n++) {
      ml_status status = decode(b.data, n, &strict);
      bool named = strncmp(context.message, "hostile: ", 9) == 0;
      check_record(status == ML_BAD_DATA && named, __FILE__, __LINE__, "%s cut after %zu bytes: status %d, %s", cut[k], n, (int)status,
                   context.message);
    }
  }
}

static void test_a_cut_file_says_so(void) {
  bytes jpeg = file_of("jpeg_420"), png = file_of("png_rgb_8");
  size_t whole = jpeg.count;
  char expected[100];
  jpeg.count = 0;
  FAILS(jpeg, "hostile: is empty; fetch it again");
  jpeg.count = 100;
  FAILS(jpeg, "hostile: is cut short: its header ends after 100 bytes; fetch it again");
  jpeg.count = whole - 40;
  snprintf(expected, sizeof expected, "hostile: is cut short: its data ends in the middle, after %zu bytes; fetch it again", jpeg.count);
  FAILS(jpeg, expected);
  jpeg.count = whole - 1; /* all pixels are there, but who knows */
  snprintf(expected, sizeof expected, "hostile: is cut short: its data ends in the middle, after %zu bytes; fetch it again", jpeg.count);
  FAILS(jpeg, expected);
  png.count -= 3;
  snprintf(expected, sizeof expected, "hostile: is cut short: its data ends in the middle, after %zu bytes; fetch it again", png.count);
  FAILS(png, expected);
}

/* Everything in a PNG has a checksum. */
static void test_a_flipped_bit_in_a_png_is_an_error(void) {
  for (size_t k = 0; k < 4; k++) {
    bytes b = file_of(cut[k]);
    for (size_t bit = 0; bit < 8 * b.count; bit++) {
      b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      ml_status status = decode(b.data, b.count, &strict);
      check_record(status == ML_BAD_DATA, __FILE__, __LINE__, "%s, bit %zu: status %d", cut[k], bit, (int)status);
      b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
  }
}

static void test_what_there_is_of_a_damaged_picture_can_be_read(void) {
  char damage[ML_PICTURE_DAMAGE];
  ml_picture_read_options o = {.damage = damage};
  const ml_tensor *pixels = fixture("png_many_chunks=3");
  bytes b = file_of("png_many_chunks");
  ml_tensor *x;
  CHECK_OK(&context, ml_picture_decode(&context, b.data, b.count, "x", &o, &x));
  CHECK_TEXT(damage, "");
  ml_release(x);
  CHECK_OK(&context, ml_picture_decode(&context, b.data, b.count - 40, "x", &o, &x));
  if (!x) return;
  char expected[100];
  snprintf(expected, sizeof expected, "is cut short: its data ends in the middle, after %zu bytes", b.count - 40);
  CHECK_TEXT(damage, expected);
  const uint8_t *p = ml_data(x);
  CHECK(memcmp(p, ml_data(pixels), 21) == 0); /* the first row */
  CHECK_INT(p[ml_count(x) - 1], 0);
  ml_release(x);
}

static void test_nothing_is_allocated_from_a_claim(void) {
  bytes b = png_header(16000, 16000);
  append_chunk(&b, "IDAT", "\x78\x9c\x63\x00", 4);
  ml_alloc_reset_peak();
  size_t before = ml_alloc_statistics().peak;
  FAILS(b, "hostile: is cut short or damaged: its header announces 16000 x 16000 pixels, which 49 bytes can't hold; fetch it again");
  b = png_header(0xffffffff, 0xffffffff);
  append_chunk(&b, "IDAT", "", 0);
  FAILS(b, "hostile: has 4294967295 x 4294967295 pixels; at most 268435456 are read");
  b = png_header(0, 5);
  append_chunk(&b, "IDAT", "", 0);
  FAILS(b, "hostile: is damaged: its header announces 5 x 0 pixels; fetch it again");
  b = file_of("jpeg_420");
  for (size_t i = 0; i + 9 < b.count; i++)
    if (b.data[i] == 0xff && b.data[i + 1] == 0xc0) memcpy(b.data + i + 5, "\x3a\x98\x3a\x98", 4);
  b.count = b.count / 2 * 2;
  CHECK_INT(decode(b.data, b.count, &strict), ML_BAD_DATA);
  CHECK(strstr(context.message, "announces 15000 x 15000 pixels, which") != NULL);
  CHECK(ml_alloc_statistics().peak - before < 1 << 20);
}

/* libpng 1.6.39 by itself takes 1 GB for these. */
static void test_a_chunk_that_claims_a_gigabyte_costs_nothing(void) {
  ml_alloc_reset_peak();
  size_t before = ml_alloc_statistics().peak;
  bytes b = png_header(1, 1);
  append_big(&b, 0x3fffffff);
  append(&b, "zTXt", 4);
  append(&b, "claimed and absent", 16);
  FAILS(b, "hostile: is cut short: its header ends after 57 bytes; fetch it again");
  b = file_of("png_rgb_8"); /* the same behind the pixels */
  b.count -= 12;
  append_big(&b, 0x3fffffff);
  append(&b, "iTXt", 4);
  append(&b, "claimed and absent", 16);
  FAILS(b, "hostile: is damaged: iTXt: chunk data is too large; fetch it again");
  CHECK(ml_alloc_statistics().peak - before < 2 << 20);
}

/* 64 million pixels from 64 KB: within what the format can do, so the limits decide. */
static void test_a_bomb_meets_the_limits(void) {
  enum { SIDE = 8000 };
  uLong raw = (uLong)SIDE * (SIDE + 1), room = compressBound(raw);
  uint8_t *zeros = calloc(raw, 1), *packed = malloc(room), *file = malloc(room + 200);
  if (!zeros || !packed || !file || compress2(packed, &room, zeros, raw, 9) != Z_OK) abort();
  bytes b = png_header(SIDE, SIDE);
  memcpy(file, b.data, b.count);
  size_t at = b.count;
  bytes head = {.count = 0};
  append_big(&head, (uint32_t)room);
  append(&head, "IDAT", 4);
  memcpy(file + at, head.data, 8), at += 8;
  memcpy(file + at, packed, room), at += room;
  head.count = 0;
  append_big(&head, (uint32_t)crc32(crc32(0, (const uint8_t *)"IDAT", 4), packed, (unsigned)room));
  append_chunk(&head, "IEND", "", 0);
  memcpy(file + at, head.data, head.count), at += head.count;

  CHECK_FAILS(&context, ML_BAD_DATA, "hostile: has 8000 x 8000 pixels; at most 1000000 are read",
              decode(file, at, &(ml_picture_read_options){.max_pixels = 1000000}));
  size_t live = ml_alloc_statistics().live;
  ml_alloc_set_limit(live + (32 << 20));
  CHECK_INT(decode(file, at, &strict), ML_OUT_OF_MEMORY);
  ml_alloc_set_limit(0);
  CHECK_INT(ml_alloc_statistics().live, live);
  ml_interrupt_set(true);
  CHECK_INT(decode(file, at, &strict), ML_INTERRUPTED);
  ml_interrupt_set(false);
  free(zeros);
  free(packed);
  free(file);
}

/* A progressive file may paint over its picture again and again: the last scan of this one many times. */
static void test_many_scans_are_refused(void) {
  char damage[ML_PICTURE_DAMAGE];
  bytes b = file_of("jpeg_gray_progressive");
  size_t last = 0, end = b.count - 2;
  for (size_t i = 0; i + 1 < b.count; i++)
    if (b.data[i] == 0xff && b.data[i + 1] == 0xda) last = i;
  size_t scan = end - last, count = 150;
  uint8_t *file = malloc(b.count + count * scan), *at = file + end;
  if (!file) abort();
  memcpy(file, b.data, end);
  for (size_t i = 0; i < count; i++, at += scan) memcpy(at, b.data + last, scan);
  memcpy(at, "\xff\xd9", 2);
  CHECK_FAILS(&context, ML_BAD_DATA, "hostile: has more than 100 scans: it is not read, since it would take very long",
              decode(file, (size_t)(at + 2 - file), &(ml_picture_read_options){.damage = damage}));
  free(file);
}

static void test_an_interrupt_stops_reading(void) {
  static const char *const names[] = {"jpeg_420", "jpeg_progressive"};
  for (int k = 0; k < 2; k++) {
    bytes b = file_of(names[k]);
    ml_interrupt_set(true);
    CHECK_INT(decode(b.data, b.count, &strict), ML_INTERRUPTED);
    ml_interrupt_set(false);
    CHECK_INT(decode(b.data, b.count, &strict), ML_OK);
  }
}

static void test_failing_allocations_leave_nothing(void) {
  static const char *const names[] = {"png_rgba_16_interlaced", "jpeg_progressive", "jpeg_orientation_6", "jpeg_cmyk"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    bytes b = file_of(names[k]);
    for (uint64_t n = 1;; n++) {
      size_t live = ml_alloc_statistics().live;
      ml_alloc_fail_at(n, false);
      ml_status status = decode(b.data, b.count, &(ml_picture_read_options){.channels = 1});
      ml_alloc_fail_at(0, false);
      CHECK_INT(ml_alloc_statistics().live, live);
      if (status == ML_OK) {
        CHECK(n > 3);
        break;
      }
      CHECK_INT(status, ML_OUT_OF_MEMORY);
      CHECK(strncmp(context.message, "out of memory", 13) == 0);
    }
  }
}

static void test_what_is_no_picture_is_named(void) {
  bytes b = {.count = 0};
  append(&b, "GIF89a..", 8);
  FAILS(b, "hostile: is no picture that can be read: it begins with 47 49 46 38; PNG (89 50 4e 47) and JPEG (ff d8 ff) are read");
  b = file_of("jpeg_gray");
  for (size_t i = 0; i + 1 < b.count; i++)
    if (b.data[i] == 0xff && b.data[i + 1] == 0xc0) b.data[i + 1] = 0xc9;
  FAILS(b, "hostile: is a JPEG of a kind that is not read (arithmetic coding, ff c9); save it as an ordinary one");
}

int main(void) {
  size_t live = ml_alloc_statistics().live;
  if (!load_fixtures()) return check_report();
  test_a_file_cut_anywhere_is_an_error();
  test_a_cut_file_says_so();
  test_a_flipped_bit_in_a_png_is_an_error();
  test_what_there_is_of_a_damaged_picture_can_be_read();
  test_nothing_is_allocated_from_a_claim();
  test_a_chunk_that_claims_a_gigabyte_costs_nothing();
  test_a_bomb_meets_the_limits();
  test_many_scans_are_refused();
  test_an_interrupt_stops_reading();
  test_failing_allocations_leave_nothing();
  test_what_is_no_picture_is_named();
  ml_safetensors_free(&fixtures);
  CHECK_INT(ml_alloc_statistics().live, live);
  return check_report();
}
