/* WAV files of every sample format load, what is written reads back, and a damaged file is an error. The values against scipy's
 * are tested in Lua (tests/lua/test_formats.lua). */

#include <math.h>

#include "media/wav.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/wav.c"
#include "tests/c/hostile.h" /* last: its names are short */

#define WAY_OUT "; fetch it again"
enum { MOST = 1 << 20 };

static ml_status read_one(void) { return read_wav(c, scratch); }

typedef struct format {
  int tag, channels, bits;
} format;

static void add_head(bytes *b, const format *f) {
  int align = f->channels * ((f->bits + 7) / 8);
  add_text(b, "RIFF");
  add_number(b, 0, 4); /* nobody looks */
  add_text(b, "WAVEfmt ");
  add_number(b, 16, 4);
  add_number(b, (uint64_t)f->tag, 2);
  add_number(b, (uint64_t)f->channels, 2);
  add_number(b, 8000, 4);
  add_number(b, (uint64_t)(8000 * align), 4);
  add_number(b, (uint64_t)align, 2);
  add_number(b, (uint64_t)f->bits, 2);
}

static bytes sound_of(format f, const void *data, size_t count, uint32_t claimed) {
  bytes b = {0};
  add_head(&b, &f);
  add_text(&b, "data");
  add_number(&b, claimed, 4);
  add(&b, data, count);
  return b;
}

static void check_values(format f, const void *data, size_t count, int64_t frames, const float *value) {
  bytes b = sound_of(f, data, count, (uint32_t)count);
  ml_wav info;
  ml_tensor *x;
  put_file(b.data, b.count);
  CHECK_OK(c, ml_wav_read(c, scratch, &info, &x));
  free_bytes(&b);
  if (!x) return;
  CHECK_INT(info.rate, 8000);
  CHECK_INT(x->shape.size[0], f.channels);
  CHECK_INT(x->shape.size[1], frames);
  for (int64_t i = 0; i < f.channels * frames; i++) CHECK_CLOSE(ml_f32(x)[i], value[i], 0);
  ml_release(x);
}

static void test_every_sample_format(void) {
  check_values((format){1, 1, 8}, "\0\x80\xff\x81", 4, 4, (float[]){-1, 0, 127.0f / 128, 1.0f / 128});
  check_values((format){1, 2, 16}, "\0\x80\1\0\xff\x7f\xff\xff", 8, 2, (float[]){-1, 32767.0f / 32768, 1.0f / 32768, -1.0f / 32768});
  check_values((format){1, 1, 24}, "\0\0\x80\1\0\0\xff\xff\x7f", 9, 3, (float[]){-1, 0x1p-23f, 1 - 0x1p-23f});
  check_values((format){1, 1, 32}, "\0\0\0\x80\0\0\0\x40", 8, 2, (float[]){-1, 0.5f});
  check_values((format){1, 1, 20}, "\0\0\x80\0\0\x40", 6, 2, (float[]){-1, 0.5f});
  check_values((format){3, 1, 32}, (float[]){1.5f, -3}, 8, 2, (float[]){1.5f, -3});
  check_values((format){3, 2, 64}, (double[]){0.25, -3, 1, 2}, 32, 2, (float[]){0.25f, 1, -3, 2});
  check_values((format){1, 1, 16}, "", 0, 0, (float[]){0});
}

static int64_t frames_of(const bytes *b) {
  ml_wav info = {.frames = -2}, peeked = {.frames = -2};
  ml_tensor *x;
  put_file(b->data, b->count);
  CHECK_OK(c, ml_wav_read(c, scratch, &info, &x));
  CHECK_OK(c, ml_wav_peek(c, scratch, &peeked));
  CHECK(peeked.frames == info.frames || peeked.frames == -1);
  if (x) CHECK_INT(x->shape.size[1], info.frames);
  ml_release(x);
  return info.frames;
}

/* 3 frames of 2 channels and a byte that is no frame. */
static void test_a_stream_of_open_length_ends_with_the_file(void) {
  static const uint32_t open[] = {0, 0xffffffff};
  for (int i = 0; i < 2; i++) {
    bytes b = sound_of((format){1, 2, 16}, "abcdefghijklm", 13, open[i]), gz = deflated(b.data, b.count, 31);
    CHECK_INT(frames_of(&b), 3);
    CHECK_INT(frames_of(&gz), 3);
    free_bytes(&b);
    free_bytes(&gz);
  }
}

static void test_chunks_around_the_sound_are_skipped(void) {
  bytes b = {0};
  add_text(&b, "RIFF\xff\xff\xff\xffWAVE");
  add_text(&b, "LIST\3");
  add(&b, "\0\0\0abc", 7); /* and the padding of an odd chunk */
  bytes rest = sound_of((format){1, 1, 16}, "abcd", 4, 4);
  add(&b, rest.data + 12, rest.count - 12);
  add_text(&b, "cue junk");
  CHECK_INT(frames_of(&b), 2);
  free_bytes(&b);
  free_bytes(&rest);
  rest = sound_of((format){1, 1, 8}, "abc", 3, 3); /* no padding behind the last chunk */
  CHECK_INT(frames_of(&rest), 3);
  free_bytes(&rest);
}

static void sound_fails_with(format f, uint32_t claimed, const char *message) {
  bytes b = sound_of(f, "0123456789", 10, claimed);
  put_file(b.data, b.count);
  fails_with(read_one, message);
  free_bytes(&b);
}

static void test_wrong_files_are_named(void) {
  put_file("", 0);
  fails_with(read_one, "is empty" WAY_OUT);
  put_file("ID3 and the rest of it", 20);
  fails_with(read_one, "is no WAV file: it begins with 49 44 33 20, expected RIFF....WAVE");
  put_file("RF64\xff\xff\xff\xffWAVE", 12);
  fails_with(read_one, "is a RF64 file, expected RIFF; convert it: ffmpeg -i in.wav -c:a pcm_s16le out.wav");
  put_file("RIFF\0\0\0\0WAVE", 12);
  fails_with(read_one, "is cut short: it has no fmt chunk" WAY_OUT);
  put_file("RIFF\0\0\0\0WAVEdata\0\0\0\0", 20);
  fails_with(read_one, "is damaged: its data chunk stands before its fmt chunk" WAY_OUT);
  put_file("RIFF\0\0\0\0WAVEfmt \4\0\0\0abcd", 24);
  fails_with(read_one, "is damaged: its fmt chunk has 4 bytes, expected 16 or more" WAY_OUT);
  sound_fails_with((format){1, 1, 16}, 12, "is cut short: its data chunk announces 12 bytes, but 10 follow" WAY_OUT);
  sound_fails_with((format){1, 1, 16}, 9, "is damaged: its 9 bytes of data are no whole number of frames of 2" WAY_OUT);
  sound_fails_with((format){1, 0, 16}, 10, "is damaged: its header announces 0 channels of 8000 samples a second" WAY_OUT);
  sound_fails_with((format){0x55, 1, 0}, 10, "holds MP3 (0055, 0 bits), expected PCM of 8, 16, 24 or 32 bits or floats; convert it: "
                                             "ffmpeg -i in.wav -c:a pcm_s16le out.wav");
  sound_fails_with((format){1, 1, 40}, 10, "holds a format (0001, 40 bits), expected PCM of 8, 16, 24 or 32 bits or floats; convert "
                                           "it: ffmpeg -i in.wav -c:a pcm_s16le out.wav");
}

static void test_damaged_files(void) {
  bytes b = sound_of((format){1, 2, 16}, "abcdefgh", 8, 8), gz = deflated(b.data, b.count, 31);
  CHECK_INT(hostile_cuts(&b, read_one, MOST), 0);
  hostile_flips(&b, read_one, MOST, 1);
  CHECK_INT(hostile_cuts(&gz, read_one, MOST), 0);
  for (int packed = 0; packed < 2; packed++) {
    const bytes *from = packed ? &gz : &b;
    put_file(from->data, from->count);
    CHECK(hostile_allocations(read_one) >= 4);
    CHECK(hostile_reads(read_one) >= 2);
    hostile_open_and_interrupt(read_one);
  }
  free_bytes(&b);
  free_bytes(&gz);
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

static ml_tensor *sound(int64_t channels, int64_t frames, const float *value) {
  ml_tensor *x;
  ml_shape shape = ml_make_shape(2, channels, frames);
  CHECK_OK(c, ml_empty(c, &shape, ML_FLOAT32, &x));
  memcpy(ml_data(x), value, (size_t)(channels * frames) * sizeof *value);
  return x;
}

/* Every value that a width has (every 251st of the wide ones) comes back as it is. */
static void test_what_is_written_reads_back(void) {
  for (int bits = 8; bits <= 24; bits += 8) {
    int64_t all = INT64_C(1) << bits, step = bits == 24 ? 251 : 1, n = all / step, half = all / 2;
    ml_shape shape = ml_make_shape(1, n);
    ml_tensor *x, *y;
    ml_wav info;
    CHECK_OK(c, ml_empty(c, &shape, ML_FLOAT32, &x));
    for (int64_t i = 0; i < n; i++) ml_f32(x)[i] = (float)(i * step - half) / (float)half;
    CHECK_OK(c, ml_wav_write(c, scratch, x, 16000, bits, false));
    CHECK_OK(c, ml_wav_read(c, scratch, &info, &y));
    CHECK_INT(info.rate, 16000);
    CHECK_INT(info.bits, bits);
    if (y) CHECK(info.frames == n && memcmp(ml_data(x), ml_data(y), (size_t)n * 4) == 0);
    ml_release(x);
    ml_release(y);
  }
  ml_tensor *x = sound(2, 3, (float[]){1.5f, -3, 0, 0.1f, 0.2f, 0.3f}), *y;
  ml_wav info;
  CHECK_OK(c, ml_wav_write(c, scratch, x, 1, 32, true));
  CHECK_OK(c, ml_wav_read(c, scratch, &info, &y));
  if (y) CHECK(info.is_float && memcmp(ml_data(x), ml_data(y), 24) == 0);
  ml_release(x);
  ml_release(y);
}

static void test_loud_sounds_are_clipped_and_halves_round_to_even(void) {
  float half = 1.0f / 65536;
  ml_tensor *x = sound(1, 6, (float[]){2, -2, 1, half, 3 * half, INFINITY}), *y;
  ml_wav info;
  CHECK_OK(c, ml_wav_write(c, scratch, x, 8000, 16, false));
  CHECK_OK(c, ml_wav_read(c, scratch, &info, &y));
  static const float expected[] = {32767.0f / 32768, -1, 32767.0f / 32768, 0, 2.0f / 32768, 32767.0f / 32768};
  for (int i = 0; y && i < 6; i++) CHECK_CLOSE(ml_f32(y)[i], expected[i], 0);
  ml_release(x);
  ml_release(y);
}

static void test_what_is_no_sound_is_refused(void) {
  char expected[200];
  ml_tensor *x = sound(2, 2, (float[]){0, 0, 0, NAN});
  snprintf(expected, sizeof expected, "write_sound: frame 2 of channel 2 is NaN, which %s can't hold as a sound", scratch);
  CHECK_FAILS(c, ML_ERROR, expected, ml_wav_write(c, scratch, x, 8000, 16, false));
  CHECK_FAILS(c, ML_ERROR, "write_sound: the rate is the frames a second, 1 to 2147483647, got 0", ml_wav_write(c, scratch, x, 0, 16, false));
  ml_release(x);
  ml_shape shape = ml_make_shape(3, 1, 1, 1);
  CHECK_OK(c, ml_zeros(c, &shape, ML_FLOAT32, &x));
  CHECK_FAILS(c, ML_ERROR, "write_sound: a sound is a float tensor [channels, frames], got float32 [1, 1, 1]",
              ml_wav_write(c, scratch, x, 8000, 16, false));
  ml_release(x);
}

static ml_status write_one(void) {
  ml_tensor *x = NULL;
  ml_shape shape = ml_make_shape(2, 2, 3000);
  ML_TRY(ml_zeros(c, &shape, ML_FLOAT64, &x));
  ml_status status = ml_wav_write(c, scratch, x, 8000, 24, false);
  ml_release(x);
  return status;
}

int main(void) {
  if (!scratch_make()) return 1;
  size_t live = ml_alloc_statistics().live;
  test_every_sample_format();
  test_a_stream_of_open_length_ends_with_the_file();
  test_chunks_around_the_sound_are_skipped();
  test_wrong_files_are_named();
  test_damaged_files();
  test_what_is_written_reads_back();
  test_loud_sounds_are_clipped_and_halves_round_to_even();
  test_what_is_no_sound_is_refused();
  CHECK(hostile_allocations(write_one) >= 3);
  fuzz_corpus("tests/fuzz/corpus/wav", 3000);
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(scratch);
  return check_report();
}
